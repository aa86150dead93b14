"""The durable message queue: leases, acknowledgement, redelivery, dedupe.

Every method works inside the caller's transaction, on the caller's connection, at the caller's time (`now`, aware):
what a message causes and its place in the queue take effect together or not at all.

Order: entries whose lease has ended come first, then entries never read, those of higher priority before others, and
otherwise in the order of acceptance. Readers that overlap never get the same entry. The cost of a call does not depend
on how many entries wait, are leased or have gone.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, Row

from . import statements
from .errors import DuplicateMessage, NotLeased, UnknownMessage, UnsupportedDatabase
from .model import Channel, Entry, Leased, QueueFigures
from .postgresql import POSTGRESQL
from .sqlite import SQLITE
from .statements import Dialect


def queue_for(engine: Engine) -> "MessageQueue":
    """The queue in the database of `engine`; raises UnsupportedDatabase."""
    match engine.dialect.name:
        case "sqlite":
            return MessageQueue(SQLITE)
        case "postgresql":
            return MessageQueue(POSTGRESQL)
        case name:
            raise UnsupportedDatabase(name)


class MessageQueue:
    """Queues of all recipients; holds no state of its own and may be shared by threads."""

    def __init__(self, dialect: Dialect) -> None:
        """`queue_for` knows the dialect."""
        self._dialect = dialect

    def accept(self, conn: Connection, message_id: str, body: bytes, now: datetime) -> None:
        """Keeps the octets of a message for ever. Raises DuplicateMessage if the id was ever accepted; the transaction
        stays usable then. Waits while another transaction is accepting the same id.
        """
        accepted = conn.execute(self._dialect.accept, {"message_id": message_id, "accepted_at": now, "body": body})
        if not accepted.rowcount:
            raise DuplicateMessage(message_id)

    def was_accepted(self, conn: Connection, message_id: str) -> bool:
        """Whether the id was ever accepted."""
        return conn.execute(statements.WAS_ACCEPTED, {"message_id": message_id}).first() is not None

    def body(self, conn: Connection, message_id: str) -> bytes:
        """The octets of an accepted message, acknowledged or not; raises UnknownMessage."""
        row = conn.execute(statements.BODY, {"message_id": message_id}).first()
        if row is None:
            raise UnknownMessage(message_id)
        return bytes(row.body)

    def enqueue(self, conn: Connection, entries: Iterable[Entry], now: datetime) -> None:
        """Puts accepted messages into their recipients' queues, in this order. A message can stand only once in a
        recipient's queue, and only after it was accepted: otherwise sqlalchemy.exc.IntegrityError.
        """
        rows = [
            {
                "recipient": entry.recipient,
                "channel": entry.channel.value,
                "node_id": entry.node_id or "",
                "kind": entry.kind,
                "message_id": entry.message_id,
                "turn": 1,
                "rank": -entry.priority,
                "attempts": 0,
                "enqueued_at": now,
            }
            for entry in entries
        ]
        if rows:
            conn.execute(statements.ENQUEUE, rows if len(rows) > 1 else rows[0])

    def lease(
        self,
        conn: Connection,
        *,
        recipient: str,
        channel: Channel,
        now: datetime,
        lease_for: timedelta,
        kinds: Collection[str] | None = None,
        node_id: str | None = None,
        limit: int = 1,
    ) -> list[Leased]:
        """Gives up to `limit` entries from the head to a reader until `now + lease_for`, in order.

        `kinds`: only these (None: any); `node_id`: this sub-queue (None: the main one). Empty when nothing waits; on
        PostgreSQL also for the moment in which another reader is just putting ended leases back.
        """
        if kinds is not None and not kinds:
            return []
        until = now + lease_for
        place = {"recipient": recipient, "channel": channel.value, "node_id": node_id or "", "now": now}
        wanted = {f"kind_{number}": kind for number, kind in enumerate(kinds or ())}
        parameters = {**place, **wanted, "until": until, "limit": limit}
        rows = conn.execute(self._dialect.claim(limit, len(wanted), True), parameters).all()
        if not rows and self._put_back(conn, place):
            rows = conn.execute(self._dialect.claim(limit, len(wanted), False), parameters).all()
        return [_leased(row, recipient, channel, node_id, until) for row in sorted(rows, key=_order)]

    def ack(self, conn: Connection, *, recipient: str, message_id: str, now: datetime) -> Entry:  # noqa: ARG002
        """Takes an entry that was leased out of the queue for good; a call after the end of the lease counts too.
        Raises NotLeased: unknown, of another recipient, never leased, acknowledged already.
        """
        row = conn.execute(statements.ACK, {"recipient": recipient, "message_id": message_id}).first()
        if row is None:
            raise NotLeased(message_id)
        return Entry(message_id, recipient, Channel(row.channel), row.kind, row.node_id or None, -row.rank)

    def drain(self, conn: Connection, *, recipient: str, channel: Channel, now: datetime) -> Leased | None:
        """Takes the head of the main queue out at once, without a lease; None when nothing waits."""
        place = {"recipient": recipient, "channel": channel.value, "node_id": "", "now": now}
        self._put_back(conn, place)
        row = conn.execute(self._dialect.drain, {**place, "limit": 1}).first()
        return None if row is None else _leased(row, recipient, channel, None, now)

    def release(self, conn: Connection, *, recipient: str, message_id: str) -> None:
        """Ends a lease before its time: the entry is back at the head. Raises NotLeased."""
        done = conn.execute(statements.RELEASE, {"of_recipient": recipient, "of_message": message_id})
        if not done.rowcount:
            raise NotLeased(message_id)

    def figures(self, conn: Connection, now: datetime) -> list[QueueFigures]:
        """Depth and age of every queue that is not empty. Counts every entry: for operators, not for every call."""
        return [
            QueueFigures(
                row.recipient,
                Channel(row.channel),
                row.waiting,
                row.leased,
                None if row.oldest is None else now - row.oldest,
            )
            for row in conn.execute(statements.FIGURES, {"now": now})
        ]

    def _put_back(self, conn: Connection, place: Mapping[str, Any]) -> bool:
        """Puts back the entries of a sub-queue whose lease has ended; whether there were any."""
        soonest = conn.execute(self._dialect.soonest, place).scalar()
        if soonest is None or soonest > place["now"]:
            return False
        return conn.execute(self._dialect.expire, place).rowcount > 0


def _order(row: Row[Any]) -> tuple[int, int, int]:
    # RETURNING promises no order.
    return row.turn, row.rank, row.position


def _leased(row: Row[Any], recipient: str, channel: Channel, node_id: str | None, until: datetime) -> Leased:
    entry = Entry(row.message_id, recipient, channel, row.kind, node_id or None, -row.rank)
    return Leased(entry, row.body, row.attempts, row.enqueued_at, until)
