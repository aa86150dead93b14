"""EmploymentEvent on both databases: absences, changes of rate, and what the staff plan says."""

from datetime import date
from typing import Any

import pytest
from mezhved.adapter.registry.outcome import Refusal
from mezhved.adapter.registry.schema import absences, employments, staff_plans, staff_positions
from sqlalchemy import Engine
from support.register import (
    ABSENCE,
    ABSENCE_END,
    ABSENCE_ID,
    ANNA,
    CLINIC,
    DISMISSAL,
    EMPLOYMENT,
    EVENT,
    HIRE,
    HOSPITAL,
    RATE_CHANGE,
    SURGERY,
    TRANSFER,
    WARD,
    EventRequest,
    Register,
    absence,
    employment,
)

REQUEST = "EmploymentEventRequest"
SECOND = "aaaaaaaa-0000-4000-8000-000000000002"
OTHER_ABSENCE = "dddddddd-0000-4000-8000-000000000002"


@pytest.fixture
def register(engine: Engine) -> Register:
    """Anna has a main post in the hospital since 2020."""
    made = Register(engine).furnish()
    made.put(employments, employment())
    return made


@pytest.fixture
def absent(register: Register) -> Register:
    """She is on leave since the tenth of November."""
    register.put(absences, absence())
    return register


def text(answer: Any, path: str) -> str | None:
    return answer.findtext("/".join(f"{{{EVENT}}}{step}" for step in path.split("/")))


def current(register: Register) -> list[dict[str, Any]]:
    rows = [row for row in register.rows(absences) if row["superseded_at"] is None]
    return sorted(rows, key=lambda row: row["valid_from"])


def seen(request_xml: str, element: str, version: int) -> str:
    """The request with the version that its sender has seen."""
    return request_xml.replace(f"<{element}>", f'<{element} version="{version}">')


@pytest.mark.parametrize("last", [None, "2026-12-06"])
def test_an_absence_is_recorded_with_its_source(register: Register, last: str | None) -> None:
    answer = register.ask(ABSENCE.but(EndDate=last))
    [row] = register.rows(absences)
    assert (text(answer, "Absence/EntityId"), text(answer, "Absence/Version")) == (row["entity_id"], "1")
    assert answer.find(f"{{{EVENT}}}Employment") is None
    assert (row["worker_oid"], row["employment_id"], row["reason"]) == (ANNA, EMPLOYMENT, "2")
    assert (row["order_number"], row["order_date"]) == ("48-л", date(2026, 11, 13))
    assert (row["valid_from"], row["valid_to"]) == (date(2026, 11, 16), last and date.fromisoformat(last))
    assert row["source"] == "HOSPITAL_IS"


def test_an_absence_needs_no_order(register: Register) -> None:
    register.ask(ABSENCE.but(OrderNumber=None, OrderDate=None, Reason=("4",)))
    [row] = register.rows(absences)
    assert (row["order_number"], row["order_date"]) == (None, None)


def test_an_absence_ends_and_its_end_may_be_corrected(absent: Register) -> None:
    answer = absent.ask(ABSENCE_END.xml())
    assert (text(answer, "Absence/EntityId"), text(answer, "Absence/Version")) == (ABSENCE_ID, "2")
    again = absent.ask(seen(ABSENCE_END.but(EndDate="2026-11-19"), "AbsenceId", 2))
    assert text(again, "Absence/Version") == "3"
    assert [row["valid_to"] for row in absent.rows(absences)] == [None, date(2026, 11, 20), date(2026, 11, 19)]


def test_a_change_of_rate_goes_on_from_the_employment(register: Register) -> None:
    answer = register.ask(RATE_CHANGE.xml())
    rows = {(row["entity_id"], row["version"]): row for row in register.rows(employments)}
    new = text(answer, "Employment/EntityId")
    assert (text(answer, "ClosedEmployment/EntityId"), text(answer, "ClosedEmployment/Version")) == (EMPLOYMENT, "2")
    closed, begun, before = rows[EMPLOYMENT, 2], rows[new, 1], rows[EMPLOYMENT, 1]
    assert (closed["valid_to"], closed["end_type"], closed["rate"]) == (date(2026, 11, 30), "2", 100)
    assert (begun["rate"], begun["valid_from"], begun["previous_id"]) == (50, date(2026, 12, 1), EMPLOYMENT)
    kept = ("subdivision_oid", "post", "position_type", "service_number", "contract_number", "contract_date")
    assert [begun[name] for name in kept] == [before[name] for name in kept]
    assert begun["begin_order_number"] == "47-л"


