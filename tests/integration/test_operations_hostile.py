"""Bad input for every operation in every version: it ends in a fault that is declared for it, and changes nothing."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree
from mezhved.adapter.dispatch.answering import processing_status, write_notice
from mezhved.adapter.exchange.contract import CONTRACTS, SOAP_ENVELOPE, XMLDSIG, Contract, Operation
from mezhved.adapter.exchange.faults import (
    ClientFault,
    ExchangeFault,
    Fault,
    InvalidContent,
    SenderIsNotRegistered,
    SignatureProblem,
    SignatureVerificationFault,
    SMEVFailure,
    VersionMismatch,
    declared,
)
from mezhved.adapter.exchange.lifecycle import State
from mezhved.adapter.node import handlers
from mezhved.adapter.soap.call import Call
from mezhved.adapter.soap.endpoint import SoapEndpoint
from mezhved.adapter.soap.fault_xml import parse_fault
from mezhved.adapter.soap.operations.get_request import GetRequest
from mezhved.adapter.soap.operations.send_request import SendRequest
from mezhved.adapter.store.engine import read, write
from mezhved.adapter.store.message_schema import message_events, messages
from mezhved.queue.schema import bodies, entries
from mezhved.signing.authority import create_authority
from mezhved.signing.keys import SigningKey
from sqlalchemy import Engine, select
from support.operations import delivered, put_response, text
from support.world import START, V12, World

Problem = SignatureProblem
OFFERED = [
    pytest.param(operation, contract, id=f"{operation}-{contract.version}")
    for contract in CONTRACTS.values()
    for operation in contract.operations
]
PROVIDERS = {Operation.SEND_RESPONSE, Operation.GET_REQUEST, Operation.ACK}
"""Operations that the provider calls here; the others are called by the consumer."""


@dataclass
class Stage:
    """An exchange in which every operation finds something to do: a request with its provider, one that waits for it,
    and a response and a notice that wait for the consumer.
    """

    world: World
    consumer: SigningKey
    provider: SigningKey
    request_id: str
    to: str

    @property
    def endpoint(self) -> SoapEndpoint:
        return SoapEndpoint(handlers(self.world.context()), clock=self.world.clock, contracts=CONTRACTS)

    def key(self, operation: Operation) -> SigningKey:
        """Of the system that calls the operation."""
        return self.provider if operation in PROVIDERS else self.consumer

    def call(self, operation: Operation, contract: Contract, key: SigningKey | None) -> Call:
        """A call of the operation that finds something to do, if it is signed by the right system."""
        world = self.world
        calls: dict[Operation, Callable[[], Call]] = {
            Operation.SEND_REQUEST: lambda: world.send_request(key, contract=contract),
            Operation.SEND_RESPONSE: lambda: world.send_response(key, self.to, contract=contract),
            Operation.GET_REQUEST: lambda: world.get_request(key, contract=contract),
            Operation.GET_RESPONSE: lambda: world.get_response(key, contract=contract),
            Operation.GET_STATUS: lambda: world.get_status(key, contract=contract),
            Operation.ACK: lambda: world.ack(key, self.request_id, contract=contract),
            Operation.GET_INCOMING_QUEUE_STATISTICS: lambda: world.get_statistics(key),
        }
        return calls[operation]()

    def good(self, operation: Operation, contract: Contract) -> bytes:
        """The octets of a call that is accepted."""
        return self.call(operation, contract, self.key(operation)).octets

    def everything(self) -> list[object]:
        """All that the exchange keeps."""
        with read(self.world.engine) as conn:
            return [
                sorted(map(repr, conn.execute(select(table)))) for table in (entries, messages, message_events, bodies)
            ]


@pytest.fixture
def stage(engine: Engine) -> Stage:
    world = World(engine)
    consumer, provider = world.register("REGION"), world.register("FRMR")
    context = world.context()
    for _ in range(2):
        SendRequest(context)(world.send_request(consumer))
    request = delivered(world, GetRequest(context), world.get_request(provider), "Request")
    assert request is not None
    put_response(world, "REGION")
    notice = write_notice(V12, processing_status(world.message_ids(), State.REQUEST_IS_REJECTED_BY_SMEV, "причина"))
    with write(engine) as conn:
        context.office.notify(conn, world.message_ids(), notice, recipient="REGION", kind="echo", now=world.clock())
    names = (("SenderProvidedRequestData", "MessageID"), ("ReplyTo",))
    request_id, to = (text(V12, request, *path) or "" for path in names)
    return Stage(world, consumer, provider, request_id, to)


def refusal(stage: Stage, octets: bytes, operation: Operation, contract: Contract) -> Fault:
    """The fault that answers; nothing has changed, and it is one that the contract declares for the operation."""
    before = stage.everything()
    reply = stage.endpoint.handle(octets, contract.version)
    assert reply.status == 500
    fault = parse_fault(reply.octets)
    assert isinstance(fault, ClientFault | VersionMismatch) or type(fault) in declared(operation, contract)
    assert stage.everything() == before
    return fault


def changed(octets: bytes, change: Callable[[etree._Element], None]) -> bytes:
    root = etree.fromstring(octets)
    change(root)
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True)


def signature(root: etree._Element) -> etree._Element:
    return next(root.iter(f"{{{XMLDSIG}}}Signature"))


def second_signature(root: etree._Element) -> None:
    root[-1][0].append(etree.fromstring(etree.tostring(signature(root))))


def second_id(root: etree._Element) -> None:
    root.set("Id", "SIGNED")


def other_target(root: etree._Element) -> None:
    next(one for one in root.iter() if one.get("Id") == "SIGNED").set("Id", "OTHER")


def other_value(root: etree._Element) -> None:
    value = next(root.iter(f"{{{XMLDSIG}}}SignatureValue"))
    value.text = ("A" if (value.text or "")[0] != "A" else "B") + (value.text or "")[1:]


def another_call(root: etree._Element) -> None:
    root[-1].append(etree.fromstring(etree.tostring(root[-1][0])))


def nothing_in_it(root: etree._Element) -> None:
    for child in list(root[-1][0]):
        root[-1][0].remove(child)


def stranger_in_it(root: etree._Element) -> None:
    root[-1][0].insert(0, etree.Element("{urn:x}Stranger"))


def retyped(root: etree._Element) -> None:
    root[-1][0][0].set("{http://www.w3.org/2001/XMLSchema-instance}nil", "true")


CHANGES: dict[str, tuple[Callable[[etree._Element], None], type[Fault]]] = {
    "a second signature": (second_signature, InvalidContent),
    "an Id twice": (second_id, SignatureVerificationFault),
    "another target": (other_target, SignatureVerificationFault),
    "another value": (other_value, SignatureVerificationFault),
    "two calls": (another_call, ClientFault),
    "nothing in it": (nothing_in_it, InvalidContent),
    "a stranger in it": (stranger_in_it, InvalidContent),
    "xsi:nil": (retyped, InvalidContent),
}


@pytest.mark.parametrize(("operation", "contract"), OFFERED)
def test_a_call_that_was_tampered_with(stage: Stage, operation: Operation, contract: Contract) -> None:
    good = stage.good(operation, contract)
    for name, (change, expected) in CHANGES.items():
        assert isinstance(refusal(stage, changed(good, change), operation, contract), expected), name
    assert stage.endpoint.handle(good, contract.version).status == 200


@pytest.mark.parametrize(("operation", "contract"), OFFERED)
def test_a_call_that_nobody_may_make(stage: Stage, operation: Operation, contract: Contract) -> None:
    world = stage.world
    foreign = create_authority(
        "p256", "CN=Foreign", valid_from=START - timedelta(days=1), valid_to=START + timedelta(days=99)
    )
    expired = world.issue("CN=Old", valid_to=START - timedelta(days=1))
    world.register("OLD", expired)
    callers: list[tuple[SigningKey | None, Problem | None]] = [
        (None, Problem.NO_SIGNATURE_FOUND),
        (world.issue("CN=Nobody").signing_key(), Problem.CERTIFICATE_IS_NOT_FOUND),
        (world.issue("CN=REGION", foreign).signing_key(), Problem.CERTIFICATE_IS_NOT_FOUND),
        (expired.signing_key(), Problem.CERTIFICATE_IS_EXPIRED),
        (world.register("OFF", active=False), None),
    ]
    for key, problem in callers:
        fault = refusal(stage, stage.call(operation, contract, key).octets, operation, contract)
        if problem is None:
            assert isinstance(fault, SenderIsNotRegistered)
        elif key is None and operation is Operation.GET_STATUS:
            # Here the schema itself demands a signature.
            assert isinstance(fault, InvalidContent)
        else:
            assert isinstance(fault, SignatureVerificationFault)
            assert fault.problem is problem


@pytest.mark.parametrize(("operation", "contract"), OFFERED)
def test_a_call_that_is_no_envelope(stage: Stage, operation: Operation, contract: Contract) -> None:
    good = stage.good(operation, contract)
    declaration, envelope = good.split(b"\n", 1)
    bad: list[tuple[bytes, type[Fault]]] = [
        (b"", ClientFault),
        (good[: len(good) // 2], ClientFault),
        (declaration + b'<!DOCTYPE x [<!ENTITY a "b">]>' + envelope, ClientFault),
        (good.decode().encode("utf-16"), ClientFault),
        (good.replace(SOAP_ENVELOPE.encode(), b"http://www.w3.org/2003/05/soap-envelope"), VersionMismatch),
        (good.replace(b"</t:", b"<x>" * 6000 + b"</x>" * 6000 + b"</t:", 1), ClientFault),
    ]
    for octets, expected in bad:
        assert isinstance(refusal(stage, octets, operation, contract), expected)
    assert stage.endpoint.handle(good, contract.version).status == 200


@pytest.mark.parametrize(("operation", "contract"), OFFERED)
def test_what_was_signed_by_one_system_does_nothing_for_another(
    stage: Stage, operation: Operation, contract: Contract
) -> None:
    """The queue and the right are those of the certificate, whatever the call says."""
    stranger = stage.world.register("STRANGER", sends=())
    before = stage.everything()
    reply = stage.endpoint.handle(stage.call(operation, contract, stranger).octets, contract.version)
    assert stage.everything() == before
    for secret in (stage.request_id, stage.to, "ответ", "причина"):
        assert operation is Operation.ACK or secret.encode() not in reply.octets or reply.status == 500


@pytest.mark.parametrize("operation", list(Operation))
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(st.data())
def test_octets_changed_anywhere_never_surprise_the_node(
    stage: Stage, operation: Operation, data: st.DataObject
) -> None:
    contract = CONTRACTS["1.1"]
    good = stage.good(operation, contract)
    at = data.draw(st.integers(0, len(good) - 1))
    length = data.draw(st.integers(0, 6))
    octets = good[:at] + data.draw(st.binary(max_size=6)) + good[at + length :]
    reply = stage.endpoint.handle(octets, contract.version)
    if reply.status == 500:
        fault = parse_fault(reply.octets)
        assert not isinstance(fault, SMEVFailure), fault.description
        assert not isinstance(fault, ExchangeFault) or type(fault) in declared(operation, contract)
