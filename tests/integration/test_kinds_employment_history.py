"""EmploymentHistory on both databases: where and since when, and the medical seniority."""

from datetime import date

import pytest
from mezhved.adapter.registry.kinds.employment_history.rules import RULES
from mezhved.adapter.registry.schema import absences, employments
from sqlalchemy import Engine
from support.lookups import about, answered, refused, texts
from support.register import ANNA, CLINIC, DISMISSAL, SENDER, Register, employment

KIND = "employment_history"


@pytest.fixture
def register(engine: Engine) -> Register:
    register = Register(engine).furnish()
    register.put(
        employments,
        employment(valid_from=date(2020, 3, 2)),
        employment(entity_id=job(2), position_type="4", organisation_oid=CLINIC, valid_from=date(2021, 1, 1)),
        employment(entity_id=job(3), post="302", valid_from=date(2010, 1, 1), valid_to=date(2012, 12, 31)),
        employment(entity_id=job(4), post="201", valid_from=date(2015, 1, 10), valid_to=date(2016, 2, 9)),
    )
    row = {"entity_id": "66666666-0000-4000-8000-000000000001", "worker_oid": ANNA, "reason": "1"}
    register.put(
        absences, {**row, "employment_id": job(1), "valid_from": date(2021, 6, 1), "valid_to": date(2021, 6, 28)}
    )
    return register


def job(number: int) -> str:
    return f"aaaaaaaa-0000-4000-8000-{number:012}"


def test_medical_posts_count_once_and_others_not_at_all(register: Register) -> None:
    """13 months as a nurse, and since 2 March 2020 as a doctor, partly in two places; as a pharmacist: not counted."""
    found = answered(register, KIND, about(as_of="2024-03-01"))
    assert texts(found, "Employments/Employment/Post/Code") == ["302", "201", "109", "109"]
    assert [texts(found, f"MedicalSeniority/{name}") for name in ("Years", "Months", "Days")] == [["5"], ["1"], ["0"]]
    assert texts(found, "MedicalSeniority/Period/BeginDate") == ["2015-01-10", "2020-03-02"]
    assert texts(found, "MedicalSeniority/Period/EndDate") == ["2016-02-09", "2024-03-01"]


def test_as_of_a_day_are_the_employments_that_had_begun(register: Register) -> None:
    found = answered(register, KIND, about(as_of="2015-06-01"))
    assert texts(found, "Employments/Employment/Post/Code") == ["302", "201"]
    assert texts(found, "MedicalSeniority/Months") == ["4"]
    assert texts(found, "MedicalSeniority/Days") == ["23"]
    assert texts(answered(register, KIND, about()), "Absences/Absence/BeginDate") == ["2021-06-01"]


def test_as_known_on_a_day(register: Register) -> None:
    register.ask(DISMISSAL.xml(), SENDER)
    now = answered(register, KIND, about(as_of="2026-12-31"))
    then = answered(register, KIND, about(as_of="2026-12-31", known_on="2026-11-22"))
    assert texts(now, "Employments/Employment/EndDate") == ["2012-12-31", "2016-02-09", "2026-11-30"]
    assert texts(then, "Employments/Employment/EndDate") == ["2012-12-31", "2016-02-09"]


def test_what_cannot_be_counted_is_said(register: Register) -> None:
    register.change(employments, job(4), post="x-ray")
    register.change(employments, job(2), valid_from=None)
    assert texts(answered(register, KIND, about()), "MedicalSeniority/NotCounted") == ["2"]


def test_all_that_is_wrong_is_told_at_once(register: Register) -> None:
    assert refused(register, KIND, about("11223344596", known_on="2026-11-24")) == [
        ("KNOWN_ON_IN_FUTURE", "AsOf/KnownOn"),
        ("SNILS_CONTROL", "Worker/Snils"),
    ]
    assert refused(register, KIND, about("90000000081")) == [("WORKER_NOT_FOUND", "Worker")]


def test_every_rule_has_a_test() -> None:
    """None of the roles that may ask needs the worker's consent; nothing is hidden from them."""
    assert {rule.code for rule in RULES} == {"SNILS_CONTROL", "KNOWN_ON_IN_FUTURE", "WORKER_NOT_FOUND"}
