"""The statements of the search.

A page is made of a bounded number of rows of the driver's index, the candidates; every other condition is a look-up by
the worker's number. So the cost has a bound, however rare the combination and however large the register: a page may
come out short, or empty, with a cursor at the candidate to go on from. Limits stand in the statements as numbers:
PostgreSQL would take an unknown limit in a generic plan for a tenth of the table, and read all of the others.
"""

from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Date,
    FromClause,
    Integer,
    Select,
    Table,
    and_,
    bindparam,
    exists,
    literal_column,
    or_,
    select,
    tuple_,
    union_all,
)

from ....queue.columns import Identifier
from ..reading import known, on_day
from .drivers import COLUMNS, TABLES, Driver, Group

BUDGETS = (120, 500, 2_000)
"""Rows of the driver's index that a page may cost: few at first, more if they do not fill it, at most the last."""

_WORKER = "worker_oid"
_ON = bindparam("on", type_=Date())
_START = bindparam("start", type_=Identifier())
_START_DAY = bindparam("start_day", type_=Date())
_EDGE, _EDGE_DAY = bindparam("edge", type_=Identifier()), bindparam("edge_day", type_=Date())
_FROM, _TO = bindparam("expires_from", type_=Date()), bindparam("expires_to", type_=Date())


@cache
def page(driver: Driver, given: frozenset[str], most: int, budget: int, *, bounded: bool) -> Select[Any]:
    """The workers of one page, with the day of expiry where that is in their order; at most `most`.

    From the parameters `start` (and `start_day`) on; `bounded`: to `edge` (and `edge_day`), that one left out.
    """
    if bounded:
        budget *= 2  # the edge may have moved away since it was looked up
    candidates = _candidates(driver, budget, bounded=bounded).limit(_number(budget)).subquery("candidates")
    order = [candidates.c[name] for name in _order(driver)]
    conditions = [_same_fact(candidates, driver, given)]
    conditions += [_probe(group, given, candidates) for group in Group if group is not driver.group]
    found = select(*order).distinct().where(*(condition for condition in conditions if condition is not None))
    if driver.few:
        found = found.where(candidates.c.worker_oid >= _START)
    if bounded:
        # Said once more: PostgreSQL then expects fewer of them and looks through no table for their other facts.
        found = found.where(tuple_(*order) < tuple_(*([_EDGE_DAY, _EDGE] if driver.expiry else [_EDGE])))
    return found.order_by(*order).limit(_number(most))


@cache
def edge(driver: Driver, budget: int) -> Select[Any]:
    """The last of the candidates if there may be more; no row if not.

    Some facts of that worker may be among those that are left out, so that a page ends before it.
    """
    last = _candidates(driver, budget, bounded=False).offset(_number(budget - 1)).limit(_number(1)).subquery()
    return select(*(last.c[name] for name in _order(driver)))


def _order(driver: Driver) -> tuple[str, ...]:
    return ("valid_to", _WORKER) if driver.expiry else (_WORKER,)


def _candidates(driver: Driver, budget: int, *, bounded: bool) -> Select[Any] | CompoundSelect[Any]:
    """The candidates in their order; the caller limits them."""
    arms = [_arm(table, driver, bounded=bounded) for table in TABLES[driver.group]]
    if len(arms) == 1:
        return arms[0]
    merged = union_all(*(select(arm.limit(_number(budget)).subquery()) for arm in arms))
    return merged.order_by(*(merged.selected_columns[name] for name in _order(driver)))


def _number(value: int) -> ColumnElement[int]:
    return literal_column(str(value), Integer())


