"""Statements of the queue that are the same on every database, and the shape of those that are not.

Each is made once, when the module is loaded; its bound parameters bear their types.
"""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import (
    ColumnElement,
    Executable,
    TextClause,
    bindparam,
    delete,
    false,
    func,
    insert,
    or_,
    select,
    text,
    true,
    update,
)
from sqlalchemy.sql.expression import TextualSelect

from .columns import UtcDateTime
from .counting import Counts
from .schema import bodies, entries, entry_keys

SWEEP = 10_000
"""Most entries whose lease has ended that one lease puts back, so that no caller waits for long."""


@dataclass(frozen=True, slots=True)
class Turn:
    """How a reader gets its turn in a sub-queue until the transaction ends.

    `take` tells whether it has it at once; else `wait` waits for the same lock, between `wait_no_longer` and
    `wait_as_before`.
    """

    take: Executable
    wait: Executable
    wait_no_longer: Executable
    wait_as_before: Executable


@dataclass(frozen=True, slots=True)
class Dialect:
    """Statements in which the databases differ.

    `accept` inserts octets, or nothing if the id is taken. `soonest` reads the end of the lease that ends next;
    `expire` puts back what was leased and is due. `claim` takes (limit, number of kinds, 0 being any, and whether it
    is careful) and leases the head; the careful one leases nothing while something is due to be put back. `block_late`
    takes how many entries of the head to look at, and blocks those whose EOL has passed. `expired` takes a limit and
    reads entries whose EOL has passed and that nobody has. `lock_keys` has other transactions wait that put in or take
    out entries of a key, and `turn` readers of a sub-queue; None where writers come one after another anyway. `counts`
    counts.
    """

    accept: Executable
    soonest: TextualSelect
    expire: Executable
    claim: Callable[[int, int, bool], TextualSelect]
    block_late: Callable[[int], Executable]
    expired: Callable[[int], TextualSelect]
    lock_keys: Executable | None
    turn: Turn | None
    counts: Counts


WAS_ACCEPTED = select(bodies.c.message_id).where(bodies.c.message_id == bindparam("message_id"))

BODY = select(bodies.c.body).where(bodies.c.message_id == bindparam("message_id"))

ENQUEUE = insert(entries).inline()

_earlier = entries.alias("earlier")
_held = entry_keys.alias("held")
_own = entry_keys.alias("own")

ENQUEUE_IN_ORDER = (
    insert(entries)
    .inline()
    .values(
        blocked=or_(
            select(_earlier.c.position)
            .where(_earlier.c.recipient == bindparam("of_recipient"), _earlier.c.order_key == bindparam("of_key"))
            .exists(),
            select(_held.c.position)
            .where(_held.c.recipient == bindparam("of_recipient"), _held.c.order_key == bindparam("of_key"))
            .exists(),
        )
    )
)
"""As ENQUEUE, for entries of which some have an order key: blocked if an earlier one of the key is in the queue."""


def _these() -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return (
        entries.c.message_id.in_(bindparam("message_ids", expanding=True)),
        entries.c.recipient == bindparam("recipient"),
    )


_this = (entries.c.message_id == bindparam("message_id"), entries.c.recipient == bindparam("recipient"))

# `attempts` tells what was ever given to a reader: a late Ack counts, an Ack of a message never given does not.
ACK = delete(entries).where(*_these(), entries.c.attempts > 0).returning(entries)

HOLD = (
    select(entries.c.message_id)
    .where(*_these(), entries.c.attempts > 0)
    .order_by(entries.c.message_id)
    .with_for_update()
)
"""SQLite knows no FOR UPDATE, and needs none: whoever writes is alone."""

_positions = entries.c.position.in_(bindparam("positions", expanding=True))
_positions_of_keys = entry_keys.c.position.in_(bindparam("positions", expanding=True))

TAKE_EXPIRED = (
    delete(entries)
    .where(
        entries.c.position.in_(
            select(entries.c.position)
            .where(_positions, or_(entries.c.leased_until.is_(None), entries.c.leased_until <= bindparam("now")))
            .with_for_update(skip_locked=True)
        )
    )
    .returning(entries)
)
"""Those of the expired that still nobody has."""

_FIRST_HELD = (
    select(func.min(_held.c.position))
    .where(_held.c.recipient == bindparam("of_recipient"), _held.c.order_key == bindparam("of_key"))
    .scalar_subquery()
)

