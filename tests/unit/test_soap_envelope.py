"""The one parse of an envelope: what is taken, and what ends before anything reads its content."""

import pytest
from mezhved.adapter.exchange.contract import CONTRACTS, SOAP_ENVELOPE, Operation
from mezhved.adapter.exchange.faults import ClientFault, Fault, MustUnderstand, VersionMismatch
from mezhved.adapter.soap.envelope import outside_content, parse
from mezhved.adapter.soap.limits import Limits
from support.envelopes import CONTRACT, ack, envelope, get_response, send_request

GOOD = send_request()


def refusal(octets: bytes, expected: type[Fault] = ClientFault, limits: Limits | None = None) -> str:
    """The text with which `octets` are refused."""
    with pytest.raises(expected) as raised:
        parse(octets, limits=limits or Limits())
    return raised.value.description


def test_a_call_is_found_by_its_element() -> None:
    parsed = parse(get_response())
    assert (parsed.contract, parsed.operation) == (CONTRACT, Operation.GET_RESPONSE)
    assert parsed.body.tag == CONTRACT.request_root(Operation.GET_RESPONSE)
    assert parsed.octets == get_response()


def test_every_version_is_known_by_its_namespace() -> None:
    for version, contract in CONTRACTS.items():
        parsed = parse(get_response().replace(b"1.2", version.encode()))
        assert parsed.contract is contract


@pytest.mark.parametrize(
    "octets",
    [
        GOOD.replace(b'<?xml version="1.0" encoding="UTF-8"?>\n', b""),
        b"\xef\xbb\xbf" + GOOD,
        GOOD.replace(b'"UTF-8"', b"'utf-8'"),
        GOOD.replace(b"<S:Body>", b"<S:Header/><S:Body>"),
        GOOD.replace(b"<S:Body>", b"<!-- a comment --><S:Body><!-- another -->"),
        GOOD.replace("текст".encode(), b"<![CDATA[text]]>"),
        GOOD.replace("текст".encode(), b"<k:a/><?instruction?><k:b/>"),
        GOOD.replace(b"?>\n", b"?>\n<!-- <!DOCTYPE not really> -->\n", 1),
    ],
    ids=["no declaration", "BOM", "lower case", "header", "comments", "CDATA", "instruction in content", "no DTD"],
)
def test_legal_forms_are_taken(octets: bytes) -> None:
    assert parse(octets).operation is Operation.SEND_REQUEST


def test_the_tree_has_no_comments_so_the_first_child_is_an_element() -> None:
    parsed = parse(ack().replace(b"<b:Ack", b"<!-- first --><b:Ack"))
    assert parsed.body[0].tag == f"{{{CONTRACT.basic}}}AckTargetMessage"


@pytest.mark.parametrize(
    ("octets", "words"),
    [
        (b"", "пусто"),
        (b" \n ", "пусто"),
        (b"POST / HTTP/1.1", "это не XML"),
        (b"{}", "это не XML"),
        (GOOD[:200], "это не XML"),
        (GOOD + b"<more/>", "лишнее"),
        (GOOD.replace(b"</S:Body>", b"</S:body>"), "закрывающий тег"),
        (GOOD.replace("текст".encode(), b"&nbsp;"), "сущность"),
        (GOOD.replace("текст".encode(), "текст".encode("cp1251")), "UTF-8"),
        (GOOD.replace("текст".encode(), b"\x00"), "недопустимый"),
        (GOOD.replace("текст".encode(), b"<x:a/>"), "префикс"),
        (GOOD.replace(b"UTF-8", b"windows-1251"), "кодировка конверта «windows-1251»"),
        (GOOD.decode().encode("utf-16"), "кодировка"),
        (GOOD.decode().encode("utf-16-be"), "кодировка"),
        (GOOD.decode().encode("utf-32"), "кодировка"),
        (GOOD.replace(b'"1.0"', b'"1.1"'), "версия XML «1.1»"),
        (GOOD.replace("текст".encode(), b"<k:a>" * 300 + b"</k:a>" * 300), "вложенность элементов не больше 256"),
    ],
)
def test_what_is_no_xml_in_utf_8_is_refused(octets: bytes, words: str) -> None:
    assert words in refusal(octets)


@pytest.mark.parametrize(
    "subset",
    [
        "",
        "[<!ENTITY x SYSTEM 'file:///etc/hostname'>]",
        "[<!ENTITY % p SYSTEM 'http://127.0.0.1:9/p.dtd'> %p;]",
        "[<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;&a;'>]",
        "[<!ATTLIST S:Body Id CDATA 'SIGNED'>]",
        "SYSTEM 'http://127.0.0.1:9/p.dtd'",
    ],
)
@pytest.mark.parametrize("before", ["", "\n\t", "<!-- a > comment -->", "<?an instruction?>", "<!--a--> <!--b-->"])
def test_a_document_type_is_refused_before_it_is_read(subset: str, before: str) -> None:
    octets = GOOD.replace(b"?>\n", f"?>{before}<!DOCTYPE S:Envelope {subset}>".encode(), 1)
    assert "DTD" in refusal(octets)


def test_a_document_type_is_not_even_parsed() -> None:
    assert "DTD" in refusal(b"<!DOCTYPE S:Envelope [<!ENTITY broken")


