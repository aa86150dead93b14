"""WorkerBatchVerify on both databases: each question its own answer, in order, at a constant number of queries."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from mezhved.adapter.exchange.roles import Role
from mezhved.adapter.registry.kinds.worker_batch_verify.rules import RULES
from mezhved.adapter.registry.schema import employments, persons, workers
from mezhved.adapter.store.engine import write
from sqlalchemy import Engine, event, insert
from support.lookups import answered, consent, refused, texts
from support.register import (
    ANNA,
    ANNA_SNILS,
    BORIS,
    BORIS_SNILS,
    HOSPITAL,
    KEEPER,
    LOADED,
    Register,
    employment,
    person,
)

KIND = "worker_batch_verify"
INSURER = replace(KEEPER, mnemonic="INSURER", roles=frozenset({Role.INSURER}))
PEOPLE = 1_000


@pytest.fixture
def register(engine: Engine) -> Register:
    register = Register(engine).furnish()
    register.put(employments, employment())
    return register


def item(name: str, snils: str | None = None, oid: str = "", post: str = "109", more: str = "") -> str:
    key = f"<Snils>{snils}</Snils>" if snils is not None else f"<WorkerOid>{oid}</WorkerOid>"
    return f'<Item id="{name}">{key}<Post>{post}</Post>{more}</Item>'


def outcomes(register: Register, body: str, sender: Any = KEEPER) -> list[tuple[str | None, ...]]:
    found = answered(register, KIND, body, sender)
    return [
        (one.get("id"), *texts(one, "Status"), *texts(one, "Verdict/Outcome"), *texts(one, "Verdict/Reason/Code"))
        for one in found.iterfind("{*}Item")
    ]


def test_each_question_is_answered_by_itself_and_in_its_place(register: Register) -> None:
    body = (
        item("a", BORIS_SNILS)
        + item("b", ANNA_SNILS)
        + item("c", "1122334459")
        + item("d", "90000000081")
        + item("e", oid=ANNA, post="113")
        + item("f", oid="2024.9999999")
        + item("g", oid="2024")
        + item("h", "112-233-445 95", more="<Date>2023-01-01</Date>")
        + item("i", ANNA_SNILS, more=f"<OrganizationOid>{HOSPITAL}</OrganizationOid>")
    )
    assert outcomes(register, body) == [
        ("a", "ANSWERED", "NOT_ELIGIBLE", "CREDENTIAL_ABSENT"),
        ("b", "ANSWERED", "ELIGIBLE"),
        ("c", "INVALID_FORMAT"),
        ("d", "NEVER_REGISTERED"),
        ("e", "ANSWERED", "NOT_ELIGIBLE", "CREDENTIAL_OF_OTHER_SPECIALTY"),
        ("f", "NEVER_REGISTERED"),
        ("g", "INVALID_FORMAT"),
        ("h", "ANSWERED", "NOT_ELIGIBLE", "CREDENTIAL_NOT_YET"),
        ("i", "ANSWERED", "UNKNOWN", "LICENCE_UNKNOWN"),
    ]


def test_a_bad_question_is_told_all_that_is_wrong(register: Register) -> None:
    body = item("a", "11223344596", post="999", more="<Specialty>x</Specialty>") + item("b", oid="1", post="190")
    found = answered(register, KIND, body)
    told = [list(zip(texts(one, "Error/Code"), texts(one, "Error/Path"), strict=True)) for one in found.iter("{*}Item")]
    assert told == [
        [("SNILS_CONTROL", "Snils"), ("CODE_UNKNOWN", "Post"), ("CODE_UNKNOWN", "Specialty")],
        [("WORKER_OID_FORMAT", "WorkerOid"), ("CODE_NOT_VALID_ON_DATE", "Post")],
    ]


def test_the_day_of_the_batch_holds_where_a_question_names_none(register: Register) -> None:
    body = "<AsOf><t:Date>2015-06-01</t:Date></AsOf>" + item("a", ANNA_SNILS, post="190") + item("b", ANNA_SNILS)
    found = answered(register, KIND, body)
    assert texts(found, "Item/Date") == ["2015-06-01", "2015-06-01"]


def test_a_batch_that_makes_no_sense_is_refused(register: Register) -> None:
    body = "<AsOf><t:KnownOn>2026-11-24</t:KnownOn></AsOf>" + item("a", ANNA_SNILS) + item("a", BORIS_SNILS)
    assert refused(register, KIND, body) == [("KNOWN_ON_IN_FUTURE", "AsOf/KnownOn"), ("ITEM_REPEATED", "Item")]


def test_what_was_known_once_answers_the_whole_batch(register: Register) -> None:
    body = "<AsOf><t:KnownOn>2019-12-31</t:KnownOn></AsOf>" + item("a", ANNA_SNILS) + item("b", oid=BORIS)
    assert [found[3] for found in outcomes(register, body)] == ["WORKER_NOT_KNOWN", "WORKER_NOT_KNOWN"]


def test_consent_is_asked_of_each_worker(register: Register) -> None:
    body = item("a", ANNA_SNILS) + item("b", BORIS_SNILS) + item("c", "90000000081")
    consent(register)
    assert outcomes(register, body, INSURER) == [
        ("a", "ANSWERED", "ELIGIBLE"),
        ("b", "CONSENT_ABSENT"),
        ("c", "NEVER_REGISTERED"),
    ]


@pytest.mark.parametrize("sender", [KEEPER, INSURER], ids=["authority", "insurer"])
def test_a_thousand_questions_cost_as_many_queries_as_one(register: Register, sender: Any) -> None:
    oids = [f"2025.{number:07}" for number in range(PEOPLE)]
    with write(register.engine) as conn:
        conn.execute(insert(workers), [{"oid": oid, "registered_at": LOADED.recorded_at} for oid in oids])
    born = date(1980, 1, 1)
    register.put(persons, *(person(oid, None, "Новиков", "Пётр", None, born) for oid in oids))  # type: ignore[arg-type]
    consent(register, oids[0])
    statements: list[str] = []
    event.listen(register.engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
    counts = set()
    for number in (1, 10, PEOPLE):
        statements.clear()
        body = "".join(
            item(str(place), oid=oid, more=f"<OrganizationOid>{HOSPITAL}</OrganizationOid>")
            for place, oid in enumerate(oids[:number])
        )
        assert len(outcomes(register, body, sender)) == number
        counts.add(len(statements))
    assert len(counts) == 1


def test_every_rule_has_a_test() -> None:
    assert {rule.code for rule in RULES} == {
        "KNOWN_ON_IN_FUTURE",
        "ITEM_REPEATED",
        "SNILS_CONTROL",
        "WORKER_OID_FORMAT",
        "CODE_UNKNOWN",
        "CODE_NOT_VALID_ON_DATE",
    }
