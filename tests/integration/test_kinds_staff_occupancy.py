"""StaffOccupancy on both databases: the staff plan against the employments of a day."""

from datetime import date
from typing import Any

import pytest
from lxml.etree import _Element as Element
from mezhved.adapter.exchange.roles import Role
from mezhved.adapter.registry.kinds.staff_occupancy.rules import RULES
from mezhved.adapter.registry.schema import employments, staff_plans, staff_positions
from sqlalchemy import Engine
from support.lookups import about_organisation, ask_organisation, refused_organisation, texts
from support.register import ANNA, BORIS, CLINIC, HOSPITAL, SURGERY, WARD, Register, employment

KIND = "staff_occupancy"
PLAN, OLD_PLAN = "99999999-0000-4000-8000-000000000001", "99999999-0000-4000-8000-000000000002"


@pytest.fixture
def register(engine: Engine) -> Register:
    register = Register(engine).furnish()
    year = {"organisation_oid": HOSPITAL, "number": "2026", "created_on": date(2026, 1, 1)}
    register.put(
        staff_plans,
        {**year, "entity_id": PLAN, "valid_from": date(2026, 1, 1), "valid_to": None},
        {**year, "entity_id": OLD_PLAN, "valid_from": date(2020, 1, 1), "valid_to": date(2025, 12, 31)},
    )
    register.put(staff_positions, position(1, WARD, "109", 250), position(2, SURGERY, "113", 100))
    register.put(staff_positions, position(3, WARD, "109", 50, plan_id=OLD_PLAN))
    register.put(employments, employment(), hired(2, BORIS, WARD, "109", 50), hired(3, ANNA, SURGERY, "201", 25))
    return register


def position(number: int, subdivision: str, post: str, rate: int, **more: Any) -> dict[str, Any]:
    row = {"entity_id": f"77777777-0000-4000-8000-{number:012}", "organisation_oid": HOSPITAL, "plan_id": PLAN}
    where = {"subdivision_oid": subdivision, "post": post, "rate": rate}
    return {**row, **where, "valid_from": None, "valid_to": None, **more}


def hired(number: int, worker: str, subdivision: str, post: str, rate: int) -> dict[str, Any]:
    entity = f"aaaaaaaa-0000-4000-8000-{number:012}"
    return employment(worker, entity_id=entity, subdivision_oid=subdivision, post=post, rate=rate, position_type="2")


def told(found: Element) -> list[list[str]]:
    """Subdivision, post, planned, occupied, vacant, excess and workers of each place."""
    return [
        [one.findtext(f"{{*}}{path}") or "" for path in ("Subdivision/{*}Oid", "Post/{*}Code")]
        + [one.findtext(f"{{*}}{name}") or "" for name in ("Planned", "Occupied", "Vacant", "Excess", "Workers")]
        for one in found.iterfind("{*}Positions/{*}Position")
    ]


def test_every_place_of_the_plan_and_every_place_that_is_held(register: Register) -> None:
    found = ask_organisation(register, KIND, HOSPITAL)
    assert told(found) == [
        [WARD, "109", "2.50", "1.50", "1.00", "0.00", "2"],
        [SURGERY, "113", "1.00", "0.00", "1.00", "0.00", "0"],
        [SURGERY, "201", "0.00", "0.25", "0.00", "0.25", "1"],
    ]
    assert [texts(found, f"Total/{name}") for name in ("Planned", "Occupied", "Vacant", "Excess")] == [
        ["3.50"],
        ["1.75"],
        ["2.00"],
        ["0.25"],
    ]
    assert texts(found, "Positions/Position/Subdivision/Name") == ["Отделение 1", "Отделение 2", "Отделение 2"]
    assert texts(found, "Positions/Position/Post/Name")[0] == "Врач-терапевт"


def test_the_plans_of_the_day_are_told_with_what_is_needed_to_change_them(register: Register) -> None:
    found = ask_organisation(register, KIND, HOSPITAL)
    [plan] = found.iterfind("{*}Plans/{*}Plan")
    assert (plan.get("entityId"), plan.get("version")) == (PLAN, "1")
    assert texts(plan, "Number") + texts(plan, "Date") + texts(plan, "BeginDate") == [
        "2026",
        "2026-01-01",
        "2026-01-01",
    ]
    posts = list(plan.iterfind("{*}Provided"))
    assert [one.get("entityId", "")[-1] for one in posts] == ["1", "2"]
    assert texts(plan, "Provided/SubdivisionOid") == [WARD, SURGERY]
    assert texts(plan, "Provided/Post/Code") == ["109", "113"]
    assert texts(plan, "Provided/Rate") == ["2.50", "1.00"]
    then = ask_organisation(register, KIND, HOSPITAL, as_of="2025-12-31")
    assert [one.get("entityId") for one in then.iterfind("{*}Plans/{*}Plan")] == [OLD_PLAN]


def test_plan_and_employments_are_those_of_the_day(register: Register) -> None:
    places = told(ask_organisation(register, KIND, HOSPITAL, as_of="2025-12-31"))
    assert [WARD, "109", "0.50", "1.50", "0.00", "1.00", "2"] in places
    assert told(ask_organisation(register, KIND, HOSPITAL, as_of="2020-03-01")) == [
        [WARD, "109", "0.50", "0.00", "0.50", "0.00", "0"]
    ]


def test_what_the_register_knew_answers_for_an_earlier_day(register: Register) -> None:
    now = told(ask_organisation(register, KIND, HOSPITAL))
    assert told(ask_organisation(register, KIND, HOSPITAL, known_on="2026-01-01", as_of="2026-11-23")) == now


def test_an_employer_asks_about_its_own_organisations_only(register: Register) -> None:
    assert refused_organisation(register, KIND, about_organisation(CLINIC)) == [
        ("ORG_NOT_PERMITTED", "Organization/Oid")
    ]
    assert told(ask_organisation(register, KIND, CLINIC, role=Role.AUTHORITY)) == []
    refused = refused_organisation(register, KIND, about_organisation(HOSPITAL), Role.PUBLIC)
    assert [code for code, _ in refused] == ["ROLE_NOT_PERMITTED"]


def test_all_that_is_wrong_is_told_at_once(register: Register) -> None:
    body = about_organisation("1.2.3", known_on="2026-11-24")
    assert refused_organisation(register, KIND, body, Role.REGULATOR) == [
        ("KNOWN_ON_IN_FUTURE", "AsOf/KnownOn"),
        ("ORG_NOT_FOUND", "Organization/Oid"),
    ]


def test_every_rule_has_a_test() -> None:
    assert {rule.code for rule in RULES} == {"KNOWN_ON_IN_FUTURE", "ORG_NOT_FOUND"}
