"""A synthetic register: any number of workers with plausible records, the same for the same seed.

No person or organisation in it exists (registry.synthetic_people). A worker or organisation depends on the seed and its
index only, so a larger register begins with the very workers of a smaller one.
"""

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random
from typing import Any

from sqlalchemy import Connection, Table, func, insert, select

from . import synthetic_organisations, synthetic_people
from .dictionaries import install_dictionaries
from .facts import Provenance, add
from .schema import (
    accreditations,
    certificates,
    education,
    employments,
    identity_documents,
    organisations,
    persons,
    qualifications,
    subdivisions,
    workers,
)
from .synthetic_careers import career, choose_profession
from .synthetic_organisations import Organisation, organisation_count

RECORDED = datetime(2026, 1, 1, tzinfo=UTC)
PROVENANCE = Provenance("SYNTHETIC", "00000000-0000-1000-8000-000000000000", RECORDED)
"""Source and MessageID of everything in the synthetic register."""

_BATCH = 1_000
"""Workers written at once: memory stays small however many there are."""
_YOUNGEST_AT_WORK = 2
"""Years after the end of studies from which people appear here."""

Row = dict[str, Any]
Progress = Callable[[int], None]


class RegisterNotEmpty(Exception):  # noqa: N818  named for what is wrong
    """The register already holds workers: a synthetic one is made in an empty register only."""

    def __init__(self, found: int) -> None:
        super().__init__(f"the register already holds {found} workers; a synthetic one is made in an empty one only")
        self.found = found


@dataclass(frozen=True, slots=True)
class Worker:
    """One synthetic worker: the personal data, and the rows of each other table."""

    person: Row
    facts: tuple[tuple[Table, list[Row]], ...]

    @property
    def oid(self) -> str:
        """The worker's number in the register."""
        return str(self.person["entity_id"])

    def rows(self, table: Table) -> list[Row]:
        """The worker's rows of a table."""
        return next(rows for kept, rows in self.facts if kept is table)


class SyntheticRegister:
    """The workers and organisations of a seed, by index."""

    def __init__(self, seed: int = 1) -> None:
        self._seed = seed
        self._organisations: dict[int, Organisation] = {}

    def organisation(self, index: int) -> Organisation:
        """The organisation of this index; kept, since all its workers need it."""
        found = self._organisations.get(index)
        if found is None:
            found = self._organisations[index] = synthetic_organisations.organisation(index, self._seed)
        return found

    def worker(self, index: int) -> Worker:
        """The worker of this index."""
        random = Random(f"worker {self._seed} {index}")  # noqa: S311  nothing secret
        profession = choose_profession(random)
        person = synthetic_people.person(
            index,
            self._seed,
            random,
            female=random.random() < profession.women,
            youngest=profession.graduates_at + _YOUNGEST_AT_WORK,
        )
        born = person["birth_date"]
        passport = synthetic_people.passport(index, self._seed, born, random)
        choices = organisation_count(index)
        life = career(profession, born, random, lambda chance: self.organisation(chance.randrange(choices)))
        facts = (
            (identity_documents, [passport]),
            (education, life.education),
            (certificates, life.certificates),
            (accreditations, life.accreditations),
            (qualifications, life.qualifications),
            (employments, life.employments),
        )
        for _, rows in facts:
            for row in rows:
                row["entity_id"] = str(uuid.UUID(int=random.getrandbits(128), version=4))
                row["worker_oid"] = person["entity_id"]
        return Worker(person, facts)


def generate(
    conn: Connection, size: int, *, seed: int = 1, progress: Progress = lambda _done: None
) -> SyntheticRegister:
    """Fills an empty register with `size` workers, their organisations and the sample dictionaries.

    `progress` is told after each batch how many workers are written. Everything happens in the caller's transaction.
    Raises RegisterNotEmpty.
    """
    if found := conn.scalar(select(func.count()).select_from(workers)):
        raise RegisterNotEmpty(found)
    install_dictionaries(conn, RECORDED)
    register = SyntheticRegister(seed)
    for first in range(0, organisation_count(size), _BATCH):
        last = min(first + _BATCH, organisation_count(size))
        _write_organisations(conn, [register.organisation(index) for index in range(first, last)])
    for first in range(0, size, _BATCH):
        last = min(first + _BATCH, size)
        _write_workers(conn, (register.worker(index) for index in range(first, last)))
        progress(last)
    return register


def _write_organisations(conn: Connection, batch: list[Organisation]) -> None:
    add(conn, organisations, PROVENANCE, *(organisation.row for organisation in batch))
    add(conn, subdivisions, PROVENANCE, *(row for organisation in batch for row in organisation.subdivisions))


def _write_workers(conn: Connection, batch: Iterator[Worker]) -> None:
    people: list[Row] = []
    rows: dict[Table, list[Row]] = {}
    for worker in batch:
        people.append(worker.person)
        for table, found in worker.facts:
            rows.setdefault(table, []).extend(found)
    conn.execute(insert(workers), [{"oid": person["entity_id"], "registered_at": RECORDED} for person in people])
    add(conn, persons, PROVENANCE, *people)
    for table, found in rows.items():
        if found:
            add(conn, table, PROVENANCE, *found)
