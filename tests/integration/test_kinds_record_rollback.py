"""RecordRollback on both databases: a record becomes what it was, and its history stays."""

from dataclasses import replace
from typing import Any

import pytest
from lxml.etree import _Element as Element
from mezhved.adapter.exchange.roles import Role
from mezhved.adapter.registry.kinds.record_rollback.rules import RULES
from mezhved.adapter.registry.outcome import Refusal
from mezhved.adapter.registry.schema import awards
from sqlalchemy import Engine
from support.register import ANNA, KEEPER, SENDER, Register
from support.updates import ANNA_KEY, TYPES, Update, elements, told

AWARD = Update("award_upsert", "Award", {"Kind": "TITLE", "Award": ("11",), "Number": "77", "Date": "2024-06-20"})
BORIS = {"Snils": "08765430300", "LastName": "Крутой", "FirstName": "Борис", "BirthDate": "1990-01-31"}
AUTHORITY = replace(KEEPER, mnemonic="AUTHORITY", roles=frozenset({Role.AUTHORITY}))
SAID = ("worker_oid", "award_kind", "award", "number", "awarded_on", "issuer", "valid_from", "valid_to")


@pytest.fixture
def register(engine: Engine) -> Register:
    return Register(engine).furnish()


def rollback(entity: str, version: int, to: int, worker: Any = None, section: str = "AWARDS") -> str:
    record = {"Section": section, "EntityId": entity, "Version": str(version), "ToVersion": str(to)}
    return (
        f'<RecordRollbackRequest xmlns="urn://x-artefacts-mezhved/frmr/record_rollback/1.0.0" xmlns:t="{TYPES}">'
        f"<Worker>{elements(worker or ANNA_KEY, 't:')}</Worker><Record>{elements(record)}</Record>"
        f"<Reason>Ошибка</Reason></RecordRollbackRequest>"
    )


def done(register: Register, content: str, sender: Any = AUTHORITY) -> Element:
    outcome = register.ask(content, sender)
    assert not isinstance(outcome, Refusal), outcome
    return outcome


def refused(register: Register, content: str, sender: Any = AUTHORITY) -> list[tuple[str, str]]:
    before = register.rows(awards)
    outcome = register.ask(content, sender)
    assert isinstance(outcome, Refusal)
    assert register.rows(awards) == before
    return [(one.code, one.path.partition("/")[2]) for one in outcome.rejections]


def changed_twice(register: Register) -> str:
    entity = told(done(register, AWARD.xml(), KEEPER), "EntityId")
    done(register, AWARD.change(entity, 1, {"Kind": "AWARD", "Number": None}).xml(), KEEPER)
    done(register, AWARD.change(entity, 2, {"Date": "2020-01-01"}).xml(), KEEPER)
    return entity


def said(row: dict[str, Any]) -> list[Any]:
    return [row[name] for name in SAID]


def test_a_record_says_again_what_an_earlier_version_said(register: Register) -> None:
    entity = changed_twice(register)
    for last, to in ((3, 1), (4, 2), (5, 3)):
        assert told(done(register, rollback(entity, last, to)), "Version") == str(last + 1)
        rows = register.rows(awards)
        assert said(rows[-1]) == said(rows[to - 1])
        assert (rows[-1]["source"], rows[-1]["superseded_at"]) == ("AUTHORITY", None)
    assert [row["version"] for row in register.rows(awards)] == [1, 2, 3, 4, 5, 6]


def test_a_withdrawn_record_comes_back(register: Register) -> None:
    entity = changed_twice(register)
    done(register, AWARD.withdraw(entity, 3).xml(), KEEPER)
    assert refused(register, rollback(entity, 4, 4)) == [("VERSION_OF_WITHDRAWAL", "Record/ToVersion")]
    done(register, rollback(entity, 4, 2))
    rows = register.rows(awards)
    assert (said(rows[-1]), rows[-1]["withdrawn"]) == (said(rows[1]), False)


def test_what_cannot_be_gone_back_to(register: Register) -> None:
    entity = changed_twice(register)
    assert refused(register, rollback(entity, 2, 7)) == [
        ("VERSION_CONFLICT", "Record/Version"),
        ("VERSION_UNKNOWN", "Record/ToVersion"),
    ]
    assert refused(register, rollback(entity, 3, 3)) == [("RECORD_UNCHANGED", "Record/ToVersion")]
    nobodys = "dddddddd-0000-4000-8000-000000000009"
    for content in (
        rollback(nobodys, 1, 1),
        rollback(entity, 3, 1, BORIS),
        rollback(entity, 3, 1, section="CERTIFICATES"),
    ):
        assert refused(register, content) == [("RECORD_NOT_FOUND", "Record/EntityId")]


def test_only_an_authority_goes_back(register: Register) -> None:
    entity = changed_twice(register)
    assert [code for code, _ in refused(register, rollback(entity, 3, 1), SENDER)] == ["ROLE_NOT_PERMITTED"]
    assert register.rows(awards)[-1]["worker_oid"] == ANNA


def test_every_rule_of_its_own_has_a_test() -> None:
    own = {"RECORD_NOT_FOUND", "VERSION_CONFLICT", "VERSION_UNKNOWN", "VERSION_OF_WITHDRAWAL", "RECORD_UNCHANGED"}
    assert own <= {rule.code for rule in RULES}
