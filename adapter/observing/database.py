"""Figures that only the database knows: queues and the certificates of systems. Read seldom, whoever scrapes.

Counting a queue means reading all of it. So the figures are kept for a time, the longer the more they have cost: with
`_SPARE` at 20 counting takes at most a twentieth of one connection, however long the queues are and however often
somebody scrapes.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from prometheus_client import Metric
from prometheus_client.registry import Collector
from sqlalchemy import Engine, func, select
from sqlalchemy.exc import SQLAlchemyError

from ...queue.model import QueueFigures
from ...queue.store import MessageQueue
from ..store.engine import read
from ..store.schema import participant_certificates, participants
from . import catalogue
from .collectors import gauge

_LOG = logging.getLogger(__name__)
_SPARE = 20

_LAST = func.max(participant_certificates.c.not_after).label("last")
_FIRST_WITHOUT = (
    select(participants.c.mnemonic, _LAST)
    .join(participant_certificates, participant_certificates.c.mnemonic == participants.c.mnemonic)
    .where(participants.c.active)
    .group_by(participants.c.mnemonic)
    .order_by(_LAST)
    .limit(1)
)


@dataclass(frozen=True, slots=True)
class _Figures:
    """What was read at one time; `queues` is None if the database did not answer."""

    queues: Sequence[QueueFigures] | None = None
    expires: tuple[str, datetime] | None = None
    seconds: float = 0.0


class DatabaseCollector(Collector):
    """Queues and certificates. Figures are at least `lifetime` seconds old before they are read anew.

    `clock` gives aware moments in UTC; `timer` seconds that never go back.
    """

    def __init__(
        self,
        engine: Engine,
        queue: MessageQueue,
        clock: Callable[[], datetime],
        lifetime: float,
        timer: Callable[[], float] = time.monotonic,
    ) -> None:
        self._engine = engine
        self._queue = queue
        self._clock = clock
        self._lifetime = lifetime
        self._timer = timer
        self._lock = threading.Lock()
        self._known: _Figures | None = None
        self._until = 0.0

    def collect(self) -> Iterator[Metric]:
        """The figures, perhaps of a while ago. While one scraper has them counted, others hear the former ones."""
        figures = self._current()
        yield gauge(catalogue.DATABASE_UP, ((), figures.queues is not None))
        yield gauge(catalogue.QUEUE_COUNTING, ((), figures.seconds))
        queues = [((one.recipient, one.channel.value), one) for one in figures.queues or ()]
        yield gauge(catalogue.QUEUE_WAITING, *((labels, one.waiting) for labels, one in queues))
        yield gauge(catalogue.QUEUE_LEASED, *((labels, one.leased) for labels, one in queues))
        oldest = ((labels, one.oldest_age) for labels, one in queues)
        yield gauge(catalogue.QUEUE_OLDEST, *((labels, age.total_seconds()) for labels, age in oldest if age))
        if figures.expires is not None:
            mnemonic, moment = figures.expires
            yield gauge(catalogue.PARTICIPANT_EXPIRES, ((mnemonic,), moment.timestamp()))

    def _current(self) -> _Figures:
        known = self._known
        if known is not None and (self._timer() < self._until or self._lock.locked()):
            return known
        with self._lock:
            if self._known is None or self._timer() >= self._until:
                began = self._timer()
                self._known = self._read()
                took = self._timer() - began
                self._known = _Figures(self._known.queues, self._known.expires, took)
                self._until = began + max(self._lifetime, took * _SPARE)
            return self._known

    def _read(self) -> _Figures:
        try:
            with read(self._engine) as conn:
                queues = self._queue.figures(conn, self._clock())
                row = conn.execute(_FIRST_WITHOUT).first()
        except SQLAlchemyError as error:
            _LOG.warning("the queues could not be counted: %s", type(error).__name__)
            return _Figures()
        return _Figures(queues, None if row is None else (row.mnemonic, row.last))
