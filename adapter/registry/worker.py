"""The register's worker: takes requests from the register's queue, answers them, and acknowledges them.

A request is answered in one transaction: the change of the register, the response in the sender's queue and the
acknowledgement take effect together or not at all. The acknowledgement comes first inside it, so of two workers that
hold the same request (a lease ran out under a slow one) only one can go on.
"""

import logging
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError, OperationalError

from ...queue.errors import NotLeased
from ...queue.model import Channel, Leased
from ...queue.store import MessageQueue
from ...signing.keys import SigningKey
from ..dispatch.answering import answered, processing_status, rejected, write_notice, write_response
from ..dispatch.posting import PostOffice
from ..exchange.contract import CONTRACTS
from ..exchange.kept import sender_part
from ..exchange.lifecycle import Event, MessageType, State
from ..exchange.observing import NOBODY, BatchRecord, Observer, Outcome, RequestRecord, Step, StepRecord
from ..exchange.rejection import Rejection, RejectReason
from ..store.engine import write
from ..store.messages import Message, MessageLog
from ..store.participants import CachedParticipants
from .access import Denied
from .gate import Arrived, Gate
from .kinds import Kinds
from .outcome import Answer, KindRequest, Refusal

_LOG = logging.getLogger(__name__)
_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 30.0
"""Seconds to wait after a failure of the database, doubled each time."""


class InvalidAnswer(Exception):  # noqa: N818  named for what is wrong
    """A handler made content that its own kind's schema refuses: an error of the register, told to nobody outside."""


@dataclass(frozen=True, slots=True)
class WorkerSettings:
    """How the worker works. `lease` must exceed the time a whole batch takes; `max_attempts` counts leases of one
    request, after which the sender is told FAILURE; `idle` is the pause on an empty queue, in seconds.
    """

    mnemonic: str
    lease: timedelta
    max_attempts: int
    batch: int
    idle: float