def test_a_rate_does_not_change_into_an_employment_that_is_there(register: Register) -> None:
    twin = employment(
        entity_id=SECOND, subdivision_oid=SURGERY, position_type="4", valid_from=date(2026, 12, 1), rate=25
    )
    register.put(employments, twin)
    register.change(employments, EMPLOYMENT, position_type="4")
    assert register.codes(RATE_CHANGE.xml()) == [("DUPLICATE", f"{REQUEST}/RateChange")]


@pytest.mark.parametrize("base", [TRANSFER, RATE_CHANGE], ids=["transfer", "rate"])
def test_who_is_absent_remains_so_after_a_transfer(absent: Register, base: EventRequest) -> None:
    answer = absent.ask(base.xml())
    before, after = current(absent)
    assert (before["entity_id"], before["employment_id"], before["valid_to"]) == (
        ABSENCE_ID,
        EMPLOYMENT,
        date(2026, 11, 30),
    )
    assert (after["employment_id"], after["valid_from"]) == (text(answer, "Employment/EntityId"), date(2026, 12, 1))
    assert (after["valid_to"], after["reason"], after["order_number"]) == (None, "2", "30-л")
    assert after["previous_id"] == ABSENCE_ID
    told = [text(answer, f"ContinuedAbsence/{name}") for name in ("EntityId", "Version", "PreviousId")]
    assert told == [after["entity_id"], "1", ABSENCE_ID]


def test_a_leave_that_is_still_to_come_is_from_the_new_employment(register: Register) -> None:
    register.put(absences, absence(valid_from=date(2027, 1, 11), valid_to=date(2027, 1, 24)))
    answer = register.ask(TRANSFER.xml())
    [row] = current(register)
    assert (row["entity_id"], row["version"]) == (ABSENCE_ID, 2)
    assert row["employment_id"] == text(answer, "Employment/EntityId")
    assert (row["valid_from"], row["valid_to"]) == (date(2027, 1, 11), date(2027, 1, 24))
    told = [text(answer, f"ContinuedAbsence/{name}") for name in ("EntityId", "Version", "PreviousId")]
    assert told == [ABSENCE_ID, "2", None]


@pytest.fixture
def gone_on(absent: Register) -> tuple[Register, str, str]:
    """Her rate has changed on the first of December while she was absent: the next employment, the next absence."""
    answer = absent.ask(RATE_CHANGE.xml())
    employed, away = text(answer, "Employment/EntityId"), text(answer, "ContinuedAbsence/EntityId")
    assert employed is not None
    assert away is not None
    return absent, employed, away


def test_who_ends_an_absence_that_goes_on_is_told_its_next_record(gone_on: tuple[Register, str, str]) -> None:
    register, _, away = gone_on
    outcome = register.ask(ABSENCE_END.but(EndDate="2026-12-20"))
    assert isinstance(outcome, Refusal)
    [rejection] = outcome.rejections
    assert (rejection.code, rejection.path) == ("ABSENCE_CONTINUED", f"{REQUEST}/AbsenceEnd/AbsenceId")
    assert f"запись {away}" in rejection.text
    answer = register.ask(ABSENCE_END.but(AbsenceId=away, EndDate="2026-12-20"))
    assert (text(answer, "Absence/EntityId"), answer.find(f"{{{EVENT}}}EndedAbsence")) == (away, None)


@pytest.mark.parametrize(("last", "version"), [("2026-11-20", "3"), ("2026-11-30", "2")])
def test_who_was_back_before_the_change_of_rate_was_not_absent_after_it(
    gone_on: tuple[Register, str, str], last: str, version: str
) -> None:
    register, _, away = gone_on
    answer = register.ask(ABSENCE_END.but(EndDate=last))
    assert (text(answer, "Absence/EntityId"), text(answer, "Absence/Version")) == (ABSENCE_ID, version)
    assert (text(answer, "EndedAbsence/EntityId"), text(answer, "EndedAbsence/Version")) == (away, "2")
    assert [(row["entity_id"], row["valid_to"]) for row in current(register)] == [
        (ABSENCE_ID, date.fromisoformat(last))
    ]
    assert [row["withdrawn"] for row in register.rows(absences) if row["entity_id"] == away] == [False, True]


