"""A synthetic register: any number of workers with plausible records, the same for the same seed.

No person or organisation in it exists (registry.synthetic_people). A worker or organisation depends on the seed and its
index only, so a larger register begins with the very workers of a smaller one.
"""

from collections.abc import Callable, Iterable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random
from typing import Any

from sqlalchemy import Connection, Table, select

from . import synthetic_organisations, synthetic_people
from .bulk import Loader, without_indexes
from .dictionary_versions import install_dictionaries
from .facts import Provenance
from .schema import (
    accreditations,
    certificates,
    education,
    employments,
    identity_documents,
    persons,
    qualifications,
    workers,
)
from .synthetic_careers import career, choose_profession
from .synthetic_organisations import Organisation, organisation_count
from .synthetic_records import after_death, records, status

RECORDED = datetime(2026, 1, 1, tzinfo=UTC)
PROVENANCE = Provenance("SYNTHETIC", "00000000-0000-1000-8000-000000000000", RECORDED)
"""Source and MessageID of everything in the synthetic register."""

_BATCH = 1_000
"""Workers written at once: memory stays small however many there are."""
_MANY = 20_000
"""Workers from which it pays to make the indexes after the load."""
_YOUNGEST_AT_WORK = 2
"""Years after the end of studies from which people appear here."""

Row = dict[str, Any]
Progress = Callable[[int], None]


class RegisterNotEmpty(Exception):  # noqa: N818  named for what is wrong
    """The register already holds workers: a synthetic one is made in an empty register only."""

    def __init__(self, found: str) -> None:
        """`found` is the OID of one of them."""
        super().__init__(f"the register already holds workers ({found}…); a synthetic one is made in an empty one only")


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
        return next((rows for kept, rows in self.facts if kept is table), [])


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
        more = Random(f"records {self._seed} {index}")  # noqa: S311  nothing secret
        person["status"] = status(index, more)
        if person["status"] == "DECEASED":
            life = after_death(person, life, more)
        facts = (
            (identity_documents, [passport]),
            (education, life.education),
            (certificates, life.certificates),
            (accreditations, life.accreditations),
            (qualifications, life.qualifications),
            (employments, life.employments),
            *records(index, self._seed, person, life, more),
        )
        _identify(index, person["entity_id"], facts, more)
        return Worker(person, facts)


def _identify(index: int, worker_oid: str, facts: Iterable[tuple[Table, list[Row]]], random: Random) -> None:
    """Gives every fact its UUID, which begins with the worker's index: rows are then written in the order of keys."""
    for _, rows in facts:
        for row in rows:
            bits = f"{random.getrandbits(88):022x}"
            row["entity_id"] = f"{index:08x}-{bits[:4]}-4{bits[4:7]}-8{bits[7:10]}-{bits[10:]}"
            row["worker_oid"] = worker_oid
    for _, rows in facts:
        for row in rows:
            for reference in ("accreditation", "employment"):
                if reference in row:
                    target = row.pop(reference)
                    row[f"{reference}_id"] = None if target is None else target["entity_id"]


def generate(
    conn: Connection, size: int, *, seed: int = 1, progress: Progress = lambda _done: None
) -> SyntheticRegister:
    """Fills an empty register with `size` workers, their organisations and the sample dictionaries.

    `progress` is told after each batch how many workers are written. Everything happens in the caller's transaction;
    a large register's indexes are made at its end, when all workers are written (registry.bulk). Raises
    RegisterNotEmpty.
    """
    if (found := conn.scalar(select(workers.c.oid).limit(1))) is not None:
        raise RegisterNotEmpty(found)
    install_dictionaries(conn, RECORDED)
    register, loader = SyntheticRegister(seed), Loader(conn, PROVENANCE)
    with without_indexes(conn) if size >= _MANY else nullcontext():
        count = organisation_count(size)
        for first in range(0, count, _BATCH):
            chosen = [register.organisation(index) for index in range(first, min(first + _BATCH, count))]
            _write(loader, (facts for organisation in chosen for facts in organisation.facts(seed)))
        for first in range(0, size, _BATCH):
            last = min(first + _BATCH, size)
            _write_workers(loader, [register.worker(index) for index in range(first, last)])
            progress(last)
    return register


def _write_workers(loader: Loader, batch: Sequence[Worker]) -> None:
    loader.write(workers, [{"oid": worker.oid, "registered_at": RECORDED} for worker in batch])
    loader.write(persons, [worker.person for worker in batch])
    _write(loader, (facts for worker in batch for facts in worker.facts))


def _write(loader: Loader, facts: Iterable[tuple[Table, Sequence[Row]]]) -> None:
    gathered: dict[Table, list[Row]] = {}
    for table, rows in facts:
        gathered.setdefault(table, []).extend(rows)
    for table, rows in gathered.items():
        loader.write(table, rows)
