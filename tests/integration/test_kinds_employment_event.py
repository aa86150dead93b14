"""EmploymentEvent on both databases: what it records, and every rule that it refuses by or warns of."""

import threading
from dataclasses import replace
from datetime import date, timedelta
from itertools import count
from typing import Any

import pytest
from lxml import etree
from mezhved.adapter.exchange.participants import Participant
from mezhved.adapter.exchange.rejection import RejectReason
from mezhved.adapter.registry.kinds.employment_event.rules import RULES
from mezhved.adapter.registry.outcome import Refusal
from mezhved.adapter.registry.rule import Severity
from mezhved.adapter.registry.schema import accreditations, certificates, employments, organisations, persons
from sqlalchemy import Engine, event
from sqlalchemy.exc import IntegrityError
from support.register import (
    ANNA,
    BORIS,
    BORIS_SNILS,
    CLINIC,
    CLOSED_CLINIC,
    CLOSED_WARD,
    DISMISSAL,
    EMPLOYMENT,
    EVENT,
    HIRE,
    HOSPITAL,
    NOW,
    OGRN,
    SENDER,
    SURGERY,
    TRANSFER,
    WARD,
    EventRequest,
    Register,
    employment,
)

REQUEST = "EmploymentEventRequest"
SECOND = "aaaaaaaa-0000-4000-8000-000000000002"
PART_TIME = replace(HIRE, fields=tuple({**dict(HIRE.fields), "PositionType": ("2",), "Rate": "1.5"}.items()))
BEGUN = {"BeginDate": "2020-03-02", "ContractDate": "2020-03-01"}
HIRED_BEFORE = replace(HIRE, fields=tuple({**dict(HIRE.fields), **BEGUN}.items()))
"""The employment that Anna has, once more."""


@pytest.fixture
def register(engine: Engine) -> Register:
    return Register(engine).furnish()


@pytest.fixture
def employed(register: Register) -> Register:
    """Anna has a main post in the hospital since 2020."""
    register.put(employments, employment())
    return register


def text(answer: Any, path: str) -> str | None:
    return answer.findtext("/".join(f"{{{EVENT}}}{step}" for step in path.split("/")))


def test_a_hire_is_recorded_with_its_source(register: Register) -> None:
    answer = register.ask(HIRE.xml())
    [row] = register.rows(employments)
    assert row["entity_id"] == text(answer, "Employment/EntityId")
    assert (row["version"], text(answer, "Employment/Version")) == (1, "1")
    assert (row["source"], row["message_id"], row["recorded_at"]) == (
        "HOSPITAL_IS",
        "00000000-0000-1000-8000-000000000001",
        NOW,
    )
    assert text(answer, "WorkerOid") == row["worker_oid"] == ANNA
    assert (row["organisation_oid"], row["subdivision_oid"], row["post"]) == (HOSPITAL, WARD, "109")
    assert (row["position_type"], row["rate"], row["service_number"]) == ("1", 100, "00123")
    assert (row["contract_number"], row["contract_date"]) == ("15/26", date(2026, 11, 20))
    assert (row["begin_order_number"], row["valid_from"], row["valid_to"]) == ("44-л", date(2026, 11, 23), None)
    assert answer.find(f"{{{EVENT}}}Warnings") is None


def test_a_dismissal_adds_a_version_and_keeps_the_one_before(employed: Register) -> None:
    answer = employed.ask(DISMISSAL.xml())
    before, after = employed.rows(employments)
    assert (text(answer, "Employment/EntityId"), text(answer, "Employment/Version")) == (EMPLOYMENT, "2")
    assert (before["version"], before["valid_to"], before["superseded_at"], before["source"]) == (
        1,
        None,
        NOW,
        "LOADER",
    )
    assert (after["version"], after["superseded_at"], after["source"]) == (2, None, "HOSPITAL_IS")
    assert (after["valid_to"], after["end_type"], after["dismissal_reason"]) == (date(2026, 11, 30), "1", "3")
    assert (after["end_order_number"], after["post"], after["contract_number"]) == ("46-л", "109", "5/20")


