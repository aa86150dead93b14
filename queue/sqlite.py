"""The queue on SQLite.

Writers come one after another (BEGIN IMMEDIATE), so nothing needs to be locked row by row. INDEXED BY pins the index:
after ANALYZE the planner may think that scanning the table is cheaper. A lost index is then an error at once instead
of a queue that grows slow.
"""

from functools import cache

from sqlalchemy import text
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.sql.expression import TextualSelect

from .counting import counts_of
from .schema import bodies, entries
from .statements import SWEEP, Dialect, expired_entries, moments, returning_entries

_ENDED = """
    SELECT position FROM queue_entries INDEXED BY queue_entries_leased
    WHERE recipient = :recipient AND channel = :channel AND node_id = :node_id AND leased_until <= :now
"""

_SOONEST = """
    SELECT leased_until FROM queue_entries INDEXED BY queue_entries_leased
    WHERE recipient = :recipient AND channel = :channel AND node_id = :node_id AND leased_until IS NOT NULL
    ORDER BY leased_until LIMIT 1
"""

_HEAD = """
    SELECT position, turn, rank FROM queue_entries INDEXED BY queue_entries_waiting
    WHERE recipient = :recipient AND channel = :channel AND node_id = :node_id AND leased_until IS NULL
      AND NOT blocked
    ORDER BY turn, rank, position LIMIT :limit
"""

_HEAD_OF_KIND = """
    SELECT * FROM (
        SELECT position, turn, rank FROM queue_entries INDEXED BY queue_entries_waiting_by_kind
        WHERE recipient = :recipient AND channel = :channel AND node_id = :node_id AND kind = :kind_{number}
          AND leased_until IS NULL AND blocked IS FALSE
        ORDER BY turn, rank, position LIMIT :limit
    )
"""

# A column in RETURNING has no type for SQLite, and so no index for what is compared with it: hence the CAST.
_READ = """
    position, turn, rank, message_id, kind, attempts, enqueued_at, order_key, expires_at,
    (SELECT body FROM queue_bodies WHERE queue_bodies.message_id = CAST(queue_entries.message_id AS TEXT)) AS body
"""

_EXPIRE = f"""
    UPDATE queue_entries SET leased_until = NULL, turn = 0
    WHERE position IN ({_ENDED} ORDER BY leased_until LIMIT {SWEEP})
"""  # noqa: S608  made of constants

_CLAIM = """
    UPDATE queue_entries SET leased_until = :until, attempts = attempts + 1
    WHERE position IN (SELECT position FROM ({head})) {guard}
    RETURNING {read}
"""

_BLOCK_LATE = f"""
    UPDATE queue_entries SET blocked = true
    WHERE position IN (SELECT position FROM ({_HEAD})) AND expires_at <= :now
"""  # noqa: S608  made of constants


@cache
def _claim(_limit: int, kinds: int, careful: bool) -> TextualSelect:
    head = _HEAD
    if kinds:
        # One probe of the index for each kind, then the first of them all.
        probes = " UNION ALL ".join(_HEAD_OF_KIND.format(number=number) for number in range(kinds))
        head = f"{probes} ORDER BY turn, rank, position LIMIT :limit"
    guard = f"AND coalesce(({_SOONEST}) > :now, true)" if careful else ""
    return returning_entries(_CLAIM.format(head=head, guard=guard, read=_READ))


@cache
def _expired(limit: int) -> TextualSelect:
    return expired_entries(pin=_pin("queue_entries_expiring"), limit=limit)


def _pin(index: str) -> str:
    return f"INDEXED BY {index}"


_LATE = moments(text(_BLOCK_LATE))

SQLITE = Dialect(
    accept=insert(bodies).on_conflict_do_nothing().execution_options(preserve_rowcount=True),
    soonest=text(_SOONEST).columns(entries.c.leased_until),
    expire=moments(text(_EXPIRE)),
    claim=_claim,
    block_late=lambda _: _LATE,
    expired=_expired,
    lock_keys=None,
    turn=None,
    counts=counts_of(_pin),
)
