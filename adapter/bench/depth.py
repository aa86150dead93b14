"""What a claim and its acknowledgement cost with a thousand messages waiting, and with a million.

Two databases of each system, one shallow and one deep, take turns, so that whatever else the machine does falls on
both. What is measured is time passed, each transaction with its commit: the work is the database's, and the CPU of this
process would not show it. After each turn as many messages are put in as have gone.
"""

import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from time import perf_counter_ns
from typing import Any, TypeVar

from sqlalchemy import Engine

from ...queue.model import Channel, Entry, Leased
from ...queue.schema import bodies
from ...queue.store import MessageQueue, queue_for
from ..exchange.message_id import MessageIds
from ..exchange.times import utc_now
from ..migrations import upgrade
from ..store.engine import opened, read, write
from .databases import temporary_database
from .measuring import Figure

SHALLOW = 1000
MOST_DEEPER = 1.3
"""Aim: a claim, or its acknowledgement, costs at most so many times more in the deep queue."""
BATCH = 20

_RECIPIENT = "FRMR"
_KIND = "employment_event"
_LEASE = timedelta(minutes=15)
_CHUNK = 5_000
_APART = timedelta(milliseconds=50)
"""As if the messages had been accepted so far apart: a million in fourteen hours."""
_KEYED = 4
"""Every fourth message is about somebody, of whom there are a tenth as many as messages."""
_WARM = 30

_Result = TypeVar("_Result")
Progress = Callable[[str, int, int], None]
"""What is being filled, how many messages are in, and how many there will be."""


@dataclass(frozen=True, slots=True)
class DepthPlan:
    """`depth` messages of `octets` octets each in the deep queue; `rounds` claims of one and of a batch; on PostgreSQL
    too if a URL names a database there in which others may be made."""

    depth: int = 1_000_000
    octets: int = 2_000
    rounds: int = 500
    postgresql: str | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """A piece of work in both queues, in microseconds of time passed."""

    name: str
    shallow: Figure
    deep: Figure

    @property
    def ratio(self) -> float:
        """How many times more it costs in the deep queue."""
        return self.deep.median / self.shallow.median


@dataclass(frozen=True, slots=True)
class DepthFigures:
    """All steps on one database system; `counting` is what the figures of the deep queue take, in microseconds."""

    database: str
    steps: list[Step]
    counting: float


@dataclass(frozen=True, slots=True)
class DepthReport:
    """Everything that a run has found."""

    depth: int
    octets: int
    rounds: int
    databases: list[DepthFigures]

    def as_json(self) -> dict[str, Any]:
        """All figures, and the ratios, for programs."""
        tree = asdict(self)
        for database, found in zip(tree["databases"], self.databases, strict=True):
            for step, figures in zip(database["steps"], found.steps, strict=True):
                step["ratio"] = figures.ratio
        return tree


def measure_depth(plan: DepthPlan, progress: Progress = lambda *_: None) -> DepthReport:
    """Fills the queues and measures. Raises psycopg.Error and sqlalchemy.exc.SQLAlchemyError."""
    found = []
    with TemporaryDirectory(prefix="mezhved-depth-") as folder:
        for database in ("SQLite", "PostgreSQL") if plan.postgresql else ("SQLite",):
            with ExitStack() as stack:
                queues = [
                    stack.enter_context(_queue(plan, Path(folder), database, depth, progress))
                    for depth in (SHALLOW, plan.depth)
                ]
                found.append(_measured(plan, database, queues, progress))
    return DepthReport(plan.depth, plan.octets, plan.rounds, found)


@contextmanager
def _queue(plan: DepthPlan, folder: Path, database: str, depth: int, progress: Progress) -> Iterator["_Queue"]:
    with ExitStack() as stack:
        if database == "PostgreSQL" and plan.postgresql is not None:
            url = stack.enter_context(temporary_database(plan.postgresql))
        else:
            path = folder / f"{depth}.sqlite3"
            stack.callback(path.unlink, missing_ok=True)
            url = f"sqlite:///{path}"
        engine = stack.enter_context(opened(url))
        upgrade(engine)
        queue = _Queue(engine, queue_for(engine), plan.octets, depth)
        queue.fill(lambda done: progress(f"{database}, {depth} messages", done, depth))
        yield queue


