"""Times on the wire: reading xs:dateTime, and the window in which a signed moment is believed."""

import re
from datetime import UTC, date, datetime, timedelta, timezone

MOSCOW = timezone(timedelta(hours=3), "MSK")
"""The clock of SMEV: a moment written without a zone is read by it (contracts give no zone; docs/explanation)."""

_DATE_TIME = re.compile(
    r"(\d{4}-\d\d-\d\dT)(\d\d)(:\d\d:\d\d)(\.\d+)?(Z|[+-]\d\d:\d\d)?",
)


def utc_now() -> datetime:
    """The system's clock, in UTC."""
    return datetime.now(UTC)


def moscow_day(moment: datetime) -> date:
    """The day of an aware `moment` by Moscow's clock: the register's day, which begins three hours before UTC's."""
    return moment.astimezone(MOSCOW).date()


def read_date_time(text: str) -> datetime:
    """The moment that an xs:dateTime names, in UTC.

    Handles what `datetime.fromisoformat` does not: fractions of any length (cut to microseconds) and the hour 24.
    Raises ValueError for years outside 1–9999 and for anything that is no xs:dateTime.
    """
    match = _DATE_TIME.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"not an xs:dateTime: {text!r}")
    day, hour, rest, fraction, zone = match.groups()
    end_of_day = hour == "24"
    if end_of_day and (rest != ":00:00" or (fraction or ".0").strip(".0")):
        raise ValueError(f"hour 24 stands for midnight only: {text!r}")
    moment = datetime.fromisoformat(f"{day}{'00' if end_of_day else hour}{rest}{(fraction or '')[:7]}{zone or ''}")
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=MOSCOW)
    try:
        return moment.astimezone(UTC) + timedelta(days=end_of_day)
    except OverflowError as error:
        raise ValueError(f"out of range: {text!r}") from error


def is_within(moment: datetime, now: datetime, window: timedelta) -> bool:
    """Whether a signed `moment` lies within ±`window` of the node's clock: a captured call cannot be replayed later."""
    return abs(moment - now) <= window
