"""Many facts at once into tables that hold none: COPY on PostgreSQL, prepared inserts of the driver on SQLite.

Every fact is version 1 of its entity. The feed of changes is not told: who reads it begins after the load.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Column, Connection, Date, Engine, ForeignKeyConstraint, Table
from sqlalchemy.schema import AddConstraint, DropConstraint

from ...queue.columns import UtcDateTime
from .facts import Provenance
from .schema import FACTS, workers

Row = Mapping[str, Any]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Loader:
    """Writes rows within the caller's transaction. What a row does not name is NULL, or the column's default."""

    def __init__(self, conn: Connection, provenance: Provenance) -> None:
        self._conn = conn
        self._sqlite = conn.dialect.name == "sqlite"
        self._common = {
            "version": 1,
            "recorded_at": provenance.recorded_at,
            "source": provenance.source,
            "message_id": provenance.message_id,
        }
        self._prepared: dict[str, _Statement] = {}

    def write(self, table: Table, rows: Sequence[Row]) -> None:
        """Adds the rows."""
        if not rows:
            return
        statement = self._prepared.get(table.name)
        if statement is None:
            statement = self._prepared[table.name] = self._prepare(table)
        cursor = self._conn.connection.cursor()
        try:
            if self._sqlite:
                cursor.executemany(statement.text, [statement.values(row) for row in rows])
            else:
                with cursor.copy(statement.text) as copy:
                    for row in rows:
                        copy.write_row(statement.values(row))
        finally:
            cursor.close()

    def _prepare(self, table: Table) -> "_Statement":
        common = self._common if "version" in table.c else {}
        quoted = ", ".join(f'"{column.name}"' for column in table.columns)
        text = f"COPY {table.name} ({quoted}) FROM STDIN"
        if self._sqlite:
            marks = ", ".join("?" * len(table.columns))
            text = f"INSERT INTO {table.name} ({quoted}) VALUES ({marks})"  # noqa: S608  names of our own tables
        columns = tuple((column.name, common.get(column.name, _default(column))) for column in table.columns)
        writers = [(place, self._writer(column)) for place, column in enumerate(table.columns)]
        return _Statement(text, columns, tuple((place, writer) for place, writer in writers if writer))

    def _writer(self, column: Column[Any]) -> Callable[[Any], Any] | None:
        """How the driver wants a value, where it does not take it as it is: sqlite3 knows neither dates nor moments."""
        if not self._sqlite:
            return None
        return (
            date.isoformat
            if isinstance(column.type, Date)
            else _moment
            if isinstance(column.type, UtcDateTime)
            else None
        )


@dataclass(frozen=True, slots=True)
class _Statement:
    text: str
    columns: tuple[tuple[str, Any], ...]
    writers: tuple[tuple[int, Callable[[Any], Any]], ...]

    def values(self, row: Row) -> list[Any]:
        """The values of a row in the order of the columns."""
        values = [row.get(name, default) for name, default in self.columns]
        for place, writer in self.writers:
            if values[place] is not None:
                values[place] = writer(values[place])
        return values


def _default(column: Any) -> Any:
    """What the database would put in itself."""
    if column.server_default is None:
        return None
    text = str(column.server_default.arg)
    return False if text == "false" else text.strip("'")


def _moment(value: datetime) -> int:
    return (value - _EPOCH) // datetime.resolution


@contextmanager
def without_indexes(conn: Connection) -> Iterator[None]:
    """Takes the indexes and foreign keys of the register away, and makes them again at the end: quicker for a million
    rows than keeping them right with every row. Within the caller's transaction; on PostgreSQL nobody else can use the
    tables until it ends.
    """
    tables = [workers, *FACTS]
    indexes = [index for table in tables for index in sorted(table.indexes, key=lambda index: str(index.name))]
    keys = [] if conn.dialect.name == "sqlite" else [key for table in tables for key in _foreign_keys(table)]
    for key in keys:
        conn.execute(DropConstraint(key))
    for index in indexes:
        index.drop(conn)
    yield
    for index in indexes:
        index.create(conn)
    for key in keys:
        conn.execute(AddConstraint(key))


def settle(engine: Engine) -> None:
    """After a large load is committed: PostgreSQL learns what is in the tables, SQLite empties its write-ahead log."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
        if conn.dialect.name == "postgresql":
            for table in (workers, *FACTS):
                conn.exec_driver_sql(f"VACUUM (ANALYZE) {table.name}")
        else:
            conn.exec_driver_sql("COMMIT")  # the engine has begun a transaction, in which there is no checkpoint
            conn.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")


def _foreign_keys(table: Table) -> list[ForeignKeyConstraint]:
    return sorted(table.foreign_key_constraints, key=lambda key: str(key.name))