def _arm(table: Table, driver: Driver, *, bounded: bool) -> Select[Any]:
    """The candidates of one table. The bound is set here, where it ends a walk along the index."""
    worker = table.c.entity_id if table.name == "persons" else table.c.worker_oid
    columns = COLUMNS[driver.group]
    kept = [] if driver.group is Group.PERSON else [table.c[name] for name in columns.values()]
    if driver.group is Group.CATEGORY:
        kept.append(table.c.specialty)
    found = select(worker.label(_WORKER), table.c.valid_from, table.c.valid_to, *kept).where(known(table))
    if driver.expiry:
        order = [table.c.valid_to, worker]
        # The edge lies in the window. One upper bound alone: SQLite would walk to the other one.
        end = tuple_(*order) < tuple_(_EDGE_DAY, _EDGE) if bounded else table.c.valid_to <= _TO
        found = found.where(tuple_(*order) >= tuple_(_START_DAY, _START), end).order_by(*order)
    else:
        found = found.where(*(table.c[columns[name]] == bindparam(name) for name in driver.by))
        # Of few candidates the order is made outside: SQLite would else prefer an index for the order to the right one.
        found = found if driver.few else found.where(worker >= _START).order_by(worker)
        found = found.where(worker < _EDGE) if bounded else found
    return found


def _same_fact(candidates: FromClause, driver: Driver, given: frozenset[str]) -> ColumnElement[bool] | None:
    """The conditions that speak of the candidate's own fact."""
    match driver.group:
        case Group.PERSON:
            return _probe(Group.PERSON, given - set(driver.by), candidates)
        case Group.CREDENTIAL:
            return _credential(candidates, given, driver, candidates)
        case Group.EMPLOYMENT:
            return and_(on_day(candidates, _ON), *_equal(candidates, Group.EMPLOYMENT, given))
        case Group.CATEGORY:
            return _category(candidates, given)
        case _:
            return None


def _equal(source: FromClause, group: Group, given: frozenset[str]) -> list[ColumnElement[bool]]:
    return [source.c[column] == bindparam(name) for name, column in COLUMNS[group].items() if name in given]


def _probe(group: Group, given: frozenset[str], candidates: FromClause) -> ColumnElement[bool] | None:
    """Whether the candidate's worker has a fact of which the group's conditions hold; None if there are none."""
    own = {*COLUMNS[group], *(("expires_from", "expires_to") if group is Group.CREDENTIAL else ())}
    if not own & given:
        return None
    probes = []
    for table in TABLES[group]:
        fact = table.alias()
        worker = fact.c.entity_id if group is Group.PERSON else fact.c.worker_oid
        match group:
            case Group.CREDENTIAL:
                holds = _credential(fact, given)
            case Group.EMPLOYMENT:
                holds = and_(on_day(fact, _ON), *_equal(fact, group, given))
            case Group.CATEGORY:
                holds = _category(fact, given)
            case _:
                holds = and_(*_equal(fact, group, given))
        probes.append(exists().where(worker == candidates.c.worker_oid, known(fact), holds))
    return or_(*probes)


def _category(source: FromClause, given: frozenset[str]) -> ColumnElement[bool]:
    also = [source.c.specialty == bindparam("specialty")] if "specialty" in given else []
    return and_(on_day(source, _ON), *_equal(source, Group.CATEGORY, given), *also)


def _credential(
    source: FromClause, given: frozenset[str], driver: Driver | None = None, candidates: FromClause | None = None
) -> ColumnElement[bool]:
    """Whether a credential is in the specialty, and ends in the window or holds on the day."""
    specialty = _equal(source, Group.CREDENTIAL, given)
    window = given & {"expires_from", "expires_to"}
    if not window:
        return and_(on_day(source, _ON), *specialty)
    ends = [source.c.valid_to >= _FROM] if "expires_from" in given else []
    ends += [source.c.valid_to <= _TO] if "expires_to" in given else []
    if driver is None or not driver.expiry or candidates is None:
        return and_(*ends, *specialty)
    # In the order of expiry a worker stands where the first of the credentials in question ends, and nowhere else.
    earlier = []
    for table in TABLES[Group.CREDENTIAL]:
        other = table.alias()
        earlier.append(
            ~exists().where(
                other.c.worker_oid == candidates.c.worker_oid,
                known(other),
                other.c.valid_to >= _FROM,
                other.c.valid_to < candidates.c.valid_to,
                *_equal(other, Group.CREDENTIAL, given),
            )
        )
    return and_(*specialty, *earlier)
