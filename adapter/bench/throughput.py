"""How many requests a second the register's worker answers, as one process and as several, on PostgreSQL.

Each round fills the queue and lets workers, processes of their own, empty it; the rate is that of the middle part, when
all of them are at work. Rounds of one worker and of several take turns. What the workers' processes and the whole
machine spent meanwhile shows what held them up: where all cores are busy, more workers answer no more requests.
"""

import os
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from ...queue.model import Channel
from ...queue.store import queue_for
from ..stand.layout import REGISTER, Layout
from ..stand.processes import Service
from ..store.engine import read
from .databases import temporary_database
from .exchange import VERSION, Exchange, ExchangeFailed, exchange_of
from .measuring import Figure

LEAST_GAIN = 1.7
"""Aim: two workers answer at least so many times what one does, on two cores."""

_FIRST, _LAST = 0.15, 0.85
"""The part of the requests by which the rate is measured."""
_LOOK = 0.02
_PATIENCE = 300.0
_OK = 200

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class ThroughputPlan:
    """`workers` against one, in `rounds` rounds of `requests` requests each; the key is one of KEY_RECIPES."""

    postgresql: str
    workers: int = 2
    requests: int = 1000
    rounds: int = 3
    key_type: str = "rsa2048"


@dataclass(frozen=True, slots=True)
class Rate:
    """What so many workers did: requests a second, CPU of the workers for one request in microseconds, and how many
    cores of the machine were busy, with whatever.
    """

    workers: int
    a_second: Figure
    cpu: Figure
    busy: Figure


@dataclass(frozen=True, slots=True)
class ThroughputReport:
    """Everything that a run has found."""

    cores: int
    requests: int
    rounds: int
    one: Rate
    several: Rate

    @property
    def gain(self) -> float:
        """Several workers against one."""
        return self.several.a_second.median / self.one.a_second.median

    def as_json(self) -> dict[str, Any]:
        """All figures, and the gain, for programs."""
        return {**asdict(self), "gain": self.gain}


def measure_throughput(plan: ThroughputPlan, progress: Progress = lambda *_: None) -> ThroughputReport:
    """Measures. Raises ExchangeFailed, ProcessFailed, psycopg.Error and sqlalchemy.exc.SQLAlchemyError."""
    samples: dict[int, list[_Sample]] = {1: [], plan.workers: []}
    with TemporaryDirectory(prefix="mezhved-throughput-") as folder, temporary_database(plan.postgresql) as url:
        stand = Path(folder) / "stand"
        with exchange_of(stand, plan.key_type, url) as exchange:
            for number in range(2 * plan.rounds):
                workers = (1, plan.workers)[number % 2]
                _fill(exchange, plan.requests, partial(progress, f"round {number + 1}"))
                samples[workers].append(_sample(exchange, Layout(stand), workers, plan.requests))
    one, several = (_rate(workers, found) for workers, found in samples.items())
    return ThroughputReport(os.cpu_count() or 1, plan.requests, plan.rounds, one, several)


@dataclass(frozen=True, slots=True)
class _Sample:
    a_second: float
    cpu: float
    busy: float


def _rate(workers: int, samples: Sequence[_Sample]) -> Rate:
    return Rate(
        workers,
        Figure.of([sample.a_second for sample in samples]),
        Figure.of([sample.cpu for sample in samples]),
        Figure.of([sample.busy for sample in samples]),
    )


def _fill(exchange: Exchange, requests: int, progress: Callable[[int, int], None]) -> None:
    for number in range(requests):
        call = exchange.caller.send_request(exchange.new_message_id(), exchange.content)
        reply = exchange.endpoint.handle(call, VERSION)
        if reply.status != _OK:
            raise ExchangeFailed(reply.octets.decode("utf-8"))
        progress(number + 1, requests)


def _sample(exchange: Exchange, layout: Layout, workers: int, requests: int) -> _Sample:
    with _working(layout, workers) as processes:
        first = _when_left(exchange, requests, round(requests * (1 - _FIRST)), processes)
        last = _when_left(exchange, requests, round(requests * (1 - _LAST)), processes)
        _when_left(exchange, requests, 0, processes)
    answered, seconds = first.left - last.left, last.at - first.at
    if answered <= 0:
        raise ExchangeFailed(f"{requests} requests are too few: they were answered before all workers were at work")
    return _Sample(answered / seconds, (last.cpu - first.cpu) / answered * 1e6, (last.busy - first.busy) / seconds)


@contextmanager
def _working(layout: Layout, workers: int) -> Iterator[list[Service]]:
    services = [Service(("worker", "--config", str(layout.config)), layout.log("worker")) for _ in range(workers)]
    with ExitStack() as stack, ThreadPoolExecutor(workers) as pool:
        # All at once: the first must not have answered everything when the last begins.
        for _ in pool.map(stack.enter_context, services):
            pass
        yield services


@dataclass(frozen=True, slots=True)
class _Moment:
    left: int
    at: float
    cpu: float
    busy: float


def _when_left(exchange: Exchange, requests: int, left: int, processes: Sequence[Service]) -> _Moment:
    """The first moment at which no more than so many requests are in the queue."""
    queue, deadline = queue_for(exchange.engine), time.monotonic() + _PATIENCE
    while time.monotonic() < deadline:
        with read(exchange.engine) as conn:
            found = queue.depth(conn, REGISTER.mnemonic, Channel.REQUEST, requests + 1)
        if found <= left:
            return _Moment(found, time.perf_counter(), sum(map(_cpu, processes)), _busy())
        time.sleep(_LOOK)
    raise ExchangeFailed(f"the workers did not answer {requests} requests within {_PATIENCE:g} s")


def _cpu(service: Service) -> float:
    """Seconds of CPU that a process has taken; nothing where the system does not say."""
    try:
        told = Path(f"/proc/{service.pid}/stat").read_text(encoding="ascii", errors="replace")
    except OSError:
        return 0.0
    user, system = told.rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def _busy() -> float:
    """Seconds that the machine's cores have worked, all together; nothing where the system does not say."""
    try:
        told = Path("/proc/stat").read_text(encoding="ascii").splitlines()[0]
    except OSError:
        return 0.0
    user, nice, system, _idle, _waiting, interrupts, soft_interrupts, *_ = map(int, told.split()[1:])
    return (user + nice + system + interrupts + soft_interrupts) / os.sysconf("SC_CLK_TCK")
