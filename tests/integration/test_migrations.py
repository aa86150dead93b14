"""The database is made and upgraded from code, and is then what the tables declare."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime

import pytest
from mezhved.adapter.migrations import SchemaMismatch, check, current, differences, pending, upgrade
from mezhved.adapter.migrations.running import scripts
from mezhved.adapter.migrations.tables import METADATA
from mezhved.adapter.registry.dictionaries import Item, look_up
from mezhved.adapter.registry.dictionary_versions import items, overview
from mezhved.adapter.registry.dictionary_versions import versions as found
from mezhved.adapter.store.engine import create_engine
from mezhved.queue.columns import UtcDateTime
from sqlalchemy import Engine, bindparam, inspect, text


def test_the_migrated_schema_equals_the_declared_one(empty_engine: Engine) -> None:
    upgrade(empty_engine)
    assert differences(empty_engine) == []


def test_every_difference_would_be_seen(engine: Engine) -> None:
    """The comparison above sees a lost index and a column too many."""
    with engine.begin() as conn:
        conn.execute(text("DROP INDEX queue_entries_waiting"))
        conn.execute(text("ALTER TABLE messages ADD COLUMN surplus INTEGER"))
    assert {difference[0] for difference in differences(engine)} == {"add_index", "remove_column"}


def test_what_alembic_does_not_compare_is_equal_too(empty_engine: Engine, engine: Engine) -> None:
    """Partial indexes, primary keys, foreign keys and checks of a migrated database are those of the tables."""
    for metadata in METADATA:
        metadata.create_all(empty_engine)
    migrated, declared = _shape(engine), _shape(empty_engine)
    del migrated["alembic_version"]
    assert migrated == declared


def test_a_new_database_has_everything_pending_and_says_how_to_go_on(empty_engine: Engine) -> None:
    assert current(empty_engine) is None
    assert list(pending(empty_engine)) == [revision.revision for revision in reversed(list(scripts().walk_revisions()))]
    with pytest.raises(SchemaMismatch, match="mezhved"):
        check(empty_engine)


def test_an_upgrade_can_be_repeated(empty_engine: Engine) -> None:
    upgrade(empty_engine)
    upgrade(empty_engine)
    check(empty_engine)
    assert list(pending(empty_engine)) == []


def test_processes_that_start_together_upgrade_once(empty_database_url: str) -> None:
    engines = [create_engine(empty_database_url) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(upgrade, engines))
    check(engines[0])
    for engine in engines:
        engine.dispose()


def test_a_database_of_a_newer_program_is_left_alone(engine: Engine) -> None:
    with engine.begin() as conn:
        conn.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    for refused in (check, upgrade, pending):
        with pytest.raises(SchemaMismatch, match="newer version"):
            refused(engine)


def test_a_failed_upgrade_leaves_nothing_behind(empty_engine: Engine) -> None:
    last = METADATA[1].sorted_tables[-1].name
    with empty_engine.begin() as conn:
        conn.execute(text(f"CREATE TABLE {last} (other INTEGER)"))
    with pytest.raises(Exception, match=last):
        upgrade(empty_engine)
    assert set(inspect(empty_engine).get_table_names()) == {last}


def test_dictionaries_outlive_the_revision_that_numbers_their_versions(empty_engine: Engine) -> None:
    """Of several versions only the last one had items; a sample is known by its version."""
    upgrade(empty_engine, "0008")
    versions = [("2.999.1", "3.1"), ("2.999.1", "3.2"), ("2.999.2", "0.1")]
    with empty_engine.begin() as conn:
        columns = "oid, version, title, released_on, installed_at"
        made = text(f"INSERT INTO dictionaries ({columns}) VALUES (:oid, :version, 'Слова', '2026-01-01', :at)")
        now = bindparam("at", datetime(2026, 1, 2, tzinfo=UTC), UtcDateTime())
        conn.execute(made.bindparams(now), [{"oid": oid, "version": version} for oid, version in versions])
        for oid, version in versions[1:]:
            values = f"('{oid}', 'a', '1990-01-01', '2020-12-31', 'Слово', '{version}')"
            columns = "dictionary, code, valid_from, valid_to, name, version"
            conn.execute(text(f"INSERT INTO dictionary_items ({columns}) VALUES {values}"))
    upgrade(empty_engine)
    with empty_engine.connect() as conn:
        kept = [(one.oid, one.version, one.versions, one.items) for one in overview(conn)]
        assert kept == [("2.999.1", "3.2", 1, 1), ("2.999.2", "0.1", 1, 1)]
        assert [[one.sample for one in found(conn, oid)] for oid in ("2.999.1", "2.999.2")] == [[False], [True]]
        [item] = items(conn, "2.999.1")
        assert item == Item("a", "Слово", date(1990, 1, 1), date(2020, 12, 31))
        assert look_up(conn, {("2.999.1", "a")}).periods("2.999.1", "a") == (item,)


def test_routes_outlive_the_revision_that_gives_them_values(empty_engine: Engine) -> None:
    upgrade(empty_engine, "0010")
    with empty_engine.begin() as conn:
        conn.execute(text("INSERT INTO routes (kind, region, version, provider) VALUES ('a', '77', '', 'X')"))
    upgrade(empty_engine)
    with empty_engine.connect() as conn:
        kept = conn.execute(text("SELECT kind, region, version, value, provider FROM routes")).all()
    assert [tuple(row) for row in kept] == [("a", "77", "", "", "X")]


def test_every_table_and_column_is_documented() -> None:
    undocumented = [
        str(item)
        for metadata in METADATA
        for table in metadata.sorted_tables
        for item in (table, *table.columns)
        if not item.comment
    ]
    assert undocumented == []


def _shape(engine: Engine) -> dict[str, object]:
    """All that the database says of its tables, whatever the order in which it says it."""
    if engine.dialect.name == "sqlite":
        with engine.connect() as conn:
            made = conn.execute(text("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL"))
            # A table that was made anew and renamed has its name in quotation marks; added columns share a line.
            return {
                name: {part.strip().replace('"', "") for part in re.split("[,\n]", sql)} - {""} for name, sql in made
            }
    inspector = inspect(engine)
    return {
        name: (
            inspector.get_pk_constraint(name),
            sorted(map(str, inspector.get_foreign_keys(name))),
            sorted(map(str, inspector.get_unique_constraints(name))),
            sorted(map(str, inspector.get_check_constraints(name))),
            sorted(map(str, inspector.get_indexes(name))),
            sorted(map(str, inspector.get_columns(name))),
        )
        for name in inspector.get_table_names()
    }
