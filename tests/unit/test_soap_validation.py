"""Validation of envelopes: every error, by line and path, with a text that says what is wanted."""

from pathlib import Path

import pytest
from lxml import etree
from mezhved import xsd
from mezhved.adapter.exchange.contract import CONTRACTS
from mezhved.adapter.exchange.faults import InvalidContent, InvalidMessageIdFormat
from mezhved.adapter.soap.envelope import parse
from mezhved.adapter.soap.lines import with_exact_lines
from mezhved.adapter.soap.schemas import SchemaSet
from mezhved.adapter.soap.validation import validate
from mezhved.xsd.explanation import MOST_ELEMENTS
from mezhved.xsd.validation import MOST_ERRORS, Schema
from support.envelopes import (
    CONTRACT,
    ack,
    get_request,
    get_response,
    get_status,
    in_version,
    send_request,
    send_response,
)

XSI = "http://www.w3.org/2001/XMLSchema-instance"
PLAN = "urn://x-artefacts-mezhved/frmr/staff_plan_update/1.0.0"
TYPES = "urn://x-artefacts-mezhved/frmr/types/1.0.0"
NONE = "у него нет пространства имён"


@pytest.fixture(scope="module")
def schemas() -> SchemaSet:
    return SchemaSet()


def errors(schemas: SchemaSet, octets: bytes) -> list[tuple[int, str, str]]:
    with pytest.raises(InvalidContent) as raised:
        validate(parse(octets), schemas)
    return [(error.line, error.path, error.text) for error in raised.value.errors]


@pytest.mark.parametrize(
    "octets",
    [
        send_request(),
        send_request(fields="<t:EOL>2030-01-01T00:00:00</t:EOL>"),
        send_request(content='<k:Any xmlns:k="urn:k" unknown="1"><other/></k:Any>'),
        get_response(),
        get_response("<b:NamespaceURI>urn:k</b:NamespaceURI><b:RootElementLocalName>Ask</b:RootElementLocalName>"),
        get_request(),
        get_status(),
        ack(),
        send_response("<b:MessagePrimaryContent><k:A xmlns:k='urn:k'/></b:MessagePrimaryContent>"),
    ],
)
@pytest.mark.parametrize("version", CONTRACTS)
def test_good_calls_pass(schemas: SchemaSet, octets: bytes, version: str) -> None:
    validate(parse(in_version(octets, version)), schemas)


def test_accepted_may_be_left_out_since_1_2(schemas: SchemaSet) -> None:
    for version in ("1.2", "1.3"):
        validate(parse(in_version(ack(accepted=""), version)), schemas)
    ((_, path, text),) = errors(schemas, in_version(ack(accepted=""), "1.1"))
    assert path == "AckRequest/AckTargetMessage"
    assert "accepted" in text


def test_all_errors_are_found_with_line_and_path(schemas: SchemaSet) -> None:
    fields = f"<t:Wrong/>\n<t:NodeID>{'n' * 51}</t:NodeID>\n<t:EOL>2026-13-01</t:EOL>\n"
    octets = send_request(message_id="F81D4FAE", fields=fields).replace(b'Id="SIGNED"', b'Id="1" other=""')
    data = "SendRequestRequest/SenderProvidedRequestData"
    found = errors(schemas, octets)
    assert [(line, path) for line, path, _ in found] == [
        (4, data),
        (4, data),
        (5, f"{data}/MessageID"),
        (6, f"{data}/Wrong"),
        (7, f"{data}/NodeID"),
        (8, f"{data}/EOL"),
    ]
    texts = "\n".join(text for _, _, text in found)
    for words in ("other", "F81D4FAE", "не ожидается; ожидается: ReferenceMessageID или", "длина 50", "2026-13-01"):
        assert words in texts


def test_an_error_behind_an_unexpected_element_is_not_lost_when_the_document_is_large(schemas: SchemaSet) -> None:
    header = "<b:AttachmentHeader><b:contentId/><b:MimeType>a/b</b:MimeType></b:AttachmentHeader>"
    headers = f"<b:AttachmentHeaderList>{header * MOST_ELEMENTS}</b:AttachmentHeaderList>"
    content = "</b:MessagePrimaryContent>"
    octets = send_request().replace(content.encode(), (content + headers).encode())
    assert len(errors(schemas, octets)) == MOST_ERRORS


