"""How the rules about absences are judged: within the employment, one at a time."""

from datetime import date

from sqlalchemy import RowMapping

from ...periods import period
from ...upsert.findings import Findings, found
from .event import Event
from .known import Known


def not_found(event: Event, known: Known) -> Findings:
    """Whether the organisation knows such an absence of the worker."""
    if known.worker and known.absence(event) is None:
        yield found(event.target_path, sent=event.absence_id)


def goes_on(event: Event, known: Known) -> RowMapping | None:
    """What of the absence is from a later employment, where the event would have it end: the record of that day."""
    absence = known.absence(event)
    if absence is None or absence["valid_to"] is None or event.day <= absence["valid_to"]:
        return None
    rest = known.rest_of(absence)
    until_then = (row for row in rest if row["valid_to"] is None or event.day <= row["valid_to"])
    return next(until_then, rest[-1] if rest else None)


def continued(event: Event, known: Known) -> Findings:
    """Whether the absence goes on from the next employment, and ends there."""
    absence, rest = known.absence(event), goes_on(event, known)
    if absence is not None and rest is not None:
        yield found(event.target_path, sent=event.absence_id, day=absence["valid_to"], stored=rest["entity_id"])


def _term(event: Event, known: Known) -> tuple[date | None, date | None]:
    """First and last day of the absence as the event leaves it; the last one None: not known yet."""
    absence = known.absence(event)
    return (event.day, event.last_day) if absence is None else (absence["valid_from"], event.day)


def _last_day_path(event: Event) -> str:
    return event.path("EndDate")


def reversed_period(event: Event, known: Known) -> Findings:
    """Whether the absence ends before it begins."""
    first, last = _term(event, known)
    if first is not None and last is not None and last < first:
        yield found(_last_day_path(event), sent=last, begin=first)


def outside(event: Event, known: Known) -> Findings:
    """Whether a part of the absence lies before or after the employment that it interrupts."""
    employment = known.interrupted(event)
    if employment is None or goes_on(event, known) is not None:
        return
    first, last = _term(event, known)
    begins, ends = employment["valid_from"], employment["valid_to"]
    values = {"period": period(begins, ends)}
    if first is not None and not (begins or first) <= first <= (ends or first):
        yield found(event.day_path, sent=first, **values)
    if ends is not None and (last is None or last > ends):
        yield found(_last_day_path(event), sent=last or "не указано", **values)


def overlapping(event: Event, known: Known) -> Findings:
    """Whether the worker is absent from the same employment for another reason on some of the days."""
    employment = known.interrupted(event)
    if employment is None:
        return
    first, last = _term(event, known)
    for other in known.absences_from(employment["entity_id"]):
        if other["entity_id"] == event.absence_id:
            continue
        begins, ends = other["valid_from"], other["valid_to"]
        if (last is None or begins is None or begins <= last) and (ends is None or first is None or first <= ends):
            yield found(event.day_path, stored=other["entity_id"], period=period(begins, ends))


def unchanged(event: Event, known: Known) -> Findings:
    """Whether the absence has that end already."""
    absence = known.absence(event)
    if absence is not None and absence["valid_to"] == event.day and not known.rest_of(absence):
        yield found(event.day_path, sent=event.day)
