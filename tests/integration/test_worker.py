"""The register's worker on both databases: one effect and one response for each request, whatever goes wrong."""

import threading
import time
from contextlib import suppress
from dataclasses import replace

import pytest
from lxml import etree
from mezhved.adapter.exchange.lifecycle import Event, State
from mezhved.adapter.exchange.rejection import Rejection, RejectReason
from mezhved.adapter.registry.outcome import Answer, KindRequest, Refusal
from mezhved.adapter.soap.operations.get_request import GetRequest
from mezhved.adapter.soap.operations.get_response import GetResponse
from mezhved.adapter.soap.operations.get_status import GetStatus
from mezhved.adapter.soap.operations.send_request import SendRequest
from mezhved.adapter.soap.operations.send_response import SendResponse
from mezhved.adapter.store.aside import AsideStore
from mezhved.adapter.store.bell import Place, bell_for, listener_for
from mezhved.adapter.store.engine import read
from mezhved.adapter.store.messages import MessageLog
from mezhved.adapter.store.participants import ParticipantStore
from mezhved.queue.model import Channel
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DataError, IntegrityError, OperationalError, SQLAlchemyError
from support.echo import answer, echo_worker, effects, remember
from support.world import ECHO, V12, World

T = f"{{{V12.types}}}"
B = f"{{{V12.basic}}}"


@pytest.fixture
def world(engine: Engine) -> World:
    return World(engine)


def about(name: str) -> str:
    return f'<e:EchoRequest xmlns:e="{ECHO}" about="{name}">текст</e:EchoRequest>'


def responses(world: World, key: object) -> list[etree._Element]:
    found = []
    while True:
        root = etree.fromstring(GetResponse(world.context())(world.get_response(key)))  # type: ignore[arg-type]
        if not len(root):
            return found
        found.append(root[0][0])


def sent(world: World, key: object, **parts: str) -> str:
    call = world.send_request(key, **parts)  # type: ignore[arg-type]
    SendRequest(world.context())(call)
    return call.body[0].findtext(f"{T}MessageID") or ""


def test_each_request_gets_one_effect_and_one_response_in_order(world: World) -> None:
    key = world.register("REGION")
    requests = [sent(world, key) for _ in range(3)]
    assert echo_worker(world).run_once() == 3
    assert echo_worker(world).run_once() == 0
    assert effects(world) == sorted(requests)
    assert [one.findtext(f"{T}OriginalMessageId") for one in responses(world, key)] == requests
    with read(world.engine) as conn:
        assert MessageLog().get(conn, requests[0]).state is State.REQUEST_IS_PROCESSED


def test_a_refusal_leaves_no_effect_and_lists_every_error(world: World) -> None:
    def refuse(request: KindRequest, conn: Connection) -> Refusal:
        remember(request, conn)
        return Refusal(
            (
                Rejection(RejectReason.NO_DATA, "ONE", "a/b", "текст <1>"),
                Rejection(RejectReason.FAILURE, "TWO", "", "я" * 5000),
            )
        )

    key = world.register("REGION")
    sent(world, key)
    echo_worker(world, refuse).run_once()
    assert effects(world) == []
    (response,) = responses(world, key)
    rejected = list(response.iter(f"{T}RequestRejected"))
    assert [one.findtext(f"{T}RejectionReasonCode") for one in rejected] == ["NO_DATA", "FAILURE"]
    assert rejected[0].findtext(f"{T}RejectionReasonDescription") == "ONE|a/b|текст <1>"
    assert len(rejected[1].findtext(f"{T}RejectionReasonDescription") or "") == 4000


def test_a_test_message_is_answered_and_changes_nothing(world: World) -> None:
    key = world.register("REGION")
    sent(world, key, after="<t:TestMessage/>")
    echo_worker(world).run_once()
    assert effects(world) == []
    (response,) = responses(world, key)
    assert response.find(f".//{{{ECHO}}}EchoResponse") is not None


@pytest.mark.parametrize("fetches", [1, 4])
def test_what_the_registers_system_has_answered_by_the_exchange_is_not_answered_again(
    world: World, fetches: int
) -> None:
    key, register, context = world.register("REGION"), world.register("FRMR"), world.context()
    sent(world, key)
    for _ in range(fetches):
        (request,) = etree.fromstring(GetRequest(context)(world.get_request(register)))[0].iter(f"{T}Request")
        world.clock.pass_by(minutes=16)
    SendResponse(context)(world.send_response(register, request.findtext(f"{T}ReplyTo") or ""))
    world.clock.pass_by(minutes=16)
    assert echo_worker(world).run_once() == 1
    assert effects(world) == []
    assert len(responses(world, key)) == 1
    with read(world.engine) as conn:
        assert MessageLog().get(conn, request.findtext(f".//{T}MessageID") or "").state is State.REQUEST_IS_PROCESSED
    world.clock.pass_by(minutes=16)
    assert echo_worker(world).run_once() == 0


