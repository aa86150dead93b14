"""What a timer does: a job, in batches that are each a transaction of their own."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger
from sqlalchemy import Connection


@dataclass(frozen=True, slots=True)
class Progress:
    """What a batch has done: how much, in the job's own units; whether there is more to do at once."""

    done: int
    more: bool


Batch = Callable[[Connection, datetime], Progress]
"""Does a bounded part of the work inside the caller's transaction, at the caller's time. A job that is interrupted is
begun anew: what a batch has committed it must not do again."""


@dataclass(frozen=True, slots=True)
class Job:
    """Work that is due whenever `when` says; `begin` makes the batches of one run. `meaning` is for people."""

    name: str
    meaning: str
    when: BaseTrigger
    begin: Callable[[], Batch]

    def next_after(self, moment: datetime) -> datetime:
        """When it is due next, after `moment`; the same for all processes that have the same settings."""
        found: datetime | None = self.when.get_next_fire_time(None, moment + timedelta(microseconds=1))
        if found is None:
            raise ValueError(f"{self.name}: its schedule has an end")
        return found


def every(duration: timedelta) -> BaseTrigger:
    """At regular moments, the same in every process."""
    return IntervalTrigger(seconds=duration.total_seconds(), start_date=datetime(2020, 1, 1, tzinfo=UTC), timezone=UTC)


def daily(time: str) -> BaseTrigger:
    """Once a day at HH:MM, UTC."""
    hour, _, minute = time.partition(":")
    return CronTrigger(hour=int(hour), minute=int(minute), timezone=UTC)
