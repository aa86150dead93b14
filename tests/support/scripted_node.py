"""A node made of a script, for tests of the client: it answers each call as it is told, or loses call or answer."""

import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import mezhved
from lxml import etree
from mezhved.adapter.client.checking import Checker
from mezhved.adapter.client.description import ServiceDescription
from mezhved.adapter.client.errors import NodeUnreachable
from mezhved.adapter.client.retrying import Backoff
from mezhved.adapter.client.smev import Pace, SmevClient
from mezhved.adapter.client.transport import HttpAnswer, NodeTransport
from mezhved.adapter.exchange.contract import CONTRACTS, SOAP_ENVELOPE, Contract
from mezhved.adapter.exchange.faults import ExchangeFault
from mezhved.adapter.exchange.message_id import MessageIds
from mezhved.adapter.soap.fault_xml import render
from mezhved.signing.authority import create_authority
from mezhved.signing.keys import SigningKey
from mezhved.signing.policy import SMEV
from mezhved.signing.trust import TrustStore
from mezhved.signing.xmldsig import sign_octets

CONTRACT = CONTRACTS["1.2"]
NOW = datetime(2026, 6, 1, 12, 0, 0, 123456, tzinfo=UTC)
BEGIN, END = datetime(2026, 1, 1, tzinfo=UTC), datetime(2030, 1, 1, tzinfo=UTC)
ROOT = Path(mezhved.__file__).parent


def authority(name: str = "CA"):
    return _authority(name)


@cache
def _authority(name: str):
    return create_authority("p256", f"CN={name}", valid_from=BEGIN, valid_to=END)


@cache
def key(name: str, issuer: str = "CA") -> SigningKey:
    issued = authority(issuer).issue(
        f"CN={name}", key_type="p256", serial=zlib.crc32(name.encode()) + 1, valid_from=BEGIN, valid_to=END
    )
    return issued.signing_key()


class PackagedContract(NodeTransport):
    """The contract from the package's own files, by the paths at which a node serves it."""

    def __init__(self, version: str) -> None:
        super().__init__("http://127.0.0.1:9", timeout=1, most=1)
        self._version = version

    def load(self, url: str) -> bytes:
        if url.endswith("?wsdl"):
            return next((ROOT / "wsdl" / self._version).glob("*.wsdl")).read_bytes()
        return (ROOT / url.lstrip("/")).read_bytes()


@cache
def description(version: str) -> ServiceDescription:
    transport = PackagedContract(version)
    try:
        return ServiceDescription(CONTRACTS[version], f"/smev/v{version}/ws", transport)
    finally:
        transport.close()


def envelope(body: bytes) -> bytes:
    return b'<s:Envelope xmlns:s="%s"><s:Body>%s</s:Body></s:Envelope>' % (SOAP_ENVELOPE.encode(), body)


def signed(
    root: str, octets: bytes, signer: SigningKey, holder: str | None = None, contract: Contract = CONTRACT
) -> bytes:
    """An answer with what the node signs (its Id is `S`) and the node's signature."""
    types = contract.types.encode()
    inner = octets + b"<t:SMEVSignature>%s</t:SMEVSignature>" % sign_octets(octets, "S", signer)
    if holder:
        inner = b"<t:%s>%s</t:%s>" % (holder.encode(), inner, holder.encode())
    return envelope(b'<t:%s xmlns:t="%s">%s</t:%s>' % (root.encode(), types, inner, root.encode()))


def metadata(message_id: str, element_id: str = "S", sent_at: str = "2026-06-01T12:00:00.000Z") -> bytes:
    return (
        f'<t:MessageMetadata xmlns:t="{CONTRACT.types}" Id="{element_id}"><t:MessageId>{message_id}</t:MessageId>'
        "<t:MessageType>REQUEST</t:MessageType><t:Sender><t:Mnemonic>RMIS</t:Mnemonic></t:Sender>"
        f"<t:SendingTimestamp>{sent_at}</t:SendingTimestamp><t:Recipient><t:Mnemonic>FRMR</t:Mnemonic></t:Recipient>"
        "<t:Status>requestIsQueued</t:Status></t:MessageMetadata>"
    ).encode()


