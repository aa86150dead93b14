"""The bell: how a process that has put a message into a queue wakes another one that waits for it, without polling.

PostgreSQL carries the rings between processes of any machine, and sockets between those that share an SQLite file. A
ring that is lost, or one for nothing, costs a pause or a look at the queue: who waits looks now and then anyway.
"""

from pathlib import Path
from typing import Protocol

from sqlalchemy import Engine

from ...exchange.ports import Bell
from .place import Place
from .postgresql import NotifyBell, NotifyListener
from .sockets import SocketBell, SocketListener

__all__ = ["Listener", "Place", "bell_for", "listener_for"]


class Listener(Protocol):
    """Hears the bell of one queue. For one thread, but `wake` may be called from any, and from a signal handler."""

    def wait(self, seconds: float) -> None:
        """Returns when the bell has rung since the last call, or `wake` was called, or after so many seconds."""

    def wake(self) -> None:
        """Ends the wait that is going on, or the next one."""

    def close(self) -> None:
        """Hears no more."""


def bell_for(engine: Engine, place: Place) -> Bell:
    """The bell that the node rings; it rings for `place` only, since nobody waits elsewhere."""
    if engine.dialect.name == "postgresql":
        return NotifyBell(engine, place)
    return SocketBell(_file(engine), place)


def listener_for(engine: Engine, place: Place) -> Listener:
    """Hears the bells of all nodes on the same database, for `place`."""
    if engine.dialect.name == "postgresql":
        return NotifyListener(engine, place)
    return SocketListener(_file(engine), place)


def _file(engine: Engine) -> Path:
    return Path(engine.url.database or "").resolve()
