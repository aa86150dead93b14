"""WorkerCard on both databases: how the worker is found, what is given, and what is refused."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from lxml import etree
from lxml.etree import _Element as Element
from mezhved.adapter.exchange.rejection import RejectReason
from mezhved.adapter.exchange.roles import Role
from mezhved.adapter.registry.kinds.worker_card.rules import RULES
from mezhved.adapter.registry.outcome import Refusal
from mezhved.adapter.registry.schema import consents, employments, identity_documents, persons
from sqlalchemy import Engine, event
from support.register import (
    ANNA,
    ANNA_SNILS,
    BORIS,
    BORIS_SNILS,
    CARD,
    CLINIC,
    DISMISSAL,
    EMPLOYMENT,
    KEEPER,
    NOW,
    SENDER,
    Register,
    employment,
    passport,
)

ALL = ["IdentityDocuments", "Employments", "Education", "Certificates", "Accreditations", "Qualifications"]


@pytest.fixture
def register(engine: Engine) -> Register:
    return Register(engine).furnish()


def by_snils(snils: str, *sections: str) -> str:
    wanted = "".join(f"<Section>{section}</Section>" for section in sections)
    return _request(f"<Snils>{snils}</Snils>" + (f"<Sections>{wanted}</Sections>" if sections else ""))


def by_person(**changes: str | None) -> str:
    values: dict[str, str | None] = {
        "LastName": "Семёнова-Ясная",
        "FirstName": "Анна",
        "Patronymic": "Петровна",
        "BirthDate": "1985-04-12",
        "TypeCode": "1",
        "Series": "9900",
        "Number": "000001",
        **changes,
    }
    given = {name: f"<{name}>{value}</{name}>" for name, value in values.items() if value is not None}
    document = "".join(given.pop(name, "") for name in ("TypeCode", "Series", "Number"))
    return _request(f"<Person>{''.join(given.values())}<IdentityDocument>{document}</IdentityDocument></Person>")


def _request(body: str) -> str:
    return f'<WorkerCardRequest xmlns="{CARD}"><Purpose code="1"/>{body}</WorkerCardRequest>'


def answered(register: Register, request: str) -> Element:
    answer = register.ask(request, KEEPER)
    assert not isinstance(answer, Refusal), answer
    return answer


def refused(register: Register, request: str) -> tuple[RejectReason, str, str]:
    outcome = register.ask(request)
    assert isinstance(outcome, Refusal)
    [rejection] = outcome.rejections
    return rejection.reason, rejection.code, rejection.path


def sections(answer: Element) -> list[str]:
    return [etree.QName(child).localname for child in answer][2:]


def plain(element: Element) -> Any:
    """An element as nested lists of (name, text or children)."""
    if not len(element):
        return element.text
    return [(etree.QName(child).localname, plain(child)) for child in element]


@pytest.mark.parametrize("spelling", [ANNA_SNILS, "112-233-445 95"])
def test_a_worker_is_found_by_snils_in_either_spelling(register: Register, spelling: str) -> None:
    answer = answered(register, by_snils(spelling))
    assert plain(answer[0]) == "2026-11-23T09:00:00.000Z"
    assert plain(answer[1]) == [
        ("Oid", ANNA),
        ("Status", "ACTIVE"),
        ("LastName", "Семёнова-Ясная"),
        ("FirstName", "Анна"),
        ("Patronymic", "Петровна"),
        ("Gender", [("Code", "2"), ("Name", "Женский")]),
        ("BirthDate", "1985-04-12"),
        ("Snils", ANNA_SNILS),
        ("Inn", "500100732259"),
        ("Citizenship", [("Code", "1"), ("Name", "Гражданин Российской Федерации")]),
        ("Version", "1"),
    ]


def test_without_a_choice_all_sections_are_given_the_empty_ones_too(register: Register) -> None:
    answer = answered(register, by_snils(BORIS_SNILS))
    assert sections(answer) == ALL
    assert [len(section) for section in answer[2:]] == [1, 0, 0, 0, 0, 0]


def test_only_the_chosen_sections_are_given_in_the_order_of_the_schema(register: Register) -> None:
    answer = answered(register, by_snils(ANNA_SNILS, "ACCREDITATIONS", "EMPLOYMENTS", "EMPLOYMENTS"))
    assert sections(answer) == ["Employments", "Accreditations"]


def test_what_is_not_chosen_is_not_read(register: Register) -> None:
    statements: list[str] = []
    event.listen(register.engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
    answered(register, by_snils(ANNA_SNILS, "EDUCATION"))
    assert sum(statement.startswith("SELECT") for statement in statements) == 3
    statements.clear()
    answered(register, by_snils(ANNA_SNILS))
    assert sum(statement.startswith("SELECT") for statement in statements) == 2 + len(ALL)


def test_an_employment_bears_its_names_and_its_source(register: Register) -> None:
    ended = {"valid_to": date(2024, 5, 1), "end_type": "1", "dismissal_reason": "3", "organisation_oid": CLINIC}
    register.put(employments, employment(**ended))
    [found] = answered(register, by_snils(ANNA_SNILS, "EMPLOYMENTS"))[2]
    assert dict(found.attrib) == {
        "entityId": EMPLOYMENT,
        "version": "1",
        "recordedAt": "2020-01-01T00:00:00.000Z",
        "source": "LOADER",
        "messageId": "00000000-0000-1000-8000-00000000aaaa",
    }
    assert plain(found) == [
        ("Organization", [("Oid", CLINIC), ("Name", "Учреждение 2")]),
        ("Subdivision", [("Oid", "1.2.643.1.1.0.1"), ("Name", "Отделение 1")]),
        ("Post", [("Code", "109"), ("Name", "Врач-терапевт")]),
        ("PositionType", [("Code", "1"), ("Name", "Основное место работы")]),
        ("Rate", "1.00"),
        ("ServiceNumber", "77"),
        ("ContractNumber", "5/20"),
        ("ContractDate", "2020-03-01"),
        ("BeginDate", "2020-03-02"),
        ("EndDate", "2024-05-01"),
        ("EndType", [("Code", "1"), ("Name", "Увольнение")]),
        ("DismissalReason", [("Code", "3"), ("Name", "По инициативе работника")]),
    ]


def test_a_code_bears_the_name_of_its_day(register: Register) -> None:
    """The laboratory doctor's post was renamed at the beginning of 2016: both codes exist, each in its time."""
    second = "aaaaaaaa-0000-4000-8000-000000000002"
    register.put(
        employments,
        employment(post="190", valid_from=date(2015, 12, 31), valid_to=date(2016, 6, 1)),
        employment(entity_id=second, post="190", valid_from=date(2016, 1, 1), valid_to=date(2016, 6, 1)),
    )
    posts = [plain(row)[2] for row in answered(register, by_snils(ANNA_SNILS, "EMPLOYMENTS"))[2]]
    assert posts == [("Post", [("Code", "190"), ("Name", "Врач-лаборант")]), ("Post", [("Code", "190")])]


