"""CmePointsAdd and AwardUpsert on both databases: their fields; what all updates share is tested elsewhere."""

from datetime import date

import pytest
from lxml.etree import _Element as Element
from mezhved.adapter.registry.outcome import Refusal
from mezhved.adapter.registry.schema import awards, cme_points, employments
from sqlalchemy import Engine
from support.register import ANNA, CLINIC, Register, employment
from support.updates import Update, told

POINTS = Update(
    "cme_points_add",
    "Points",
    {
        "Activity": ("3", "Вебинар"),
        "Title": "Новое в терапии",
        "Provider": "Общество терапевтов",
        "Specialty": ("37",),
        "Number": "НМО-117",
        "Amount": "2.50",
        "Hours": "3",
        "BeginDate": "2026-04-01",
        "EndDate": "2026-04-02",
    },
)
AWARD = Update(
    "award_upsert",
    "Award",
    {"Kind": "TITLE", "Award": ("11", "Заслуженный врач"), "Number": "77", "Date": "2024-06-20", "Issuer": "Президент"},
)


@pytest.fixture
def register(engine: Engine) -> Register:
    """Anna works in the hospital."""
    register = Register(engine).furnish()
    register.put(employments, employment())
    return register


def done(register: Register, update: Update) -> Element:
    outcome = register.ask(update.xml())
    assert not isinstance(outcome, Refusal), outcome
    return outcome


def test_points_are_credited_in_hundredths_corrected_and_taken_back(register: Register) -> None:
    entity = told(done(register, POINTS), "EntityId")
    [row] = register.rows(cme_points)
    assert (row["worker_oid"], row["points"], row["hours"], row["confirmation"]) == (ANNA, 250, 3, "CONFIRMED")
    assert (row["valid_from"], row["valid_to"]) == (date(2026, 4, 1), date(2026, 4, 2))
    done(register, POINTS.change(entity, 1, {"Amount": "0.07", "Hours": None}))
    assert (register.rows(cme_points)[-1]["points"], register.rows(cme_points)[-1]["hours"]) == (7, None)
    assert told(done(register, POINTS.withdraw(entity, 2)), "Version") == "3"


def test_one_activity_is_credited_once_to_a_worker(register: Register) -> None:
    entity = told(done(register, POINTS), "EntityId")
    assert register.codes(POINTS.but({"Amount": "9"}).xml()) == [("DUPLICATE", POINTS.path)]
    done(register, POINTS.withdraw(entity, 1))
    done(register, POINTS)


def test_an_award_is_entered_and_changed(register: Register) -> None:
    entity = told(done(register, AWARD), "EntityId")
    [row] = register.rows(awards)
    assert (row["award_kind"], row["award"], row["number"], row["issuer"]) == ("TITLE", "11", "77", "Президент")
    assert (row["awarded_on"], row["valid_from"], row["valid_to"]) == (date(2024, 6, 20), date(2024, 6, 20), None)
    done(register, AWARD.change(entity, 1, {"Date": "2024-06-21", "Issuer": None}))
    row = register.rows(awards)[-1]
    assert (row["awarded_on"], row["valid_from"], row["issuer"]) == (date(2024, 6, 21), date(2024, 6, 21), None)


BROKEN: list[tuple[Update, str, str]] = [
    (POINTS.but({"Activity": ("99",)}), "CODE_UNKNOWN", "/Activity/Code"),
    (POINTS.but({"Activity": ("3", "Лекция")}), "CODE_NAME_MISMATCH", "/Activity/Name"),
    (POINTS.but({"EndDate": "2026-11-24"}), "DATE_IN_FUTURE", "/EndDate"),
    (POINTS.but({"EndDate": "2026-03-31"}), "END_BEFORE_BEGIN", "/EndDate"),
    (POINTS.but({"BeginDate": "2002-04-11"}), "TOO_YOUNG", "/BeginDate"),
    (AWARD.but({"Award": ("99",)}), "CODE_UNKNOWN", "/Award/Code"),
    (AWARD.but({"Award": ("11", "Орден")}), "CODE_NAME_MISMATCH", "/Award/Name"),
    (AWARD.but({"Date": "2026-11-24"}), "DATE_IN_FUTURE", "/Date"),
    (AWARD.but({"Date": "1999-04-11"}), "TOO_YOUNG", "/Date"),
]


@pytest.mark.parametrize(("update", "code", "path"), BROKEN, ids=[f"{u.kind}-{code}" for u, code, _ in BROKEN])
def test_what_breaks_one_rule_is_refused_by_it_alone(register: Register, update: Update, code: str, path: str) -> None:
    assert register.codes(update.xml()) == [(code, f"{update.path}{path}")]
    assert register.rows(cme_points) == register.rows(awards) == []


def test_the_same_award_twice_is_refused(register: Register) -> None:
    done(register, AWARD)
    assert register.codes(AWARD.but({"Number": None}).xml()) == [("DUPLICATE", AWARD.path)]


@pytest.mark.parametrize("update", [POINTS, AWARD], ids=["points", "award"])
def test_an_employer_writes_for_itself(register: Register, update: Update) -> None:
    assert [code for code, _ in register.codes(update.but(organisation=CLINIC).xml())] == ["ORG_NOT_PERMITTED"]