def test_an_absence_that_went_on_twice_has_a_record_for_each_day_and_ends_as_a_whole(
    gone_on: tuple[Register, str, str],
) -> None:
    register, employed, away = gone_on
    second = register.ask(RATE_CHANGE.but(EmploymentId=employed, ChangeDate="2026-12-15", Rate="0.25"))
    last = text(second, "ContinuedAbsence/EntityId")
    for day, named in (("2026-12-10", away), ("2026-12-20", last)):
        outcome = register.ask(ABSENCE_END.but(EndDate=day))
        assert isinstance(outcome, Refusal)
        assert f"запись {named}" in outcome.rejections[0].text
    current_one = text(second, "Employment/EntityId")
    outcome = register.ask(DISMISSAL.xml())
    assert isinstance(outcome, Refusal)
    assert f"с 2026-12-01 продолжается как запись {current_one}" in outcome.rejections[0].text
    answer = register.ask(ABSENCE_END.but(EndDate="2026-11-20"))
    ended = answer.findall(f"{{{EVENT}}}EndedAbsence/{{{EVENT}}}EntityId")
    assert [one.text for one in ended] == [away, last]
    assert [row["entity_id"] for row in current(register)] == [ABSENCE_ID]


@pytest.mark.parametrize("base", [RATE_CHANGE, TRANSFER, DISMISSAL], ids=lambda base: base.kind)
def test_who_changes_an_employment_that_has_gone_on_is_told_the_next_one_and_nothing_else(
    gone_on: tuple[Register, str, str], base: EventRequest
) -> None:
    register, employed, _ = gone_on
    outcome = register.ask(seen(base.xml(), "EmploymentId", 1))
    assert isinstance(outcome, Refusal)
    [rejection] = outcome.rejections
    assert (rejection.code, rejection.path) == ("EMPLOYMENT_CONTINUED", f"{REQUEST}/{base.kind}/EmploymentId")
    assert f"2026-12-01 продолжается как запись {employed}" in rejection.text


def test_a_dismissal_ends_what_interrupts_the_employment(absent: Register) -> None:
    absent.put(absences, absence(entity_id=OTHER_ABSENCE, valid_from=date(2027, 1, 11)))
    past = absence(
        entity_id="dddddddd-0000-4000-8000-000000000003", valid_from=date(2025, 7, 1), valid_to=date(2025, 7, 28)
    )
    absent.put(absences, past)
    answer = absent.ask(DISMISSAL.xml())
    ended = answer.findall(f"{{{EVENT}}}EndedAbsence/{{{EVENT}}}EntityId")
    assert [one.text for one in ended] == [ABSENCE_ID, OTHER_ABSENCE]
    assert [(row["version"], row["valid_to"]) for row in current(absent)] == [
        (1, date(2025, 7, 28)),
        (2, date(2026, 11, 30)),
    ]
    assert [row["withdrawn"] for row in absent.rows(absences) if row["entity_id"] == OTHER_ABSENCE] == [False, True]


BROKEN: list[tuple[EventRequest, dict[str, Any], str, str]] = [
    (ABSENCE, {"EmploymentId": SECOND}, "EMPLOYMENT_NOT_FOUND", "Absence/EmploymentId"),
    (ABSENCE, {"Reason": ("99",)}, "CODE_UNKNOWN", "Absence/Reason/Code"),
    (ABSENCE, {"OrderDate": "2026-11-24"}, "ORDER_DATE_IN_FUTURE", "Absence/OrderDate"),
    (ABSENCE, {"BeginDate": "2027-01-23"}, "DATE_TOO_FAR_AHEAD", "Absence/BeginDate"),
    (ABSENCE, {"EndDate": "2026-11-15"}, "ABSENCE_REVERSED", "Absence/EndDate"),
    (ABSENCE, {"BeginDate": "2020-03-01", "EndDate": "2020-03-09"}, "ABSENCE_OUTSIDE_EMPLOYMENT", "Absence/BeginDate"),
    (RATE_CHANGE, {"Rate": "1.00"}, "RATE_UNCHANGED", "RateChange/Rate"),
    (RATE_CHANGE, {"ChangeDate": "2020-03-02"}, "CHANGE_NOT_AFTER_BEGIN", "RateChange/ChangeDate"),
    (RATE_CHANGE, {"EmploymentId": SECOND}, "EMPLOYMENT_NOT_FOUND", "RateChange/EmploymentId"),
    (ABSENCE_END, {"AbsenceId": OTHER_ABSENCE}, "ABSENCE_NOT_FOUND", "AbsenceEnd/AbsenceId"),
    (ABSENCE_END, {"EndDate": "2026-11-09"}, "ABSENCE_REVERSED", "AbsenceEnd/EndDate"),
]


