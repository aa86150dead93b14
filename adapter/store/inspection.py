"""What operators look at: where messages stand in queues, and what queues hold. No content, and no hot path."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, case, func, select

from ...queue.model import Channel
from ...queue.schema import entries


@dataclass(frozen=True, slots=True)
class Standing:
    """A message's place in a queue. `leased_until` is None unless a reader has it, or had it and let the time pass;
    `blocked`: it waits for an earlier one of its key, or its EOL has passed.
    """

    message_id: str
    recipient: str
    channel: Channel
    node_id: str
    kind: str
    priority: int
    attempts: int
    enqueued_at: datetime
    leased_until: datetime | None
    expires_at: datetime | None
    blocked: bool


@dataclass(frozen=True, slots=True)
class SubQueue:
    """One sub-queue: how many entries wait and how many are with a reader; when the oldest was put in, and how often
    the most read one was given out.
    """

    recipient: str
    channel: Channel
    node_id: str
    waiting: int
    leased: int
    oldest: datetime
    most_attempts: int


def places_of(conn: Connection, message_id: str) -> Sequence[Standing]:
    """Where a message stands now: nowhere once it was acknowledged, in several queues if it is a broadcast."""
    return _standings(conn, entries.c.message_id == message_id, 1000)


def head(conn: Connection, recipient: str, channel: Channel, node_id: str, limit: int) -> Sequence[Standing]:
    """The first entries of a sub-queue, in the order in which they would be given out; those with readers too."""
    here = (entries.c.recipient == recipient) & (entries.c.channel == channel.value) & (entries.c.node_id == node_id)
    return _standings(conn, here, limit)


def sub_queues(conn: Connection, now: datetime, recipient: str | None = None) -> Sequence[SubQueue]:
    """All sub-queues that are not empty, or those of one recipient. Counts every entry."""
    held = case((entries.c.leased_until > now, 1), else_=0)
    place = (entries.c.recipient, entries.c.channel, entries.c.node_id)
    query = select(
        *place,
        func.count().label("total"),
        func.sum(held).label("leased"),
        func.min(entries.c.enqueued_at).label("oldest"),
        func.max(entries.c.attempts).label("attempts"),
    )
    if recipient is not None:
        query = query.where(entries.c.recipient == recipient)
    return [
        SubQueue(
            recipient=row.recipient,
            channel=Channel(row.channel),
            node_id=row.node_id,
            waiting=row.total - row.leased,
            leased=row.leased,
            oldest=row.oldest,
            most_attempts=row.attempts,
        )
        for row in conn.execute(query.group_by(*place).order_by(*place))
    ]


def _standings(conn: Connection, where: ColumnElement[bool], limit: int) -> Sequence[Standing]:
    order = (entries.c.turn, entries.c.rank, entries.c.position)
    return [
        Standing(
            message_id=row.message_id,
            recipient=row.recipient,
            channel=Channel(row.channel),
            node_id=row.node_id,
            kind=row.kind,
            priority=-row.rank,
            attempts=row.attempts,
            enqueued_at=row.enqueued_at,
            leased_until=row.leased_until,
            expires_at=row.expires_at,
            blocked=row.blocked,
        )
        for row in conn.execute(select(entries).where(where).order_by(*order).limit(limit))
    ]
