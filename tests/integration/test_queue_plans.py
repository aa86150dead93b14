"""No call of the queue looks through the queue: the databases use the indexes, whatever they know of the tables.

What is asked is the plan, not the time. PostgreSQL is asked twice: for the plan with the values at hand, and for the
one that a prepared statement keeps for all values after a few executions.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import Any

import psycopg
import pytest
from mezhved.adapter.store.engine import opened, write
from mezhved.queue.errors import QueueError
from mezhved.queue.model import Channel, Entry
from mezhved.queue.schema import bodies, entries, entry_keys
from sqlalchemy import Connection, Engine, bindparam, event, text
from support.databases import Databases
from support.queue import NOON, UsedQueue, undone

DEPTH = 50_000
_NUMBERS = "WITH RECURSIVE numbers (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM numbers WHERE i < :depth)"
_MOMENTS = [bindparam("now", type_=entries.c.enqueued_at.type), bindparam("until", type_=entries.c.leased_until.type)]
_FILL_BODIES = text(
    f"{_NUMBERS} INSERT INTO queue_bodies (message_id, accepted_at, body) SELECT 'm' || i, :now, :body FROM numbers"
).bindparams(_MOMENTS[0], bindparam("body", type_=bodies.c.body.type))
_FILL_ENTRIES = text(
    f"""
    {_NUMBERS} INSERT INTO queue_entries
        (recipient, channel, node_id, kind, message_id, turn, rank, attempts, enqueued_at, leased_until, order_key,
         expires_at, blocked)
    SELECT CASE WHEN i % 1000 = 0 THEN 'REGION' ELSE 'FRMR' END, 'REQUEST', '', 'k' || i % 3, 'm' || i, 1, 0, 1, :now,
           CASE WHEN i % 10 = 0 THEN :until END, CASE WHEN i % 10 < 5 THEN 'key' || i % 100 END,
           CASE WHEN i % 7 = 0 THEN :until END, i % 10 < 5 AND i % 10 > 0 AND i > 100
    FROM numbers
    """
).bindparams(*_MOMENTS)
_FILL_KEYS = text(
    f"""
    {_NUMBERS} INSERT INTO queue_entry_keys (recipient, order_key, position)
    SELECT 'FRMR', 'several' || (i % 5000), i FROM numbers WHERE i > 40000 OR :depth < 5000
    """
)

LATER = NOON.replace(year=2037)


def _enqueue(used: UsedQueue, conn: Connection, *keys: str) -> None:
    used.queue.accept(conn, "new", b"", NOON)
    entry = Entry("new", "FRMR", Channel.REQUEST, "k", None)
    several = replace(entry, order_keys=frozenset(keys)) if len(keys) > 1 else replace(entry, order_key=keys[0])
    used.queue.enqueue(conn, [several], NOON)


Call = Callable[[UsedQueue, Connection], object]
_LEASE: dict[str, Any] = {"channel": Channel.REQUEST, "now": NOON, "lease_for": NOON - NOON}
CALLS: dict[str, tuple[Call, set[str]]] = {
    "lease": (
        lambda used, conn: used.queue.lease(conn, recipient="FRMR", **_LEASE),
        {"queue_entries_waiting", "queue_entries_leased", "queue_bodies_pkey"},
    ),
    "lease a batch": (
        lambda used, conn: used.queue.lease(conn, recipient="REGION", limit=20, **_LEASE),
        {"queue_entries_waiting", "queue_entries_leased", "queue_bodies_pkey"},
    ),
    "lease by kind": (
        lambda used, conn: used.queue.lease(conn, recipient="FRMR", kinds=["k2"], **_LEASE),
        {"queue_entries_waiting_by_kind", "queue_entries_leased", "queue_bodies_pkey"},
    ),
    "lease by several kinds": (
        lambda used, conn: used.queue.lease(conn, recipient="FRMR", kinds=["k1", "k2", "none"], limit=5, **_LEASE),
        {"queue_entries_waiting_by_kind", "queue_entries_leased", "queue_bodies_pkey"},
    ),
    "lease from an empty sub-queue": (
        lambda used, conn: used.queue.lease(conn, recipient="FRMR", node_id="n1", **_LEASE),
        {"queue_entries_waiting", "queue_entries_leased", "queue_bodies_pkey"},
    ),
    "lease past late ones": (
        lambda used, conn: used.queue.lease(conn, recipient="FRMR", limit=20, **{**_LEASE, "now": LATER}),
        {"queue_entries_waiting", "queue_entries_leased", "queue_bodies_pkey"},
    ),
    "drain": (
        lambda used, conn: used.queue.drain(conn, recipient="FRMR", channel=Channel.STATUS, now=NOON),
        {"queue_entries_waiting", "queue_entries_leased", "queue_bodies_pkey"},
    ),
    "enqueue in order": (
        lambda used, conn: _enqueue(used, conn, "key7"),
        {"queue_entries_in_order"},
    ),
    "enqueue with several keys": (
        lambda used, conn: _enqueue(used, conn, *(f"several{number}" for number in range(100))),
        {"queue_entries_in_order", "queue_entry_keys_position"},
    ),
    "ack with several keys": (
        lambda used, conn: used.queue._unblock_several(conn, {("FRMR", f"several{number}") for number in range(100)}),
        {"queue_entries_in_order", "queue_entry_keys_position"},
    ),
    "hold": (
        lambda used, conn: used.queue.hold(conn, recipient="FRMR", message_ids=["m10", "m11", "m12"]),
        {"queue_entries_message_id_recipient_key"},
    ),
    "ack": (
        lambda used, conn: used.queue.ack(conn, recipient="FRMR", message_id="m19"),
        {"queue_entries_message_id_recipient_key"},
    ),
    "ack with keys": (
        lambda used, conn: used.queue.ack_all(conn, recipient="FRMR", message_ids=["m10", "m11", "m12"]),
        {"queue_entries_message_id_recipient_key", "queue_entries_in_order"},
    ),
    "expired": (
        lambda used, conn: used.queue.expired(conn, LATER, 20),
        {"queue_entries_expiring", "queue_entries_in_order"},
    ),
    "depth": (
        lambda used, conn: used.queue.depth(conn, "FRMR", Channel.REQUEST, 100_000),
        {"queue_entries_waiting", "queue_entries_blocked", "queue_entries_leased"},
    ),
    "statistics": (
        lambda used, conn: used.queue.statistics(conn, "FRMR", NOON),
        {"queue_entries_waiting", "queue_entries_blocked", "queue_entries_leased"},
    ),
    "figures": (
        lambda used, conn: used.queue.figures(conn, NOON, 1000),
        {"queue_entries_waiting", "queue_entries_blocked", "queue_entries_leased"},
    ),
    "release": (
        lambda used, conn: used.queue.release(conn, recipient="FRMR", message_id="m10"),
        {"queue_entries_message_id_recipient_key"},
    ),
    "was_accepted": (lambda used, conn: used.queue.was_accepted(conn, "m10"), {"queue_bodies_pkey"}),
    "body": (lambda used, conn: used.queue.body(conn, "m10"), {"queue_bodies_pkey"}),
}


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def deep(request: pytest.FixtureRequest, databases: Databases) -> Iterator[UsedQueue]:
    """A queue of fifty thousand messages, a tenth of them leased, of which the database has statistics."""
    with databases.fresh(request.param) as url, opened(url) as engine:
        _fill(engine)
        _maintain(engine, "ANALYZE")
        yield UsedQueue(engine)


@pytest.mark.parametrize("name", CALLS)
def test_uses_the_indexes_after_analyze(deep: UsedQueue, name: str) -> None:
    call, indexes = CALLS[name]
    with undone(deep.engine) as conn:
        used, scanned = _plans(conn, lambda: call(deep, conn))
        assert scanned == set()
        assert used == indexes


def test_a_scan_would_be_seen(deep: UsedQueue) -> None:
    with undone(deep.engine) as conn:
        counted = text("SELECT count(*) FROM queue_entries WHERE attempts = 7")
        assert _plans(conn, lambda: conn.execute(counted))[1] == {"queue_entries"}


def test_uses_the_indexes_of_a_small_queue_that_may_grow(databases: Databases) -> None:
    """PostgreSQL keeps a plan made in the first minute of a database, before it has any statistics."""
    with databases.fresh("postgresql") as url, opened(url) as engine:
        _fill(engine, depth=1000)
        used = UsedQueue(engine)
        for name in ("lease", "lease by kind", "lease from an empty sub-queue", "drain", "ack", "release"):
            with undone(engine) as conn:
                call = CALLS[name][0]
                assert _plans(conn, lambda call=call, conn=conn: call(used, conn))[1] == set(), name  # type: ignore[misc]


def test_uses_the_indexes_of_a_queue_that_was_full_and_is_empty(databases: Databases) -> None:
    """PostgreSQL keeps a plan made at night, over an empty table, for the morning's rush."""
    with databases.fresh("postgresql") as url, opened(url) as engine:
        _fill(engine)
        with write(engine) as conn:
            conn.execute(entries.delete())
            conn.execute(entry_keys.delete())
        _maintain(engine, "VACUUM ANALYZE")
        with write(engine) as conn:
            UsedQueue(engine).queue.enqueue(conn, [Entry("m10", "FRMR", Channel.REQUEST, "k2", None)], NOON)
        used = UsedQueue(engine)
        used.ids()
        for name, (call, _) in CALLS.items():
            with undone(engine) as conn:
                assert _plans(conn, lambda call=call, conn=conn: call(used, conn))[1] == set(), name  # type: ignore[misc]


