"""Raw HTTP requests with MTOM from outside the project: legal framing is read, broken framing is refused as such."""

import socket
from pathlib import Path

import pytest
from mezhved.adapter.exchange.contract import Operation
from mezhved.adapter.exchange.faults import ClientFault, Fault
from mezhved.adapter.exchange.times import utc_now
from mezhved.adapter.http.app import create_app
from mezhved.adapter.soap.endpoint import SoapEndpoint
from mezhved.adapter.soap.fault_xml import parse_fault
from shared_vectors import shared_dir
from support.served import served

NAMES = [
    "bad-cid-missing",
    "bad-root-dtd",
    "bad-truncated-mid-part",
    "ok-attachment-contains-boundary-like",
    "ok-base64-part",
    "ok-boundary-trailing-space",
    "ok-boundary-with-colon",
    "ok-cid-percent-encoded",
    "ok-empty-attachment",
    "ok-folded-header",
    "ok-lowercase-headers",
    "ok-mtom",
    "ok-no-start-first-is-root",
    "ok-preamble-epilogue",
    "ok-rfc2231-start",
    "ok-root-not-first",
]
REASONS = {"bad-cid-missing": "такой части MIME", "bad-root-dtd": "DTD", "bad-truncated-mid-part": "обрывается"}


def posted(octets: bytes, step: int) -> Fault:
    """What a node answers to a request that comes in pieces of `step` octets."""
    endpoint = SoapEndpoint({Operation.ACK: lambda _: b""}, clock=utc_now)
    octets = octets.replace(b"POST /ws ", b"POST /smev/v1.2/ws ", 1)
    octets = octets.replace(b"\r\n", b"\r\nConnection: close\r\n", 1)
    with served(create_app(endpoint)) as (host, port), socket.create_connection((host, port), timeout=30) as sock:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for place in range(0, len(octets), step):
            sock.sendall(octets[place : place + step])
        answer = b"".join(iter(lambda: sock.recv(65536), b""))
    assert answer.startswith(b"HTTP/1.1 500"), answer[:200]
    return parse_fault(answer.partition(b"\r\n\r\n")[2])


def test_every_vector_is_judged() -> None:
    found = sorted(path.stem for path in (shared_dir() / "vectors/mime").glob("*.http"))
    assert found == sorted(NAMES)


@pytest.mark.parametrize("step", [17, 1 << 20])
@pytest.mark.parametrize("name", NAMES)
def test_a_vector(name: str, step: int) -> None:
    fault = posted(Path(shared_dir(), "vectors/mime", f"{name}.http").read_bytes(), step)
    assert type(fault) is ClientFault
    if name.startswith("ok-"):
        # The framing is fine; what it frames is no operation of the contract.
        assert "«Put»" in fault.description
    else:
        assert REASONS[name] in fault.description
