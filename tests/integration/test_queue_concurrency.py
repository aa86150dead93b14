"""Readers and writers side by side, as threads and as processes: nothing is given twice, nothing is lost."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from itertools import pairwise

import pytest
from mezhved.adapter.store.engine import opened, write
from mezhved.queue.errors import DuplicateMessage, NotLeased
from mezhved.queue.model import Channel, Entry, Leased
from sqlalchemy import Connection, Engine
from support.children import PATIENCE, child, receive
from support.databases import Databases
from support.queue import LEASE, NOON, UsedQueue, undone
from support.queue_processes import consume, consume_by_key, lease_and_hang


def test_threads_that_read_together_share_the_queue(engine: Engine) -> None:
    used = UsedQueue(engine)
    ids = used.put_many(300)

    def read_all(limit: int) -> list[str]:
        given: list[str] = []
        while batch := used.ids(limit=limit):
            given.extend(batch)
        return given

    with ThreadPoolExecutor(4) as pool:
        parts = list(pool.map(read_all, [1, 2, 3, 7]))
    assert sorted(message_id for part in parts for message_id in part) == ids
    assert all(part == sorted(part) for part in parts)


def in_turn(used: UsedQueue, conn: Connection) -> list[Leased]:
    """Leases one entry in a transaction that is not over."""
    used.queue.take_turn(conn, recipient="FRMR", channel=Channel.REQUEST)
    return used.queue.lease(conn, recipient="FRMR", channel=Channel.REQUEST, now=NOON, lease_for=LEASE)


def test_what_a_reader_gives_up_halfway_comes_first_to_the_next_one_in_turn(engine: Engine) -> None:
    """A node dies while it fetches: the message it was about to give is not passed over."""
    used = UsedQueue(engine)
    ids = used.put_many(2)
    taken = threading.Event()
    go_on = threading.Event()

    def give_up() -> None:
        with undone(engine) as conn:
            assert [one.entry.message_id for one in in_turn(used, conn)] == ids[:1]
            taken.set()
            go_on.wait(PATIENCE)

    def read_next() -> list[str]:
        taken.wait(PATIENCE)
        threading.Timer(0.2, go_on.set).start()
        return used.ids(in_turn=True)

    with ThreadPoolExecutor(2) as pool:
        given_up = pool.submit(give_up)
        assert pool.submit(read_next).result() == ids[:1]
        given_up.result()


def test_a_reader_that_hangs_does_not_stop_the_others_for_ever(engine: Engine) -> None:
    if engine.dialect.name == "sqlite":
        pytest.skip("writers come one after another")
    used = UsedQueue(engine)
    ids = used.put_many(3)
    with undone(engine) as conn:
        assert [one.entry.message_id for one in in_turn(used, conn)] == ids[:1]
        assert used.ids(in_turn=True) == ids[1:2]
    assert used.ids(in_turn=True) == ids[:1]
    assert used.ids(in_turn=True) == ids[2:]


def test_processes_that_read_together_share_the_queue(engine: Engine, database_url: str) -> None:
    ids = UsedQueue(engine).put_many(400)
    with child(consume, database_url, 1) as (_, first), child(consume, database_url, 5) as (_, second):
        for pipe in (first, second):
            assert receive(pipe) == "ready"
        for pipe in (first, second):
            pipe.send("go")
        parts = [receive(first), receive(second)]
    assert sorted(message_id for part in parts for message_id in part) == ids  # type: ignore[attr-defined]
    assert all(part == sorted(part) for part in parts)  # type: ignore[type-var]
    assert UsedQueue(engine).figures() == []


def test_what_one_sender_puts_in_turn_is_read_in_turn(engine: Engine) -> None:
    """Senders that overlap have no order among them, but each of them sees its own kept while a reader keeps pace."""
    used = UsedQueue(engine)
    senders = {name: [f"{name}-{number:04}" for number in range(40)] for name in "abc"}

    def send(ids: list[str]) -> None:
        for message_id in ids:
            with write(engine) as conn:
                used.queue.accept(conn, message_id, b"", NOON)
                used.queue.enqueue(conn, [Entry(message_id, "FRMR", Channel.REQUEST, "k", None)], NOON)

    given: list[str] = []
    with ThreadPoolExecutor(3) as pool:
        sending = [pool.submit(send, ids) for ids in senders.values()]
        while not all(done.done() for done in sending):
            given.extend(used.ids(limit=2))
        for done in sending:
            done.result()
    while batch := used.ids(limit=50):
        given.extend(batch)
    for name, ids in senders.items():
        assert [message_id for message_id in given if message_id.startswith(name)] == ids


def test_of_one_key_processes_read_one_at_a_time_and_in_order(engine: Engine, database_url: str) -> None:
    """Four senders and three readers at once: whatever was accepted before another of its key was sent comes first, and
    nothing of a key is given out while another of it is with a reader.
    """
    used, keys = UsedQueue(engine), ("Ivanov", "Petrov", "Sidorov")
    sent: dict[str, tuple[int, int]] = {}

    def send(name: str) -> None:
        for number in range(45):
            message_id = f"{name}-{number:04}/{keys[number % 3]}"
            entry = Entry(message_id, "FRMR", Channel.REQUEST, "k", None, order_key=keys[number % 3])
            began = time.monotonic_ns()
            with write(engine) as conn:
                used.queue.accept(conn, message_id, b"", NOON)
                used.queue.enqueue(conn, [entry], NOON)
            sent[message_id] = began, time.monotonic_ns()

    with ExitStack() as stack:
        pipes = [stack.enter_context(child(consume_by_key, database_url, limit))[1] for limit in (1, 2, 5)]
        for pipe in pipes:
            assert receive(pipe) == "ready"
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(send, "abcd"))
        for pipe in pipes:
            pipe.send("stop")
        given = [one for pipe in pipes for one in receive(pipe)]  # type: ignore[attr-defined]
    assert sorted(message_id for message_id, *_ in given) == sorted(sent)
    for key in keys:
        of_key = sorted((at, until, message_id) for message_id, at, until in given if message_id.endswith(key))
        for (_, until, before), (at, _, after) in pairwise(of_key):
            assert until < at, f"{after} was given out while {before} was with a reader"
            assert sent[before][0] < sent[after][1], f"{after} was accepted before {before} was sent"
    assert used.figures() == []


def test_what_was_accepted_first_is_read_first_whoever_sent_it(engine: Engine) -> None:
    """Without a key too, from any process: the sender of the second saw the first one accepted."""
    used = UsedQueue(engine)
    with opened(engine.url.render_as_string(hide_password=False)) as other:
        nodes = [used, UsedQueue(other)]
        ids = []
        for number in range(20):
            message_id = f"message-{number:02}"
            with write(nodes[number % 2].engine) as conn:
                used.queue.accept(conn, message_id, b"", NOON)
                used.queue.enqueue(conn, [Entry(message_id, "FRMR", Channel.REQUEST, "k", None)], NOON)
            ids.append(message_id)
    assert used.ids(limit=99) == ids


def test_a_sender_waits_for_an_ack_of_its_key_that_may_yet_be_undone(databases: Databases) -> None:
    """PostgreSQL only: on SQLite every writer waits. Otherwise the new entry would wait for one that is just going."""
    with databases.fresh("postgresql") as url, opened(url) as engine:
        used = UsedQueue(engine)
        first = used.put(order_key="Ivanov")
        used.ids()
        with ThreadPoolExecutor(1) as pool:
            with write(engine) as conn:
                used.queue.ack(conn, recipient="FRMR", message_id=first)
                second = pool.submit(used.put, order_key="Ivanov")
                assert used.put(order_key="Petrov"), "another key waits for nobody"
                assert not second.done()
            message = second.result()
        assert message in used.ids(limit=9)


def test_of_two_that_accept_the_same_id_one_is_refused(engine: Engine) -> None:
    used = UsedQueue(engine)
    start = threading.Barrier(4)

    def accept() -> bool:
        start.wait()
        try:
            with write(engine) as conn:
                used.queue.accept(conn, "m", b"", NOON)
        except DuplicateMessage:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sorted(done.result() for done in [pool.submit(accept) for _ in range(4)]) == [False, False, False, True]


def test_of_two_that_acknowledge_the_same_message_one_is_refused(engine: Engine) -> None:
    """The worker relies on it: its lease ran out, another worker has the request too, and both answer it."""
    used = UsedQueue(engine)
    message = used.put()
    used.ids()
    start = threading.Barrier(4)

    def ack() -> bool:
        start.wait()
        try:
            used.ack(message)
        except NotLeased:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sorted(done.result() for done in [pool.submit(ack) for _ in range(4)]) == [False, False, False, True]


def test_an_ack_waits_for_another_that_may_yet_be_undone(engine: Engine) -> None:
    used = UsedQueue(engine)
    message = used.put()
    used.ids()
    with ThreadPoolExecutor(1) as pool:
        with undone(engine) as conn:
            used.queue.ack(conn, recipient="FRMR", message_id=message)
            other = pool.submit(used.ack, message)
            assert not other.done()
        assert other.result().message_id == message


def test_a_reader_passes_what_another_is_just_reading(databases: Databases) -> None:
    """PostgreSQL only: on SQLite a reader waits until the other has committed."""
    with databases.fresh("postgresql") as url, opened(url) as engine:
        used = UsedQueue(engine)
        first, second, third = used.put_many(3)
        with undone(engine) as conn:
            (leased,) = used.queue.lease(conn, recipient="FRMR", channel=Channel.REQUEST, now=NOON, lease_for=LEASE)
            assert leased.entry.message_id == first
            assert used.ids() == [second]
        assert used.ids(limit=9) == [first, third]


def test_what_a_killed_process_had_leased_comes_again(engine: Engine, database_url: str) -> None:
    used = UsedQueue(engine)
    first, second = used.put_many(2)
    with child(lease_and_hang, database_url, commit=True) as (process, pipe):
        assert receive(pipe) == first
        process.kill()
        process.join()
    assert used.ids() == [second]
    assert used.ids() == []
    used.pass_time(minutes=15)
    assert [(leased.entry.message_id, leased.attempts) for leased in used.lease(limit=9)] == [(first, 2), (second, 2)]


def test_what_a_killed_process_was_just_leasing_was_never_leased(engine: Engine, database_url: str) -> None:
    used = UsedQueue(engine)
    message = used.put()
    with child(lease_and_hang, database_url, commit=False) as (process, pipe):
        assert receive(pipe) == message
        process.kill()
        process.join()
    with pytest.raises(NotLeased):
        used.ack(message)
    deadline = time.monotonic() + PATIENCE
    while not (given := used.lease()) and time.monotonic() < deadline:
        time.sleep(0.01)  # the server has yet to notice that its client is gone
    assert [(leased.entry.message_id, leased.attempts) for leased in given] == [(message, 1)]
