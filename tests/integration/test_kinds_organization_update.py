"""OrganizationUpdate on both databases: the record of an organisation and its subdivisions."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from mezhved.adapter.exchange.roles import Role
from mezhved.adapter.registry.kinds.organization_update import KIND, UPSERT
from mezhved.adapter.registry.outcome import Refusal
from mezhved.adapter.registry.rule import Severity
from mezhved.adapter.registry.schema import employments, organisations, staff_positions, subdivisions
from sqlalchemy import Engine
from support.register import CLINIC, CLOSED_WARD, HOSPITAL, KEEPER, OGRN, SENDER, SURGERY, WARD, Register, employment
from support.updates import TYPES, Fields, ask_at_once, elements, told, warned

ROOT = "OrganizationUpdateRequest"
KEEPS = replace(KEEPER, roles=frozenset({Role.AUTHORITY}), organisations=frozenset())
"""An authority: it has no organisations of its own."""
CARD = {
    "FullName": "Учреждение 1",
    "ShortName": "Учреждение",
    "Inn": "7707083893",
    "Kpp": "770701001",
    "Ogrn": OGRN,
    "Region": ("77", "г. Москва"),
    "Type": ("1",),
    "Ownership": ("1",),
    "Phone": "0001234567",
    "Email": "mail@example.org",
    "Site": "https://example.org/",
    "BeginDate": "1990-01-01",
}
PART = {"Name": "Кабинет", "Kind": ("4", "Кабинет"), "ParentOid": WARD, "Address": None, "BeginDate": "2026-11-01"}


def request(body: str, oid: str = HOSPITAL) -> str:
    namespace = "urn://x-artefacts-mezhved/frmr/organization_update/1.0.0"
    organisation = f"<Organization><t:Oid>{oid}</t:Oid></Organization>"
    return f'<{ROOT} xmlns="{namespace}" xmlns:t="{TYPES}">{organisation}{body}</{ROOT}>'


def card(version: int = 1, oid: str = HOSPITAL, **changes: Any) -> str:
    order = [one.path for one in UPSERT.sections[0].fields]
    fields = {**CARD, **changes}
    return request(
        f'<Card><Change version="{version}">{elements({name: fields.get(name) for name in order})}</Change></Card>', oid
    )


def create(**changes: Any) -> str:
    return request(f"<Subdivision><Create>{elements({**PART, **changes})}</Create></Subdivision>")


def change(oid: str, version: int = 1, **changes: Any) -> str:
    fields: Fields = {**PART, "Name": "Отделение", "ParentOid": None, "BeginDate": "1990-01-01", **changes}
    marks = f'entityId="{oid}" version="{version}"'
    return request(f"<Subdivision><Change {marks}>{elements(fields)}</Change></Subdivision>")


def withdraw(oid: str, version: int = 1) -> str:
    marks = f'entityId="{oid}" version="{version}"'
    return request(f"<Subdivision><Withdraw {marks}><t:Reason>ошибка</t:Reason></Withdraw></Subdivision>")


@pytest.fixture
def register(engine: Engine) -> Register:
    """The clinic has an ОГРН of its own; the other organisations share theirs."""
    register = Register(engine).furnish()
    register.change(organisations, CLINIC, inn="0000000018", ogrn="1020000000019")
    return register


def accepted(register: Register, content: str, sender: Any = SENDER) -> Any:
    answer = register.ask(content, sender)
    assert not isinstance(answer, Refusal), answer
    return answer


def test_an_organisation_changes_its_own_record(register: Register) -> None:
    answer = accepted(register, card())
    assert (told(answer, "OrganizationOid"), told(answer, "EntityId"), told(answer, "Version")) == (
        HOSPITAL,
        "None",
        "2",
    )
    before, after = (row for row in register.rows(organisations) if row["entity_id"] == HOSPITAL)
    assert (before["short_name"], before["superseded_at"] is None) == ("Учреждение 1", False)
    assert (after["short_name"], after["kpp"], after["phone"]) == ("Учреждение", "770701001", "0001234567")
    assert (after["source"], after["superseded_at"]) == ("HOSPITAL_IS", None)


def test_only_an_authority_closes_an_organisation_and_a_head_may_be_named(register: Register) -> None:
    closed = {"EndDate": "2026-12-31", "ClosingReason": "реорганизация", "HeadOid": CLINIC}
    accepted(register, card(**closed), KEEPS)
    row = register.rows(organisations)[1]
    assert (row["valid_to"], row["closing_reason"], row["head_oid"]) == (date(2026, 12, 31), "реорганизация", CLINIC)


def test_a_new_subdivision_gets_the_next_number_and_keeps_it(register: Register) -> None:
    first = told(accepted(register, create()), "EntityId")
    assert first == f"{HOSPITAL}.0.4"
    accepted(register, withdraw(first))
    second = told(accepted(register, create()), "EntityId")
    assert second == f"{HOSPITAL}.0.5"
    answer = accepted(register, change(second, Name="Процедурный кабинет", ParentOid=WARD, EndDate="2027-01-01"))
    assert told(answer, "Version") == "2"
    row = register.rows(subdivisions)[-1]
    assert (row["name"], row["parent_oid"], row["valid_to"]) == ("Процедурный кабинет", WARD, date(2027, 1, 1))


def test_two_that_are_entered_at_once_get_two_numbers(register: Register) -> None:
    """The organisation is locked while its next number is found."""
    for race in range(8):
        requests = [create(Name=f"Кабинет {race}{one}") for one in "АБ"]
        answers = ask_at_once(register, requests, 100 + 10 * race)
        numbers = {f"{HOSPITAL}.0.{4 + 2 * race}", f"{HOSPITAL}.0.{5 + 2 * race}"}
        assert {told(answer, "EntityId") for answer in answers} == numbers


def test_of_two_changes_at_once_one_is_told_that_it_came_second(register: Register) -> None:
    answers = ask_at_once(register, [card(ShortName="Первое"), card(ShortName="Второе")], 100)
    refused = [answer for answer in answers if isinstance(answer, Refusal)]
    assert [[one.code for one in answer.rejections] for answer in refused] == [["VERSION_CONFLICT"]]


BROKEN: list[tuple[str, str, str]] = [
    (card(oid="1.2.643.1.9"), "ORG_NOT_FOUND", "Organization/Oid"),
    (card(2), "VERSION_CONFLICT", "Card/Change/@version"),
    (card(Inn="7707083890"), "INN_CONTROL", "Card/Change/Inn"),
    (card(Ogrn="1027700132190"), "OGRN_CONTROL", "Card/Change/Ogrn"),
    (card(Inn="500100732259", Kpp="770701001"), "INN_OGRN_MISMATCH", "Card/Change/Ogrn"),
    (card(Kpp=None), "KPP_MISMATCH", "Card/Change/Kpp"),
    (card(Ogrn="304500116000157", Inn="500100732259"), "KPP_MISMATCH", "Card/Change/Kpp"),
    (card(OgrnDate="2026-11-24"), "DATE_IN_FUTURE", "Card/Change/OgrnDate"),
    (card(EndDate="1989-12-31", ClosingReason="ошибка"), "END_BEFORE_BEGIN", "Card/Change/EndDate"),
    (card(EndDate="2026-12-31"), "CLOSING_INCOMPLETE", "Card/Change/ClosingReason"),
    (card(ClosingReason="ошибка"), "CLOSING_INCOMPLETE", "Card/Change/ClosingReason"),
    (card(Region=("99",)), "CODE_UNKNOWN", "Card/Change/Region/Code"),
    (card(Region=("77", "Москва")), "CODE_NAME_MISMATCH", "Card/Change/Region/Name"),
    (card(HeadOid="1.2.643.1.9"), "HEAD_NOT_FOUND", "Card/Change/HeadOid"),
    (card(HeadOid=HOSPITAL), "HEAD_CYCLE", "Card/Change/HeadOid"),
    (change(WARD, 2), "VERSION_CONFLICT", "Subdivision/Change/@version"),
    (change(f"{HOSPITAL}.0.9"), "RECORD_NOT_FOUND", "Subdivision/Change/@entityId"),
    (withdraw(f"{CLINIC}.0.1"), "RECORD_NOT_FOUND", "Subdivision/Withdraw/@entityId"),
    (create(Kind=("99",)), "CODE_UNKNOWN", "Subdivision/Create/Kind/Code"),
    (create(EndDate="2026-10-31"), "END_BEFORE_BEGIN", "Subdivision/Create/EndDate"),
    (create(ParentOid=f"{CLINIC}.0.1"), "PARENT_NOT_FOUND", "Subdivision/Create/ParentOid"),
    (create(ParentOid=CLOSED_WARD), "OUTSIDE_PARENT", "Subdivision/Create"),
    (create(BeginDate="1989-12-31"), "OUTSIDE_PARENT", "Subdivision/Create"),
    (change(WARD, ParentOid=WARD), "PARENT_CYCLE", "Subdivision/Change/ParentOid"),
]


@pytest.mark.parametrize(("content", "code", "path"), BROKEN)
def test_a_broken_rule_is_told_with_its_place(register: Register, content: str, code: str, path: str) -> None:
    assert (code, f"{ROOT}/{path}") in register.codes(content, sender=KEEPS)
    assert len(register.codes(content, sender=KEEPS)) == 1


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"Inn": "0000000018"}, "Inn"),
        ({"Ogrn": "1020000000019"}, "Ogrn"),
        ({"OgrnDate": "2002-11-01"}, "OgrnDate"),
        ({"HeadOid": CLINIC}, "HeadOid"),
        ({"OldOid": "1.2.3"}, "OldOid"),
        ({"BeginDate": "1991-01-01"}, "BeginDate"),
    ],
)
def test_what_the_organisation_is_only_an_authority_changes(register: Register, changes: Any, name: str) -> None:
    assert register.codes(card(**changes)) == [("REQUISITES_RESERVED", f"{ROOT}/Card/Change/{name}")]
    accepted(register, card(**changes), KEEPS)


def test_all_that_is_wrong_is_told_at_once(register: Register) -> None:
    codes = [code for code, _ in register.codes(card(2, Inn="7707083890", Kpp=None, Region=("99",)), sender=KEEPS)]
    assert codes == ["VERSION_CONFLICT", "INN_CONTROL", "CODE_UNKNOWN", "KPP_MISMATCH"]


def test_a_change_must_change_something_and_a_subdivision_is_entered_once(register: Register) -> None:
    accepted(register, card())
    assert register.codes(card(2)) == [("RECORD_UNCHANGED", f"{ROOT}/Card/Change")]
    accepted(register, create())
    assert register.codes(create()) == [("DUPLICATE", f"{ROOT}/Subdivision/Create")]


def test_a_code_must_hold_on_the_first_day(register: Register) -> None:
    register.end_code("2.999.643.28", "4", date(2026, 10, 31))
    assert register.codes(create()) == [("CODE_NOT_VALID_ON_DATE", f"{ROOT}/Subdivision/Create/Kind/Code")]


def test_a_circle_of_heads_is_found(register: Register) -> None:
    register.change(organisations, CLINIC, head_oid=HOSPITAL)
    assert register.codes(card(HeadOid=CLINIC), sender=KEEPS) == [("HEAD_CYCLE", f"{ROOT}/Card/Change/HeadOid")]


def test_subdivisions_form_a_tree(register: Register) -> None:
    register.change(subdivisions, SURGERY, parent_oid=WARD)
    codes = register.codes(change(WARD, ParentOid=SURGERY))
    assert codes == [("PARENT_CYCLE", f"{ROOT}/Subdivision/Change/ParentOid")]
    parent = WARD
    for number in range(9):
        parent = told(accepted(register, create(Name=f"Часть {number}", ParentOid=parent)), "EntityId")
    codes = register.codes(create(ParentOid=parent))
    assert codes == [("SUBDIVISION_TOO_DEEP", f"{ROOT}/Subdivision/Create/ParentOid")]
    codes = register.codes(change(WARD, ParentOid=CLOSED_WARD))
    assert ("SUBDIVISION_TOO_DEEP", f"{ROOT}/Subdivision/Change/ParentOid") in codes


def test_what_has_parts_is_not_closed_before_them_nor_withdrawn(register: Register) -> None:
    accepted(register, create())
    assert register.codes(change(WARD, EndDate="2026-12-31")) == [("OUTLIVED_BY_PART", f"{ROOT}/Subdivision/Change")]
    assert register.codes(withdraw(WARD)) == [("SUBDIVISION_IN_USE", f"{ROOT}/Subdivision/Withdraw")]


def test_what_employments_or_posts_name_is_not_withdrawn(register: Register) -> None:
    register.put(employments, employment(valid_to=date(2021, 1, 1)))
    assert register.codes(withdraw(WARD)) == [("SUBDIVISION_IN_USE", f"{ROOT}/Subdivision/Withdraw")]
    entity = "eeeeeeee-0000-4000-8000-000000000001"
    position = {"entity_id": entity, "organisation_oid": HOSPITAL, "plan_id": entity, "subdivision_oid": SURGERY}
    register.put(staff_positions, {**position, "post": "109", "rate": 100, "valid_from": None, "valid_to": None})
    assert register.codes(withdraw(SURGERY)) == [("SUBDIVISION_IN_USE", f"{ROOT}/Subdivision/Withdraw")]
    accepted(register, withdraw(CLOSED_WARD))


def test_closing_warns_of_who_still_works_there(register: Register) -> None:
    register.put(employments, employment(valid_to=date(2026, 12, 31)))
    for last, expected in (("2026-12-30", ["STILL_EMPLOYS"]), ("2026-12-31", [])):
        for content in (change(WARD, EndDate=last), card(EndDate=last, ClosingReason="ликвидация", Ogrn=OGRN)):
            answer = register.ask(content, KEEPS, test=True)
            assert not isinstance(answer, Refusal), answer
            assert [code for code, _ in warned(answer) if code != "OGRN_ELSEWHERE"] == expected


def test_an_ogrn_of_two_organisations_that_are_not_related_is_told(register: Register) -> None:
    elsewhere = ("OGRN_ELSEWHERE", f"{ROOT}/Card/Change/Ogrn")
    own = {"Inn": "0000000018", "Ogrn": "1020000000019"}
    assert warned(register.ask(card(**own), KEEPS, test=True)) == [elsewhere]
    assert warned(register.ask(card(**own, HeadOid=CLINIC), KEEPS, test=True)) == []


def test_an_employer_writes_only_of_its_own_organisations(register: Register) -> None:
    assert [code for code, _ in register.codes(card(oid=CLINIC))] == ["ORG_NOT_PERMITTED"]
    assert KIND.access.signature


def test_every_rule_has_a_test() -> None:
    tested = {code for _, code, _ in BROKEN}
    tested |= {"REQUISITES_RESERVED", "RECORD_UNCHANGED", "DUPLICATE", "CODE_NOT_VALID_ON_DATE"}
    tested |= {"SUBDIVISION_TOO_DEEP", "OUTLIVED_BY_PART", "SUBDIVISION_IN_USE", "STILL_EMPLOYS", "OGRN_ELSEWHERE"}
    assert {rule.code for rule in UPSERT.rules} == tested
    assert {rule.code for rule in UPSERT.rules if rule.severity is Severity.WARNING} == {
        "STILL_EMPLOYS",
        "OGRN_ELSEWHERE",
    }
