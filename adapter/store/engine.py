"""The database of a node: how it is opened, and what a transaction is.

SQLite is the embedded default: write-ahead log, every commit on the disk before it returns (synchronous=FULL), one
writer at a time. PostgreSQL is for more than one machine, or for many processes that write.
"""

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy
from sqlalchemy import URL, Connection, Engine, ExceptionContext, event, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import ConnectionPoolEntry

from ..exchange.observing import NOBODY, Observer, Step, StepRecord

BUSY_SECONDS = 30
"""How long a writer waits for another one on SQLite before it fails with "database is locked"."""

_SPARE = 10
"""Connections for readiness, metrics, timers and bells, made when all others are at work."""
_RETRY_SECONDS = 0.01
_READING = "mezhved_reading"
_TURN = "mezhved_turn"
_OBSERVER = "mezhved_observer"


class UnsupportedDatabaseUrl(Exception):  # noqa: N818  named for what is wrong
    """The database's URL is not of a form that is understood: sqlite:///PATH or postgresql+psycopg://USER@HOST/NAME."""

    code = "UNSUPPORTED_DATABASE_URL"

    def __init__(self, reason: str) -> None:
        """`reason` must not hold the URL's password."""
        super().__init__(reason)
        self.reason = reason

    def __str__(self) -> str:
        return f"{self.reason}. Write sqlite:///PATH or postgresql+psycopg://USER@HOST/NAME."


def create_engine(url: str, *, connections: int = 5) -> Engine:
    """Opens nothing yet; connections are made when they are needed. Raises UnsupportedDatabaseUrl.

    So many `connections` are kept once they were made: one for each thread that works with the database. There may be
    some more for a moment, for what goes on beside that work.
    Errors do not show the values of a statement: they may be personal data, and errors are logged.
    """
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        # The text of these repeats the URL or a part of it, and with it the password.
        raise UnsupportedDatabaseUrl("The database's URL cannot be read") from None
    match parsed.drivername:
        case "sqlite" | "sqlite+pysqlite":
            return _sqlite(parsed, connections)
        case "postgresql" | "postgresql+psycopg":
            return _postgresql(parsed, connections)
        case name:
            raise UnsupportedDatabaseUrl(f"The database {name} is not supported")


@contextmanager
def opened(url: str) -> Iterator[Engine]:
    """An engine whose connections are closed at the end, for commands. Raises UnsupportedDatabaseUrl."""
    engine = create_engine(url)
    try:
        yield engine
    finally:
        engine.dispose()


@contextmanager
def write(engine: Engine) -> Iterator[Connection]:
    """A connection in a transaction that may write; committed at the end, rolled back on any exception."""
    with _observer(engine).watch(StepRecord(Step.STORE)), _turn(engine), engine.begin() as conn:
        yield conn


@contextmanager
def read(engine: Engine) -> Iterator[Connection]:
    """A connection in a transaction that only reads. On SQLite it sees one state of the database and blocks nobody."""
    with _observer(engine).watch(StepRecord(Step.READ)), engine.connect() as conn:
        conn.execution_options(**{_READING: True})
        with conn.begin():
            yield conn


def observe(engine: Engine, observer: Observer) -> None:
    """Has `observer` watch every transaction from now on: with the wait for a connection, and with the commit."""
    engine.update_execution_options(**{_OBSERVER: observer})


def _observer(engine: Engine) -> Observer:
    found: Observer = engine.get_execution_options().get(_OBSERVER, NOBODY)
    return found


def _sqlite(url: URL, connections: int) -> Engine:
    if url.database in (None, "", ":memory:"):
        raise UnsupportedDatabaseUrl("SQLite needs a file: in memory every connection would have its own database")
    turn = {_TURN: threading.RLock()}
    engine = sqlalchemy.create_engine(
        url,
        connect_args={"timeout": BUSY_SECONDS},
        execution_options=turn,
        hide_parameters=True,
        pool_size=connections,
        max_overflow=_SPARE,
    )
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


def _postgresql(url: URL, connections: int) -> Engine:
    engine = sqlalchemy.create_engine(
        url.set(drivername="postgresql+psycopg"),
        # Whatever the server's default: under a lock the queue must see what others have just committed.
        isolation_level="READ COMMITTED",
        hide_parameters=True,
        pool_size=connections,
        max_overflow=_SPARE,
    )
    event.listen(engine, "handle_error", _drop_details)
    return engine


def _drop_details(context: ExceptionContext) -> None:
    # What follows the first line (DETAIL, CONTEXT) shows the values of a row, which `hide_parameters` does not cover.
    diagnosis = getattr(context.original_exception, "diag", None)
    whole, first = str(context.original_exception), getattr(diagnosis, "message_primary", None)
    if first is not None:
        for error in (context.original_exception, context.sqlalchemy_exception):
            if error is not None:
                error.args = tuple(str(part).replace(whole, first) for part in error.args)


def _prepare(connection: sqlite3.Connection, _entry: ConnectionPoolEntry) -> None:
    # Transactions are begun by `_begin`, not by the driver, which would not begin one before a SELECT.
    connection.isolation_level = None
    _set_write_ahead_log(connection)
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")


def _set_write_ahead_log(connection: sqlite3.Connection) -> None:
    # Of processes that open a new file at the same time one sets the mode, and the others do not wait for it as they
    # would for any other lock: SQLite refuses them at once.
    deadline = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(_RETRY_SECONDS)
        else:
            return


def _begin(conn: Connection) -> None:
    # A transaction that reads first and writes then fails at once if another has written in between ("database is
    # locked", without waiting); one that says at the start that it will write waits for its turn instead.
    conn.exec_driver_sql("BEGIN" if conn.get_execution_options().get(_READING) else "BEGIN IMMEDIATE")


@contextmanager
def _turn(engine: Engine) -> Iterator[None]:
    """Threads of one process write to SQLite one after another.

    SQLite itself lets them wait by sleeping up to 100 ms at a time, in no order: as many commits a second, but of four
    threads that write without pause one waits a second now and then, and here 20 ms.
    """
    turn: Any = engine.get_execution_options().get(_TURN)
    if turn is None:
        yield
    else:
        with turn:
            yield
