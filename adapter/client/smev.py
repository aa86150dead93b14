"""The other side of the wire: a client of any SMEV 3 node, for integrators, the command line and the tests."""

import random
import secrets
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Self, TypeVar

from lxml.etree import QName
from lxml.etree import _Element as Element

from ...signing.certificates import Certificate
from ...signing.keys import SigningKey
from ...signing.policy import SMEV, SignaturePolicy
from ...signing.trust import TrustStore
from ..exchange.contract import CONTRACTS, Contract, Operation
from ..exchange.faults import Advice, ExchangeFault, Fault, MessageIsAlreadySent, TargetMessageIsNotFound
from ..exchange.message_id import MessageIds
from ..exchange.times import utc_now
from ..exchange.writing import new_element_id
from .answers import Accepted, Notice, QueueStatistics, Request, Response
from .batching import add_routing, detached, registry_of
from .building import (
    Answer,
    OutgoingFile,
    Prepared,
    attached,
    beside,
    checked_message_id,
    said,
    signed_octets,
)
from .checking import Checker
from .description import OMITTED, ServiceDescription, service_path
from .errors import AnswerNotTrusted, ContentUnusable, NodeUnreachable
from .packages import unpacked
from .reading import answered, read_metadata, read_notice, read_request, read_response, read_statistics
from .retrying import Backoff
from .storing import SentFile
from .transport import NodeTransport, Wire

_Message = TypeVar("_Message")
_LARGEST_ANSWER = 32 * 1024 * 1024
"""Bytes: several times what a message without a file store may hold."""


@dataclass(frozen=True, slots=True)
class Selector:
    """Which messages to fetch: those of one kind (Clark name of its root), of one sub-queue, or any."""

    root: str | None = None
    node_id: str | None = None


ANY = Selector()


@dataclass(frozen=True, slots=True)
class Pace:
    """How patient the client is. `attempts` counts tries of one call; `retry` are the pauses between them, `poll` those
    between looks into an empty queue. Clock, sleep and chance are passed in so that tests need not wait.
    """

    attempts: int = 5
    retry: Backoff = field(default_factory=Backoff)
    poll: Backoff = field(default_factory=lambda: Backoff(first=0.2, factor=1.5, longest=5.0))
    sleep: Callable[[float], None] = time.sleep
    monotonic: Callable[[], float] = time.monotonic
    chance: Callable[[], float] = random.random


@dataclass(frozen=True, slots=True)
class _Answer:
    """An answer, not verified yet: its element in soap:Body, its octets, and the contents of its attachments."""

    body: Element
    octets: bytes
    contents: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True)