def test_a_transfer_closes_one_employment_and_begins_the_next(employed: Register) -> None:
    answer = employed.ask(TRANSFER.xml())
    rows = {(row["entity_id"], row["version"]): row for row in employed.rows(employments)}
    new_id = text(answer, "Employment/EntityId")
    assert (text(answer, "ClosedEmployment/EntityId"), text(answer, "ClosedEmployment/Version")) == (EMPLOYMENT, "2")
    assert rows.keys() == {(EMPLOYMENT, 1), (EMPLOYMENT, 2), (new_id, 1)}
    closed, begun = rows[EMPLOYMENT, 2], rows[new_id, 1]
    assert (closed["valid_to"], closed["end_type"], closed["dismissal_reason"]) == (date(2026, 11, 30), "2", None)
    assert (begun["valid_from"], begun["valid_to"], begun["previous_id"]) == (date(2026, 12, 1), None, EMPLOYMENT)
    assert (begun["subdivision_oid"], begun["post"], begun["rate"]) == (SURGERY, "113", 75)
    assert (begun["contract_number"], begun["service_number"]) == ("5/20", "77")


def test_a_message_processed_again_says_the_same(engine: Engine, register: Register) -> None:
    """After a crash before the commit nothing is there, and the second attempt makes the same identifiers."""
    first = register.ask(HIRE.xml(), test=True)
    assert register.rows(employments) == []
    again = Register(engine).ask(HIRE.xml())  # its MessageIDs are counted from 1 again
    assert etree.tostring(first) == etree.tostring(again)


def test_nobody_writes_for_an_organisation_that_is_not_theirs(register: Register) -> None:
    stranger = replace(SENDER, mnemonic="OTHER", organisations=frozenset({CLINIC}))
    assert register.codes(HIRE.but(snils="11223344596"), sender=stranger) == [
        ("ORG_NOT_PERMITTED", f"{REQUEST}/Organization/Oid")
    ]
    outcome = register.ask(HIRE.xml(), sender=stranger)
    assert isinstance(outcome, Refusal)
    [rejection] = outcome.rejections
    assert rejection.reason is RejectReason.ACCESS_DENIED
    assert HOSPITAL in rejection.text


