"""QualificationUpsert on both databases: its fields and its own rules; what all updates share is tested elsewhere."""

from datetime import date

import pytest
from mezhved.adapter.registry.kinds.qualification_upsert.section import QUALIFICATION
from mezhved.adapter.registry.schema import employments, qualifications
from sqlalchemy import Engine
from support.register import ANNA, Register, employment
from support.updates import Update, told, warned

CATEGORY = Update(
    "qualification_upsert",
    "Qualification",
    {
        "Category": ("2", "Первая категория"),
        "Specialty": ("37", "Терапия"),
        "Post": ("109",),
        "Order": {"Number": "117-к", "Date": "2024-05-16"},
        "BeginDate": "2024-05-20",
        "EndDate": None,
        "Extended": None,
    },
)


@pytest.fixture
def register(engine: Engine) -> Register:
    """Anna works in the hospital."""
    register = Register(engine).furnish()
    register.put(employments, employment())
    return register


def test_a_category_is_entered_and_changed(register: Register) -> None:
    answer = register.ask(CATEGORY.xml())
    assert warned(answer) == []
    [row] = register.rows(qualifications)
    assert (row["worker_oid"], row["category"], row["specialty"], row["post"]) == (ANNA, "2", "37", "109")
    assert (row["order_number"], row["order_date"]) == ("117-к", date(2024, 5, 16))
    assert (row["valid_from"], row["valid_to"], row["extended"]) == (date(2024, 5, 20), date(2029, 5, 20), False)
    answer = register.ask(CATEGORY.change(told(answer, "EntityId"), 1, {"Order": None, "Post": None}).xml())
    assert told(answer, "Version") == "2"
    row = register.rows(qualifications)[-1]
    assert (row["order_number"], row["order_date"], row["post"]) == (None, None, None)


BROKEN: list[tuple[Update, str, str]] = [
    (CATEGORY.but({"Category": ("9",)}), "CODE_UNKNOWN", "Category/Code"),
    (CATEGORY.but({"Specialty": ("999",)}), "CODE_UNKNOWN", "Specialty/Code"),
    (CATEGORY.but({"Post": ("190",)}), "CODE_NOT_VALID_ON_DATE", "Post/Code"),
    (CATEGORY.but({"Category": ("2", "Высшая категория")}), "CODE_NAME_MISMATCH", "Category/Name"),
    (CATEGORY.but({"BeginDate": "2026-11-24"}), "DATE_IN_FUTURE", "BeginDate"),
    (CATEGORY.but({"BeginDate": "2002-04-11", "Order": None, "Post": ("190",)}), "TOO_YOUNG", "BeginDate"),
    (CATEGORY.but({"BeginDate": "2024-05-15"}), "BEGINS_BEFORE_ORDER", "BeginDate"),
    (CATEGORY.but({"EndDate": "2029-05-21"}), "TERM_NOT_FIVE_YEARS", "EndDate"),
    (CATEGORY.but({"EndDate": "2029-05-20", "Extended": "true"}), "EXTENDED_TOO_SHORT", "EndDate"),
]


@pytest.mark.parametrize(("update", "code", "path"), BROKEN, ids=[f"{code}-{path}" for _, code, path in BROKEN])
def test_what_breaks_one_rule_is_refused_by_it_alone(register: Register, update: Update, code: str, path: str) -> None:
    assert register.codes(update.xml()) == [(code, f"{update.path}/{path}")]
    assert register.rows(qualifications) == []


def test_the_same_category_twice_is_refused(register: Register) -> None:
    register.ask(CATEGORY.xml())
    assert register.codes(CATEGORY.but({"Order/Number": "118-к"}).xml()) == [("DUPLICATE", CATEGORY.path)]
    assert warned(register.ask(CATEGORY.but({"Category": ("3",), "BeginDate": "2025-05-20"}).xml())) == []


def test_every_rule_of_its_own_has_a_test() -> None:
    assert {check.rule.code for check in QUALIFICATION.checks} <= {code for _, code, _ in BROKEN}
