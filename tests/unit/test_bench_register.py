"""The benchmark of the register's questions asks them all and shows what it found."""

import io
from pathlib import Path

import pytest
from mezhved.adapter.bench import register
from mezhved.adapter.bench.register import QUESTIONS, RegisterPlan, RegisterReport, measure_register
from mezhved.adapter.bench.register_showing import show_register
from rich.console import Console


@pytest.fixture
def report(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> RegisterReport:
    monkeypatch.setattr(register, "SMALL", 30)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    told: list[tuple[str, int, int]] = []
    report = measure_register(RegisterPlan(60, rounds=1), lambda *what: told.append(what))
    assert told == [("SQLite, small register", 30, 30), ("SQLite, large register", 60, 60)]
    return report


def test_every_question_is_asked_in_both_registers(report: RegisterReport) -> None:
    (sqlite,) = report.databases
    assert [case.name for case in sqlite.cases] == list(QUESTIONS)
    assert all(case.small.median > 0 and case.ratio > 0 for case in sqlite.cases)
    shown = report.as_json()["databases"][0]["cases"][0]
    assert shown["ratio"] == sqlite.cases[0].ratio


def test_the_figures_can_be_read(report: RegisterReport) -> None:
    console = Console(file=io.StringIO(), width=200)
    show_register(console, report)
    text = console.file.getvalue()
    assert all(name in text for name in QUESTIONS)
    assert "aim: at most 1.5" in text
