"""AccreditationResult on both databases: procedure and accreditation together, and the rules of both."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from lxml.etree import _Element as Element
from mezhved.adapter.exchange.roles import Role
from mezhved.adapter.registry.kinds.accreditation_result.handler import RULES
from mezhved.adapter.registry.kinds.accreditation_result.sections import ACCREDITATION, PROCEDURE
from mezhved.adapter.registry.outcome import Refusal
from mezhved.adapter.registry.schema import accreditation_procedures, accreditations
from sqlalchemy import Engine
from support.register import ANNA, BORIS, SENDER, Register
from support.updates import Update, told, warned

BODY = replace(SENDER, mnemonic="CENTRE", roles=frozenset({Role.ACCREDITATION_BODY}))
NAMESPACE = "urn://x-artefacts-mezhved/frmr/accreditation_result/1.0.0"
ACCREDITED = {"RegistryNumber": "7725 000123", "DocumentSeries": None, "DocumentNumber": None, "BeginDate": None}
PASSED = Update(
    "accreditation_result",
    "Procedure",
    {
        "ApplicationNumber": "З-771",
        "Kind": ("3", "Периодическая аккредитация"),
        "Specialty": ("38", "Хирургия"),
        "Post": ("113",),
        "ProfessionalStandard": ("02.009",),
        "ActivityKind": ("1",),
        "EducationLevel": ("5",),
        "Institution": ("41",),
        "Commission": "Комиссия № 3",
        "Protocol": {"Number": "44-П", "Date": "2025-10-15"},
        "HeldFrom": "2025-10-10",
        "HeldTo": None,
        "Outcome": "PASSED",
        "Accreditation": {**ACCREDITED, "EndDate": None, "Extended": None},
    },
    organisation=None,
)
FAILED = PASSED.but({"Outcome": "FAILED", "Accreditation": None})


@pytest.fixture
def register(engine: Engine) -> Register:
    return Register(engine).furnish()


def ask(register: Register, update: Update) -> Element:
    answer = register.ask(update.xml(), sender=BODY)
    assert not isinstance(answer, Refusal), answer
    return answer


def given(answer: Element) -> dict[str, str] | None:
    """What the answer says of the accreditation."""
    element = answer.find(f"{{{NAMESPACE}}}Accreditation")
    return None if element is None else {child.tag.rpartition("}")[2]: child.text for child in element}


def current(register: Register, entity: str) -> dict[str, Any] | None:
    """The current version of an accreditation."""
    rows = [row for row in register.rows(accreditations) if row["entity_id"] == entity]
    return next((row for row in rows if row["superseded_at"] is None), None)


def test_who_has_passed_is_accredited(register: Register) -> None:
    answer = ask(register, PASSED)
    assert warned(answer) == []
    told_of = given(answer)
    assert told_of == {
        "EntityId": told_of["EntityId"],
        "Version": "1",
        "BeginDate": "2025-10-15",
        "EndDate": "2030-10-15",
    }
    [procedure] = register.rows(accreditation_procedures)
    assert procedure["entity_id"] == told(answer, "EntityId") != told_of["EntityId"]
    assert (procedure["outcome"], procedure["accreditation_id"]) == ("PASSED", told_of["EntityId"])
    assert (procedure["application_number"], procedure["commission"]) == ("З-771", "Комиссия № 3")
    assert (procedure["professional_standard"], procedure["activity_kind"]) == ("02.009", "1")
    assert (procedure["valid_from"], procedure["valid_to"]) == (date(2025, 10, 10), date(2025, 10, 15))
    assert (procedure["last_name"], procedure["first_name"]) == ("Семёнова-Ясная", "Анна")
    row = current(register, told_of["EntityId"])
    assert (row["worker_oid"], row["accreditation_kind"], row["specialty"], row["post"]) == (ANNA, "3", "38", "113")
    assert (row["institution"], row["registry_number"], row["extended"]) == ("41", "7725000123", False)
    assert (row["protocol_number"], row["protocol_date"]) == ("44-П", date(2025, 10, 15))
    assert (row["valid_from"], row["valid_to"]) == (date(2025, 10, 15), date(2030, 10, 15))


@pytest.mark.parametrize("outcome", ["FAILED", "EXCLUDED"])
def test_who_has_not_passed_is_only_recorded(register: Register, outcome: str) -> None:
    before = register.rows(accreditations)
    assert given(ask(register, FAILED.but({"Outcome": outcome}))) is None
    [procedure] = register.rows(accreditation_procedures)
    assert (procedure["outcome"], procedure["accreditation_id"]) == (outcome, None)
    assert register.rows(accreditations) == before


def test_an_outcome_that_is_corrected_gives_the_accreditation(register: Register) -> None:
    entity = told(ask(register, FAILED), "EntityId")
    answer = ask(register, PASSED.change(entity, 1))
    assert told(answer, "Version") == "2"
    accreditation = given(answer)["EntityId"]
    assert current(register, accreditation)["version"] == 1
    assert register.rows(accreditation_procedures)[-1]["accreditation_id"] == accreditation
    assert register.rows(accreditation_procedures)[-1]["last_name"] == "Семёнова-Ясная"


def test_an_accreditation_that_was_given_wrongly_goes(register: Register) -> None:
    answer = ask(register, PASSED)
    accreditation = given(answer)["EntityId"]
    answer = ask(register, FAILED.change(told(answer, "EntityId"), 1))
    assert given(answer) is None
    assert current(register, accreditation) is None
    assert register.rows(accreditation_procedures)[-1]["accreditation_id"] is None


def test_a_change_of_the_accreditation_alone_is_a_change(register: Register) -> None:
    answer = ask(register, PASSED)
    entity, accreditation = told(answer, "EntityId"), given(answer)["EntityId"]
    number = {"Accreditation/RegistryNumber": "7725000124"}
    answer = ask(register, PASSED.change(entity, 1, number))
    assert (told(answer, "Version"), given(answer)["EntityId"], given(answer)["Version"]) == ("2", accreditation, "2")
    assert current(register, accreditation)["registry_number"] == "7725000124"


def test_a_change_of_the_procedure_alone_leaves_the_accreditation(register: Register) -> None:
    answer = ask(register, PASSED)
    entity, accreditation = told(answer, "EntityId"), given(answer)["EntityId"]
    answer = ask(register, PASSED.change(entity, 1, {"Commission": "Комиссия № 4"}))
    assert given(answer) is None
    assert current(register, accreditation)["version"] == 1
    assert register.rows(accreditation_procedures)[-1]["accreditation_id"] == accreditation


def test_a_procedure_that_is_withdrawn_takes_its_accreditation_with_it(register: Register) -> None:
    answer = ask(register, PASSED)
    ask(register, PASSED.withdraw(told(answer, "EntityId"), 1))
    assert current(register, given(answer)["EntityId"]) is None
    assert all(row["superseded_at"] for row in register.rows(accreditation_procedures))


BROKEN: list[tuple[Update, str, str]] = [
    (PASSED.but({"Kind": ("9",)}), "CODE_UNKNOWN", "Kind/Code"),
    (PASSED.but({"Specialty": ("38", "Терапия")}), "CODE_NAME_MISMATCH", "Specialty/Name"),
    (PASSED.but({"Post": ("190",)}), "CODE_NOT_VALID_ON_DATE", "Post/Code"),
    (PASSED.but({"ProfessionalStandard": ("99.999",)}), "CODE_UNKNOWN", "ProfessionalStandard/Code"),
    (PASSED.but({"ActivityKind": ("9",)}), "CODE_UNKNOWN", "ActivityKind/Code"),
    (PASSED.but({"EducationLevel": ("9",)}), "CODE_UNKNOWN", "EducationLevel/Code"),
    (PASSED.but({"Institution": ("99",)}), "CODE_UNKNOWN", "Institution/Code"),
    (PASSED.but({"Protocol/Date": "2026-11-24"}), "DATE_IN_FUTURE", "Protocol/Date"),
    (FAILED.but({"Protocol/Date": "2002-04-11", "HeldFrom": None, "Post": None}), "TOO_YOUNG", "Protocol/Date"),
    (PASSED.but({"HeldFrom": "2025-10-16"}), "PROTOCOL_BEFORE_PROCEDURE", "Protocol/Date"),
    (PASSED.but({"HeldTo": "2025-10-09"}), "END_BEFORE_BEGIN", "HeldTo"),
    (PASSED.but({"Accreditation": None}), "PASSED_WITHOUT_ACCREDITATION", "Outcome"),
    (PASSED.but({"Outcome": "EXCLUDED"}), "ACCREDITATION_NOT_PASSED", "Accreditation"),
    (PASSED.but({"Accreditation/EndDate": "2030-10-16"}), "TERM_NOT_FIVE_YEARS", "Accreditation/EndDate"),
    (
        PASSED.but({"Accreditation/EndDate": "2030-10-15", "Accreditation/Extended": "true"}),
        "EXTENDED_TOO_SHORT",
        "Accreditation/EndDate",
    ),
    (PASSED.but({"Accreditation/BeginDate": "2026-11-24"}), "DATE_IN_FUTURE", "Accreditation/BeginDate"),
]


@pytest.mark.parametrize(("update", "code", "path"), BROKEN, ids=[f"{code}-{path}" for _, code, path in BROKEN])
def test_what_breaks_one_rule_is_refused_by_it_alone(register: Register, update: Update, code: str, path: str) -> None:
    before = register.rows(accreditations)
    assert register.codes(update.xml(), sender=BODY) == [(code, f"{update.path}/{path}")]
    assert register.rows(accreditations) == before
    assert register.rows(accreditation_procedures) == []


def test_nobody_else_tells_of_accreditations(register: Register) -> None:
    others = replace(BODY, roles=frozenset(Role) - {Role.ACCREDITATION_BODY})
    assert register.codes(PASSED.xml(), sender=others) == [("ROLE_NOT_PERMITTED", "AccreditationResultRequest")]


def test_the_number_of_another_workers_accreditation_is_refused(register: Register) -> None:
    register.change(accreditations, "cccccccc-0000-4000-8000-000000000001", worker_oid=BORIS)
    found = register.codes(PASSED.but({"Accreditation/RegistryNumber": "123456"}).xml(), sender=BODY)
    assert found == [("REGISTRY_NUMBER_TAKEN", f"{PASSED.path}/Accreditation/RegistryNumber")]


def test_the_same_procedure_and_the_same_number_twice_are_refused(register: Register) -> None:
    ask(register, PASSED)
    assert register.codes(FAILED.xml(), sender=BODY) == [("DUPLICATE", PASSED.path)]
    assert register.codes(PASSED.but({"Protocol/Number": "45-П"}).xml(), sender=BODY) == [("DUPLICATE", PASSED.path)]


def test_a_change_that_changes_nothing_is_refused(register: Register) -> None:
    entity = told(ask(register, PASSED), "EntityId")
    assert register.codes(PASSED.change(entity, 1).xml(), sender=BODY) == [
        ("RECORD_UNCHANGED", "AccreditationResultRequest/Procedure/Change")
    ]
    outcome = register.ask(PASSED.change(entity, 2, {"Commission": None}).xml(), sender=BODY)
    assert [rejection.code for rejection in outcome.rejections] == ["VERSION_CONFLICT"]


def test_every_rule_of_its_own_has_a_test() -> None:
    tested = {code for _, code, _ in BROKEN} | {"REGISTRY_NUMBER_TAKEN"}
    own = {check.rule.code for section in (PROCEDURE, ACCREDITATION) for check in section.checks}
    assert own | {"PASSED_WITHOUT_ACCREDITATION", "ACCREDITATION_NOT_PASSED"} <= tested
    assert own <= {rule.code for rule in RULES}
