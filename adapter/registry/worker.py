"""The register's worker: takes requests from the register's queue, has them answered, and acknowledges them.

A request is answered in one transaction: the change of the register, the response in the sender's queue and the
acknowledgement take effect together or not at all. At the beginning of it the worker makes sure that the requests are
still its own, so of two workers that hold the same one (a lease ran out under a slow one) only one can go on.

What goes wrong with a request is its own affair. It is tried again after a pause that grows, while others go on, except
those with the same order key; a request that came back is taken alone, so that one that kills the process takes no
attempt from others; and after the last attempt it is given up and set aside.
"""

import logging
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError, OperationalError

from ...queue.errors import NotLeased
from ...queue.model import Channel, Leased
from ...queue.store import MessageQueue
from ..exchange.observing import BatchRecord, Outcome, RequestRecord
from ..store.bell import Listener
from ..store.engine import write
from .registrar import Registrar

_LOG = logging.getLogger(__name__)
_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 30.0
"""Seconds to wait after a failure of the database, doubled each time."""
_MOST_DOUBLINGS = 16
_DIED = "the worker's process ended while it worked on it"


@dataclass(frozen=True, slots=True)
class WorkerSettings:
    """How the worker works. `lease` must exceed the time a whole batch takes; `max_attempts` counts leases of one
    request, after which it is given up; `retry` is the pause after its first failure, twice as long after each further
    one, but no longer than a lease; `idle` is the longest wait on an empty queue for the bell, in seconds.
    """

    mnemonic: str
    lease: timedelta
    max_attempts: int
    batch: int
    retry: timedelta
    idle: float


