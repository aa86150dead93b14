"""Statements of the queue that are the same on every database, and the shape of those that are not.

Each is made once, when the module is loaded; its bound parameters bear their types.
"""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Executable, bindparam, delete, insert, select, text, update
from sqlalchemy.sql.expression import TextualSelect

from .columns import UtcDateTime
from .schema import bodies, entries

SWEEP = 10_000
"""Most entries whose lease has ended that one lease puts back, so that no caller waits for long."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """Statements in which the databases differ.

    `accept` inserts octets, or nothing if the id is taken. `soonest` reads the end of the lease that ends next;
    `expire` puts back what was leased and is due. `claim` takes (limit, number of kinds, 0 being any, and whether it
    is careful) and leases the head; the careful one leases nothing while something is due to be put back. `drain`
    takes the head out.
    """

    accept: Executable
    soonest: TextualSelect
    expire: Executable
    claim: Callable[[int, int, bool], TextualSelect]
    drain: TextualSelect


WAS_ACCEPTED = select(bodies.c.message_id).where(bodies.c.message_id == bindparam("message_id"))

BODY = select(bodies.c.body).where(bodies.c.message_id == bindparam("message_id"))

ENQUEUE = insert(entries).inline()

ACK = (
    # `attempts` tells what was ever given to a reader: a late Ack counts, an Ack of a message never given does not.
    delete(entries)
    .where(entries.c.message_id == bindparam("message_id"), entries.c.recipient == bindparam("recipient"))
    .where(entries.c.attempts > 0)
    .returning(entries.c.channel, entries.c.kind, entries.c.node_id, entries.c.rank)
)

RELEASE = (
    update(entries)
    .where(entries.c.message_id == bindparam("of_message"), entries.c.recipient == bindparam("of_recipient"))
    .where(entries.c.leased_until.is_not(None))
    .values(leased_until=None, turn=0)
)

FIGURES = (
    text(
        """
        SELECT recipient, channel,
               sum(CASE WHEN leased_until > :now THEN 0 ELSE 1 END) AS waiting,
               sum(CASE WHEN leased_until > :now THEN 1 ELSE 0 END) AS leased,
               min(CASE WHEN leased_until > :now THEN NULL ELSE enqueued_at END) AS oldest
        FROM queue_entries
        GROUP BY recipient, channel
        ORDER BY recipient, channel
        """
    )
    .bindparams(bindparam("now", type_=UtcDateTime()))
    .columns(oldest=UtcDateTime())
)


def returning_entries(sql: str) -> TextualSelect:
    """A statement that reads entries with their octets, its parameters and columns typed."""
    statement = text(sql)
    moments = [bindparam(name, type_=UtcDateTime()) for name in ("now", "until") if f":{name}" in sql]
    return statement.bindparams(*moments).columns(
        entries.c.position,
        entries.c.turn,
        entries.c.rank,
        entries.c.message_id,
        entries.c.kind,
        entries.c.attempts,
        entries.c.enqueued_at,
        bodies.c.body,
    )
