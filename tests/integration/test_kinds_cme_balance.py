"""CmeBalance on both databases: entries by filters, the balance of all of them, the hours of the cycle."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from mezhved.adapter.exchange.roles import Role
from mezhved.adapter.registry.kinds.cme_balance.rules import RULES
from mezhved.adapter.registry.schema import cme_points
from sqlalchemy import Engine
from support.lookups import about, answered, consent, refused, texts
from support.register import ANNA, BORIS_SNILS, KEEPER, Register

KIND = "cme_balance"
EDUCATION_BODY = replace(KEEPER, mnemonic="SCHOOL", roles=frozenset({Role.EDUCATION_BODY}))


@pytest.fixture
def register(engine: Engine) -> Register:
    register = Register(engine).furnish()
    register.put(
        cme_points,
        entry(1, date(2023, 6, 1), 1_200, hours=12),
        entry(2, date(2024, 1, 1), 3_600, hours=36),
        entry(3, date(2025, 1, 1), 250, specialty="38", activity_kind="2"),
        entry(4, date(2025, 2, 1), 600, hours=6, confirmation="PENDING"),
        entry(5, date(2025, 3, 1), -150, specialty="38"),
        entry(6, date(2026, 12, 1), 10_000, hours=100),
    )
    return register


def entry(number: int, day: date, points: int, **more: Any) -> dict[str, Any]:
    row = {"entity_id": f"12121212-0000-4000-8000-{number:012}", "worker_oid": ANNA, "activity_kind": "1"}
    row |= {"title": "Занятие", "specialty": "37", "activity_number": str(number), "points": points}
    row |= {"hours": None, "confirmation": "CONFIRMED"}
    return {**row, "valid_from": day, "valid_to": day, **more}


def numbers(register: Register, rest: str = "", **when: str) -> list[str]:
    return texts(answered(register, KIND, about(rest=rest, **when)), "CmePoints/CmeEntry/ActivityNumber")


@pytest.mark.parametrize(
    ("rest", "expected"),
    [
        ("", ["1", "2", "3", "4", "5"]),
        ("<Since>2025-01-01</Since>", ["3", "4", "5"]),
        ("<Since>2024-01-01</Since><Until>2025-01-01</Until>", ["2", "3"]),
        ("<Activity>2</Activity>", ["3"]),
        ("<Confirmation>PENDING</Confirmation>", ["4"]),
    ],
)
def test_entries_are_those_asked_for(register: Register, rest: str, expected: list[str]) -> None:
    assert numbers(register, rest) == expected


@pytest.mark.parametrize("rest", ["", "<Activity>2</Activity>"])
def test_the_balance_is_that_of_all_entries_by_the_day(register: Register, rest: str) -> None:
    found = answered(register, KIND, about(rest=rest))
    assert (texts(found, "Balance/Confirmed"), texts(found, "Balance/Pending")) == (["49.00"], ["6.00"])
    assert numbers(register, as_of="2024-01-01") == ["1", "2"]


def test_the_cycle_of_the_specialty_lacks_what_is_not_yet_done(register: Register) -> None:
    """Since 1 January 2024: 36 hours in the specialty, and 2.5 less 1.5 in another one."""
    [cycle] = answered(register, KIND, about()).iter("{*}Cycle")
    assert texts(cycle, "Specialty/Code") == ["37"]
    assert (texts(cycle, "BeginDate"), texts(cycle, "EndDate")) == (["2024-01-01"], ["2028-12-31"])
    parts = [[*texts(cycle, f"{name}/{part}")] for name in ("Hours", "InSpecialty") for part in ("Done", "Remaining")]
    assert parts == [["37.00"], ["107.00"], ["36.00"], ["36.00"]]
    assert texts(cycle, "Hours/Required") == ["144"]


def test_without_a_valid_right_the_last_five_years_count(register: Register) -> None:
    [cycle] = answered(register, KIND, about(BORIS_SNILS)).iter("{*}Cycle")
    assert (texts(cycle, "BeginDate"), texts(cycle, "EndDate")) == (["2021-11-24"], ["2026-11-23"])
    assert (texts(cycle, "Specialty/Code"), texts(cycle, "Hours/Remaining")) == ([], ["144.00"])


def test_a_school_is_told_with_the_workers_consent(register: Register) -> None:
    assert refused(register, KIND, about(), EDUCATION_BODY) == [("CONSENT_ABSENT", "")]
    consent(register)
    assert texts(answered(register, KIND, about(), EDUCATION_BODY), "Balance/Confirmed") == ["49.00"]


def test_all_that_is_wrong_is_told_at_once(register: Register) -> None:
    rest = "<Since>2026-01-02</Since><Until>2026-01-01</Until><Activity>99</Activity>"
    assert refused(register, KIND, about("11223344596", rest, known_on="2026-11-24")) == [
        ("KNOWN_ON_IN_FUTURE", "AsOf/KnownOn"),
        ("SNILS_CONTROL", "Worker/Snils"),
        ("PERIOD_REVERSED", "Since"),
        ("CODE_UNKNOWN", "Activity"),
    ]
    assert refused(register, KIND, about("90000000081")) == [("WORKER_NOT_FOUND", "Worker")]


def test_every_rule_has_a_test() -> None:
    codes = {"SNILS_CONTROL", "KNOWN_ON_IN_FUTURE", "WORKER_NOT_FOUND", "CONSENT_ABSENT", "CODE_UNKNOWN"}
    codes |= {"PERIOD_REVERSED", "CODE_NOT_VALID_ON_DATE"}  # no activity of the sample ends
    assert {rule.code for rule in RULES} == codes