@pytest.mark.parametrize(
    ("base", "changes", "code", "path"), BROKEN, ids=[f"{code}-{path}" for *_, code, path in BROKEN]
)
def test_an_event_that_breaks_one_rule_is_refused_by_it_alone(
    register: Register, base: EventRequest, changes: dict[str, Any], code: str, path: str
) -> None:
    if base is ABSENCE_END:
        register.put(absences, absence())
    assert register.codes(base.but(**changes)) == [(code, f"{REQUEST}/{path}")]


def test_an_end_that_is_known_already_is_refused(register: Register) -> None:
    register.put(absences, absence(valid_to=date(2026, 11, 20)))
    assert register.codes(ABSENCE_END.xml()) == [("ABSENCE_UNCHANGED", f"{REQUEST}/AbsenceEnd/EndDate")]


@pytest.mark.parametrize(
    ("first", "last", "overlaps"),
    [
        ("2026-11-16", None, True),
        ("2026-11-01", "2026-11-10", True),
        ("2026-11-01", "2026-11-09", False),
        ("2026-11-12", "2026-11-13", True),
    ],
)
def test_of_an_employment_there_is_one_absence_at_a_time(
    absent: Register, first: str, last: str | None, overlaps: bool
) -> None:
    asked = ABSENCE.but(BeginDate=first, EndDate=last, Reason=("1",))
    if overlaps:
        assert absent.codes(asked) == [("ABSENCE_OVERLAPS", f"{REQUEST}/Absence/BeginDate")]
    else:
        assert absent.warnings(asked) == []


def test_an_end_must_not_reach_into_the_next_absence(register: Register) -> None:
    register.put(absences, absence(valid_to=date(2026, 11, 12)))
    register.put(absences, absence(entity_id=OTHER_ABSENCE, valid_from=date(2026, 11, 20)))
    assert register.codes(ABSENCE_END.xml()) == [("ABSENCE_OVERLAPS", f"{REQUEST}/AbsenceEnd/EndDate")]


def test_an_absence_does_not_outlive_its_employment(register: Register) -> None:
    register.change(employments, EMPLOYMENT, valid_to=date(2026, 11, 25))
    path = f"{REQUEST}/Absence/EndDate"
    assert register.codes(ABSENCE.but(EndDate="2026-11-26")) == [("ABSENCE_OUTSIDE_EMPLOYMENT", path)]
    assert register.codes(ABSENCE.xml()) == [("ABSENCE_OUTSIDE_EMPLOYMENT", path)]
    assert register.warnings(ABSENCE.but(EndDate="2026-11-25")) == []


def test_an_absence_elsewhere_is_not_told_of(absent: Register) -> None:
    absent.change(employments, EMPLOYMENT, organisation_oid=CLINIC)
    assert absent.codes(ABSENCE_END.xml()) == [("ABSENCE_NOT_FOUND", f"{REQUEST}/AbsenceEnd/AbsenceId")]


def test_who_guesses_a_snils_does_not_learn_of_an_absence(absent: Register) -> None:
    for base in (ABSENCE, ABSENCE_END, RATE_CHANGE):
        assert absent.codes(base.but(last_name="Сергеева")) == [("PERSON_MISMATCH", f"{REQUEST}/Worker/LastName")]


@pytest.mark.parametrize(
    ("base", "element"),
    [
        (TRANSFER, "EmploymentId"),
        (RATE_CHANGE, "EmploymentId"),
        (DISMISSAL, "EmploymentId"),
        (ABSENCE, "EmploymentId"),
        (ABSENCE_END, "AbsenceId"),
    ],
    ids=lambda value: getattr(value, "kind", value),
)
def test_who_has_seen_an_older_version_is_told_the_current_one(
    register: Register, base: EventRequest, element: str
) -> None:
    if base is ABSENCE_END:
        register.put(absences, absence())
    outcome = register.ask(seen(base.xml(), element, 7))
    assert isinstance(outcome, Refusal)
    [rejection] = outcome.rejections
    assert (rejection.code, rejection.path) == ("VERSION_CONFLICT", f"{REQUEST}/{base.kind}/{element}/@version")
    assert "действует версия 1" in rejection.text
    assert register.warnings(seen(base.xml(), element, 1)) == []


