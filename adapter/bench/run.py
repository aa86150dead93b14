"""One run of the benchmark: everything that is compared is measured in turns, in the same run."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from time import process_time_ns

from ...xsd.validation import Schema
from ..registry.kind import schema_path
from ..soap.schemas import SchemaSet
from .around import http_server, through_spyne
from .databases import temporary_database
from .document import Document, load_document
from .exchange import STEPS, Exchange, Octets, Timer, exchange_of
from .figures import DocumentFigures, ExchangeFigures, HttpFigures, Report, Row
from .measuring import Figure, Work, measure
from .primitives import COMMIT, NAMES, durable_commit, on_document, with_key
from .recording import Call

KEY_TYPES = {"GOST": "gost256", "RSA": "rsa2048"}
"""The kinds of keys that are measured, by the names they bear in the report."""

_WARM = 20
"""Exchanges before the first figure: caches fill, prepared statements are prepared."""
_EXCHANGES_A_ROUND = 4
_CALLS_A_ROUND = 50
_SPYNE = "spyne"


@dataclass(frozen=True, slots=True)
class Plan:
    """What to measure: in how many rounds, with which keys (of KEY_TYPES), and on PostgreSQL too if a URL names a
    database there in which other databases may be made."""

    rounds: int = 40
    keys: Sequence[str] = tuple(KEY_TYPES)
    postgresql: str | None = None


def run(plan: Plan, report: Callable[[str], None] = lambda _: None) -> Report:
    """Measures everything; tells what it is at. Raises ExchangeFailed, DocumentMissing, or what the database raises."""
    document = load_document()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="mezhved-bench-")))
        runners = list(_runners(plan, stack, folder, report))
        report(f"primitives on a document of {len(document.octets)} octets and {document.elements} elements")
        on_it = _measured_document(document, runners, plan.rounds)
        for number in range(plan.rounds):
            if number % 10 == 0:
                report(f"whole exchanges, round {number} of {plan.rounds}")
            for runner in runners:
                runner.round()
        report("HTTP")
        http = _measured_http(runners[0].octets, plan.rounds)
        return Report(plan.rounds, on_it, [runner.figures() for runner in runners], http)


def _runners(plan: Plan, stack: ExitStack, folder: Path, report: Callable[[str], None]) -> Iterator["_Runner"]:
    for database in ("SQLite", "PostgreSQL") if plan.postgresql else ("SQLite",):
        for name in plan.keys:
            report(f"a stand: {name}, {database}")
            url = None
            if database == "PostgreSQL" and plan.postgresql is not None:
                url = stack.enter_context(temporary_database(plan.postgresql))
            stand = folder / f"{name}-{database}"
            exchange = stack.enter_context(exchange_of(stand, KEY_TYPES[name], url))
            commit = stack.enter_context(
                durable_commit(exchange.engine.url.render_as_string(hide_password=False), load_document().octets)
            )
            yield _Runner(name, database, exchange, commit)


@dataclass(slots=True)
class _Runner:
    """One kind of key on one database: its exchanges, and the same primitives by themselves."""

    key: str
    database: str
    exchange: Exchange
    commit: Work
    octets: Octets = field(init=False)
    _steps: Timer = field(default_factory=Timer)
    _alone: dict[str, list[float]] = field(default_factory=dict)
    _spyne: Work = field(init=False)
    _works: list[tuple[str, Work]] = field(init=False)

    def __post_init__(self) -> None:
        """Warms up and records what an exchange is made of."""
        for _ in range(_WARM):
            self.octets = self.exchange.once(Timer())
        self._works = _in_order(*self.exchange.recorded(), self.commit)
        self._spyne = through_spyne(self.octets.calls)

    def round(self) -> None:
        """Some exchanges, and after each of them everything that it is made of, in the same order.

        So primitives do not find the processor's caches filled by their own last call, any more than in the exchange.
        """
        for _ in range(_EXCHANGES_A_ROUND):
            self.exchange.once(self._steps)
            spent = dict.fromkeys((*NAMES, _SPYNE), 0)
            for name, work in (*self._works, (_SPYNE, self._spyne)):
                start = process_time_ns()
                work()
                spent[name] += process_time_ns() - start
            for name, nanoseconds in spent.items():
                self._alone.setdefault(name, []).append(nanoseconds / 1000)

    def figures(self) -> ExchangeFigures:
        """What the rounds have shown."""
        counts = Counter(name for name, _ in self._works)
        return ExchangeFigures(
            key=self.key,
            database=self.database,
            request_octets=len(self.octets.calls[0]),
            response_octets=len(self.octets.response),
            steps=[Row(step, 1, Figure.of(self._steps.cpu[step])) for step in STEPS],
            elapsed=sum(Figure.of(self._steps.elapsed[step]).median for step in STEPS),
            primitives=[Row(name, counts[name], Figure.of(self._alone[name])) for name in NAMES if counts[name]],
            spyne=Figure.of(self._alone[_SPYNE]),
        )


def _in_order(calls: Sequence[Call], commits: int, commit: Work) -> list[tuple[str, Work]]:
    """The primitives of an exchange in the order in which it makes them, its commits spread evenly among them."""
    works: list[tuple[str, Work]] = []
    for number, call in enumerate(calls):
        works.append((call.primitive, call.again))
        if (number + 1) * commits // len(calls) > number * commits // len(calls):
            works.append((COMMIT, commit))
    return works


def _measured_document(document: Document, runners: Sequence[_Runner], rounds: int) -> DocumentFigures:
    schemas = {
        "contract": (SchemaSet().contract("1.2"), document.body),
        "kind": (Schema(schema_path("worker_card", "1.0.0")), document.content),
    }
    works = on_document(document.octets, document.signed, schemas)
    for runner in runners:
        for name, work in with_key(runner.exchange.caller.key, document.signed).items():
            works.setdefault(f"{name}, {runner.key}", work)
        works.setdefault(f"{COMMIT}, {runner.database}", runner.commit)
    found = measure(works, rounds)
    rows = [Row(name, 1, figure) for name, figure in found.items()]
    return DocumentFigures(len(document.octets), document.elements, rows)


def _measured_http(octets: Octets, rounds: int) -> HttpFigures:
    request = octets.calls[0]
    samples = []
    with http_server(octets.response) as server:
        server.calls(request, _CALLS_A_ROUND)
        for _ in range(rounds):
            before = server.cpu()
            server.calls(request, _CALLS_A_ROUND)
            samples.append((server.cpu() - before) / 1000 / _CALLS_A_ROUND)
    return HttpFigures(len(request), len(octets.response), Figure.of(samples))
