"""WorkerSearch finds whom a look through all records finds, in pages, and never looks through them itself."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from mezhved.adapter.registry.bulk import settle
from mezhved.adapter.registry.facts import add
from mezhved.adapter.registry.generator import PROVENANCE, SyntheticRegister, Worker, generate
from mezhved.adapter.registry.names import folded
from mezhved.adapter.registry.schema import (
    accreditations,
    certificates,
    employments,
    persons,
    qualifications,
    workers,
)
from mezhved.adapter.registry.search import (
    InvalidCursor,
    NothingToSearchBy,
    Query,
    count,
    find,
    organisations_of_licence,
    statements,
)
from mezhved.adapter.store.engine import opened, read, write
from sqlalchemy import Engine, insert
from support.databases import Databases
from support.plans import scanned
from support.queue import undone

SIZE = 3_000
LARGE = 8_000
ON = date(2025, 12, 1)
REGISTER = SyntheticRegister()
PEOPLE = [REGISTER.worker(index) for index in range(SIZE)]
SOMEBODY = PEOPLE[42]


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def full(request: pytest.FixtureRequest, databases: Databases) -> Iterator[Engine]:
    with databases.fresh(request.param) as url, opened(url) as engine:
        with write(engine) as conn:
            generate(conn, SIZE)
        settle(engine)
        yield engine


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def large(request: pytest.FixtureRequest, databases: Databases) -> Iterator[Engine]:
    """A register in which it would not pay to look through a table, and of which the database has statistics."""
    with databases.fresh(request.param) as url, opened(url) as engine:
        with write(engine) as conn:
            generate(conn, LARGE)
            conn.exec_driver_sql("ANALYZE")
        yield engine


def _number(table: Any, column: str) -> str:
    return next(str(row[column]) for worker in PEOPLE for row in worker.rows(table))


QUERIES = {
    "register number": Query(ON, oid=SOMEBODY.oid),
    "snils": Query(ON, snils=SOMEBODY.person["snils"]),
    "inn": Query(ON, inn=SOMEBODY.person["inn"]),
    "inn of another": Query(ON, inn=SOMEBODY.person["inn"], status="SUSPENDED"),
    "name and birth date": Query(
        ON, last_name=SOMEBODY.person["last_name"].upper(), birth_date=SOMEBODY.person["birth_date"]
    ),
    "certificate": Query(ON, certificate=f" {_number(certificates, 'number')} "),
    "accreditation": Query(ON, accreditation=_number(accreditations, "registry_number")),
    "certificate and specialty": Query(ON, certificate=_number(certificates, "number"), specialty="201"),
    "surname": Query(ON, last_name="иванова"),
    "surname with ё in a region": Query(ON, last_name="Семенов", region="77"),
    "names": Query(ON, last_name=SOMEBODY.person["last_name"], first_name=SOMEBODY.person["first_name"].upper()),
    "organisation": Query(ON, organisation=REGISTER.organisation(2).oid),
    "organisation and post": Query(ON, organisation=REGISTER.organisation(0).oid, post="201"),
    "post": Query(ON, post="109"),
    "post in a region": Query(ON, post="202", region="66"),
    "region": Query(ON, region="38"),
    "region long ago": Query(date(1995, 1, 1), region="38"),
    "category": Query(ON, category="3"),
    "category and specialty": Query(ON, category="3", specialty="201"),
    "specialty": Query(ON, specialty="37"),
    "specialty and post": Query(ON, specialty="201", post="202"),
    "status": Query(ON, status="DECEASED"),
    "status and specialty": Query(ON, status="ACTIVE", specialty="301"),
    "window": Query(ON, expires_from=date(2025, 12, 1), expires_to=date(2026, 3, 1)),
    "window and specialty": Query(ON, expires_from=date(2025, 1, 1), expires_to=date(2026, 3, 1), specialty="201"),
    "window and region": Query(ON, expires_from=date(2025, 1, 1), expires_to=date(2026, 3, 1), region="77"),
    "window and organisation": Query(
        ON, expires_from=date(2020, 1, 1), expires_to=date(2026, 3, 1), organisation=REGISTER.organisation(0).oid
    ),
    "everything": Query(ON, status="ACTIVE", specialty="201", post="201", region="77", category="3"),
}


def expected(query: Query) -> list[str]:
    return [worker.oid for worker in PEOPLE if _fits(query, worker)]


def _fits(query: Query, worker: Worker) -> bool:
    values = query.values
    person = {"oid": worker.oid, **worker.person}
    same = {"oid": "oid", "snils": "snils", "inn": "inn", "status": "status", "birth_date": "birth_date"}
    if any(name in values and person[column] != values[name] for name, column in same.items()):
        return False
    if any(name in values and folded(person[name] or "") != values[name] for name in ("last_name", "first_name")):
        return False
    numbers = {"certificate": (certificates, "number"), "accreditation": (accreditations, "registry_number")}
    for name, (table, column) in numbers.items():
        if name in values and not any(row[column] == values[name] for row in worker.rows(table)):
            return False
    return _works(values, worker) and _is_categorised(values, worker) and _is_entitled(values, worker)


def _holds(row: dict[str, Any], day: date) -> bool:
    return row["valid_from"] <= day and (row["valid_to"] is None or day <= row["valid_to"])


def _works(values: dict[str, Any], worker: Worker) -> bool:
    columns = {"organisation": "organisation_oid", "post": "post", "region": "region"}
    wanted = {column: values[name] for name, column in columns.items() if name in values}
    return not wanted or any(
        _holds(row, values["on"]) and all(row[column] == value for column, value in wanted.items())
        for row in worker.rows(employments)
    )


def _is_categorised(values: dict[str, Any], worker: Worker) -> bool:
    return "category" not in values or any(
        _holds(row, values["on"])
        and row["category"] == values["category"]
        and row["specialty"] == values.get("specialty", row["specialty"])
        for row in worker.rows(qualifications)
    )


def _is_entitled(values: dict[str, Any], worker: Worker) -> bool:
    if not {"specialty", "expires_from"} & set(values):
        return True
    return any(
        row["specialty"] == values.get("specialty", row["specialty"])
        and (
            values["expires_from"] <= row["valid_to"] <= values["expires_to"]
            if "expires_from" in values
            else _holds(row, values["on"])
        )
        for table in (accreditations, certificates)
        for row in worker.rows(table)
    )


def all_pages(engine: Engine, query: Query, limit: int = 37) -> list[str]:
    found: list[str] = []
    cursor = None
    with read(engine) as conn:
        while True:
            page = find(conn, query, limit=limit, cursor=cursor)
            assert len(page.workers) <= limit
            found += page.workers
            if page.cursor is None:
                return found
            cursor = page.cursor


@pytest.mark.parametrize("name", QUERIES)
def test_finds_whom_a_look_through_all_finds(full: Engine, name: str) -> None:
    query = QUERIES[name]
    wanted = expected(query)
    found = all_pages(full, query)
    assert sorted(found) == wanted
    if query.expires_from is None or query.organisation:
        assert found == wanted  # in the order of the register
    with read(full) as conn:
        counted = count(conn, query)
    assert counted.workers == len(wanted) if counted.exact else counted.workers <= len(wanted)


def test_the_questions_above_have_answers() -> None:
    empty = {name for name, query in QUERIES.items() if not expected(query)}
    assert empty <= {"inn of another", "certificate and specialty"}


@pytest.fixture(params=[(5, 20)])
def few_candidates(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages may cost no more than a few rows of an index."""
    monkeypatch.setattr(statements, "BUDGETS", request.param)


