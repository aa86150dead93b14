"""A small world for tests of the exchange: an authority, systems with keys, a clock that only the test moves."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from itertools import count
from random import Random
from typing import Any

from lxml import etree
from lxml.etree import _Element as Element
from mezhved.adapter.exchange.contract import CONTRACTS, SOAP_ENVELOPE, Contract, Operation
from mezhved.adapter.exchange.message_id import Freshness, MessageIds
from mezhved.adapter.exchange.participants import Participant
from mezhved.adapter.exchange.ports import MessageKind, SchemaError
from mezhved.adapter.exchange.roles import Role
from mezhved.adapter.exchange.writing import escape_text, timestamp
from mezhved.adapter.soap.call import Call
from mezhved.adapter.soap.limits import DEFAULT_LIMITS
from mezhved.adapter.soap.operations.context import ExchangeContext, ExchangeLimits
from mezhved.adapter.soap.xop import resolve
from mezhved.adapter.store.engine import write
from mezhved.adapter.store.messages import MessageLog
from mezhved.adapter.store.participants import CachedParticipants, ParticipantStore
from mezhved.queue.store import queue_for
from mezhved.signing.authority import Authority, Issued, create_authority
from mezhved.signing.keys import SigningKey
from mezhved.signing.policy import SMEV
from mezhved.signing.trust import TrustStore
from mezhved.signing.xmldsig import sign
from sqlalchemy import Engine

START = datetime(2026, 11, 23, 12, tzinfo=UTC)
V12 = CONTRACTS["1.2"]
ECHO = "urn://x-artefacts-mezhved/test/echo/1.0.0"
ECHO_RESPONSE = (
    f'<b:MessagePrimaryContent><e:EchoResponse xmlns:e="{ECHO}">ответ</e:EchoResponse></b:MessagePrimaryContent>'
)
"""What a provider of the echo answers, as the business part of a SendResponse."""


@dataclass
class Clock:
    """A clock that stands still until the test moves it."""

    now: datetime = START

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, **duration: float) -> None:
        """Moves the clock on by a timedelta's arguments."""
        self.now += timedelta(**duration)


@dataclass(frozen=True)
class EchoKind:
    """A kind whose request may hold anything but the text `wrong`."""

    name: str = "echo"
    request_root: str = f"{{{ECHO}}}EchoRequest"
    response_root: str = f"{{{ECHO}}}EchoResponse"
    version: str = "1.0.0"
    broadcast: bool = False

    def validate(self, content: Element) -> Sequence[SchemaError]:
        return [SchemaError(content.sourceline or 0, "EchoRequest", "слово wrong запрещено")] * (
            content.text == "wrong"
        )

    def is_valid(self, content: Element) -> bool:
        return not self.validate(content)

    def order_key(self, content: Element) -> str | None:
        return content.get("about")


@dataclass(frozen=True)
class ProviderOf:
    """Routes of everything to one system, or to nobody; of what names a value to the system of that value."""

    mnemonic: str | None
    subscribed: Sequence[str] = ()
    values: Mapping[str, str] = field(default_factory=dict)

    def provider(self, kind: MessageKind, sender: Participant) -> str | None:
        return self.mnemonic

    def of_value(self, kind: MessageKind, value: str, sender: Participant) -> str | None:
        return self.values.get(value)

    def answers(self, mnemonic: str, kind: MessageKind) -> bool:
        return mnemonic == self.mnemonic or mnemonic in self.values.values()

    def provides(self, mnemonic: str, kind: str) -> bool:
        return mnemonic in self.values.values() or mnemonic == self.mnemonic or mnemonic in self.subscribed

    def subscribers(self, kind: str) -> Sequence[str]:
        return self.subscribed


NEWER = "urn://x-artefacts-mezhved/test/echo/2.0.0"
NEWER_ECHO = EchoKind(request_root=f"{{{NEWER}}}EchoRequest", response_root=f"{{{NEWER}}}EchoResponse", version="2.0.0")
"""Another version of the echo."""
NEWS = "urn://x-artefacts-mezhved/test/news/1.0.0"
NEWS_KIND = EchoKind(name="news", request_root=f"{{{NEWS}}}News", response_root=f"{{{NEWS}}}NoAnswer", broadcast=True)
"""A kind for everybody who has subscribed to it."""


