"""`mezhved kinds` and `mezhved demo-data`, as a person types them."""

import json
from pathlib import Path

import pytest
from mezhved.adapter.cli import build_app
from mezhved.adapter.registry.kinds import load_kinds
from mezhved.adapter.registry.schema import workers
from mezhved.adapter.store.engine import opened, read
from sqlalchemy import func, select
from typer.testing import CliRunner, Result


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(build_app(), list(arguments))


def workers_in(url: str) -> int:
    with opened(url) as engine, read(engine) as conn:
        return conn.scalar(select(func.count()).select_from(workers)) or 0


def test_kinds_are_listed_with_what_selects_them() -> None:
    said = run("kinds").stdout
    for kind in load_kinds():
        assert kind.namespace in said
        assert kind.request_root.rpartition("}")[2] in said
        assert kind.description.purpose in said


def test_kinds_are_listed_by_name() -> None:
    said = run("kinds", "worker_card", "employment_event").stdout
    assert [line.split()[0] for line in said.splitlines() if line[0] != " "] == ["employment_event", "worker_card"]
    wrong = run("kinds", "worker_cart")
    assert wrong.exit_code == 2
    assert "there is no kind worker_cart" in wrong.output


def test_a_command_without_its_database_names_the_settings_and_makes_no_file(tmp_path: Path) -> None:
    said = run("participants", "list")
    assert (said.exit_code, "there is no database" in said.output, "--config" in said.output) == (2, True, True)
    assert list(tmp_path.iterdir()) == []
    assert run("kinds", "worker_card").exit_code == 0


def test_rules_of_the_kinds_are_told_on_demand() -> None:
    short, long = run("kinds").stdout, run("kinds", "--rules").stdout
    for kind in load_kinds():
        for rule in kind.rules:
            assert rule.code not in short
            assert rule.code in long
            assert rule.remedy in long


def test_kinds_as_json_are_one_object_a_line() -> None:
    found = [json.loads(line) for line in run("kinds", "--json").stdout.splitlines()]
    assert [kind["name"] for kind in found] == [kind.name for kind in load_kinds()]
    assert all(kind["rules"] and Path(kind["schema"]).is_file() for kind in found)


def test_demo_data_fills_an_empty_database_with_tables_and_people(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/new.sqlite3"
    result = run("demo-data", "--workers", "25", "--database", url)
    assert result.exit_code == 0
    assert "25 synthetic workers" in result.stdout
    assert workers_in(url) == 25


def test_demo_data_leaves_a_register_with_people_as_it_is(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/new.sqlite3"
    run("demo-data", "--workers", "5", "--database", url)
    result = run("demo-data", "--workers", "7", "--database", url)
    assert result.exit_code == 2
    assert "already holds workers" in result.stderr
    assert workers_in(url) == 5


def test_a_database_that_cannot_be_opened_is_named() -> None:
    result = run("demo-data", "--database", "sqlite:////no/such/folder/new.sqlite3")
    assert result.exit_code == 2
    assert "/no/such/folder/new.sqlite3: unable to open database file" in result.stderr
    assert "sqlalche.me" not in result.stderr