@pytest.mark.usefixtures("few_candidates")
@pytest.mark.parametrize(
    "name", ["post in a region", "category and specialty", "specialty", "window and region", "everything", "surname"]
)
def test_a_page_that_is_cut_short_goes_on_where_it_ended(full: Engine, name: str) -> None:
    assert sorted(all_pages(full, QUERIES[name])) == expected(QUERIES[name])
    with read(full) as conn:
        assert not count(conn, QUERIES[name]).exact


# With the candidates as few as they are, a register of this size is to its pages what 260 thousand workers are to real
# ones: below that, PostgreSQL may rightly find it cheaper to look through a table than to look up two thousand workers.
@pytest.mark.usefixtures("few_candidates")
@pytest.mark.parametrize("few_candidates", [(15, 60)], indirect=True)
@pytest.mark.parametrize("name", QUERIES)
def test_never_looks_through_a_table(large: Engine, name: str) -> None:
    _never_scans(large, QUERIES[name])


@pytest.mark.parametrize("full", ["sqlite"], indirect=True)
@pytest.mark.parametrize("name", QUERIES)
def test_never_looks_through_a_table_without_statistics(full: Engine, name: str) -> None:
    _never_scans(full, QUERIES[name])


def _never_scans(engine: Engine, query: Query) -> None:
    with undone(engine) as conn:
        first = find(conn, query, limit=5)
        assert scanned(conn, lambda: find(conn, query, limit=5)) == set()
        assert scanned(conn, lambda: find(conn, query, limit=5, cursor=first.cursor)) == set()
        assert scanned(conn, lambda: count(conn, query)) == set()


def test_workers_who_come_meanwhile_move_nobody(full: Engine) -> None:
    query = QUERIES["surname"]
    before = expected(query)
    with undone(full) as conn:
        page = find(conn, query, limit=2)
        for oid in ("2000.0000001", f"{page.workers[-1]}", "9000.0000001"):
            row = {**PEOPLE[0].person, "entity_id": oid, "last_folded": folded("Иванова"), "snils": None, "inn": None}
            if oid not in page.workers:
                conn.execute(insert(workers), {"oid": oid, "registered_at": PROVENANCE.recorded_at})
                add(conn, persons, replace(PROVENANCE, message_id="later"), row)
        rest = find(conn, query, cursor=page.cursor)
        assert [*page.workers, *rest.workers] == [*before, "9000.0000001"]


def test_a_licence_leads_to_its_organisation(full: Engine) -> None:
    with undone(full) as conn:
        organisation = REGISTER.organisation(1)
        number = f"ло-{organisation.row['region']}-01- 000002"
        assert organisations_of_licence(conn, number, ON) == [organisation.oid]
        assert organisations_of_licence(conn, number, date(1990, 1, 1)) == []


def test_a_search_by_nothing_is_refused(full: Engine) -> None:
    with read(full) as conn, pytest.raises(NothingToSearchBy):
        find(conn, Query(ON, first_name="Анна"))


def test_a_cursor_serves_only_the_search_that_gave_it(full: Engine) -> None:
    with read(full) as conn:
        cursor = find(conn, QUERIES["post"], limit=3).cursor
        assert cursor is not None
        for wrong in (cursor[:-3], "?", "", "bnVsbA"):
            with pytest.raises(InvalidCursor):
                find(conn, QUERIES["post"], cursor=wrong)
        with pytest.raises(InvalidCursor):
            find(conn, replace(QUERIES["post"], on=ON + timedelta(days=1)), cursor=cursor)
