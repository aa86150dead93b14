"""The words of the queue: what is put in, what comes out."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class Channel(StrEnum):
    """The queues that every recipient has, apart from each other."""

    REQUEST = "REQUEST"
    RESPONSE = "RESPONSE"
    STATUS = "STATUS"


@dataclass(frozen=True, slots=True)
class Entry:
    """A message in one recipient's queue. A broadcast is one message with an entry for each recipient.

    `node_id` names the recipient's sub-queue; an entry with one is read only by a lease that names it, an entry
    without one only by a lease that names none. The empty string is the same as none. Of two entries never read, the
    one of higher `priority` comes first; within a priority the one accepted first.

    Of one recipient's entries with the same `order_key` only the first accepted is given out, and the next one when it
    has left the queue: whatever their priorities, and also if the first is to be tried again. An entry with several
    keys is put in with `order_keys` instead, and given out when it is the first of them all. After `expires_at` (EOL)
    an entry that nobody has is not given out any more.
    """

    message_id: str
    recipient: str
    channel: Channel
    kind: str
    node_id: str | None
    priority: int = 0
    order_key: str | None = None
    expires_at: datetime | None = None
    order_keys: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Leased:
    """An entry given to a reader, with the octets of its message.

    `attempts` counts the leases of this entry, this one included. After `leased_until` anybody reading the queue gets
    the entry again; for an entry read by `drain` it is the moment of reading, since it has left the queue.
    """

    entry: Entry
    body: bytes
    attempts: int
    enqueued_at: datetime
    leased_until: datetime


@dataclass(frozen=True, slots=True)
class QueueFigures:
    """State of one recipient's channel, all sub-queues together.

    `leased` is with a reader, `waiting` is all the rest: never read, its lease has ended, or behind another of its key;
    `oldest_age` is the age of the oldest of these since it was put in, None when nothing waits. Neither is counted
    further than the caller wished.
    """

    recipient: str
    channel: Channel
    waiting: int
    leased: int
    oldest_age: timedelta | None


@dataclass(frozen=True, slots=True)
class Pending:
    """How many entries of a sub-queue (None: the main one) no reader has now; counted only so far as was wished."""

    channel: Channel
    node_id: str | None
    count: int
