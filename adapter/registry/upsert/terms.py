"""Terms of five years, which certificates, accreditations and categories have unless the law has prolonged them."""

from datetime import date, timedelta

from sqlalchemy import Connection

from ..periods import years_later
from ..rule import Rule
from .change import Change, Check
from .findings import Findings, found

YEARS = 5

TERM_NOT_FIVE_YEARS = Rule(
    "TERM_NOT_FIVE_YEARS",
    "срок действия по {sent} не равен пяти годам со дня {begin}",
    "Исправьте даты; если срок продлён нормативным актом, укажите это",
)
EXTENDED_TOO_SHORT = Rule(
    "EXTENDED_TOO_SHORT",
    "срок действия по {sent} указан как продлённый, но пяти лет со дня {begin} не превышает",
    "Исправьте дату или уберите признак продления",
)


def last_day(begin: date) -> date:
    """The last day of a term that is not given: the same day of the calendar five years later."""
    return years_later(begin, YEARS)


def _ends(begin: date) -> tuple[date, date]:
    """The last days that issuers write: the same day of the calendar, or the one before."""
    return last_day(begin) - timedelta(days=1), last_day(begin)


def _begins(change: Change, also: str | None) -> list[date]:
    days = [change.record["valid_from"], *([change.record[also]] if also else [])]
    return [day for day in days if day is not None]


def term_checks(also: str | None = None) -> tuple[Check, ...]:
    """The rules of a record with `valid_from`, `valid_to` and `extended`.

    The term is reckoned from its first day, or from the day in the column `also`.
    """

    def regular(change: Change, _conn: Connection) -> Findings:
        begins, end = _begins(change, also), change.record["valid_to"]
        if not change.record["extended"] and not any(end in _ends(begin) for begin in begins):
            yield found(change.path("valid_to"), sent=end, begin=begins[0])

    def extended(change: Change, _conn: Connection) -> Findings:
        begins, end = _begins(change, also), change.record["valid_to"]
        if change.record["extended"] and end <= max(map(last_day, begins)):
            yield found(change.path("valid_to"), sent=end, begin=begins[0])

    return Check(TERM_NOT_FIVE_YEARS, regular), Check(EXTENDED_TOO_SHORT, extended)
