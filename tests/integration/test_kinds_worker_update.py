"""WorkerUpdate on both databases: personal data and the records beside them."""

from datetime import date
from typing import Any

import pytest
from mezhved.adapter.registry.kinds.worker_update import UPSERT
from mezhved.adapter.registry.outcome import Refusal
from mezhved.adapter.registry.schema import (
    addresses,
    alternate_identifiers,
    consents,
    contacts,
    employments,
    identity_documents,
    persons,
)
from sqlalchemy import Engine
from support.register import ANNA, BORIS, KEEPER, NOW, Register, employment
from support.updates import ADDRESS, CONSENT, CONTACT, PASSPORT, Update, told, warned

ROOT = "WorkerUpdateRequest"
MARRIED = Update(
    "worker_update",
    "Person",
    {
        "Snils": "11223344595",
        "LastName": "Воробьёва",
        "FirstName": "Анна",
        "Patronymic": "Петровна",
        "Gender": ("2",),
        "BirthDate": "1985-04-12",
        "BirthPlace": None,
        "Inn": "500100732259",
        "Citizenship": ("1",),
        "Country": None,
        "MilitaryRelation": ("1",),
        "Disability": None,
    },
    action="Change",
    version=1,
    shared=True,
)
DOCUMENT = Update("worker_update", "IdentityDocument", PASSPORT, shared=True)
IDENTIFIER = Update("worker_update", "AlternateIdentifier", {"System": "ERN", "Value": "0000 1234"})


@pytest.fixture
def register(engine: Engine) -> Register:
    """Anna works in the hospital."""
    register = Register(engine).furnish()
    register.put(employments, employment())
    return register


def anna(register: Register) -> list[dict[str, Any]]:
    return [row for row in register.rows(persons) if row["entity_id"] == ANNA]


def test_personal_data_are_changed_and_the_former_name_is_kept(register: Register) -> None:
    answer = register.ask(MARRIED.xml())
    assert (told(answer, "WorkerOid"), told(answer, "EntityId"), told(answer, "Version")) == (ANNA, "None", "2")
    before, after = anna(register)
    assert (before["last_name"], before["superseded_at"]) == ("Семёнова-Ясная", NOW)
    assert (after["last_name"], after["last_folded"], after["status"]) == ("Воробьёва", "воробьева", "ACTIVE")
    assert (after["military_relation"], after["inn"], after["superseded_at"]) == ("1", "500100732259", None)


def test_the_next_change_names_the_worker_as_registered_then(register: Register) -> None:
    register.ask(MARRIED.xml())
    again = MARRIED.but({"MilitaryRelation": ("2",)}, version=2)
    assert register.codes(again.xml()) == [("PERSON_MISMATCH", f"{ROOT}/Worker/LastName")]
    assert told(register.ask(again.of(LastName="Воробьёва").xml()), "Version") == "3"


@pytest.mark.parametrize(
    ("update", "table", "expected"),
    [
        (DOCUMENT, identity_documents, {"series": "9901", "number": "123456", "valid_from": date(2011, 4, 1)}),
        (
            Update("worker_update", "Address", ADDRESS, shared=True),
            addresses,
            {"region": "77", "street": "ул. Садовая", "house": "5"},
        ),
        (
            Update("worker_update", "Contact", CONTACT, shared=True),
            contacts,
            {"value": "0001234567", "preferred": True},
        ),
        (Update("worker_update", "Consent", CONSENT, shared=True), consents, {"consent_kind": "PROCESSING"}),
        (IDENTIFIER, alternate_identifiers, {"system": "ERN", "value": "00001234"}),
    ],
    ids=lambda value: value.section if isinstance(value, Update) else "",
)
def test_each_section_is_entered_and_withdrawn(
    register: Register, update: Update, table: Any, expected: dict[str, Any]
) -> None:
    answer = register.ask(update.xml())
    entity = told(answer, "EntityId")
    [row] = [row for row in register.rows(table) if row["entity_id"] == entity]
    assert row.items() >= ({"worker_oid": ANNA} | expected).items()
    assert register.codes(update.xml()) == [("DUPLICATE", f"{ROOT}/{update.section}/Create")]
    assert told(register.ask(update.withdraw(entity, 1).xml()), "Version") == "2"
    assert not [row for row in register.rows(table) if row["entity_id"] == entity and row["superseded_at"] is None]


def test_a_consent_is_taken_back_by_a_change(register: Register) -> None:
    consent = Update("worker_update", "Consent", {**CONSENT, "EndDate": None}, shared=True)
    entity = told(register.ask(consent.xml()), "EntityId")
    register.ask(consent.change(entity, 1, {"EndDate": "2026-11-22"}).xml())
    assert register.rows(consents)[-1]["valid_to"] == date(2026, 11, 22)


