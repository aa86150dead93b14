"""WorkerVerify on both databases: who may work, every reason why not, what is missing to decide, on any date."""

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from mezhved.adapter.exchange.roles import Role
from mezhved.adapter.registry.kinds.worker_verify.rules import RULES
from mezhved.adapter.registry.projection import Projection, Section
from mezhved.adapter.registry.schema import (
    accreditations,
    certificates,
    employments,
    licence_activities,
    licences,
    persons,
    resolutions,
    restrictions,
)
from mezhved.adapter.registry.verdict import REASONS, Question, judge
from mezhved.adapter.store.engine import read
from sqlalchemy import Engine, event
from support.lookups import about, answered, consent, refused, texts
from support.register import (
    BORIS_SNILS,
    CLINIC,
    CLOSED_CLINIC,
    EMPLOYMENT,
    HOSPITAL,
    KEEPER,
    Register,
    employment,
)

KIND = "worker_verify"
ACCREDITATION = "cccccccc-0000-4000-8000-000000000001"
LICENCE = "11111111-0000-4000-8000-000000000001"
LIMIT = "22222222-0000-4000-8000-000000000001"
INSURER = replace(KEEPER, mnemonic="INSURER", roles=frozenset({Role.INSURER}))


@pytest.fixture
def register(engine: Engine) -> Register:
    register = Register(engine).furnish()
    register.put(employments, employment())
    register.put(licences, licence(LICENCE))
    register.put(licence_activities, activity(LICENCE))
    return register


def licence(entity_id: str, organisation: str = HOSPITAL, **more: Any) -> dict[str, Any]:
    row = {"number": "ЛО-1", "status": "VALID", "issued_on": date(2015, 1, 1), "licenser": "Орган"}
    return {"entity_id": entity_id, "organisation_oid": organisation, **row, "valid_from": date(2015, 1, 1), **more}


def activity(licence_id: str, **more: Any) -> dict[str, Any]:
    entity = licence_id.replace("1111", "3333", 1)
    return {"entity_id": entity, "organisation_oid": HOSPITAL, "licence_id": licence_id, "activity": "MEDICAL", **more}


def limit(kind: str, **more: Any) -> dict[str, Any]:
    row = {"entity_id": LIMIT, "worker_oid": "2024.0000001", "restriction_kind": kind}
    basis = {"basis": "Суд", "basis_number": "7", "basis_date": date(2026, 1, 1)}
    return {**row, **basis, "valid_from": date(2026, 1, 1), **more}


def question(
    post: str | None = "109",
    specialty: str | None = None,
    organisation: str | None = HOSPITAL,
    *,
    before_hire: bool = False,
    snils: str = "11223344595",
    **when: str,
) -> str:
    parts = f"<Post>{post}</Post>" if post else ""
    parts += f"<Specialty>{specialty}</Specialty>" if specialty else ""
    parts += f"<Organization><t:Oid>{organisation}</t:Oid></Organization>" if organisation else ""
    return about(snils, parts + ("<BeforeHire>true</BeforeHire>" if before_hire else ""), **when)


def verdict(register: Register, body: str, sender: Any = KEEPER) -> tuple[str, dict[str, str | None]]:
    """The outcome, and each reason with the fact that decides."""
    [found] = answered(register, KIND, body, sender).iter("{*}Verdict")
    reasons: dict[str, str | None] = {}
    for one in found.iter("{*}Reason"):
        reasons[texts(one, "Code")[0]] = next(iter(texts(one, "Fact/EntityId")), None)
    return texts(found, "Outcome")[0], reasons


def test_who_is_accredited_employed_and_free_may_work(register: Register) -> None:
    [found] = answered(register, KIND, question()).iter("{*}Verdict")
    assert texts(found, "Outcome") == ["ELIGIBLE"]
    assert texts(found, "StaffCategory") == ["DOCTORS"]
    assert texts(found, "Ground/Section") == ["ACCREDITATIONS", "EMPLOYMENTS", "LICENCES"]
    assert texts(found, "Ground/EntityId") == [ACCREDITATION, EMPLOYMENT, LICENCE]
    assert texts(found, "Ground/EndDate") == ["2028-12-31"]


