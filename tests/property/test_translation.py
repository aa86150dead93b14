"""What a sender provides, told in another version: valid there, with everything that the version has a word for."""

from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from lxml.etree import QName
from lxml.etree import _Element as Element
from mezhved.adapter.exchange.contract import CONTRACTS, XMLDSIG, Contract
from mezhved.adapter.exchange.writing import escape_attribute, escape_text
from mezhved.adapter.soap.schemas import contract_schema_path
from mezhved.adapter.soap.statuses import STATUS_WORDS
from mezhved.adapter.soap.translation import translate
from mezhved.signing.canonical import exclusive_c14n

MESSAGE_ID = "f81d4fae-7dec-11d0-a765-00a0c91e6bf6"
SCHEMAS = {version: etree.XMLSchema(file=str(contract_schema_path(version))) for version in CONTRACTS}
PAIRS = st.sampled_from(list(permutations(CONTRACTS.values(), 2)))
XML = st.characters(codec="utf-8", exclude_categories=("Cc", "Cs"), exclude_characters="\ufffe\uffff")
TEXT = st.text(XML | st.sampled_from("<&>\"' \t\n"), max_size=20)
SIGNATURE = f'<ds:Signature xmlns:ds="{XMLDSIG}"><ds:SignedInfo> <x xmlns="urn:x"/>\n</ds:SignedInfo></ds:Signature>'
ONLY_IN_1_3 = {"NamespaceUri", "FileName", "Archive", "File", "Name", "RoutingStatus"}


def tag(name: str, *inner: str, prefix: str = "t") -> str:
    return f"<{prefix}:{name}>{''.join(inner)}</{prefix}:{name}>"


@st.composite
def texts(draw: st.DrawFn, longest: int = 20) -> str:
    return escape_text(draw(TEXT)[:longest])


@st.composite
def contents(draw: st.DrawFn, more: tuple[str, ...] = ()) -> str:
    """Business content with prefixes, namespaces and texts of all sorts, the contract's own among them."""
    namespace = draw(st.sampled_from(["urn:k", "urn:x?a=1&b=2", *more]))
    prefix = draw(st.sampled_from(["t", "b", "k"]))
    inner = draw(texts())
    attribute = escape_attribute(draw(TEXT))
    return (
        f'<{prefix}:Ask xmlns:{prefix}="{escape_attribute(namespace)}" a="{attribute}"> {inner}'
        f'<?pi x?><NamespaceUri xmlns="urn:k">{inner}</NamespaceUri>\n</{prefix}:Ask>'
    )


@st.composite
def attachments(draw: st.DrawFn, contract: Contract) -> str:
    newest = contract.version == "1.3"
    uri = tag("NamespaceUri", draw(texts()), prefix="b") if newest and draw(st.booleans()) else ""
    file = tag("File", tag("Name", "n", prefix="b"), tag("NamespaceUri", draw(texts()), prefix="b"), prefix="b")
    archive = tag("Archive", file, prefix="b") if newest and draw(st.booleans()) else ""
    name = tag("FileName", draw(texts()), prefix="b") if newest and draw(st.booleans()) else ""
    mime = tag("MimeType", "text/xml", prefix="b")
    header = tag("AttachmentHeader", tag("contentId", draw(texts()), prefix="b"), uri, mime, archive, prefix="b")
    uuid, digest = tag("uuid", "u", prefix="b"), tag("Hash", draw(texts()), prefix="b")
    ref = tag("RefAttachmentHeader", uuid, name, uri, digest, mime, archive, prefix="b")
    return tag("AttachmentHeaderList", header, prefix="b") + tag("RefAttachmentHeaderList", ref, prefix="b")


@st.composite
def statuses(draw: st.DrawFn, contract: Contract) -> str:
    routing = (
        f'<r:RoutingStatus xmlns:r="{contract.routing}"/>' if contract.version == "1.3" and draw(st.booleans()) else ""
    )
    code = draw(texts(100 if contract.version == "1.3" else 50))
    return tag(
        "AsyncProcessingStatus",
        tag("OriginalMessageId", MESSAGE_ID),
        tag("StatusCategory", draw(st.sampled_from(sorted(STATUS_WORDS[contract.version])))),
        tag("StatusDetails", draw(texts())) if draw(st.booleans()) else "",
        routing,
        tag("SmevFault", tag("Code", code, prefix="b"), tag("Description", draw(texts()), prefix="b")),
    )


