"""Everything by which one process is watched, put together: its registry, its observer, its numbers of HTTP."""

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy import Engine

from ...queue.store import MessageQueue
from ...signing.keys import SigningKey
from ...signing.trust import TrustStore
from ..settings import Settings, TracingSettings
from ..store.engine import observe
from .collectors import PoolCollector, ProcessCollector, TrafficCollector
from .database import DatabaseCollector
from .exposition import Registry
from .metrics import Metrics
from .observer import ProcessObserver
from .spans import NO_SPANS, Spans
from .traffic import Traffic


class TracingUnavailable(Exception):  # noqa: N818  named for what is wrong
    """tracing.endpoint is set, but OpenTelemetry is not installed: run `pip install mezhved[otel]`."""

    code = "TRACING_UNAVAILABLE"

    def __str__(self) -> str:
        return self.__doc__ or ""


class Monitor:
    """What watches one process. Counts from the start; the rest is added as the process is put together."""

    def __init__(self, version: str, spans: Spans = NO_SPANS) -> None:
        self.version = version
        self.registry = Registry()
        self.observer = ProcessObserver(Metrics(self.registry), new_call_id=_new_call_id, spans=spans)

    def watch_http(self, traffic: Traffic) -> None:
        """Exposes the numbers that the HTTP side keeps."""
        self.registry.register(TrafficCollector(traffic))

    def watch_keys(self, key: SigningKey, trust: TrustStore | None = None) -> None:
        """Exposes what runs, when the key's certificate ends, and when the revocation lists become stale."""
        self.registry.register(ProcessCollector(self.version, key.certificate, () if trust is None else trust.crls))

    def watch_database(
        self, engine: Engine, queue: MessageQueue, clock: Callable[[], datetime], lifetime: float
    ) -> None:
        """Observes the transactions and exposes the queues; their figures may be `lifetime` seconds old."""
        observe(engine, self.observer)
        self.registry.register(PoolCollector(engine))
        self.registry.register(DatabaseCollector(engine, queue, clock, lifetime))


@contextmanager
def monitoring(settings: Settings, mnemonic: str, version: str) -> Iterator[Monitor]:
    """The monitor of a process that works as `mnemonic`, of this `version` of the program.

    At the end its traces are handed over. Raises TracingUnavailable.
    """
    spans = _spans(settings.tracing, mnemonic, version)
    try:
        yield Monitor(version, spans)
    finally:
        spans.close()


def _new_call_id() -> str:
    return secrets.token_hex(8)


def _spans(settings: TracingSettings, mnemonic: str, version: str) -> Spans:
    if settings.endpoint is None:
        return NO_SPANS
    try:
        from .tracing import exporting  # noqa: PLC0415  an extra, and slow to import
    except ImportError as error:
        raise TracingUnavailable from error
    return exporting(
        settings.endpoint,
        service="mezhved",
        instance=f"{mnemonic}-{secrets.token_hex(4)}",
        version=version,
        share=settings.share,
    )
