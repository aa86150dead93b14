"""A queue in use: short calls with the arguments that do not matter left out, each in a transaction of its own."""

import itertools
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from mezhved.adapter.store.engine import read, write
from mezhved.queue.model import Channel, Entry, Leased, QueueFigures
from mezhved.queue.store import MessageQueue, queue_for
from sqlalchemy import Connection, Engine

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
LEASE = timedelta(minutes=15)


class _UndoneError(Exception):
    pass


@contextmanager
def undone(engine: Engine) -> Iterator[Connection]:
    """A transaction that is rolled back at its end, as if the process had failed there."""
    with suppress(_UndoneError), write(engine) as conn:
        yield conn
        raise _UndoneError


@dataclass
class UsedQueue:
    """The queue of one engine, with a clock that stands until it is moved."""

    engine: Engine
    now: datetime = NOON
    queue: MessageQueue = field(init=False)
    _numbers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    def __post_init__(self) -> None:
        self.queue = queue_for(self.engine)

    def pass_time(self, **duration: float) -> None:
        """Moves the clock."""
        self.now += timedelta(**duration)

    def put(
        self,
        recipient: str = "FRMR",
        channel: Channel = Channel.REQUEST,
        *,
        kind: str = "worker_card",
        node_id: str | None = None,
        priority: int = 0,
        order_key: str | None = None,
        expires_at: datetime | None = None,
        order_keys: Iterable[str] = (),
    ) -> str:
        """Accepts and enqueues one message; returns its id."""
        entry = Entry("", recipient, channel, kind, node_id, priority, order_key, expires_at, frozenset(order_keys))
        return self.put_all([entry])[0]

    def put_many(self, count: int, recipient: str = "FRMR") -> list[str]:
        """Accepts and enqueues messages in one transaction; returns their ids in order."""
        return self.put_all([Entry("", recipient, Channel.REQUEST, "worker_card", None)] * count)

    def put_all(self, entries: list[Entry]) -> list[str]:
        """Accepts and enqueues entries, each with a new id."""
        named = [replace(entry, message_id=f"message-{next(self._numbers):08}") for entry in entries]
        with write(self.engine) as conn:
            for entry in named:
                self.queue.accept(conn, entry.message_id, entry.message_id.encode(), self.now)
            self.queue.enqueue(conn, named, self.now)
        return [entry.message_id for entry in named]

    def lease(
        self,
        recipient: str = "FRMR",
        channel: Channel = Channel.REQUEST,
        *,
        kinds: list[str] | None = None,
        node_id: str | None = None,
        limit: int = 1,
        lease_for: timedelta = LEASE,
        cautious: bool = False,
        in_turn: bool = False,
    ) -> list[Leased]:
        """Leases from the head."""
        with write(self.engine) as conn:
            if in_turn:
                self.queue.take_turn(conn, recipient=recipient, channel=channel, node_id=node_id)
            return self.queue.lease(
                conn,
                recipient=recipient,
                channel=channel,
                now=self.now,
                lease_for=lease_for,
                kinds=kinds,
                node_id=node_id,
                limit=limit,
                cautious=cautious,
            )

    def ids(self, recipient: str = "FRMR", limit: int = 1, **arguments: object) -> list[str]:
        """Leases from the head; returns the ids."""
        return [leased.entry.message_id for leased in self.lease(recipient, limit=limit, **arguments)]  # type: ignore[arg-type]

    def ack(self, message_id: str, recipient: str = "FRMR") -> Entry:
        """Acknowledges."""
        with write(self.engine) as conn:
            return self.queue.ack(conn, recipient=recipient, message_id=message_id)

    def release(self, message_id: str, again_at: datetime | None = None) -> None:
        """Ends a lease of the register."""
        with write(self.engine) as conn:
            self.queue.release(conn, recipient="FRMR", message_id=message_id, again_at=again_at)

    def expired(self, limit: int = 100) -> list[str]:
        """Takes out what is too late; returns the ids."""
        with write(self.engine) as conn:
            return [entry.message_id for entry in self.queue.expired(conn, self.now, limit)]

    def figures(self) -> list[QueueFigures]:
        """Figures of all queues."""
        with read(self.engine) as conn:
            return self.queue.figures(conn, self.now)
