"""`mezhved doctor` with a PostgreSQL that answers, and what a worker says of its dictionaries."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import typer
from mezhved.adapter.commands import doctor
from mezhved.adapter.commands.worker import tell_of_missing_dictionaries
from mezhved.adapter.migrations import upgrade
from mezhved.adapter.registry.dictionary_versions import install_dictionaries
from mezhved.adapter.store.engine import opened, write
from sqlalchemy import Engine
from support.databases import Databases
from typer.testing import CliRunner


def findings(url: str) -> dict[str, dict[str, Any]]:
    app = typer.Typer()
    doctor.register(app)
    done = CliRunner().invoke(app, ["--json", "--set", f"database.url={url}"])
    return {one["name"]: one for one in json.loads(done.output)["findings"]}


def test_a_database_that_answers_and_its_tables(databases: Databases, tmp_path: Path) -> None:
    with databases.fresh("postgresql", migrated=False) as url:
        found = findings(url)
        assert found["Database"]["works"], found
        assert found["Database"]["found"].startswith("PostgreSQL ")
        assert (found["Tables"]["works"], found["Tables"]["advice"]) == (False, "mezhved migrate")
        with opened(url) as engine:
            upgrade(engine)
        found = findings(url)
        assert found["Tables"]["works"]
        dictionaries = found["Dictionaries"]
        assert (dictionaries["works"], dictionaries["needed"], dictionaries["found"][:5]) == (False, False, "0 of ")
        assert "mezhved dictionaries import" in dictionaries["advice"]
        with opened(url) as engine, write(engine) as conn:
            install_dictionaries(conn, datetime.now(UTC))
        assert findings(url)["Dictionaries"]["works"]
    file = tmp_path / "empty.sqlite3"
    file.touch()
    assert not findings(f"sqlite:///{file}")["Tables"]["works"]


def test_a_worker_tells_of_dictionaries_that_are_missing(engine: Engine, caplog: pytest.LogCaptureFixture) -> None:
    tell_of_missing_dictionaries(engine)
    assert "1.2.643.5.1.13.13.11.1002" in caplog.text
    assert "1.2.643.5.1.13.13.11.1461" not in caplog.text
    caplog.clear()
    with write(engine) as conn:
        install_dictionaries(conn, datetime.now(UTC))
    tell_of_missing_dictionaries(engine)
    assert caplog.text == ""