@pytest.mark.parametrize(
    ("body", "outcome", "reasons"),
    [
        (question(None, "37"), "ELIGIBLE", {}),
        (question("109", "37", None), "ELIGIBLE", {}),
        (question("110", None, CLINIC, before_hire=True), "UNKNOWN", {"LICENCE_UNKNOWN": None}),
        (question("110"), "NOT_ELIGIBLE", {"POST_MISMATCH": EMPLOYMENT}),
        (question("113", None, None), "NOT_ELIGIBLE", {"CREDENTIAL_OF_OTHER_SPECIALTY": ACCREDITATION}),
        (
            question("109", "38", None),
            "NOT_ELIGIBLE",
            {"SPECIALTY_NOT_FOR_POST": None, "CREDENTIAL_OF_OTHER_SPECIALTY": ACCREDITATION},
        ),
        (question(as_of="2023-12-31"), "NOT_ELIGIBLE", {"CREDENTIAL_NOT_YET": ACCREDITATION}),
        (question(as_of="2029-01-01"), "NOT_ELIGIBLE", {"CREDENTIAL_EXPIRED": ACCREDITATION}),
        (question(organisation=CLINIC), "NOT_ELIGIBLE", {"PERSON_CARD_NOT_FOUND": None, "LICENCE_UNKNOWN": None}),
        (question(organisation="1.2.3"), "NOT_ELIGIBLE", {"PERSON_CARD_NOT_FOUND": None, "ORG_NOT_FOUND": None}),
        (question(organisation="1.2.3", before_hire=True), "UNKNOWN", {"ORG_NOT_FOUND": None}),
        (
            question(organisation=CLOSED_CLINIC, before_hire=True),
            "NOT_ELIGIBLE",
            {"NO_ORG_ON_DATE": CLOSED_CLINIC, "LICENCE_UNKNOWN": None},
        ),
        (question("1", None, None), "UNKNOWN", {"REQUIREMENTS_UNKNOWN": None}),
        (question(snils=BORIS_SNILS, organisation=None), "NOT_ELIGIBLE", {"CREDENTIAL_ABSENT": None}),
        (question(organisation=None, as_of="2014-01-01"), "NOT_ELIGIBLE", {"CREDENTIAL_NOT_YET": ACCREDITATION}),
    ],
)
def test_each_reason_is_told_with_the_fact_that_decides(
    register: Register, body: str, outcome: str, reasons: dict[str, str | None]
) -> None:
    assert verdict(register, body) == (outcome, reasons)


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"status": "DECEASED"}, "WORKER_DECEASED"),
        ({"status": "DECEASED", "death_date": date(2026, 11, 23)}, "WORKER_DECEASED"),
        ({"status": "MERGED"}, "WORKER_MERGED"),
        ({"status": "REVOKED"}, "WORKER_REVOKED"),
        ({"status": "SUSPENDED"}, "WORKER_SUSPENDED"),
    ],
)
def test_a_record_that_is_not_active_is_against_it(register: Register, values: dict[str, Any], code: str) -> None:
    register.change(persons, "2024.0000001", **values)
    assert verdict(register, question()) == ("NOT_ELIGIBLE", {code: "2024.0000001"})


def test_who_died_later_could_work_then(register: Register) -> None:
    register.change(persons, "2024.0000001", status="DECEASED", death_date=date(2026, 11, 24))
    assert verdict(register, question()) == ("ELIGIBLE", {})


