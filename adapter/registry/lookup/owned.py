"""Facts of many owners at once, as of a day and as known at a moment, always by an index.

What is current is found by the owner. Of what was known once only `entity_id` has an index: the entities of an owner
are those that are current, and those of which the feed of changes tells. So a statement has one shape for one worker
and for a thousand, and its cost does not depend on how many there are in the register.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    FromClause,
    Row,
    Select,
    Table,
    and_,
    bindparam,
    or_,
    select,
    union,
)

from ..reading import NOW, Moment, Shape, known, on_day
from ..schema import changes, section_of

_OWNERS: BindParameter[Any] = bindparam("owners", expanding=True)


def of_owners(
    table: Table, shape: Shape, *, owner: str = "worker_oid", accumulates: bool = False
) -> ColumnElement[bool]:
    """The condition under which a row of `table` belongs to one of the parameter `owners` and answers the question.

    `accumulates`: the facts are events, such as studies: as of a day are those that had begun by then. Others are
    states, such as an employment: those that held on the day. The other parameters are `Moment.values`.
    """
    column = table.c[owner]
    conditions = [column.in_(_OWNERS), known(table, shape)]
    if shape.known_on and owner != "entity_id":
        told = changes.c[owner].in_(_OWNERS), changes.c.section == section_of(table)
        current = table.alias()
        entities = union(
            select(changes.c.entity_id).where(*told),
            select(current.c.entity_id).where(current.c[owner].in_(_OWNERS), known(current)),
        )
        conditions.append(table.c.entity_id.in_(entities))
    if shape.as_of:
        conditions.append(_begun(table) if accumulates else on_day(table))
    return and_(*conditions)


def _begun(table: FromClause) -> ColumnElement[bool]:
    return or_(table.c.valid_from.is_(None), table.c.valid_from <= bindparam("as_of", type_=table.c.valid_from.type))


@cache
def _statement(table: Table, shape: Shape, columns: tuple[str, ...], owner: str) -> Select[Any]:
    wanted = [table.c[owner].label("owner"), *(table.c[name] for name in columns)]
    return select(*wanted).where(of_owners(table, shape, owner=owner)).order_by(table.c.valid_from, table.c.entity_id)


def facts_of(
    conn: Connection,
    table: Table,
    owners: Collection[str],
    columns: tuple[str, ...],
    at: Moment = NOW,
    *,
    owner: str = "worker_oid",
) -> Mapping[str, Sequence[Row[Any]]]:
    """These columns of the facts of each owner, in the order of their periods; `owner` is the column that names it.

    One query, and none if there are no owners. An owner without facts is left out.
    """
    found: defaultdict[str, list[Row[Any]]] = defaultdict(list)
    if owners:
        values = {"owners": sorted(owners), **at.values}
        for row in conn.execute(_statement(table, at.shape, columns, owner), values):
            found[row.owner].append(row)
    return found
