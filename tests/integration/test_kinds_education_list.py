"""EducationList on both databases: the stages by a day, those asked for, and what is missing."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from mezhved.adapter.exchange.roles import Role
from mezhved.adapter.registry.kinds.education_list.rules import RULES
from mezhved.adapter.registry.schema import education
from sqlalchemy import Engine
from support.lookups import about, answered, consent, refused, texts
from support.register import ANNA, BORIS_SNILS, KEEPER, Register

KIND = "education_list"
PUBLIC = replace(KEEPER, mnemonic="PUBLIC", roles=frozenset({Role.PUBLIC}))
INSURER = replace(KEEPER, mnemonic="INSURER", roles=frozenset({Role.INSURER}))


@pytest.fixture
def register(engine: Engine) -> Register:
    register = Register(engine).furnish()
    register.put(education, stage(1, "PROFESSIONAL", 2003, 2009), stage(2, "POSTGRADUATE", 2009, 2011))
    register.put(education, stage(3, "ADDITIONAL", 2024, 2025, theme="УЗИ", hours=144))
    return register


def stage(number: int, name: str, begin: int, end: int, **more: Any) -> dict[str, Any]:
    row = {"entity_id": f"77777777-0000-4000-8000-{number:012}", "worker_oid": ANNA, "stage": name}
    row |= {"education_type": "2", "institution": "1", "document_number": f"Д{number}"}
    row |= {"theme": None, "hours": None}
    return {**row, "valid_from": date(begin, 9, 1), "valid_to": date(end, 6, 30), **more}


def test_all_stages_are_told_in_the_order_in_which_they_began(register: Register) -> None:
    found = answered(register, KIND, about())
    assert texts(found, "Education/EducationRecord/Stage") == ["PROFESSIONAL", "POSTGRADUATE", "ADDITIONAL"]
    assert texts(found, "Education/EducationRecord/Theme") == ["УЗИ"]
    assert texts(found, "WorkerOid") == [ANNA]


def test_only_the_stages_asked_for(register: Register) -> None:
    body = about(rest="<Stage>ADDITIONAL</Stage><Stage>POSTGRADUATE</Stage>")
    assert texts(answered(register, KIND, body), "Education/EducationRecord/Stage") == ["POSTGRADUATE", "ADDITIONAL"]


def test_as_of_a_day_are_those_that_had_begun(register: Register) -> None:
    found = answered(register, KIND, about(as_of="2010-01-01"))
    assert texts(found, "Education/EducationRecord/DocumentNumber") == ["Д1", "Д2"]
    assert texts(found, "Date") == ["2010-01-01"]


def test_a_record_without_professional_education_is_warned_of(register: Register) -> None:
    assert texts(answered(register, KIND, about(BORIS_SNILS)), "Warnings/Warning/Code") == ["EDUCATION_ABSENT"]
    assert texts(answered(register, KIND, about(as_of="2003-01-01")), "Warnings/Warning/Code") == ["EDUCATION_ABSENT"]
    assert texts(answered(register, KIND, about()), "Warnings/Warning/Code") == []


def test_what_was_known_then_answers(register: Register) -> None:
    assert texts(answered(register, KIND, about(known_on="2019-12-31")), "Education/EducationRecord/Stage") == []


def test_who_sees_less_is_told_less(register: Register) -> None:
    assert refused(register, KIND, about(), PUBLIC) == [("CONSENT_ABSENT", "")]
    consent(register)
    found = answered(register, KIND, about(), PUBLIC)
    assert texts(found, "Education/EducationRecord/DocumentNumber") == []
    assert len(texts(found, "Education/EducationRecord/Stage")) == 3
    assert refused(register, KIND, about(), INSURER) == [("SECTION_WITHHELD", "")]


def test_all_that_is_wrong_is_told_at_once(register: Register) -> None:
    assert refused(register, KIND, about("11223344596", known_on="2026-11-24")) == [
        ("KNOWN_ON_IN_FUTURE", "AsOf/KnownOn"),
        ("SNILS_CONTROL", "Worker/Snils"),
    ]
    assert refused(register, KIND, about("90000000081")) == [("WORKER_NOT_FOUND", "Worker")]


def test_every_rule_has_a_test() -> None:
    assert {rule.code for rule in RULES} == {
        "SNILS_CONTROL",
        "KNOWN_ON_IN_FUTURE",
        "WORKER_NOT_FOUND",
        "CONSENT_ABSENT",
        "SECTION_WITHHELD",
    }
