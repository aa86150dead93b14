"""Our contract 1.2 beside the public files: the differences are those that are known, and no others."""

import copy
from collections.abc import Iterator
from pathlib import Path

import pytest
from lxml import etree
from mezhved.adapter.soap.schemas import contract_schema_path
from shared_vectors import shared_dir
from support import envelopes
from support.schema_outline import outline

SOAP_BODY = "{http://schemas.xmlsoap.org/soap/envelope/}Body"
BASIC = "types/basic/V"
SENDER = ("Sender element", f"Sender/Mnemonic element type={BASIC}:string-50")

# What one agency's variant of 1.2 has otherwise than the genuine contract (docs/explanation): in its file, not in ours.
ONLY_IN_VARIANT = {
    "types": {
        *(f"/{call}/{line}" for call in ("AckRequest", "GetRequestRequest", "GetResponseRequest") for line in SENDER),
        *(f"/SenderProvided{what}Data/{line}" for what in ("Request", "Response") for line in SENDER),
        "/GetResponseRequest/OriginalMessageID element",
        f"/GetResponseRequest/OriginalMessageID extension base={BASIC}:UUID",
        "/GetResponseRequest/OriginalMessageID/Id attribute type=http://www.w3.org/2001/XMLSchema:ID",
        f"/Request/ReplyTo element type={BASIC}:string-4000 minOccurs=0",
        "/Response/external attribute type=http://www.w3.org/2001/XMLSchema:boolean",
        "/MessageMetadata/Sender element minOccurs=0",
        *(
            f"/MessageMetadata/{name}SignatureExpiry element type=types/V:CertificateExpiryType minOccurs=0"
            for name in ("CallerInformationSystem", "Personal")
        ),
        "/CertificateExpiryType complexType",
        "/CertificateExpiryType/expireDays attribute type=http://www.w3.org/2001/XMLSchema:int",
        "/SenderProvidedResponseData/RequestStatus/StatusCode element type=http://www.w3.org/2001/XMLSchema:string",
    },
    "basic": {f"/SmevFault/Code element type={BASIC}:string-100 minOccurs=0"},
    "faults": set(),
}
ONLY_IN_OURS = {
    "types": {
        f"/Request/ReplyTo element type={BASIC}:string-4000",
        "/MessageMetadata/Sender element",
        "/SenderProvidedResponseData/RequestStatus/StatusCode element type=http://www.w3.org/2001/XMLSchema:int",
    },
    "basic": {
        f"/SmevFault/Code element type={BASIC}:string-50 minOccurs=0",
        "/MessagePrimaryContent any namespace=##other processContents=skip",
    },
    "faults": set(),
}


def reference(version: str, part: str) -> Path:
    return shared_dir() / "reference" / "smev3" / version / f"smev-message-exchange-{part}-{version}.xsd"


@pytest.mark.parametrize("part", ["types", "basic", "faults"])
def test_against_the_variant_of_one_agency(part: str) -> None:
    theirs = outline(reference("1.2", part), "1.2")
    ours = outline(contract_schema_path("1.2", part), "1.2")
    # Its content model names the agency's own kinds; the genuine one takes any element.
    assert {line for line in theirs if line not in ours and "MessagePrimaryContent/urn:" not in line} == (
        ONLY_IN_VARIANT[part]
    )
    assert set(ours) - set(theirs) == ONLY_IN_OURS[part]


@pytest.mark.parametrize("part", ["types", "basic", "faults"])
def test_what_1_2_has_in_common_with_1_1_stands_in_the_same_order(part: str) -> None:
    ours = outline(contract_schema_path("1.2", part), "1.2")
    theirs = outline(reference("1.1", part), "1.1")
    for name in {line.split("/")[1].split()[0] for line in ours}:
        mine = [line for line in ours if line.startswith((f"/{name} ", f"/{name}/"))]
        common = [line for line in theirs if line in mine]
        assert [line for line in mine if line in common] == common, name


