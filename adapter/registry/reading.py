"""Reading facts as of a date and as known on a date (registry.schema tells what the two times mean)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    Date,
    FromClause,
    RowMapping,
    Select,
    Table,
    and_,
    bindparam,
    or_,
    select,
)

from ...queue.columns import UtcDateTime
from ..exchange.times import MOSCOW

_AS_OF = bindparam("as_of", type_=Date())
_KNOWN_ON = bindparam("known_on", type_=UtcDateTime())
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Moment:
    """Of which day the facts are asked, and which state of the register's knowledge answers.

    `as_of` None: facts of any day. `known_on` None: what the register knows now; else an aware moment.
    """

    as_of: date | None = None
    known_on: datetime | None = None

    @classmethod
    def of(cls, as_of: date | None = None, known_on: date | None = None) -> "Moment":
        """The moment of these days; what was known on a day is what was known at its end, by Moscow time."""
        end = None if known_on is None else datetime.combine(known_on + _DAY, time(), MOSCOW) - timedelta.resolution
        return cls(as_of, end)

    @property
    def shape(self) -> "Shape":
        """Which of the two are given: what the text of a statement depends on."""
        return Shape(self.as_of is not None, self.known_on is not None)

    @property
    def values(self) -> dict[str, Any]:
        """The values for the parameters `as_of` and `known_on` of a statement of this moment's shape."""
        given = {"as_of": self.as_of, "known_on": self.known_on}
        return {name: value for name, value in given.items() if value is not None}


class Shape(NamedTuple):
    """Which times a question gives."""

    as_of: bool
    known_on: bool


NOW = Moment()
"""All facts that the register knows now, of whatever day."""
_NOW_SHAPE = NOW.shape


def on_day(table: FromClause, day: ColumnElement[Any] = _AS_OF) -> ColumnElement[bool]:
    """Whether the business period of a row of `table` (or an alias of one) holds `day`."""
    first, last = table.c.valid_from, table.c.valid_to
    return and_(or_(first.is_(None), first <= day), or_(last.is_(None), last >= day))


def known(table: FromClause, shape: Shape = _NOW_SHAPE) -> ColumnElement[bool]:
    """Whether a row of `table` (or an alias of one) is the version that was known: now, or at `known_on`."""
    if not shape.known_on:
        return table.c.superseded_at.is_(None)
    superseded = table.c.superseded_at
    return and_(table.c.recorded_at <= _KNOWN_ON, or_(superseded.is_(None), superseded > _KNOWN_ON))


def holds(table: FromClause, shape: Shape) -> ColumnElement[bool]:
    """Whether a row of `table` (or an alias of one) answers a question of this shape: for statements of one's own."""
    return and_(known(table, shape), on_day(table)) if shape.as_of else known(table, shape)


@cache
def statement(
    table: Table,
    shape: Shape,
    equal: tuple[str, ...] = (),
    among: tuple[str, ...] = (),
    columns: tuple[str, ...] | None = None,
) -> Select[Any]:
    """The statement that reads facts of a table in the order of their periods; made once and kept.

    `equal` names columns compared with parameters of the same names, `among` such as are looked up in a list of values;
    `columns` those to read, all if None. Its other parameters are `Moment.values`.
    """
    wanted = table.columns.values() if columns is None else [table.c[name] for name in columns]
    conditions = [table.c[name] == bindparam(name) for name in equal]
    conditions += [table.c[name].in_(bindparam(name, expanding=True)) for name in among]
    found = select(*wanted).where(*conditions, holds(table, shape))
    return found.order_by(table.c.valid_from, table.c.entity_id, table.c.version)


def facts(
    conn: Connection,
    table: Table,
    at: Moment = NOW,
    *,
    columns: tuple[str, ...] | None = None,
    **conditions: str | Collection[str],
) -> Sequence[RowMapping]:
    """The facts of a table at a moment, in the order of their periods: `facts(conn, awards, at, worker_oid=oid)`.

    A condition on a column is a value that it must equal, or a collection of which it must be one. Name a column that
    is indexed: of the versions known once, only `entity_id` is.
    """
    among = tuple(name for name, value in conditions.items() if not isinstance(value, str))
    equal = tuple(name for name in conditions if name not in among)
    values = {name: list(value) if name in among else value for name, value in conditions.items()}
    query = statement(table, at.shape, equal, among, columns)
    return conn.execute(query, {**values, **at.values}).mappings().all()


def fact(conn: Connection, table: Table, entity_id: str, at: Moment = NOW) -> RowMapping | None:
    """The fact of this identifier at a moment: its only version then, or None."""
    found = facts(conn, table, at, entity_id=entity_id)
    return found[0] if found else None


@cache
def _history(table: Table) -> Select[Any]:
    return select(table).where(table.c.entity_id == bindparam("entity_id")).order_by(table.c.version)


def history(conn: Connection, table: Table, entity_id: str) -> Sequence[RowMapping]:
    """Every version of a fact, the first one first, with those that took it back."""
    return conn.execute(_history(table), {"entity_id": entity_id}).mappings().all()