class SmevClient:
    """Sends signed requests and answers, fetches requests, responses and notices, and acknowledges them.

    Nothing is returned before the node's signature, made by one of its certificates, was verified, and the sender's as
    well where there is one (a message from another version of the contract has none; statistics are not signed at all).
    A call is repeated only where repeating is safe and the answer allows it: after a lost answer
    the same octets go out again, and "already sent" then means that the first ones arrived.

    Errors: `exchange.faults.Fault` (the node's refusal; `advice` says what to do), and the family of
    `client.errors.ClientFailure`.
    """

    description: ServiceDescription
    wire: Wire
    contract: Contract
    key: SigningKey
    checker: Checker
    message_ids: Callable[[], str]
    policy: SignaturePolicy = SMEV
    clock: Callable[[], datetime] = utc_now
    pace: Pace = field(default_factory=Pace)

    @classmethod
    def connect(
        cls,
        url: str,
        *,
        key: SigningKey,
        trust: TrustStore,
        node_certificates: Iterable[Certificate],
        contract: str = "1.2",
        timeout: float = 30,
        clock: Callable[[], datetime] = utc_now,
        pace: Pace | None = None,
    ) -> Self:
        """A client of the node at `url` (without the path of a contract version), by the description it serves."""
        version = CONTRACTS[contract]
        transport = NodeTransport(url, timeout=timeout, most=_LARGEST_ANSWER)
        with ExitStack() as failed:
            failed.callback(transport.close)
            description = ServiceDescription(version, service_path(version), transport)
            failed.pop_all()
        return cls(
            description=description,
            wire=transport,
            contract=version,
            key=key,
            checker=Checker(version, trust, frozenset(one.fingerprint for one in node_certificates), SMEV, clock),
            message_ids=MessageIds(clock, secrets.randbits),
            clock=clock,
            pace=pace or Pace(),
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Closes the connections to the node."""
        self.wire.close()

    def prepare(
        self,
        content: Element | Sequence[Element],
        *,
        message_id: str | None = None,
        node_id: str | None = None,
        reference: str | None = None,
        transaction_code: str | None = None,
        end_of_life: datetime | None = None,
        test: bool = False,
        personal: SigningKey | None = None,
        attachments: Sequence[OutgoingFile] = (),
        files: Sequence[SentFile] = (),
        to: Sequence[str] = (),
        route: Sequence[str] = (),
    ) -> Prepared:
        """A signed request with `content`, to be sent now, later, or again.

        Several contents make a registry request with a record for each, numbered from 1 (contract 1.3). `to` are
        mnemonics of systems that shall have it, `route` values that the node's operator has assigned to systems (1.3).

        Keep it until `send` has returned: then a crash between sending and hearing the answer cannot double it.
        `node_id` names the sub-queue for its response; `test` marks a message that must never change data. `personal`
        is the key of an official, who signs the content itself, as legally significant updates demand; and the
        `attachments`, which the system signs otherwise. `files` are in the store already (`FileStoreClient.upload`).
        Raises ContentUnusable.
        """
        message_id = self.message_ids() if message_id is None else checked_message_id(message_id)
        headers, contents = attached(attachments, personal or self.key, self.clock())
        if not isinstance(content, Element):
            content = self._registry(content)
        data: dict[str, Any] = {
            "MessageID": message_id,
            "ReferenceMessageID": reference,
            "TransactionCode": transaction_code,
            "NodeID": node_id,
            "EOL": end_of_life,
            "MessagePrimaryContent": {"_value_1": detached(content)},
            "Id": new_element_id(),
            **headers,
            **beside(files),
        }
        if test:
            data["TestMessage"] = {}
        given = {name: value for name, value in data.items() if value is not None}
        named = {"Dynamic": route, "Identifier": to}
        return self._prepared(
            Operation.SEND_REQUEST, message_id, personal, named, SenderProvidedRequestData=given, **contents
        )

    def prepare_response(
        self,
        reply_to: str,
        answer: Answer,
        *,
        message_id: str | None = None,
        attachments: Sequence[OutgoingFile] = (),
        files: Sequence[SentFile] = (),
    ) -> Prepared:
        """A signed answer to the request that bears `reply_to`, to be sent now, later, or again.

        `answer` is content, to which there may be `attachments` and `files` of the store, or refusals, or an interim
        status. Raises ContentUnusable.
        """
        message_id = self.message_ids() if message_id is None else checked_message_id(message_id)
        headers, contents = attached(attachments, self.key, self.clock())
        data = {"MessageID": message_id, "To": reply_to, **said(answer), **headers, **beside(files)}
        data["Id"] = new_element_id()
        return self._prepared(Operation.SEND_RESPONSE, message_id, SenderProvidedResponseData=data, **contents)

    def send(self, message: Prepared | Element, *, sent_before: bool = False) -> Accepted:
        """Sends a message until the node has it; content is sent in a request.

        `sent_before` says that these octets went out earlier and what became of them is not known: "already sent" is
        then the good news that they arrived. Without it, and at the first attempt, it is the fault of a MessageID that
        was used twice.
        """
        prepared = message if isinstance(message, Prepared) else self.prepare(message)
        answer = self._answer(lambda: prepared, done=MessageIsAlreadySent, sent_before=sent_before)
        if answer is None:
            return Accepted(prepared.message_id, None, again=True)
        metadata = read_metadata(self.description, self.checker.check(answer.body).signed)
        if metadata.message_id != prepared.message_id:
            raise AnswerNotTrusted(f"the node speaks of message {metadata.message_id} instead of {prepared.message_id}")
        return Accepted(metadata.message_id, metadata)

    def send_response(self, reply_to: str, answer: Answer) -> Accepted:
        """Answers the request that bears `reply_to`; see `prepare_response` and `send`."""
        return self.send(self.prepare_response(reply_to, answer))

    def get_request(self, selector: Selector = ANY) -> Request | None:
        """The next request to this provider, or None. It returns to the queue after the lease unless acknowledged."""
        answer = self._asked(lambda: self._selecting(Operation.GET_REQUEST, selector))
        if answer is None:
            return None
        checked = self.checker.check(answer.body, answer.contents)
        return read_request(self.contract, self.description, checked, answer.octets)

    def get_response(self, selector: Selector = ANY) -> Response | None:
        """The next response of the queue, or None. It returns to the queue after the lease unless acknowledged."""
        answer = self._asked(lambda: self._selecting(Operation.GET_RESPONSE, selector))
        if answer is None:
            return None
        checked = self.checker.check(answer.body, answer.contents)
        return read_response(self.contract, self.description, checked, answer.octets)

    def wait_for_response(self, within: timedelta, selector: Selector = ANY) -> Response | None:
        """Polls with growing pauses until a response comes, or None when `within` has passed."""
        return self._waited(lambda: self.get_response(selector), within)

    def wait_for_request(self, within: timedelta, selector: Selector = ANY) -> Request | None:
        """Polls with growing pauses until a request comes, or None when `within` has passed."""
        return self._waited(lambda: self.get_request(selector), within)

    def get_status(self) -> Notice | None:
        """The next notice about an earlier message, or None. Reading takes it out of the queue."""
        answer = self._asked(lambda: self._timed(Operation.GET_STATUS))
        return None if answer is None else read_notice(self.description, self.checker.check(answer.body).signed)

    def get_statistics(self, node_id: str | None = None) -> tuple[QueueStatistics, ...]:
        """How many messages wait in each queue of this system, or of its sub-queue `node_id`. The node does not sign
        this answer. Raises ContentUnusable where the contract is not 1.1, the only one with this operation."""
        operation = Operation.GET_INCOMING_QUEUE_STATISTICS
        if self.contract.version != "1.1":
            raise ContentUnusable(f"contract {self.contract.version} has no {operation}; 1.1 has")
        fields = {} if node_id is None else {"NodeID": node_id}
        answer = self._asked(lambda: self._timed(operation, **fields))
        return () if answer is None else read_statistics(self.description, answer.body)

    def ack(self, message_id: str, *, accepted: bool = True) -> None:
        """Acknowledges a fetched message: it leaves the queue. `accepted=False` says that it could not be used.

        Raises TargetMessageIsNotFound if it is not waiting for that, unless an earlier attempt may have done it.
        """
        target = {"_value_1": message_id, "accepted": accepted, "Id": new_element_id()}
        prepared = self._prepared(Operation.ACK, message_id, AckTargetMessage=target)
        self._answer(lambda: prepared, done=TargetMessageIsNotFound)

    def _registry(self, contents: Sequence[Element]) -> Element:
        if self.contract.version != "1.3":
            raise ContentUnusable(f"contract {self.contract.version} has no registry requests; 1.3 has")
        return registry_of(contents)

    def _waited(self, get: Callable[[], _Message | None], within: timedelta) -> _Message | None:
        deadline = self.pace.monotonic() + within.total_seconds()
        pauses = self.pace.poll.pauses(self.pace.chance)
        while (message := get()) is None:
            left = deadline - self.pace.monotonic()
            if left <= 0:
                return None
            self.pace.sleep(min(next(pauses), left))
        return message

    def _selecting(self, operation: Operation, selector: Selector) -> Prepared:
        """A GetRequest or GetResponse of this moment: its signed time must be fresh at every attempt."""
        root = None if selector.root is None else QName(selector.root)
        fields: dict[str, Any] = {
            "NamespaceURI": OMITTED if root is None else root.namespace,
            "RootElementLocalName": OMITTED if root is None else root.localname,
            "Timestamp": self._now(),
            "Id": new_element_id(),
        }
        if selector.node_id is not None:
            fields["NodeID"] = selector.node_id
        return self._prepared(operation, "", MessageTypeSelector=fields)

    def _timed(self, operation: Operation, **fields: Any) -> Prepared:
        """A call that signs nothing but the moment, which must be fresh at every attempt."""
        return self._prepared(operation, "", **fields, Timestamp={"_value_1": self._now(), "Id": new_element_id()})

    def _prepared(
        self,
        operation: Operation,
        message_id: str,
        personal: SigningKey | None = None,
        named: Mapping[str, Sequence[str]] | None = None,
        **fields: Any,
    ) -> Prepared:
        envelope = self.description.build(operation, **fields)
        if named and any(named.values()):
            add_routing(self.contract, envelope[-1][0], message_id, named)
        octets = signed_octets(self.contract, envelope, self.key, self.policy, personal)
        return Prepared(operation, octets, message_id)

    def _asked(self, make: Callable[[], Prepared]) -> "_Answer | None":
        """The answer of a call that fetches; None where the queue is empty (an answer with nothing in it)."""
        answer = self._answer(make)
        return None if answer is None or next(answer.body.iterchildren("*"), None) is None else answer

    def _answer(
        self, make: Callable[[], Prepared], *, done: type[ExchangeFault] | None = None, sent_before: bool = False
    ) -> "_Answer | None":
        """The answer of a call, tried again while nothing comes back or the node itself asks for it.

        `make` gives the call anew for each attempt. None: after an attempt whose outcome is not known the node answers
        with the fault `done`, so that attempt was the one that took effect.
        """
        pauses = self.pace.retry.pauses(self.pace.chance)
        attempt = 0
        while True:
            attempt += 1
            call = make()
            try:
                answer = self.wire.call(service_path(self.contract), call.octets, f"urn:{call.operation}")
                octets, contents = unpacked(answer, _LARGEST_ANSWER)
                return _Answer(answered(self.contract, call.operation, answer.status, octets), octets, contents)
            except NodeUnreachable:
                if attempt >= self.pace.attempts:
                    raise
            except Fault as fault:
                if done is not None and isinstance(fault, done) and (sent_before or attempt > 1):
                    return None
                if fault.advice is not Advice.RETRY or attempt >= self.pace.attempts:
                    raise
            self.pace.sleep(next(pauses))

    def _now(self) -> datetime:
        """The moment to be signed, with milliseconds: what participants' tools keep."""
        now = self.clock()
        return now.replace(microsecond=now.microsecond // 1000 * 1000)
