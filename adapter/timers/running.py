"""Timers at work inside a process: due jobs are claimed and done, batch by batch."""

import logging
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from ..store.engine import read, write
from .claims import ClaimLost, Claims, Timer
from .job import Job

_LOG = logging.getLogger(__name__)


class UnknownTimer(Exception):  # noqa: N818  named for what is wrong
    """There is no timer of this name, or this process lacks what it needs."""

    code = "UNKNOWN_TIMER"


@dataclass(frozen=True, slots=True)
class Pace:
    """How timers work. `look` is how often a process looks whether something is due; `claim` is for how long one that
    does a job may be silent before another takes over: longer than any batch.
    """

    look: timedelta
    claim: timedelta


@dataclass(frozen=True, slots=True)
class Timers:
    """The jobs that this process can do; `who` names it to the others and is unlike any other's."""

    engine: Engine
    jobs: Sequence[Job]
    who: str
    clock: Callable[[], datetime]
    pace: Pace
    claims: Claims = field(default_factory=Claims)
    stop: threading.Event = field(default_factory=threading.Event)

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Does what is due, in a thread of its own, until the end of the `with`; a batch begun is finished."""
        # Otherwise it tells of every look, and of those left out while a job takes its time.
        logging.getLogger("apscheduler").setLevel(logging.ERROR)
        scheduler = BackgroundScheduler(
            timezone=UTC,
            executors={"default": ThreadPoolExecutor(1)},
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )
        self.set_up()
        scheduler.add_job(self.run_due, "interval", seconds=self.pace.look.total_seconds())
        scheduler.start()
        try:
            yield
        finally:
            self.stop.set()
            scheduler.shutdown()

    def set_up(self) -> None:
        """Makes the timers that the database does not have yet."""
        now = self.clock()
        with write(self.engine) as conn:
            for job in self.jobs:
                self.claims.set_up(conn, job.name, job.next_after(now))

    def list(self) -> Sequence[Timer]:
        """All timers of the database."""
        with read(self.engine) as conn:
            return self.claims.list(conn)

    def run_due(self) -> Mapping[str, int]:
        """Does the jobs that are due and that no other process is doing; what each has done, by name."""
        now = self.clock()
        due = {timer.name for timer in self.list() if timer.due_at <= now and timer.is_free(now)}
        done = {}
        for job in self.jobs:
            if job.name in due and not self.stop.is_set():
                found = self._run(job)
                if found is not None:
                    done[job.name] = found
        return done

    def run_now(self, name: str) -> int | None:
        """Does a job at once, due or not; returns what it has done, None if another process is doing it.

        Raises UnknownTimer.
        """
        job = next((job for job in self.jobs if job.name == name), None)
        if job is None:
            raise UnknownTimer(name)
        with write(self.engine) as conn:
            self.claims.make_due(conn, name, self.clock())
        return self._run(job)

    def _run(self, job: Job) -> int | None:
        with write(self.engine) as conn:
            now = self.clock()
            if not self.claims.claim(conn, job.name, self.who, now, now + self.pace.claim):
                return None
        try:
            done, whole = self._batches(job)
        except ClaimLost:
            _LOG.warning("timer %s: another process has taken over", job.name)
            return None
        except Exception as error:
            # Gone altogether, the database cannot be told: then the claim ends by itself.
            with suppress(DBAPIError):
                self._finish(job, type(error).__name__)
            raise
        self._finish(job, again=not whole)
        if done:
            _LOG.info("timer %s: %d done", job.name, done)
        return done

    def _batches(self, job: Job) -> tuple[int, bool]:
        """Does batches until nothing is left, or until it is told to stop: what was done, and whether it was all."""
        batch, total = job.begin(), 0
        while not self.stop.is_set():
            with write(self.engine) as conn:
                now = self.clock()
                self.claims.keep(conn, job.name, self.who, now + self.pace.claim)
                progress = batch(conn, now)
                if progress.done:
                    self.claims.count(conn, job.name, progress.done)
            total += progress.done
            if not progress.more:
                return total, True
        return total, False

    def _finish(self, job: Job, error: str | None = None, *, again: bool = False) -> None:
        now = self.clock()
        due_at = now if again else job.next_after(now)
        with write(self.engine) as conn:
            self.claims.finish(conn, job.name, self.who, now=now, due_at=due_at, error=error)
