"""What the register knows that a verdict may depend on, gathered for many questions at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Row

from ..lookup.staff import StaffCategory
from .question import Fact

Rows = Mapping[str, Sequence[Row[Any]]]
"""Facts by their owner. A column that may not be seen is missing from the rows."""


@dataclass(frozen=True, slots=True)
class Known:
    """Facts by table and owner. `withheld` names the sections that may not be seen.

    `specialties` holds for each post the items that say which specialties go with it: (specialty, first day, last day).
    """

    persons: Rows
    credentials: Mapping[str, Rows]
    restrictions: Rows
    employments: Rows
    organisations: Rows
    licences: Rows
    activities: Rows
    specialties: Mapping[str, Sequence[tuple[str, date | None, date | None]]]
    categories: Mapping[str, StaffCategory]
    withheld: tuple[str, ...] = ()


def value(row: Row[Any], column: str) -> Any:
    """A column's value; None where it may not be seen."""
    return getattr(row, column, None)


def begun(row: Row[Any], day: date) -> bool:
    """Whether the business period of a row has begun by the day."""
    return row.valid_from is None or row.valid_from <= day


def ended(row: Row[Any], day: date) -> bool:
    """Whether the business period of a row has ended before the day."""
    return row.valid_to is not None and row.valid_to < day


def holds(row: Row[Any], day: date) -> bool:
    """Whether the business period of a row holds the day."""
    return begun(row, day) and not ended(row, day)


def fact(section: str, row: Row[Any]) -> Fact:
    """What a verdict tells of a fact."""
    return Fact(section, row.entity_id, row.valid_from, row.valid_to)


def closest(section: str, rows: Sequence[Row[Any]], day: date) -> Fact:
    """Of facts that do not hold on the day, the one that ended last before it; else the one that begins first."""
    past = [row for row in rows if ended(row, day)]
    if past:
        return fact(section, max(past, key=lambda row: (row.valid_to, row.entity_id)))
    return fact(section, min(rows, key=lambda row: (row.valid_from, row.entity_id)))
