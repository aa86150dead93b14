"""The database of the settings, opened for one command and closed again."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError

from .migrations import SchemaMismatch, check
from .store.engine import UnsupportedDatabaseUrl, create_engine


class DatabaseUnavailable(Exception):  # noqa: N818 – named for what is wrong
    """The database cannot be reached, or is locked; the text says what the database itself says."""

    code = "DATABASE_UNAVAILABLE"


OPENING_ERRORS: tuple[type[Exception], ...] = (SchemaMismatch, UnsupportedDatabaseUrl, DatabaseUnavailable)
"""What `opened` raises for a database that cannot be used as it is."""


@contextmanager
def reaching() -> Iterator[None]:
    """Turns failures of the database inside into DatabaseUnavailable."""
    try:
        yield
    except OperationalError as error:
        raise DatabaseUnavailable(str(error.orig).strip()) from error


@contextmanager
def opened(url: str) -> Iterator[Engine]:
    """The engine of a database that is there and has this program's tables.

    Raises SchemaMismatch, UnsupportedDatabaseUrl or DatabaseUnavailable, the last also for failures inside.
    """
    engine = create_engine(url)
    try:
        with reaching():
            check(engine)
            yield engine
    finally:
        engine.dispose()
