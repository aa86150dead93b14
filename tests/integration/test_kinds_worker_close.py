"""WorkerClose on both databases: death, and two records that turn out to be one person's."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import pytest
from mezhved.adapter.registry.kinds.worker_close.rules import RULES
from mezhved.adapter.registry.outcome import Refusal
from mezhved.adapter.registry.reading import Moment, facts
from mezhved.adapter.registry.schema import (
    absences,
    accreditation_procedures,
    accreditations,
    cme_points,
    employments,
    identity_documents,
    persons,
    worker_merges,
)
from sqlalchemy import Engine
from support.register import ABSENCE_ID, ANNA, BORIS, KEEPER, NOW, SENDER, Register, absence, employment, passport
from support.updates import ANNA_KEY, TYPES, Fields, elements, told, warned

ROOT = "WorkerCloseRequest"
NAMESPACE = "urn://x-artefacts-mezhved/frmr/worker_close/1.0.0"
BORIS_KEY = {"Snils": "08765430300", "LastName": "Крутой", "FirstName": "Борис", "BirthDate": "1990-01-31"}
JOB = "aaaaaaaa-0000-4000-8000-0000000000b1"
OTHER_JOB = "aaaaaaaa-0000-4000-8000-0000000000b2"
WENT_ON = "aaaaaaaa-0000-4000-8000-0000000000b4"
ABSENCE = "aaaaaaaa-0000-4000-8000-0000000000b3"


@dataclass(frozen=True)
class Close:
    """A request to close Boris's record."""

    worker: Fields
    date: str | None = None
    act: str = "2026-11-20"
    into: Fields | None = None

    def xml(self) -> str:
        if self.into is None:
            act = {"t:Number": "771-09", "t:Date": self.act}
            why = elements({"Death": {"Date": self.date, "Act": act}})
        else:
            key = {f"t:{name}": value for name, value in self.into.items()}
            why = elements({"Merge": {"Into": key, "Reason": "Один человек, две карточки"}})
        worker = elements(self.worker, "t:")
        return f'<{ROOT} xmlns="{NAMESPACE}" xmlns:t="{TYPES}"><Worker>{worker}</Worker>{why}</{ROOT}>'


DEATH = Close(BORIS_KEY, date="2026-11-18")
MERGE = Close(BORIS_KEY, into=ANNA_KEY)


@pytest.fixture
def register(engine: Engine) -> Register:
    return Register(engine).furnish()


def person(register: Register, worker: str) -> list[dict[str, Any]]:
    return [row for row in register.rows(persons) if row["entity_id"] == worker]


def current(register: Register, table: Any, worker: str, at: Moment | None = None) -> list[dict[str, Any]]:
    with register.engine.connect() as conn:
        return [dict(row) for row in facts(conn, table, at or Moment(), worker_oid=worker)]


def test_a_death_closes_the_record(register: Register) -> None:
    answer = register.ask(DEATH.xml(), sender=KEEPER)
    assert (told(answer, "WorkerOid"), told(answer, "Version"), warned(answer)) == (BORIS, "2", [])
    before, after = person(register, BORIS)
    assert (before["status"], before["superseded_at"]) == ("ACTIVE", NOW)
    assert (after["status"], after["death_date"], after["source"]) == ("DECEASED", date(2026, 11, 18), "KEEPER")
    assert register.codes(DEATH.xml(), sender=KEEPER) == [("ALREADY_DECEASED", f"{ROOT}/Worker")]


def test_work_that_was_not_ended_brings_a_warning(register: Register) -> None:
    register.put(employments, employment(BORIS))
    answer = register.ask(DEATH.xml(), sender=KEEPER)
    assert warned(answer) == [("OPEN_EMPLOYMENTS", f"{ROOT}/Worker")]