@pytest.mark.parametrize(
    ("octets", "path", "words"),
    [
        (ack("zzz"), "AckRequest/AckTargetMessage", "UUID"),
        (ack(accepted='accepted="да" '), "AckRequest/AckTargetMessage", "boolean"),
        (ack().replace(b'Id="SIGNED"', b""), "AckRequest/AckTargetMessage", "атрибута Id"),
        (get_status().replace(b"2026-11-22T", b"22.11.2026 "), "GetStatusRequest/Timestamp", "dateTime"),
        (
            get_response("<b:NamespaceURI>urn:k</b:NamespaceURI>"),
            "GetResponseRequest/MessageTypeSelector/Timestamp",
            "ожидается: RootElementLocalName",
        ),
        (
            send_request(content=""),
            "SendRequestRequest/SenderProvidedRequestData/MessagePrimaryContent",
            "не хватает вложенного элемента",
        ),
        (
            send_response(
                "<t:RequestRejected><t:RejectionReasonCode>OTHER</t:RejectionReasonCode></t:RequestRejected>"
            ),
            "SendResponseRequest/SenderProvidedResponseData/RequestRejected/RejectionReasonCode",
            "ACCESS_DENIED",
        ),
        (
            send_response("<t:RequestStatus><t:StatusCode>один</t:StatusCode></t:RequestStatus>"),
            "SendResponseRequest/SenderProvidedResponseData/RequestStatus/StatusCode",
            "int",
        ),
    ],
)
def test_an_error_says_what_is_wanted(schemas: SchemaSet, octets: bytes, path: str, words: str) -> None:
    assert any(found == path and words in text for _, found, text in errors(schemas, octets))


@pytest.mark.parametrize("message_id", ["", "XYZ", "F81D4FAE-7DEC-11D0-A765-00A0C91E6BF6", " f81d4fae", "я" * 500])
def test_the_form_of_a_message_id_is_a_fault_of_its_own(schemas: SchemaSet, message_id: str) -> None:
    for octets in (
        send_request(message_id=message_id),
        send_response("<b:MessagePrimaryContent><a xmlns='u'/></b:MessagePrimaryContent>").replace(
            b"f81d4fae-7dec-11d0-a765-00a0c91e6bf6", message_id.encode()
        ),
    ):
        with pytest.raises(InvalidMessageIdFormat):
            validate(parse(octets), schemas)


def test_the_form_of_another_message_id_is_invalid_content(schemas: SchemaSet) -> None:
    octets = send_request(fields="<t:ReferenceMessageID>XYZ</t:ReferenceMessageID>")
    assert errors(schemas, octets)[0][1].endswith("ReferenceMessageID")


@pytest.mark.parametrize("attribute", ['type="b:SmevFault"', 'nil="true"'])
def test_no_type_is_changed_from_within_the_envelope(schemas: SchemaSet, attribute: str) -> None:
    octets = send_request().replace(
        b"</t:SenderProvidedRequestData>",
        f'<t:TestMessage xmlns:xsi="{XSI}" xsi:{attribute}/></t:SenderProvidedRequestData>'.encode(),
    )
    ((_, path, text),) = errors(schemas, octets)
    assert path == "SendRequestRequest/SenderProvidedRequestData/TestMessage"
    assert f"xsi:{attribute.partition('=')[0]}" in text


@pytest.mark.parametrize("version", CONTRACTS)
def test_schema_hints_and_types_of_content_are_nobodys_business(schemas: SchemaSet, version: str) -> None:
    content = f'<k:A xmlns:k="urn:k" xmlns:xsi="{XSI}" xsi:type="k:T"/>'
    octets = send_request(content=content).replace(
        b"<t:SendRequestRequest", f'<t:SendRequestRequest xmlns:xsi="{XSI}" xsi:schemaLocation="urn:a b.xsd"'.encode()
    )
    validate(parse(in_version(octets, version)), schemas)


def batch(record: str) -> bytes:
    """A registry request of contract 1.3 with one record."""
    directive = CONTRACTS["1.3"].directive
    records = f"<d:RegistryRecord>{record}</d:RegistryRecord>"
    content = f'<d:Registry xmlns:d="{directive}" xmlns:xsi="{XSI}">{records}</d:Registry>'
    return in_version(send_request(content=content), "1.3")


