"""Seniority: merged periods hold the days of all periods and no others; the sum is that of counting day by day."""

from datetime import date, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st
from mezhved.adapter.registry.kinds.employment_history.seniority import merged, seniority

DAY = timedelta(days=1)
UNTIL = date(2024, 3, 31)
DAYS = st.dates(date(2019, 1, 1), date(2024, 6, 30))
PERIODS = st.lists(
    st.tuples(DAYS, st.none() | st.integers(0, 700)).map(
        lambda pair: (pair[0], None if pair[1] is None else pair[0] + pair[1] * DAY)
    ),
    max_size=6,
)


def days_of(first: date, last: date) -> set[date]:
    return {first + number * DAY for number in range((last - first).days + 1)}


@given(PERIODS)
def test_merged_periods_are_the_days_worked_as_few_periods_apart(periods: list[tuple[date, date | None]]) -> None:
    worked = set().union(*(days_of(first, min(last or UNTIL, UNTIL)) for first, last in periods))
    found = merged(periods, UNTIL)
    assert sorted(day for first, last in found for day in days_of(first, last)) == sorted(worked)
    assert all(last + DAY < first for (_, last), (first, _) in pairwise(found))


def naive(first: date, last: date) -> tuple[int, int]:
    """Full months and days left over, walking from day to day."""
    months, begin, day = 0, first, first
    while day <= last:
        end = begin.month % 12 + 1, begin.year + (begin.month == 12)
        length = (date(end[1] + (end[0] == 12), end[0] % 12 + 1, 1) - DAY).day
        following = date(end[1], end[0], min(first.day, length))
        if following > last + DAY:
            break
        months, begin, day = months + 1, following, following
    return months, (last + DAY - day).days


@given(PERIODS)
def test_thirty_days_are_a_month_and_twelve_months_a_year(periods: list[tuple[date, date | None]]) -> None:
    found = seniority(periods, UNTIL)
    counted = [naive(first, last) for first, last in found.periods]
    months, days = sum(one[0] for one in counted), sum(one[1] for one in counted)
    months, days = months + days // 30, days % 30
    assert (found.years, found.months, found.days) == (months // 12, months % 12, days)


def test_work_counts_until_the_day_that_is_asked_about() -> None:
    found = seniority([(date(2020, 2, 29), None)], date(2021, 2, 26))
    assert (found.years, found.months, found.days) == (0, 11, 29)
    whole = seniority([(date(2020, 2, 29), None)], date(2021, 2, 27))
    assert whole.years == 1
