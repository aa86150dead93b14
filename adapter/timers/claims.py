"""Timers in the database: when each is due, and which process has claimed it.

A process that does a job claims it for a short time and renews the claim with each batch, in the batch's own
transaction. One that dies falls silent, and when its claim has ended another one goes on; one that was only slow finds
its claim gone, and its batch is undone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, insert, null, or_, select, update
from sqlalchemy.exc import IntegrityError

from ..store.message_schema import timers


@dataclass(frozen=True, slots=True)
class Timer:
    """A timer. `claimed_by` is None unless a process is doing it; `done` is what its last run did so far."""

    name: str
    due_at: datetime
    claimed_by: str | None
    claimed_until: datetime | None
    began_at: datetime | None
    ended_at: datetime | None
    ran_by: str | None
    done: int
    error: str | None

    def is_free(self, now: datetime) -> bool:
        """Whether no process has it."""
        return self.claimed_until is None or self.claimed_until <= now


class ClaimLost(Exception):  # noqa: N818  named for what is wrong
    """Another process has taken the job over, since this one was silent for too long."""

    code = "CLAIM_LOST"


class Claims:
    """Reads and writes timers; holds no state of its own. All methods work inside the caller's transaction."""

    def set_up(self, conn: Connection, name: str, due_at: datetime) -> None:
        """Makes a timer that is first due at `due_at`. One that is there already stays, or becomes due that early if
        its schedule has changed.
        """
        row = conn.execute(_ONE, {"wanted": name}).first()
        if row is None:
            try:
                with conn.begin_nested():
                    conn.execute(_INSERT, {"name": name, "due_at": due_at, "done": 0})
            except IntegrityError:  # a process that starts at the same time was quicker
                self.set_up(conn, name, due_at)
        elif row.due_at > due_at:
            self.make_due(conn, name, due_at)

    def make_due(self, conn: Connection, name: str, due_at: datetime) -> None:
        """Sets the moment at which a timer is due."""
        conn.execute(_DUE, {"wanted": name, "due": due_at})

    def list(self, conn: Connection) -> Sequence[Timer]:
        """All timers, by name."""
        return [_timer(row) for row in conn.execute(_ALL)]

    def claim(self, conn: Connection, name: str, who: str, now: datetime, until: datetime) -> bool:
        """Takes a timer that is due and free; False if it is not, or if another process was quicker."""
        parameters = {"wanted": name, "who": who, "now": now, "until": until}
        return conn.execute(_CLAIM, parameters).rowcount > 0

    def keep(self, conn: Connection, name: str, who: str, until: datetime) -> None:
        """Renews a claim. Raises ClaimLost. Until the transaction ends nobody else can take it."""
        if not conn.execute(_KEEP, {"wanted": name, "who": who, "until": until}).rowcount:
            raise ClaimLost(name)

    def count(self, conn: Connection, name: str, done: int) -> None:
        """Notes what has been done in addition."""
        conn.execute(_COUNT, {"wanted": name, "more": done})

    def finish(
        self, conn: Connection, name: str, who: str, *, now: datetime, due_at: datetime, error: str | None = None
    ) -> None:
        """Gives a claim back; does nothing if another process has taken it over."""
        conn.execute(_FINISH, {"wanted": name, "who": who, "now": now, "due": due_at, "failure": error})


_NAMED = timers.c.name == bindparam("wanted")
_MINE = timers.c.claimed_by == bindparam("who")
_ALL = select(timers).order_by(timers.c.name)
_ONE = select(timers.c.due_at).where(_NAMED)
_INSERT = insert(timers).inline()
_DUE = update(timers).where(_NAMED).values(due_at=bindparam("due"))
_CLAIM = (
    update(timers)
    .where(
        _NAMED,
        timers.c.due_at <= bindparam("now"),
        or_(timers.c.claimed_until.is_(None), timers.c.claimed_until <= bindparam("now")),
    )
    .values(
        claimed_by=bindparam("who"),
        claimed_until=bindparam("until"),
        began_at=bindparam("now"),
        ended_at=null(),
        ran_by=bindparam("who"),
        done=0,
        error=null(),
    )
)
_KEEP = update(timers).where(_NAMED, _MINE).values(claimed_until=bindparam("until"))
_COUNT = update(timers).where(_NAMED).values(done=timers.c.done + bindparam("more"))
_FINISH = (
    update(timers)
    .where(_NAMED, _MINE)
    .values(
        claimed_by=null(),
        claimed_until=null(),
        ended_at=bindparam("now"),
        due_at=bindparam("due"),
        error=bindparam("failure"),
    )
)


def _timer(row: Row[Any]) -> Timer:
    return Timer(
        name=row.name,
        due_at=row.due_at,
        claimed_by=row.claimed_by,
        claimed_until=row.claimed_until,
        began_at=row.began_at,
        ended_at=row.ended_at,
        ran_by=row.ran_by,
        done=row.done,
        error=row.error,
    )
