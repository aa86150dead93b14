"""CertificateUpsert on both databases, and with it what all updates of one record have in common."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from lxml import etree
from mezhved.adapter.exchange.rejection import RejectReason
from mezhved.adapter.registry.kinds.certificate_upsert import UPSERT
from mezhved.adapter.registry.outcome import Refusal
from mezhved.adapter.registry.rule import Severity
from mezhved.adapter.registry.schema import certificates, changes, employments, persons, worker_merges
from sqlalchemy import Engine
from support.register import ANNA, BORIS, CLINIC, HOSPITAL, KEEPER, NOW, SENDER, Register, employment
from support.updates import Update, ask_at_once, told, warned

CERTIFICATE = Update(
    "certificate_upsert",
    "Certificate",
    {
        "Specialty": ("37", "Терапия"),
        "Institution": ("41",),
        "Series": "АА",
        "Number": "0123 456",
        "ExamDate": "2023-06-20",
        "IssueDate": "2023-06-25",
        "EndDate": "2028-06-25",
        "Extended": None,
    },
)
ROOT = "CertificateUpsertRequest"
SOMEBODY = "aaaaaaaa-0000-4000-8000-00000000ffff"


@pytest.fixture
def register(engine: Engine) -> Register:
    """Anna works in the hospital."""
    register = Register(engine).furnish()
    register.put(employments, employment())
    return register


def enter(register: Register, update: Update = CERTIFICATE, **more: Any) -> str:
    """Identifier of a record that is entered."""
    answer = register.ask(update.xml(), **more)
    assert not isinstance(answer, Refusal), answer
    return told(answer, "EntityId")


def test_a_certificate_is_entered_changed_and_withdrawn(register: Register) -> None:
    answer = register.ask(CERTIFICATE.xml())
    entity = told(answer, "EntityId")
    assert (told(answer, "WorkerOid"), told(answer, "Version")) == (ANNA, "1")
    assert told(answer, "RecordedAt") == "2026-11-23T09:00:00.000Z"
    assert warned(answer) == []
    [row] = register.rows(certificates)
    assert (row["specialty"], row["institution"], row["series"], row["number"]) == ("37", "41", "АА", "0123456")
    assert (row["exam_date"], row["valid_from"], row["valid_to"]) == (
        date(2023, 6, 20),
        date(2023, 6, 25),
        date(2028, 6, 25),
    )
    assert (row["worker_oid"], row["extended"], row["source"]) == (ANNA, False, "HOSPITAL_IS")

    answer = register.ask(CERTIFICATE.change(entity, 1, {"Number": "0123457", "Series": None}).xml())
    assert (told(answer, "EntityId"), told(answer, "Version")) == (entity, "2")
    first, second = register.rows(certificates)
    assert (first["number"], first["superseded_at"]) == ("0123456", NOW)
    assert (second["number"], second["series"], second["superseded_at"]) == ("0123457", None, None)

    answer = register.ask(CERTIFICATE.withdraw(entity, 2).xml())
    assert told(answer, "Version") == "3"
    last = register.rows(certificates)[-1]
    assert (last["withdrawn"], last["superseded_at"], last["message_id"]) == (
        True,
        NOW,
        "00000000-0000-1000-8000-000000000003",
    )
    told_of = [(row["section"], row["action"]) for row in feed(register)]
    assert told_of[-3:] == [("CERTIFICATES", "ADDED"), ("CERTIFICATES", "REVISED"), ("CERTIFICATES", "WITHDRAWN")]


def feed(register: Register) -> list[dict[str, Any]]:
    with register.engine.connect() as conn:
        return [dict(row) for row in conn.execute(changes.select().order_by(changes.c.sequence)).mappings()]


def test_what_was_withdrawn_cannot_be_changed_but_entered_anew(register: Register) -> None:
    entity = enter(register)
    register.ask(CERTIFICATE.withdraw(entity, 1).xml())
    codes = register.codes(CERTIFICATE.change(entity, 1, {"Number": "9"}).xml())
    assert codes == [("RECORD_NOT_FOUND", f"{ROOT}/Certificate/Change/@entityId")]
    assert enter(register) != entity


def test_a_message_processed_again_says_the_same(engine: Engine, register: Register) -> None:
    first = register.ask(CERTIFICATE.xml(), test=True)
    assert register.rows(certificates) == []
    again = Register(engine).ask(CERTIFICATE.xml())  # its MessageIDs are counted from 1 again
    assert etree.tostring(first) == etree.tostring(again)


@pytest.mark.parametrize(
    ("issued", "end", "written"),
    [
        (None, None, (date(2023, 6, 20), date(2028, 6, 20))),
        ("2023-06-25", None, (date(2023, 6, 25), date(2028, 6, 25))),
        ("2023-06-25", "2028-06-20", (date(2023, 6, 25), date(2028, 6, 20))),
        ("2023-06-25", "2028-06-24", (date(2023, 6, 25), date(2028, 6, 24))),
    ],
)
def test_the_term_is_five_years_from_exam_or_issue(
    register: Register, issued: str | None, end: str | None, written: tuple[date, date]
) -> None:
    enter(register, CERTIFICATE.but({"IssueDate": issued, "EndDate": end}))
    [row] = register.rows(certificates)
    assert (row["valid_from"], row["valid_to"]) == written


def test_the_law_may_prolong_the_term(register: Register) -> None:
    enter(register, CERTIFICATE.but({"EndDate": "2029-06-25", "Extended": "true"}))
    [row] = register.rows(certificates)
    assert (row["extended"], row["valid_to"]) == (True, date(2029, 6, 25))


BROKEN: list[tuple[Update, str, str]] = [
    (CERTIFICATE.of(Snils="112-233-445 96"), "SNILS_CONTROL", "Worker/Snils"),
    (CERTIFICATE.of(Inn="500100732250"), "INN_CONTROL", "Worker/Inn"),
    (CERTIFICATE.of(BirthDate="2026-11-24"), "BIRTH_DATE_IN_FUTURE", "Worker/BirthDate"),
    (CERTIFICATE.of(Snils="90000000081"), "WORKER_NOT_FOUND", "Worker/Snils"),
    (CERTIFICATE.of(LastName="Сергеева"), "PERSON_MISMATCH", "Worker/LastName"),
    (CERTIFICATE.of(FirstName="Инна"), "PERSON_MISMATCH", "Worker/FirstName"),
    (CERTIFICATE.of(Patronymic="Павловна"), "PERSON_MISMATCH", "Worker/Patronymic"),
    (CERTIFICATE.of(BirthDate="1985-04-13"), "PERSON_MISMATCH", "Worker/BirthDate"),
    (CERTIFICATE.of(Inn="123456789047"), "PERSON_MISMATCH", "Worker/Inn"),
    (CERTIFICATE.but({"Specialty": ("999",)}), "CODE_UNKNOWN", "Specialty/Code"),
    (CERTIFICATE.but({"Institution": ("999",)}), "CODE_UNKNOWN", "Institution/Code"),
    (CERTIFICATE.but({"Specialty": ("37", "Хирургия")}), "CODE_NAME_MISMATCH", "Specialty/Name"),
    (CERTIFICATE.but({"ExamDate": "2026-11-24", "IssueDate": None, "EndDate": None}), "DATE_IN_FUTURE", "ExamDate"),
    (CERTIFICATE.but({"ExamDate": "2002-04-11", "IssueDate": None, "EndDate": None}), "TOO_YOUNG", "ExamDate"),
    (CERTIFICATE.but({"IssueDate": "2023-06-19", "EndDate": "2028-06-20"}), "ISSUED_BEFORE_EXAM", "IssueDate"),
    (CERTIFICATE.but({"EndDate": "2028-06-26"}), "TERM_NOT_FIVE_YEARS", "EndDate"),
    (CERTIFICATE.but({"EndDate": "2028-06-18"}), "TERM_NOT_FIVE_YEARS", "EndDate"),
    (CERTIFICATE.but({"EndDate": "2028-06-25", "Extended": "1"}), "EXTENDED_TOO_SHORT", "EndDate"),
    (CERTIFICATE.change(SOMEBODY, 1), "RECORD_NOT_FOUND", "@entityId"),
    (CERTIFICATE.withdraw(SOMEBODY, 1), "RECORD_NOT_FOUND", "@entityId"),
]


@pytest.mark.parametrize(("update", "code", "path"), BROKEN, ids=[f"{code}-{path}" for _, code, path in BROKEN])
def test_what_breaks_one_rule_is_refused_by_it_alone(register: Register, update: Update, code: str, path: str) -> None:
    wanted = f"{ROOT}/{path}" if path.startswith("Worker") else f"{update.path}/{path}"
    assert register.codes(update.xml()) == [(code, wanted)]
    assert register.rows(certificates) == []


def test_codes_are_those_of_the_day_of_the_examination(register: Register) -> None:
    old = CERTIFICATE.but({"ExamDate": "2010-06-20", "IssueDate": None, "EndDate": None, "Institution": ("22",)})
    assert register.codes(old.but({"Institution": ("22", "Образцовский медицинский колледж")}).xml()) == [
        ("CODE_NAME_MISMATCH", f"{old.path}/Institution/Name")
    ]
    enter(register, old.but({"Institution": ("22", "Образцовское медицинское училище")}))


def test_a_code_is_refused_outside_its_period(register: Register) -> None:
    """The samples have specialties of all times; one that ended is made."""
    register.end_code("1.2.643.5.1.13.13.11.1066", "40", date(2020, 12, 31))
    assert register.codes(CERTIFICATE.but({"Specialty": ("40",)}).xml()) == [
        ("CODE_NOT_VALID_ON_DATE", f"{CERTIFICATE.path}/Specialty/Code")
    ]


def test_the_end_may_not_come_before_the_beginning(register: Register) -> None:
    codes = register.codes(CERTIFICATE.but({"EndDate": "2023-06-24"}).xml())
    path = f"{CERTIFICATE.path}/EndDate"
    assert codes == [("END_BEFORE_BEGIN", path), ("TERM_NOT_FIVE_YEARS", path)]


def test_the_same_certificate_twice_is_refused_and_tells_the_first(register: Register) -> None:
    entity = enter(register)
    outcome = register.ask(CERTIFICATE.but({"Specialty": ("38",)}).xml())
    assert isinstance(outcome, Refusal)
    [rejection] = outcome.rejections
    assert (rejection.code, rejection.path) == ("DUPLICATE", CERTIFICATE.path)
    assert entity in rejection.text


def test_a_change_into_another_record_is_a_duplicate(register: Register) -> None:
    enter(register)
    other = enter(register, CERTIFICATE.but({"Number": "777"}))
    assert register.codes(CERTIFICATE.change(other, 1).xml()) == [("DUPLICATE", f"{ROOT}/Certificate/Change")]


def test_a_number_that_somebody_else_has_brings_a_warning_and_no_name(register: Register) -> None:
    enter(register)
    boris = {"Snils": "08765430300", "LastName": "Крутой", "FirstName": "Борис", "BirthDate": "1990-01-31"}
    answer = register.ask(replace(CERTIFICATE, worker=boris).xml(), sender=KEEPER)
    assert told(answer, "WorkerOid") == BORIS
    assert warned(answer) == [("NUMBER_ELSEWHERE", CERTIFICATE.path)]
    assert "Анна" not in etree.tostring(answer, encoding="unicode")


def test_a_change_that_changes_nothing_is_refused(register: Register) -> None:
    entity = enter(register)
    assert register.codes(CERTIFICATE.change(entity, 1).xml()) == [("RECORD_UNCHANGED", f"{ROOT}/Certificate/Change")]


@pytest.mark.parametrize("withdrawal", [False, True])
def test_who_has_seen_an_older_version_learns_the_current_one(register: Register, withdrawal: bool) -> None:
    entity = enter(register)
    register.ask(CERTIFICATE.change(entity, 1, {"Number": "2"}).xml())
    update = CERTIFICATE.withdraw(entity, 1) if withdrawal else CERTIFICATE.change(entity, 1, {"Number": "3"})
    outcome = register.ask(update.xml())
    assert isinstance(outcome, Refusal)
    [rejection] = outcome.rejections
    assert (rejection.code, rejection.path) == ("VERSION_CONFLICT", f"{update.path}/@version")
    assert "действует версия 2" in rejection.text


def test_a_record_of_somebody_else_is_not_found(register: Register) -> None:
    entity = enter(register)
    register.change(certificates, entity, worker_oid=BORIS)
    assert register.codes(CERTIFICATE.change(entity, 1).xml()) == [
        ("RECORD_NOT_FOUND", f"{ROOT}/Certificate/Change/@entityId")
    ]


def test_an_employer_writes_only_about_its_own(register: Register) -> None:
    register.change(employments, employment()["entity_id"], organisation_oid=CLINIC)
    outcome = register.ask(CERTIFICATE.xml())
    assert isinstance(outcome, Refusal)
    [rejection] = outcome.rejections
    assert (rejection.code, rejection.reason) == ("NOT_EMPLOYED_HERE", RejectReason.ACCESS_DENIED)
    assert HOSPITAL in rejection.text
    enter(register, sender=KEEPER)


@pytest.mark.parametrize("stranger", ["PERSON_MISMATCH", "NOT_EMPLOYED_HERE"])
def test_who_may_not_write_about_somebody_learns_nothing_of_the_record(register: Register, stranger: str) -> None:
    entity = enter(register)
    update = CERTIFICATE.of(LastName="Иванова") if stranger == "PERSON_MISMATCH" else CERTIFICATE
    if stranger == "NOT_EMPLOYED_HERE":
        register.change(employments, employment()["entity_id"], organisation_oid=CLINIC)
    for attempt in (update, update.change(entity, 2), update.withdraw(entity, 2)):
        assert register.codes(attempt.xml()) == [(stranger, f"{ROOT}/Worker" + "/LastName" * (update != CERTIFICATE))]


@pytest.mark.parametrize(("last_day", "own"), [(date(2026, 11, 22), False), (date(2026, 11, 23), True)])
def test_an_employer_writes_until_the_last_day_of_work(register: Register, last_day: date, own: bool) -> None:
    register.change(employments, employment()["entity_id"], valid_to=last_day)
    outcome = register.ask(CERTIFICATE.xml())
    assert isinstance(outcome, Refusal) is not own


def test_a_merged_record_tells_where_it_went(register: Register) -> None:
    register.change(persons, ANNA, status="MERGED")
    register.put(worker_merges, {"entity_id": ANNA, "into_oid": BORIS, "reason": "одно лицо"})
    outcome = register.ask(CERTIFICATE.xml())
    assert isinstance(outcome, Refusal)
    [rejection] = outcome.rejections
    assert (rejection.code, rejection.path) == ("WORKER_MERGED", f"{ROOT}/Worker")
    assert BORIS in rejection.text


def test_nobody_writes_without_a_role_that_may(register: Register) -> None:
    stranger = replace(SENDER, roles=frozenset({"INSURER"}))
    assert register.codes(CERTIFICATE.xml(), sender=stranger) == [("ROLE_NOT_PERMITTED", ROOT)]


def test_all_errors_of_a_message_come_at_once(register: Register) -> None:
    worst = CERTIFICATE.but(
        {"Specialty": ("999",), "Institution": ("41", "Иное"), "ExamDate": "2027-01-01", "IssueDate": "2026-12-01"}
    ).of(LastName="Иванова")
    assert [code for code, _ in register.codes(worst.xml())] == [
        "PERSON_MISMATCH",
        "DATE_IN_FUTURE",
        "DATE_IN_FUTURE",
        "CODE_UNKNOWN",
        "CODE_NAME_MISMATCH",
        "ISSUED_BEFORE_EXAM",
        "TERM_NOT_FIVE_YEARS",
    ]


def test_of_changes_at_the_same_time_one_wins_and_the_other_learns_the_version(register: Register) -> None:
    for race in range(8):
        entity = enter(register, CERTIFICATE.but({"Number": f"{race}"}))
        outcomes = change_twice_at_once(register, entity, first_message=100 + 10 * race)
        refused = [outcome for outcome in outcomes if isinstance(outcome, Refusal)]
        assert [rejection.code for refusal in refused for rejection in refusal.rejections] == ["VERSION_CONFLICT"]
        assert "действует версия 2" in refused[0].rejections[0].text
        versions = [row["version"] for row in register.rows(certificates) if row["entity_id"] == entity]
        assert versions == [1, 2]


def test_of_two_that_enter_the_same_record_at_the_same_time_one_wins(register: Register) -> None:
    """No index forbids it: the worker's record is locked while it is judged."""
    for race in range(8):
        request = CERTIFICATE.but({"Number": f"{race}"}).xml()
        outcomes = ask_at_once(register, [request] * 2, first_message=100 + 10 * race)
        refused = [outcome for outcome in outcomes if isinstance(outcome, Refusal)]
        assert [rejection.code for refusal in refused for rejection in refusal.rejections] == ["DUPLICATE"]


def change_twice_at_once(register: Register, entity: str, first_message: int) -> list[Any]:
    """What becomes of two changes of one version."""
    numbers = (f"{entity}{number}"[-20:] for number in range(2))
    requests = [CERTIFICATE.change(entity, 1, {"Number": number}).xml() for number in numbers]
    return ask_at_once(register, requests, first_message)


def test_every_rule_has_a_test() -> None:
    tested = {code for _, code, _ in BROKEN}
    tested |= {"CODE_NOT_VALID_ON_DATE", "END_BEFORE_BEGIN", "DUPLICATE", "NUMBER_ELSEWHERE", "RECORD_UNCHANGED"}
    tested |= {"VERSION_CONFLICT", "NOT_EMPLOYED_HERE", "WORKER_MERGED"}
    assert {rule.code for rule in UPSERT.rules} == tested
    assert {rule.code for rule in UPSERT.rules if rule.severity is Severity.WARNING} == {"NUMBER_ELSEWHERE"}
