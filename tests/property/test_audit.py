"""Whatever single thing is changed in a sealed audit is found and named, on both databases."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mezhved.adapter.registry.audit import AuditOutcome, AuditRecord, record
from mezhved.adapter.registry.audit_check import Checked, Finding, Problem, check
from mezhved.adapter.registry.schema import audit_entries, audit_links, audit_pending, audit_seals
from mezhved.adapter.registry.sealing import link_digest, seal
from mezhved.adapter.store.engine import write
from sqlalchemy import Connection, Engine, delete, insert, select, update
from support.world import START, World

SEALS, UNDER_EACH, WAITING = 4, 5, 3
POSITIONS = range(1, SEALS * UNDER_EACH + 1)
Named = Callable[[list[Finding]], bool]


def entry(number: int) -> AuditRecord:
    return AuditRecord(
        at=START + timedelta(seconds=number),
        system="REGION",
        official="0f" * 32 if number % 2 else None,
        address="192.0.2.7" if number % 3 else None,
        action="worker_card",
        writes=number % 5 == 0,
        about=(f"2024.{number:07}",),
        purpose="1",
        outcome=AuditOutcome.REFUSED,
        codes=("ONE", "TWO"),
        message_id=f"m{number}",
    )


@pytest.fixture
def world(engine: Engine) -> World:
    """A log with seals over all entries but the last ones."""
    world = World(engine)
    with write(engine) as conn:
        for number in range(SEALS * UNDER_EACH + WAITING):
            record(conn, entry(number))
        for n in range(SEALS):
            seal(conn, world.node_key, START + timedelta(minutes=n), UNDER_EACH)
    return world


def checked(world: World, conn: Connection) -> Checked:
    return check(conn, world.trust.check)


def numbered(conn: Connection) -> dict[int, int]:
    """The number of the entry at each position."""
    return {row.position: row.entry for row in conn.execute(select(audit_links))}


def test_an_untouched_log_is_in_order(world: World) -> None:
    with write(world.engine) as conn:
        found = checked(world, conn)
        assert found.findings == []
        assert (found.seals, found.entries, found.pending) == (SEALS, len(POSITIONS), WAITING)


def _other(column: str, now: Any) -> Any:
    if column == "writes":
        return not now
    if column in {"at", "sealed_at"}:
        return now + timedelta(microseconds=1)
    if isinstance(now, bytes):
        return bytes([now[0] ^ 1]) + now[1:]
    if isinstance(now, int):
        return now + 1000
    return "another" if now is None else f"{now}x"


def alter_entry(conn: Connection, draw: Any) -> Named:
    position, column = draw(st.sampled_from(POSITIONS)), draw(st.sampled_from(sorted(audit_entries.c.keys())))
    number = numbered(conn)[position]
    row = conn.execute(select(audit_entries).where(audit_entries.c.number == number)).one()
    conn.execute(
        update(audit_entries)
        .where(audit_entries.c.number == number)
        .values({column: _other(column, row._mapping[column])})
    )
    problem = Problem.MISSING if column == "number" else Problem.ALTERED
    return lambda found: (problem, number) in {(one.problem, one.entry) for one in found}


def take_entry_out(conn: Connection, draw: Any) -> Named:
    number = numbered(conn)[draw(st.sampled_from(POSITIONS))]
    conn.execute(delete(audit_entries).where(audit_entries.c.number == number))
    return lambda found: [(Problem.MISSING, number)] == [(one.problem, one.entry) for one in found]


def take_waiting_entry_out(conn: Connection, draw: Any) -> Named:
    number = draw(st.sampled_from(conn.execute(select(audit_pending.c.number)).scalars().all()))
    conn.execute(delete(audit_entries).where(audit_entries.c.number == number))
    return lambda found: [(Problem.MISSING, number)] == [(one.problem, one.entry) for one in found]


def put_entry_in(conn: Connection, draw: Any) -> Named:
    row = conn.execute(select(audit_entries).limit(1)).one()._asdict()
    values = {**row, "number": 10_000}
    conn.execute(insert(audit_entries).values(values))
    conn.execute(delete(audit_pending).where(audit_pending.c.number == 10_000))
    return lambda found: [(one.problem, one.entry) for one in found] == [(Problem.FOREIGN, 10_000)]


def put_entry_in_that_pretends_to_be_old(conn: Connection, draw: Any) -> Named:
    row = conn.execute(select(audit_entries).limit(1)).one()._asdict()
    values = {**row, "number": 10_000, "at": START - timedelta(hours=draw(st.integers(1, 1000)))}
    conn.execute(insert(audit_entries).values(values))
    return lambda found: [(one.problem, one.entry) for one in found] == [(Problem.FOREIGN, 10_000)]


def take_link_out(conn: Connection, draw: Any) -> Named:
    position = draw(st.sampled_from(POSITIONS))
    number = numbered(conn)[position]
    conn.execute(delete(audit_links).where(audit_links.c.position == position))
    return lambda found: (
        {(one.problem, one.position, one.entry) for one in found}
        == {
            (Problem.MISSING, position, None),
            (Problem.FOREIGN, None, number),
        }
    )


def alter_link(conn: Connection, draw: Any) -> Named:
    position, column = draw(st.sampled_from(POSITIONS)), draw(st.sampled_from(sorted(audit_links.c.keys())))
    row = conn.execute(select(audit_links).where(audit_links.c.position == position)).one()
    conn.execute(
        update(audit_links)
        .where(audit_links.c.position == position)
        .values({column: _other(column, row._mapping[column])})
    )
    return lambda found: position in {one.position for one in found}


def put_link_in(conn: Connection, draw: Any) -> Named:
    number = conn.execute(select(audit_pending.c.number)).scalars().first()
    position = draw(st.integers(len(POSITIONS) + 1, 1000))
    conn.execute(insert(audit_links).values(position=position, entry=number, digest=bytes(32)))
    return lambda found: (
        {(Problem.FOREIGN, position), (Problem.FOREIGN, number)}
        == {(one.problem, one.position or one.entry) for one in found}
    )


def exchange(conn: Connection, draw: Any) -> Named:
    """Two entries change places: either the links point at each other's entries, or the links themselves move."""
    first, second = draw(st.lists(st.sampled_from(POSITIONS), min_size=2, max_size=2, unique=True))
    links = {
        row.position: row
        for row in conn.execute(select(audit_links).where(audit_links.c.position.in_([first, second])))
    }
    whole = draw(st.booleans())
    conn.execute(delete(audit_links).where(audit_links.c.position.in_([first, second])))
    for position, other in ((first, second), (second, first)):
        digest = links[other if whole else position].digest
        conn.execute(insert(audit_links).values(position=position, entry=links[other].entry, digest=digest))
    return lambda found: (
        {(one.problem, one.position, one.entry) for one in found}
        == {
            (Problem.REORDERED, first, links[second].entry),
            (Problem.REORDERED, second, links[first].entry),
        }
    )