@pytest.mark.parametrize(
    ("row", "outcome", "codes"),
    [
        (limit("1"), "NOT_ELIGIBLE", {"PRACTICE_SUSPENDED"}),
        (limit("1", valid_to=date(2026, 11, 22)), "ELIGIBLE", set()),
        (limit("1", lifted_on=date(2026, 11, 23)), "ELIGIBLE", set()),
        (limit("1", post="113"), "ELIGIBLE", set()),
        (limit("1", specialty="38"), "ELIGIBLE", set()),
        (limit("1", specialty="37"), "NOT_ELIGIBLE", {"PRACTICE_SUSPENDED"}),
        (limit("2", post="109"), "NOT_ELIGIBLE", {"POST_FORBIDDEN"}),
        (limit("3"), "UNKNOWN", {"CARE_LIMITED"}),
        (limit("4"), "NOT_ELIGIBLE", {"CREDENTIAL_ANNULLED"}),
        (limit("4", specialty="38"), "ELIGIBLE", set()),
        (limit("4", valid_from=date(2023, 1, 1)), "ELIGIBLE", set()),
    ],
)
def test_restrictions_bar_what_they_are_about(
    register: Register, row: dict[str, Any], outcome: str, codes: set[str]
) -> None:
    register.put(restrictions, row)
    assert verdict(register, question()) == (outcome, dict.fromkeys(codes, LIMIT))


def test_a_ban_from_one_post_is_not_decided_without_the_post(register: Register) -> None:
    register.put(restrictions, limit("2", post="113"))
    assert verdict(register, question(None, "37")) == ("UNKNOWN", {"CARE_LIMITED": LIMIT})


@pytest.mark.parametrize(
    ("dates", "code"),
    [
        ({"valid_to": date(2026, 11, 22)}, "PERSON_CARD_ENDED"),
        ({"valid_from": date(2026, 11, 24)}, "PERSON_CARD_NOT_YET"),
    ],
)
def test_an_employment_of_another_time_is_none(register: Register, dates: dict[str, Any], code: str) -> None:
    register.change(employments, EMPLOYMENT, **dates)
    assert verdict(register, question()) == ("NOT_ELIGIBLE", {code: EMPLOYMENT})
    assert verdict(register, question(before_hire=True)) == ("ELIGIBLE", {})


@pytest.mark.parametrize(
    ("values", "code"),
    [({"status": "SUSPENDED"}, "LICENCE_NOT_VALID"), ({"valid_to": date(2026, 1, 1)}, "LICENCE_NOT_ON_DATE")],
)
def test_the_organisation_needs_a_licence_on_the_day(register: Register, values: dict[str, Any], code: str) -> None:
    register.change(licences, LICENCE, **values)
    assert verdict(register, question()) == ("NOT_ELIGIBLE", {code: LICENCE})


def test_the_licence_must_permit_the_activity_of_the_post(register: Register) -> None:
    register.change(licence_activities, activity(LICENCE)["entity_id"], activity="PHARMACEUTICAL")
    assert verdict(register, question()) == ("NOT_ELIGIBLE", {"LICENCE_ACTIVITY_ABSENT": LICENCE})
    register.change(licence_activities, activity(LICENCE)["entity_id"], valid_to=date(2020, 1, 1))
    assert verdict(register, question()) == ("UNKNOWN", {"LICENCE_ACTIVITY_UNKNOWN": LICENCE})
    second = LICENCE.replace("0001", "0002")
    register.put(licences, licence(second))
    register.put(licence_activities, activity(second))
    assert verdict(register, question()) == ("ELIGIBLE", {})


def test_a_pharmacist_needs_a_pharmaceutical_licence(register: Register) -> None:
    certificate = {
        "entity_id": "eeeeeeee-0000-4000-8000-000000000001",
        "worker_oid": "2024.0000001",
        "specialty": "301",
    }
    certificate |= {"institution": "41", "number": "C1", "exam_date": date(2024, 1, 1), "valid_from": date(2024, 1, 1)}
    register.put(certificates, certificate)
    assert verdict(register, question("302", before_hire=True)) == (
        "NOT_ELIGIBLE",
        {"LICENCE_ACTIVITY_ABSENT": LICENCE},
    )


