"""AccessLog on both databases: who asked for a record, page by page, and what of it whom is told."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from lxml.etree import _Element as Element
from mezhved.adapter.exchange.roles import Role
from mezhved.adapter.registry.audit import AuditOutcome, AuditRecord, record
from mezhved.adapter.registry.kinds.access_log.rules import RULES
from mezhved.adapter.registry.outcome import Refusal
from mezhved.adapter.store.engine import write
from sqlalchemy import Engine, event
from support.register import ANNA, ANNA_SNILS, BORIS, KEEPER, NOW, SENDER, Register

LOG = "urn://x-artefacts-mezhved/frmr/access_log/1.0.0"
Q = f"{{{LOG}}}"
PORTAL = replace(KEEPER, mnemonic="PORTAL", roles=frozenset({Role.PORTAL}))


@pytest.fixture
def register(engine: Engine) -> Register:
    return Register(engine).furnish()


def ask(body: str) -> str:
    return f'<AccessLogRequest xmlns="{LOG}"><Purpose code="6"/>{body}</AccessLogRequest>'


def enter(register: Register, about: str = ANNA, at: datetime = NOW, **more: Any) -> None:
    values: dict[str, Any] = {
        "at": at,
        "system": "HOSPITAL_IS",
        "official": "0f" * 32,
        "address": "192.0.2.7",
        "action": "worker_card",
        "writes": False,
        "about": (about,),
        "purpose": "1",
        "outcome": AuditOutcome.ANSWERED,
        "codes": (),
        "message_id": "m1",
        **more,
    }
    with write(register.engine) as conn:
        record(conn, AuditRecord(**values))


def page(register: Register, body: str, sender: Any = KEEPER) -> Element:
    found = register.ask(ask(body), sender)
    assert not isinstance(found, Refusal), found
    return found


def messages(found: Element) -> list[str | None]:
    return [one.text for one in found.iter(f"{Q}MessageId")]


def refused(register: Register, body: str, sender: Any = KEEPER) -> set[tuple[str, str]]:
    found = register.ask(ask(body), sender)
    assert isinstance(found, Refusal)
    return {(one.code, one.path) for one in found.rejections}


@pytest.mark.parametrize("key", [f"<Snils>{ANNA_SNILS}</Snils>", f"<WorkerOid>{ANNA}</WorkerOid>"])
def test_an_auditor_is_told_all_of_it(register: Register, key: str) -> None:
    enter(register)
    enter(register, BORIS, message_id="of another")
    [entry] = page(register, key).iter(f"{Q}Entry")
    assert {one.tag.removeprefix(Q): one.text for one in entry} == {
        "At": "2026-11-23T09:00:00.000Z",
        "System": "HOSPITAL_IS",
        "Action": "worker_card",
        "Changes": "false",
        "Outcome": "ANSWERED",
        "Purpose": "1",
        "MessageId": "m1",
        "Official": "0f" * 32,
        "Address": "192.0.2.7",
    }


def test_the_worker_is_told_which_system_but_neither_person_nor_address(register: Register) -> None:
    enter(register, purpose=None, writes=True, outcome=AuditOutcome.REFUSED)
    [entry] = page(register, f"<Snils>{ANNA_SNILS}</Snils>", PORTAL).iter(f"{Q}Entry")
    assert [one.tag.removeprefix(Q) for one in entry] == ["At", "System", "Action", "Changes", "Outcome", "MessageId"]


def test_pages_follow_one_another_newest_first_until_the_last(register: Register) -> None:
    for number in range(5):
        enter(register, at=NOW - timedelta(hours=5 - number), message_id=f"m{number}")
    seen: list[str | None] = []
    cursor = ""
    for size in (2, 2, 1):
        found = page(register, f"<Snils>{ANNA_SNILS}</Snils><PageSize>2</PageSize>{cursor}")
        assert len(messages(found)) == size
        seen += messages(found)
        place = found.findtext(f"{Q}NextCursor")
        assert (place is None) == (size == 1)
        cursor = f"<Cursor>{place}</Cursor>"
    assert seen == ["m4", "m3", "m2", "m1", "m0"]


def test_days_are_those_of_moscow_and_a_year_is_looked_back_unless_told(register: Register) -> None:
    enter(register, at=datetime(2026, 11, 20, 20, 59, tzinfo=UTC), message_id="evening")
    enter(register, at=datetime(2026, 11, 20, 21, 0, tzinfo=UTC), message_id="night")
    enter(register, at=NOW - timedelta(days=370), message_id="old")
    key = f"<Snils>{ANNA_SNILS}</Snils>"
    assert messages(page(register, key)) == ["night", "evening"]
    assert messages(page(register, f"{key}<Until>2026-11-20</Until>")) == ["evening"]
    assert messages(page(register, f"{key}<Since>2026-11-21</Since>")) == ["night"]
    whole = page(register, f"{key}<Since>2020-01-01</Since>")
    assert messages(whole) == ["old", "night", "evening"]
    assert (whole.findtext(f"{Q}Since"), whole.findtext(f"{Q}Until")) == ("2020-01-01", "2026-11-23")


def test_who_has_asked_nothing_yet_leaves_an_empty_log(register: Register) -> None:
    assert messages(page(register, f"<WorkerOid>{BORIS}</WorkerOid>")) == []


def test_all_that_is_wrong_is_told_at_once(register: Register) -> None:
    assert refused(register, "<Snils>11223344596</Snils><Since>2026-11-22</Since><Until>2026-11-21</Until>") == {
        ("SNILS_CONTROL", "AccessLogRequest/Snils"),
        ("PERIOD_REVERSED", "AccessLogRequest/Since"),
    }


@pytest.mark.parametrize("key", ["<Snils>90000000081</Snils>", "<WorkerOid>2024.9999999</WorkerOid>"])
def test_an_unknown_worker_has_no_log(register: Register, key: str) -> None:
    assert refused(register, key) == {("WORKER_NOT_FOUND", "AccessLogRequest")}


def test_an_employer_may_not_look(register: Register) -> None:
    assert refused(register, f"<Snils>{ANNA_SNILS}</Snils>", SENDER) == {("ROLE_NOT_PERMITTED", "AccessLogRequest")}


def test_a_page_is_two_queries_whatever_the_log_holds(register: Register) -> None:
    for number in range(30):
        enter(register, message_id=f"m{number}")
    statements: list[str] = []
    event.listen(register.engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
    page(register, f"<Snils>{ANNA_SNILS}</Snils>")
    assert sum(one.startswith("SELECT") for one in statements) == 2


def test_every_rule_has_a_test() -> None:
    assert {rule.code for rule in RULES} == {"SNILS_CONTROL", "PERIOD_REVERSED", "WORKER_NOT_FOUND"}
