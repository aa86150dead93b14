"""The endpoint: an answer or a fault, whatever happens."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from lxml import etree
from mezhved.adapter.exchange.contract import SOAP_ENVELOPE, Operation
from mezhved.adapter.exchange.faults import (
    AccessDenied,
    ClientFault,
    Fault,
    InvalidContent,
    SMEVFailure,
    ValidationError,
    VersionMismatch,
)
from mezhved.adapter.exchange.observing import Step
from mezhved.adapter.soap.call import Call
from mezhved.adapter.soap.endpoint import ContractNotServed, SoapEndpoint
from mezhved.adapter.soap.fault_xml import parse_fault
from mezhved.adapter.soap.limits import Limits
from mezhved.signing.canonical import exclusive_c14n
from support.envelopes import CONTRACT, ack, get_request, send_request, send_response
from support.watching import Watcher

NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)
ANSWER = f'<t:AckResponse xmlns:t="{CONTRACT.types}"></t:AckResponse>'.encode()


def endpoint_for(handler: Callable[[Call], bytes], limits: Limits | None = None) -> SoapEndpoint:
    handlers = {Operation.ACK: handler, Operation.SEND_REQUEST: handler}
    return SoapEndpoint(handlers, clock=lambda: NOW, limits=limits or Limits())


def fault_of(endpoint: SoapEndpoint, octets: bytes, version: str | None = "1.2") -> Fault:
    reply = endpoint.handle(octets, version, "192.0.2.1")
    assert reply.status == 500
    return parse_fault(reply.octets)


def test_an_operation_hears_of_the_call_and_its_octets_are_sent_as_they_are() -> None:
    calls: list[Call] = []

    def handler(call: Call) -> bytes:
        calls.append(call)
        return ANSWER

    reply = endpoint_for(handler).handle(ack(), "1.2", "192.0.2.1")
    assert reply.status == 200
    assert ANSWER in reply.octets
    (call,) = calls
    assert (call.operation, call.octets, call.received_at, call.peer) == (Operation.ACK, ack(), NOW, "192.0.2.1")
    assert call.contract.version == "1.2"
    (body,) = etree.fromstring(reply.octets).iterfind(f"{{{SOAP_ENVELOPE}}}Body")
    assert exclusive_c14n(body[0]) == ANSWER


def test_without_a_version_all_are_served() -> None:
    assert endpoint_for(lambda _: ANSWER).handle(ack()).status == 200


def test_a_fault_of_an_operation_is_told() -> None:
    def handler(_call: Call) -> bytes:
        raise AccessDenied("REGION", "worker_card")

    assert isinstance(fault_of(endpoint_for(handler), ack()), AccessDenied)


def test_what_nobody_has_foreseen_is_logged_and_not_told(caplog: pytest.LogCaptureFixture) -> None:
    def handler(_call: Call) -> bytes:
        raise KeyError("the password is swordfish")

    reply = endpoint_for(handler).handle(ack(), "1.2", "192.0.2.1")
    assert isinstance(parse_fault(reply.octets), SMEVFailure)
    for inner in (b"swordfish", b"KeyError", b"Traceback"):
        assert inner not in reply.octets
    assert "swordfish" in caplog.text
    assert "Traceback" in caplog.text


def test_an_observer_learns_what_was_refused_but_not_what_was_sent() -> None:
    watcher = Watcher()
    endpoint = SoapEndpoint({Operation.SEND_REQUEST: lambda _: ANSWER}, clock=lambda: NOW, observer=watcher)
    octets = send_request(fields="<t:EOL>112-233-445 95</t:EOL>")
    reply = endpoint.handle(octets, "1.2", "192.0.2.1")
    [record] = watcher.calls
    assert (record.operation, record.contract, record.peer) == (Operation.SEND_REQUEST, "1.2", "192.0.2.1")
    assert (record.fault, record.code) == ("InvalidContent", "SMEV-403")
    assert (record.octets_in, record.octets_out) == (len(octets), len(reply.octets))
    assert watcher.steps == [Step.PARSE, Step.VALIDATE]
    assert "112-233" not in repr(watcher.works)


@pytest.mark.parametrize(
    ("octets", "expected"),
    [
        (b"GET /", ClientFault),
        (ack().replace(SOAP_ENVELOPE.encode(), b"http://www.w3.org/2003/05/soap-envelope"), VersionMismatch),
        (ack("XYZ"), InvalidContent),
        (ack().replace(b"1.2", b"1.1"), ClientFault),
    ],
)
def test_the_operation_is_not_reached_by_what_is_no_valid_call(octets: bytes, expected: type[Fault]) -> None:
    def handler(_call: Call) -> bytes:
        raise AssertionError("reached")

    assert type(fault_of(endpoint_for(handler), octets)) is expected


def test_an_operation_that_is_not_offered_is_the_clients_error() -> None:
    rejected = "<t:RequestStatus><t:StatusCode>1</t:StatusCode><t:StatusDescription/></t:RequestStatus>"
    for name, octets in (("GetRequest", get_request()), ("SendResponse", send_response(rejected))):
        fault = fault_of(endpoint_for(lambda _: ANSWER), octets)
        assert type(fault) is ClientFault
        assert name in fault.description
        assert "SendRequest" in fault.description


def test_limits_are_passed_on() -> None:
    endpoint = endpoint_for(lambda _: ANSWER, Limits(octets=100))
    assert "длиннее" in fault_of(endpoint, ack()).description


def test_lines_of_an_operations_errors_are_exact() -> None:
    def handler(_call: Call) -> bytes:
        raise InvalidContent((ValidationError(65535, "Ask/Part[2]", "не так"),))

    content = '<k:Ask xmlns:k="urn:k"><k:Part/>' + "\n" * 70_000 + "<k:Part/></k:Ask>"
    fault = fault_of(endpoint_for(handler), send_request(content=content))
    assert isinstance(fault, InvalidContent)
    assert fault.errors[0].line == 70_000 + 6


def test_a_refusal_before_the_call_is_read() -> None:
    reply = endpoint_for(lambda _: ANSWER).refuse(SMEVFailure("узел перегружен"), "1.2")
    assert reply.status == 500
    assert parse_fault(reply.octets).description == "узел перегружен"


def test_a_contract_without_schemas_is_refused_at_the_start() -> None:
    with pytest.raises(ContractNotServed, match=r"version 9\.9 is not served; this node can serve .*1\.2"):
        SoapEndpoint({}, clock=lambda: NOW, contracts=["9.9"])
