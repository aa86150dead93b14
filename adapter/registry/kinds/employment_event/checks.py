"""How the rules are judged: a table of rules, the events they are for, and what finds where they are broken."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import RowMapping

from ...check_digits import is_inn, is_ogrn, is_snils
from ...common_rules import (
    BIRTH_DATE_IN_FUTURE,
    CODE_NAME_MISMATCH,
    CODE_NOT_VALID_ON_DATE,
    CODE_UNKNOWN,
    INN_CONTROL,
    OGRN_CONTROL,
    ORG_NOT_FOUND,
    PERSON_MISMATCH,
    SNILS_CONTROL,
    WORKER_NOT_ACTIVE,
    WORKER_NOT_FOUND,
)
from ...dictionaries import Item
from ...markup import share
from ...names import folded
from ...periods import period, years_later
from ...rule import Rule
from ...schema import MAIN_POST
from ...upsert.findings import Findings, found
from ...upsert.rules import VERSION_CONFLICT
from . import absences, rules
from .event import ROOT, Event, EventKind
from .known import Known, on_day

AHEAD = timedelta(days=60)
"""How far an event may lie in the future: a notice of dismissal, a contract that begins later."""
LEAST_AGE = 14
"""Age from which a labour contract is possible at all, in years."""
RATES_WITHOUT_WARNING = 150
"""Sum of rates up to which nothing is said, in hundredths: a full post and a half."""
RATES_AT_MOST = 200
"""Sum of rates beyond which an event is refused, in hundredths: two full posts."""
INNER_PART_TIME = "2"
"""Code of внутреннее совместительство in the dictionary of kinds of employment."""


Judge = Callable[[Event, Known], Findings]


@dataclass(frozen=True, slots=True)
class Check:
    """A rule, the events to which it applies, and what finds the places where it is broken.

    `whose`: it tells who the worker is. All others are judged as if there were no such worker when the one of this
    СНИЛС is not the one described: whoever guesses a number would learn from them where its owner works.
    """

    rule: Rule
    events: frozenset[EventKind]
    judge: Judge
    whose: bool = False


def _snils(event: Event, _known: Known) -> Findings:
    if not is_snils(event.worker.snils):
        yield found(f"{ROOT}/Worker/Snils", sent=event.worker.snils)


def _inn(event: Event, _known: Known) -> Findings:
    if event.worker.inn is not None and not is_inn(event.worker.inn):
        yield found(f"{ROOT}/Worker/Inn", sent=event.worker.inn)


def _ogrn(event: Event, _known: Known) -> Findings:
    if event.ogrn is not None and not is_ogrn(event.ogrn):
        yield found(f"{ROOT}/Organization/Ogrn", sent=event.ogrn)


def _birth_date(event: Event, known: Known) -> Findings:
    if event.worker.birth_date > known.today:
        yield found(f"{ROOT}/Worker/BirthDate", sent=event.worker.birth_date)


def _contract_date(event: Event, known: Known) -> Findings:
    if event.contract and event.contract.signed_on > known.today:
        yield found(event.path("ContractDate"), sent=event.contract.signed_on)


def _order_date(event: Event, known: Known) -> Findings:
    if event.order_date is not None and event.order_date > known.today:
        yield found(event.path("OrderDate"), sent=event.order_date)


def _far_ahead(event: Event, known: Known) -> Findings:
    if event.day > known.today + AHEAD:
        yield found(event.day_path, sent=event.day, days=AHEAD.days)


def _before_contract(event: Event, _known: Known) -> Findings:
    if event.contract and event.day < event.contract.signed_on:
        yield found(event.day_path, sent=event.day, contract=event.contract.signed_on)


def _too_young(event: Event, known: Known) -> Findings:
    born = event.worker.birth_date
    if event.day < years_later(born, LEAST_AGE) and born <= known.today:
        yield found(event.day_path, sent=event.day, born=born, years=LEAST_AGE)


def _organisation(event: Event, known: Known) -> Findings:
    if known.organisation is None:
        yield found(f"{ROOT}/Organization/Oid", sent=event.organisation_oid)


def _organisation_open(event: Event, known: Known) -> Findings:
    row = known.organisation
    if row and not on_day(row, event.day):
        shown = period(row["valid_from"], row["valid_to"])
        yield found(f"{ROOT}/Organization/Oid", sent=event.organisation_oid, day=event.day, period=shown)


def _organisation_ogrn(event: Event, known: Known) -> Findings:
    sent = event.ogrn
    if known.organisation and sent is not None and is_ogrn(sent) and sent != known.organisation["ogrn"]:
        yield found(f"{ROOT}/Organization/Ogrn", sent=sent, stored=known.organisation["ogrn"])


def _subdivision(event: Event, known: Known) -> Findings:
    if event.place and known.organisation and known.subdivision is None:
        yield found(event.path("SubdivisionOid"), sent=event.place.subdivision_oid, organisation=event.organisation_oid)


def _subdivision_open(event: Event, known: Known) -> Findings:
    row = known.subdivision
    if event.place and row and not on_day(row, event.day, "subdivision_"):
        shown = period(row["subdivision_valid_from"], row["subdivision_valid_to"])
        yield found(event.path("SubdivisionOid"), sent=event.place.subdivision_oid, day=event.day, period=shown)


def _worker(event: Event, known: Known) -> Findings:
    if known.worker is None and is_snils(event.worker.snils):
        yield found(f"{ROOT}/Worker/Snils")


def is_another(event: Event, known: Known) -> bool:
    """Whether the worker of this СНИЛС is not the one whom the event describes."""
    return any(_person(event, known))


def _person(event: Event, known: Known) -> Findings:
    """The stored value is not told: by it, whoever guesses a СНИЛС would learn whose it is."""
    sent, stored = event.worker, known.worker
    if stored is None:
        return
    for name, value, column in (
        ("LastName", sent.last_name, "last_folded"),
        ("FirstName", sent.first_name, "first_folded"),
        ("Patronymic", sent.patronymic, "patronymic_folded"),
    ):
        if value is not None and folded(value) != stored[column]:
            yield found(f"{ROOT}/Worker/{name}", sent=value)
    if sent.birth_date != stored["birth_date"] and sent.birth_date <= known.today:
        yield found(f"{ROOT}/Worker/BirthDate", sent=sent.birth_date)
    if sent.inn is not None and is_inn(sent.inn) and stored["inn"] not in (None, sent.inn):
        yield found(f"{ROOT}/Worker/Inn", sent=sent.inn)


def _active(_event: Event, known: Known) -> Findings:
    if known.worker and known.worker["status"] != "ACTIVE":
        yield found(f"{ROOT}/Worker", stored=known.worker["status"])


def _code(event: Event, known: Known) -> Findings:
    for value in event.codes:
        if not known.codes.periods(value.dictionary, value.code):
            yield found(f"{value.path}/Code", sent=value.code, dictionary=value.dictionary)


def _code_on_day(event: Event, known: Known) -> Findings:
    for value in event.codes:
        periods = known.codes.periods(value.dictionary, value.code)
        if periods and known.codes.on(value.dictionary, value.code, event.day) is None:
            shown = ", ".join(period(item.valid_from, item.valid_to) for item in periods)
            yield found(f"{value.path}/Code", sent=value.code, dictionary=value.dictionary, day=event.day, period=shown)


def _code_name(event: Event, known: Known) -> Findings:
    for value in event.codes:
        item = known.codes.on(value.dictionary, value.code, event.day)
        if item and value.name is not None and not _same_name(value.name, item):
            yield found(
                f"{value.path}/Name", sent=value.name, code=value.code, dictionary=value.dictionary, stored=item.name
            )


def _same_name(name: str, item: Item) -> bool:
    return " ".join(name.split()).casefold() == item.name.casefold()


def _employment(event: Event, known: Known) -> Findings:
    if known.worker and known.employment(event) is None:
        yield found(event.target_path, sent=event.employment_id)


def _employment_continued(event: Event, known: Known) -> Findings:
    row = known.employment(event)
    following = [] if row is None else known.continuations(row)
    if following:
        current = {"day": following[0]["valid_from"], "stored": following[-1]["entity_id"]}
        yield found(event.target_path, sent=event.employment_id, **current)


def _employment_open(event: Event, known: Known) -> Findings:
    row = known.employment(event)
    if row and row["valid_to"] is not None and not known.continuations(row):
        yield found(event.target_path, sent=event.employment_id, stored=row["valid_to"])


def _version(event: Event, known: Known) -> Findings:
    """Of an employment that has ended its end is told (_employment_open), which says more."""
    changed = known.open_employment(event) if event.kind in _OF_EMPLOYMENT else known.employment(event)
    row, target = known.absence(event) or changed, event.target
    if row and target and target.version not in (None, row["version"]):
        values = {"sent": target.version, "entity": target.entity_id, "stored": row["version"]}
        yield found(f"{event.target_path}/@version", **values)


def _end(event: Event, known: Known) -> Findings:
    row = known.open_employment(event)
    if row and row["valid_from"] and event.day < row["valid_from"]:
        yield found(event.day_path, sent=event.day, stored=row["valid_from"])


def _change_day(event: Event, known: Known) -> Findings:
    row = known.open_employment(event)
    if row and row["valid_from"] and event.day <= row["valid_from"]:
        yield found(event.day_path, sent=event.day, stored=row["valid_from"])


def _changes(event: Event, known: Known) -> Findings:
    row, place = known.open_employment(event), event.place
    if row and place:
        now = place.subdivision_oid, place.post, place.position_type, place.rate
        if now == (row["subdivision_oid"], row["post"], row["position_type"], row["rate"]):
            yield found(f"{ROOT}/{event.kind}")


def _rate_changes(event: Event, known: Known) -> Findings:
    row = known.open_employment(event)
    if row and event.rate is not None and row["rate"] == event.rate:
        yield found(event.path("Rate"), sent=share(event.rate))


def _duplicate(event: Event, known: Known) -> Findings:
    if event.place is None:
        return
    key = event.organisation_oid, event.place.post, event.place.position_type, event.day
    for row in known.others(event):
        if key == (row["organisation_oid"], row["post"], row["position_type"], row["valid_from"]):
            yield found(f"{ROOT}/{event.kind}", post=event.place.post, begin=event.day, stored=row["entity_id"])


def _main_post(event: Event, known: Known) -> Findings:
    if event.place is None or event.place.position_type != MAIN_POST:
        return
    for row in known.others(event):
        if row["position_type"] == MAIN_POST and (row["valid_to"] is None or row["valid_to"] >= event.day):
            shown = period(row["valid_from"], row["valid_to"])
            organisation = f"{row['organisation_name'] or 'организация'} ({row['organisation_oid']})"
            yield found(event.path("PositionType/Code"), organisation=organisation, period=shown)


def _credential(event: Event, known: Known) -> Findings:
    if known.worker and not known.worker["has_credential"]:
        yield found(f"{ROOT}/Worker", day=event.day)


def _at_work(event: Event, known: Known) -> list[RowMapping]:
    """The worker's other employments on the event's day."""
    return [row for row in known.others(event) if on_day(row, event.day)]


def _total(event: Event, known: Known) -> int:
    """Sum of the worker's rates on the event's day, in hundredths."""
    others: int = sum(row["rate"] for row in _at_work(event, known))
    return others + (event.place.rate if event.place else 0)


def _rates(event: Event, known: Known) -> Findings:
    total = _total(event, known)
    if event.place and RATES_WITHOUT_WARNING < total <= RATES_AT_MOST:
        yield found(event.path("Rate"), day=event.day, total=share(total))


def _too_many_rates(event: Event, known: Known) -> Findings:
    total = _total(event, known)
    if event.place and total > RATES_AT_MOST:
        yield found(event.path("Rate"), day=event.day, total=share(total), most=share(RATES_AT_MOST))


def _main_post_here(event: Event, known: Known) -> Findings:
    if event.place is None or event.place.position_type != INNER_PART_TIME:
        return
    here = (row for row in _at_work(event, known) if row["organisation_oid"] == event.organisation_oid)
    if not any(row["position_type"] == MAIN_POST for row in here):
        yield found(event.path("PositionType/Code"), day=event.day)


def _in_plan(event: Event, known: Known) -> Findings:
    if event.place and known.staffing and known.staffing.planned == 0:
        yield found(event.path("Post/Code"), day=event.day, post=event.place.post)


def _plan_exceeded(event: Event, known: Known) -> Findings:
    place, staffing = event.place, known.staffing
    if place and staffing and staffing.planned and staffing.occupied + place.rate > staffing.planned:
        taken, planned = share(staffing.occupied), share(staffing.planned)
        yield found(event.path("Rate"), sent=share(place.rate), taken=taken, planned=planned, day=event.day)


_HIRE = frozenset({EventKind.HIRE})
_TRANSFER = frozenset({EventKind.TRANSFER})
_DISMISSAL = frozenset({EventKind.DISMISSAL})
_RATE_CHANGE = frozenset({EventKind.RATE_CHANGE})
_ABSENCE = frozenset({EventKind.ABSENCE})
_ABSENCE_END = frozenset({EventKind.ABSENCE_END})
_ALL = frozenset(EventKind)
_NEW_PLACE = _HIRE | _TRANSFER
_NEW_WORK = _NEW_PLACE | _RATE_CHANGE
_OF_EMPLOYMENT = _TRANSFER | _RATE_CHANGE | _DISMISSAL

CHECKS = (
    Check(SNILS_CONTROL, _ALL, _snils),
    Check(INN_CONTROL, _ALL, _inn),
    Check(OGRN_CONTROL, _ALL, _ogrn),
    Check(BIRTH_DATE_IN_FUTURE, _ALL, _birth_date),
    Check(rules.CONTRACT_DATE_IN_FUTURE, _HIRE, _contract_date),
    Check(rules.ORDER_DATE_IN_FUTURE, _ALL, _order_date),
    Check(rules.DATE_TOO_FAR_AHEAD, _ALL - _ABSENCE_END, _far_ahead),
    Check(rules.BEGIN_BEFORE_CONTRACT, _HIRE, _before_contract),
    Check(rules.WORKER_TOO_YOUNG, _ALL, _too_young),
    Check(ORG_NOT_FOUND, _ALL, _organisation),
    Check(rules.ORG_NOT_OPEN, _NEW_PLACE, _organisation_open),
    Check(rules.ORG_OGRN_MISMATCH, _ALL, _organisation_ogrn),
    Check(rules.SUBDIVISION_NOT_FOUND, _NEW_PLACE, _subdivision),
    Check(rules.SUBDIVISION_NOT_OPEN, _NEW_PLACE, _subdivision_open),
    Check(WORKER_NOT_FOUND, _ALL, _worker, whose=True),
    Check(PERSON_MISMATCH, _ALL, _person, whose=True),
    Check(WORKER_NOT_ACTIVE, _NEW_WORK, _active),
    Check(CODE_UNKNOWN, _ALL, _code),
    Check(CODE_NOT_VALID_ON_DATE, _ALL, _code_on_day),
    Check(CODE_NAME_MISMATCH, _ALL, _code_name),
    Check(rules.EMPLOYMENT_NOT_FOUND, _OF_EMPLOYMENT | _ABSENCE, _employment),
    Check(rules.EMPLOYMENT_CONTINUED, _OF_EMPLOYMENT, _employment_continued),
    Check(rules.EMPLOYMENT_CLOSED, _OF_EMPLOYMENT, _employment_open),
    Check(rules.ABSENCE_NOT_FOUND, _ABSENCE_END, absences.not_found),
    Check(rules.ABSENCE_CONTINUED, _ABSENCE_END, absences.continued),
    Check(VERSION_CONFLICT, _ALL, _version),
    Check(rules.END_BEFORE_BEGIN, _DISMISSAL, _end),
    Check(rules.CHANGE_NOT_AFTER_BEGIN, _TRANSFER | _RATE_CHANGE, _change_day),
    Check(rules.TRANSFER_CHANGES_NOTHING, _TRANSFER, _changes),
    Check(rules.RATE_UNCHANGED, _RATE_CHANGE, _rate_changes),
    Check(rules.DUPLICATE, _NEW_WORK, _duplicate),
    Check(rules.MAIN_POST_TAKEN, _NEW_PLACE, _main_post),
    Check(rules.RATE_TOTAL_EXCEEDED, _NEW_WORK, _too_many_rates),
    Check(rules.ABSENCE_REVERSED, _ABSENCE | _ABSENCE_END, absences.reversed_period),
    Check(rules.ABSENCE_OUTSIDE_EMPLOYMENT, _ABSENCE | _ABSENCE_END, absences.outside),
    Check(rules.ABSENCE_OVERLAPS, _ABSENCE | _ABSENCE_END, absences.overlapping),
    Check(rules.ABSENCE_UNCHANGED, _ABSENCE_END, absences.unchanged),
    Check(rules.NO_VALID_CREDENTIAL, _NEW_PLACE, _credential),
    Check(rules.RATE_TOTAL_HIGH, _NEW_WORK, _rates),
    Check(rules.NO_MAIN_POST_HERE, _NEW_PLACE, _main_post_here),
    Check(rules.NOT_IN_STAFF_PLAN, _NEW_PLACE, _in_plan),
    Check(rules.STAFF_PLAN_EXCEEDED, _NEW_WORK, _plan_exceeded),
)
"""All rules. A dismissal may concern a worker who died or an organisation that is closed: that must be recorded too."""