BROKEN: list[tuple[Update, str, str]] = [
    (MARRIED.but({"Snils": "11223344596"}), "SNILS_CONTROL", "Snils"),
    (MARRIED.but({"Snils": "08765430300"}), "SNILS_TAKEN", "Snils"),
    (MARRIED.but({"Inn": "500100732250"}), "INN_CONTROL", "Inn"),
    (MARRIED.but({"Inn": "123456789047"}), "INN_TAKEN", "Inn"),
    (MARRIED.but({"BirthDate": "2026-11-24"}), "BIRTH_DATE_IN_FUTURE", "BirthDate"),
    (MARRIED.but({"BirthDate": "2013-01-01"}), "AGE_NOT_PLAUSIBLE", "BirthDate"),
    (MARRIED.but({"Citizenship": ("2",)}), "COUNTRY_MISSING", "Citizenship"),
    (MARRIED.but({"Country": ("112",)}), "COUNTRY_MISMATCH", "Country/Code"),
    (MARRIED.but({"Gender": ("2", "Мужской")}), "CODE_NAME_MISMATCH", "Gender/Name"),
    (MARRIED.but({"LastName": "Семёнова-Ясная", "MilitaryRelation": None}), "RECORD_UNCHANGED", ""),
    (MARRIED.but(version=2), "VERSION_CONFLICT", "@version"),
    (DOCUMENT.but({"Type": ("9",)}), "CODE_UNKNOWN", "Type/Code"),
    (DOCUMENT.but({"Series": "9900", "Number": "000002"}), "DOCUMENT_TAKEN", "Number"),
    (DOCUMENT.but({"Number": "1"}), "PASSPORT_FORMAT", "Number"),
    (DOCUMENT.but({"IssueDate": "1999-04-11"}), "PASSPORT_TOO_EARLY", "IssueDate"),
    (DOCUMENT.but({"Type": ("2",), "IssueDate": "1985-04-11"}), "ISSUED_BEFORE_BIRTH", "IssueDate"),
    (DOCUMENT.but({"EndDate": "2011-03-31"}), "END_BEFORE_BEGIN", "EndDate"),
    (DOCUMENT.but({"IssueDate": "2026-11-24"}), "DATE_IN_FUTURE", "IssueDate"),
    (Update("worker_update", "Contact", {**CONTACT, "Value": "12"}, shared=True), "CONTACT_FORMAT", "Value"),
    (IDENTIFIER.but({"Value": "7"}), "IDENTIFIER_TAKEN", "Value"),
]


@pytest.mark.parametrize(("update", "code", "path"), BROKEN, ids=[f"{code}-{path}" for _, code, path in BROKEN])
def test_what_breaks_one_rule_is_refused_by_it_alone(register: Register, update: Update, code: str, path: str) -> None:
    other = {"entity_id": "eeeeeeee-0000-4000-8000-000000000001", "worker_oid": BORIS, "system": "ERN", "value": "7"}
    register.put(alternate_identifiers, other)
    register.change(persons, BORIS, inn="123456789047")
    before = anna(register), register.rows(identity_documents)
    assert set(register.codes(update.xml())) == {(code, f"{update.path}/{path}".rstrip("/"))}
    assert (anna(register), register.rows(identity_documents)) == before


def test_a_version_conflict_tells_the_current_version(register: Register) -> None:
    register.ask(MARRIED.xml())
    [rejection] = register.ask(MARRIED.of(LastName="Воробьёва").but({"LastName": "Орлова"}).xml()).rejections
    assert "действует версия 2" in rejection.text


def test_the_keeper_corrects_what_no_employer_may(register: Register) -> None:
    boris = {"Snils": "08765430300", "LastName": "Крутой", "FirstName": "Борис", "BirthDate": "1990-01-31"}
    update = Update("worker_update", "IdentityDocument", PASSPORT, worker=boris, shared=True)
    outcome = register.ask(update.xml())
    assert isinstance(outcome, Refusal)
    assert [rejection.code for rejection in outcome.rejections] == ["NOT_EMPLOYED_HERE"]
    # Issued when he was 21: nothing to be said of it.
    assert warned(register.ask(update.xml(), sender=KEEPER)) == []


def test_a_namesake_and_an_outdated_passport_bring_warnings(register: Register) -> None:
    register.change(persons, BORIS, last_folded="воробьева", first_folded="анна", patronymic_folded="петровна")
    register.change(persons, BORIS, birth_date=date(1985, 4, 12))
    assert warned(register.ask(MARRIED.xml())) == [("POSSIBLE_TWIN", f"{ROOT}/Person/Change")]
    old = DOCUMENT.but({"IssueDate": "2005-04-11"}).of(LastName="Воробьёва")
    assert warned(register.ask(old.xml())) == [("PASSPORT_OUTDATED", f"{ROOT}/IdentityDocument/Create/IssueDate")]


def test_every_rule_of_its_own_has_a_test() -> None:
    tested = {code for _, code, _ in BROKEN} | {"DUPLICATE", "NOT_EMPLOYED_HERE", "PERSON_MISMATCH"}
    tested |= {"POSSIBLE_TWIN", "PASSPORT_OUTDATED"}
    # Judged alike in all updates: test_kinds_certificate_upsert.
    tested |= {"WORKER_NOT_FOUND", "WORKER_MERGED", "RECORD_NOT_FOUND", "CODE_NOT_VALID_ON_DATE"}
    assert {rule.code for rule in UPSERT.rules} == tested