UNBLOCK = (
    update(entries)
    .where(
        entries.c.position
        == select(entries.c.position)
        .where(entries.c.recipient == bindparam("of_recipient"), entries.c.order_key == bindparam("of_key"))
        .order_by(entries.c.position)
        .limit(1)
        .scalar_subquery(),
        entries.c.blocked,
        or_(_FIRST_HELD.is_(None), entries.c.position < _FIRST_HELD),
    )
    .values(blocked=false())
)
"""The first of a key may be given out: after another has left the queue."""

ENQUEUE_ALONE = insert(entries).inline().returning(entries.c.position)

ADD_KEYS = insert(entry_keys).inline()

TAKE_KEYS = delete(entry_keys).where(_positions_of_keys).returning(entry_keys.c.recipient, entry_keys.c.order_key)
"""The keys of entries that have left the queue."""

FIRST_WITH_SEVERAL = select(_FIRST_HELD)
"""Where the first entry with several keys stands that has this one; asked key by key, since for many keys at once a
database would rather look through all of them."""

WAITING = select(entries.c.position).where(_positions, entries.c.blocked).order_by(entries.c.position).with_for_update()
"""Those of these entries that are blocked; nobody else judges them until the end: of two transactions that take out the
last two in front of one, the later sees that both have gone.
"""

_first_of_own = (
    select(func.min(_held.c.position))
    .where(_held.c.recipient == _own.c.recipient, _held.c.order_key == _own.c.order_key)
    .scalar_subquery()
)
_first_single_of_own = (
    select(func.min(_earlier.c.position))
    .where(_earlier.c.recipient == _own.c.recipient, _earlier.c.order_key == _own.c.order_key)
    .scalar_subquery()
)

UNBLOCK_SEVERAL = (
    update(entries)
    .where(
        _positions,
        ~select(_own.c.position)
        .where(
            _own.c.position == entries.c.position,
            or_(_first_of_own < _own.c.position, _first_single_of_own < _own.c.position),
        )
        .exists(),
    )
    .values(blocked=false())
)
"""Those of them before which nothing of any of their keys is left."""

RELEASE = (
    update(entries)
    .where(entries.c.message_id == bindparam("of_message"), entries.c.recipient == bindparam("of_recipient"))
    .where(entries.c.leased_until.is_not(None))
)

RELEASE_NOW = RELEASE.values(leased_until=None, turn=0)

PROLONG = RELEASE.values(leased_until=bindparam("until", type_=UtcDateTime()))

RELEASE_LATER = RELEASE.values(leased_until=bindparam("again_at", type_=UtcDateTime()))

_unclaim = (
    update(entries)
    .where(entries.c.position == bindparam("at_position"))
    .values(leased_until=None, attempts=entries.c.attempts - 1)
)

UNCLAIM = _unclaim
"""As if it had not been claimed in this transaction."""

UNCLAIM_LATE = _unclaim.values(blocked=true())

_EXPIRED = """
    SELECT position, recipient, order_key FROM queue_entries {pin}
    WHERE expires_at IS NOT NULL AND expires_at <= :now AND (leased_until IS NULL OR leased_until <= :now)
    ORDER BY expires_at LIMIT {limit}
"""


def moments(statement: TextClause) -> TextClause:
    """The statement with the moments among its parameters typed."""
    names = {"now", "until"} & statement.compile().params.keys()
    return statement.bindparams(*(bindparam(name, type_=UtcDateTime()) for name in sorted(names)))


def expired_entries(pin: str, limit: int) -> TextualSelect:
    """Where the entries stand whose EOL has passed and that nobody has; `pin` names the index in SQL."""
    statement = moments(text(_EXPIRED.format(pin=pin, limit=limit)))
    return statement.columns(entries.c.position, entries.c.recipient, entries.c.order_key)


def returning_entries(sql: str) -> TextualSelect:
    """A statement that reads entries with their octets, its parameters and columns typed."""
    return moments(text(sql)).columns(
        entries.c.position,
        entries.c.turn,
        entries.c.rank,
        entries.c.message_id,
        entries.c.kind,
        entries.c.attempts,
        entries.c.enqueued_at,
        entries.c.order_key,
        entries.c.expires_at,
        bodies.c.body,
    )
