"""Seniority: what periods of work come to, in full years, months and days by the calendar."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

_DAY = timedelta(days=1)
_DAYS_OF_MONTH, _MONTHS_OF_YEAR = 30, 12


@dataclass(frozen=True, slots=True)
class Seniority:
    """The sum of periods that neither overlap nor touch; both days of a period are included."""

    years: int
    months: int
    days: int
    periods: tuple[tuple[date, date], ...]


def merged(periods: Iterable[tuple[date, date | None]], until: date) -> tuple[tuple[date, date], ...]:
    """The days of the periods up to `until`, as the fewest periods that hold them; None: not ended."""
    found: list[tuple[date, date]] = []
    for first, end in sorted((first, min(last or until, until)) for first, last in periods):
        if end < first:
            continue
        if found and first <= found[-1][1] + _DAY:
            found[-1] = found[-1][0], max(found[-1][1], end)
        else:
            found.append((first, end))
    return tuple(found)


def seniority(periods: Iterable[tuple[date, date | None]], until: date) -> Seniority:
    """What the periods come to on a day.

    Each merged period is counted by the calendar; of the days that are left over, 30 make a month, and 12 months make a
    year.
    """
    whole = merged(periods, until)
    months = days = 0
    for first, last in whole:
        counted = _months(first, last + _DAY)
        months += counted
        days += (last + _DAY - _later(first, counted)).days
    months += days // _DAYS_OF_MONTH
    return Seniority(months // _MONTHS_OF_YEAR, months % _MONTHS_OF_YEAR, days % _DAYS_OF_MONTH, whole)


def _months(first: date, end: date) -> int:
    """Full months from a day to another, the latter left out."""
    months = (end.year - first.year) * _MONTHS_OF_YEAR + end.month - first.month
    return months if _later(first, months) <= end else months - 1


def _later(day: date, months: int) -> date:
    """The same day of a month so many months later; the last day of a month that is too short."""
    year, month = divmod(day.year * _MONTHS_OF_YEAR + day.month - 1 + months, _MONTHS_OF_YEAR)
    following = date(year + (month == _MONTHS_OF_YEAR - 1), (month + 1) % _MONTHS_OF_YEAR + 1, 1)
    return min(date(year, month + 1, 1) + timedelta(days=day.day - 1), following - _DAY)
