"""Hostile envelopes end in a fault before anything reads their content, and quickly."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mezhved.adapter.exchange.contract import Operation
from mezhved.adapter.exchange.faults import ClientFault, Fault, InvalidContent, VersionMismatch
from mezhved.adapter.soap.call import Call
from mezhved.adapter.soap.endpoint import SoapEndpoint
from mezhved.adapter.soap.envelope import parse
from mezhved.adapter.soap.fault_xml import parse_fault
from mezhved.adapter.soap.schemas import SchemaSet
from mezhved.adapter.soap.validation import validate
from shared_vectors import shared_dir
from support.envelopes import ack, get_status, send_request

CONTROL = "00-control-wellformed.xml"
VECTORS = {
    "billion-laughs.xml": ClientFault,
    "deep-nesting-5000.xml": ClientFault,
    "dtd-default-attribute-Id.xml": ClientFault,
    "quadratic-blowup.xml": ClientFault,
    "soap12-envelope.xml": VersionMismatch,
    "two-bodies.xml": ClientFault,
    "utf16le-bom.xml": ClientFault,
    "wrong-case-envelope.xml": ClientFault,
    "xsi-type-injection.xml": InvalidContent,
    "xxe-file.xml": ClientFault,
    "xxe-parameter-oob.xml": ClientFault,
}


def unreachable(_call: Call) -> bytes:
    raise AssertionError("a hostile envelope reached an operation")


@pytest.fixture(scope="module")
def endpoint() -> SoapEndpoint:
    handlers = dict.fromkeys(Operation, unreachable)
    return SoapEndpoint(handlers, clock=lambda: datetime(2026, 11, 22, tzinfo=UTC))


def vector(name: str) -> bytes:
    """The vector, in the version of the contract that is served here."""
    octets = (shared_dir() / "vectors" / "hostile" / name).read_bytes()
    for encoding in ("utf-8", "utf-16-le"):
        octets = octets.replace('1.1"'.encode(encoding), '1.2"'.encode(encoding))
    return octets


def test_every_vector_is_known() -> None:
    folder: Path = shared_dir() / "vectors" / "hostile"
    assert {path.name for path in folder.glob("*.xml")} == {CONTROL, *VECTORS}


@pytest.mark.parametrize(("name", "expected"), VECTORS.items())
def test_a_hostile_vector_is_refused(endpoint: SoapEndpoint, name: str, expected: type[Fault]) -> None:
    reply = endpoint.handle(vector(name), "1.2")
    assert reply.status == 500
    fault = parse_fault(reply.octets)
    assert type(fault) is expected
    assert "root:" not in fault.description  # nothing of a file came back


@pytest.mark.parametrize("name", [*VECTORS, CONTROL])
def test_a_vector_as_it_stands_is_refused(endpoint: SoapEndpoint, name: str) -> None:
    octets = (shared_dir() / "vectors" / "hostile" / name).read_bytes()
    assert isinstance(parse_fault(endpoint.handle(octets, "1.2").octets), Fault)


def test_the_control_passes_all_that_the_others_fail() -> None:
    parsed = parse(vector(CONTROL))
    validate(parsed, SchemaSet())
    assert parsed.operation is Operation.GET_REQUEST


CALLS = {"SendRequest": send_request(), "GetStatus": get_status(), "Ack": ack()}


@pytest.mark.parametrize("name", CALLS)
def test_every_truncation_is_refused(endpoint: SoapEndpoint, name: str) -> None:
    whole = CALLS[name]
    for length in range(len(whole)):
        reply = endpoint.handle(whole[:length], "1.2")
        assert reply.status == 500
        assert type(parse_fault(reply.octets)) is ClientFault


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A good envelope with a few octets changed, cut out, repeated or put in."""
    octets = bytearray(draw(st.sampled_from(sorted(CALLS.values()))))
    pieces = st.one_of(
        st.binary(max_size=8),
        st.sampled_from(
            [b"<", b">", b"</", b"&", b"<!--", b"]]>", b"<![CDATA[", b'"', b"<?x?>", b"xmlns=", b"\0", b"\xff"]
        ),
        st.text(max_size=4).map(lambda text: text.encode("utf-8", "surrogatepass")),
    )
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(octets)))
        end = min(len(octets), start + draw(st.integers(0, 40)))
        kept = octets[start:end] if draw(st.booleans()) else b""
        octets[start:end] = bytes(kept) + draw(pieces) + bytes(kept)
    return bytes(octets)


@given(damaged())
@settings(max_examples=400)
def test_a_damaged_envelope_is_answered_with_soap(octets: bytes) -> None:
    endpoint = SoapEndpoint(
        dict.fromkeys(Operation, lambda _call: b"<answer/>"), clock=lambda: datetime(2026, 11, 22, tzinfo=UTC)
    )
    reply = endpoint.handle(octets, "1.2")
    if reply.status == 200:
        validate(parse(octets), SchemaSet())
    else:
        assert reply.status == 500
        assert parse_fault(reply.octets).description
        assert not reply.octets.count(b"SMEV-909"), "an error that nobody has foreseen"


@pytest.mark.parametrize(
    "octets",
    [
        send_request(content='<k:A xmlns:k="urn:k">' + "<k:b/>" * 400_000 + "</k:A>"),
        send_request(content='<k:A xmlns:k="urn:k" ' + " ".join(f'a{n}=""' for n in range(200_000)) + "/>"),
        send_request(content='<k:A xmlns:k="urn:k" ' + " ".join(f'xmlns:a{n}="u"' for n in range(100_000)) + "/>"),
        send_request(content='<k:A xmlns:k="urn:k">' + "<?x?>" * 200_000 + "</k:A>"),
        send_request(fields="<t:Unknown/>" * 20_000),
        send_request(content="<k:a xmlns:k='u'>" * 250 + "</k:a>" * 250),
        send_request(message_id="x" * 5_000_000),
        b"<!--" * 500_000,
        b"<" * 5_000_000,
    ],
    ids=[
        "elements",
        "attributes",
        "namespaces",
        "instructions",
        "unknown fields",
        "deep",
        "long id",
        "comments",
        "open",
    ],
)
def test_costly_envelopes_are_answered(endpoint: SoapEndpoint, octets: bytes) -> None:
    # Some are within the limits and reach the operation; those would take minutes or gigabytes without them.
    reply = endpoint.handle(octets, "1.2")
    assert reply.status == 500
    assert len(reply.octets) < 100_000
