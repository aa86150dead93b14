"""WorkerCard on both databases: how the worker is found, what is given, and what is refused."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from lxml import etree
from lxml.etree import _Element as Element
from mezhved.adapter.exchange.rejection import RejectReason
from mezhved.adapter.exchange.roles import Role
from mezhved.adapter.registry.generator import generate
from mezhved.adapter.registry.kinds.worker_card.rules import RULES
from mezhved.adapter.registry.lookup.sections import RECORDS
from mezhved.adapter.registry.outcome import Refusal
from mezhved.adapter.registry.schema import (
    attestations,
    consents,
    education,
    employments,
    identity_documents,
    persons,
    qualifications,
    restrictions,
)
from mezhved.adapter.store.engine import write
from sqlalchemy import Engine, event
from support.lookups import TYPES
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

ALL = [records.container for records in RECORDS.values()]


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
    names = [etree.QName(child).localname for child in answer]
    return [name for name in names[2:] if name != "Warnings"]


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
    filled = [name for name, section in zip(ALL, answer[-len(ALL) :], strict=True) if len(section)]
    assert filled == ["IdentityDocuments"]


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
        ("Region", [("Code", "77"), ("Name", "г. Москва")]),
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
    posts = [plain(row)[3] for row in answered(register, by_snils(ANNA_SNILS, "EMPLOYMENTS"))[2]]
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


def as_of(body: str, day: str | None = None, known_on: str | None = None) -> str:
    parts = {"Date": day, "KnownOn": known_on}
    inner = "".join(f'<t:{name} xmlns:t="{TYPES}">{value}</t:{name}>' for name, value in parts.items() if value)
    return body.replace("</WorkerCardRequest>", f"<AsOf>{inner}</AsOf></WorkerCardRequest>")


def test_as_of_a_day_are_what_held_then_and_what_was_learnt_by_then(register: Register) -> None:
    register.put(employments, employment(valid_to=date(2024, 5, 1)))
    register.put(education, diploma("77777777-0000-4000-8000-000000000001", date(2005, 9, 1), date(2011, 6, 30)))
    register.put(education, diploma("77777777-0000-4000-8000-000000000002", date(2025, 1, 1), date(2025, 2, 1)))
    request = by_snils(ANNA_SNILS, "EMPLOYMENTS", "EDUCATION", "ACCREDITATIONS")
    filled = {}
    for day in ("2015-01-01", "2024-01-01", "2025-06-01"):
        answer = answered(register, as_of(request, day))
        filled[day] = [len(answer.find(f"{{{CARD}}}{name}")) for name in ("Employments", "Education", "Accreditations")]
    assert filled == {"2015-01-01": [0, 1, 0], "2024-01-01": [1, 1, 1], "2025-06-01": [0, 2, 1]}
    assert plain(answer[1]) == [("Date", "2025-06-01")]


def diploma(entity_id: str, begin: date, end: date) -> dict[str, Any]:
    row = {"entity_id": entity_id, "worker_oid": ANNA, "stage": "PROFESSIONAL", "education_type": "2"}
    return {**row, "institution": "1", "valid_from": begin, "valid_to": end}


def test_as_known_on_a_day_is_what_the_register_said_then(register: Register) -> None:
    register.put(employments, employment())
    register.ask(DISMISSAL.xml())
    request = by_snils(ANNA_SNILS, "EMPLOYMENTS")
    [then] = answered(register, as_of(request, known_on="2026-11-22")).find(f"{{{CARD}}}Employments")
    [now] = answered(register, as_of(request, known_on="2026-11-23")).find(f"{{{CARD}}}Employments")
    assert (then.get("version"), then.findtext(f"{{{CARD}}}EndDate")) == ("1", None)
    assert (now.get("version"), now.findtext(f"{{{CARD}}}EndDate")) == ("2", "2026-11-30")


def test_a_worker_of_whom_nothing_was_known_then_is_not_found(register: Register) -> None:
    request = as_of(by_snils(ANNA_SNILS), known_on="2019-12-31")
    assert refused(register, request) == (RejectReason.NO_DATA, "WORKER_NOT_FOUND", "WorkerCardRequest")


def test_what_will_be_known_tomorrow_cannot_be_asked(register: Register) -> None:
    assert refused(register, as_of(by_snils(ANNA_SNILS), known_on="2026-11-24"))[1:] == (
        "KNOWN_ON_IN_FUTURE",
        "WorkerCardRequest/AsOf/KnownOn",
    )


def test_a_worker_is_found_by_the_number_in_the_register(register: Register) -> None:
    assert plain(answered(register, _request(f"<WorkerOid>{BORIS}</WorkerOid>"))[1])[0] == ("Oid", BORIS)


def warned(register: Register, day: str, *sections: str) -> list[tuple[str | None, str | None]]:
    answer = answered(register, as_of(by_snils(ANNA_SNILS, *sections), day))
    return [
        (one.findtext(f"{{{CARD}}}Code"), one.findtext(f"{{{CARD}}}Date")) for one in answer.iter(f"{{{CARD}}}Warning")
    ]


RIGHTS = ("ACCREDITATIONS", "CERTIFICATES")


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("2023-12-31", [("CREDENTIAL_ABSENT", None)]),
        ("2028-10-01", []),
        ("2028-10-02", [("CREDENTIAL_EXPIRING", "2028-12-31")]),
        ("2028-12-31", [("CREDENTIAL_EXPIRING", "2028-12-31")]),
        ("2029-01-01", [("CREDENTIAL_EXPIRED", "2028-12-31")]),
    ],
)
def test_a_right_that_ends_or_has_ended_is_warned_of(register: Register, day: str, expected: list[Any]) -> None:
    assert warned(register, day, *RIGHTS) == expected


def test_each_other_warning(register: Register) -> None:
    assert warned(register, "2026-01-01", "EDUCATION") == [("EDUCATION_ABSENT", None)]
    limit = {"entity_id": "22222222-0000-4000-8000-000000000001", "worker_oid": ANNA, "restriction_kind": "1"}
    basis = {"basis": "Суд", "basis_number": "7", "basis_date": date(2026, 1, 1)}
    register.put(restrictions, {**limit, **basis, "valid_from": date(2026, 1, 1), "valid_to": date(2026, 6, 1)})
    assert warned(register, "2026-06-01", "RESTRICTIONS") == [("RESTRICTION_IN_FORCE", "2026-06-01")]
    assert warned(register, "2026-06-02", "RESTRICTIONS") == []
    category = {"entity_id": "ffffffff-0000-4000-8000-000000000001", "worker_oid": ANNA, "category": "3"}
    register.put(qualifications, {**category, "specialty": "37", "valid_to": date(2025, 1, 1)})
    assert warned(register, "2026-01-01", "QUALIFICATIONS") == [("CATEGORY_EXPIRED", "2025-01-01")]
    attestation = {"entity_id": "99999999-0000-4000-8000-000000000001", "worker_oid": ANNA, "attester": ANNA}
    register.put(attestations, {**attestation, "valid_from": date(2024, 1, 1), "valid_to": date(2024, 12, 31)})
    assert warned(register, "2025-01-01", "ATTESTATIONS") == [("ATTESTATION_OVERDUE", "2024-12-31")]
    register.change(persons, ANNA, status="SUSPENDED")
    assert warned(register, "2025-01-01", "MEMBERSHIPS") == [("RECORD_NOT_ACTIVE", None)]


def test_every_rule_has_a_test() -> None:
    assert {rule.code for rule in RULES} == {
        "SNILS_CONTROL",
        "BIRTH_DATE_IN_FUTURE",
        "WORKER_NOT_FOUND",
        "KNOWN_ON_IN_FUTURE",
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
    hidden = {"AlternateIdentifiers", "IdentityDocuments", "Addresses", "Consents", "DisciplinaryMeasures"}
    hidden |= {"MilitaryService", "Merges"}
    assert sections(answer) == ["Withheld", *(name for name in ALL if name not in hidden)]
    assert ("Section", "IDENTITY_DOCUMENTS") in plain(answer.find(f"{{{CARD}}}Withheld"))
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


def test_every_card_of_a_synthetic_register_is_valid(engine: Engine) -> None:
    """Whatever the sections hold: `ask` holds each answer against the schema."""
    with write(engine) as conn:
        made = generate(conn, 60)
    register, filled = Register(engine), set()
    for index in range(60):
        answer = answered(register, _request(f"<WorkerOid>{made.worker(index).oid}</WorkerOid>"))
        filled |= {etree.QName(one).localname for one in answer[-len(ALL) :] if len(one)}
    assert len(filled) > 12
