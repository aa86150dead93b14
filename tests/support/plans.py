"""Plans of statements: which tables a call would look through, by any plan that the database may choose.

What is asked is the plan, not the time. PostgreSQL is asked twice: for the plan with the values at hand, and for the
one that a prepared statement keeps for all values after a few executions.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from sqlalchemy import Connection, event

_SCAN = re.compile(r"(?:\bSCAN|Seq Scan on) (\w+)(?! USING)")
_DERIVED = re.compile(r"candidates|anon_\d+|CONSTANT")
"""What a statement makes itself: its size is that of the statement, not that of the register."""


def scanned(conn: Connection, call: Callable[[], object]) -> set[str]:
    """The tables, or their names in the statement, that the statements of `call` would look through."""
    with _recorded(conn) as statements:
        call()
    assert statements
    explain = _sqlite if conn.dialect.name == "sqlite" else _postgresql
    lines = [line for statement, parameters in statements for line in explain(conn, statement, parameters)]
    found = {scan[1] for line in lines if (scan := _SCAN.search(line))}
    return {name for name in found if not _DERIVED.fullmatch(name)}


@contextmanager
def _recorded(conn: Connection) -> Iterator[list[tuple[str, Any]]]:
    statements: list[tuple[str, Any]] = []

    def record(_conn: object, _cursor: object, statement: str, parameters: object, *_: object) -> None:
        # Of many at once the first tells the plan of them all.
        statements.append((statement, parameters[0] if isinstance(parameters, list) else parameters))

    event.listen(conn, "before_cursor_execute", record)
    try:
        yield statements
    finally:
        event.remove(conn, "before_cursor_execute", record)


def _sqlite(conn: Connection, statement: str, parameters: Any) -> list[str]:
    return [row.detail for row in conn.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)]


def _postgresql(conn: Connection, statement: str, parameters: Any) -> list[str]:
    cast = r"%\((\w+)\)s"
    names = sorted(set(re.findall(cast, statement)))
    numbered = re.sub(cast, lambda match: f"${names.index(match[1]) + 1}", statement)
    arguments = ", ".join(f"%({name})s" for name in names)
    execute = f"EXPLAIN EXECUTE explained ({arguments})" if names else "EXPLAIN EXECUTE explained"
    lines: list[str] = []
    # This cursor writes the values into the command, which takes no parameters of its own.
    with psycopg.ClientCursor(conn.connection.driver_connection) as cursor:  # type: ignore[arg-type]
        cursor.execute(f"PREPARE explained AS {numbered}")
        for mode in ("force_custom_plan", "force_generic_plan"):
            cursor.execute(f"SET LOCAL plan_cache_mode = {mode}")
            lines += [line for (line,) in cursor.execute(execute, parameters)]
        cursor.execute("DEALLOCATE explained")
    return lines
