"""StaffPlanUpdate on both databases: staff plans and the posts in them."""

from datetime import date
from typing import Any

import pytest
from mezhved.adapter.registry.kinds.staff_plan_update import UPSERT
from mezhved.adapter.registry.outcome import Refusal
from mezhved.adapter.registry.schema import employments, staff_plans, staff_positions
from sqlalchemy import Engine
from support.register import CLINIC, CLOSED_WARD, HOSPITAL, WARD, Register, employment
from support.updates import TYPES, elements, told, warned

ROOT = "StaffPlanUpdateRequest"
NOBODY = "00000000-0000-4000-8000-000000000000"
PLAN = {"Number": "7", "Date": "2025-12-01", "BeginDate": "2026-01-01", "EndDate": None}
POSITION = {
    "PlanId": NOBODY,
    "SubdivisionOid": WARD,
    "Post": ("109",),
    "Rate": "2.5",
    "BeginDate": "2026-02-01",
    "EndDate": None,
}


def request(body: str, oid: str = HOSPITAL) -> str:
    namespace = "urn://x-artefacts-mezhved/frmr/staff_plan_update/1.0.0"
    organisation = f"<Organization><t:Oid>{oid}</t:Oid></Organization>"
    return f'<{ROOT} xmlns="{namespace}" xmlns:t="{TYPES}">{organisation}{body}</{ROOT}>'


def plan(replaced: str | None = None, version: int = 1, **changes: Any) -> str:
    return request(f"<Plan>{action(replaced, version, {**PLAN, **changes})}</Plan>")


def position(of: str, replaced: str | None = None, version: int = 1, **changes: Any) -> str:
    fields = {**POSITION, "PlanId": of, **changes}
    return request(f"<Position>{action(replaced, version, fields)}</Position>")


def action(replaced: str | None, version: int, fields: dict[str, Any]) -> str:
    if replaced is None:
        return f"<Create>{elements(fields)}</Create>"
    return f'<Change entityId="{replaced}" version="{version}">{elements(fields)}</Change>'


def withdraw(element: str, oid: str, version: int = 1) -> str:
    marks = f'entityId="{oid}" version="{version}"'
    return request(f"<{element}><Withdraw {marks}><t:Reason>ошибка</t:Reason></Withdraw></{element}>")


@pytest.fixture
def register(engine: Engine) -> Register:
    return Register(engine).furnish()


def entered(register: Register, content: str) -> str:
    answer = register.ask(content)
    assert not isinstance(answer, Refusal), answer
    return told(answer, "EntityId")


def codes(register: Register, content: str) -> list[tuple[str, str]]:
    before = register.rows(staff_plans), register.rows(staff_positions)
    found = [(code, path.removeprefix(f"{ROOT}/")) for code, path in register.codes(content)]
    assert (register.rows(staff_plans), register.rows(staff_positions)) == before
    return found


def warnings(register: Register, content: str) -> list[tuple[str, str]]:
    answer = register.ask(content)
    assert not isinstance(answer, Refusal), answer
    return [(code, path.removeprefix(f"{ROOT}/")) for code, path in warned(answer)]


def test_a_plan_and_its_posts_are_entered_changed_and_withdrawn(register: Register) -> None:
    its_plan = entered(register, plan())
    posts = entered(register, position(its_plan))
    assert entered(register, position(its_plan, posts, Rate="0.75")) == posts
    rows = register.rows(staff_positions)
    assert [(row["rate"], row["version"], row["post"], row["subdivision_oid"]) for row in rows] == [
        (250, 1, "109", WARD),
        (75, 2, "109", WARD),
    ]
    assert rows[0]["plan_id"] == its_plan
    assert entered(register, withdraw("Position", posts, 2)) == posts
    assert entered(register, plan(its_plan, EndDate="2026-12-31")) == its_plan
    [first, second] = register.rows(staff_plans)
    assert (first["number"], first["created_on"], first["valid_from"]) == ("7", date(2025, 12, 1), date(2026, 1, 1))
    assert (second["valid_to"], second["source"]) == (date(2026, 12, 31), "HOSPITAL_IS")