def response(business: bytes, *, node: SigningKey, sender: SigningKey | None, message_id: str, original: str) -> bytes:
    """A GetResponseResponse with a response: `business` stands in SenderProvidedResponseData after To."""
    types, basic = CONTRACT.types, CONTRACT.basic
    data = (
        (
            f'<t:SenderProvidedResponseData xmlns:b="{basic}" xmlns:t="{types}" Id="P">'
            f"<t:MessageID>{message_id}</t:MessageID><t:To>somebody</t:To>"
        ).encode()
        + business
        + b"</t:SenderProvidedResponseData>"
    )
    canonical = etree.tostring(etree.fromstring(data), method="c14n", exclusive=True)
    by = b""
    if sender is not None:
        signature = sign_octets(canonical, "P", sender)
        by = b"<t:SenderInformationSystemSignature>%s</t:SenderInformationSystemSignature>" % signature
    whole = b'<t:Response xmlns:t="%s" Id="S"><t:OriginalMessageId>%s</t:OriginalMessageId>%s%s%s</t:Response>' % (
        types.encode(),
        original.encode(),
        canonical,
        metadata(message_id, "M").replace(b"REQUEST", b"RESPONSE"),
        by,
    )
    canonical = etree.tostring(etree.fromstring(whole), method="c14n", exclusive=True)
    return signed("GetResponseResponse", canonical, node, "ResponseMessage")


EMPTY = envelope(b'<t:GetResponseResponse xmlns:t="%s"/>' % CONTRACT.types.encode())
ACKED = envelope(b'<t:AckResponse xmlns:t="%s"/>' % CONTRACT.types.encode())

Step = bytes | ExchangeFault | Exception | Callable[[bytes], bytes]


@dataclass
class ScriptedNode:
    """Answers calls one after another: octets as they are, a fault, what a function makes of the call, or an error
    of the network. `calls` holds what has arrived.
    """

    script: list[Step] = field(default_factory=list)
    calls: list[bytes] = field(default_factory=list)
    actions: list[str] = field(default_factory=list)
    version: str = CONTRACT.version

    def call(self, path: str, octets: bytes, action: str) -> HttpAnswer:
        assert path == f"/smev/v{self.version}/ws"
        self.calls.append(octets)
        self.actions.append(action)
        step = self.script.pop(0)
        if isinstance(step, ExchangeFault):
            return HttpAnswer(500, render(step, CONTRACTS[self.version]))
        if isinstance(step, Exception):
            raise step
        return HttpAnswer(200, step(octets) if callable(step) else step)

    def close(self) -> None:
        pass


class ManualTime:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.passed = 0.0
        self.pauses: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.passed += seconds

    def monotonic(self) -> float:
        return self.passed

    def now(self) -> datetime:
        return NOW + timedelta(seconds=self.passed)


LOST = NodeUnreachable("the connection was reset")


def client(node: ScriptedNode, time: ManualTime | None = None, attempts: int = 4) -> SmevClient:
    time, contract = time or ManualTime(), CONTRACTS[node.version]
    return SmevClient(
        description=description(contract.version),
        wire=node,
        contract=contract,
        key=key("RMIS"),
        checker=Checker(
            contract,
            TrustStore([authority().certificate]),
            frozenset({key("NODE").certificate.fingerprint}),
            SMEV,
            time.now,
        ),
        message_ids=MessageIds(time.now, lambda bits: 1),
        clock=time.now,
        pace=Pace(
            attempts=attempts,
            retry=Backoff(first=1, factor=2, longest=3),
            poll=Backoff(first=1, factor=2, longest=3),
            sleep=time.sleep,
            monotonic=time.monotonic,
            chance=lambda: 0.0,
        ),
    )
