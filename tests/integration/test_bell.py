"""A message that comes into a queue wakes who waits for it, in another process too; a lost ring costs a pause only."""

import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from mezhved.adapter.store.bell import Listener, Place, bell_for, listener_for
from mezhved.adapter.store.bell.postgresql import NotifyListener
from mezhved.adapter.store.bell.sockets import SocketBell, SocketListener
from mezhved.adapter.store.engine import opened
from sqlalchemy import Engine, text
from support.children import child, receive
from support.databases import Databases
from support.ringing import LONG, PLACE, listen, ring


@pytest.fixture
def listener(engine: Engine) -> Iterator[Listener]:
    made = listener_for(engine, PLACE)
    made.wait(0)
    yield made
    made.close()


def woken(listener: Listener) -> bool:
    """Whether the listener was woken before a long time passed."""
    began = time.monotonic()
    listener.wait(LONG)
    return time.monotonic() - began < LONG / 2


def silent(listener: Listener) -> bool:
    """Whether the listener hears nothing for a moment."""
    began = time.monotonic()
    listener.wait(0.2)
    return time.monotonic() - began >= 0.2


def test_a_ring_wakes_another_process(engine: Engine, database_url: str) -> None:
    with child(listen, database_url) as (_, pipe), closing(bell_for(engine, PLACE)) as bell:
        assert receive(pipe) == "ready"
        bell.ring(PLACE.recipient, PLACE.channel)
        assert receive(pipe) == "woken"


def test_every_listener_hears_it(listener: Listener, engine: Engine, database_url: str) -> None:
    other = listener_for(engine, PLACE)
    other.wait(0)
    with child(ring, database_url) as (_, pipe):
        assert receive(pipe) == "ready"
        pipe.send((PLACE.recipient, PLACE.channel))
        assert woken(listener)
        assert woken(other)
    other.close()


def test_rings_before_the_wait_are_one(listener: Listener, engine: Engine) -> None:
    with closing(bell_for(engine, PLACE)) as bell:
        for _ in range(1000):
            bell.ring(PLACE.recipient, PLACE.channel)
        assert woken(listener)
        while not silent(listener):  # a thread rings: the last of its rings may come a little later
            pass


def test_other_queues_have_other_bells(listener: Listener, engine: Engine) -> None:
    others = Place("REGION", "RESPONSE")
    with closing(bell_for(engine, PLACE)) as mine, closing(bell_for(engine, others)) as theirs:
        mine.ring(others.recipient, others.channel)
        mine.ring(PLACE.recipient, "RESPONSE")
        theirs.ring(others.recipient, others.channel)
        assert silent(listener)


def test_nobody_listens(engine: Engine) -> None:
    with closing(bell_for(engine, PLACE)) as bell:
        bell.ring(PLACE.recipient, PLACE.channel)


def test_a_bell_that_is_closed_leaves_the_database_alone(databases: Databases) -> None:
    """Its thread must not hold a connection when the database is closed: that one would never be."""
    with databases.fresh("postgresql") as url, opened(url) as engine:
        before = threading.active_count()
        with closing(bell_for(engine, PLACE)) as bell:
            bell.ring(PLACE.recipient, PLACE.channel)
            assert threading.active_count() == before + 1
            bell.ring(PLACE.recipient, PLACE.channel)
        assert threading.active_count() == before
        assert engine.pool.checkedout() == 0  # type: ignore[attr-defined]
        bell.ring(PLACE.recipient, PLACE.channel)
        assert threading.active_count() == before


def test_a_wait_can_be_ended_from_a_thread(listener: Listener) -> None:
    threading.Timer(0.05, listener.wake).start()
    assert woken(listener)
    assert silent(listener)


def test_a_listener_that_lost_its_connection_listens_again(databases: Databases) -> None:
    with databases.fresh("postgresql") as url, opened(url) as engine:
        listener = NotifyListener(engine, PLACE)
        listener.wait(0)
        with engine.begin() as conn:
            others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%'"
            assert conn.execute(text(others)).all() == [(True,)]
        listener.wait(0.2)  # finds out
        listener.wait(LONG)  # listens again, and says at once that it may have missed something
        with closing(bell_for(engine, PLACE)) as bell:
            bell.ring(PLACE.recipient, PLACE.channel)
            assert woken(listener)
        listener.close()


def test_a_database_that_is_gone_costs_a_pause(databases: Databases) -> None:
    with databases.fresh("postgresql") as url, opened(url) as engine:
        listener = NotifyListener(engine, PLACE)
        listener.wait(0)
    assert not woken_by_itself(listener)
    listener.close()


def woken_by_itself(listener: Listener) -> bool:
    return any(not silent(listener) for _ in range(2))


def test_the_socket_of_a_killed_listener_is_removed(databases: Databases, tmp_path: Path) -> None:
    with databases.fresh("sqlite") as url, opened(url) as engine:
        with child(listen, url) as (process, pipe):
            assert receive(pipe) == "ready"
            (left,) = Path(f"{engine.url.database}-bells").iterdir()
            process.kill()
            process.join()
        assert left.exists()
        bell_for(engine, PLACE).ring(PLACE.recipient, PLACE.channel)
        assert not left.exists()


def test_a_long_path_is_no_obstacle(tmp_path: Path) -> None:
    folder = tmp_path / ("long-" * 20) / ("longer-" * 20)
    folder.mkdir(parents=True)
    listener = SocketListener(folder / "mezhved.sqlite3", PLACE)
    SocketBell(folder / "mezhved.sqlite3", PLACE).ring(PLACE.recipient, PLACE.channel)
    assert woken(listener)
    listener.close()


def test_where_no_socket_can_be_made_the_pause_is_kept(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    listener = SocketListener(tmp_path / "absent" / "mezhved.sqlite3", PLACE)
    assert "no bell can be heard" in caplog.text
    assert silent(listener)
    listener.close()