BROKEN: list[tuple[Close, str, str]] = [
    (replace(DEATH, worker={**BORIS_KEY, "Snils": "08765430301"}), "SNILS_CONTROL", "Worker/Snils"),
    (replace(DEATH, worker={**BORIS_KEY, "Inn": "123456789048"}), "INN_CONTROL", "Worker/Inn"),
    (replace(DEATH, worker={**BORIS_KEY, "BirthDate": "2026-11-24"}), "BIRTH_DATE_IN_FUTURE", "Worker/BirthDate"),
    (replace(DEATH, worker={**BORIS_KEY, "Snils": "90000000081"}), "WORKER_NOT_FOUND", "Worker/Snils"),
    (replace(DEATH, worker={**BORIS_KEY, "LastName": "Мягкий"}), "PERSON_MISMATCH", "Worker/LastName"),
    (replace(DEATH, date="2026-11-24", act="2026-11-23"), "ACT_BEFORE_DEATH", "Death/Act/Date"),
    (replace(DEATH, act="2026-11-24"), "DATE_IN_FUTURE", "Death/Act/Date"),
    (replace(DEATH, date="1990-01-30"), "DEATH_BEFORE_BIRTH", "Death/Date"),
    (replace(MERGE, into=BORIS_KEY), "SAME_WORKER", "Merge/Into"),
    (replace(MERGE, into={**ANNA_KEY, "Snils": "90000000081"}), "WORKER_NOT_FOUND", "Merge/Into/Snils"),
    (replace(MERGE, into={**ANNA_KEY, "FirstName": "Инна"}), "PERSON_MISMATCH", "Merge/Into/FirstName"),
]


@pytest.mark.parametrize(("update", "code", "path"), BROKEN, ids=[f"{code}-{path}" for _, code, path in BROKEN])
def test_what_breaks_one_rule_is_refused_by_it_alone(register: Register, update: Close, code: str, path: str) -> None:
    before = register.rows(persons)
    found = set(register.codes(update.xml(), sender=KEEPER))
    found -= {("DATE_IN_FUTURE", f"{ROOT}/Death/Date")}  # what follows from the broken value itself
    assert found == {(code, f"{ROOT}/{path}")}
    assert register.rows(persons) == before


def test_nobody_but_the_keeper_closes_records(register: Register) -> None:
    assert register.codes(DEATH.xml(), sender=SENDER) == [("ROLE_NOT_PERMITTED", ROOT)]


def furnish(register: Register) -> None:
    """Boris has what Anna has too (a job, points), what she has not, and what refers to the job."""
    register.put(employments, employment(valid_to=date(2024, 1, 1)))
    twin = employment(BORIS, entity_id=JOB, rate=50, valid_to=date(2024, 1, 1))
    other = employment(BORIS, entity_id=OTHER_JOB, post="110", position_type="4", previous_id=JOB)
    register.put(employments, twin)
    register.put(employments, other)
    register.put(
        absences,
        {
            "entity_id": ABSENCE,
            "worker_oid": BORIS,
            "employment_id": JOB,
            "reason": "1",
            "valid_from": date(2021, 1, 1),
            "valid_to": date(2021, 1, 28),
        },
    )
    points = {"activity_kind": "1", "title": "Модуль", "activity_number": "А-1", "points": 100}
    for number, worker in enumerate((ANNA, BORIS), 1):
        row = {**points, "entity_id": f"dddddddd-0000-4000-8000-00000000000{number}", "worker_oid": worker}
        register.put(cme_points, row)


def test_a_merge_brings_all_facts_under_one_number(register: Register) -> None:
    furnish(register)
    answer = register.ask(MERGE.xml(), sender=KEEPER)
    merged = {child.tag.rpartition("}")[2]: child.text for child in answer.find(f"{{{NAMESPACE}}}Merged")}
    # Over go the other job, the absence and the passport; the twin job and the points were there.
    assert merged == {"Into": ANNA, "Moved": "3", "Withdrawn": "2"}
    assert warned(answer) == [("BIRTH_DATES_DIFFER", f"{ROOT}/Merge/Into/BirthDate")]
    assert person(register, BORIS)[-1]["status"] == "MERGED"
    [merge] = register.rows(worker_merges)
    assert (merge["entity_id"], merge["into_oid"], merge["reason"]) == (BORIS, ANNA, "Один человек, две карточки")
    jobs = {row["entity_id"]: row for row in current(register, employments, ANNA)}
    assert jobs.keys() == {employment()["entity_id"], OTHER_JOB}
    assert jobs[OTHER_JOB]["previous_id"] == employment()["entity_id"]
    [leave] = current(register, absences, ANNA)
    assert (leave["employment_id"], leave["version"]) == (employment()["entity_id"], 2)
    assert len(current(register, cme_points, ANNA)) == 1
    assert {row["number"] for row in current(register, identity_documents, ANNA)} == {"000001", "000002"}
    assert current(register, employments, BORIS) == []