@dataclass(slots=True)
class _Queue:
    """A queue of a certain depth, and the time that each piece of work on it took, in microseconds."""

    engine: Engine
    queue: MessageQueue
    octets: int
    depth: int
    samples: dict[str, list[float]] = field(default_factory=dict)
    _random: Random = field(default_factory=lambda: Random(1))  # noqa: S311  nothing is guarded by it
    _now: datetime = field(default_factory=utc_now)
    _new_id: MessageIds = field(init=False)

    def __post_init__(self) -> None:
        """MessageIDs hold the time, as the contract demands: what was accepted together stands together in an index."""
        self._new_id = MessageIds(lambda: self._now, self._random.getrandbits)

    def fill(self, progress: Callable[[int], None]) -> None:
        """Puts in all messages, many at a time."""
        for done in range(0, self.depth, _CHUNK):
            now, rows = utc_now(), [self._entry() for _ in range(min(_CHUNK, self.depth - done))]
            with write(self.engine) as conn:
                kept = [{"message_id": row.message_id, "accepted_at": now, "body": self._body()} for row in rows]
                conn.execute(bodies.insert(), kept)
                self.queue.enqueue(conn, rows, now)
            progress(done + len(rows))
        self._settle()

    def _settle(self) -> None:
        # PostgreSQL would else do it in the middle of the measurement; SQLite never does it by itself.
        if self.engine.dialect.name == "postgresql":
            with self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
                conn.exec_driver_sql("VACUUM ANALYZE")

    def round(self, *, measured: bool) -> None:
        """One message is claimed and acknowledged, then a batch; as many are put in again."""
        samples = self.samples if measured else {}
        for limit, of in ((1, "one"), (BATCH, f"{BATCH} together")):
            given = _timed(samples, f"claim {of}", partial(self._claim, limit))
            _timed(samples, f"acknowledge {of}", partial(self._ack, given))
            _timed(samples, f"put in {of}", partial(self._put, len(given)))

    def counting(self) -> float:
        """Microseconds that the figures take."""
        began = perf_counter_ns()
        with read(self.engine) as conn:
            self.queue.figures(conn, utc_now())
        return (perf_counter_ns() - began) / 1000

    def _claim(self, limit: int) -> list[Leased]:
        with write(self.engine) as conn:
            return self.queue.lease(
                conn, recipient=_RECIPIENT, channel=Channel.REQUEST, now=utc_now(), lease_for=_LEASE, limit=limit
            )

    def _ack(self, given: Sequence[Leased]) -> None:
        ids = [leased.entry.message_id for leased in given]
        with write(self.engine) as conn:
            self.queue.ack_all(conn, recipient=_RECIPIENT, message_ids=ids)

    def _put(self, count: int) -> None:
        now, rows = utc_now(), [self._entry() for _ in range(count)]
        with write(self.engine) as conn:
            for row in rows:
                self.queue.accept(conn, row.message_id, self._body(), now)
            self.queue.enqueue(conn, rows, now)

    def _entry(self) -> Entry:
        self._now += _APART
        about = self._random.randrange(max(self.depth // 10, 1))
        key = f"person {about}" if self._random.randrange(_KEYED) == 0 else None
        return Entry(self._new_id(), _RECIPIENT, Channel.REQUEST, _KIND, None, order_key=key)

    def _body(self) -> bytes:
        return secrets.token_bytes(self.octets)


def _timed(samples: dict[str, list[float]], name: str, work: Callable[[], _Result]) -> _Result:
    began = perf_counter_ns()
    result = work()
    samples.setdefault(name, []).append((perf_counter_ns() - began) / 1000)
    return result


def _measured(plan: DepthPlan, database: str, queues: Sequence[_Queue], progress: Progress) -> DepthFigures:
    for number in range(_WARM + plan.rounds):
        # Each goes first as often as the other.
        for queue in queues if number % 2 else reversed(queues):
            queue.round(measured=number >= _WARM)
        progress(f"{database}, rounds", number + 1, _WARM + plan.rounds)
    shallow, deep = queues
    steps = [Step(name, Figure.of(samples), Figure.of(deep.samples[name])) for name, samples in shallow.samples.items()]
    return DepthFigures(database, steps, deep.counting())
