"""WorkerSearch on both databases: by which keys, what a page tells, and to whom."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from mezhved.adapter.exchange.roles import Role
from mezhved.adapter.registry.kinds.worker_search.rules import RULES
from mezhved.adapter.registry.schema import certificates, employments, licences, qualifications
from sqlalchemy import Engine, event
from support.lookups import answered, consent, plain, refused, texts
from support.register import (
    ANNA,
    ANNA_INN,
    ANNA_SNILS,
    BORIS,
    CLINIC,
    HOSPITAL,
    KEEPER,
    SENDER,
    Register,
    employment,
)

KIND = "worker_search"
INSURER = replace(KEEPER, mnemonic="INSURER", roles=frozenset({Role.INSURER}))
PUBLIC = replace(KEEPER, mnemonic="PUBLIC", roles=frozenset({Role.PUBLIC}))
BOTH = replace(KEEPER, mnemonic="BOTH", roles=frozenset({Role.EMPLOYER, Role.PUBLIC}))
BORIS_JOB = "aaaaaaaa-0000-4000-8000-000000000002"


@pytest.fixture
def register(engine: Engine) -> Register:
    register = Register(engine).furnish()
    register.put(
        employments,
        employment(),
        employment(BORIS, entity_id=BORIS_JOB, organisation_oid=CLINIC, post="201", region="78"),
    )
    register.put(
        certificates,
        {
            "entity_id": "eeeeeeee-0000-4000-8000-000000000001",
            "worker_oid": BORIS,
            "specialty": "201",
            "institution": "41",
            "number": "C77",
            "exam_date": date(2018, 5, 1),
            "valid_from": date(2018, 5, 1),
            "valid_to": date(2023, 5, 1),
        },
    )
    register.put(
        qualifications,
        {
            "entity_id": "ffffffff-0000-4000-8000-000000000001",
            "worker_oid": ANNA,
            "category": "3",
            "specialty": "37",
            "valid_from": date(2025, 1, 1),
            "valid_to": date(2030, 1, 1),
        },
    )
    register.put(licences, licence("11111111-0000-4000-8000-000000000001", HOSPITAL))
    return register


def licence(entity_id: str, organisation: str, **more: Any) -> dict[str, Any]:
    row = {"number": "ЛО-1", "status": "VALID", "issued_on": date(2015, 1, 1), "licenser": "Орган"}
    return {"entity_id": entity_id, "organisation_oid": organisation, **row, "valid_from": date(2015, 1, 1), **more}


def keys(**values: str) -> str:
    return f"<Keys>{_elements(values)}</Keys>"


def filters(**values: str) -> str:
    return f"<Filters>{_elements(values)}</Filters>"


def _elements(values: dict[str, str]) -> str:
    return "".join(f"<{name}>{value}</{name}>" for name, value in values.items())


def window(first: str | None, last: str | None) -> str:
    parts = {"From": first, "To": last}
    inner = "".join(f"<{name}>{value}</{name}>" for name, value in parts.items() if value)
    return f"<Filters><Expires>{inner}</Expires></Filters>"


@pytest.mark.parametrize(
    "body",
    [
        keys(WorkerOid=ANNA),
        keys(Snils="112-233-445 95"),
        keys(Inn=ANNA_INN),
        keys(LastName="СЕМЕНОВА ЯСНАЯ", BirthDate="1985-04-12"),
        keys(LastName="Семёнова-Ясная", FirstName="анна", Patronymic="Петровна"),
        keys(AccreditationNumber="123456"),
        keys(LicenceNumber="ло-1"),
        keys(LicenceNumber="ЛО-1") + filters(Organization=HOSPITAL),
        filters(Organization=HOSPITAL),
        filters(Post="109"),
        filters(Region="77"),
        filters(Specialty="37"),
        filters(Category="3"),
        filters(Post="109", Status="ACTIVE"),
        window("2028-01-01", "2028-12-31"),
    ],
    ids=lambda body: body.replace("</", "<").split("<")[2],
)
def test_every_key_and_filter_finds_its_worker(register: Register, body: str) -> None:
    assert texts(answered(register, KIND, body), "Workers/Worker/Oid") == [ANNA]


@pytest.mark.parametrize(
    "body",
    [
        keys(Snils="90000000081"),
        keys(LicenceNumber="ЛО-2"),
        keys(LicenceNumber="ЛО-1") + filters(Organization=CLINIC),
        filters(Organization=HOSPITAL, Post="201"),
        filters(Post="109") + "<On>2019-01-01</On>",
    ],
)
def test_nobody_found_is_an_empty_page(register: Register, body: str) -> None:
    found = answered(register, KIND, body + "<Count>true</Count>")
    assert texts(found, "Workers/Worker/Oid") == []
    assert (texts(found, "Found/Number"), texts(found, "Found/Exact")) == (["0"], ["true"])


def test_a_page_tells_who_it_is_what_post_which_rights_and_category(register: Register) -> None:
    [anna] = answered(register, KIND, keys(WorkerOid=ANNA)).iter("{*}Worker")
    assert plain(anna) == [
        ("Oid", ANNA),
        ("Status", "ACTIVE"),
        ("LastName", "Семёнова-Ясная"),
        ("FirstName", "Анна"),
        ("Patronymic", "Петровна"),
        ("BirthDate", "1985-04-12"),
        ("Snils", ANNA_SNILS),
        (
            "Post",
            [
                ("Post", [("Code", "109"), ("Name", "Врач-терапевт")]),
                ("OrganizationOid", HOSPITAL),
                ("Region", "77"),
                ("BeginDate", "2020-03-02"),
            ],
        ),
        (
            "Credential",
            [
                ("Kind", "ACCREDITATION"),
                ("Specialty", [("Code", "37"), ("Name", "Терапия")]),
                ("Number", "123456"),
                ("BeginDate", "2024-01-01"),
                ("EndDate", "2028-12-31"),
            ],
        ),
        (
            "Category",
            [
                ("Category", [("Code", "3"), ("Name", "Высшая категория")]),
                ("Specialty", [("Code", "37"), ("Name", "Терапия")]),
                ("EndDate", "2030-01-01"),
            ],
        ),
    ]


def test_a_right_that_has_ended_is_told_as_expired(register: Register) -> None:
    [credential] = answered(register, KIND, keys(CertificateNumber="C77")).iter("{*}Credential")
    assert (credential.get("expired"), texts(credential, "EndDate")) == ("true", ["2023-05-01"])


def test_pages_follow_one_another(register: Register) -> None:
    first = answered(register, KIND, filters(Status="ACTIVE") + "<PageSize>1</PageSize><Count>1</Count>")
    assert texts(first, "Workers/Worker/Oid") == [ANNA]
    assert texts(first, "Found/Number") == ["2"]
    [cursor] = texts(first, "NextCursor")
    second = answered(register, KIND, filters(Status="ACTIVE") + f"<PageSize>1</PageSize><Cursor>{cursor}</Cursor>")
    assert texts(second, "Workers/Worker/Oid") == [BORIS]
    assert texts(second, "NextCursor") == []
    assert refused(register, KIND, filters(Post="109") + f"<Cursor>{cursor}</Cursor>") == [("INVALID_CURSOR", "Cursor")]


def test_all_that_is_wrong_is_told_at_once(register: Register) -> None:
    body = (
        "<Keys><Snils>11223344596</Snils><Inn>500100732258</Inn><BirthDate>2026-11-24</BirthDate></Keys>"
        "<Filters><Post>999</Post><Expires><From>2026-02-01</From><To>2026-01-01</To></Expires></Filters>"
    )
    assert set(refused(register, KIND, body)) == {
        ("SNILS_CONTROL", "Keys/Snils"),
        ("INN_CONTROL", "Keys/Inn"),
        ("BIRTH_DATE_IN_FUTURE", "Keys/BirthDate"),
        ("CODE_UNKNOWN", "Filters/Post"),
        ("WINDOW_REVERSED", "Filters/Expires/From"),
    }


def test_a_code_must_be_valid_on_the_day_that_is_asked_about(register: Register) -> None:
    assert refused(register, KIND, filters(Post="190")) == [("CODE_NOT_VALID_ON_DATE", "Filters/Post")]
    assert texts(answered(register, KIND, filters(Post="190") + "<On>2015-01-01</On>"), "Workers/Worker/Oid") == []


@pytest.mark.parametrize("body", ["", keys(FirstName="Анна"), keys(BirthDate="1985-04-12"), window("2026-01-01", None)])
def test_the_whole_register_is_not_looked_through(register: Register, body: str) -> None:
    assert [code for code, _ in refused(register, KIND, body)] == ["NOTHING_TO_SEARCH_BY"]


def test_a_licence_of_several_organisations_needs_one_of_them(register: Register) -> None:
    register.put(licences, licence("11111111-0000-4000-8000-000000000002", CLINIC))
    assert refused(register, KIND, keys(LicenceNumber="ЛО-1")) == [("LICENCE_OF_SEVERAL", "Keys/LicenceNumber")]
    body = keys(LicenceNumber="ЛО-1") + filters(Organization=CLINIC)
    assert texts(answered(register, KIND, body), "Workers/Worker/Oid") == [BORIS]


def test_who_has_not_consented_is_left_out_for_those_who_need_it(register: Register) -> None:
    body = filters(Status="ACTIVE")
    assert texts(answered(register, KIND, body, INSURER), "Workers/Worker/Oid") == []
    consent(register, BORIS)
    [boris] = answered(register, KIND, body, INSURER).iter("{*}Worker")
    assert texts(boris, "Oid") == [BORIS]
    assert texts(boris, "Category/Category/Code") == []
    assert texts(answered(register, KIND, body, SENDER), "Workers/Worker/Oid") == [ANNA, BORIS]


def test_what_may_not_be_seen_may_not_be_searched_by(register: Register) -> None:
    consent(register)
    assert refused(register, KIND, keys(Snils=ANNA_SNILS), PUBLIC) == [("KEY_WITHHELD", "Keys/Snils")]
    assert refused(register, KIND, filters(Region="77"), INSURER) == [("KEY_WITHHELD", "Filters/Region")]
    [anna] = answered(register, KIND, filters(Post="109"), PUBLIC).iter("{*}Worker")
    assert texts(anna, "Snils") == texts(anna, "BirthDate") == texts(anna, "Credential/Number") == []


def test_two_roles_see_of_each_worker_what_the_consent_allows(register: Register) -> None:
    consent(register)
    found = answered(register, KIND, filters(Status="ACTIVE"), BOTH)
    assert texts(found, "Workers/Worker/Oid") == [ANNA, BORIS]


def test_a_page_costs_the_same_number_of_queries_however_many_are_found(register: Register) -> None:
    statements: list[str] = []
    event.listen(register.engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
    answered(register, KIND, filters(Status="ACTIVE") + "<PageSize>100</PageSize>")
    two = len(statements)
    statements.clear()
    answered(register, KIND, filters(Status="ACTIVE") + "<PageSize>1</PageSize>")
    assert two == len(statements)


def test_every_rule_has_a_test() -> None:
    assert {rule.code for rule in RULES} == {
        "SNILS_CONTROL",
        "INN_CONTROL",
        "BIRTH_DATE_IN_FUTURE",
        "CODE_UNKNOWN",
        "CODE_NOT_VALID_ON_DATE",
        "WINDOW_REVERSED",
        "KEY_WITHHELD",
        "NOTHING_TO_SEARCH_BY",
        "LICENCE_OF_SEVERAL",
        "INVALID_CURSOR",
    }
