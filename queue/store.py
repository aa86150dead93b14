"""The durable message queue: leases, acknowledgement, redelivery, dedupe.

Every method works inside the caller's transaction, on the caller's connection, at the caller's time (`now`, aware):
what a message causes and its place in the queue take effect together or not at all.

Order: entries whose lease has ended come first, then entries never read, those of higher priority before others, and
otherwise in the order of acceptance; of the entries of one order key only the first accepted can be read, and the next
when it has gone. Readers that overlap never get the same entry. The cost of a call does not depend on how many entries
wait, are leased or have gone.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine
from sqlalchemy import Row as RowOf
from sqlalchemy.exc import OperationalError

from . import statements
from .errors import DuplicateMessage, NotLeased, UnknownMessage, UnsupportedDatabase
from .model import Channel, Entry, Leased, Pending, QueueFigures
from .postgresql import POSTGRESQL
from .sqlite import SQLITE
from .statements import Dialect

_LOOK_AHEAD = (100, 1_000, 10_000)
"""How many entries at the head are searched for late ones, after a first late one was met, and after another."""
_SEVERAL = "several\n"
"""What the order key of an entry begins with whose keys stand in a table of their own; no other key may."""
_MOST_COUNTED = 100_000
"""So far figures are counted where the caller names no other number."""

Row = RowOf[Any]


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

        Entries with an order key have later ones of the same recipient and key wait for the end of the transaction, so
        that their order is the one in which they were accepted, and no two are given out at a time.
        """
        entries = list(entries)
        if any(entry.order_keys for entry in entries):
            for entry in entries:
                if entry.order_keys:
                    self._enqueue_with_several(conn, entry, now)
                else:
                    self.enqueue(conn, [entry], now)
            return
        rows = [_row(entry, now) for entry in entries]
        keys = {(row["recipient"], row["order_key"]) for row in rows if row["order_key"] is not None}
        if keys:
            self._lock(conn, keys)
            of = ({"of_recipient": row["recipient"], "of_key": row["order_key"]} for row in rows)
            conn.execute(statements.ENQUEUE_IN_ORDER, [{**row, **key} for row, key in zip(rows, of, strict=True)])
        elif rows:
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
        cautious: bool = False,
    ) -> list[Leased]:
        """Gives up to `limit` entries from the head to a reader until `now + lease_for`, in order.

        Readers of one sub-queue work side by side: each passes over what others are just taking, so that what one of
        them gives up again in the middle of it comes after the entries behind it. `take_turn` first, to prevent that.

        `kinds`: only these (None: any); `node_id`: this sub-queue (None: the main one). A `cautious` reader gets an
        entry that came back from a reader without any other: it may be what killed that reader. Empty when nothing
        waits; on PostgreSQL also for the moment in which another reader is just putting ended leases back.
        """
        if kinds is not None and not kinds:
            return []
        until = now + lease_for
        place = {"recipient": recipient, "channel": channel.value, "node_id": node_id or "", "now": now}
        wanted = {f"kind_{number}": kind for number, kind in enumerate(kinds or ())}
        parameters = {**place, **wanted, "until": until, "limit": limit}
        rows = self._claim(conn, limit, len(wanted), True, parameters)
        if not rows and self._put_back(conn, place):
            rows = self._claim(conn, limit, len(wanted), False, parameters)
        if any(_late(row, now) for row in rows):
            rows = self._without_late(conn, rows, limit, len(wanted), parameters)
        if cautious and len(rows) > 1 and not rows[0].turn:
            rows = self._first_alone(conn, rows)
        return [_leased(row, recipient, channel, node_id, until) for row in rows]

    def take_turn(self, conn: Connection, *, recipient: str, channel: Channel, node_id: str | None = None) -> None:
        """Waits until no other transaction that has called this reads the sub-queue; then it is this one's turn until
        it ends. Waits two seconds at most, lest a reader that hangs stops everybody.

        Read the clock after it: then the moments of leases are in the order in which they were given.
        """
        turn = self._dialect.turn
        if turn is None:
            return
        key = f"turn\n{channel.value}\n{node_id or ''}"
        if conn.execute(turn.take, {"of_recipient": recipient, "of_key": key}).scalar():
            return
        with suppress(OperationalError), conn.begin_nested():  # too long a wait is an error, and no reason to refuse
            conn.execute(turn.wait_no_longer)
            conn.execute(turn.wait, {"of_recipient": recipient, "of_key": key})
            conn.execute(turn.wait_as_before)

    def hold(self, conn: Connection, *, recipient: str, message_ids: Sequence[str]) -> frozenset[str]:
        """Makes sure of leased entries before the work on them: until the transaction ends nobody else can take them
        out or lease them. Returns the ids of those that are still there; waits for others that hold them.
        """
        if not message_ids:
            return frozenset()
        held = conn.execute(statements.HOLD, {"recipient": recipient, "message_ids": list(message_ids)})
        return frozenset(held.scalars())

    def ack(self, conn: Connection, *, recipient: str, message_id: str) -> Entry:
        """Takes an entry that was leased out of the queue for good; a call after the end of the lease counts too.
        Raises NotLeased: unknown, of another recipient, never leased, acknowledged already.
        """
        gone = self.ack_all(conn, recipient=recipient, message_ids=[message_id])
        if not gone:
            raise NotLeased(message_id)
        return gone[0]

    def ack_all(self, conn: Connection, *, recipient: str, message_ids: Sequence[str]) -> list[Entry]:
        """Acknowledges several entries at once; returns those that were there, in no order.

        Call it late in a transaction: senders of messages with the order keys of these wait for its end.
        """
        if not message_ids:
            return []
        rows = conn.execute(statements.ACK, {"recipient": recipient, "message_ids": list(message_ids)}).all()
        return self._gone(conn, rows)

    def expired(self, conn: Connection, now: datetime, limit: int) -> list[Entry]:
        """Takes up to `limit` entries out of all queues whose EOL has passed and that nobody has, oldest EOL first."""
        found = conn.execute(self._dialect.expired(limit), {"now": now}).all()
        if not found:
            return []
        self._lock(conn, {(row.recipient, row.order_key) for row in found if row.order_key is not None})
        these = {"positions": [row.position for row in found], "now": now}
        rows = sorted(conn.execute(statements.TAKE_EXPIRED, these), key=lambda row: (row.expires_at, row.position))
        return self._gone(conn, rows)

    def drain(self, conn: Connection, *, recipient: str, channel: Channel, now: datetime) -> Leased | None:
        """Takes the head of the main queue out at once, without a lease; None when nothing waits."""
        for leased in self.lease(conn, recipient=recipient, channel=channel, now=now, lease_for=timedelta(0)):
            self.ack(conn, recipient=recipient, message_id=leased.entry.message_id)
            return leased
        return None

    def prolong(self, conn: Connection, *, recipient: str, message_id: str, until: datetime) -> None:
        """Has a lease end at `until`. Raises NotLeased."""
        place = {"of_recipient": recipient, "of_message": message_id, "until": until}
        if not conn.execute(statements.PROLONG, place).rowcount:
            raise NotLeased(message_id)

    def release(self, conn: Connection, *, recipient: str, message_id: str, again_at: datetime | None = None) -> None:
        """Ends a lease before its time: the entry is back at the head, at once or at `again_at`. Later entries of its
        order key go on waiting for it. Raises NotLeased.
        """
        place = {"of_recipient": recipient, "of_message": message_id}
        if again_at is None:
            done = conn.execute(statements.RELEASE_NOW, place)
        else:
            done = conn.execute(statements.RELEASE_LATER, {**place, "again_at": again_at})
        if not done.rowcount:
            raise NotLeased(message_id)

    def depth(self, conn: Connection, recipient: str, channel: Channel, at_most: int) -> int:
        """How many entries are in a recipient's channel, waiting or leased; counted no further than `at_most`."""
        place = {"recipient": recipient, "channel": channel.value}
        count: int = conn.execute(self._dialect.counts.depth(at_most), place).scalar_one()
        return count

    def statistics(
        self, conn: Connection, recipient: str, now: datetime, at_most: int = _MOST_COUNTED
    ) -> list[Pending]:
        """What waits for a recipient in each of its sub-queues that is not empty; each counted up to `at_most`."""
        found: Counter[tuple[str, str]] = Counter()
        for statement in self._dialect.counts.figures(at_most, True):
            for row in conn.execute(statement, {"recipient": recipient, "now": now}):
                found[row.channel, row.node_id] += row.waiting
        return [
            Pending(Channel(channel), node_id or None, min(count, at_most))
            for (channel, node_id), count in sorted(found.items())
            if count
        ]

    def figures(self, conn: Connection, now: datetime, at_most: int = _MOST_COUNTED) -> list[QueueFigures]:
        """Depth and age of every queue that is not empty, sub-queues together; each sub-queue is counted up to
        `at_most`, so that a call costs at most as much as reading so many entries of an index for each.
        """
        found: defaultdict[tuple[str, str], list[Row]] = defaultdict(list)
        for statement in self._dialect.counts.figures(at_most, False):
            for row in conn.execute(statement, {"now": now}):
                found[row.recipient, row.channel].append(row)
        return [
            QueueFigures(
                recipient,
                Channel(channel),
                sum(row.waiting for row in rows),
                sum(row.leased for row in rows),
                max((now - row.oldest for row in rows if row.waiting), default=None),
            )
            for (recipient, channel), rows in sorted(found.items())
        ]

    def _claim(
        self, conn: Connection, limit: int, kinds: int, careful: bool, parameters: Mapping[str, Any]
    ) -> list[Row]:
        # RETURNING promises no order.
        return sorted(conn.execute(self._dialect.claim(limit, kinds, careful), parameters), key=_order)

    def _without_late(
        self, conn: Connection, rows: Sequence[Row], limit: int, kinds: int, parameters: Mapping[str, Any]
    ) -> list[Row]:
        """Blocks claimed entries whose EOL has passed, and others at the head, until `expired` takes them out; claims
        others instead.
        """
        now: datetime = parameters["now"]
        on_time = [row for row in rows if not _late(row, now)]
        for ahead in _LOOK_AHEAD:
            conn.execute(statements.UNCLAIM_LATE, [{"at_position": row.position} for row in rows if _late(row, now)])
            conn.execute(self._dialect.block_late(ahead), {**parameters, "limit": ahead})
            missing = limit - len(on_time)
            rows = self._claim(conn, missing, kinds, False, {**parameters, "limit": missing})
            on_time += [row for row in rows if not _late(row, now)]
            if len(on_time) == limit or not any(_late(row, now) for row in rows):
                return on_time
        conn.execute(statements.UNCLAIM_LATE, [{"at_position": row.position} for row in rows if _late(row, now)])
        return on_time

    def _first_alone(self, conn: Connection, rows: Sequence[Row]) -> list[Row]:
        conn.execute(statements.UNCLAIM, [{"at_position": row.position} for row in rows[1:]])
        return [rows[0]]

    def _put_back(self, conn: Connection, place: Mapping[str, Any]) -> bool:
        """Puts back the entries of a sub-queue whose lease has ended; whether there were any."""
        soonest = conn.execute(self._dialect.soonest, place).scalar()
        if soonest is None or soonest > place["now"]:
            return False
        return conn.execute(self._dialect.expire, place).rowcount > 0

    def _gone(self, conn: Connection, rows: Sequence[Row]) -> list[Entry]:
        """What has just left the queue; the next of its order keys may be given out."""
        keys = {(row.recipient, row.order_key) for row in rows if row.order_key is not None}
        several = [row.position for row in rows if row.order_key is not None and row.order_key.startswith(_SEVERAL)]
        if several:
            keys |= {
                (row.recipient, row.order_key) for row in conn.execute(statements.TAKE_KEYS, {"positions": several})
            }
        if keys:
            self._lock(conn, keys)
            conn.execute(statements.UNBLOCK, _parameters(keys))
            self._unblock_several(conn, keys)
        return [_entry(row) for row in rows]

    def _enqueue_with_several(self, conn: Connection, entry: Entry, now: datetime) -> None:
        """Puts in an entry that must keep its place for several keys."""
        self._lock(conn, {(entry.recipient, key) for key in entry.order_keys})
        row = {**_row(entry, now), "order_key": _SEVERAL + entry.message_id, "blocked": True}
        position = conn.execute(statements.ENQUEUE_ALONE, row).scalar_one()
        conn.execute(
            statements.ADD_KEYS,
            [
                {"recipient": entry.recipient, "order_key": key, "position": position}
                for key in sorted(entry.order_keys)
            ],
        )
        conn.execute(statements.UNBLOCK_SEVERAL, {"positions": [position]})

    def _unblock_several(self, conn: Connection, keys: Collection[tuple[str, str]]) -> None:
        """Has entries with several keys given out that waited for the last of what has gone."""
        first: set[int] = {
            position
            for place in _parameters(keys)
            if (position := conn.execute(statements.FIRST_WITH_SEVERAL, place).scalar()) is not None
        }
        if first and (waiting := list(conn.execute(statements.WAITING, {"positions": sorted(first)}).scalars())):
            conn.execute(statements.UNBLOCK_SEVERAL, {"positions": waiting})

    def _lock(self, conn: Connection, keys: Collection[tuple[str, str]]) -> None:
        if keys and self._dialect.lock_keys is not None:
            recipients, names = zip(*keys, strict=True)
            conn.execute(self._dialect.lock_keys, {"recipients": list(recipients), "keys": list(names)})


