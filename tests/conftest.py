"""Fixtures for all tests: fresh databases of both kinds."""

from collections.abc import Iterator

import pytest
from mezhved.adapter.store.engine import opened
from sqlalchemy import Engine
from support.databases import KINDS, Databases


@pytest.fixture(scope="session")
def databases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Databases]:
    """Makes databases; the PostgreSQL cluster, if one is needed, starts with the first test that asks."""
    made = Databases(tmp_path_factory.mktemp("databases"))
    yield made
    made.close()


@pytest.fixture(params=KINDS)
def database_kind(request: pytest.FixtureRequest) -> str:
    """`sqlite` or `postgresql`: a test that asks for it, or for what depends on it, runs once on each."""
    return str(request.param)


@pytest.fixture
def database_url(databases: Databases, database_kind: str) -> Iterator[str]:
    """The URL of a fresh database with all tables, for tests that start processes."""
    with databases.fresh(database_kind) as url:
        yield url


@pytest.fixture
def empty_database_url(databases: Databases, database_kind: str) -> Iterator[str]:
    """The URL of a fresh database without any tables."""
    with databases.fresh(database_kind, migrated=False) as url:
        yield url


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """A fresh database with all tables."""
    with opened(database_url) as made:
        yield made


@pytest.fixture
def empty_engine(empty_database_url: str) -> Iterator[Engine]:
    """A fresh database without any tables."""
    with opened(empty_database_url) as made:
        yield made
