"""OrganizationCard on both databases: an organisation with its subdivisions and licences, as of a day."""

from datetime import date
from typing import Any

import pytest
from mezhved.adapter.registry.kinds.organization_card.rules import RULES
from mezhved.adapter.registry.outcome import Refusal
from mezhved.adapter.registry.schema import licence_activities, licences, organisations, subdivisions
from sqlalchemy import Engine
from support.lookups import TYPES, about_organisation, ask_organisation, refused_organisation, texts
from support.register import CLINIC, CLOSED_CLINIC, CLOSED_WARD, HOSPITAL, OGRN, SURGERY, WARD, Register

KIND = "organization_card"
CABINET = f"{HOSPITAL}.0.4"
LICENCE = "11111111-0000-4000-8000-000000000001"
OTHER_INN, OTHER_OGRN = "0000000018", "1020000000019"


@pytest.fixture
def register(engine: Engine) -> Register:
    """The hospital has a ward with a cabinet in it, and one licence; the clinic has numbers of its own."""
    register = Register(engine).furnish()
    since = {"valid_from": date(2019, 6, 1), "valid_to": None}
    cabinet = {"entity_id": CABINET, "organisation_oid": HOSPITAL, "name": "Кабинет", "parent_oid": WARD, "kind": "4"}
    licence = {"entity_id": LICENCE, "organisation_oid": HOSPITAL, "number": "Л-1", "status": "VALID"}
    activity = {"entity_id": LICENCE, "organisation_oid": HOSPITAL, "licence_id": LICENCE, "activity": "MEDICAL"}
    register.put(subdivisions, {**cabinet, **since})
    register.put(licences, {**licence, "issued_on": date(2019, 6, 1), "licenser": "Орган", **since})
    register.put(licence_activities, {**activity, **since})
    register.change(organisations, CLINIC, inn=OTHER_INN, ogrn=OTHER_OGRN, head_oid=HOSPITAL, ownership="3")
    return register


def ask(register: Register, oid: str = HOSPITAL, rest: str = "", **moments: Any) -> Any:
    return ask_organisation(register, KIND, oid, rest, **moments)


def by(name: str, number: str) -> str:
    return f"<Organization><t:{name}>{number}</t:{name}></Organization>"


def test_the_card_tells_the_record_and_its_version(register: Register) -> None:
    found = ask(register, CLINIC)
    assert texts(found, "OrganizationOid") == [CLINIC]
    assert texts(found, "Organization/Inn") == [OTHER_INN]
    assert texts(found, "Organization/Head/Name") == ["Учреждение 1"]
    assert texts(found, "Organization/Ownership/Name") == ["Частная"]
    assert texts(found, "Organization/Region/Name") == ["г. Москва"]
    record = found.find("{*}Organization")
    assert (record.get("entityId"), record.get("version"), record.get("source")) == (CLINIC, "1", "LOADER")


def test_subdivisions_stand_in_those_above_them(register: Register) -> None:
    found = ask(register)
    assert texts(found, "Subdivisions/Subdivision/Oid") == [WARD, SURGERY]
    assert texts(found, "Subdivisions/Subdivision/Subdivision/Oid") == [CABINET]
    assert texts(found, "Subdivisions/Subdivision/Subdivision/Kind/Name") == ["Кабинет"]


def test_who_is_above_and_closed_on_the_day_leaves_its_parts_at_the_top(register: Register) -> None:
    register.change(subdivisions, WARD, valid_to=date(2020, 12, 31))
    assert texts(ask(register), "Subdivisions/Subdivision/Oid") == [SURGERY, CABINET]


def test_the_card_is_that_of_the_day(register: Register) -> None:
    before = ask(register, as_of="2019-05-31")
    assert texts(before, "Subdivisions/Subdivision/Oid") == [WARD, SURGERY, CLOSED_WARD]
    assert texts(before, "Licences/Licence") == []
    assert texts(ask(register), "Licences/Licence/Activity/Kind") == ["MEDICAL"]


@pytest.mark.parametrize(
    ("day", "existing"), [("1989-12-31", "false"), ("1990-01-01", "true"), ("2019-12-31", "true"), (None, "false")]
)
def test_a_closed_organisation_is_told_with_whether_it_exists(
    register: Register, day: str | None, existing: str
) -> None:
    found = ask(register, CLOSED_CLINIC, as_of=day)
    assert texts(found, "Existing") == [existing]
    assert texts(found, "Organization/EndDate") == ["2019-12-31"]


def test_only_the_sections_asked_for_are_given(register: Register) -> None:
    only = ask_organisation_sections(register, "LICENCES")
    assert (texts(only, "Licences/Licence/Number"), texts(only, "Subdivisions")) == (["Л-1"], [])
    only = ask_organisation_sections(register, "SUBDIVISIONS")
    assert (texts(only, "Licences"), len(texts(only, "Subdivisions/Subdivision"))) == ([], 2)


def ask_organisation_sections(register: Register, section: str) -> Any:
    return ask(register, rest=f"<Section>{section}</Section>")


def test_it_is_found_by_its_numbers(register: Register) -> None:
    for name, number in (("Inn", OTHER_INN), ("Ogrn", OTHER_OGRN)):
        namespaces = f'xmlns="urn://x-artefacts-mezhved/frmr/{KIND}/1.0.0" xmlns:t="{TYPES}"'
        found = register.ask(f"<OrganizationCardRequest {namespaces}>{by(name, number)}</OrganizationCardRequest>")
        assert not isinstance(found, Refusal)
        assert texts(found, "OrganizationOid") == [CLINIC]


def test_what_was_known_on_a_day_answers(register: Register) -> None:
    assert texts(ask(register, known_on="2020-01-01"), "Organization/ShortName") == ["Учреждение 1"]


@pytest.mark.parametrize(
    ("body", "refusals"),
    [
        (about_organisation("1.2.3"), [("ORG_NOT_FOUND", "Organization/Oid")]),
        (about_organisation(HOSPITAL, known_on="2019-12-31"), [("ORG_NOT_FOUND", "Organization/Oid")]),
        (about_organisation(HOSPITAL, known_on="2026-11-24"), [("KNOWN_ON_IN_FUTURE", "AsOf/KnownOn")]),
        (by("Inn", "7707083890"), [("INN_CONTROL", "Organization/Inn")]),
        (by("Ogrn", "1027700132190"), [("OGRN_CONTROL", "Organization/Ogrn")]),
        (by("Inn", "500100732259"), [("ORG_NOT_FOUND", "Organization/Inn")]),
        (by("Ogrn", OGRN), [("ORG_AMBIGUOUS", "Organization/Ogrn")]),
    ],
)
def test_questions_that_cannot_be_answered(register: Register, body: str, refusals: list[tuple[str, str]]) -> None:
    assert refused_organisation(register, KIND, body) == refusals


def test_every_rule_has_a_test() -> None:
    tested = {"ORG_NOT_FOUND", "KNOWN_ON_IN_FUTURE", "INN_CONTROL", "OGRN_CONTROL", "ORG_AMBIGUOUS"}
    assert {rule.code for rule in RULES} == tested
