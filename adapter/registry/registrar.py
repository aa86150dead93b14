"""What the register answers to a request, and how the answer gets to the sender. One request at a time."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from lxml.etree import _Element as Element
from sqlalchemy import Connection

from ...queue.model import Leased
from ...signing.keys import SigningKey
from ...signing.xmldsig import ids_of
from ..dispatch.answering import answered, processing_status, rejected, response_to, write_notice, write_response
from ..dispatch.posting import PostOffice
from ..dispatch.record_answers import answered_records
from ..exchange.contract import CONTRACTS
from ..exchange.copies import record_id
from ..exchange.kept import sender_part
from ..exchange.lifecycle import Event, State
from ..exchange.observing import NOBODY, Observer, Outcome, RequestRecord, Step, StepRecord
from ..exchange.registry_records import is_registry, records_of
from ..exchange.rejection import Rejection, RejectReason
from ..store.archive import octets_of
from ..store.aside import AsideStore
from ..store.messages import Message, MessageLog
from ..store.participants import CachedParticipants
from . import audit
from .access import Denied
from .audit_note import AuditNote
from .gate import Arrived, Gate
from .kinds import Kinds
from .outcome import Answer, KindRequest, Refusal

_REMOVED = Rejection(RejectReason.ACCESS_DENIED, "SENDER_REMOVED", "", "отправитель исключён из участников обмена")
_GIVEN_UP = "запрос не удалось обработать за {attempts} попыток; обратитесь к оператору узла"


class InvalidAnswer(Exception):  # noqa: N818  named for what is wrong
    """A handler made content that its own kind's schema refuses: an error of the register, told to nobody outside."""


@dataclass(frozen=True, slots=True)
class Registrar:
    """Answers requests in the name of the register, whose `mnemonic` and `key` they are; all inside the caller's
    transaction, at the caller's time. The caller takes the request out of the queue.
    """

    mnemonic: str
    office: PostOffice
    messages: MessageLog
    participants: CachedParticipants
    kinds: Kinds
    gate: Gate
    key: SigningKey
    new_message_id: Callable[[], str]
    aside: AsideStore = field(default_factory=AsideStore)
    observer: Observer = NOBODY

    def answer(self, conn: Connection, leased: Leased, record: RequestRecord, now: datetime) -> None:
        """Answers the request, or refuses it. Raises whatever its handler raises: the caller must undo it all."""
        message = self.messages.get(conn, leased.entry.message_id)
        record.sender, record.contract = message.sender, message.contract
        if self._answered_before(conn, message, record, now):
            return
        body = leased.body or octets_of(conn, message.message_id)
        self._respond(conn, message, self._business(conn, message, body, record, now), now)
        self.messages.move(conn, message.message_id, Event.PROCESSED, at=now, actor=self.mnemonic)

    def give_up(self, conn: Connection, leased: Leased, reason: str, record: RequestRecord, now: datetime) -> None:
        """Tells the sender FAILURE, and sets the request aside for an operator, who reads the reason."""
        message = self.messages.get(conn, leased.entry.message_id)
        record.sender, record.contract, record.outcome = message.sender, message.contract, Outcome.GIVEN_UP
        if self._answered_before(conn, message, record, now):
            return
        text = _GIVEN_UP.format(attempts=leased.attempts)
        self._respond(conn, message, rejected([Rejection(RejectReason.FAILURE, "PROCESSING_FAILED", "", text)]), now)
        notice = write_notice(
            CONTRACTS[message.contract],
            processing_status(message.message_id, State.REQUEST_IS_REJECTED_BY_SMEV, text),
        )
        self.office.notify(conn, self.new_message_id(), notice, recipient=message.sender, kind=message.kind, now=now)
        self.messages.move(conn, message.message_id, Event.GIVEN_UP, at=now, actor=self.mnemonic, detail=reason)
        self.aside.put(conn, message.message_id, reason, leased.attempts, now)

    def _answered_before(self, conn: Connection, message: Message, record: RequestRecord, now: datetime) -> bool:
        """Whether the register's system has answered the request by SendResponse, as any provider may, and not
        acknowledged it. Then there is nothing left to do but that.
        """
        if message.state is not State.RESPONSE_IS_ACCEPTED_BY_SMEV:
            return False
        self.messages.move(conn, message.message_id, Event.ACKED, at=now, actor=self.mnemonic)
        record.outcome = Outcome.GONE
        return True

    def _business(
        self, conn: Connection, message: Message, octets: bytes, record: RequestRecord, now: datetime
    ) -> bytes:
        """What the register says to the request; its changes are undone if it refuses or if the message is a test."""
        sender = self.participants.by_mnemonic(message.sender)
        kind = self.kinds.by_name(message.kind)
        note = AuditNote(message, kind, now)
        record.outcome = Outcome.REFUSED
        if sender is None:
            audit.record(conn, note.denied(Denied((_REMOVED,))))
            return rejected([_REMOVED])
        arrived = Arrived(CONTRACTS[message.contract], sender_part(octets)[0], sender, message.accepted_at)
        if is_registry(arrived.contract, arrived.content):
            return self._records(conn, note, arrived, record)
        outcome = self._outcome(conn, note, arrived, message.message_id)
        match outcome:
            case Answer(content):
                record.outcome = Outcome.ANSWERED
                return answered(content)
            case Refusal(rejections):
                return rejected(rejections)

    def _records(self, conn: Connection, note: AuditNote, arrived: Arrived, record: RequestRecord) -> bytes:
        """What the register says to a registry request: each record is judged, carried out or refused by itself."""
        answers: list[tuple[int, Element | Sequence[Rejection]]] = []
        ids = ids_of(arrived.content)
        for one in records_of(arrived.contract, arrived.content):
            name = record_id(note.message.message_id, one.record_id)
            outcome = self._outcome(conn, note, replace(arrived, record=one, ids=ids), name)
            match outcome:
                case Answer(content):
                    record.outcome = Outcome.ANSWERED
                    answers.append((one.record_id, content))
                case Refusal(rejections):
                    answers.append((one.record_id, rejections))
        return answered(answered_records(arrived.contract, answers))

    def _outcome(self, conn: Connection, note: AuditNote, arrived: Arrived, name: str) -> Answer | Refusal:
        """What becomes of a request or of one record: `name` is the id by which what it makes is known."""
        message, kind = note.message, self.kinds.by_name(note.message.kind)
        granted = self.gate.admit(conn, kind.access, arrived)
        if isinstance(granted, Denied):
            audit.record(conn, note.denied(granted))
            return Refusal(granted.rejections)
        request = KindRequest(
            content=arrived.content,
            message_id=name,
            sender=arrived.sender,
            access=granted,
            received_at=message.accepted_at,
            now=note.now,
        )
        with self.observer.watch(StepRecord(Step.HANDLE)), conn.begin_nested() as changes:
            outcome = kind.handler(request, conn)
            if isinstance(outcome, Refusal) or message.test:
                changes.rollback()
        audit.record(conn, note.carried_out(granted, outcome))
        if isinstance(outcome, Answer) and (errors := kind.validate(outcome.content)):
            # Not the text: it repeats the value, which may be personal data, and this goes to the log.
            raise InvalidAnswer(f"{kind.name}: line {errors[0].line}, {errors[0].path}")
        return outcome

    def _respond(self, conn: Connection, message: Message, business: bytes, now: datetime) -> None:
        message_id, contract = self.new_message_id(), CONTRACTS[message.contract]
        octets = write_response(contract, message_id, message.reply_to or "", business, self.key)
        self.office.post(conn, response_to(message, message_id, self.mnemonic, contract, now), octets)
