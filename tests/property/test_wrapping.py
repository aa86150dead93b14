"""Signature wrapping: whatever is moved, copied or renamed around a signature, what is used is what was signed.

The caller takes the element from its fixed place. Either `verify` returns that very element with the content that was
signed, or it refuses; there is no third outcome.
"""

import copy
from dataclasses import dataclass
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree
from lxml.etree import QName
from lxml.etree import _Element as Element
from mezhved.adapter.exchange.contract import CONTRACTS, XMLDSIG, Contract, Operation
from mezhved.signing.authority import create_authority
from mezhved.signing.errors import DigestMismatch, DuplicateId, MalformedSignature, SigningError, WrongTarget
from mezhved.signing.keys import SigningKey
from mezhved.signing.policy import SMEV
from mezhved.signing.trust import TrustStore
from mezhved.signing.xmldsig import verify
from support.world import ECHO, START, V12, envelope

SIGNATURE = f"{{{XMLDSIG}}}Signature"
BUSINESS = (
    f'<b:MessagePrimaryContent><e:Echo xmlns:e="{ECHO}" e:code="7">what was signed<e:Part Id="PART">text</e:Part>'
    "</e:Echo></b:MessagePrimaryContent>"
)
SELECTOR = (
    f'<b:MessageTypeSelector Id="SIGNED"><b:NamespaceURI>{ECHO}</b:NamespaceURI>'
    "<b:RootElementLocalName>Echo</b:RootElementLocalName><b:Timestamp>2026-11-23T12:00:00Z</b:Timestamp>"
    "</b:MessageTypeSelector>"
)
TIMESTAMP = '<b:Timestamp Id="SIGNED">2026-11-23T12:00:00Z</b:Timestamp>'
CONTENTS = {
    Operation.SEND_REQUEST: '<t:SenderProvidedRequestData Id="SIGNED"><t:MessageID>id</t:MessageID>'
    f"{BUSINESS}</t:SenderProvidedRequestData>",
    Operation.SEND_RESPONSE: '<t:SenderProvidedResponseData Id="SIGNED"><t:MessageID>id</t:MessageID><t:To>to</t:To>'
    f"{BUSINESS}</t:SenderProvidedResponseData>",
    Operation.GET_REQUEST: SELECTOR,
    Operation.GET_RESPONSE: SELECTOR,
    Operation.GET_STATUS: TIMESTAMP,
    Operation.ACK: '<b:AckTargetMessage Id="SIGNED" accepted="true">f81d4fae-7dec-11d0-a765-00a0c91e6bf6'
    "</b:AckTargetMessage>",
    Operation.GET_INCOMING_QUEUE_STATISTICS: f"<t:NodeID>n1</t:NodeID>{TIMESTAMP}",
}
"""A call of each operation, by what its caller writes; the element with the Id is signed."""


@dataclass(frozen=True)
class Caller:
    """Who calls which operation."""

    operation: Operation
    key: SigningKey
    trust: TrustStore

    @property
    def contract(self) -> Contract:
        statistics = self.operation is Operation.GET_INCOMING_QUEUE_STATISTICS
        return CONTRACTS["1.1"] if statistics else V12

    def call(self) -> Element:
        """The envelope of a call."""
        return etree.fromstring(envelope(self.operation, CONTENTS[self.operation], self.key, self.contract))

    def used(self, root: Element) -> Element:
        """The element that the operation processes: by place, never by Id."""
        body = root[-1][0]
        if self.operation is Operation.GET_INCOMING_QUEUE_STATISTICS:
            return next(child for child in body if QName(child).localname == "Timestamp")
        return body[0]

    def judge(self, root: Element) -> Element:
        """Parses what would arrive and verifies it as the operations do; returns what would be processed."""
        arrived = etree.fromstring(etree.tostring(root))
        holder = arrived[-1][0].find(f"{{{self.contract.types}}}CallerInformationSystemSignature")
        signature = None if holder is None else holder.find(SIGNATURE)
        target = self.used(arrived)
        verified = verify(signature, target, policy=SMEV, trust=self.trust, at=START)
        assert verified.element is target
        return target

    def forged(self, root: Element) -> Element:
        """The signed element with another text."""
        evil = copy.deepcopy(self.used(root))
        last = [one for one in evil.iter() if (one.text or "").strip()][-1]
        last.text = "something else"
        return evil


