"""Pages of a search: which workers, and from where to go on."""

import base64
import binascii
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select

from ..reading import known, on_day
from ..schema import licences
from . import statements
from .drivers import Driver, choose
from .query import Query

MOST_ON_PAGE = 100
MOST_COUNTED = 1_000

_ABOVE = " "
"""An OID with this behind it is above that OID and below every other one: a start that leaves the OID itself out."""


class InvalidCursor(ValueError):  # noqa: N818  named for what is wrong
    """The cursor was not given by a search for the same."""

    code = "INVALID_CURSOR"


@dataclass(frozen=True, slots=True)
class Found:
    """OIDs of workers in the order of the search; `cursor` None: there are no more.

    A page may hold fewer than were asked for, even none, and yet have a cursor (registry.search.statements).
    """

    workers: Sequence[str]
    cursor: str | None


@dataclass(frozen=True, slots=True)
class Count:
    """How many workers were counted; not `exact`: there may be more, the count has a bound."""

    workers: int
    exact: bool


def find(conn: Connection, query: Query, *, limit: int = MOST_ON_PAGE, cursor: str | None = None) -> Found:
    """The workers of whom all conditions of the query hold, `limit` (at most MOST_ON_PAGE) of them from the cursor on.

    Going on from cursor to cursor gives each worker once who was there all the time; one who is added or changed
    meanwhile may come or not. Raises NothingToSearchBy, InvalidCursor.
    """
    driver = choose(query.given)
    values = _values(query, driver, cursor)
    limit = min(limit, MOST_ON_PAGE)
    for budget in statements.BUDGETS:
        rows, edge = _rows(conn, query, values, budget, MOST_ON_PAGE + 1)
        if len(rows) > limit:
            last = rows[limit - 1]
            return Found([row.worker_oid for row in rows[:limit]], _write(query, driver, last, above=True))
        if edge is None:
            break
    further = None if edge is None else _write(query, driver, edge, above=False)
    return Found([row.worker_oid for row in rows], further)


def count(conn: Connection, query: Query) -> Count:
    """How many workers there are, counted up to MOST_COUNTED and among as many candidates as a page may cost.

    Raises NothingToSearchBy.
    """
    driver = choose(query.given)
    values = _values(query, driver, None)
    rows, edge = _rows(conn, query, values, statements.BUDGETS[-1], MOST_COUNTED + 1)
    return Count(min(len(rows), MOST_COUNTED), exact=len(rows) <= MOST_COUNTED and edge is None)


def _rows(
    conn: Connection, query: Query, values: dict[str, Any], budget: int, most: int
) -> tuple[Sequence[Row[Any]], Row[Any] | None]:
    """What is found among as many candidates, and the one at which they were cut off; None if they were not."""
    driver = choose(query.given)
    edge = None if driver.few else conn.execute(statements.edge(driver, budget), values).first()
    if edge is not None:
        values = {**values, "edge": edge.worker_oid, "edge_day": edge.valid_to if driver.expiry else None}
    found = statements.page(driver, query.given, most, budget, bounded=edge is not None)
    return conn.execute(found, values).all(), edge


_LICENSED = (
    select(licences.c.organisation_oid)
    .distinct()
    .where(licences.c.number == bindparam("number"), known(licences), on_day(licences, bindparam("on")))
    .order_by(licences.c.organisation_oid)
)


def organisations_of_licence(conn: Connection, number: str, on: date) -> Sequence[str]:
    """OIDs of the organisations that hold a licence of this number on a day: search among their workers."""
    return conn.scalars(_LICENSED, {"number": "".join(number.split()).upper(), "on": on}).all()


def _values(query: Query, driver: Driver, cursor: str | None) -> dict[str, Any]:
    values = query.values
    start, day = ("", query.expires_from) if cursor is None else _read(query, cursor)
    values["start"] = start
    if driver.expiry:
        values["start_day"] = day
    return values


def _mark(query: Query) -> str:
    return hashlib.sha256(repr(query).encode()).hexdigest()[:16]


def _write(query: Query, driver: Driver, row: Any, *, above: bool) -> str:
    start = row.worker_oid + (_ABOVE if above else "")
    day = row.valid_to.isoformat() if driver.expiry else None
    return base64.urlsafe_b64encode(json.dumps([_mark(query), start, day]).encode()).decode().rstrip("=")


def _read(query: Query, cursor: str) -> tuple[str, date | None]:
    try:
        octets = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        mark, start, day = json.loads(octets)
        position = str(start), None if day is None else date.fromisoformat(day)
    except (binascii.Error, ValueError, TypeError):
        raise InvalidCursor(cursor) from None
    if mark != _mark(query):
        raise InvalidCursor(cursor)
    return position