@pytest.mark.parametrize(
    ("octets", "words"),
    [
        (GOOD.replace(b"S:Envelope", b"S:envelope"), "ожидается Envelope"),
        (b"<a/>", "«a»; ожидается Envelope"),
        (GOOD.replace(b"S:Body", b"S:body"), "«body»; ожидается soap:Body"),
        (f'<S:Envelope xmlns:S="{SOAP_ENVELOPE}"/>'.encode(), "ничего нет; ожидается soap:Body"),
        (envelope(""), "элементов в soap:Body: 0"),
        (envelope("<a/><b/>"), "элементов в soap:Body: 2"),
        (GOOD.replace(b"</S:Body>", b"</S:Body><S:Body/>"), "ровно один soap:Body"),
        (GOOD.replace(b"</S:Body>", b"</S:Body><k:More xmlns:k='urn:k'/>"), "«More»"),
        (GOOD.replace(b"<S:Body>", b"<S:Header/><S:Header/><S:Body>"), "«Header»; ожидается soap:Body"),
        (
            GOOD.replace(b"SendRequestRequest", b"SendGreetingRequest"),
            "«SendGreetingRequest»; ожидается один из: SendR",
        ),
        (GOOD.replace(b"SendRequestRequest", b"SendRequestResponse"), "«SendRequestResponse»; ожидается один из"),
        (GOOD.replace(b"SendRequestRequest", b"sendRequestRequest"), "«sendRequestRequest»; ожидается один из"),
        (GOOD.replace(b"types/1.2", b"types/9.9"), "версия контракта «9.9»"),
        (GOOD.replace(b"types/1.2", b"kinds/1.2"), "ожидается вызов операции"),
        (envelope("<a/>"), "«a» из «»; ожидается вызов операции"),
        (get_response().replace(b"GetResponse", b"GetIncomingQueueStatistics"), "ожидается один из"),
    ],
)
def test_what_is_no_call_is_told_what_was_expected(octets: bytes, words: str) -> None:
    assert words in refusal(octets)


def test_a_version_that_is_not_served_here_is_named() -> None:
    with pytest.raises(ClientFault, match=r"версия контракта «1\.2».* обслуживаются: 1\.3"):
        parse(GOOD, [CONTRACTS["1.3"]])


@pytest.mark.parametrize("namespace", [b"http://www.w3.org/2003/05/soap-envelope", b"urn:anything"])
def test_another_version_of_soap_is_a_mismatch(namespace: bytes) -> None:
    assert "SOAP 1.1" in refusal(GOOD.replace(SOAP_ENVELOPE.encode(), namespace), VersionMismatch)


def test_a_header_that_must_be_understood_is_not() -> None:
    block = b'<S:Header><h:Security xmlns:h="urn:h" S:mustUnderstand="1"/></S:Header><S:Body>'
    assert "Security" in refusal(GOOD.replace(b"<S:Body>", block), MustUnderstand)
    for harmless in (block.replace(b'"1"', b'"0"'), block.replace(b"S:must", b'S:actor="urn:other" S:must')):
        assert parse(GOOD.replace(b"<S:Body>", harmless)).operation is Operation.SEND_REQUEST


@pytest.mark.parametrize("splitter", [b"<!-- -->", b"<?x?>"])
@pytest.mark.parametrize("place", [b"te%sxt", b"%stext", b"text%s", b"<k:a/>te%sxt<k:b/>"])
def test_a_text_that_some_reader_would_see_half_of_is_refused(splitter: bytes, place: bytes) -> None:
    assert "разорван" in refusal(GOOD.replace("текст".encode(), place % splitter))


def test_instructions_stand_in_business_content_only() -> None:
    assert "инструкция обработки" in refusal(GOOD.replace(b"<t:MessageID>", b"<?x?><t:MessageID>"))
    assert "инструкция обработки" in refusal(
        GOOD.replace(b"<b:MessagePrimaryContent>", b"<b:MessagePrimaryContent><?x?>")
    )


class TestLimits:
    """Sizes that would hurt later are refused at once."""

    SMALL = Limits(octets=4000, markup=60, children=20, attributes=8)

    @pytest.mark.parametrize(
        ("content", "words"),
        [
            ("<k:a/>" * 21, "вложенных элементов (допустимо 20)"),
            ("<k:a/>" * 61, "разметки (допустимо 60"),
            ("<!-- -->" * 61, "разметки (допустимо 60"),
            ("<k:a " + " ".join(f'a{number}=""' for number in range(9)) + "/>", "атрибутов (допустимо 8)"),
            ("<k:a " + " ".join(f'xmlns:a{number}="urn:a"' for number in range(9)) + "/>", "пространств имён"),
            ("".join(f'<k:a xmlns:a{number}="urn:a">' for number in range(9)) + "</k:a>" * 9, "пространств имён"),
            ("x" * 4000, "длиннее допустимого (4000 байт)"),
        ],
    )
    def test_beyond(self, content: str, words: str) -> None:
        octets = send_request(content=f'<k:Ask xmlns:k="urn:kind">{content}</k:Ask>')
        assert words in refusal(octets, limits=self.SMALL)
        assert parse(octets).operation is Operation.SEND_REQUEST

    @pytest.mark.parametrize(
        "content",
        ["<k:a/>" * 20, "<k:a " + " ".join(f'a{number}=""' for number in range(8)) + "/>", '<k:a xmlns:a="u"/>' * 15],
    )
    def test_within(self, content: str) -> None:
        octets = send_request(content=f'<k:Ask xmlns:k="urn:kind">{content}</k:Ask>')
        assert parse(octets, limits=self.SMALL).operation is Operation.SEND_REQUEST


def test_lines_are_right_beyond_65535() -> None:
    octets = send_request(fields="\n" * 70_000)
    content = next(
        element for element in outside_content(parse(octets).body) if "MessagePrimaryContent" in str(element.tag)
    )
    assert content.sourceline == octets[: octets.index(b"<b:MessagePrimaryContent")].count(b"\n") + 1


def test_content_is_not_walked_into() -> None:
    names = {str(element.tag) for element in outside_content(parse(GOOD).body)}
    assert f"{{{CONTRACT.basic}}}MessagePrimaryContent" in names
    assert "{urn:kind}Ask" not in names
