"""A section as a kind declares it, and a change of one of its records as its rules see it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import Connection, Select, Table, bindparam, select

from ..dictionaries import Codes, look_up
from ..reading import NOW, statement
from ..rule import Rule
from . import rules
from .fields import Coded, Day, Field, Text
from .findings import Findings
from .owner import Found
from .sent import Action, Sent

Completion = Callable[[Mapping[str, Any]], Mapping[str, Any]]
Identification = Callable[[Connection, Found], str]


def _as_sent(_record: Mapping[str, Any]) -> Mapping[str, Any]:
    return {}


@dataclass(frozen=True, slots=True, eq=False)
class Section:
    """A part of a record: the request's element, the table, and the fields between them.

    `constants` are columns that are the same in all records of the section. `natural_keys`: two current records of
    one owner that agree in all columns of one of these are the same one, entered twice; a key whose first column is
    empty does not count. `number` are columns that no two owners
    should share, the first of them indexed. `checks` are the section's own rules. `complete` gives the columns that
    follow from those sent, which hold None for what was left out (the end of a term). The fields of a `partial`
    section are not all of the record: what is not among them stays as it is in the version that is changed. `own`: the
    record is what its owner is, one for each, and bears the owner's number. `identify` gives the identifier of a new
    record, where it is not made of the MessageID.
    """

    element: str
    table: Table
    fields: tuple[Field, ...]
    natural_keys: tuple[tuple[str, ...], ...]
    number: tuple[str, ...] = ()
    constants: Mapping[str, Any] = field(default_factory=dict)
    checks: tuple["Check", ...] = ()
    complete: Completion = _as_sent
    partial: bool = False
    own: bool = False
    identify: Identification | None = None

    @property
    def rules(self) -> tuple[Rule, ...]:
        """All rules by which a record of the section may be judged."""
        columns = {one.column for one in self.fields}
        controls = [one.control.rule for one in self.fields if isinstance(one, Text) and one.control is not None]
        return (
            *rules.COMMON,
            *((rules.NUMBER_ELSEWHERE,) if self.number else ()),
            *((rules.TOO_YOUNG,) if any(isinstance(one, Day) and one.age is not None for one in self.fields) else ()),
            *((rules.END_BEFORE_BEGIN,) if "valid_to" in columns else ()),
            *controls,
            *(check.rule for check in self.checks),
        )


@dataclass(frozen=True, slots=True)
class Change:
    """A change of one record.

    `record` holds the section's columns as they are to be, without those of every fact; it is empty for a withdrawal.
    `current` is the version that the request names, whatever its number; `others` are the owner's other current
    records of the section. `elsewhere`: somebody else has a record with the same number.
    """

    section: Section
    sent: Sent
    record: Mapping[str, Any]
    owner: Found
    current: Mapping[str, Any] | None
    others: Sequence[Mapping[str, Any]]
    codes: Codes
    elsewhere: bool
    today: date

    @property
    def action(self) -> Action:
        """What is to be done."""
        return self.sent.action

    def path(self, column: str) -> str:
        """Path of the element that becomes this column, for what is said of it."""
        element = next(one.path for one in self.section.fields if one.column == column)
        return f"{self.sent.path}/{element}"


@dataclass(frozen=True, slots=True)
class Check:
    """A rule of a section's own: `judge` finds where a record that is entered or changed breaks it.

    With `withdrawal` it is asked of withdrawals instead. A judge that must look into other tables takes the connection;
    whose record it is stands locked, so that what it reads remains so.
    """

    rule: Rule
    judge: Callable[[Change, Connection], Findings]
    withdrawal: bool = False


def read_change(conn: Connection, section: Section, sent: Sent, owner: Found, today: date) -> Change:
    """What was sent, beside what the register knows: the owner's records, the codes, others' numbers."""
    if section.own:
        sent, owner = replace(sent, entity_id=owner.oid), replace(owner, column="entity_id")
    rows = _records(conn, section, owner)
    current = next((row for row in rows if row["entity_id"] == sent.entity_id), None)
    record: dict[str, Any] = {}
    if sent.action is not Action.WITHDRAW:
        record = _kept(section, current) | {owner.column: owner.oid, **section.constants, **sent.values}
        record |= section.complete(record)
    coded = [one for one in section.fields if isinstance(one, Coded) and one.column in sent.present]
    return Change(
        section=section,
        sent=sent,
        record=record,
        owner=owner,
        current=current,
        others=[row for row in rows if row["entity_id"] != sent.entity_id],
        codes=look_up(conn, {(one.dictionary, sent.values[one.column]) for one in coded}),
        elsewhere=_elsewhere(conn, section, record, owner),
        today=today,
    )


def _kept(section: Section, current: Mapping[str, Any] | None) -> dict[str, Any]:
    """The columns that the request does not tell of: nothing of them is known where there is no such record."""
    if not section.partial:
        return {}
    names = (column.name for column in section.table.c if column.name not in _OF_THE_VERSION)
    return {name: None if current is None else current[name] for name in names}


_OF_THE_VERSION = frozenset(
    ("entity_id", "version", "recorded_at", "superseded_at", "source", "message_id", "withdrawn")
)


def _records(conn: Connection, section: Section, owner: Found) -> list[dict[str, Any]]:
    if owner.oid is None:
        return []
    rows = conn.execute(statement(section.table, NOW.shape, (owner.column,)), {owner.column: owner.oid}).mappings()
    return [dict(row) for row in rows if all(row[name] == value for name, value in section.constants.items())]


def _elsewhere(conn: Connection, section: Section, record: Mapping[str, Any], owner: Found) -> bool:
    if not section.number or owner.oid is None or any(record.get(name) is None for name in section.number):
        return False
    values = {name: record[name] for name in section.number} | {"owner": owner.oid}
    return conn.execute(_same_number(section.table, section.number, owner.column), values).first() is not None


@cache
def _same_number(table: Table, number: tuple[str, ...], owner: str) -> Select[Any]:
    same = (table.c[name] == bindparam(name) for name in number)
    others = table.c[owner] != bindparam("owner")
    return select(table.c.entity_id).where(*same, others, table.c.superseded_at.is_(None)).limit(1)
