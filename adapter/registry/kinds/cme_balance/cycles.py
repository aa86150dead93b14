"""The balance of points, and the hours of five-year cycles: 144, of which 72 in the specialty (register facts, §1)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Row

from ...periods import years_later

YEARS, REQUIRED, REQUIRED_IN_SPECIALTY = 5, 144, 72
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Cycle:
    """A cycle of a specialty, None: of none in particular. What is done is in hundredths of an hour."""

    specialty: str | None
    begin: date
    end: date
    hours: int
    in_specialty: int
    required: int = REQUIRED
    required_in_specialty: int = REQUIRED_IN_SPECIALTY


def balance(rows: Sequence[Row[Any]]) -> tuple[int, int]:
    """Points confirmed and waiting for it, in hundredths."""
    confirmed = sum(row.points for row in rows if row.confirmation == "CONFIRMED")
    return confirmed, sum(row.points for row in rows if row.confirmation == "PENDING")


def cycles(credentials: Sequence[Row[Any]], rows: Sequence[Row[Any]], day: date) -> list[Cycle]:
    """The cycle of each specialty in which a credential holds on the day; the last five years if there is none."""
    held: dict[str, Row[Any]] = {}
    for row in credentials:
        begun = row.valid_from is not None and row.valid_from <= day
        if begun and (row.valid_to is None or day <= row.valid_to):
            known = held.get(row.specialty)
            if known is None or row.valid_from > known.valid_from:
                held[row.specialty] = row
    if not held:
        return [_cycle(None, years_later(day, -YEARS) + _DAY, day, rows, day)]
    return [
        _cycle(code, row.valid_from, row.valid_to or years_later(row.valid_from, YEARS) - _DAY, rows, day)
        for code, row in sorted(held.items())
    ]


def _cycle(specialty: str | None, begin: date, end: date, rows: Sequence[Row[Any]], day: date) -> Cycle:
    counted = [
        row
        for row in rows
        if row.confirmation == "CONFIRMED" and row.valid_from is not None and begin <= row.valid_from <= day
    ]
    own = [row for row in counted if specialty is not None and row.specialty == specialty]
    return Cycle(specialty, begin, end, *(max(sum(map(_hours, some)), 0) for some in (counted, own)))


def _hours(row: Row[Any]) -> int:
    return int(row.points if row.hours is None else 100 * row.hours)
