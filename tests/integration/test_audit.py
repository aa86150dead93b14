"""The audit of requests on both databases: what is written of each, and what is sealed by many."""

import threading
from typing import Any

import pytest
from mezhved.adapter.exchange.rejection import Rejection, RejectReason
from mezhved.adapter.exchange.roles import Role
from mezhved.adapter.registry.audit_check import check
from mezhved.adapter.registry.outcome import Answer, KindRequest, Refusal
from mezhved.adapter.registry.schema import audit_entries
from mezhved.adapter.registry.sealing import seal
from mezhved.adapter.soap.operations.send_request import SendRequest
from mezhved.adapter.store.engine import read, write
from mezhved.adapter.store.participants import ParticipantStore
from sqlalchemy import Connection, Engine, select
from support.echo import answer, echo_worker, remember
from support.world import START, V12, World

ANNA, HOSPITAL = "2024.0000001", "1.2.643.1.1"


@pytest.fixture
def world(engine: Engine) -> World:
    return World(engine)


def sent(world: World, key: Any, **parts: str) -> str:
    call = world.send_request(key, **parts)
    SendRequest(world.context())(call)
    return call.body[0].findtext(f"{{{V12.types}}}MessageID") or ""


def audited(world: World) -> list[Any]:
    with read(world.engine) as conn:
        return list(conn.execute(select(audit_entries).order_by(audit_entries.c.number)))


def reading(request: KindRequest, conn: Connection) -> Answer:
    return Answer(answer().content, (ANNA, HOSPITAL, ANNA))


def test_an_answer_is_entered_once_for_each_record_that_it_was_about(world: World) -> None:
    message_id = sent(world, world.register("REGION"))
    echo_worker(world, reading).run_once()
    found = audited(world)
    assert [one.object for one in found] == [ANNA, HOSPITAL]
    for one in found:
        assert (one.system, one.action, one.outcome, one.codes) == ("REGION", "echo", "ANSWERED", "")
        assert (one.message_id, one.at, one.writes) == (message_id, START, True)
        assert one.address


def test_a_refusal_names_its_rules_and_whose_record_was_read(world: World) -> None:
    def refuse(request: KindRequest, conn: Connection) -> Refusal:
        codes = ("ONE", "TWO", "ONE")
        rejections = tuple(Rejection(RejectReason.FAILURE, code, "", "Иванов Иван") for code in codes)
        return Refusal(rejections, (ANNA,))

    sent(world, world.register("REGION"))
    echo_worker(world, refuse).run_once()
    [one] = audited(world)
    assert (one.outcome, one.codes, one.object) == ("REFUSED", "ONE TWO", ANNA)


def test_who_has_no_right_is_entered_too_and_nobodys_record_with_it(world: World) -> None:
    key = world.register("REGION")
    sent(world, key)
    with write(world.engine) as conn:
        store = ParticipantStore()
        one = store.by_mnemonic(conn, "REGION")
        assert one is not None
        store.put(conn, type(one)(**{**{f: getattr(one, f) for f in one.__slots__}, "roles": frozenset()}))
    called: list[KindRequest] = []
    echo_worker(world, lambda request, conn: called.append(request) or answer()).run_once()
    assert called == []
    [entry] = audited(world)
    assert (entry.outcome, entry.codes, entry.object) == ("DENIED", "ROLE_NOT_PERMITTED", None)


def test_a_removed_sender_is_entered_as_denied(world: World) -> None:
    sent(world, world.register("REGION"))
    with write(world.engine) as conn:
        ParticipantStore().remove(conn, "REGION")
    echo_worker(world).run_once()
    [entry] = audited(world)
    assert (entry.system, entry.outcome, entry.codes) == ("REGION", "DENIED", "SENDER_REMOVED")


def test_a_test_reads_and_is_entered_but_changes_nothing(world: World) -> None:
    sent(world, world.register("REGION"), after="<t:TestMessage/>")
    echo_worker(world, reading).run_once()
    assert [one.outcome for one in audited(world)] == ["UNDONE"] * 2


def test_what_was_undone_by_an_error_is_entered_only_once_it_is_done(world: World) -> None:
    sent(world, world.register("REGION"))
    failures = iter([True, False])

    def failing_once(request: KindRequest, conn: Connection) -> Answer:
        if next(failures):
            raise RuntimeError
        return reading(request, conn)

    working = echo_worker(world, failing_once)
    working.run_once()
    assert audited(world) == []
    world.clock.pass_by(minutes=10)
    working.run_once()
    assert [one.object for one in audited(world)] == [ANNA, HOSPITAL]


def test_sealers_beside_writers_seal_everything_once(world: World) -> None:
    """Entries are committed out of the order of their numbers; several sealers want the same ones."""
    key = world.register("REGION")
    for _ in range(40):
        sent(world, key)
    done = threading.Event()
    failures: list[BaseException] = []

    def sealing() -> None:
        try:
            while not done.is_set():
                with write(world.engine) as conn:
                    seal(conn, world.node_key, START, 7)
        except BaseException as error:  # noqa: BLE001  told to the test
            failures.append(error)

    def working() -> None:
        worker = echo_worker(world, reading)
        while worker.run_once():
            pass

    sealers = [threading.Thread(target=sealing) for _ in range(2)]
    workers = [threading.Thread(target=working) for _ in range(2)]
    for thread in (*sealers, *workers):
        thread.start()
    for thread in workers:
        thread.join()
    done.set()
    for thread in sealers:
        thread.join()
    assert failures == []
    with write(world.engine) as conn:
        while seal(conn, world.node_key, START):
            pass
        found = check(conn, world.trust.check)
    assert found.findings == []
    assert (found.entries, found.pending) == (80, 0)


def test_an_empty_log_has_nothing_to_seal(world: World) -> None:
    with write(world.engine) as conn:
        assert seal(conn, world.node_key, START) is None
        found = check(conn, world.trust.check)
    assert (found.findings, found.seals, found.last) == ([], 0, None)


def test_every_role_is_one_of_the_exchange(world: World) -> None:
    world.register("REGION")
    with read(world.engine) as conn:
        found = ParticipantStore().by_mnemonic(conn, "REGION")
    assert found is not None
    assert found.roles == set(Role)


def test_changes_of_the_register_and_of_the_audit_are_one(world: World) -> None:
    sent(world, world.register("REGION"))
    echo_worker(world, remember).run_once()
    assert [one.object for one in audited(world)] == [None]