def test_comments_around_the_content_change_nothing(world: World) -> None:
    key = world.register("REGION")
    sent(world, key, content=f'<!-- a --><e:EchoRequest xmlns:e="{ECHO}">te<!-- b -->xt</e:EchoRequest><!-- c -->')
    seen: list[str | None] = []

    def read_text(request: KindRequest, conn: Connection) -> Answer:
        seen.append(request.content.text)
        return answer()

    echo_worker(world, read_text).run_once()
    assert seen == ["text"]


def test_an_error_of_the_database_does_not_tell_what_was_to_be_written(engine: Engine) -> None:
    with pytest.raises(SQLAlchemyError) as caught, engine.begin() as conn:
        conn.execute(text("INSERT INTO nowhere VALUES (:secret)"), {"secret": "90000791946"})
    assert "90000791946" not in str(caught.value)


def test_an_error_of_the_database_does_not_tell_what_is_there_already(engine: Engine) -> None:
    with engine.begin() as conn:
        conn.execute(text("CREATE TEMPORARY TABLE people (snils TEXT PRIMARY KEY)"))
        insert, values = text("INSERT INTO people VALUES (:secret)"), {"secret": "90000791946"}
        conn.execute(insert, values)
        with pytest.raises(IntegrityError) as caught:
            conn.execute(insert, values)
    told = f"{caught.value} {caught.value.orig}"
    assert "people" in told
    assert values["secret"] not in told


def test_a_request_that_the_database_refuses_costs_its_neighbours_nothing(world: World) -> None:
    key = world.register("REGION")
    first, bad, last = (sent(world, key) for _ in range(3))

    def refused_by_the_database(request: KindRequest, conn: Connection) -> Answer:
        if request.message_id == bad:
            raise DataError("INSERT", {}, Exception("out of range"))
        return remember(request, conn)

    working = echo_worker(world, refused_by_the_database, max_attempts=2)
    assert [working.run_once(), working.run_once()] == [3, 0]
    world.clock.pass_by(seconds=10)
    assert [working.run_once(), working.run_once()] == [1, 0]
    assert effects(world) == sorted([first, last])
    given = {one.findtext(f"{T}OriginalMessageId"): one for one in responses(world, key)}
    assert set(given) == {first, bad, last}
    assert given[bad].findtext(f".//{T}RejectionReasonCode") == "FAILURE"


