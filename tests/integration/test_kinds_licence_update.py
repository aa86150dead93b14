"""LicenceUpdate on both databases: licences of organisations, their states, and what they permit."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from mezhved.adapter.exchange.roles import Role
from mezhved.adapter.registry.kinds.licence_update import KIND, UPSERT
from mezhved.adapter.registry.outcome import Refusal
from mezhved.adapter.registry.rule import Severity
from mezhved.adapter.registry.schema import licence_activities, licences
from sqlalchemy import Engine
from support.register import CLINIC, HOSPITAL, KEEPER, SENDER, Register
from support.updates import TYPES, Fields, elements, told, warned

ROOT = "LicenceUpdateRequest"
KEEPS = replace(KEEPER, roles=frozenset({Role.REGULATOR}), organisations=frozenset())
"""A supervisor: it has no organisations of its own."""
SOMETHING = "aaaaaaaa-0000-4000-8000-00000000ffff"
LICENCE: Fields = {
    "Series": None,
    "Number": "Л041 01",
    "Status": "VALID",
    "Notification": None,
    "IssueDate": "2020-06-01",
    "Licenser": "Орган по надзору",
    "LicenserInn": "7707083893",
    "LicenserOgrn": "1027700132195",
    "BeginDate": None,
    "EndDate": None,
}
ACTIVITY: Fields = {
    "LicenceId": SOMETHING,
    "Kind": "MEDICAL",
    "Work": ("A-01", "Приём врача"),
    "Specialty": ("37",),
    "Address": "Корпус 1",
    "BeginDate": "2024-06-01",
    "EndDate": None,
}


def request(section: str, action: str, fields: Fields, oid: str = HOSPITAL, marks: str = "") -> str:
    namespace = "urn://x-artefacts-mezhved/frmr/licence_update/1.0.0"
    body = f"<{section}><{action}{marks}>{elements(fields)}</{action}></{section}>"
    organisation = f"<Organization><t:Oid>{oid}</t:Oid></Organization>"
    return f'<{ROOT} xmlns="{namespace}" xmlns:t="{TYPES}">{organisation}{body}</{ROOT}>'


def seen(entity: str, version: int) -> str:
    return f' entityId="{entity}" version="{version}"'


def create(oid: str = HOSPITAL, **changes: Any) -> str:
    return request("Licence", "Create", {**LICENCE, **changes}, oid)


def change(entity: str, version: int, **changes: Any) -> str:
    return request("Licence", "Change", {**LICENCE, **changes}, marks=seen(entity, version))


def permit(licence: str, oid: str = HOSPITAL, **changes: Any) -> str:
    return request("Activity", "Create", {**ACTIVITY, "LicenceId": licence, **changes}, oid)


def withdraw(section: str, entity: str, version: int) -> str:
    return request(section, "Withdraw", {"t:Reason": "ошибка"}, marks=seen(entity, version))


@pytest.fixture
def register(engine: Engine) -> Register:
    return Register(engine).furnish()


def accepted(register: Register, content: str) -> Any:
    answer = register.ask(content, KEEPS)
    assert not isinstance(answer, Refusal), answer
    return answer


def entered(register: Register, content: str) -> str:
    return told(accepted(register, content), "EntityId")


def codes(register: Register, content: str) -> list[tuple[str, str]]:
    return [(code, path.removeprefix(f"{ROOT}/")) for code, path in register.codes(content, sender=KEEPS)]


def test_a_licence_is_entered_suspended_taken_up_again_and_ended(register: Register) -> None:
    answer = accepted(register, create())
    entity = told(answer, "EntityId")
    assert (told(answer, "OrganizationOid"), told(answer, "Version")) == (HOSPITAL, "1")
    assert told(accepted(register, change(entity, 1, Status="SUSPENDED")), "Version") == "2"
    accepted(register, change(entity, 2))
    accepted(register, change(entity, 3, Status="ANNULLED", EndDate="2026-11-23"))
    rows = register.rows(licences)
    assert [row["status"] for row in rows] == ["VALID", "SUSPENDED", "VALID", "ANNULLED"]
    assert (rows[0]["number"], rows[0]["valid_from"], rows[0]["notification"]) == ("Л04101", date(2020, 6, 1), False)
    assert (rows[3]["valid_to"], rows[3]["organisation_oid"]) == (date(2026, 11, 23), HOSPITAL)


def test_what_a_licence_permits_is_entered_changed_and_withdrawn_before_it(register: Register) -> None:
    licence = entered(register, create())
    activity = entered(register, permit(licence))
    changed = {**ACTIVITY, "LicenceId": licence, "EndDate": "2026-12-31"}
    accepted(register, request("Activity", "Change", changed, marks=seen(activity, 1)))
    assert codes(register, withdraw("Licence", licence, 1)) == [("LICENCE_IN_USE", "Licence/Withdraw")]
    accepted(register, withdraw("Activity", activity, 2))
    accepted(register, withdraw("Licence", licence, 1))
    assert [row["withdrawn"] for row in register.rows(licences)] == [False, True]
    last = register.rows(licence_activities)[-1]
    assert (last["withdrawn"], last["work"], last["valid_to"]) == (True, "A-01", date(2026, 12, 31))


BROKEN: list[tuple[str, str, str]] = [
    (create(oid="1.2.643.1.9"), "ORG_NOT_FOUND", "Organization/Oid"),
    (create(LicenserInn="7707083890"), "INN_CONTROL", "Licence/Create/LicenserInn"),
    (create(LicenserOgrn="1027700132190"), "OGRN_CONTROL", "Licence/Create/LicenserOgrn"),
    (create(IssueDate="2026-11-24"), "DATE_IN_FUTURE", "Licence/Create/IssueDate"),
    (create(BeginDate="2020-05-31"), "BEGINS_BEFORE_ISSUE", "Licence/Create/BeginDate"),
    (create(EndDate="2020-05-31"), "END_BEFORE_BEGIN", "Licence/Create/EndDate"),
    (create(Status="ANNULLED"), "END_MISSING", "Licence/Create/EndDate"),
    (create(Status="CEASED"), "END_MISSING", "Licence/Create/EndDate"),
    (create(Status="CEASED", EndDate="2026-11-24"), "ENDED_IN_FUTURE", "Licence/Create/EndDate"),
    (change(SOMETHING, 1), "RECORD_NOT_FOUND", "Licence/Change/@entityId"),
    (withdraw("Licence", SOMETHING, 1), "RECORD_NOT_FOUND", "Licence/Withdraw/@entityId"),
    (permit(SOMETHING), "LICENCE_NOT_FOUND", "Activity/Create/LicenceId"),
]


@pytest.mark.parametrize(("content", "code", "path"), BROKEN)
def test_a_broken_rule_is_told_with_its_place(register: Register, content: str, code: str, path: str) -> None:
    assert codes(register, content) == [(code, path)]


@pytest.mark.parametrize(
    ("changes", "code", "path"),
    [
        ({"Work": ("Z-99",)}, "CODE_UNKNOWN", "/Work/Code"),
        ({"Specialty": ("37", "Хирургия")}, "CODE_NAME_MISMATCH", "/Specialty/Name"),
        ({"EndDate": "2024-05-31"}, "END_BEFORE_BEGIN", "/EndDate"),
        ({"BeginDate": "2020-05-31"}, "OUTSIDE_LICENCE", ""),
        ({"EndDate": "2025-06-01"}, "OUTSIDE_LICENCE", ""),
        ({"BeginDate": "2025-06-01"}, "OUTSIDE_LICENCE", ""),
    ],
)
def test_what_a_licence_permits_keeps_within_it(register: Register, changes: Any, code: str, path: str) -> None:
    licence = entered(register, create(EndDate="2025-05-31"))
    assert codes(register, permit(licence, **changes)) == [(code, f"Activity/Create{path}")]
    entered(register, permit(licence))


def test_a_licence_of_another_organisation_is_not_found(register: Register) -> None:
    licence = entered(register, create(CLINIC, Number="2"))
    assert codes(register, permit(licence)) == [("LICENCE_NOT_FOUND", "Activity/Create/LicenceId")]


def test_a_licence_that_was_ended_stays_so_and_permits_nothing_new(register: Register) -> None:
    entity = entered(register, create(Status="CEASED", EndDate="2025-05-31"))
    assert codes(register, change(entity, 1, EndDate="2025-05-31")) == [("LICENCE_ENDED", "Licence/Change/Status")]
    assert codes(register, permit(entity)) == [("LICENCE_NOT_IN_FORCE", "Activity/Create/LicenceId")]
    accepted(register, change(entity, 1, Status="CEASED", EndDate="2025-05-30"))


def test_the_same_licence_is_entered_once_and_elsewhere_with_a_warning(register: Register) -> None:
    entity = entered(register, create())
    assert codes(register, create()) == [("DUPLICATE", "Licence/Create")]
    assert codes(register, change(entity, 1)) == [("RECORD_UNCHANGED", "Licence/Change")]
    assert codes(register, change(entity, 2, Status="SUSPENDED")) == [("VERSION_CONFLICT", "Licence/Change/@version")]
    assert warned(accepted(register, create(CLINIC))) == [("NUMBER_ELSEWHERE", f"{ROOT}/Licence/Create")]


def test_a_code_must_hold_on_the_first_day(register: Register) -> None:
    licence = entered(register, create())
    register.end_code("1.2.643.5.1.13.13.11.1070", "A-01", date(2024, 5, 31))
    assert codes(register, permit(licence)) == [("CODE_NOT_VALID_ON_DATE", "Activity/Create/Work/Code")]


def test_an_organisation_does_not_write_its_own_licences(register: Register) -> None:
    assert [code for code, _ in register.codes(create(), sender=SENDER)] == ["ROLE_NOT_PERMITTED"]
    assert KIND.access.signature


def test_every_rule_has_a_test() -> None:
    tested = {code for _, code, _ in BROKEN} | {"CODE_UNKNOWN", "CODE_NAME_MISMATCH", "CODE_NOT_VALID_ON_DATE"}
    tested |= {"OUTSIDE_LICENCE", "LICENCE_ENDED", "LICENCE_NOT_IN_FORCE", "LICENCE_IN_USE", "NUMBER_ELSEWHERE"}
    tested |= {"DUPLICATE", "RECORD_UNCHANGED", "VERSION_CONFLICT"}
    assert {rule.code for rule in UPSERT.rules} == tested
    assert {rule.code for rule in UPSERT.rules if rule.severity is Severity.WARNING} == {"NUMBER_ELSEWHERE"}
