"""RestrictionSet and RestrictionLift on both databases: what limits the right to practise, and what ends the limit."""

from datetime import date

import pytest
from lxml.etree import _Element as Element
from mezhved.adapter.registry.kinds.restriction_lift.section import LIFT
from mezhved.adapter.registry.kinds.restriction_set.section import RESTRICTION
from mezhved.adapter.registry.outcome import Refusal
from mezhved.adapter.registry.schema import restrictions
from sqlalchemy import Engine
from support.register import ANNA, KEEPER, Register
from support.updates import Update, told

SET = Update(
    "restriction_set",
    "Restriction",
    {
        "Kind": ("1", "Приостановление допуска"),
        "Specialty": ("37", "Терапия"),
        "Post": None,
        "Basis": "Решение суда",
        "Decision": {"t:Number": "2-117/2026", "t:Date": "2026-03-10"},
        "BeginDate": "2026-03-11",
        "EndDate": "2027-03-10",
    },
    organisation=None,
)
LIFTED = {"Basis": "Решение суда 2-140/2026", "Date": "2026-10-01"}
UNKNOWN = "dddddddd-0000-4000-8000-000000000001"


@pytest.fixture
def register(engine: Engine) -> Register:
    """Anna, whom nothing restricts."""
    return Register(engine).furnish()


def lift(entity_id: str, version: int = 1, **changes: str) -> Update:
    return Update("restriction_lift", "Restriction", {**LIFTED, **changes}, organisation=None).change(
        entity_id, version
    )


def done(register: Register, update: Update) -> Element:
    outcome = register.ask(update.xml(), KEEPER)
    assert not isinstance(outcome, Refusal), outcome
    return outcome


def codes(register: Register, update: Update) -> list[tuple[str, str]]:
    return [(code, path.removeprefix(update.path)) for code, path in register.codes(update.xml(), sender=KEEPER)]


def test_a_restriction_is_set_and_lifted(register: Register) -> None:
    entity = told(done(register, SET), "EntityId")
    answer = done(register, lift(entity))
    assert (told(answer, "WorkerOid"), told(answer, "Version")) == (ANNA, "2")
    was, row = register.rows(restrictions)
    term = date(2026, 3, 11), date(2027, 3, 10)
    assert (was["valid_from"], was["valid_to"], was["lifted_on"]) == (*term, None)
    assert (row["valid_from"], row["valid_to"], row["lifted_on"]) == (*term, date(2026, 10, 1))
    assert (row["restriction_kind"], row["specialty"], row["basis_number"]) == ("1", "37", "2-117/2026")
    assert row["lift_basis"] == "Решение суда 2-140/2026"


def test_a_restriction_without_end_can_be_lifted(register: Register) -> None:
    entity = told(done(register, SET.but({"EndDate": None})), "EntityId")
    done(register, lift(entity))
    assert register.rows(restrictions)[-1]["lifted_on"] == date(2026, 10, 1)


def test_what_was_lifted_is_neither_lifted_again_nor_changed_but_can_be_withdrawn(register: Register) -> None:
    entity = told(done(register, SET), "EntityId")
    done(register, lift(entity))
    assert codes(register, lift(entity, 2, Date="2026-11-01")) == [("ALREADY_LIFTED", "")]
    assert codes(register, SET.change(entity, 2, {"EndDate": "2027-06-10"})) == [("ALREADY_LIFTED", "")]
    assert told(done(register, SET.withdraw(entity, 2)), "Version") == "3"


def test_only_the_keeper_of_the_register_restricts(register: Register) -> None:
    for update in (SET, lift(UNKNOWN)):
        assert [code for code, _ in register.codes(update.xml())] == ["ROLE_NOT_PERMITTED"]


@pytest.mark.parametrize(
    ("changes", "code", "path"),
    [
        ({"Kind": ("99",)}, "CODE_UNKNOWN", "/Kind/Code"),
        ({"Post": ("190",)}, "CODE_NOT_VALID_ON_DATE", "/Post/Code"),
        ({"Kind": ("1", "Запрет")}, "CODE_NAME_MISMATCH", "/Kind/Name"),
        ({"Decision/t:Date": "2026-03-12"}, "BEGINS_BEFORE_DECISION", "/BeginDate"),
        ({"EndDate": "2026-03-10"}, "END_BEFORE_BEGIN", "/EndDate"),
        ({"Decision/t:Date": "2026-11-24", "BeginDate": "2026-11-24"}, "DATE_IN_FUTURE", "/Decision/Date"),
    ],
)
def test_what_breaks_one_rule_of_setting(register: Register, changes: dict[str, str], code: str, path: str) -> None:
    assert codes(register, SET.but(changes)) == [(code, path)]
    assert register.rows(restrictions) == []


def test_the_same_decision_twice_is_refused(register: Register) -> None:
    done(register, SET)
    assert codes(register, SET.but({"EndDate": None})) == [("DUPLICATE", "")]


@pytest.mark.parametrize(
    ("changes", "code", "path"),
    [
        ({"Date": "2026-03-09"}, "LIFTED_BEFORE_DECISION", "/Date"),
        ({"Date": "2026-11-24"}, "DATE_IN_FUTURE", "/Date"),
    ],
)
def test_what_breaks_one_rule_of_lifting(register: Register, changes: dict[str, str], code: str, path: str) -> None:
    entity = told(done(register, SET), "EntityId")
    assert codes(register, lift(entity, **changes)) == [(code, path)]
    assert len(register.rows(restrictions)) == 1


def test_what_has_ended_by_itself_is_not_lifted(register: Register) -> None:
    entity = told(done(register, SET.but({"EndDate": "2026-09-30"})), "EntityId")
    assert codes(register, lift(entity)) == [("LIFTED_AFTER_END", "/Date")]


def test_only_the_version_that_was_seen_can_be_lifted(register: Register) -> None:
    entity = told(done(register, SET), "EntityId")
    assert codes(register, lift(entity, 2)) == [("VERSION_CONFLICT", "/@version")]
    assert codes(register, lift(UNKNOWN)) == [("RECORD_NOT_FOUND", "/@entityId")]


def test_every_rule_of_its_own_has_a_test() -> None:
    tested = {"BEGINS_BEFORE_DECISION", "ALREADY_LIFTED", "LIFTED_AFTER_END", "LIFTED_BEFORE_DECISION"}
    assert {check.rule.code for section in (RESTRICTION, LIFT) for check in section.checks} == tested
