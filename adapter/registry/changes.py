"""The feed of changes, read with a cursor: each change once, none left out, however many write at the same time.

On PostgreSQL a change that got a lower sequence may be committed after one with a higher: a reader who went by the
sequence alone would step over it. So each change bears the number of its transaction; the feed is in the order of these
numbers, and shows only transactions below the horizon, the oldest that was still open when the reader looked. All
below have ended, and whatever is yet to come has a higher number. A transaction that stays open delays the feed for its
time, and nothing else: writers wait for nobody. SQLite has one writer at a time, so the sequence is the order there.

The cursor is the sequence of the last change read; its transaction is looked up. After a database was restored from a
dump into another cluster, whose transactions count from the beginning again, `forget_transactions` must be called once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    Connection,
    RowMapping,
    Select,
    bindparam,
    literal_column,
    select,
    tuple_,
    update,
)

from .schema import changes

MOST = 1_000
"""Changes given at once."""

START = 0
"""The cursor before the first change."""

_POSITION = select(changes.c.xact).where(changes.c.sequence == bindparam("cursor"))
_AFTER = (
    select(changes)
    .where(
        tuple_(changes.c.xact, changes.c.sequence)
        > tuple_(bindparam("xact", type_=BigInteger()), bindparam("cursor", type_=BigInteger()))
    )
    .order_by(changes.c.xact, changes.c.sequence)
    .limit(bindparam("most"))
)
_HORIZON = literal_column("pg_snapshot_xmin(pg_current_snapshot())::text::bigint", BigInteger())


class UnknownCursor(ValueError):  # noqa: N818  named for what is wrong
    """No change bears this number: the cursor was not given by this register."""

    code = "UNKNOWN_CURSOR"


@dataclass(frozen=True, slots=True)
class Page:
    """Changes in the order of the feed, and the cursor to go on from; `more`: there were more than asked for."""

    changes: Sequence[RowMapping]
    cursor: int
    more: bool


def since(
    conn: Connection,
    cursor: int = START,
    most: int = MOST,
    *,
    worker_oid: str | None = None,
    organisation_oid: str | None = None,
) -> Page:
    """The next changes after a cursor: all, or those of a worker or of an organisation. Raises UnknownCursor."""
    xact = -1 if cursor == START else conn.scalar(_POSITION, {"cursor": cursor})
    if xact is None:
        raise UnknownCursor(str(cursor))
    statement = _statement(conn.dialect.name, worker_oid is not None, organisation_oid is not None)
    values: dict[str, Any] = {"xact": xact, "cursor": cursor, "most": min(most, MOST) + 1}
    values |= {"worker_oid": worker_oid} if worker_oid is not None else {}
    values |= {"organisation_oid": organisation_oid} if organisation_oid is not None else {}
    found = conn.execute(statement, values).mappings().all()
    page = found[: min(most, MOST)]
    return Page(page, page[-1]["sequence"] if page else cursor, len(found) > len(page))


def head(conn: Connection) -> int:
    """The cursor behind the last change that can be seen: from here on, only what is new."""
    last = select(changes.c.sequence).order_by(changes.c.xact.desc(), changes.c.sequence.desc()).limit(1)
    if conn.dialect.name == "postgresql":
        last = last.where(changes.c.xact < _HORIZON)
    return conn.scalar(last) or START


def forget_transactions(conn: Connection) -> None:
    """After a restore into another cluster: puts all changes there are before those to come, in their sequence."""
    conn.execute(update(changes).values(xact=0).where(changes.c.xact != 0))


@cache
def _statement(dialect: str, worker: bool, organisation: bool) -> Select[Any]:
    found = _AFTER
    if dialect == "postgresql":
        found = found.where(changes.c.xact < _HORIZON)
    if worker:
        found = found.where(changes.c.worker_oid == bindparam("worker_oid"))
    if organisation:
        found = found.where(changes.c.organisation_oid == bindparam("organisation_oid"))
    return found