def _parameters(keys: Collection[tuple[str, str]]) -> list[dict[str, str]]:
    # Always in the same order: two transactions that lock the same keys must not wait for each other.
    return [{"of_recipient": recipient, "of_key": key} for recipient, key in sorted(keys)]


def _row(entry: Entry, now: datetime) -> dict[str, Any]:
    return {
        "recipient": entry.recipient,
        "channel": entry.channel.value,
        "node_id": entry.node_id or "",
        "kind": entry.kind,
        "message_id": entry.message_id,
        "turn": 1,
        "rank": -entry.priority,
        "attempts": 0,
        "enqueued_at": now,
        "order_key": entry.order_key,
        "expires_at": entry.expires_at,
    }


def _order(row: Row) -> tuple[int, int, int]:
    return row.turn, row.rank, row.position


def _late(row: Row, now: datetime) -> bool:
    return row.expires_at is not None and row.expires_at <= now


def _key(row: Row) -> str | None:
    """The entry's only order key."""
    key: str | None = row.order_key
    return None if key is None or key.startswith(_SEVERAL) else key


def _entry(row: Row) -> Entry:
    return Entry(
        message_id=row.message_id,
        recipient=row.recipient,
        channel=Channel(row.channel),
        kind=row.kind,
        node_id=row.node_id or None,
        priority=-row.rank,
        order_key=_key(row),
        expires_at=row.expires_at,
    )


def _leased(row: Row, recipient: str, channel: Channel, node_id: str | None, until: datetime) -> Leased:
    entry = Entry(
        message_id=row.message_id,
        recipient=recipient,
        channel=channel,
        kind=row.kind,
        node_id=node_id or None,
        priority=-row.rank,
        order_key=_key(row),
        expires_at=row.expires_at,
    )
    return Leased(entry, row.body, row.attempts, row.enqueued_at, until)
