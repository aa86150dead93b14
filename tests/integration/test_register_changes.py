"""The feed of changes gives each one once and leaves none out, whoever commits first; of rivals one wins."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Barrier, Event

import pytest
from mezhved.adapter.registry import changes
from mezhved.adapter.registry.facts import Provenance, VersionSuperseded, add, revise, withdraw
from mezhved.adapter.registry.reading import fact
from mezhved.adapter.registry.schema import subdivisions
from mezhved.adapter.store.engine import read, write
from sqlalchemy import Connection, Engine

TOLD = Provenance("TEST", "message", datetime(2026, 1, 1, tzinfo=UTC))


def ward(conn: Connection, number: int | str, organisation: str = "1.2") -> None:
    row = {"entity_id": f"{organisation}.0.{number}", "organisation_oid": organisation, "name": "A"}
    add(conn, subdivisions, TOLD, row)


def everything(engine: Engine, most: int = 1_000) -> list[str]:
    """What a reader learns who goes from cursor to cursor."""
    cursor, found = changes.START, []
    while True:
        with read(engine) as conn:
            page = changes.since(conn, cursor, most)
        found += [change["entity_id"] for change in page.changes]
        cursor = page.cursor
        if not page.more:
            return found


def test_pages_follow_one_another(engine: Engine) -> None:
    for number in range(7):
        with write(engine) as conn:
            ward(conn, number)
    assert everything(engine, most=3) == [f"1.2.0.{number}" for number in range(7)]
    with read(engine) as conn:
        head = changes.head(conn)
        assert changes.since(conn, head) == changes.Page([], head, more=False)


def test_what_happened_to_a_fact_is_told(engine: Engine) -> None:
    with write(engine) as conn:
        ward(conn, 1)
        revise(conn, subdivisions, TOLD, fact(conn, subdivisions, "1.2.0.1"), {"name": "B"})
        withdraw(conn, subdivisions, TOLD, fact(conn, subdivisions, "1.2.0.1"))
    with read(engine) as conn:
        page = changes.since(conn, organisation_oid="1.2")
        assert changes.since(conn, worker_oid="2024.0000001").changes == []
    assert [(row["section"], row["version"], row["action"]) for row in page.changes] == [
        ("SUBDIVISIONS", 1, "ADDED"),
        ("SUBDIVISIONS", 2, "REVISED"),
        ("SUBDIVISIONS", 3, "WITHDRAWN"),
    ]


def test_facts_added_together_keep_their_own_columns(engine: Engine) -> None:
    """The first one has fewer: what the others say beside that must not be lost."""
    rows = [{"entity_id": f"1.2.0.{number}", "organisation_oid": "1.2", "name": "A"} for number in range(4)]
    rows[1]["address"] = rows[3]["address"] = "Корпус 1"
    with write(engine) as conn:
        add(conn, subdivisions, TOLD, *rows)
        found = [fact(conn, subdivisions, row["entity_id"]) for row in rows]
    assert [row and row["address"] for row in found] == [None, "Корпус 1", None, "Корпус 1"]
    assert everything(engine) == [row["entity_id"] for row in rows]


def test_a_cursor_that_was_never_given_is_refused(engine: Engine) -> None:
    with read(engine) as conn, pytest.raises(changes.UnknownCursor):
        changes.since(conn, 77)


@pytest.mark.parametrize("database_kind", ["postgresql"])
def test_who_began_first_and_commits_last_is_not_stepped_over(engine: Engine) -> None:
    with write(engine) as late:
        ward(late, "late")
        with write(engine) as early:
            ward(early, "early")
        assert everything(engine) == []  # not even the one that is committed: it waits for its turn
        with read(engine) as conn:
            assert changes.head(conn) == changes.START
    assert everything(engine) == ["1.2.0.late", "1.2.0.early"]


@pytest.mark.parametrize("database_kind", ["postgresql"])
def test_the_feed_goes_on_after_a_restore_into_a_cluster_that_counts_from_the_beginning(engine: Engine) -> None:
    with write(engine) as conn:
        ward(conn, "before")
        conn.execute(changes.changes.update().values(xact=10**12))  # as another cluster had counted
    with write(engine) as conn:
        changes.forget_transactions(conn)
    with read(engine) as conn:
        cursor = changes.since(conn).cursor
    with write(engine) as conn:
        ward(conn, "after")
    with read(engine) as conn:
        assert [change["entity_id"] for change in changes.since(conn, cursor).changes] == ["1.2.0.after"]


def test_a_reader_beside_many_writers_learns_everything_once(engine: Engine) -> None:
    done = Event()

    def put(writer: int) -> None:
        for number in range(25):
            with write(engine) as conn:
                ward(conn, 2 * number, f"1.{writer}")
                ward(conn, 2 * number + 1, f"1.{writer}")

    def follow() -> list[str]:
        cursor, found = changes.START, []
        while True:
            last = done.is_set()
            with read(engine) as conn:
                page = changes.since(conn, cursor, 7)
            found += [change["entity_id"] for change in page.changes]
            cursor = page.cursor
            if last and not page.changes:
                return found

    with ThreadPoolExecutor(5) as pool:
        reader = pool.submit(follow)
        for writer in [pool.submit(put, writer) for writer in range(4)]:
            writer.result()
        done.set()
        found = reader.result()
    assert sorted(found) == sorted(f"1.{writer}.0.{number}" for writer in range(4) for number in range(50))


def test_of_rivals_one_wins_and_the_others_learn_the_current_version(engine: Engine) -> None:
    with write(engine) as conn:
        ward(conn, 1)
        seen = fact(conn, subdivisions, "1.2.0.1")
    barrier = Barrier(4)

    def change(name: str) -> tuple[str, int | None]:
        barrier.wait()
        try:
            with write(engine) as conn:
                return "won", revise(conn, subdivisions, TOLD, seen, {"name": name})
        except VersionSuperseded as conflict:
            return "lost to", conflict.current

    with ThreadPoolExecutor(4) as pool:
        outcomes = list(pool.map(change, "BCDE"))
    assert sorted(outcomes) == [("lost to", 2)] * 3 + [("won", 2)]
    with read(engine) as conn:
        assert fact(conn, subdivisions, "1.2.0.1")["name"] == "BCDE"[outcomes.index(("won", 2))]