def test_a_handler_that_fails_stops_nobody_else_and_is_tried_again(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    key = world.register("REGION")
    bad, good = sent(world, key), sent(world, key)
    failures = iter([True, False])

    def fail_once(request: KindRequest, conn: Connection) -> Answer:
        remember(request, conn)
        if request.message_id == bad and next(failures):
            raise ZeroDivisionError
        return answer()

    working = echo_worker(world, fail_once)
    working.run_once()
    assert effects(world) == [good]
    assert working.run_once() == 0
    world.clock.pass_by(seconds=10)
    assert working.run_once() == 1
    assert effects(world) == sorted([bad, good])
    assert len(responses(world, key)) == 2
    assert "attempt 1 of 3" in caplog.text


def test_after_the_last_attempt_the_sender_is_told_by_response_and_notice(world: World) -> None:
    def fail(request: KindRequest, conn: Connection) -> Answer:
        raise ZeroDivisionError

    key = world.register("REGION")
    message_id = sent(world, key)
    working = echo_worker(world, fail, max_attempts=2)
    for _ in range(2):
        assert responses(world, key) == []
        working.run_once()
        world.clock.pass_by(minutes=6)
    (response,) = responses(world, key)
    assert response.findtext(f".//{T}RejectionReasonCode") == "FAILURE"
    notice = etree.fromstring(GetStatus(world.context())(world.get_status(key)))
    assert notice.findtext(f".//{T}OriginalMessageId") == message_id
    with read(world.engine) as conn:
        events = MessageLog().events(conn, message_id)
        (aside,) = AsideStore().list(conn)
    assert (events[-1].event, events[-1].detail) == (Event.GIVEN_UP, "ZeroDivisionError")
    assert (aside.message_id, aside.reason, aside.attempts) == (message_id, "ZeroDivisionError", 2)
    assert working.run_once() == 0


def test_the_pause_before_the_next_attempt_grows(world: World) -> None:
    def fail(request: KindRequest, conn: Connection) -> Answer:
        raise ZeroDivisionError

    key = world.register("REGION")
    sent(world, key)
    working = echo_worker(world, fail, max_attempts=9)
    for seconds in (10, 20, 40, 80, 160, 300, 300):  # no longer than a lease
        assert working.run_once() == 1
        world.clock.pass_by(seconds=seconds - 1)
        assert working.run_once() == 0
        world.clock.pass_by(seconds=1)


def test_a_failed_request_is_not_overtaken_by_later_ones_about_the_same(world: World) -> None:
    key = world.register("REGION")
    failures, seen = iter([True, False]), []

    def fail_first(request: KindRequest, conn: Connection) -> Answer:
        seen.append(request.message_id)
        if request.content.get("about") == "Ivanov" and next(failures, False):
            raise ZeroDivisionError
        return answer()

    first, other, second = (sent(world, key, content=about(name)) for name in ("Ivanov", "Petrov", "Ivanov"))
    working = echo_worker(world, fail_first)
    assert [working.run_once(), working.run_once()] == [2, 0]
    world.clock.pass_by(seconds=10)
    assert [working.run_once(), working.run_once(), working.run_once()] == [1, 1, 0]
    assert seen == [first, other, first, second]


def test_two_workers_never_have_requests_about_the_same(world: World) -> None:
    key = world.register("REGION")
    first, second, other = (sent(world, key, content=about(name)) for name in ("Ivanov", "Ivanov", "Petrov"))
    one, two = echo_worker(world), echo_worker(world)
    batch = one.take()
    assert [leased.entry.message_id for leased in batch] == [first, other]
    assert two.take() == []
    one.answer(batch)
    assert [leased.entry.message_id for leased in two.take()] == [second]


def test_a_request_that_kills_its_process_costs_its_neighbours_one_attempt(world: World) -> None:
    key = world.register("REGION")
    ids = [sent(world, key) for _ in range(4)]
    attempts: dict[str, int] = {}

    def die(request: KindRequest, conn: Connection) -> Answer:
        attempts[request.message_id] = attempts.get(request.message_id, 0) + 1
        if request.message_id == ids[1]:
            raise SystemExit
        return remember(request, conn)

    working = echo_worker(world, die, max_attempts=3)
    for _ in range(9):
        with suppress(SystemExit):
            while working.run_once():
                pass
        world.clock.pass_by(minutes=6)
    assert effects(world) == sorted({*ids} - {ids[1]})
    assert attempts[ids[1]] == 3
    assert max(attempts[message_id] for message_id in ids if message_id != ids[1]) == 2
    given = {one.findtext(f"{T}OriginalMessageId"): one for one in responses(world, key)}
    assert set(given) == set(ids)
    assert given[ids[1]].findtext(f".//{T}RejectionReasonCode") == "FAILURE"
    with read(world.engine) as conn:
        assert [one.message_id for one in AsideStore().list(conn)] == [ids[1]]


def test_the_node_wakes_the_worker(world: World) -> None:
    """Otherwise the worker would look again after ten minutes."""
    place = Place("FRMR", Channel.REQUEST)
    listener, stop = listener_for(world.engine, place), threading.Event()
    key = world.register("REGION")
    working = echo_worker(world)
    waiting = replace(working, settings=replace(working.settings, idle=600.0))
    worker = threading.Thread(target=waiting.run, args=(stop, listener))
    worker.start()
    bell = bell_for(world.engine, place)
    context = replace(world.context(), bell=bell)
    for _ in range(3):
        call = world.send_request(key)
        SendRequest(context)(call)
        sent_id = call.body[0].findtext(f"{T}MessageID")
        deadline = time.monotonic() + 60
        while sent_id not in effects(world) and time.monotonic() < deadline:
            time.sleep(0.01)
        assert sent_id in effects(world)
    stop.set()
    listener.wake()
    worker.join(60)
    assert not worker.is_alive()
    listener.close()
    bell.close()


def test_an_answer_against_its_own_schema_is_not_sent(world: World, caplog: pytest.LogCaptureFixture) -> None:
    def wrong(request: KindRequest, conn: Connection) -> Answer:
        remember(request, conn)
        return answer("wrong")

    key = world.register("REGION")
    sent(world, key)
    echo_worker(world, wrong).run_once()
    assert effects(world) == []
    assert responses(world, key) == []
    assert "InvalidAnswer" in caplog.text
    assert "слово wrong" not in caplog.text


def test_a_lease_that_ran_out_under_a_slow_worker_makes_no_second_effect(world: World) -> None:
    key = world.register("REGION")
    message_id = sent(world, key)
    seen: list[str] = []

    def count(request: KindRequest, conn: Connection) -> Answer:
        seen.append(request.message_id)
        return remember(request, conn)

    slow, quick = echo_worker(world, count), echo_worker(world, count)
    batch = slow.take()
    world.clock.pass_by(minutes=6)
    assert quick.run_once() == 1
    slow.answer(batch)
    assert seen == [message_id]
    assert len(responses(world, key)) == 1


def test_a_sender_removed_meanwhile_is_refused(world: World) -> None:
    key = world.register("REGION")
    sent(world, key)
    with world.engine.begin() as conn:
        ParticipantStore().remove(conn, "REGION")
    echo_worker(world).run_once()
    assert effects(world) == []
    world.register("REGION")


def test_the_worker_waits_and_goes_on_when_the_database_fails(world: World, caplog: pytest.LogCaptureFixture) -> None:
    stop, failures = threading.Event(), iter([True, False])
    key = world.register("REGION")
    message_id = sent(world, key)

    def database_fails_once(request: KindRequest, conn: Connection) -> Answer:
        if next(failures):
            raise OperationalError("SELECT 1", {}, Exception("gone"))
        stop.set()
        return remember(request, conn)

    listener = listener_for(world.engine, Place("FRMR", Channel.REQUEST))
    echo_worker(world, database_fails_once).run(stop, listener)
    listener.close()
    assert effects(world) == [message_id]
    assert len(responses(world, key)) == 1
    assert "the database failed" in caplog.text