@pytest.fixture(scope="module")
def keys() -> tuple[SigningKey, TrustStore]:
    valid = {"valid_from": START - timedelta(days=1), "valid_to": START + timedelta(days=365)}
    authority = create_authority("p256", "CN=CA", **valid)
    key = authority.issue("CN=Caller", key_type="p256", serial=5, **valid).signing_key()
    return key, TrustStore(anchors=[authority.certificate])


@pytest.fixture(params=Operation)
def caller(request: pytest.FixtureRequest, keys: tuple[SigningKey, TrustStore]) -> Caller:
    return Caller(request.param, *keys)


def meaning(element: Element) -> object:
    """What a reader gets out of an element: names, attributes, texts; white space between elements is nothing."""
    texts = tuple(text for text in element.itertext() if text.strip())
    return tuple((str(one.tag), tuple(sorted(one.attrib.items()))) for one in element.iter()), texts


def test_what_is_signed_is_returned(caller: Caller) -> None:
    root = caller.call()
    assert meaning(caller.judge(root)) == meaning(caller.used(root))


@pytest.mark.parametrize("place", ["header", "content", "behind", "signature"])
@pytest.mark.parametrize("keep_id", [True, False])
def test_the_original_moved_away_and_a_forgery_in_its_place(caller: Caller, place: str, keep_id: bool) -> None:
    root = caller.call()
    original, evil = caller.used(root), caller.forged(root)
    call = root[-1][0]
    call.replace(original, evil)
    if not keep_id:
        evil.set("Id", "EVIL")
    if place == "header":
        header = etree.Element(f"{{{etree.QName(root).namespace}}}Header")
        root.insert(0, header)
        header.append(original)
    elif place == "content":
        list(evil.iter())[-1].append(original)
    elif place == "behind":
        call.append(original)
    else:
        next(call.iter(SIGNATURE)).append(original)
    with pytest.raises((WrongTarget, DuplicateId, DigestMismatch, MalformedSignature)):
        caller.judge(root)


@pytest.mark.parametrize("name", ["Id", "ID", "id", "{http://www.w3.org/XML/1998/namespace}id", "{urn:wsu}Id"])
def test_an_id_twice_under_any_name_is_refused(caller: Caller, name: str) -> None:
    root = caller.call()
    root.set(name, "SIGNED")
    with pytest.raises(DuplicateId):
        caller.judge(root)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_every_subtree_moved_copied_or_exchanged(caller: Caller, data: st.DataObject) -> None:
    root = caller.call()
    before = meaning(caller.used(root))
    everything = [one for one in root.iter() if one.getparent() is not None]
    moved = data.draw(st.sampled_from(everything), label="subtree")
    others = [one for one in root.iter() if moved not in (one, *one.iterancestors())]
    where = data.draw(st.sampled_from(others), label="where to")
    part = copy.deepcopy(moved) if data.draw(st.booleans(), label="copied") else moved
    position = data.draw(st.integers(0, len(where)), label="position")
    where.insert(position, part)
    try:
        after = caller.judge(root)
    except (SigningError, IndexError, StopIteration):
        return
    assert meaning(after) == before


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_any_octet_of_the_signed_part_changed_is_refused(caller: Caller, data: st.DataObject) -> None:
    root = caller.call()
    octets, before = etree.tostring(root), meaning(caller.used(root))
    name = CONTENTS[caller.operation].partition(' Id="SIGNED"')[0].rpartition("<")[2].encode()
    start, end = octets.index(b"<" + name), octets.index(b"</" + name)
    at = data.draw(st.integers(start, end), label="octet")
    other = data.draw(st.integers(0x21, 0x7E).filter(lambda value: value != octets[at]), label="becomes")
    try:
        after = caller.judge(etree.fromstring(octets[:at] + bytes([other]) + octets[at + 1 :]))
    except (etree.XMLSyntaxError, SigningError, IndexError, StopIteration):
        return
    assert meaning(after) == before