def calls() -> dict[str, bytes]:
    """A valid call of each operation, with everything in it that the three versions write alike."""
    header = "<b:AttachmentHeader><b:contentId>A</b:contentId><b:MimeType>text/xml</b:MimeType></b:AttachmentHeader>"
    ref = (
        "<b:RefAttachmentHeader><b:uuid>u</b:uuid><b:Hash>h</b:Hash><b:MimeType>image/png</b:MimeType>"
        "</b:RefAttachmentHeader>"
    )
    attached = (
        f"<b:AttachmentHeaderList>{header}</b:AttachmentHeaderList>"
        f"<b:RefAttachmentHeaderList>{ref}</b:RefAttachmentHeaderList>"
    )
    fields = (
        f"<t:ReferenceMessageID>{envelopes.MESSAGE_ID}</t:ReferenceMessageID><t:TransactionCode>c</t:TransactionCode>"
        "<t:NodeID>n</t:NodeID><t:EOL>2030-01-01T00:00:00Z</t:EOL>"
    )
    after = f"{attached}<t:BusinessProcessMetadata><m xmlns='urn:m'/></t:BusinessProcessMetadata><t:TestMessage/>"
    content = "</b:MessagePrimaryContent>"
    contents = (
        "</t:SenderProvidedRequestData><b:AttachmentContentList><b:AttachmentContent><b:Id>A</b:Id>"
        "<b:Content>QUJD</b:Content></b:AttachmentContent></b:AttachmentContentList>"
    )
    full = (
        envelopes.send_request(fields=fields)
        .decode()
        .replace(content, content + after)
        .replace("</t:SenderProvidedRequestData>", contents)
    )
    status = (
        "<t:RequestStatus><t:StatusCode>1</t:StatusCode><t:StatusParameter><t:Key>k</t:Key><t:Value>v</t:Value>"
        "</t:StatusParameter><t:StatusDescription>d</t:StatusDescription></t:RequestStatus>"
    )
    rejected = (
        "<t:RequestRejected><t:RejectionReasonCode>NO_DATA</t:RejectionReasonCode>"
        "<t:RejectionReasonDescription>d</t:RejectionReasonDescription></t:RequestRejected>"
    )
    asynchronous = (
        f"<t:AsyncProcessingStatus><t:OriginalMessageId>{envelopes.MESSAGE_ID}</t:OriginalMessageId>"
        "<t:StatusCategory>requestIsQueued</t:StatusCategory><t:StatusDetails>d</t:StatusDetails>"
        "<t:SmevFault><b:Code>c</b:Code><b:Description>d</b:Description></t:SmevFault></t:AsyncProcessingStatus>"
    )
    answer = "<b:MessagePrimaryContent><a xmlns='urn:a'/></b:MessagePrimaryContent>"
    selector = "<b:NamespaceURI>urn:k</b:NamespaceURI><b:RootElementLocalName>Ask</b:RootElementLocalName>"
    return {
        "SendRequest": envelopes.send_request(),
        "SendRequest with everything": full.encode(),
        "SendResponse": envelopes.send_response(answer + attached),
        "SendResponse: status": envelopes.send_response(status),
        "SendResponse: rejected": envelopes.send_response(rejected * 2),
        "SendResponse: asynchronous": envelopes.send_response(asynchronous),
        "GetRequest": envelopes.get_request(),
        "GetResponse": envelopes.get_response(selector),
        "GetStatus": envelopes.get_status(),
        "Ack": envelopes.ack(),
    }


# Where the versions themselves differ: 1.1 demands an attribute of Ack, 1.3 has longer codes.
KNOWN_DIFFERENCES = {
    ("Ack", "1.1"): ["without attribute accepted of AckTargetMessage"],
    ("SendResponse: asynchronous", "1.3"): ["text 'yyyyyyyyyyyyyyyyyyyy' in Code"],
}
TEXTS = ("", "x", "y" * 50, "y" * 51, "z" * 5000, "-1", "99999999999", "2026-13-45T00:00:00", "false", "A B")


def mutants(octets: bytes) -> Iterator[tuple[str, bytes]]:
    """Envelopes with one fault each: at every element and attribute of the contract's part, what can be wrong there."""
    root = etree.fromstring(octets)
    body = root.find(SOAP_BODY)[0]
    for number, element in enumerate(body.iter("*")):
        if etree.QName(element).namespace not in (envelopes.CONTRACT.types, envelopes.CONTRACT.basic):
            continue
        for name, change in changes(element):
            changed = copy.deepcopy(root)
            place = list(changed.find(SOAP_BODY)[0].iter("*"))[number]
            change(place)
            yield f"{name} {etree.QName(element).localname}", etree.tostring(changed)


def changes(element: etree._Element):
    def drop(place):
        place.getparent().remove(place)

    def twice(place):
        place.addnext(copy.deepcopy(place))

    def rename(place):
        place.tag = etree.QName(etree.QName(place).namespace, "Unknown")

    def strange(place):
        place.tag = etree.QName("urn:strange", etree.QName(place).localname)

    def child(place):
        place.insert(0, etree.Element(etree.QName(etree.QName(place).namespace, "Unknown")))

    def attribute(place):
        place.set("unknown", "1")

    def tail(place):
        place.tail = "text"

    if element.getparent().tag != SOAP_BODY:
        yield from (("without", drop), ("twice", twice), ("renamed", rename), ("of another namespace", strange))
        yield "text after", tail
    yield from (("unknown child in", child), ("unknown attribute of", attribute))
    for name in element.attrib:
        yield f"without attribute {name} of", lambda place, name=name: place.attrib.pop(name)
        for text in TEXTS:
            yield f"attribute {name}={text[:20]!r} of", lambda place, name=name, text=text: place.set(name, text)
    if not len(element):
        for text in TEXTS:
            yield f"text {text[:20]!r} in", lambda place, text=text: setattr(place, "text", text)


@pytest.mark.parametrize("version", ["1.1", "1.3"])
@pytest.mark.parametrize("name", calls())
def test_calls_get_the_verdict_of_the_public_schemas(name: str, version: str) -> None:
    ours = etree.XMLSchema(file=str(contract_schema_path("1.2")))
    theirs = etree.XMLSchema(file=str(reference(version, "types")))
    octets = calls()[name]
    assert ours.validate(etree.fromstring(octets).find(SOAP_BODY)[0]), ours.error_log
    verdicts = {True: 0, False: 0}
    different = []
    for what, mutant in [("unchanged", octets), *mutants(octets)]:
        mine = ours.validate(etree.fromstring(mutant).find(SOAP_BODY)[0])
        other = etree.fromstring(
            mutant.replace(b"types/1.2", f"types/{version}".encode()).replace(
                b"types/basic/1.2", f"types/basic/{version}".encode()
            )
        )
        verdicts[mine] += 1
        if mine != theirs.validate(other.find(SOAP_BODY)[0]):
            different.append(what)
    assert different == KNOWN_DIFFERENCES.get((name, version), [])
    assert verdicts[False] > 20
    assert verdicts[True] > 1
