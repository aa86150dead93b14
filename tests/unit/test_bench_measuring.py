"""The benchmark's own arithmetic: what is counted, and what is taken for a call's cost."""

from itertools import count
from pathlib import Path

import pytest
from mezhved.adapter.bench.measuring import Figure, measure
from mezhved.adapter.bench.recording import Commits, Recorder, Watch
from mezhved.adapter.store.engine import create_engine, read, write
from sqlalchemy import text


class Machine:
    """A clock that only goes on when work is done."""

    def __init__(self) -> None:
        self.now = 0

    def work(self, nanoseconds: int) -> None:
        self.now += nanoseconds


def test_each_work_gets_the_cost_of_one_repetition() -> None:
    machine = Machine()
    works = {"small": lambda: machine.work(2_000), "large": lambda: machine.work(3_000_000)}
    found = measure(works, rounds=3, clock=lambda: machine.now, sample_ns=1_000_000)
    assert found == {"small": Figure(2, 2, 2), "large": Figure(3000, 3000, 3000)}


def test_works_take_turns() -> None:
    machine, order = Machine(), []

    def work(name: str) -> None:
        order.append(name)
        machine.work(1_000_000)

    measure({"a": lambda: work("a"), "b": lambda: work("b")}, 3, clock=lambda: machine.now, sample_ns=1_000_000)
    assert order == ["a", "b"] + ["a", "b"] * 3


def test_one_round_that_was_disturbed_does_not_move_the_median() -> None:
    machine, turns = Machine(), count()
    found = measure(
        {"work": lambda: machine.work(50_000_000 if next(turns) == 2 else 1_000_000)},
        rounds=5,
        clock=lambda: machine.now,
        sample_ns=1_000_000,
    )
    assert found["work"].median == 1000
    assert found["work"].most == 50_000


class Maker:
    """Something with a method to watch."""

    def __init__(self, sign: str) -> None:
        self.sign = sign

    def made(self, left: str, *, right: str = "r") -> str:
        return inner(left + self.sign + right)


def inner(whole: str) -> str:
    """A primitive that another one calls."""
    return whole.upper()


def test_calls_are_kept_with_what_they_were_made_on() -> None:
    recorder = Recorder([Watch("make", Maker.made), Watch("inner", inner)])
    with recorder.recording():
        Maker("+").made("a")
        inner("b")
        Maker("-").made("c", right="d")
    inner("not recorded")
    assert [call.primitive for call in recorder.calls] == ["make", "inner", "make"]
    assert [call.again() for call in recorder.calls] == ["A+R", "B", "C-D"]


def test_a_primitive_that_fails_does_not_hide_the_next() -> None:
    def refuse(value: int) -> None:
        raise ValueError(value)

    recorder = Recorder([Watch("refuse", refuse), Watch("inner", inner)])
    with recorder.recording():
        with pytest.raises(ValueError, match="1"):
            refuse(1)
        inner("after")
    assert [call.primitive for call in recorder.calls] == ["refuse", "inner"]


@pytest.mark.parametrize("function", [len, lambda *values: values, lambda **values: values])
def test_what_cannot_be_watched_is_refused(function: object) -> None:
    with pytest.raises(TypeError, match="cannot be watched"):
        Watch("odd", function)  # type: ignore[arg-type]


def test_a_function_that_does_more_is_made_again_without_it() -> None:
    recorder = Recorder([Watch("inner", Maker.made, bare=lambda _maker, left, right: inner(left + right))])
    with recorder.recording():
        Maker("+").made("a", right="b")
    assert [call.again() for call in recorder.calls] == ["AB"]


def test_only_transactions_that_write_are_durable_commits(tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path / 'store'}")
    commits = Commits()
    with write(engine) as conn:
        conn.execute(text("CREATE TABLE t (x INTEGER)"))
    with commits.counting(engine):
        with write(engine) as conn:
            conn.execute(text("INSERT INTO t VALUES (1)"))
            conn.execute(text("UPDATE t SET x = 2"))
        with read(engine) as conn:
            conn.execute(text("SELECT x FROM t"))
        with write(engine) as conn:
            conn.execute(text("DELETE FROM t"))
            conn.rollback()
    with write(engine) as conn:
        conn.execute(text("DELETE FROM t"))
    engine.dispose()
    assert commits.durable == 1
