"""`mezhved migrate`: the first command on a new database, harmless when repeated."""

import pytest
from mezhved.adapter.cli import build_app
from mezhved.adapter.migrations import check
from mezhved.adapter.store.engine import opened
from typer.testing import CliRunner


def test_makes_the_tables_once(empty_database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MEZHVED_DATABASE_URL", empty_database_url)
    first = CliRunner().invoke(build_app(), ["migrate"])
    assert (first.exit_code, "applied 0001" in first.output) == (0, True), first.output
    second = CliRunner().invoke(build_app(), ["migrate"])
    assert (second.exit_code, "nothing to do" in second.output) == (0, True), second.output
    with opened(empty_database_url) as engine:
        check(engine)
