"""Timers: what is due is done once, by one of all processes, and goes on where a dead one stopped."""

import logging
import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest
from mezhved.adapter.store.engine import read, write
from mezhved.adapter.timers.claims import Claims, Timer
from mezhved.adapter.timers.job import Job, Progress, daily, every
from mezhved.adapter.timers.running import Pace, Timers, UnknownTimer
from sqlalchemy import Connection, Engine, event, text
from support.world import START, Clock

PACE = Pace(look=timedelta(seconds=1), claim=timedelta(minutes=1))
TESTS = Path(__file__).resolve().parents[1]


@dataclass
class Work:
    """Makes `size` rows in batches of two; fails in the batch of this number."""

    size: int = 5
    fails_in: int = -1
    batches: list[int] = field(default_factory=list)

    def begin(self):  # type: ignore[no-untyped-def]
        def batch(conn: Connection, now) -> Progress:  # type: ignore[no-untyped-def]
            made = conn.execute(text("SELECT count(*) FROM made")).scalar_one()
            todo = min(2, self.size - made)
            for number in range(made, made + todo):
                conn.execute(text("INSERT INTO made VALUES (:number)"), {"number": number})
            self.batches.append(todo)
            if len(self.batches) == self.fails_in:
                raise ZeroDivisionError
            return Progress(todo, made + todo < self.size)

        return batch


@pytest.fixture
def place(engine: Engine) -> Engine:
    with engine.begin() as conn:
        conn.execute(text("CREATE TABLE made (number INTEGER PRIMARY KEY)"))
    return engine


def timers(engine: Engine, clock: Clock, work: Work, who: str = "one") -> Timers:
    job = Job("work", "makes rows", every(timedelta(minutes=10)), work.begin)
    made = Timers(engine, [job], who, clock, PACE)
    made.set_up()
    return made


def made(engine: Engine) -> int:
    with read(engine) as conn:
        return conn.execute(text("SELECT count(*) FROM made")).scalar_one()


def the_timer(engine: Engine) -> Timer:
    with read(engine) as conn:
        (found,) = Claims().list(conn)
    return found


def test_a_job_is_done_when_it_is_due_and_not_before(place: Engine) -> None:
    clock, work = Clock(), Work()
    one = timers(place, clock, work)
    assert one.run_due() == {}
    clock.pass_by(minutes=10)
    assert one.run_due() == {"work": 5}
    assert work.batches == [2, 2, 1]
    assert one.run_due() == {}
    found = the_timer(place)
    assert (found.began_at, found.ended_at, found.ran_by, found.done) == (clock.now, clock.now, "one", 5)
    assert (found.claimed_by, found.error, found.due_at) == (None, None, clock.now + timedelta(minutes=10))
    clock.pass_by(hours=5)
    assert one.run_due() == {"work": 0}
    assert one.run_due() == {}


def test_a_job_can_be_done_at_once(place: Engine) -> None:
    one = timers(place, Clock(), Work())
    assert one.run_now("work") == 5
    assert one.run_due() == {}
    with pytest.raises(UnknownTimer, match="other"):
        one.run_now("other")


def test_of_many_processes_one_does_it(place: Engine) -> None:
    clock, works = Clock(), [Work() for _ in range(8)]
    many = [timers(place, clock, work, f"number {number}") for number, work in enumerate(works)]
    clock.pass_by(minutes=10)
    with ThreadPoolExecutor(8) as pool:
        done = [found for found in pool.map(Timers.run_due, many) if found]
    assert done == [{"work": 5}]
    assert sum(bool(work.batches) for work in works) == 1
    assert made(place) == 5


def test_while_one_process_is_at_it_another_leaves_it_alone(place: Engine) -> None:
    clock, work = Clock(), Work()
    one, other = timers(place, clock, work), timers(place, clock, work, "other")
    clock.pass_by(minutes=10)
    with write(place) as conn:
        assert Claims().claim(conn, "work", "one", clock.now, clock.now + PACE.claim)
    clock.pass_by(seconds=59)
    assert other.run_due() == {}
    assert other.run_now("work") is None
    clock.pass_by(seconds=1)
    assert other.run_due() == {"work": 5}
    assert one.run_due() == {}


def test_a_process_that_was_too_slow_is_undone(place: Engine, caplog: pytest.LogCaptureFixture) -> None:
    """Its claim has gone to another one, which has done the work meanwhile."""
    clock, slow_work = Clock(), Work()
    slow, other = timers(place, clock, slow_work), timers(place, clock, Work(), "other")

    def meanwhile() -> object:
        clock.pass_by(minutes=2)
        assert other.run_due() == {"work": 5}
        return Work(size=9).begin()

    job = Job("work", "makes rows", every(timedelta(minutes=10)), meanwhile)  # type: ignore[arg-type]
    clock.pass_by(minutes=10)
    assert Timers(place, [job], "slow", clock, PACE).run_due() == {}
    assert made(place) == 5
    assert "another process has taken over" in caplog.text
    assert the_timer(place).ran_by == "other"
    del slow


