"""Business periods and ages, in days by the calendar."""

from datetime import date


def period(first: date | None, last: date | None) -> str:
    """A business period in Russian."""
    parts = ([f"с {first}"] if first else []) + ([f"по {last}"] if last else [])
    return " ".join(parts) or "бессрочно"


def years_later(day: date, years: int) -> date:
    """The same day of the calendar so many years later; of 29 February, the first of March in other years."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)