@dataclass(frozen=True, slots=True)
class Worker:
    """Processes the register's queue. Any number of workers may run on one database."""

    engine: Engine
    queue: MessageQueue
    messages: MessageLog
    participants: CachedParticipants
    kinds: Kinds
    gate: Gate
    key: SigningKey
    clock: Callable[[], datetime]
    new_message_id: Callable[[], str]
    settings: WorkerSettings
    observer: Observer = NOBODY

    @property
    def _office(self) -> PostOffice:
        return PostOffice(self.queue, self.messages)

    def run(self, stop: threading.Event) -> None:
        """Works until `stop` is set; survives failures of the database by waiting and trying again."""
        pause = _FIRST_PAUSE
        while not stop.is_set():
            try:
                found = self.run_once()
            except DBAPIError:
                _LOG.exception("the database failed; trying again in %.1f s", pause)
                stop.wait(pause)
                pause = min(pause * 2, _LONGEST_PAUSE)
                continue
            pause = _FIRST_PAUSE
            if not found:
                stop.wait(self.settings.idle)

    def run_once(self) -> int:
        """Takes one batch and answers it; returns how many requests it held."""
        batch = self.take()
        if batch:
            try:
                self.answer(batch)
            except OperationalError:
                self._give_back(batch)
                raise
            except DBAPIError:
                self._answer_alone(batch)
        return len(batch)

    def take(self) -> list[Leased]:
        """Leases the head of the register's queue: a transaction of its own, so that attempts count even if it dies."""
        with write(self.engine) as conn:
            return self.queue.lease(
                conn,
                recipient=self.settings.mnemonic,
                channel=Channel.REQUEST,
                now=self.clock(),
                lease_for=self.settings.lease,
                limit=self.settings.batch,
            )

    def answer(self, batch: Sequence[Leased]) -> None:
        """Answers leased requests in one transaction; those that have gone to another worker meanwhile are left out."""
        record = BatchRecord(len(batch))
        with self.observer.watch(record), write(self.engine) as conn:
            for leased in batch:
                request = RequestRecord(leased.entry.message_id, leased.entry.kind, leased.attempts)
                record.requests.append(request)
                with self.observer.watch(request):
                    self._process(conn, leased, request)

    def _answer_alone(self, batch: Sequence[Leased]) -> None:
        """Answers each request of a batch in a transaction of its own, after one of them made the database refuse it.

        Otherwise it would take an attempt from its neighbours each time, until all of them were given up.
        """
        for number, leased in enumerate(batch):
            try:
                self.answer([leased])
            except OperationalError:
                self._give_back(batch[number:])
                raise
            except DBAPIError:
                message_id, attempts, most = leased.entry.message_id, leased.attempts, self.settings.max_attempts
                _LOG.exception("request %s failed in the database, attempt %d of %d", message_id, attempts, most)
                self._give_back([leased])

    def _give_back(self, batch: Sequence[Leased]) -> None:
        """Ends the leases of a batch that the database failed (a deadlock, say), so that nobody waits for them to end.

        If the database is gone altogether, they end by themselves.
        """
        with suppress(DBAPIError), write(self.engine) as conn:
            for leased in batch:
                with suppress(NotLeased):
                    self.queue.release(conn, recipient=self.settings.mnemonic, message_id=leased.entry.message_id)

    def _process(self, conn: Connection, leased: Leased, record: RequestRecord) -> None:
        """Answers one request within the batch's transaction; a failure undoes this request only."""
        message_id = leased.entry.message_id
        try:
            with conn.begin_nested():
                self._answer(conn, leased, record)
        except NotLeased:
            record.outcome = Outcome.GONE
            _LOG.info("request %s went to another worker", message_id)
        except DBAPIError:
            raise  # the transaction is of no use any more: the lease ends, and the batch is taken again
        except Exception:  # noqa: BLE001  a handler's error must not stop the others: the request is tried again later
            record.outcome = Outcome.FAILED
            attempts, most = leased.attempts, self.settings.max_attempts
            _LOG.exception("request %s failed, attempt %d of %d", message_id, attempts, most)

    def _answer(self, conn: Connection, leased: Leased, record: RequestRecord) -> None:
        now = self.clock()
        message_id = leased.entry.message_id
        self.queue.ack(conn, recipient=self.settings.mnemonic, message_id=message_id, now=now)
        message = self.messages.get(conn, message_id)
        record.sender, record.contract = message.sender, message.contract
        if leased.attempts > self.settings.max_attempts:
            record.outcome = Outcome.GIVEN_UP
            self._give_up(conn, message, now)
            return
        self._respond(conn, message, self._business(conn, message, leased.body, now, record), now)
        self.messages.move(conn, message_id, Event.PROCESSED, at=now, actor=self.settings.mnemonic)

    def _business(
        self, conn: Connection, message: Message, octets: bytes, now: datetime, record: RequestRecord
    ) -> bytes:
        """What the register says to the request; its changes are undone if it refuses or if the message is a test."""
        sender = self.participants.by_mnemonic(message.sender)
        record.outcome = Outcome.REFUSED
        if sender is None:
            return rejected(
                [
                    Rejection(
                        RejectReason.ACCESS_DENIED, "SENDER_REMOVED", "", "отправитель исключён из участников обмена"
                    )
                ]
            )
        kind = self.kinds.by_name(message.kind)
        arrived = Arrived(CONTRACTS[message.contract], sender_part(octets)[0], sender, message.accepted_at)
        granted = self.gate.admit(conn, kind.access, arrived)
        if isinstance(granted, Denied):
            return rejected(granted.rejections)
        request = KindRequest(
            content=arrived.content,
            message_id=message.message_id,
            sender=sender,
            access=granted,
            received_at=message.accepted_at,
            now=now,
        )
        with self.observer.watch(StepRecord(Step.HANDLE)), conn.begin_nested() as changes:
            outcome = kind.handler(request, conn)
            if isinstance(outcome, Refusal) or message.test:
                changes.rollback()
        match outcome:
            case Answer(content):
                if errors := kind.validate(content):
                    # Not the text: it repeats the value, which may be personal data, and this goes to the log.
                    raise InvalidAnswer(f"{kind.name}: line {errors[0].line}, {errors[0].path}")
                record.outcome = Outcome.ANSWERED
                return answered(content)
            case Refusal(rejections):
                return rejected(rejections)

    def _give_up(self, conn: Connection, message: Message, now: datetime) -> None:
        text = f"запрос не удалось обработать за {self.settings.max_attempts} попыток; обратитесь к оператору узла"
        self._respond(conn, message, rejected([Rejection(RejectReason.FAILURE, "PROCESSING_FAILED", "", text)]), now)
        notice_id = self.new_message_id()
        status = processing_status(message.message_id, State.REQUEST_IS_REJECTED_BY_SMEV, text)
        body = write_notice(CONTRACTS[message.contract], status)
        self._office.notify(conn, notice_id, body, recipient=message.sender, kind=message.kind, now=now)
        self.messages.move(conn, message.message_id, Event.GIVEN_UP, at=now, actor=self.settings.mnemonic)

    def _respond(self, conn: Connection, message: Message, business: bytes, now: datetime) -> None:
        """Puts the response into the sender's queue: the sub-queue of the node that asked, if it named itself."""
        message_id = self.new_message_id()
        octets = write_response(CONTRACTS[message.contract], message_id, message.reply_to or "", business, self.key)
        response = Message(
            message_id=message_id,
            message_type=MessageType.RESPONSE,
            kind=message.kind,
            sender=self.settings.mnemonic,
            recipient=message.sender,
            contract=message.contract,
            accepted_at=now,
            state=State.RESPONSE_IS_ACCEPTED_BY_SMEV,
            original_message_id=message.message_id,
            # The first message of the chain, which may be the request itself (MR 3.5.1).
            reference_message_id=message.reference_message_id or message.message_id,
            transaction_code=message.transaction_code,
            node_id=message.node_id,
        )
        self._office.post(conn, response, octets)
