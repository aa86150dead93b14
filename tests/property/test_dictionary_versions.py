"""Versions of dictionaries against a naive model that keeps each version whole."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st
from mezhved.adapter.registry.dictionaries import Dictionary, Item, look_up
from mezhved.adapter.registry.dictionary_versions import delta, install, items
from mezhved.adapter.registry.schema import dictionaries, dictionary_items
from sqlalchemy import Connection, Engine, create_engine

OID = "2.999.643.900"
NOW = datetime(2026, 11, 23, tzinfo=UTC)
FIRST = date(2026, 1, 1)
DAYS = [FIRST + timedelta(days=number) for number in range(-3, 14)]
CODES = "abc"


@st.composite
def versions(draw: st.DrawFn) -> list[Dictionary]:
    """Versions in the order of their release, several on a day now and then."""
    made, released = [], FIRST
    for number in range(draw(st.integers(1, 5))):
        found = tuple(item for code in CODES for item in draw(periods(code)))
        made.append(Dictionary(OID, f"{number}", "Проба", released, found))
        released += timedelta(days=draw(st.integers(0, 3)))
    return made


@st.composite
def periods(draw: st.DrawFn, code: str) -> list[Item]:
    """Periods of a code that do not overlap; few names, so that versions often say the same."""
    ends = sorted(draw(st.sets(st.sampled_from(DAYS), max_size=4)))
    found = [
        Item(code, draw(st.sampled_from(("x", "y"))), first, last - timedelta(days=1))
        for first, last in zip(ends[::2], ends[1::2], strict=False)
    ]
    if len(ends) % 2:
        found.append(Item(code, "z", ends[-1]))
    return found


@contextmanager
def installed(found: list[Dictionary]) -> Iterator[Connection]:
    engine: Engine = create_engine("sqlite://")
    with engine.begin() as conn:
        for table in (dictionaries, dictionary_items):
            table.create(conn)
        for one in found:
            assert install(conn, one, NOW)
        yield conn
    engine.dispose()


@settings(deadline=None)
@given(versions())
def test_a_code_has_the_name_of_the_version_in_force(found: list[Dictionary]) -> None:
    with installed(found) as conn:
        codes = look_up(conn, {(OID, code) for code in CODES})
        assert set(items(conn, OID)) == set(found[-1].items)
    for day in DAYS:
        in_force = [one for one in found if one.released_on <= day][-1:] or found[:1]
        for code in CODES:
            wanted = [item.name for item in in_force[0].items if item.code == code and item.holds_on(day)]
            meant = codes.on(OID, code, day)
            assert ([] if meant is None else [meant.name]) == wanted


@settings(deadline=None)
@given(versions(), st.data())
def test_a_copy_that_is_kept_up_by_pages_is_the_later_version(found: list[Dictionary], data: st.DataObject) -> None:
    upto = data.draw(st.integers(1, len(found)))
    since = data.draw(st.integers(0, upto))
    most = data.draw(st.integers(1, 4))
    copy = set(found[since - 1].items) if since else set()
    with installed(found) as conn:
        after: str | None = ""
        while after is not None:
            page = delta(conn, OID, since, upto, after=after, most=most)
            assert len({change.item.code for change in page.changes}) <= most
            removed = {change.item for change in page.changes if not change.added}
            assert removed <= copy
            copy -= removed
            copy |= {change.item for change in page.changes if change.added}
            after = page.after
    assert copy == set(found[upto - 1].items)
