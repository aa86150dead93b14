"""The queue on SQLite.

Writers come one after another (BEGIN IMMEDIATE), so nothing needs to be locked row by row. INDEXED BY pins the index:
after ANALYZE the planner may think that scanning the table is cheaper. A lost index is then an error at once instead
of a queue that grows slow.
"""

from functools import cache

from sqlalchemy import bindparam, text
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.sql.expression import TextualSelect

from .columns import UtcDateTime
from .schema import bodies, entries
from .statements import SWEEP, Dialect, returning_entries

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
    ORDER BY turn, rank, position LIMIT :limit
"""

_HEAD_OF_KIND = """
    SELECT * FROM (
        SELECT position, turn, rank FROM queue_entries INDEXED BY queue_entries_waiting_by_kind
        WHERE recipient = :recipient AND channel = :channel AND node_id = :node_id AND kind = :kind_{number}
          AND leased_until IS NULL
        ORDER BY turn, rank, position LIMIT :limit
    )
"""

# A column in RETURNING has no type for SQLite, and so no index for what is compared with it: hence the CAST.
_READ = """
    position, turn, rank, message_id, kind, attempts, enqueued_at,
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

_DRAIN = f"""
    DELETE FROM queue_entries WHERE position IN (SELECT position FROM ({_HEAD})) RETURNING {_READ}
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


SQLITE = Dialect(
    accept=insert(bodies).on_conflict_do_nothing().execution_options(preserve_rowcount=True),
    soonest=text(_SOONEST).columns(entries.c.leased_until),
    expire=text(_EXPIRE).bindparams(bindparam("now", type_=UtcDateTime())),
    claim=_claim,
    drain=returning_entries(_DRAIN),
)