@st.composite
def documents(draw: st.DrawFn, contract: Contract) -> Element:
    """Something a sender provides, valid against `contract`."""
    head, space = tag("MessageID", MESSAGE_ID), draw(st.sampled_from(["", "\n  "]))
    own = tuple(known.types for known in CONTRACTS.values())
    content = tag("MessagePrimaryContent", space, draw(contents(own)), space, prefix="b")
    personal = tag("PersonalSignature", SIGNATURE) if draw(st.booleans()) else ""
    business = content + personal + (draw(attachments(contract)) if draw(st.booleans()) else "")
    which = draw(st.sampled_from(["request", "answer", "rejected", "status", "asynchronous", "notice"]))
    rejected = tag("RejectionReasonCode", "NO_DATA") + tag("RejectionReasonDescription", draw(texts()))
    parameter = tag("StatusParameter", tag("Key", draw(texts())), tag("Value", draw(texts())))
    said = {
        "request": "",
        "answer": business,
        "rejected": tag("RequestRejected", rejected) * draw(st.integers(1, 3)),
        "status": tag("RequestStatus", tag("StatusCode", "-1"), parameter, tag("StatusDescription", draw(texts()))),
        "asynchronous": draw(statuses(contract)),
        "notice": draw(statuses(contract)),
    }[which]
    if which == "notice":
        octets = said.replace(">", "@>", 1)
    elif which == "request":
        reference = tag("ReferenceMessageID", MESSAGE_ID) + tag("TransactionCode", draw(texts())) + tag("NodeID", "n")
        process = tag("BusinessProcessMetadata", draw(contents()), draw(contents()))
        octets = (
            f'<t:SenderProvidedRequestData Id="A" @>{head}{reference}{space}{tag("EOL", "2030-01-01T00:00:00Z")}'
            f"{business}{process}{tag('TestMessage')}</t:SenderProvidedRequestData>"
        )
    else:
        to = tag("To", draw(texts()))
        octets = f'<t:SenderProvidedResponseData Id="A" @>{head}{to}{said}</t:SenderProvidedResponseData>'
    declared = f' xmlns:t="{contract.types}" xmlns:b="{contract.basic}"'
    element = etree.fromstring(octets.replace("@", declared, 1))
    SCHEMAS[contract.version].assertValid(element)
    return element


@st.composite
def cases(draw: st.DrawFn) -> tuple[Element, Contract, Contract]:
    source, target = draw(PAIRS)
    return draw(documents(source)), source, target


def foreign(element: Element) -> list[bytes]:
    """What is the business's own, in canonical octets."""
    return [
        exclusive_c14n(child)
        for holder in element.iter("*")
        if QName(holder).localname in ("MessagePrimaryContent", "BusinessProcessMetadata", "PersonalSignature")
        for child in holder.iterchildren("*")
    ]


def own(element: Element) -> list[tuple[str, str, str]]:
    """Names, Ids and texts of the contract's part."""
    name = QName(element).localname
    found = [(name, element.get("Id", ""), "" if len(element) else element.text or "")]
    if name not in ("MessagePrimaryContent", "BusinessProcessMetadata", "PersonalSignature"):
        found += [line for child in element.iterchildren("*") for line in own(child)]
    return found


@given(cases())
def test_a_translation_is_valid_and_says_the_same(case: tuple[Element, Contract, Contract]) -> None:
    data, source, target = case
    before = etree.tostring(data)
    translated = translate(data, source, target)
    assert etree.tostring(data) == before
    SCHEMAS[target.version].assertValid(translated)
    assert foreign(translated) == foreign(data)
    said = [line for line in own(data) if target.version == "1.3" or line[0] not in ONLY_IN_1_3]
    if target.version != "1.3":
        said = [(name, key, text[:50] if name == "Code" else text) for name, key, text in said]
    words = ("StatusCategory",)
    assert [line for line in own(translated) if line[0] not in words] == [line for line in said if line[0] not in words]


@given(cases())
def test_what_both_versions_have_comes_back_as_it_was(case: tuple[Element, Contract, Contract]) -> None:
    data, source, target = case
    names = {name for name, _, _ in own(data)}
    if source.version != "1.3" and "StatusCategory" not in names:
        assert own(translate(translate(data, source, target), target, source)) == own(data)