def test_only_the_current_version_is_given(register: Register) -> None:
    register.put(employments, employment())
    register.ask(DISMISSAL.xml())
    [found] = answered(register, by_snils(ANNA_SNILS, "EMPLOYMENTS"))[2]
    assert found.get("version") == "2"
    assert found.get("source") == "HOSPITAL_IS"
    assert found.findtext(f"{{{CARD}}}EndDate") == "2026-11-30"


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"LastName": "СЕМЕНОВА ЯСНАЯ", "FirstName": "анна"},
        {"Patronymic": None},
        {"Series": "99 00", "Number": "000 001"},
    ],
    ids=["as kept", "folded", "no patronymic", "spaces in the document"],
)
def test_a_worker_is_found_by_name_birth_date_and_document(register: Register, changes: dict[str, Any]) -> None:
    assert plain(answered(register, by_person(**changes))[1])[0] == ("Oid", ANNA)


@pytest.mark.parametrize(
    "changes",
    [
        {"LastName": "Семёнова"},
        {"FirstName": "Инна"},
        {"Patronymic": "Павловна"},
        {"BirthDate": "1985-04-13"},
        {"TypeCode": "2"},
        {"Series": "9901"},
        {"Series": None},
        {"Number": "000002"},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_every_part_of_the_key_must_fit(register: Register, changes: dict[str, Any]) -> None:
    assert refused(register, by_person(**changes)) == (
        RejectReason.NO_DATA,
        "WORKER_NOT_FOUND",
        "WorkerCardRequest",
    )


def test_an_unknown_snils_finds_nobody(register: Register) -> None:
    assert refused(register, by_snils("90000000081")) == (
        RejectReason.NO_DATA,
        "WORKER_NOT_FOUND",
        "WorkerCardRequest",
    )


def test_a_snils_with_wrong_check_digits_is_not_looked_for(register: Register) -> None:
    assert refused(register, by_snils("11223344596")) == (
        RejectReason.UNKNOWN_REQUEST_DESCRIPTION,
        "SNILS_CONTROL",
        "WorkerCardRequest/Snils",
    )


def test_nobody_is_born_tomorrow(register: Register) -> None:
    assert refused(register, by_person(BirthDate="2026-11-24")) == (
        RejectReason.UNKNOWN_REQUEST_DESCRIPTION,
        "BIRTH_DATE_IN_FUTURE",
        "WorkerCardRequest/Person/BirthDate",
    )


def test_two_people_who_fit_are_not_given(register: Register) -> None:
    """A document entered for two namesakes by mistake."""
    twin = {"last_folded": "семенова ясная", "first_folded": "анна", "birth_date": date(1985, 4, 12)}
    register.change(persons, BORIS, **twin)
    register.put(identity_documents, {**passport(BORIS, "9900", "000001"), "entity_id": "twin"})
    assert refused(register, by_person(Patronymic=None)) == (
        RejectReason.UNKNOWN_REQUEST_DESCRIPTION,
        "AMBIGUOUS",
        "WorkerCardRequest/Person",
    )
    assert plain(answered(register, by_person())[1])[0] == ("Oid", ANNA)


def test_a_document_that_was_corrected_is_no_key_any_more(register: Register) -> None:
    [row] = [row for row in register.rows(identity_documents) if row["worker_oid"] == ANNA]
    register.change(identity_documents, row["entity_id"], superseded_at=NOW)
    assert refused(register, by_person())[1] == "WORKER_NOT_FOUND"


def test_every_rule_has_a_test() -> None:
    assert {rule.code for rule in RULES} == {
        "SNILS_CONTROL",
        "BIRTH_DATE_IN_FUTURE",
        "WORKER_NOT_FOUND",
        "AMBIGUOUS",
        "CONSENT_ABSENT",
    }


INSURER = replace(KEEPER, mnemonic="INSURER", roles=frozenset({Role.INSURER}))


def test_what_a_role_may_not_see_is_neither_given_nor_read(register: Register) -> None:
    register.put(employments, employment())
    statements: list[str] = []
    event.listen(register.engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
    answer = register.ask(by_snils(ANNA_SNILS), SENDER)
    assert not isinstance(answer, Refusal)
    assert sections(answer) == ["Withheld", *ALL[1:]]
    assert plain(answer[2]) == [("Section", "IDENTITY_DOCUMENTS")]
    assert not any("identity_documents" in statement for statement in statements)


def test_columns_that_a_role_may_not_see_are_not_selected(register: Register) -> None:
    register.put(employments, employment())
    consent(register)
    statements: list[str] = []
    event.listen(register.engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
    answer = register.ask(by_snils(ANNA_SNILS, "EMPLOYMENTS"), INSURER)
    assert not isinstance(answer, Refusal)
    assert [name for name, _ in plain(answer[1])] == [
        "Oid",
        "Status",
        "LastName",
        "FirstName",
        "Patronymic",
        "BirthDate",
        "Snils",
        "Version",
    ]
    [found] = answer[2]
    assert set(found.attrib) == {"entityId", "version"}
    assert not any("contract_number" in statement or "inn" in statement.split() for statement in statements)


def test_without_the_workers_consent_nothing_is_given_to_those_who_need_it(register: Register) -> None:
    outcome = register.ask(by_snils(ANNA_SNILS), INSURER)
    assert isinstance(outcome, Refusal)
    assert [(one.reason, one.code) for one in outcome.rejections] == [(RejectReason.ACCESS_DENIED, "CONSENT_ABSENT")]
    consent(register, valid_to=date(2026, 11, 22))
    assert isinstance(register.ask(by_snils(ANNA_SNILS), INSURER), Refusal)
    assert not isinstance(register.ask(by_snils(ANNA_SNILS), SENDER), Refusal)


def consent(register: Register, **more: Any) -> None:
    given = {"entity_id": "dddddddd-0000-4000-8000-000000000001", "worker_oid": ANNA, "consent_kind": "RELEASE"}
    register.put(consents, {**given, "valid_from": date(2026, 1, 1), "valid_to": None, **more})