@pytest.mark.parametrize(
    ("rate", "code"), [("0.50", None), ("0.51", "RATE_TOTAL_HIGH"), ("1.00", "RATE_TOTAL_HIGH"), ("1.01", None)]
)
def test_two_full_posts_are_the_most(register: Register, rate: str, code: str | None) -> None:
    asked = HIRE.but(PositionType=("4",), Rate=rate, Post=("113",))
    path = f"{REQUEST}/Hire/Rate"
    if rate == "1.01":
        assert register.codes(asked) == [("RATE_TOTAL_EXCEEDED", path)]
    else:
        assert register.warnings(asked) == ([(code, path)] if code else [])


def test_a_higher_rate_counts_instead_of_the_one_before(register: Register) -> None:
    register.put(employments, employment(entity_id=SECOND, post="113", position_type="4", rate=100))
    asked = RATE_CHANGE.but(Rate="1.01")
    assert register.codes(asked) == [("RATE_TOTAL_EXCEEDED", f"{REQUEST}/RateChange/Rate")]


def plan(register: Register, rate: int, **more: Any) -> None:
    """A staff plan in force, with therapists in the ward."""
    made = {"entity_id": "plan", "organisation_oid": HOSPITAL, "number": "1", "created_on": date(2025, 12, 1)}
    register.put(staff_plans, {**made, "valid_from": date(2026, 1, 1), **more})
    position = {"plan_id": "plan", "subdivision_oid": WARD, "post": "109", "rate": rate}
    register.put(
        staff_positions,
        {"entity_id": "position", "organisation_oid": HOSPITAL, "valid_from": date(2026, 1, 1), **position},
    )


PART_TIME = {"PositionType": ("4",), "Rate": "0.5"}


@pytest.mark.parametrize(("planned", "exceeded"), [(150, False), (149, True)])
def test_a_post_beyond_the_staff_plan_is_warned_of(register: Register, planned: int, exceeded: bool) -> None:
    plan(register, planned)
    found = register.warnings(HIRE.but(**PART_TIME))
    assert found == ([("STAFF_PLAN_EXCEEDED", f"{REQUEST}/Hire/Rate")] if exceeded else [])


def test_a_post_that_the_staff_plan_has_not_is_warned_of(register: Register) -> None:
    plan(register, 500)
    found = register.warnings(HIRE.but(**PART_TIME | {"Post": ("113",)}))
    assert found == [("NOT_IN_STAFF_PLAN", f"{REQUEST}/Hire/Post/Code")]


def test_a_staff_plan_counts_while_it_is_in_force(register: Register) -> None:
    plan(register, 100, valid_to=date(2026, 11, 22))
    assert register.warnings(HIRE.but(**PART_TIME)) == []


def test_posts_of_a_plan_that_has_ended_do_not_count(register: Register) -> None:
    plan(register, 500, valid_to=date(2026, 10, 31))
    made = {"entity_id": "next plan", "organisation_oid": HOSPITAL, "number": "2", "created_on": date(2026, 10, 1)}
    register.put(staff_plans, {**made, "valid_from": date(2026, 11, 1)})
    found = register.warnings(HIRE.but(**PART_TIME))
    assert found == [("NOT_IN_STAFF_PLAN", f"{REQUEST}/Hire/Post/Code")]


def test_the_own_post_is_not_counted_twice(register: Register) -> None:
    plan(register, 100)
    assert register.warnings(RATE_CHANGE.but(Rate="0.9")) == []
    found = register.warnings(RATE_CHANGE.but(Rate="1.1", ChangeDate="2026-12-02", EmploymentId=follower(register)))
    assert found == [("STAFF_PLAN_EXCEEDED", f"{REQUEST}/RateChange/Rate")]


def follower(register: Register) -> str:
    """The employment that goes on from the first one."""
    [row] = [row for row in register.rows(employments) if row["previous_id"] == EMPLOYMENT]
    return str(row["entity_id"])
