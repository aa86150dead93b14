"""OrganizationLicences on both databases: what an organisation is licensed to do on a day."""

from datetime import date
from typing import Any

import pytest
from mezhved.adapter.exchange.roles import Role
from mezhved.adapter.registry.kinds.organization_licences.rules import RULES
from mezhved.adapter.registry.schema import licence_activities, licences
from sqlalchemy import Engine
from support.lookups import about_organisation, ask_organisation, refused_organisation, texts
from support.register import CLINIC, CLOSED_CLINIC, HOSPITAL, Register

KIND = "organization_licences"


@pytest.fixture
def register(engine: Engine) -> Register:
    register = Register(engine).furnish()
    register.put(licences, licence(1), licence(2, organisation_oid=CLINIC), licence(3, valid_to=date(2020, 5, 31)))
    register.put(licence_activities, activity(1, 1), activity(2, 1, activity="PHARMACEUTICAL"), activity(3, 2))
    register.put(licence_activities, activity(4, 1, valid_from=date(2027, 1, 1), address="Новый корпус"))
    return register


def licence(number: int, **more: Any) -> dict[str, Any]:
    row = {"entity_id": f"11111111-0000-4000-8000-{number:012}", "organisation_oid": HOSPITAL, "number": f"Л-{number}"}
    period = {"issued_on": date(2019, 6, 1), "valid_from": date(2019, 6, 1), "valid_to": None}
    return {**row, "status": "VALID", "notification": False, "licenser": "Орган", **period, **more}


def activity(number: int, of: int, **more: Any) -> dict[str, Any]:
    row = {"entity_id": f"22222222-0000-4000-8000-{number:012}", "organisation_oid": HOSPITAL if of == 1 else CLINIC}
    belongs = {"licence_id": licence(of)["entity_id"], "activity": "MEDICAL", "address": "Корпус 1"}
    return {**row, **belongs, "valid_from": date(2019, 6, 1), "valid_to": None, **more}


@pytest.mark.parametrize(
    ("day", "numbers", "kinds", "licensed"),
    [
        (None, ["Л-1"], ["MEDICAL", "PHARMACEUTICAL"], ["true"]),
        ("2020-05-31", ["Л-1", "Л-3"], ["MEDICAL", "PHARMACEUTICAL"], ["true"]),
        ("2027-01-01", ["Л-1"], ["MEDICAL", "PHARMACEUTICAL", "MEDICAL"], ["true"]),
        ("2019-05-31", [], [], ["false"]),
    ],
)
def test_licences_and_what_they_permit_are_those_of_the_day(
    register: Register, day: str | None, numbers: list[str], kinds: list[str], licensed: list[str]
) -> None:
    found = ask_organisation(register, KIND, HOSPITAL, as_of=day)
    assert texts(found, "Licences/Licence/Number") == numbers
    assert texts(found, "Licences/Licence/Activity/Kind") == kinds
    assert texts(found, "Licensed") == licensed


def test_a_suspended_licence_is_told_and_does_not_count(register: Register) -> None:
    register.change(licences, licence(1)["entity_id"], status="SUSPENDED")
    found = ask_organisation(register, KIND, HOSPITAL)
    assert texts(found, "Licences/Licence/Status") == ["SUSPENDED"]
    assert texts(found, "Licensed") == ["false"]


def test_an_organisation_without_licences_has_an_empty_list(register: Register) -> None:
    found = ask_organisation(register, KIND, CLOSED_CLINIC)
    assert texts(found, "Licensed") == ["false"]
    assert texts(found, "Licences") == [""]


def test_every_role_may_ask_and_the_knowledge_of_a_day_answers(register: Register) -> None:
    for role in Role:
        assert texts(ask_organisation(register, KIND, CLINIC, role=role), "Licences/Licence/Number") == ["Л-2"]
    assert texts(ask_organisation(register, KIND, HOSPITAL, known_on="2020-01-01"), "Licensed") == ["true"]


def test_all_that_is_wrong_is_told_at_once(register: Register) -> None:
    assert refused_organisation(register, KIND, about_organisation("1.2.3", known_on="2026-11-24")) == [
        ("KNOWN_ON_IN_FUTURE", "AsOf/KnownOn"),
        ("ORG_NOT_FOUND", "Organization/Oid"),
    ]
    assert refused_organisation(register, KIND, about_organisation(HOSPITAL, known_on="2019-12-31")) == [
        ("ORG_NOT_FOUND", "Organization/Oid")
    ]


def test_every_rule_has_a_test() -> None:
    assert {rule.code for rule in RULES} == {"KNOWN_ON_IN_FUTURE", "ORG_NOT_FOUND"}
