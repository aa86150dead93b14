"""End of life: requests whose EOL has passed while nobody had them leave the queue, and their senders are told."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from ...queue.model import Entry
from ...queue.store import MessageQueue
from ..dispatch.leaving import finish_broadcast
from ..dispatch.refusing import NodeVoice
from ..exchange.faults import EndOfLifeReached
from ..exchange.lifecycle import Event, MessageType, State
from ..exchange.writing import timestamp
from ..store.messages import Message, MessageLog
from .job import Batch, Progress


@dataclass(frozen=True, slots=True)
class EndOfLife:
    """Takes out up to `batch` requests at a time."""

    queue: MessageQueue
    messages: MessageLog
    voice: NodeVoice
    batch: int

    def begin(self) -> Batch:
        """A run."""
        return self._take

    def _take(self, conn: Connection, now: datetime) -> Progress:
        late = self.queue.expired(conn, now, self.batch)
        for entry in late:
            self._end(conn, entry, now)
        return Progress(len(late), len(late) == self.batch)

    def _end(self, conn: Connection, entry: Entry, now: datetime) -> None:
        message = self.messages.get(conn, entry.message_id)
        several = message.message_type is MessageType.BROADCAST
        state = self.messages.move(
            conn,
            entry.message_id,
            Event.EOL_PASSED,
            at=now,
            actor=self.voice.mnemonic,
            detail=entry.recipient if several else "",
        )
        if not several and state is not State.REQUEST_IS_REJECTED_BY_SMEV:
            return  # answered already: nothing is refused
        self._tell(conn, message, entry, now)
        if several:
            finish_broadcast(self.messages, conn, entry.message_id, now)

    def _tell(self, conn: Connection, message: Message, entry: Entry, now: datetime) -> None:
        end = timestamp(entry.expires_at or now)
        details = f"срок жизни сообщения (EOL) истёк {end}, система {entry.recipient} его не получила"
        self.voice.refuse(conn, message, EndOfLifeReached(end), details, now)
