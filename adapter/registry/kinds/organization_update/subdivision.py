"""A subdivision: its fields, its number and its rules."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import Connection, bindparam, select

from ... import dictionaries as nsi
from ...rule import Rule
from ...schema import employments, staff_positions, subdivisions
from ...upsert import Change, Check, Coded, Day, Field, Findings, Found, Section, found
from .card import STILL_EMPLOYS, still_employs

DEEPEST = 10
"""Levels of subdivisions in one another, at most."""

PARENT_NOT_FOUND = Rule(
    "PARENT_NOT_FOUND",
    "подразделения {sent} у организации нет",
    "Возьмите OID вышестоящего подразделения из карточки организации",
)
PARENT_CYCLE = Rule(
    "PARENT_CYCLE", "подразделение {sent} — это оно само или входит в него", "Исправьте вышестоящее подразделение"
)
SUBDIVISION_TOO_DEEP = Rule(
    "SUBDIVISION_TOO_DEEP",
    "подразделения вложены друг в друга больше чем на {levels} уровней",
    "Выберите вышестоящее подразделение выше по структуре",
)
OUTSIDE_PARENT = Rule(
    "OUTSIDE_PARENT",
    "срок подразделения выходит за срок вышестоящего {stored}",
    "Исправьте даты или сначала измените вышестоящее подразделение",
)
OUTLIVED_BY_PART = Rule(
    "OUTLIVED_BY_PART",
    "срок входящего в него подразделения {stored} выходит за эти даты",
    "Исправьте даты или сначала закройте входящее подразделение",
)
SUBDIVISION_IN_USE = Rule(
    "SUBDIVISION_IN_USE",
    "на подразделение ссылаются другие записи: подразделения, места работы или штатное расписание",
    "Если подразделение было, не отзывайте его, а укажите последний день",
)
_NUMBERS = (
    select(subdivisions.c.entity_id)
    .where(subdivisions.c.entity_id >= bindparam("first"), subdivisions.c.entity_id < bindparam("behind"))
    .where(subdivisions.c.version == 1)
)


def _number(conn: Connection, owner: Found) -> str:
    """The next number within the organisation, which stands locked. What was withdrawn keeps its own."""
    prefix = f"{owner.oid}.0."
    oids = conn.scalars(_NUMBERS, {"first": prefix, "behind": f"{owner.oid}.0/"})
    last = max((int(rest) for oid in oids if (rest := oid.removeprefix(prefix)).isdigit()), default=0)
    return f"{prefix}{last + 1}"


def _by_oid(change: Change) -> dict[str, Mapping[str, Any]]:
    """The organisation's other subdivisions."""
    return {row["entity_id"]: row for row in change.others}


def _parent_not_found(change: Change, _conn: Connection) -> Findings:
    parent = change.record["parent_oid"]
    if change.owner.oid is not None and parent not in (None, change.sent.entity_id, *_by_oid(change)):
        yield found(change.path("parent_oid"), sent=parent)


def _above(change: Change) -> list[str]:
    """The subdivisions above it, from the nearest; the last one is its own where they go in a circle."""
    others, above = _by_oid(change), []
    parent = change.record["parent_oid"]
    while parent is not None and parent not in above:
        above.append(parent)
        parent = others[parent]["parent_oid"] if parent in others else None
    return above


def _cycle(change: Change, _conn: Connection) -> Findings:
    if change.sent.entity_id in _above(change):
        yield found(change.path("parent_oid"), sent=change.record["parent_oid"])


def _parts(change: Change) -> list[Mapping[str, Any]]:
    own = change.sent.entity_id
    return [row for row in change.others if own is not None and row["parent_oid"] == own]


def _height(change: Change) -> int:
    """Levels from it downwards, itself included."""
    level, height, seen = {change.sent.entity_id or ""}, 0, set[str]()
    while level:
        seen |= level
        height += 1
        level = {row["entity_id"] for row in change.others if row["parent_oid"] in level} - seen
    return height


def _too_deep(change: Change, _conn: Connection) -> Findings:
    if len(_above(change)) + _height(change) > DEEPEST:
        yield found(change.path("parent_oid"), levels=DEEPEST)


def _within(inner: Mapping[str, Any], outer: Mapping[str, Any]) -> bool:
    begins = (outer["valid_from"] or date.min) <= (inner["valid_from"] or date.min)
    return begins and (inner["valid_to"] or date.max) <= (outer["valid_to"] or date.max)


def _outside_parent(change: Change, _conn: Connection) -> Findings:
    parent = _by_oid(change).get(change.record["parent_oid"])
    if parent is not None and not _within(change.record, parent):
        yield found(change.sent.path, stored=parent["entity_id"])


def _outlived(change: Change, _conn: Connection) -> Findings:
    for row in _parts(change):
        if not _within(row, change.record):
            yield found(change.sent.path, stored=row["entity_id"])


def _still_employs(change: Change, conn: Connection) -> Findings:
    own, last = change.current, change.record["valid_to"]
    if own is not None and last is not None:
        organisation, oid = own["organisation_oid"], own["entity_id"]
        if still_employs(conn, organisation, "subdivision_oid", oid, last):
            yield found(change.path("valid_to"), sent=last)


def _in_use(change: Change, conn: Connection) -> Findings:
    own = change.current
    if own is None:
        return
    values = {"organisation": own["organisation_oid"], "oid": own["entity_id"]}
    if _parts(change) or any(conn.execute(statement, values).first() for statement in _USES):
        yield found(change.sent.path)


_USES = tuple(
    select(table.c.entity_id)
    .where(table.c.organisation_oid == bindparam("organisation"), table.c.subdivision_oid == bindparam("oid"))
    .where(table.c.superseded_at.is_(None))
    .limit(1)
    for table in (employments, staff_positions)
)

SUBDIVISION = Section(
    element="Subdivision",
    table=subdivisions,
    fields=(
        Field("Name", "name"),
        Coded("Kind", "kind", dictionary=nsi.SUBDIVISION_KINDS, days=("valid_from",)),
        Field("ParentOid", "parent_oid"),
        Field("Address", "address"),
        Day("BeginDate", "valid_from", future=True),
        Day("EndDate", "valid_to", future=True),
    ),
    natural_keys=(("name", "parent_oid", "address", "valid_from"),),
    checks=(
        Check(PARENT_NOT_FOUND, _parent_not_found),
        Check(PARENT_CYCLE, _cycle),
        Check(SUBDIVISION_TOO_DEEP, _too_deep),
        Check(OUTSIDE_PARENT, _outside_parent),
        Check(OUTLIVED_BY_PART, _outlived),
        Check(STILL_EMPLOYS, _still_employs),
        Check(SUBDIVISION_IN_USE, _in_use, withdrawal=True),
    ),
    identify=_number,
)