def test_a_batch_is_the_contracts_part_down_to_the_content_of_its_records(schemas: SchemaSet) -> None:
    content = '<k:A xmlns:k="urn:k" xsi:type="k:T"/>'
    record = f"<d:RecordId>1</d:RecordId><d:Record><d:RecordContent>{content}</d:RecordContent></d:Record>"
    validate(parse(batch(record)), schemas)
    place = "SendRequestRequest/SenderProvidedRequestData/MessagePrimaryContent/Registry/RegistryRecord"
    assert [path for _, path, _ in errors(schemas, batch(record.replace("1<", "first<")))] == [f"{place}/RecordId"]
    retyped = record.replace("<d:Record>", '<d:Record xsi:type="d:Other">')
    assert [path for _, path, _ in errors(schemas, batch(retyped))] == [f"{place}/Record"]


def test_content_hides_no_error_behind_those_that_are_its_own(schemas: SchemaSet) -> None:
    strange = '<k:B xsi:type="k:T"/>' * (MOST_ERRORS + 1)
    content = f'<k:A xmlns:k="urn:k" xmlns:xsi="{XSI}">{strange}</k:A>'
    octets = in_version(send_request(content=content), "1.3")
    validate(parse(octets), schemas)
    wrong = octets.replace(b"</b:MessagePrimaryContent>", b"</b:MessagePrimaryContent>\n<t:Wrong/>")
    ((line, path, _), *_) = errors(schemas, wrong)
    assert (line, path) == (
        wrong[: wrong.index(b"<t:Wrong/>")].count(b"\n") + 1,
        "SendRequestRequest/SenderProvidedRequestData/Wrong",
    )


@pytest.mark.parametrize("version", CONTRACTS)
def test_no_text_stands_beside_the_content(schemas: SchemaSet, version: str) -> None:
    octets = in_version(send_request(content='<k:A xmlns:k="urn:k"/>text'), version)
    assert [path.rpartition("/")[2] for _, path, _ in errors(schemas, octets)][:1] == ["MessagePrimaryContent"]


def test_lines_are_exact_in_long_envelopes(schemas: SchemaSet) -> None:
    fields = "\n" * 66_000 + "<t:TransactionCode/>\n\n<t:NodeID>" + "n" * 51 + "</t:NodeID><t:EOL>never</t:EOL>"
    parsed = parse(send_request(fields=fields))
    with pytest.raises(InvalidContent) as raised:
        validate(parsed, schemas)
    exact = with_exact_lines(raised.value, parsed)
    line = parsed.octets[: parsed.octets.index(b"<t:NodeID>")].count(b"\n") + 1
    assert [error.line for error in exact.errors] == [line, line]
    assert f"строка {line}," in exact.description


def test_a_schema_is_compiled_once(schemas: SchemaSet) -> None:
    assert schemas.contract("1.2") is schemas.contract(CONTRACT.version)


@pytest.mark.parametrize(
    ("inside", "path", "text"),
    [
        ("<Oid>1.2</Oid>", "/Oid", f"элемент здесь не ожидается: он в пространстве имён {PLAN}, а нужно {TYPES}"),
        (
            '<Oid xmlns="">1.2</Oid>',
            "/Oid",
            f"элемент здесь не ожидается: у него нет пространства имён, а нужно {TYPES}",
        ),
        ("", "", f"не хватает вложенного элемента; ожидается: Oid (пространство имён {TYPES})"),
    ],
)
@pytest.mark.parametrize("before", ["", "<Other/>"], ids=["libxml2", "xmlschema"])
def test_who_takes_the_wrong_namespace_is_told_which_one_is_right(
    before: str, inside: str, path: str, text: str
) -> None:
    organisation = f"{before}<Organization>{inside}</Organization>"
    content = f'<StaffPlanUpdateRequest xmlns="{PLAN}">{organisation}</StaffPlanUpdateRequest>'
    schema = Schema(Path(xsd.__file__).parent / "frmr" / "staff_plan_update" / "1.0.0.xsd")
    found = {violation.path: violation.text for violation in schema.errors(etree.fromstring(content))}
    assert found[f"StaffPlanUpdateRequest/Organization{path}"] == text
