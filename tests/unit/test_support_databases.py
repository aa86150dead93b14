"""Without PostgreSQL a test is skipped with what to install; where everything must run, it fails."""

from pathlib import Path

import pytest
from support import databases
from support.databases import Databases


@pytest.fixture
def without_postgres(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Databases:
    monkeypatch.delenv("MEZHVED_TEST_POSTGRES", raising=False)
    monkeypatch.setattr(databases, "find_programs", lambda: None)
    return Databases(tmp_path)


def test_a_missing_postgresql_skips_with_what_to_install(
    without_postgres: Databases, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match="install the package postgresql"):
        without_postgres.fresh("postgresql").__enter__()


def test_a_missing_postgresql_fails_where_everything_must_run(
    without_postgres: Databases, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="install the package postgresql"):
        without_postgres.fresh("postgresql").__enter__()


def test_sqlite_needs_no_server(without_postgres: Databases) -> None:
    with without_postgres.fresh("sqlite") as url:
        assert url.startswith("sqlite:///")