def alter_seal(conn: Connection, draw: Any) -> Named:
    number, column = draw(st.integers(1, SEALS)), draw(st.sampled_from(sorted(audit_seals.c.keys())))
    row = conn.execute(select(audit_seals).where(audit_seals.c.number == number)).one()
    conn.execute(
        update(audit_seals).where(audit_seals.c.number == number).values({column: _other(column, row._mapping[column])})
    )
    return lambda found: number in {one.seal for one in found}


def take_seal_out(conn: Connection, draw: Any) -> Named:
    number = draw(st.integers(1, SEALS))
    conn.execute(delete(audit_seals).where(audit_seals.c.number == number))
    if number == SEALS:  # nothing follows it: what it covered stands under no seal
        first = (SEALS - 1) * UNDER_EACH + 1
        return lambda found: [(Problem.FOREIGN, first)] == [(one.problem, one.position) for one in found]
    return lambda found: (Problem.SEAL_MISSING, number) in {(one.problem, one.seal) for one in found}


def put_seal_in(conn: Connection, draw: Any) -> Named:
    row = conn.execute(select(audit_seals).where(audit_seals.c.number == SEALS)).one()._asdict()
    conn.execute(insert(audit_seals).values({**row, "number": SEALS + 1}))
    return lambda found: (Problem.SEAL_BROKEN, SEALS + 1) in {(one.problem, one.seal) for one in found}


def forget_that_it_waits(conn: Connection, draw: Any) -> Named:
    number = draw(st.sampled_from(conn.execute(select(audit_pending.c.number)).scalars().all()))
    conn.execute(delete(audit_pending).where(audit_pending.c.number == number))
    return lambda found: [(Problem.FOREIGN, number)] == [(one.problem, one.entry) for one in found]


def have_it_sealed_again(conn: Connection, draw: Any) -> Named:
    number = numbered(conn)[draw(st.sampled_from(POSITIONS))]
    conn.execute(insert(audit_pending).values(number=number))
    return lambda found: [(Problem.FOREIGN, number)] == [(one.problem, one.entry) for one in found]


CHANGES = (
    alter_entry,
    take_entry_out,
    take_waiting_entry_out,
    put_entry_in,
    put_entry_in_that_pretends_to_be_old,
    take_link_out,
    alter_link,
    put_link_in,
    exchange,
    alter_seal,
    take_seal_out,
    put_seal_in,
    forget_that_it_waits,
    have_it_sealed_again,
)


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_single_change_is_found_and_named(world: World, change: Any, data: st.DataObject) -> None:
    with write(world.engine) as conn, conn.begin_nested() as tampered:
        named = change(conn, data.draw)
        found = checked(world, conn).findings
        tampered.rollback()
    assert found
    assert named(found), [str(one) for one in found]


def test_entries_and_links_that_were_written_anew_together_do_not_fit_the_seal(world: World) -> None:
    with write(world.engine) as conn:
        number = numbered(conn)[7]
        conn.execute(update(audit_entries).where(audit_entries.c.number == number).values(system="OTHER"))
        row = conn.execute(select(audit_entries).where(audit_entries.c.number == number)).one()
        conn.execute(update(audit_links).where(audit_links.c.position == 7).values(digest=link_digest(7, row)))
        assert [(one.problem, one.seal) for one in checked(world, conn).findings] == [(Problem.ALTERED, 2)]


def test_a_seal_by_another_key_is_not_the_nodes(world: World) -> None:
    stranger = World(world.engine).issue("CN=Stranger").signing_key()
    with write(world.engine) as conn:
        seal(conn, stranger, START + timedelta(minutes=9))
        assert [(one.problem, one.seal) for one in checked(world, conn).findings] == [(Problem.SEAL_BROKEN, SEALS + 1)]


def test_a_log_that_was_cut_off_is_noticed_by_the_head_that_was_kept(world: World) -> None:
    with write(world.engine) as conn:
        last = checked(world, conn).last
        assert last is not None
        kept = last.number, last.head
        assert check(conn, world.trust.check, kept).findings == []
        links = numbered(conn)
        cut = range(last.first, last.last + 1)
        conn.execute(delete(audit_seals).where(audit_seals.c.number == last.number))
        conn.execute(delete(audit_links).where(audit_links.c.position.in_(cut)))
        conn.execute(delete(audit_entries).where(audit_entries.c.number.in_([links[p] for p in cut])))
        assert checked(world, conn).findings == []
        found = check(conn, world.trust.check, kept).findings
        assert [(one.problem, one.seal) for one in found] == [(Problem.SEAL_MISSING, last.number)]
