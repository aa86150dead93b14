"""What a transaction is on both databases, and which databases there are."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta, timezone

import pytest
from mezhved.adapter.store.engine import UnsupportedDatabaseUrl, create_engine, opened, read, write
from mezhved.queue.columns import UtcDateTime
from mezhved.queue.schema import bodies
from sqlalchemy import Engine, column, func, insert, literal, select, text
from sqlalchemy.exc import IntegrityError, StatementError
from support.databases import KINDS, Databases
from support.queue import NOON, undone


def count(engine: Engine) -> int:
    with read(engine) as conn:
        return conn.execute(select(func.count()).select_from(bodies)).scalar_one()


def add(engine: Engine, message_id: str) -> None:
    with write(engine) as conn:
        conn.execute(insert(bodies).values(message_id=message_id, accepted_at=NOON, body=b""))


def test_a_transaction_is_committed_at_its_end_and_undone_by_an_exception(engine: Engine) -> None:
    with undone(engine) as conn:
        conn.execute(insert(bodies).values(message_id="a", accepted_at=NOON, body=b""))
    assert count(engine) == 0
    add(engine, "a")
    assert count(engine) == 1


def test_a_savepoint_undoes_a_part(engine: Engine) -> None:
    with write(engine) as conn:
        conn.execute(insert(bodies).values(message_id="a", accepted_at=NOON, body=b""))
        part = conn.begin_nested()
        conn.execute(insert(bodies).values(message_id="b", accepted_at=NOON, body=b""))
        part.rollback()
    assert count(engine) == 1


def test_writers_wait_for_each_other_and_lose_nothing(engine: Engine, database_url: str) -> None:
    """Each reads, then writes what follows from it: SQLite refuses that to one that did not say so first. Each has an
    engine of its own, as if it were a process.
    """

    def append(_: int) -> None:
        with opened(database_url) as own:
            for _ in range(10):
                with write(own) as conn:
                    if own.dialect.name == "postgresql":
                        conn.execute(text("LOCK TABLE queue_bodies"))
                    number = conn.execute(select(func.count()).select_from(bodies)).scalar_one()
                    conn.execute(insert(bodies).values(message_id=f"m{number}", accepted_at=NOON, body=b""))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(append, range(4)))
    assert count(engine) == 40


def test_a_reader_neither_waits_for_a_writer_nor_sees_what_is_not_committed(engine: Engine) -> None:
    add(engine, "a")
    with undone(engine) as conn, ThreadPoolExecutor(1) as pool:
        conn.execute(insert(bodies).values(message_id="b", accepted_at=NOON, body=b""))
        assert pool.submit(count, engine).result(timeout=30) == 1


def test_a_foreign_key_holds(engine: Engine) -> None:
    with pytest.raises(IntegrityError), write(engine) as conn:
        conn.execute(
            text("INSERT INTO participant_rights (mnemonic, permission, subject) VALUES ('nobody', 'SENDS', 'x')")
        )


def test_sqlite_has_every_commit_on_the_disk(tmp_path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path}/a.sqlite3")
    with read(engine) as conn:
        found = [conn.exec_driver_sql(f"PRAGMA {name}").scalar() for name in ("journal_mode", "synchronous")]
    engine.dispose()
    assert found == ["wal", 2]


def test_moments_keep_their_microseconds_and_come_back_in_utc(engine: Engine) -> None:
    moment = datetime(2026, 11, 23, 15, 4, 5, 678901, tzinfo=timezone(timedelta(hours=3)))
    with write(engine) as conn:
        conn.execute(insert(bodies).values(message_id="a", accepted_at=moment, body=b""))
        found = conn.execute(select(bodies.c.accepted_at)).scalar_one()
        before = conn.execute(select(bodies.c.message_id).where(bodies.c.accepted_at < moment)).all()
        until = conn.execute(select(bodies.c.message_id).where(bodies.c.accepted_at <= moment)).all()
    assert (found, found.tzinfo) == (moment, UTC)
    assert (len(before), len(until)) == (0, 1)


@pytest.mark.parametrize("moment", [datetime(1, 1, 1, tzinfo=UTC), datetime(1969, 12, 31, 23, 59, 59, 1, tzinfo=UTC)])
def test_moments_before_1970_are_moments_too(engine: Engine, moment: datetime) -> None:
    with read(engine) as conn:
        assert conn.execute(select(literal(moment, UtcDateTime()))).scalar_one() == moment


def test_a_moment_without_a_zone_is_refused(engine: Engine) -> None:
    with pytest.raises(StatementError, match="zone"), read(engine) as conn:
        conn.execute(select(column("x", UtcDateTime()) == datetime(2026, 11, 23)))


@pytest.mark.parametrize(
    "url", ["", "nonsense", "sqlite://", "sqlite:///:memory:", "mysql://host/name", "postgresql+asyncpg://host/name"]
)
def test_a_database_that_is_not_supported_is_refused_with_what_to_write(url: str) -> None:
    with pytest.raises(UnsupportedDatabaseUrl, match="sqlite:///PATH or postgresql"):
        create_engine(url)


def test_an_error_does_not_repeat_the_password() -> None:
    with pytest.raises(UnsupportedDatabaseUrl) as refused:
        create_engine("postgresql://user:secret@host:port/name")
    assert "secret" not in f"{refused.value}{refused.value.__cause__}"


def test_an_error_does_not_repeat_values(engine: Engine) -> None:
    add(engine, "surname-of-a-person")
    with pytest.raises(IntegrityError) as refused:
        add(engine, "surname-of-a-person")
    assert "[parameters" not in str(refused.value) or "hidden" in str(refused.value)


def test_as_many_threads_have_connections_as_were_asked_for(databases: Databases) -> None:
    """Otherwise the last of them would wait half a minute for one of the pool, and fail."""
    for kind in KINDS:
        with databases.fresh(kind) as url, ExitStack() as stack:
            engine = create_engine(url, connections=40)
            stack.callback(engine.dispose)
            for _ in range(40):
                stack.enter_context(read(engine)).execute(text("SELECT 1"))


def test_what_others_have_committed_is_seen_whatever_the_server_prefers(databases: Databases) -> None:
    """The order of messages with the same key needs it."""
    with databases.fresh("postgresql") as url, opened(url) as first:
        name = first.url.database
        with first.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
            conn.exec_driver_sql(f"ALTER DATABASE {name} SET default_transaction_isolation = 'repeatable read'")
        with opened(url) as engine, write(engine) as conn:
            assert conn.execute(text("SHOW transaction_isolation")).scalar() == "read committed"
