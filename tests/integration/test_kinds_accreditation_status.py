"""AccreditationStatus on both databases: the state of each specialty on a day, and what it rests on."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from mezhved.adapter.exchange.roles import Role
from mezhved.adapter.registry.kinds.accreditation_status.rules import RULES
from mezhved.adapter.registry.schema import accreditation_procedures, certificates, restrictions
from sqlalchemy import Engine
from support.lookups import about, answered, consent, refused, texts
from support.register import ANNA, BORIS_SNILS, KEEPER, Register

KIND = "accreditation_status"
PUBLIC = replace(KEEPER, mnemonic="PUBLIC", roles=frozenset({Role.PUBLIC}))
ACCREDITATION = "cccccccc-0000-4000-8000-000000000001"
CERTIFICATE = "eeeeeeee-0000-4000-8000-000000000001"
LIMIT = "22222222-0000-4000-8000-000000000001"


@pytest.fixture
def register(engine: Engine) -> Register:
    register = Register(engine).furnish()
    row = {"entity_id": CERTIFICATE, "worker_oid": ANNA, "specialty": "38", "institution": "41", "number": "C1"}
    days = {"exam_date": date(2015, 1, 1), "valid_from": date(2015, 1, 1), "valid_to": date(2020, 1, 1)}
    register.put(certificates, {**row, **days})
    return register


def states(register: Register, body: str, sender: Any = KEEPER) -> list[tuple[str, str, str]]:
    found = answered(register, KIND, body, sender)
    return [
        (*texts(one, "Specialty/Code"), *texts(one, "State"), *texts(one, "EntityId"))
        for one in found.iterfind("{*}Specialty")
    ]  # type: ignore[misc]


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("2014-01-01", [("37", "NOT_YET", ACCREDITATION), ("38", "NOT_YET", CERTIFICATE)]),
        ("2019-10-02", [("37", "NOT_YET", ACCREDITATION), ("38", "VALID", CERTIFICATE)]),
        ("2019-10-03", [("37", "NOT_YET", ACCREDITATION), ("38", "EXPIRING", CERTIFICATE)]),
        ("2024-01-01", [("37", "VALID", ACCREDITATION), ("38", "EXPIRED", CERTIFICATE)]),
        ("2029-01-01", [("37", "EXPIRED", ACCREDITATION), ("38", "EXPIRED", CERTIFICATE)]),
    ],
)
def test_each_specialty_has_its_state_on_the_day(register: Register, day: str, expected: Any) -> None:
    assert states(register, about(as_of=day)) == expected


@pytest.mark.parametrize(
    ("more", "state"),
    [
        ({"restriction_kind": "1"}, "SUSPENDED"),
        ({"restriction_kind": "1", "specialty": "38"}, "VALID"),
        ({"restriction_kind": "1", "post": "109"}, "VALID"),
        ({"restriction_kind": "1", "lifted_on": date(2026, 2, 1)}, "VALID"),
        ({"restriction_kind": "3"}, "VALID"),
        ({"restriction_kind": "4", "specialty": "37"}, "ANNULLED"),
        ({"restriction_kind": "4", "valid_from": date(2023, 1, 1)}, "VALID"),
    ],
)
def test_restrictions_change_the_state(register: Register, more: dict[str, Any], state: str) -> None:
    basis = {"basis": "Суд", "basis_number": "7", "basis_date": date(2026, 1, 1), "valid_from": date(2026, 1, 1)}
    register.put(restrictions, {"entity_id": LIMIT, "worker_oid": ANNA, **basis, **more})
    assert states(register, about())[0][:2] == ("37", state)


def test_the_answer_says_until_when_and_when_to_apply(register: Register) -> None:
    row = {"entity_id": "55555555-0000-4000-8000-000000000001", "worker_oid": ANNA, "accreditation_kind": "3"}
    row |= {"specialty": "37", "institution": "41", "outcome": "FAILED", "protocol_number": "1"}
    register.put(accreditation_procedures, {**row, "protocol_date": date(2023, 12, 1), "valid_from": date(2023, 12, 1)})
    found = answered(register, KIND, about(rest="<Specialty>37</Specialty>"))
    assert texts(found, "Specialty/ValidUntil") == ["2028-12-31"]
    assert texts(found, "Specialty/ApplyFrom") == ["2028-10-02"]
    assert texts(found, "Specialty/Specialty/Name") == ["Терапия"]
    assert texts(found, "Accreditations/Accreditation/RegistryNumber") == ["123456"]
    assert texts(found, "Certificates/Certificate/Number") == []
    assert texts(found, "AccreditationProcedures/AccreditationProcedure/Outcome") == ["FAILED"]


def test_warnings_are_those_of_the_card(register: Register) -> None:
    assert texts(answered(register, KIND, about()), "Warnings/Warning/Code") == ["CREDENTIAL_EXPIRED"]
    assert texts(answered(register, KIND, about(BORIS_SNILS)), "Warnings/Warning/Code") == ["CREDENTIAL_ABSENT"]


def test_what_is_public_has_no_numbers_and_needs_consent(register: Register) -> None:
    assert refused(register, KIND, about(), PUBLIC) == [("CONSENT_ABSENT", "")]
    consent(register)
    assert states(register, about(), PUBLIC)[0] == ("37", "VALID", ACCREDITATION)
    assert texts(answered(register, KIND, about(), PUBLIC), "Accreditations/Accreditation/RegistryNumber") == []


def test_all_that_is_wrong_is_told_at_once(register: Register) -> None:
    assert refused(register, KIND, about("11223344596", "<Specialty>999</Specialty>", known_on="2026-11-24")) == [
        ("KNOWN_ON_IN_FUTURE", "AsOf/KnownOn"),
        ("SNILS_CONTROL", "Worker/Snils"),
        ("CODE_UNKNOWN", "Specialty"),
    ]
    assert refused(register, KIND, about("90000000081")) == [("WORKER_NOT_FOUND", "Worker")]


def test_every_rule_has_a_test() -> None:
    codes = {"SNILS_CONTROL", "KNOWN_ON_IN_FUTURE", "WORKER_NOT_FOUND", "CONSENT_ABSENT", "CODE_UNKNOWN"}
    assert {rule.code for rule in RULES} == codes | {"CODE_NOT_VALID_ON_DATE"}  # no specialty of the sample ends
