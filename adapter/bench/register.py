"""What questions to the register cost in a small register and in a large one: elapsed time, in turns, medians.

A case is one question by its name: those of the search, and of the verdict on the right to work. Each round asks about
another worker, so that what is read is not always what lies in memory already.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from time import perf_counter_ns
from typing import Any

from sqlalchemy import Connection, Engine, Table

from ..exchange.roles import Role
from ..migrations import upgrade
from ..registry.bulk import settle
from ..registry.generator import SyntheticRegister, Worker, generate
from ..registry.projection import projection_of
from ..registry.schema import accreditations, certificates, employments
from ..registry.search import Query, find, organisations_of_licence
from ..registry.synthetic_people import AS_OF
from ..registry.verdict import Question, judge
from ..store.engine import opened, read, write
from .databases import temporary_database
from .measuring import Figure

SMALL = 10_000
"""Workers of the register that the large one is compared with."""
MOST_RATIO = 1.5
"""Aim: a question costs at most so many times in the large register what it costs in the small one."""

_WARMING = 7
"""Rounds before those that count: plans are made, and PostgreSQL decides after five whether it keeps them."""

Ask = Callable[[Connection, Worker], object]
"""A question that has to do with a worker of the register."""
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Case:
    """One question in both registers, in microseconds."""

    name: str
    small: Figure
    large: Figure

    @property
    def ratio(self) -> float:
        """The large register against the small one."""
        return self.large.median / self.small.median


@dataclass(frozen=True, slots=True)
class RegisterFigures:
    """All questions on one database, and how long the large register took to make, in seconds."""

    database: str
    loading: float
    cases: tuple[Case, ...]


@dataclass(frozen=True, slots=True)
class RegisterPlan:
    """What to measure: workers of the large register, rounds, the URL of a PostgreSQL server or None."""

    workers: int
    rounds: int
    postgres: str | None = None


@dataclass(frozen=True, slots=True)
class RegisterReport:
    """The figures of each database."""

    workers: int
    rounds: int
    databases: tuple[RegisterFigures, ...]

    def as_json(self) -> dict[str, Any]:
        """The same for programs, with the ratios."""
        report = asdict(self)
        for database, figures in zip(report["databases"], self.databases, strict=True):
            for shown, case in zip(database["cases"], figures.cases, strict=True):
                shown["ratio"] = case.ratio
        return report


def _search(**conditions: str | Callable[[Worker], Any]) -> Ask:
    """A search by values, or by what a function takes from the worker; the first page of it."""

    def ask(conn: Connection, worker: Worker) -> object:
        values: dict[str, Any] = {
            name: value(worker) if callable(value) else value for name, value in conditions.items()
        }
        return find(conn, Query(AS_OF, **values))

    return ask


def _person(column: str) -> Callable[[Worker], Any]:
    return lambda worker: worker.person[column]


def _first(table: Table, column: str, otherwise: str) -> Callable[[Worker], Any]:
    return lambda worker: next((row[column] for row in worker.rows(table)), otherwise)


def _by_licence(conn: Connection, worker: Worker) -> object:
    number = worker.person["entity_id"][-4:]
    found = organisations_of_licence(conn, f"ЛО-77-01-{int(number) % 100 + 1:06}", AS_OF)
    return [find(conn, Query(AS_OF, organisation=oid)) for oid in found]


def _verify(conn: Connection, worker: Worker) -> object:
    """WorkerVerify: the worker's last post, at its organisation, on the register's day; or just the specialty."""
    job = next(reversed(worker.rows(employments)), None)
    asked = (
        Question(worker.oid, AS_OF, specialty="201")
        if job is None
        else Question(worker.oid, AS_OF, post=job["post"], organisation=job["organisation_oid"])
    )
    return judge(conn, [asked], _EVERYTHING)


_EVERYTHING = projection_of(frozenset({Role.AUTHORITY}))


def _in_a_month(days: int) -> Callable[[Worker], date]:
    return lambda worker: worker.person["birth_date"].replace(year=AS_OF.year) + timedelta(days=days)


QUESTIONS: Mapping[str, Ask] = {
    "search by register number": _search(oid=_person("entity_id")),
    "search by СНИЛС": _search(snils=_person("snils")),
    "search by ИНН": _search(inn=_person("inn")),
    "search by name and birth date": _search(last_name=_person("last_name"), birth_date=_person("birth_date")),
    "search by certificate": _search(certificate=_first(certificates, "number", "none")),
    "search by accreditation": _search(accreditation=_first(accreditations, "registry_number", "none")),
    "search by licence": _by_licence,
    "search by organisation": _search(organisation=_first(employments, "organisation_oid", "none")),
    "search by post and region": _search(post="201", region=_first(employments, "region", "77")),
    "search by specialty": _search(specialty="201"),
    "search by category": _search(category="3"),
    "search by status": _search(status="ACTIVE"),
    "search by expiry in 30 days": _search(expires_from=_in_a_month(0), expires_to=_in_a_month(30)),
    "verify a worker at a post": _verify,
}
"""The questions by name."""


def compare(
    small: Engine, large: Engine, sizes: tuple[int, int], rounds: int, questions: Mapping[str, Ask] = QUESTIONS
) -> tuple[Case, ...]:
    """Asks every question in both registers, `rounds` times in turns. The registers are those of `generate`, seed 1."""
    register, random = SyntheticRegister(), Random(1)  # noqa: S311  nothing secret
    samples: dict[str, tuple[list[float], list[float]]] = {name: ([], []) for name in questions}
    with read(small) as in_small, read(large) as in_large:
        places = tuple(zip((in_small, in_large), sizes, strict=True))
        for number in range(_WARMING + rounds):
            for name, ask in questions.items():
                for place, (conn, size) in enumerate(places):
                    worker = register.worker(random.randrange(size))
                    start = perf_counter_ns()
                    ask(conn, worker)
                    spent = (perf_counter_ns() - start) / 1000
                    if number >= _WARMING:
                        samples[name][place].append(spent)
    return tuple(Case(name, Figure.of(found[0]), Figure.of(found[1])) for name, found in samples.items())


def measure_register(plan: RegisterPlan, progress: Progress = lambda _name, _done, _whole: None) -> RegisterReport:
    """Makes both registers on SQLite, and on PostgreSQL if a server is given, and compares them.

    `progress` is told what is done, how much of it, and of how much. Raises psycopg.Error, SQLAlchemyError.
    """
    servers = {"SQLite": None} | ({"PostgreSQL": plan.postgres} if plan.postgres else {})
    found = tuple(_measured(database, server, plan, progress) for database, server in servers.items())
    return RegisterReport(plan.workers, plan.rounds, found)


def _measured(database: str, server: str | None, plan: RegisterPlan, progress: Progress) -> RegisterFigures:
    with _fresh(server) as small, _fresh(server) as large:
        _fill(small, SMALL, lambda done: progress(f"{database}, small register", done, SMALL))
        began = perf_counter_ns()
        _fill(large, plan.workers, lambda done: progress(f"{database}, large register", done, plan.workers))
        loading = (perf_counter_ns() - began) / 1e9
        return RegisterFigures(database, loading, compare(small, large, (SMALL, plan.workers), plan.rounds))


@contextmanager
def _fresh(postgres: str | None) -> Iterator[Engine]:
    with ExitStack() as stack:
        if postgres:
            url = stack.enter_context(temporary_database(postgres))
        else:
            url = f"sqlite:///{Path(stack.enter_context(TemporaryDirectory()), 'register.sqlite3')}"
        engine = stack.enter_context(opened(url))
        upgrade(engine)
        yield engine


def _fill(engine: Engine, workers: int, progress: Callable[[int], None]) -> None:
    with write(engine) as conn:
        generate(conn, workers, progress=progress)
    settle(engine)
