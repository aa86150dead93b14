"""RestrictionList on both databases: what limits a worker on a day, and who is told of it."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from mezhved.adapter.exchange.roles import Role
from mezhved.adapter.registry.kinds.restriction_list.rules import RULES
from mezhved.adapter.registry.schema import disciplinary_measures, persons, resolutions, restrictions
from sqlalchemy import Engine
from support.lookups import about, answered, consent, refused, texts
from support.register import ANNA, BORIS_SNILS, HOSPITAL, KEEPER, SENDER, Register

KIND = "restriction_list"
INSURER = replace(KEEPER, mnemonic="INSURER", roles=frozenset({Role.INSURER}))


@pytest.fixture
def register(engine: Engine) -> Register:
    register = Register(engine).furnish()
    register.put(restrictions, limit(1, date(2020, 1, 1), date(2020, 12, 31)), limit(2, date(2026, 1, 1), None))
    measure = {"entity_id": "88888888-0000-4000-8000-000000000001", "worker_oid": ANNA, "organisation_oid": HOSPITAL}
    measure |= {"measure": "1", "order_number": "3-д", "order_date": date(2026, 2, 1), "valid_from": date(2026, 2, 1)}
    register.put(disciplinary_measures, measure)
    row = {"entity_id": "44444444-0000-4000-8000-000000000001", "worker_oid": ANNA, "specialty": "201"}
    register.put(resolutions, {**row, "number": "Д-1", "issued_on": date(2005, 1, 1), "valid_from": date(2005, 1, 1)})
    return register


def limit(number: int, first: date, last: date | None, **more: Any) -> dict[str, Any]:
    row = {"entity_id": f"22222222-0000-4000-8000-{number:012}", "worker_oid": ANNA, "restriction_kind": "1"}
    basis = {"basis": "Суд", "basis_number": str(number), "basis_date": first}
    return {**row, **basis, "valid_from": first, "valid_to": last, **more}


def told(register: Register, body: str, sender: Any = KEEPER) -> tuple[list[str], list[str], int, int]:
    found = answered(register, KIND, body, sender)
    numbers = texts(found, "Restrictions/Restriction/BasisNumber")
    measures = texts(found, "DisciplinaryMeasures/DisciplinaryMeasure/OrderNumber")
    return texts(found, "Restricted"), numbers, len(measures), len(texts(found, "Resolutions/Resolution/Number"))


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (about(), (["true"], ["1", "2"], 1, 1)),
        (about(rest="<InForce>true</InForce>"), (["true"], ["2"], 1, 1)),
        (about(as_of="2025-01-01"), (["false"], ["1"], 0, 1)),
        (about(as_of="2020-12-31"), (["true"], ["1"], 0, 1)),
        (about(rest="<InForce>1</InForce>", as_of="2025-01-01"), (["false"], [], 0, 1)),
        (about(BORIS_SNILS), (["false"], [], 0, 0)),
    ],
)
def test_lists_and_what_is_in_force_are_those_of_the_day(register: Register, body: str, expected: Any) -> None:
    assert told(register, body) == expected


def test_a_restriction_that_was_lifted_is_not_in_force(register: Register) -> None:
    register.change(restrictions, limit(2, date(2026, 1, 1), None)["entity_id"], lifted_on=date(2026, 11, 23))
    assert told(register, about())[:2] == (["false"], ["1", "2"])


def test_the_state_of_the_record_is_told(register: Register) -> None:
    register.change(persons, ANNA, status="SUSPENDED")
    assert texts(answered(register, KIND, about()), "Status") == ["SUSPENDED"]


def test_disciplinary_measures_are_shown_to_few(register: Register) -> None:
    found = answered(register, KIND, about(), SENDER)
    assert texts(found, "Withheld/Section") == ["DISCIPLINE"]
    assert found.find("{*}DisciplinaryMeasures") is None
    assert refused(register, KIND, about(), INSURER) == [("CONSENT_ABSENT", "")]
    consent(register)
    assert texts(answered(register, KIND, about(), INSURER), "Restrictions/Restriction/BasisNumber") == []


def test_all_that_is_wrong_is_told_at_once(register: Register) -> None:
    assert refused(register, KIND, about("11223344596", known_on="2026-11-24")) == [
        ("KNOWN_ON_IN_FUTURE", "AsOf/KnownOn"),
        ("SNILS_CONTROL", "Worker/Snils"),
    ]
    assert refused(register, KIND, about("90000000081")) == [("WORKER_NOT_FOUND", "Worker")]
    assert refused(register, KIND, about(known_on="2019-12-31")) == [("WORKER_NOT_FOUND", "Worker")]


def test_every_rule_has_a_test() -> None:
    assert {rule.code for rule in RULES} == {
        "SNILS_CONTROL",
        "KNOWN_ON_IN_FUTURE",
        "WORKER_NOT_FOUND",
        "CONSENT_ABSENT",
    }