def _fill(engine: Engine, depth: int = DEPTH) -> None:
    with write(engine) as conn:
        conn.execute(_FILL_BODIES, {"depth": depth, "now": NOON, "body": b"x"})
        conn.execute(_FILL_ENTRIES, {"depth": depth, "now": NOON, "until": NOON.replace(year=2036)})
        conn.execute(_FILL_KEYS, {"depth": depth})


def _maintain(engine: Engine, command: str) -> None:
    with engine.connect() as conn:
        conn.connection.driver_connection.rollback()  # type: ignore[union-attr]
        if engine.dialect.name == "postgresql":
            conn.execution_options(isolation_level="AUTOCOMMIT")
        conn.exec_driver_sql(command)
        conn.commit()


def _plans(conn: Connection, call: Callable[[], object]) -> tuple[set[str], set[str]]:
    """The indexes used and the tables scanned by all statements of `call`, in any plan."""
    with _recorded(conn) as statements, suppress(QueueError):  # the plans are there all the same
        call()
    used: set[str] = set()
    scanned: set[str] = set()
    explain = _explain_sqlite if conn.dialect.name == "sqlite" else _explain_postgresql
    assert statements
    for statement, parameters in statements:
        for line in explain(conn, statement, parameters):
            if index := re.search(
                r"(?:USING (?:COVERING )?INDEX|Index (?:Only )?Scan using|Bitmap Index Scan on) (\S+)", line
            ):
                used.add(_AUTOMATIC.get(index[1], index[1]))
            elif scan := re.search(r"(?:\bSCAN|Seq Scan on) (queue_\w+|later|this|earlier|held|own)", line):
                scanned.add(scan[1])
    # The key itself is no index for SQLite.
    return used - {"queue_entries_pkey", "queue_entry_keys_pkey"}, scanned


_AUTOMATIC = {
    "sqlite_autoindex_queue_bodies_1": "queue_bodies_pkey",
    "sqlite_autoindex_queue_entries_1": "queue_entries_message_id_recipient_key",
}


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


def _explain_sqlite(conn: Connection, statement: str, parameters: Any) -> list[str]:
    return [row.detail for row in conn.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)]


def _explain_postgresql(conn: Connection, statement: str, parameters: Any) -> list[str]:
    names = sorted(set(re.findall(r"%\((\w+)\)s", statement)))
    numbered = re.sub(r"%\((\w+)\)s", lambda match: f"${names.index(match[1]) + 1}", statement)
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
