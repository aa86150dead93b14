"""Facts are kept in versions: nothing is overwritten, and nobody replaces what he has not seen."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from mezhved.adapter.registry.facts import Provenance, VersionSuperseded, add, revise
from mezhved.adapter.registry.schema import FACTS, metadata, subdivisions
from mezhved.adapter.store.engine import opened, write
from sqlalchemy import Connection, Engine, Table, select
from sqlalchemy.exc import IntegrityError

FIRST = Provenance("ONE", "message 1", datetime(2026, 1, 1, tzinfo=UTC))
SECOND = Provenance("TWO", "message 2", datetime(2026, 2, 1, tzinfo=UTC))
THIRD = Provenance("THREE", "message 3", datetime(2026, 3, 1, tzinfo=UTC))
WARD = {"entity_id": "1.2.0.1", "organisation_oid": "1.2", "name": "A", "valid_from": None, "valid_to": None}


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    with opened(f"sqlite:///{tmp_path}/register.sqlite3") as engine:
        metadata.create_all(engine)
        yield engine


def versions(conn: Connection) -> list[dict[str, object]]:
    return [dict(row) for row in conn.execute(select(subdivisions).order_by(subdivisions.c.version)).mappings()]


def test_each_version_tells_who_said_it_and_until_when_it_was_believed(engine: Engine) -> None:
    with write(engine) as conn:
        add(conn, subdivisions, FIRST, WARD)
        assert revise(conn, subdivisions, SECOND, versions(conn)[0], {"name": "B"}) == 2
        assert revise(conn, subdivisions, THIRD, versions(conn)[1], {"valid_to": date(2026, 3, 1)}) == 3
        found = [
            (row["name"], row["valid_to"], row["source"], row["message_id"], row["recorded_at"], row["superseded_at"])
            for row in versions(conn)
        ]
    assert found == [
        ("A", None, "ONE", "message 1", FIRST.recorded_at, SECOND.recorded_at),
        ("B", None, "TWO", "message 2", SECOND.recorded_at, THIRD.recorded_at),
        ("B", date(2026, 3, 1), "THREE", "message 3", THIRD.recorded_at, None),
    ]


def test_a_version_that_is_no_longer_current_is_not_replaced(engine: Engine) -> None:
    with write(engine) as conn:
        add(conn, subdivisions, FIRST, WARD)
        seen = versions(conn)[0]
        revise(conn, subdivisions, SECOND, seen, {"name": "B"})
        with pytest.raises(VersionSuperseded, match="version 1"):
            revise(conn, subdivisions, THIRD, seen, {"name": "C"})
        assert [row["name"] for row in versions(conn)] == ["A", "B"]


def test_an_entity_has_one_current_version(engine: Engine) -> None:
    with write(engine) as conn:
        add(conn, subdivisions, FIRST, WARD)
        twin = {**versions(conn)[0], "version": 2}
        with pytest.raises(IntegrityError):
            conn.execute(subdivisions.insert().values(twin))


def test_a_period_does_not_end_before_it_begins(engine: Engine) -> None:
    backwards = {**WARD, "valid_from": date(2026, 1, 2), "valid_to": date(2026, 1, 1)}
    with pytest.raises(IntegrityError), write(engine) as conn:
        add(conn, subdivisions, FIRST, backwards)


@pytest.mark.parametrize("table", FACTS, ids=lambda table: table.name)
def test_every_fact_bears_both_times_and_its_source(table: Table) -> None:
    common = {"version", "valid_from", "valid_to", "recorded_at", "superseded_at", "source", "message_id", "withdrawn"}
    assert common <= {column.name for column in table.columns}
    assert all(column.comment for column in table.columns)
