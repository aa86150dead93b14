"""A large load leaves the tables as they are declared, holds what it was given, and is all or nothing."""

import pytest
from mezhved.adapter.migrations import differences
from mezhved.adapter.registry import generator
from mezhved.adapter.registry.bulk import settle
from mezhved.adapter.registry.generator import SyntheticRegister, generate
from mezhved.adapter.registry.schema import FACTS, persons, workers
from mezhved.adapter.store.engine import read, write
from sqlalchemy import Engine, func, inspect, select


@pytest.fixture(params=["indexes kept", "indexes made at the end"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """As of a small register, and as of one that counts as large."""
    if request.param == "indexes made at the end":
        monkeypatch.setattr(generator, "_MANY", 10)


def _shape(engine: Engine) -> dict[str, object]:
    """Indexes and foreign keys of each table; `differences` compares the rest, and test_migrations their conditions."""
    found = inspect(engine)
    return {
        table.name: (
            sorted((index["name"], *index["column_names"], index["unique"]) for index in found.get_indexes(table.name)),
            sorted(key["name"] for key in found.get_foreign_keys(table.name)),
        )
        for table in (workers, *FACTS)
    }


@pytest.mark.usefixtures("way")
def test_the_tables_are_what_they_were_and_hold_what_was_made(engine: Engine) -> None:
    before = _shape(engine)
    with write(engine) as conn:
        generate(conn, 40)
    settle(engine)
    assert _shape(engine) == before
    assert differences(engine) == []
    wanted = [row for index in range(40) for table, rows in SyntheticRegister().worker(index).facts for row in rows]
    with read(engine) as conn:
        found = {
            row["entity_id"]: row
            for table in FACTS
            if "worker_oid" in table.c
            for row in conn.execute(select(table)).mappings()
        }
        assert len(found) == len(wanted)
        for row in wanted:
            kept = found[row["entity_id"]]
            assert {name: kept[name] for name in row} == row
            assert (kept["version"], kept["superseded_at"], kept["withdrawn"]) == (1, None, False)
            assert kept["recorded_at"] == generator.RECORDED
        assert all(conn.scalar(select(func.count()).select_from(table)) for table in FACTS if table.name in _ALWAYS)


_ALWAYS = {
    "persons",
    "organisations",
    "subdivisions",
    "licences",
    "licence_activities",
    "staff_plans",
    "staff_positions",
}


@pytest.mark.usefixtures("way")
def test_what_fails_on_the_way_leaves_nothing(engine: Engine) -> None:
    before = _shape(engine)

    def fail(_done: int) -> None:
        raise RuntimeError

    with pytest.raises(RuntimeError), write(engine) as conn:
        generate(conn, 40, progress=fail)
    assert _shape(engine) == before
    with read(engine) as conn:
        assert conn.execute(select(persons)).first() is None
