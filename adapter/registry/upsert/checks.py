"""How the rules of every record are judged."""

from collections.abc import Callable, Iterator
from datetime import date

from ..common_rules import CODE_NAME_MISMATCH, CODE_NOT_VALID_ON_DATE, CODE_UNKNOWN
from ..periods import period, years_later
from ..rule import Rule
from . import rules
from .change import Change
from .fields import Coded, Day, Text
from .findings import Findings, Judged, found
from .sent import Action


def judge_target(change: Change, judged: Judged) -> None:
    """Whether there is what the request replaces or withdraws, in the version that it has seen."""
    judged.add(rules.RECORD_NOT_FOUND, _not_found(change))
    judged.add(rules.VERSION_CONFLICT, _conflict(change))


def judge_difference(change: Change, judged: Judged) -> None:
    """Whether the request changes anything; of who has seen an older version this cannot be asked."""
    seen = change.current is not None and change.current["version"] == change.sent.version
    same = seen and not differs(change)
    judged.add(rules.RECORD_UNCHANGED, [found(change.sent.path, entity=change.sent.entity_id)] if same else [])


def differs(change: Change) -> bool:
    """Whether the record is to be other than it is."""
    current = change.current
    return current is None or any(current[column] != value for column, value in change.record.items())


def judge_record(change: Change, judged: Judged) -> None:
    """Whether the record may stand so."""
    judged.add(rules.DUPLICATE, _duplicate(change))
    judged.add(rules.NUMBER_ELSEWHERE, [found(change.sent.path)] if change.elsewhere else [])
    for field, value in ((one, change.record[one.column]) for one in change.section.fields):
        if isinstance(field, Text) and field.control is not None and value is not None:
            sent = [] if field.control.holds(value) else [found(change.path(field.column), sent=value)]
            judged.add(field.control.rule, sent)
    judged.add(rules.DATE_IN_FUTURE, _future(change))
    judged.add(rules.TOO_YOUNG, _too_young(change))
    judged.add(rules.END_BEFORE_BEGIN, _reversed(change))
    for rule, judge in _CODES:
        judged.add(rule, judge(change))


def _not_found(change: Change) -> Findings:
    if change.owner.oid is not None and change.action is not Action.CREATE and change.current is None:
        yield found(f"{change.sent.path}/@entityId", sent=change.sent.entity_id)


def _conflict(change: Change) -> Findings:
    current = change.current
    if current is not None and current["version"] != change.sent.version:
        values = {"sent": change.sent.version, "entity": change.sent.entity_id, "stored": current["version"]}
        yield found(f"{change.sent.path}/@version", **values)


def _duplicate(change: Change) -> Findings:
    keys = [key for key in change.section.natural_keys if change.record[key[0]] is not None]
    for row in change.others:
        if any(all(row[column] == change.record[column] for column in key) for key in keys):
            yield found(change.sent.path, stored=row["entity_id"])


def _days(change: Change) -> Iterator[Day]:
    """The fields whose dates were sent."""
    return (one for one in change.section.fields if isinstance(one, Day) and one.column in change.sent.present)


def _future(change: Change) -> Findings:
    for field in _days(change):
        if not field.future and change.record[field.column] > change.today:
            yield found(change.path(field.column), sent=change.record[field.column])


def _too_young(change: Change) -> Findings:
    """The date of birth is not told: it is the register's."""
    if change.owner.row is None:
        return
    for field in _days(change):
        sent = change.record[field.column]
        if field.age is not None and sent < years_later(change.owner.row["birth_date"], field.age):
            yield found(change.path(field.column), sent=sent, years=field.age)


def _reversed(change: Change) -> Findings:
    if "valid_to" not in change.sent.present:
        return
    first, last = change.record["valid_from"], change.record["valid_to"]
    if first is not None and last < first:
        yield found(change.path("valid_to"), sent=last, begin=first)


def _coded(change: Change) -> Iterator[Coded]:
    """The fields whose codes were sent."""
    return (one for one in change.section.fields if isinstance(one, Coded) and one.column in change.sent.present)


def _day(change: Change, field: Coded) -> date:
    """The day on which the code must hold."""
    days = (change.record.get(column) for column in field.days)
    return next((day for day in days if day is not None), change.today)


def _code(change: Change) -> Findings:
    for field in _coded(change):
        sent = change.record[field.column]
        if not change.codes.periods(field.dictionary, sent):
            yield found(f"{change.path(field.column)}/Code", sent=sent, dictionary=field.dictionary)


def _code_on_day(change: Change) -> Findings:
    for field in _coded(change):
        sent = change.record[field.column]
        day = _day(change, field)
        periods = change.codes.periods(field.dictionary, sent)
        if periods and change.codes.on(field.dictionary, sent, day) is None:
            shown = ", ".join(period(item.valid_from, item.valid_to) for item in periods)
            values = {"sent": sent, "dictionary": field.dictionary, "day": day, "period": shown}
            yield found(f"{change.path(field.column)}/Code", **values)


def _code_name(change: Change) -> Findings:
    for field in _coded(change):
        name, code = change.sent.names.get(field.column), change.record[field.column]
        day = _day(change, field)
        item = change.codes.on(field.dictionary, code, day)
        if item is not None and name is not None and " ".join(name.split()).casefold() != item.name.casefold():
            values = {"sent": name, "code": code, "dictionary": field.dictionary, "stored": item.name}
            yield found(f"{change.path(field.column)}/Name", **values)


_CODES: tuple[tuple[Rule, Callable[[Change], Findings]], ...] = (
    (CODE_UNKNOWN, _code),
    (CODE_NOT_VALID_ON_DATE, _code_on_day),
    (CODE_NAME_MISMATCH, _code_name),
)
