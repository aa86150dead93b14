"""Signature wrapping: whatever is moved, copied or renamed around a signature, what is used is what was signed.

The caller takes the element from its fixed place. Either `verify` returns that very element with the content that was
signed, or it refuses; there is no third outcome.
"""

import copy
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree
from lxml.etree import _Element as Element
from mezhved.adapter.exchange.contract import XMLDSIG, Operation
from mezhved.signing.authority import create_authority
from mezhved.signing.errors import DigestMismatch, DuplicateId, MalformedSignature, SigningError, WrongTarget
from mezhved.signing.keys import SigningKey
from mezhved.signing.policy import SMEV
from mezhved.signing.trust import TrustStore
from mezhved.signing.xmldsig import verify
from support.world import ECHO, START, V12, envelope

SIGNATURE = f"{{{XMLDSIG}}}Signature"
HOLDER = f"{{{V12.types}}}CallerInformationSystemSignature"
CONTENT = (
    '<t:SenderProvidedRequestData Id="SIGNED"><t:MessageID>id</t:MessageID><b:MessagePrimaryContent>'
    f'<e:EchoRequest xmlns:e="{ECHO}" e:code="7">what was signed<e:Part Id="PART">text</e:Part></e:EchoRequest>'
    "</b:MessagePrimaryContent></t:SenderProvidedRequestData>"
)


@pytest.fixture(scope="module")
def signer() -> tuple[SigningKey, TrustStore]:
    valid = {"valid_from": START - timedelta(days=1), "valid_to": START + timedelta(days=365)}
    authority = create_authority("p256", "CN=CA", **valid)
    key = authority.issue("CN=Caller", key_type="p256", serial=5, **valid).signing_key()
    return key, TrustStore(anchors=[authority.certificate])


def signed(signer: tuple[SigningKey, TrustStore]) -> Element:
    return etree.fromstring(envelope(Operation.SEND_REQUEST, CONTENT, signer[0]))


def used(root: Element) -> Element:
    """The element that a node would process: by place, never by Id."""
    return root[-1][0][0]


def judge(root: Element, signer: tuple[SigningKey, TrustStore]) -> Element:
    """Parses what would arrive and verifies it as the operations do; returns what would be processed."""
    arrived = etree.fromstring(etree.tostring(root))
    holder = arrived[-1][0].find(HOLDER)
    signature = None if holder is None else holder.find(SIGNATURE)
    target = used(arrived)
    verified = verify(signature, target, policy=SMEV, trust=signer[1], at=START)
    assert verified.element is target
    return target


def meaning(element: Element) -> object:
    """What a reader gets out of an element: names, attributes, texts; white space between elements is nothing."""
    texts = tuple(text for text in element.itertext() if text.strip())
    return tuple((str(one.tag), tuple(sorted(one.attrib.items()))) for one in element.iter()), texts


def forged(root: Element) -> Element:
    """The signed element with other content."""
    evil = copy.deepcopy(used(root))
    next(evil.iter(f"{{{ECHO}}}EchoRequest")).text = "something else"
    return evil


def test_what_is_signed_is_returned(signer: tuple[SigningKey, TrustStore]) -> None:
    root = signed(signer)
    assert meaning(judge(root, signer)) == meaning(used(root))


@pytest.mark.parametrize("place", ["header", "content", "behind", "signature"])
@pytest.mark.parametrize("keep_id", [True, False])
def test_the_original_moved_away_and_a_forgery_in_its_place(
    signer: tuple[SigningKey, TrustStore], place: str, keep_id: bool
) -> None:
    root = signed(signer)
    original, evil = used(root), forged(root)
    call = root[-1][0]
    call.replace(original, evil)
    if not keep_id:
        evil.set("Id", "EVIL")
    if place == "header":
        header = etree.Element(f"{{{etree.QName(root).namespace}}}Header")
        root.insert(0, header)
        header.append(original)
    elif place == "content":
        next(evil.iter(f"{{{ECHO}}}EchoRequest")).append(original)
    elif place == "behind":
        call.append(original)
    else:
        next(call.iter(SIGNATURE)).append(original)
    with pytest.raises((WrongTarget, DuplicateId, DigestMismatch, MalformedSignature)):
        judge(root, signer)


@pytest.mark.parametrize("name", ["Id", "ID", "id", "{http://www.w3.org/XML/1998/namespace}id", "{urn:wsu}Id"])
def test_an_id_twice_under_any_name_is_refused(signer: tuple[SigningKey, TrustStore], name: str) -> None:
    root = signed(signer)
    root.set(name, "SIGNED")
    with pytest.raises(DuplicateId):
        judge(root, signer)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_every_subtree_moved_copied_or_exchanged(signer: tuple[SigningKey, TrustStore], data: st.DataObject) -> None:
    root = signed(signer)
    before = meaning(used(root))
    everything = [one for one in root.iter() if one.getparent() is not None]
    moved = data.draw(st.sampled_from(everything), label="subtree")
    others = [one for one in root.iter() if moved not in (one, *one.iterancestors())]
    where = data.draw(st.sampled_from(others), label="where to")
    part = copy.deepcopy(moved) if data.draw(st.booleans(), label="copied") else moved
    position = data.draw(st.integers(0, len(where)), label="position")
    where.insert(position, part)
    try:
        after = judge(root, signer)
    except (SigningError, IndexError):
        return
    assert meaning(after) == before


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_any_octet_of_the_signed_part_changed_is_refused(
    signer: tuple[SigningKey, TrustStore], data: st.DataObject
) -> None:
    octets = etree.tostring(signed(signer))
    start = octets.index(b"<t:SenderProvidedRequestData")
    end = octets.index(b"</t:SenderProvidedRequestData>")
    before = meaning(used(etree.fromstring(octets)))
    at = data.draw(st.integers(start, end), label="octet")
    other = data.draw(st.integers(0x21, 0x7E).filter(lambda value: value != octets[at]), label="becomes")
    try:
        after = judge(etree.fromstring(octets[:at] + bytes([other]) + octets[at + 1 :]), signer)
    except (etree.XMLSyntaxError, SigningError, IndexError):
        return
    assert meaning(after) == before