def test_nothing_is_read_for_a_sender_without_rights(register: Register) -> None:
    statements: list[str] = []
    event.listen(register.engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
    register.ask(HIRE.xml(), sender=Participant("OTHER", "Чужая", frozenset()))
    assert not [statement for statement in statements if statement.startswith("SELECT")]


BROKEN: list[tuple[str, str, str]] = [
    (HIRE.but(snils="112-233-445 96"), "SNILS_CONTROL", "Worker/Snils"),
    (HIRE.but(inn="500100732250"), "INN_CONTROL", "Worker/Inn"),
    (HIRE.but(ogrn="1027700132196"), "OGRN_CONTROL", "Organization/Ogrn"),
    (HIRE.but(birth_date="2026-11-24"), "BIRTH_DATE_IN_FUTURE", "Worker/BirthDate"),
    (HIRE.but(ContractDate="2026-11-24", BeginDate="2026-11-24"), "CONTRACT_DATE_IN_FUTURE", "Hire/ContractDate"),
    (HIRE.but(OrderDate="2026-11-24"), "ORDER_DATE_IN_FUTURE", "Hire/OrderDate"),
    (HIRE.but(BeginDate="2027-01-23"), "DATE_TOO_FAR_AHEAD", "Hire/BeginDate"),
    (HIRE.but(BeginDate="2026-11-19"), "BEGIN_BEFORE_CONTRACT", "Hire/BeginDate"),
    (HIRE.but(birth_date="2012-11-24"), "WORKER_TOO_YOUNG", "Hire/BeginDate"),
    (HIRE.but(organisation="1.2.643.1.9"), "ORG_NOT_FOUND", "Organization/Oid"),
    (HIRE.but(organisation=CLOSED_CLINIC), "ORG_NOT_OPEN", "Organization/Oid"),
    (HIRE.but(ogrn="1027700000008"), "ORG_OGRN_MISMATCH", "Organization/Ogrn"),
    (HIRE.but(SubdivisionOid=f"{HOSPITAL}.0.9"), "SUBDIVISION_NOT_FOUND", "Hire/SubdivisionOid"),
    (HIRE.but(SubdivisionOid=CLOSED_WARD), "SUBDIVISION_NOT_OPEN", "Hire/SubdivisionOid"),
    (HIRE.but(snils="90000000081"), "WORKER_NOT_FOUND", "Worker/Snils"),
    (HIRE.but(last_name="Сергеева"), "PERSON_MISMATCH", "Worker/LastName"),
    (HIRE.but(first_name="Инна"), "PERSON_MISMATCH", "Worker/FirstName"),
    (HIRE.but(patronymic="Павловна"), "PERSON_MISMATCH", "Worker/Patronymic"),
    (HIRE.but(birth_date="1985-04-13"), "PERSON_MISMATCH", "Worker/BirthDate"),
    (HIRE.but(inn="123456789047"), "PERSON_MISMATCH", "Worker/Inn"),
    (HIRE.but(Post=("999",)), "CODE_UNKNOWN", "Hire/Post/Code"),
    (HIRE.but(PositionType=("9",)), "CODE_UNKNOWN", "Hire/PositionType/Code"),
    (HIRE.but(Post=("190",)), "CODE_NOT_VALID_ON_DATE", "Hire/Post/Code"),
    (HIRE.but(Post=("109", "Врач-хирург")), "CODE_NAME_MISMATCH", "Hire/Post/Name"),
]


@pytest.mark.parametrize(("request_xml", "code", "path"), BROKEN, ids=[f"{code}-{path}" for _, code, path in BROKEN])
def test_a_hire_that_breaks_one_rule_is_refused_by_it_alone(
    register: Register, request_xml: str, code: str, path: str
) -> None:
    sender = replace(SENDER, organisations=frozenset({HOSPITAL, CLOSED_CLINIC, "1.2.643.1.9"}))
    found = register.codes(request_xml, sender=sender)
    # What follows from the broken value itself.
    consequences = {
        "WORKER_TOO_YOUNG": {("PERSON_MISMATCH", f"{REQUEST}/Worker/BirthDate")},
        "ORG_NOT_OPEN": {("SUBDIVISION_NOT_FOUND", f"{REQUEST}/Hire/SubdivisionOid")},
    }
    assert set(found) == {(code, f"{REQUEST}/{path}")} | consequences.get(code, set())


BROKEN_LATER: list[tuple[EventRequest, dict[str, Any], str, str]] = [
    (TRANSFER, {"EmploymentId": SECOND}, "EMPLOYMENT_NOT_FOUND", "Transfer/EmploymentId"),
    (DISMISSAL, {"EmploymentId": SECOND}, "EMPLOYMENT_NOT_FOUND", "Dismissal/EmploymentId"),
    (DISMISSAL, {"EndDate": "2020-03-01"}, "END_BEFORE_BEGIN", "Dismissal/EndDate"),
    (DISMISSAL, {"EndDate": "2027-01-23"}, "DATE_TOO_FAR_AHEAD", "Dismissal/EndDate"),
    (DISMISSAL, {"OrderDate": "2026-11-24"}, "ORDER_DATE_IN_FUTURE", "Dismissal/OrderDate"),
    (DISMISSAL, {"Reason": ("99",)}, "CODE_UNKNOWN", "Dismissal/Reason/Code"),
    (DISMISSAL, {"Reason": ("8",)}, "CODE_NOT_VALID_ON_DATE", "Dismissal/Reason/Code"),
    (DISMISSAL, {"Reason": ("3", "Соглашение сторон")}, "CODE_NAME_MISMATCH", "Dismissal/Reason/Name"),
    (DISMISSAL, {"last_name": "Иванова"}, "PERSON_MISMATCH", "Worker/LastName"),
    (TRANSFER, {"TransferDate": "2020-03-02"}, "CHANGE_NOT_AFTER_BEGIN", "Transfer/TransferDate"),
    (TRANSFER, {"SubdivisionOid": CLOSED_WARD}, "SUBDIVISION_NOT_OPEN", "Transfer/SubdivisionOid"),
    (
        TRANSFER,
        {"SubdivisionOid": WARD, "Post": ("109",), "Rate": "1"},
        "TRANSFER_CHANGES_NOTHING",
        "Transfer",
    ),
]


@pytest.mark.parametrize(
    ("base", "changes", "code", "path"), BROKEN_LATER, ids=[f"{code}-{path}" for *_, code, path in BROKEN_LATER]
)
def test_a_transfer_or_dismissal_that_breaks_one_rule_is_refused_by_it_alone(
    employed: Register, base: EventRequest, changes: dict[str, Any], code: str, path: str
) -> None:
    assert employed.codes(base.but(**changes)) == [(code, f"{REQUEST}/{path}")]


def test_an_employment_elsewhere_is_not_told_of(register: Register) -> None:
    register.put(employments, employment(organisation_oid=CLINIC))
    assert register.codes(DISMISSAL.xml()) == [("EMPLOYMENT_NOT_FOUND", f"{REQUEST}/Dismissal/EmploymentId")]


def test_an_employment_of_somebody_else_is_not_found(register: Register) -> None:
    register.put(employments, employment(BORIS))
    assert register.codes(DISMISSAL.xml()) == [("EMPLOYMENT_NOT_FOUND", f"{REQUEST}/Dismissal/EmploymentId")]


@pytest.mark.parametrize("base", [TRANSFER, DISMISSAL])
def test_a_closed_employment_does_not_change(register: Register, base: EventRequest) -> None:
    register.put(employments, employment(valid_to=date(2026, 10, 1)))
    found = register.codes(base.xml())
    assert found == [("EMPLOYMENT_CLOSED", f"{REQUEST}/{base.kind}/EmploymentId")]


def test_a_second_dismissal_is_refused_and_tells_the_day_of_the_first(employed: Register) -> None:
    employed.ask(DISMISSAL.xml())
    outcome = employed.ask(DISMISSAL.but(EndDate="2026-12-05"))
    assert isinstance(outcome, Refusal)
    [rejection] = outcome.rejections
    assert rejection.code == "EMPLOYMENT_CLOSED"
    assert "2026-11-30" in rejection.text


def test_a_second_main_post_is_refused_and_tells_of_the_first(employed: Register) -> None:
    outcome = employed.ask(HIRE.xml())
    assert isinstance(outcome, Refusal)
    [rejection] = outcome.rejections
    assert (rejection.code, rejection.path) == ("MAIN_POST_TAKEN", f"{REQUEST}/Hire/PositionType/Code")
    assert "Учреждение 1" in rejection.text
    assert "с 2020-03-02" in rejection.text


@pytest.mark.parametrize(("last_day", "taken"), [(date(2026, 11, 22), False), (date(2026, 11, 23), True)])
def test_a_main_post_is_free_from_the_day_after_the_last_one(register: Register, last_day: date, taken: bool) -> None:
    register.put(employments, employment(organisation_oid=CLINIC, valid_to=last_day))
    if taken:
        assert register.codes(HIRE.xml()) == [("MAIN_POST_TAKEN", f"{REQUEST}/Hire/PositionType/Code")]
    else:
        assert register.warnings(HIRE.xml()) == []


def test_a_main_post_that_begins_later_is_in_the_way(register: Register) -> None:
    register.put(employments, employment(organisation_oid=CLINIC, valid_from=date(2027, 1, 10)))
    assert register.codes(HIRE.xml()) == [("MAIN_POST_TAKEN", f"{REQUEST}/Hire/PositionType/Code")]


def test_nobody_is_transferred_into_a_second_main_post(employed: Register) -> None:
    employed.put(employments, employment(entity_id=SECOND, position_type="2", rate=50))
    found = employed.codes(TRANSFER.but(EmploymentId=SECOND))
    assert found == [("MAIN_POST_TAKEN", f"{REQUEST}/Transfer/PositionType/Code")]


def test_a_main_post_may_be_transferred_to_another_main_post(employed: Register) -> None:
    assert employed.warnings(TRANSFER.xml()) == []


def test_the_same_employment_twice_is_refused(register: Register) -> None:
    register.ask(HIRE.but(PositionType=("4",), Rate="0.5"))
    assert register.codes(HIRE.but(PositionType=("4",), Rate="0.25")) == [("DUPLICATE", f"{REQUEST}/Hire")]


def test_a_transfer_to_an_employment_that_exists_is_refused(employed: Register) -> None:
    twin = employment(entity_id=SECOND, post="113", position_type="4", valid_from=date(2026, 12, 1))
    employed.put(employments, twin)
    found = employed.codes(TRANSFER.but(PositionType=("4",)))
    assert found == [("DUPLICATE", f"{REQUEST}/Transfer")]


@pytest.mark.parametrize("status", ["SUSPENDED", "REVOKED", "DECEASED", "MERGED"])
def test_who_is_not_active_is_not_hired_but_may_be_dismissed(employed: Register, status: str) -> None:
    employed.change(persons, ANNA, status=status)
    found = employed.codes(HIRE.but(PositionType=("4",), Rate="0.5"))
    assert found == [("WORKER_NOT_ACTIVE", f"{REQUEST}/Worker")]
    assert employed.warnings(DISMISSAL.xml()) == []


def test_a_dismissal_from_a_closed_organisation_is_recorded(employed: Register) -> None:
    employed.change(organisations, HOSPITAL, valid_to=date(2026, 10, 31))
    assert employed.warnings(DISMISSAL.xml()) == []


def test_all_errors_of_a_message_come_at_once(register: Register) -> None:
    worst = HIRE.but(
        snils="11223344596",
        ogrn="1027700132196",
        SubdivisionOid=f"{HOSPITAL}.0.9",
        Post=("999",),
        PositionType=("1", "Совмещение"),
        ContractDate="2027-03-01",
        OrderDate="2027-03-01",
        BeginDate="2027-02-28",
    )
    assert [code for code, _ in register.codes(worst)] == [
        "SNILS_CONTROL",
        "OGRN_CONTROL",
        "CONTRACT_DATE_IN_FUTURE",
        "ORDER_DATE_IN_FUTURE",
        "DATE_TOO_FAR_AHEAD",
        "BEGIN_BEFORE_CONTRACT",
        "SUBDIVISION_NOT_FOUND",
        "CODE_UNKNOWN",
        "CODE_NAME_MISMATCH",
    ]


def test_texts_quote_what_was_sent_and_what_is_stored_but_nothing_personal(register: Register) -> None:
    outcome = register.ask(HIRE.but(ogrn="1027700000008", birth_date="1985-04-13", Post=("109", "Врач-хирург")))
    assert isinstance(outcome, Refusal)
    texts = {rejection.code: rejection.text for rejection in outcome.rejections}
    assert "1027700000008" in texts["ORG_OGRN_MISMATCH"]
    assert OGRN in texts["ORG_OGRN_MISMATCH"]
    assert "«Врач-хирург»" in texts["CODE_NAME_MISMATCH"]
    assert "«Врач-терапевт»" in texts["CODE_NAME_MISMATCH"]
    assert "1985-04-13" in texts["PERSON_MISMATCH"]
    assert "1985-04-12" not in texts["PERSON_MISMATCH"]


def test_a_description_is_split_on_its_first_two_bars(register: Register) -> None:
    outcome = register.ask(HIRE.but(Post=("109", "а|б|в")))
    assert isinstance(outcome, Refusal)
    code, path, said = outcome.rejections[0].description.split("|", 2)
    assert (code, path) == ("CODE_NAME_MISMATCH", f"{REQUEST}/Hire/Post/Name")
    assert "«а|б|в»" in said


def test_names_are_compared_without_case_yo_and_hyphens(register: Register) -> None:
    assert register.warnings(HIRE.but(last_name="СЕМЁНОВА-ЯСНАЯ", first_name="анна", patronymic=None)) == []


def test_who_has_no_valid_credential_is_hired_with_a_warning(register: Register) -> None:
    request = HIRE.but(
        snils=BORIS_SNILS, last_name="Крутой", first_name="Борис", patronymic=None, birth_date="1990-01-31"
    )
    assert register.warnings(request) == [("NO_VALID_CREDENTIAL", f"{REQUEST}/Worker")]


@pytest.mark.parametrize(("last_day", "warned"), [(date(2026, 11, 23), False), (date(2026, 11, 22), True)])
def test_a_certificate_counts_until_its_last_day(register: Register, last_day: date, warned: bool) -> None:
    register.change(accreditations, "cccccccc-0000-4000-8000-000000000001", valid_to=date(2025, 1, 1))
    certificate = {
        "entity_id": "dddddddd-0000-4000-8000-000000000001",
        "worker_oid": ANNA,
        "specialty": "37",
        "institution": "41",
        "number": "1",
        "exam_date": date(2021, 11, 22),
        "extended": False,
        "valid_from": date(2021, 11, 22),
        "valid_to": last_day,
    }
    register.put(certificates, certificate)
    assert register.warnings(HIRE.xml()) == ([("NO_VALID_CREDENTIAL", f"{REQUEST}/Worker")] if warned else [])


@pytest.mark.parametrize(("rate", "warned"), [("0.5", False), ("0.51", True)])
def test_more_than_a_post_and_a_half_brings_a_warning(employed: Register, rate: str, warned: bool) -> None:
    found = employed.warnings(HIRE.but(PositionType=("4",), Rate=rate))
    assert found == ([("RATE_TOTAL_HIGH", f"{REQUEST}/Hire/Rate")] if warned else [])


def test_inner_part_time_without_a_main_post_here_brings_a_warning(register: Register) -> None:
    register.put(employments, employment(organisation_oid=CLINIC))
    found = register.warnings(HIRE.but(PositionType=("2",), Rate="0.5"))
    assert found == [("NO_MAIN_POST_HERE", f"{REQUEST}/Hire/PositionType/Code")]


def test_inner_part_time_beside_a_main_post_here_is_fine(employed: Register) -> None:
    assert employed.warnings(HIRE.but(PositionType=("2",), Rate="0.5")) == []


def test_today_is_reckoned_by_the_clock_of_moscow(register: Register) -> None:
    """At 21:30 UTC on the 23rd it is already the 24th there."""
    request = HIRE.but(OrderDate="2026-11-24", BeginDate="2026-11-24")
    late = NOW.replace(hour=21, minute=30)
    assert register.codes(request, now=late - timedelta(hours=1)) == [
        ("ORDER_DATE_IN_FUTURE", f"{REQUEST}/Hire/OrderDate")
    ]
    assert register.warnings(request, now=late) == []


def test_every_rule_has_a_test() -> None:
    """Here, or in test_kinds_employment_absences."""
    tested = {code for _, code, _ in BROKEN} | {code for *_, code, _ in BROKEN_LATER}
    tested |= {
        "EMPLOYMENT_CONTINUED",
        "ABSENCE_CONTINUED",
        "EMPLOYMENT_CLOSED",
        "MAIN_POST_TAKEN",
        "DUPLICATE",
        "WORKER_NOT_ACTIVE",
    }
    tested |= {"NO_VALID_CREDENTIAL", "RATE_TOTAL_HIGH", "NO_MAIN_POST_HERE"}
    tested |= {"VERSION_CONFLICT", "RATE_UNCHANGED", "RATE_TOTAL_EXCEEDED", "NOT_IN_STAFF_PLAN", "STAFF_PLAN_EXCEEDED"}
    tested |= {f"ABSENCE_{what}" for what in ("NOT_FOUND", "REVERSED", "OUTSIDE_EMPLOYMENT", "OVERLAPS", "UNCHANGED")}
    assert {rule.code for rule in RULES} == tested
    assert len(RULES) == len({rule.code for rule in RULES})
    warnings = {rule.code for rule in RULES if rule.severity is Severity.WARNING}
    of_staff = {"NOT_IN_STAFF_PLAN", "STAFF_PLAN_EXCEEDED"}
    assert warnings == {"NO_VALID_CREDENTIAL", "RATE_TOTAL_HIGH", "NO_MAIN_POST_HERE"} | of_staff


@pytest.mark.parametrize(
    "request_",
    [HIRE, PART_TIME, HIRED_BEFORE, TRANSFER, DISMISSAL],
    ids=["hire", "part time", "the same again", "transfer", "dismissal"],
)
def test_who_guesses_a_number_learns_nothing_of_its_owner(employed: Register, request_: EventRequest) -> None:
    """Not where she works, not in what state her record is, and not that an identifier is hers."""
    stranger = replace(request_, last_name="Сергеева", birth_date="1979-01-01").xml()
    employed.change(persons, ANNA, status="SUSPENDED")
    told = employed.ask(stranger)
    assert isinstance(told, Refusal)
    about_anna = [one for one in told.rejections if one.code != "PERSON_MISMATCH"]
    employed.change(persons, ANNA, snils="90000000081")
    nobody = employed.ask(stranger)
    assert isinstance(nobody, Refusal)
    assert about_anna == [one for one in nobody.rejections if one.code != "WORKER_NOT_FOUND"]


def test_of_two_hires_to_a_main_post_at_the_same_time_one_wins(register: Register) -> None:
    """The record is locked, so the second judges what the first has left; without a lock it shows in few rounds."""
    for race in range(8):
        outcomes = hire_twice_at_once(register, first_message=10 * race + 1)
        refused = [outcome for outcome in outcomes if isinstance(outcome, Refusal)]
        assert [rejection.code for refusal in refused for rejection in refusal.rejections] == ["MAIN_POST_TAKEN"]
        [hired] = [row for row in register.rows(employments) if row["position_type"] == "1"]
        register.change(employments, hired["entity_id"], position_type="4", valid_from=date(2000 + race, 1, 1))


def hire_twice_at_once(register: Register, first_message: int) -> list[Any]:
    """What becomes of two hires, both ready before either may begin."""
    ready = threading.Barrier(2)
    outcomes: list[Any] = []

    def hire(number: int) -> None:
        mine = Register(register.engine, register.kinds, count(first_message + number))
        request = HIRE.but(Post=(str(109 + number),), Rate="0.1", ContractNumber=f"{number}")
        ready.wait()
        outcomes.append(mine.ask(request))

    threads = [threading.Thread(target=hire, args=[number]) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def test_the_database_itself_allows_only_one_main_post_without_end(employed: Register) -> None:
    with pytest.raises(IntegrityError):
        employed.put(employments, employment(entity_id=SECOND, organisation_oid=CLINIC))
    employed.put(employments, employment(entity_id=SECOND, organisation_oid=CLINIC, valid_to=date(2026, 1, 1)))


def test_reads_and_writes_are_few_whatever_the_worker_has(employed: Register) -> None:
    old = [
        employment(
            entity_id=f"aaaaaaaa-0000-4000-8000-1{n:011}",
            valid_from=date(1990 + n, 1, 1),
            valid_to=date(1990 + n, 6, 1),
        )
        for n in range(25)
    ]
    employed.put(employments, *old)
    statements: list[str] = []
    event.listen(employed.engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
    employed.ask(TRANSFER.xml())
    work = [statement.split()[0] for statement in statements if statement.split()[0] in {"SELECT", "INSERT", "UPDATE"}]
    assert work == ["SELECT"] * 6 + ["UPDATE"] + ["INSERT"] * 4  # two versions, and the feed of changes tells of both