@dataclass(frozen=True)
class SomeKinds:
    """A catalogue of these kinds."""

    kinds: Sequence[MessageKind] = (EchoKind(), NEWER_ECHO, NEWS_KIND)

    def by_request(self, root: str) -> MessageKind | None:
        return next((kind for kind in self.kinds if root == kind.request_root), None)

    def by_response(self, root: str) -> MessageKind | None:
        return next((kind for kind in self.kinds if root == kind.response_root), None)


@dataclass
class World:
    """Everything a test of the exchange needs around it. Keys are P-256: quick, and there on every machine."""

    engine: Engine
    clock: Clock = field(default_factory=Clock)
    chance: Random = field(default_factory=lambda: Random(20261123))
    _serials: count = field(default_factory=lambda: count(100))

    @cached_property
    def authority(self) -> Authority:
        return create_authority(
            "p256", "CN=Test CA", valid_from=START - timedelta(days=400), valid_to=START + timedelta(days=4000)
        )

    @cached_property
    def message_ids(self) -> MessageIds:
        return MessageIds(self.clock, self.chance.getrandbits)

    @cached_property
    def node_key(self) -> SigningKey:
        return self.issue("CN=Node").signing_key()

    @cached_property
    def trust(self) -> TrustStore:
        return TrustStore(anchors=[self.authority.certificate])

    def issue(self, subject: str, authority: Authority | None = None, **times: datetime) -> Issued:
        """A certificate with its key; valid around START unless `valid_from` and `valid_to` say otherwise."""
        valid = {"valid_from": START - timedelta(days=30), "valid_to": START + timedelta(days=365)} | times
        return (authority or self.authority).issue(subject, key_type="p256", serial=next(self._serials), **valid)

    def register(self, mnemonic: str, *issued: Issued, sends: Sequence[str] = ("*",), **properties: Any) -> SigningKey:
        """A participant with these `properties` of it; returns the key that it signs with."""
        held = issued or (self.issue(f"CN={mnemonic}"),)
        participant = Participant(
            mnemonic=mnemonic,
            name=f"Тестовая система {mnemonic}",
            certificates=frozenset(one.certificate.fingerprint for one in held),
            sends=frozenset(sends),
            roles=frozenset(Role),
            **properties,
        )
        with write(self.engine) as conn:
            ParticipantStore().put(conn, participant, [one.certificate for one in held])
        return held[-1].signing_key()

    def context(self, **changes: object) -> ExchangeContext:
        """What operations work with, on this world's database and clock."""
        ids = count(1)
        parts: dict[str, object] = {
            "engine": self.engine,
            "queue": queue_for(self.engine),
            "messages": MessageLog(),
            "participants": CachedParticipants(self.engine, self.clock, timedelta(0)),
            "kinds": SomeKinds(),
            "routes": ProviderOf("FRMR"),
            "mnemonic": "MEZHVED",
            "trust": self.trust,
            "policy": SMEV,
            "key": self.node_key,
            "clock": self.clock,
            "new_id": lambda: f"ID-{next(ids)}",
            "new_message_id": self.message_ids,
            "limits": ExchangeLimits(
                lease=timedelta(minutes=15),
                timestamp_window=timedelta(minutes=10),
                freshness=Freshness(timedelta(hours=24), timedelta(minutes=5)),
                queue_limit=1000,
                attachments=5 * 1024 * 1024,
            ),
        }
        return ExchangeContext(**(parts | changes))  # type: ignore[arg-type]

    def call(self, operation: Operation, content: str, key: SigningKey | None, contract: Contract = V12) -> Call:
        """A call whose first element is `content` (prefixes t, b), signed by `key` if there is one."""
        resolved = resolve(envelope(operation, content, key, contract), most=DEFAULT_LIMITS.octets)
        root = etree.fromstring(resolved.envelope)
        return Call(contract, operation, root[-1][0], resolved.envelope, self.clock(), "127.0.0.1", resolved.contents)

    def send_request(
        self, key: SigningKey | None, *, message_id: str | None = None, contract: Contract = V12, **parts: str
    ) -> Call:
        """SendRequest of an echo; `content`, `before` and `after` replace or surround the business content."""
        content = parts.get("content", f'<e:EchoRequest xmlns:e="{ECHO}">text</e:EchoRequest>')
        data = (
            f'<t:SenderProvidedRequestData Id="SIGNED"><t:MessageID>{message_id or self.message_ids()}</t:MessageID>'
            f"{parts.get('before', '')}<b:MessagePrimaryContent>{content}</b:MessagePrimaryContent>"
            f"{parts.get('after', '')}</t:SenderProvidedRequestData>{parts.get('attachments', '')}"
        )
        return self.call(Operation.SEND_REQUEST, data, key, contract)

    def send_response(
        self,
        key: SigningKey | None,
        to: str,
        business: str = ECHO_RESPONSE,
        *,
        message_id: str | None = None,
        contract: Contract = V12,
        attachments: str = "",
    ) -> Call:
        """SendResponse to the request with this ReplyTo; `business` is what it says."""
        data = (
            f'<t:SenderProvidedResponseData Id="SIGNED"><t:MessageID>{message_id or self.message_ids()}</t:MessageID>'
            f"<t:To>{escape_text(to)}</t:To>{business}</t:SenderProvidedResponseData>{attachments}"
        )
        return self.call(Operation.SEND_RESPONSE, data, key, contract)

    def get_request(self, key: SigningKey | None, selector: str = "", **how: Any) -> Call:
        """GetRequest; see `poll`."""
        return self.poll(Operation.GET_REQUEST, key, selector, **how)

    def get_response(self, key: SigningKey | None, selector: str = "", node_id: str = "", **how: Any) -> Call:
        """GetResponse; see `poll`."""
        return self.poll(Operation.GET_RESPONSE, key, selector, node_id, **how)

    def poll(
        self,
        operation: Operation,
        key: SigningKey | None,
        selector: str = "",
        node_id: str = "",
        at: datetime | None = None,
        contract: Contract = V12,
    ) -> Call:
        """A call that fetches a message; `selector` is the XML of NamespaceURI and RootElementLocalName."""
        node = f"<b:NodeID>{node_id}</b:NodeID>" if node_id else ""
        moment = f"<b:Timestamp>{timestamp(at or self.clock())}</b:Timestamp>"
        content = f'<b:MessageTypeSelector Id="SIGNED">{selector}{moment}{node}</b:MessageTypeSelector>'
        return self.call(operation, content, key, contract)

    def get_status(self, key: SigningKey | None, at: datetime | None = None, contract: Contract = V12) -> Call:
        """GetStatus."""
        content = f'<b:Timestamp Id="SIGNED">{timestamp(at or self.clock())}</b:Timestamp>'
        return self.call(Operation.GET_STATUS, content, key, contract)

    def get_statistics(self, key: SigningKey | None, node_id: str = "", at: datetime | None = None) -> Call:
        """GetIncomingQueueStatistics, which only 1.1 has."""
        node = f"<t:NodeID>{node_id}</t:NodeID>" if node_id else ""
        content = f'{node}<b:Timestamp Id="SIGNED">{timestamp(at or self.clock())}</b:Timestamp>'
        return self.call(Operation.GET_INCOMING_QUEUE_STATISTICS, content, key, CONTRACTS["1.1"])

    def ack(self, key: SigningKey | None, message_id: str, accepted: str = "true", contract: Contract = V12) -> Call:
        """Ack of a message."""
        content = f'<b:AckTargetMessage Id="SIGNED" accepted="{accepted}">{message_id}</b:AckTargetMessage>'
        return self.call(Operation.ACK, content, key, contract)


def envelope(operation: Operation, content: str, key: SigningKey | None, contract: Contract = V12) -> bytes:
    """The octets of a call; the signature covers the element of the operation's element that bears an Id."""
    root = etree.fromstring(
        f'<S:Envelope xmlns:S="{SOAP_ENVELOPE}"><S:Body><t:{operation}Request xmlns:t="{contract.types}" '
        f'xmlns:b="{contract.basic}">{content}</t:{operation}Request></S:Body></S:Envelope>'
    )
    body = root[0][0]
    if key is not None:
        holder = etree.SubElement(body, f"{{{contract.types}}}CallerInformationSystemSignature")
        holder.append(sign(next(child for child in body if child.get("Id")), key))
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True)
