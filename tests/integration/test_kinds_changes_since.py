"""ChangesSince on both databases: the feed page by page, and only what the sender may see of it."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from lxml.etree import _Element as Element
from mezhved.adapter.exchange.roles import Role
from mezhved.adapter.registry.kinds.changes_since.rules import RULES
from mezhved.adapter.registry.schema import disciplinary_measures, employments, licences
from sqlalchemy import Engine
from support.lookups import answered, refused, texts
from support.register import ANNA, CLINIC, HOSPITAL, KEEPER, SENDER, Register, employment

KIND = "changes_since"
OF_HOSPITAL = f"<Organization><t:Oid>{HOSPITAL}</t:Oid></Organization>"
REGULATOR = replace(KEEPER, mnemonic="REGULATOR", roles=frozenset({Role.REGULATOR}))


@pytest.fixture
def register(engine: Engine) -> Register:
    register = Register(engine).furnish()
    register.put(employments, employment())
    measure = {"entity_id": "88888888-0000-4000-8000-000000000001", "worker_oid": ANNA, "organisation_oid": HOSPITAL}
    order = {"measure": "1", "order_number": "3-д", "order_date": date(2026, 2, 1), "valid_from": date(2026, 2, 1)}
    register.put(disciplinary_measures, measure | order)
    licence = {"entity_id": "11111111-0000-4000-8000-000000000001", "organisation_oid": CLINIC, "number": "Л-1"}
    since = {"issued_on": date(2019, 6, 1), "valid_from": date(2019, 6, 1)}
    register.put(licences, {**licence, **since, "status": "VALID", "notification": False, "licenser": "Орган"})
    return register


def told(found: Element) -> list[tuple[str, str]]:
    return [
        (one.findtext("{*}Section") or "", one.findtext("{*}EntityId") or "")
        for one in found.iterfind("{*}Changes/{*}Change")
    ]


def followed(register: Register, size: int, sender: Any = KEEPER, rest: str = "") -> list[tuple[str, str]]:
    """All that a reader learns who goes from cursor to cursor."""
    learnt, where = [], ""
    while True:
        found = answered(register, KIND, f"{rest}{where}<PageSize>{size}</PageSize>", sender)
        learnt += told(found)
        where = f"<Cursor>{texts(found, 'Cursor')[0]}</Cursor>"
        if texts(found, "More") == ["false"]:
            return learnt


@pytest.mark.parametrize("size", [1, 3, 1000])
def test_every_change_is_told_once_whatever_the_size_of_the_pages(register: Register, size: int) -> None:
    found = followed(register, size)
    assert len(found) == len(set(found))
    assert found == told(answered(register, KIND, ""))
    assert {section for section, _ in found} >= {"PERSON", "ORGANISATIONS", "EMPLOYMENTS", "DISCIPLINE", "LICENCES"}


def test_only_what_is_new_comes_after_the_last_cursor(register: Register) -> None:
    latest = answered(register, KIND, "<Latest>true</Latest>")
    assert (texts(latest, "More"), told(latest)) == (["false"], [])
    where = f"<Cursor>{texts(latest, 'Cursor')[0]}</Cursor>"
    assert told(answered(register, KIND, where)) == []
    second = employment(entity_id="aaaaaaaa-0000-4000-8000-000000000002", position_type="2", rate=50)
    register.put(employments, second)
    found = answered(register, KIND, where)
    assert told(found) == [("EMPLOYMENTS", second["entity_id"])]
    assert texts(found, "Changes/Change/WorkerOid") == [ANNA]
    assert texts(found, "Changes/Change/Action") == ["ADDED"]
    assert texts(found, "Changes/Change/Source") == ["LOADER"]


def test_an_employer_is_told_of_its_own_organisation_and_not_of_hidden_sections(register: Register) -> None:
    found = {section for section, _ in followed(register, 2, SENDER, OF_HOSPITAL)}
    assert found == {"ORGANISATIONS", "SUBDIVISIONS", "EMPLOYMENTS"}
    assert ("ORG_NOT_PERMITTED", "Organization/Oid") in refused(register, KIND, "", SENDER)
    of_clinic = OF_HOSPITAL.replace(HOSPITAL, CLINIC)
    assert ("ORG_NOT_PERMITTED", "Organization/Oid") in refused(register, KIND, of_clinic, SENDER)
    assert "DISCIPLINE" in {section for section, _ in followed(register, 1000, REGULATOR, OF_HOSPITAL)}


def test_a_cursor_that_was_never_given_is_refused(register: Register) -> None:
    assert refused(register, KIND, "<Cursor>987654</Cursor>") == [("CURSOR_UNKNOWN", "Cursor")]


def test_every_rule_has_a_test() -> None:
    assert {rule.code for rule in RULES} == {"CURSOR_UNKNOWN"}