def test_a_plan_with_posts_is_not_withdrawn(register: Register) -> None:
    its_plan = entered(register, plan())
    posts = entered(register, position(its_plan))
    assert codes(register, withdraw("Plan", its_plan)) == [("PLAN_IN_USE", "Plan/Withdraw")]
    entered(register, withdraw("Position", posts))
    assert entered(register, withdraw("Plan", its_plan)) == its_plan


def test_two_plans_at_a_time_are_warned_of(register: Register) -> None:
    its_plan = entered(register, plan())
    assert warnings(register, plan(Number="8", EndDate="2026-06-30")) == [("PLANS_OVERLAP", "Plan/Create")]
    entered(register, plan(its_plan, EndDate="2026-12-31"))
    assert warnings(register, plan(Number="9", BeginDate="2027-01-01")) == []


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"PlanId": NOBODY}, ("PLAN_NOT_FOUND", "PlanId")),
        ({"SubdivisionOid": f"{CLINIC}.0.1"}, ("SUBDIVISION_NOT_FOUND", "SubdivisionOid")),
        ({"SubdivisionOid": CLOSED_WARD}, ("SUBDIVISION_NOT_FOUND", "SubdivisionOid")),
        ({"Post": ("9999",)}, ("CODE_UNKNOWN", "Post/Code")),
        ({"Post": ("190",)}, ("CODE_NOT_VALID_ON_DATE", "Post/Code")),
        ({"BeginDate": "2025-12-31"}, ("OUTSIDE_PLAN", "")),
        ({"EndDate": "2027-01-01"}, ("OUTSIDE_PLAN", "")),
        ({"EndDate": "2026-01-31"}, ("END_BEFORE_BEGIN", "EndDate")),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else "",
)
def test_posts_that_break_one_rule_are_refused_by_it_alone(
    register: Register, changes: dict[str, Any], found: tuple[str, str]
) -> None:
    its_plan = entered(register, plan(EndDate="2026-12-31"))
    code, path = found
    assert codes(register, position(its_plan, **changes)) == [(code, f"Position/Create/{path}".rstrip("/"))]


def test_the_same_twice_is_refused(register: Register) -> None:
    its_plan = entered(register, plan())
    entered(register, position(its_plan))
    assert codes(register, plan()) == [("DUPLICATE", "Plan/Create")]
    assert codes(register, position(its_plan, Rate="1")) == [("DUPLICATE", "Position/Create")]


@pytest.mark.parametrize(("rate", "below"), [("1.5", False), ("1.49", True)])
def test_fewer_posts_than_are_taken_are_warned_of(register: Register, rate: str, below: bool) -> None:
    register.put(employments, employment(), employment(entity_id=NOBODY, position_type="4", rate=50))
    its_plan = entered(register, plan())
    found = warnings(register, position(its_plan, Rate=rate))
    assert found == ([("BELOW_OCCUPIED", "Position/Create/Rate")] if below else [])


def test_another_organisations_plan_is_not_there(register: Register) -> None:
    theirs = {"entity_id": NOBODY, "organisation_oid": CLINIC, "number": "1", "created_on": date(2025, 1, 1)}
    register.put(staff_plans, theirs)
    assert codes(register, position(NOBODY)) == [("PLAN_NOT_FOUND", "Position/Create/PlanId")]


def test_every_own_rule_has_a_test() -> None:
    own = {check.rule.code for section in UPSERT.sections for check in section.checks}
    assert own == {
        "PLANS_OVERLAP",
        "PLAN_IN_USE",
        "PLAN_NOT_FOUND",
        "OUTSIDE_PLAN",
        "SUBDIVISION_NOT_FOUND",
        "BELOW_OCCUPIED",
    }
