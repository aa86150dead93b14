"""How columns become elements: a section is one query, of the columns that the sender may see and no others.

Names of codes are those of the day to which the fact belongs; names of organisations are those of now.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from lxml.etree import SubElement
from lxml.etree import _Element as Element
from sqlalchemy import ColumnElement, FromClause, Row, Select, Table, and_, or_, select

from ..markup import leaf, moment
from ..schema import dictionary_items


@dataclass(frozen=True, slots=True)
class Plain:
    """A column that becomes an element with text; left out when it is empty."""

    element: str
    column: str
    write: Callable[[Any], str] = str


@dataclass(frozen=True, slots=True)
class Marked:
    """A column that becomes an attribute of the record's element."""

    element: str
    column: str
    write: Callable[[Any], str] = str


@dataclass(frozen=True, slots=True)
class Coded:
    """A column with a code of a dictionary: element with Code and Name. `day` is the column with the day it is of."""

    element: str
    column: str
    dictionary: str
    day: str


@dataclass(frozen=True, slots=True)
class Named:
    """A column with the OID of an organisation or a subdivision: element with Oid and its current Name."""

    element: str
    column: str
    table: Table
    name: str


PROVENANCE = (
    Marked("entityId", "entity_id"),
    Marked("version", "version"),
    Marked("recordedAt", "recorded_at", moment),
    Marked("source", "source"),
    Marked("messageId", "message_id"),
)
"""What every record of a section bears: its key and version, and who told it, when and by which message."""

Field = Plain | Marked | Coded | Named
Writer = Callable[[Element, Row[Any]], None]
Reading = tuple[Select[Any], tuple[Writer, ...]]


def yes_or_no(value: bool) -> str:
    """A boolean as xs:boolean."""
    return "true" if value else "false"


def only_yes(value: bool) -> str:
    """A boolean that is told only where it holds."""
    return "true" if value else ""


def reading(table: Table, fields: tuple[Field, ...], visible: Collection[str], q: str) -> Reading:
    """The query that reads the visible fields of a table, and what writes each of them from a row of its result.

    `q` is the namespace of the elements, in braces.
    """
    source: FromClause = table
    selected: list[ColumnElement[Any]] = []
    writers: list[Writer] = []
    for field in fields:
        if field.column not in visible:
            continue
        position = len(selected)
        selected.append(table.c[field.column])
        tag = f"{q}{field.element}"
        match field:
            case Plain():
                writers.append(_plain(tag, position, field.write))
            case Marked():
                writers.append(_attribute(field.element, position, field.write))
            case Coded():
                item = dictionary_items.alias()
                day = table.c[field.day]
                source = source.outerjoin(
                    item,
                    and_(
                        item.c.dictionary == field.dictionary,
                        item.c.code == table.c[field.column],
                        item.c.holds_from <= day,
                        or_(item.c.holds_to.is_(None), item.c.holds_to >= day),
                    ),
                )
                selected.append(item.c.name)
                writers.append(_pair(tag, position, f"{q}Code", f"{q}Name"))
            case Named():
                named = field.table.alias()
                source = source.outerjoin(
                    named, and_(named.c.entity_id == table.c[field.column], named.c.superseded_at.is_(None))
                )
                selected.append(named.c[field.name])
                writers.append(_pair(tag, position, f"{q}Oid", f"{q}Name"))
    return select(*selected).select_from(source), tuple(writers)


def _plain(tag: str, position: int, text: Callable[[Any], str]) -> Writer:
    def write(parent: Element, row: Row[Any]) -> None:
        value = row[position]
        written = "" if value is None else text(value)
        if written:
            leaf(parent, tag, written)

    return write


def _attribute(name: str, position: int, text: Callable[[Any], str]) -> Writer:
    def write(element: Element, row: Row[Any]) -> None:
        element.set(name, text(row[position]))

    return write


def _pair(tag: str, position: int, first: str, second: str) -> Writer:
    def write(parent: Element, row: Row[Any]) -> None:
        if row[position] is not None:
            element = SubElement(parent, tag)
            leaf(element, first, row[position])
            if row[position + 1] is not None:
                leaf(element, second, row[position + 1])

    return write