def test_an_error_undoes_its_batch_is_noted_and_the_job_is_done_again_at_its_time(place: Engine) -> None:
    clock, work = Clock(), Work(fails_in=2)
    one = timers(place, clock, work)
    clock.pass_by(minutes=10)
    with pytest.raises(ZeroDivisionError):
        one.run_due()
    assert made(place) == 2
    found = the_timer(place)
    assert (found.error, found.done, found.claimed_by) == ("ZeroDivisionError", 2, None)
    assert one.run_due() == {}
    clock.pass_by(minutes=10)
    assert one.run_due() == {"work": 3}
    assert the_timer(place).error is None


def test_a_process_that_is_told_to_stop_leaves_the_rest_to_the_others(place: Engine) -> None:
    clock, work = Clock(), Work()
    one = timers(place, clock, work)
    begin = work.begin

    def stopping():  # type: ignore[no-untyped-def]
        batch = begin()

        def first(conn: Connection, now) -> Progress:  # type: ignore[no-untyped-def]
            one.stop.set()
            return batch(conn, now)

        return first

    work.begin = stopping  # type: ignore[method-assign]
    job = Job("work", "makes rows", every(timedelta(minutes=10)), stopping)
    clock.pass_by(minutes=10)
    assert Timers(place, [job], "one", clock, PACE, stop=one.stop).run_due() == {"work": 2}
    assert timers(place, clock, Work(), "other").run_due() == {"work": 3}


def test_what_a_killed_process_has_left_another_finishes(place: Engine, database_url: str) -> None:
    """kill -9 in the middle of the second batch: the first one holds, the second has never been."""
    clock = Clock()
    timers(place, clock, Work())
    program = """
import os, signal, sys
from datetime import timedelta
sys.path.insert(0, sys.argv[2])
from integration.test_timers import Work, timers
from mezhved.adapter.store.engine import create_engine
from support.world import Clock
work = Work()
begin = work.begin
def deadly():
    batch = begin()
    def second(conn, now):
        progress = batch(conn, now)
        if len(work.batches) == 2:
            os.kill(os.getpid(), signal.SIGKILL)
        return progress
    return second
work.begin = deadly
clock = Clock()
made = timers(create_engine(sys.argv[1]), clock, work, "killed")
clock.pass_by(minutes=10)
made.run_due()
"""
    done = subprocess.run(
        [sys.executable, "-c", program, database_url, str(TESTS)],
        check=False,
        env={**os.environ, "PYTHONPATH": str(TESTS)},
        timeout=60,
    )
    assert done.returncode == -signal.SIGKILL
    assert made(place) == 2
    clock.pass_by(minutes=10)
    other = timers(place, clock, Work(), "other")
    assert other.run_due() == {}
    assert the_timer(place).claimed_by == "killed"
    clock.pass_by(minutes=1)
    assert other.run_due() == {"work": 3}
    assert made(place) == 5


def test_timers_work_by_themselves_until_they_are_stopped(place: Engine, caplog: pytest.LogCaptureFixture) -> None:
    clock, work = Clock(), Work()
    one = timers(place, clock, work)
    clock.pass_by(minutes=10)
    quick = Timers(place, one.jobs, "one", clock, Pace(timedelta(milliseconds=20), PACE.claim))
    with caplog.at_level(logging.INFO), quick.at_work():
        while the_timer(place).ended_at is None:
            pass
    assert made(place) == 5
    assert "apscheduler" not in {record.name.split(".")[0] for record in caplog.records}


def test_schedules_are_the_same_for_all_processes() -> None:
    regular, nightly = (Job("x", "", when, Work().begin) for when in (every(timedelta(seconds=10)), daily("03:30")))
    assert regular.next_after(START) == START + timedelta(seconds=10)
    assert regular.next_after(START + timedelta(seconds=3)) == START + timedelta(seconds=10)
    assert nightly.next_after(START) == START.replace(hour=3, minute=30) + timedelta(days=1)
    assert nightly.next_after(nightly.next_after(START)) == nightly.next_after(START) + timedelta(days=1)


def test_a_schedule_made_shorter_holds_at_once(place: Engine) -> None:
    clock = Clock()
    timers(place, clock, Work())
    job = Job("work", "makes rows", every(timedelta(seconds=10)), Work().begin)
    Timers(place, [job], "one", clock, PACE).set_up()
    assert the_timer(place).due_at == clock.now + timedelta(seconds=10)
    timers(place, clock, Work())
    assert the_timer(place).due_at == clock.now + timedelta(seconds=10)


def test_processes_that_start_at_once_on_a_new_database_make_each_timer_once(engine: Engine) -> None:
    if engine.dialect.name == "sqlite":
        pytest.skip("writers come one after another")
    others = []

    def another_is_quicker(*_: object) -> None:
        if not others:
            others.append("two")
            timers(engine, Clock(), Work(), "two")

    event.listen(engine, "after_cursor_execute", another_is_quicker)
    timers(engine, Clock(), Work(), "one")
    assert others == ["two"]
    assert the_timer(engine).name == "work"
