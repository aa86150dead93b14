"""The queue on PostgreSQL.

Readers work side by side: each locks the entries it picks and skips what others have locked. Numbers of rows are
literals, not parameters: a prepared statement keeps its plan only if the plan does not depend on them.
"""

from functools import cache

from sqlalchemy import Executable, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.sql.expression import TextualSelect

from .counting import counts_of
from .schema import bodies, entries
from .statements import SWEEP, Dialect, Turn, expired_entries, moments, returning_entries

_ENDED = """
    SELECT ctid FROM queue_entries
    WHERE recipient = :recipient AND channel = :channel AND node_id = :node_id AND leased_until <= :now
"""

# Not "is there one that has ended": a prepared plan takes a third of all rows for what `<=` lets through, and scans.
_SOONEST = """
    SELECT leased_until FROM queue_entries
    WHERE recipient = :recipient AND channel = :channel AND node_id = :node_id AND leased_until IS NOT NULL
    ORDER BY leased_until LIMIT 1
"""

_HEAD = """
    SELECT ctid FROM queue_entries
    WHERE recipient = :recipient AND channel = :channel AND node_id = :node_id AND leased_until IS NULL
      AND NOT blocked {guard}
    ORDER BY turn, rank, position LIMIT {limit} FOR UPDATE SKIP LOCKED
"""

_HEAD_OF_KINDS = """
    SELECT head.ctid FROM unnest(ARRAY[{kinds}]) AS wanted (kind), LATERAL (
        SELECT ctid, turn, rank, position FROM queue_entries
        WHERE recipient = :recipient AND channel = :channel AND node_id = :node_id AND kind = wanted.kind
          AND leased_until IS NULL AND blocked IS FALSE {guard}
        ORDER BY turn, rank, position LIMIT {limit} FOR UPDATE SKIP LOCKED
    ) AS head
    ORDER BY turn, rank, position LIMIT {limit}
"""

_READ = """
    position, turn, rank, message_id, kind, attempts, enqueued_at, order_key, expires_at,
    (SELECT body FROM queue_bodies WHERE queue_bodies.message_id = queue_entries.message_id) AS body
"""

_EXPIRE = f"""
    UPDATE queue_entries SET leased_until = NULL, turn = 0
    WHERE ctid = ANY (ARRAY ({_ENDED} ORDER BY leased_until LIMIT {SWEEP} FOR UPDATE SKIP LOCKED))
"""  # noqa: S608  made of constants

_CLAIM = """
    UPDATE queue_entries SET leased_until = :until, attempts = attempts + 1
    WHERE ctid = {these}
    RETURNING {read}
"""

_BLOCK_LATE = """
    UPDATE queue_entries SET blocked = true WHERE ctid = ANY (ARRAY ({head})) AND expires_at <= :now
"""

# With the locks of its keys the transaction sees all that was put in or taken out under them: the next statement looks
# anew. PostgreSQL has room for some thousand locks in all, and an entry may have a thousand keys: so keys share locks.
_LOCK_KEYS = """
SELECT pg_advisory_xact_lock(id) FROM (
    SELECT DISTINCT hashtextextended(recipient || chr(10) || (hashtextextended(key, 0) & 255)::text, 0) AS id
    FROM unnest(CAST(:recipients AS text[]), CAST(:keys AS text[])) AS wanted (recipient, key)
    ORDER BY id
) AS in_order
"""
_LOCK_KEY = "SELECT pg_advisory_xact_lock(hashtextextended(:of_recipient || chr(10) || :of_key, 0))"


_TAKE_TURN = _LOCK_KEY.replace("pg_advisory_xact_lock", "pg_try_advisory_xact_lock")
_LONGEST_TURN = 2
"""Seconds for which a reader waits for its turn."""


@cache
def _claim(limit: int, kinds: int, careful: bool) -> TextualSelect:
    guard = f"AND coalesce(({_SOONEST}) > :now, true)" if careful else ""
    if kinds:
        # One probe of the index for each kind, then the first of them all.
        names = ", ".join(f"CAST(:kind_{number} AS text)" for number in range(kinds))
        head = _HEAD_OF_KINDS.format(kinds=names, guard=guard, limit=limit)
    else:
        head = _HEAD.format(guard=guard, limit=limit)
    # Of an array the planner does not know the length, and so a small table may seem cheaper to scan.
    these = f"({head})" if limit == 1 else f"ANY (ARRAY ({head}))"
    return returning_entries(_CLAIM.format(these=these, read=_READ))


@cache
def _block_late(limit: int) -> Executable:
    return moments(text(_BLOCK_LATE.format(head=_HEAD.format(guard="", limit=limit))))


@cache
def _expired(limit: int) -> TextualSelect:
    return expired_entries(pin="", limit=limit)


POSTGRESQL = Dialect(
    accept=insert(bodies).on_conflict_do_nothing().execution_options(preserve_rowcount=True),
    soonest=text(_SOONEST).columns(entries.c.leased_until),
    expire=moments(text(_EXPIRE)),
    claim=_claim,
    block_late=_block_late,
    expired=_expired,
    lock_keys=text(_LOCK_KEYS),
    turn=Turn(
        wait=text(_LOCK_KEY),
        take=text(_TAKE_TURN),
        wait_no_longer=text(f"SET LOCAL lock_timeout = '{_LONGEST_TURN}s'"),
        wait_as_before=text("SET LOCAL lock_timeout TO DEFAULT"),
    ),
    counts=counts_of(lambda _: ""),
)