def test_an_absence_goes_on_from_the_one_that_was_there_already(register: Register) -> None:
    """Both records have the leave; only the second one knows that it goes on."""
    last = date(2026, 6, 30)
    away = {"reason": "2", "valid_from": date(2026, 6, 1), "valid_to": last}
    ended = date(2026, 10, 31)
    register.put(employments, employment(valid_to=ended), employment(BORIS, entity_id=JOB, valid_to=ended))
    register.put(absences, absence(**away), absence(worker_oid=BORIS, employment_id=JOB, entity_id=ABSENCE, **away))
    went_on = absence(
        worker_oid=BORIS, employment_id=JOB, entity_id=WENT_ON, valid_from=last + timedelta(days=1), valid_to=ended
    )
    register.put(absences, {**went_on, "previous_id": ABSENCE})
    register.ask(MERGE.xml(), KEEPER)
    found = {row["entity_id"]: row["previous_id"] for row in current(register, absences, ANNA)}
    assert found == {ABSENCE_ID: None, WENT_ON: ABSENCE_ID}


def test_a_procedure_keeps_its_accreditation(register: Register) -> None:
    accreditation = "cccccccc-0000-4000-8000-000000000001"
    register.change(accreditations, accreditation, worker_oid=BORIS)
    procedure = {
        "entity_id": "cccccccc-0000-4000-8000-000000000002",
        "worker_oid": BORIS,
        "accreditation_id": accreditation,
        "accreditation_kind": "3",
        "specialty": "37",
        "institution": "41",
        "outcome": "PASSED",
        "protocol_number": "7",
        "protocol_date": date(2024, 1, 1),
    }
    register.put(accreditation_procedures, procedure)
    register.ask(MERGE.xml(), sender=KEEPER)
    [moved] = current(register, accreditations, ANNA)
    [held] = current(register, accreditation_procedures, ANNA)
    assert held["accreditation_id"] == moved["entity_id"] == accreditation


def test_as_known_before_the_merge_there_were_two_records(register: Register) -> None:
    furnish(register)
    register.ask(MERGE.xml(), sender=KEEPER)
    before = Moment(known_on=NOW - timedelta(seconds=1))
    assert len(current(register, employments, BORIS, before)) == 2
    assert len(current(register, employments, ANNA, before)) == 1


def test_a_merged_record_is_not_closed_again(register: Register) -> None:
    register.ask(MERGE.xml(), sender=KEEPER)
    for again in (MERGE, DEATH):
        outcome = register.ask(again.xml(), sender=KEEPER)
        assert isinstance(outcome, Refusal)
        [rejection] = outcome.rejections
        assert (rejection.code, rejection.path) == ("WORKER_MERGED", f"{ROOT}/Worker")
        assert ANNA in rejection.text
    back = Close(ANNA_KEY, into=BORIS_KEY)
    assert register.codes(back.xml(), sender=KEEPER) == [("WORKER_MERGED", f"{ROOT}/Merge/Into")]


def test_two_main_posts_must_be_settled_first(register: Register) -> None:
    register.put(employments, employment(), employment(BORIS, entity_id=JOB, post="110"))
    assert register.codes(MERGE.xml(), sender=KEEPER) == [("TWO_MAIN_POSTS", f"{ROOT}/Merge/Into")]


def test_the_same_passport_stays_once(register: Register) -> None:
    twin = passport(BORIS, "9900", "000001") | {"entity_id": "bbbbbbbb-0000-4000-8000-0000000000ff"}
    register.put(identity_documents, twin)
    register.ask(MERGE.xml(), sender=KEEPER)
    numbers = [row["number"] for row in current(register, identity_documents, ANNA)]
    assert sorted(numbers) == ["000001", "000002"]


def test_every_rule_has_a_test() -> None:
    tested = {code for _, code, _ in BROKEN} | {"WORKER_MERGED", "ALREADY_DECEASED", "OPEN_EMPLOYMENTS"}
    assert {rule.code for rule in RULES} == tested | {"TWO_MAIN_POSTS", "BIRTH_DATES_DIFFER"}