@dataclass(frozen=True, slots=True)
class Worker:
    """Processes the register's queue. Any number of workers may run on one database."""

    engine: Engine
    queue: MessageQueue
    registrar: Registrar
    clock: Callable[[], datetime]
    settings: WorkerSettings

    def run(self, stop: threading.Event, listener: Listener) -> None:
        """Works until `stop` is set, and `listener` woken; survives failures of the database by trying again later."""
        pause = _FIRST_PAUSE
        while not stop.is_set():
            try:
                found = self.run_once()
            except DBAPIError:
                _LOG.exception("the database failed; trying again in %.1f s", pause)
                stop.wait(pause)
                pause = min(pause * 2, _LONGEST_PAUSE)
                continue
            pause = _FIRST_PAUSE
            if not found:
                listener.wait(self.settings.idle)

    def run_once(self) -> int:
        """Takes one batch and answers it; returns how many requests it held."""
        batch = self.take()
        if batch:
            try:
                self.answer(batch)
            except OperationalError:
                self._give_back(batch)
                raise
            except DBAPIError:
                self._answer_alone(batch)
        return len(batch)

    def take(self) -> list[Leased]:
        """Leases the head of the register's queue: a transaction of its own, so that attempts count even if it dies."""
        with write(self.engine) as conn:
            return self.queue.lease(
                conn,
                recipient=self.settings.mnemonic,
                channel=Channel.REQUEST,
                now=self.clock(),
                lease_for=self.settings.lease,
                limit=self.settings.batch,
                cautious=True,
            )

    def answer(self, batch: Sequence[Leased]) -> None:
        """Answers leased requests in one transaction; those that have gone to another worker meanwhile are left out."""
        record, mnemonic = BatchRecord(len(batch)), self.settings.mnemonic
        with self.registrar.observer.watch(record), write(self.engine) as conn:
            ids = [leased.entry.message_id for leased in batch]
            held = self.queue.hold(conn, recipient=mnemonic, message_ids=ids)
            done: list[str] = []
            for leased in batch:
                request = RequestRecord(leased.entry.message_id, leased.entry.kind, leased.attempts)
                record.requests.append(request)
                with self.registrar.observer.watch(request):
                    if leased.entry.message_id not in held:
                        request.outcome = Outcome.GONE
                        _LOG.info("request %s went to another worker", leased.entry.message_id)
                    elif self._process(conn, leased, request):
                        done.append(leased.entry.message_id)
            # At the end, since senders of requests with the same order keys wait from here on.
            self.queue.ack_all(conn, recipient=mnemonic, message_ids=done)

    def _process(self, conn: Connection, leased: Leased, record: RequestRecord) -> bool:
        """Answers one request within the batch's transaction; a failure undoes this request only. Whether it is done
        with, so that it can leave the queue.
        """
        now = self.clock()
        if leased.attempts > self.settings.max_attempts:
            return self._failed(conn, leased, _DIED, record, now)
        error = self._tried(conn, leased, lambda: self.registrar.answer(conn, leased, record, now))
        return error is None or self._failed(conn, leased, type(error).__name__, record, now)

    def _failed(self, conn: Connection, leased: Leased, reason: str, record: RequestRecord, now: datetime) -> bool:
        """Gives a request up after its last attempt; else has it tried again later. Whether it is done with."""
        record.outcome = Outcome.FAILED
        if leased.attempts >= self.settings.max_attempts:
            error = self._tried(conn, leased, lambda: self.registrar.give_up(conn, leased, reason, record, now))
            if error is None:
                return True
            record.outcome = Outcome.FAILED
        pause = self.settings.retry * 2 ** min(leased.attempts - 1, _MOST_DOUBLINGS)
        self._release(conn, leased, now + min(pause, self.settings.lease))
        return False

    def _tried(self, conn: Connection, leased: Leased, work: Callable[[], None]) -> Exception | None:
        """Does it, or undoes it and returns the error: that must not stop the other requests."""
        try:
            with conn.begin_nested():
                work()
        except DBAPIError:
            raise  # the transaction is of no use any more: the requests are answered one by one
        except Exception as error:  # noqa: BLE001  whatever a handler raises
            _LOG.exception("request %s failed, %s", leased.entry.message_id, self._attempt(leased))
            return error
        return None

    def _answer_alone(self, batch: Sequence[Leased]) -> None:
        """Answers each request of a batch in a transaction of its own, after one of them made the database refuse it.

        Otherwise it would take an attempt from its neighbours each time, until all of them were given up.
        """
        for number, leased in enumerate(batch):
            try:
                self.answer([leased])
            except OperationalError:
                self._give_back(batch[number:])
                raise
            except DBAPIError as error:
                _LOG.exception("request %s failed in the database, %s", leased.entry.message_id, self._attempt(leased))
                self._fail_alone(leased, error)

    def _fail_alone(self, leased: Leased, error: DBAPIError) -> None:
        message_id, mnemonic = leased.entry.message_id, self.settings.mnemonic
        request = RequestRecord(message_id, leased.entry.kind, leased.attempts)
        record = BatchRecord(1, [request])
        with self.registrar.observer.watch(record), write(self.engine) as conn:
            held = self.queue.hold(conn, recipient=mnemonic, message_ids=[message_id])
            with self.registrar.observer.watch(request):
                now, reason = self.clock(), type(error).__name__
                if held and self._failed(conn, leased, reason, request, now):
                    self.queue.ack_all(conn, recipient=mnemonic, message_ids=[message_id])

    def _give_back(self, batch: Sequence[Leased]) -> None:
        """Ends the leases of a batch that the database failed (a deadlock, say), so that nobody waits for them to end.

        If the database is gone altogether, they end by themselves.
        """
        with suppress(DBAPIError), write(self.engine) as conn:
            for leased in batch:
                self._release(conn, leased, None)

    def _release(self, conn: Connection, leased: Leased, again_at: datetime | None) -> None:
        with suppress(NotLeased):
            self.queue.release(
                conn, recipient=self.settings.mnemonic, message_id=leased.entry.message_id, again_at=again_at
            )

    def _attempt(self, leased: Leased) -> str:
        return f"attempt {leased.attempts} of {self.settings.max_attempts}"