@pytest.mark.parametrize(("patients", "outcome"), [(None, "ELIGIBLE"), ("1", "UNKNOWN")])
def test_a_resolution_entitles_too(register: Register, patients: str | None, outcome: str) -> None:
    row = {"entity_id": "44444444-0000-4000-8000-000000000001", "worker_oid": "2024.0000002", "specialty": "201"}
    row |= {"number": "Д-1", "issued_on": date(2026, 1, 1), "valid_from": date(2026, 1, 1), "patients": patients}
    register.put(resolutions, row)
    found, reasons = verdict(register, question("201", organisation=None, snils=BORIS_SNILS))
    assert (found, set(reasons)) == (outcome, {"PATIENTS_LIMITED"} if patients else set())


def test_an_accreditation_for_one_post_entitles_to_no_other(register: Register) -> None:
    register.change(accreditations, ACCREDITATION, post="110")
    assert verdict(register, question())[1] == {"CREDENTIAL_OF_OTHER_SPECIALTY": ACCREDITATION}
    assert verdict(register, question("110", organisation=None)) == ("ELIGIBLE", {})


def test_what_was_known_once_decides_as_it_was_known(register: Register) -> None:
    """The register of the test was filled on the first of January 2020, Moscow time 3 a.m."""
    assert verdict(register, question(known_on="2020-01-01")) == ("ELIGIBLE", {})
    assert verdict(register, question(known_on="2019-12-31")) == ("UNKNOWN", {"WORKER_NOT_KNOWN": None})


def test_who_needs_consent_is_told_nothing_without_it(register: Register) -> None:
    assert refused(register, KIND, question(), INSURER) == [("CONSENT_ABSENT", "")]
    consent(register)
    assert verdict(register, question(), INSURER) == ("ELIGIBLE", {})


def test_all_that_is_wrong_with_the_question_is_told_at_once(register: Register) -> None:
    body = question("999", "190", snils="11223344596", known_on="2026-11-24")
    assert set(refused(register, KIND, body)) == {
        ("SNILS_CONTROL", "Worker/Snils"),
        ("KNOWN_ON_IN_FUTURE", "AsOf/KnownOn"),
        ("CODE_UNKNOWN", "Post"),
        ("CODE_UNKNOWN", "Specialty"),
    }
    assert refused(register, KIND, question("190", snils="90000000081")) == [
        ("WORKER_NOT_FOUND", "Worker"),
        ("CODE_NOT_VALID_ON_DATE", "Post"),
    ]


def test_a_verdict_costs_the_same_number_of_queries_whatever_it_says(register: Register) -> None:
    statements: list[str] = []
    event.listen(register.engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
    answered(register, KIND, question())
    first = len(statements)
    statements.clear()
    answered(register, KIND, question("113", snils=BORIS_SNILS))
    assert len(statements) == first


def test_every_rule_and_every_reason_has_a_test() -> None:
    assert {rule.code for rule in RULES} == {
        "SNILS_CONTROL",
        "KNOWN_ON_IN_FUTURE",
        "WORKER_NOT_FOUND",
        "CONSENT_ABSENT",
        "CODE_UNKNOWN",
        "CODE_NOT_VALID_ON_DATE",
    }
    tested = Path(__file__).read_text("utf-8")
    assert [reason.code for reason in REASONS if f'"{reason.code}"' not in tested] == []


def test_a_section_that_may_not_be_seen_is_what_is_missing(register: Register) -> None:
    """No role that may ask is so blind today."""
    with read(register.engine) as conn:
        asked = Question("2024.0000001", date(2026, 11, 23), post="109")
        blind = Projection({Section.PERSON: None, Section.RESTRICTIONS: None, Section.EMPLOYMENTS: None})
        [found] = judge(conn, [asked], blind)
    assert (found.outcome, [one.reason.code for one in found.findings]) == ("UNKNOWN", ["SECTION_WITHHELD"])
