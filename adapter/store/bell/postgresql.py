"""The bell on PostgreSQL: LISTEN and NOTIFY.

A NOTIFY inside a transaction has all such transactions commit one after another. So the bell is rung after the commit,
by one thread of a process, in a transaction of its own; rings that come meanwhile are one.
"""

import logging
import threading

import psycopg
import psycopg.sql
from sqlalchemy import Engine, text
from sqlalchemy.exc import SQLAlchemyError

from .place import Place
from .waking import Waking

_LOG = logging.getLogger(__name__)
_BREATH = 0.01
"""Seconds between two rings of one process: a hundred a second wake a worker as well as a thousand."""
_CONNECT_SECONDS = 10
_NOTIFY = text("SELECT pg_notify(:channel, '')")


class NotifyBell:
    """Rings for one queue, from a thread that begins with the first ring and takes a connection for each."""

    def __init__(self, engine: Engine, place: Place) -> None:
        """`engine` is the node's own."""
        self._engine = engine.execution_options(isolation_level="AUTOCOMMIT")
        self._place = place
        self._rung = threading.Event()
        self._ended = threading.Event()
        self._beginning = threading.Lock()
        self._ringer: threading.Thread | None = None

    def ring(self, recipient: str, channel: str) -> None:
        """Wakes everybody who listens to the queue, soon; never waits for the database."""
        if (recipient, channel) != (self._place.recipient, self._place.channel):
            return
        self._rung.set()
        if self._ringer is None:
            with self._beginning:
                if self._ringer is None and not self._ended.is_set():
                    self._ringer = threading.Thread(target=self._run, name="mezhved-bell", daemon=True)
                    self._ringer.start()

    def close(self) -> None:
        """Rings no more; a ring that is going on is waited for, some seconds at most."""
        with self._beginning:
            self._ended.set()
            self._rung.set()
        if self._ringer is not None:
            self._ringer.join(_CONNECT_SECONDS)

    def _run(self) -> None:
        while True:
            self._rung.wait()
            self._rung.clear()
            if self._ended.is_set():
                return
            try:
                with self._engine.connect() as conn:
                    conn.execute(_NOTIFY, {"channel": _channel(self._place)})
            except SQLAlchemyError as error:
                _LOG.warning(
                    "the bell was not rung (%s): readers find the message a little later", type(error).__name__
                )
            self._ended.wait(_BREATH)


class NotifyListener:
    """Hears the bells of one queue, on a connection of its own that is made anew when it is lost."""

    def __init__(self, engine: Engine, place: Place) -> None:
        """`engine` says where the database is."""
        _, self._where = engine.dialect.create_connect_args(engine.url)
        self._place = place
        self._waking = Waking()
        self._connection: psycopg.Connection | None = None

    def wait(self, seconds: float) -> None:
        """Returns when the bell has rung since the last call, or `wake` was called, or after so many seconds.

        Also at once when it has just begun to listen: it does not know what it has missed.
        """
        try:
            if self._connection is None:
                self._connection = self._listening()
                return
            if not self._heard() and self._waking.wait(self._connection.fileno(), seconds):
                self._heard()
        except (psycopg.Error, OSError) as error:
            _LOG.warning("no bell can be heard (%s): the queue is only looked at now and then", type(error).__name__)
            self._disconnect()
            self._waking.wait(None, seconds)

    def wake(self) -> None:
        """Ends the wait that is going on, or the next one."""
        self._waking.wake()

    def close(self) -> None:
        """Hears no more."""
        self._disconnect()
        self._waking.close()

    def _listening(self) -> psycopg.Connection:
        made = psycopg.connect(**{"connect_timeout": _CONNECT_SECONDS, **self._where}, autocommit=True)
        made.execute(psycopg.sql.SQL("LISTEN {}").format(psycopg.sql.Identifier(_channel(self._place))))
        return made

    def _heard(self) -> bool:
        """Whether the bell has rung; all rings until now are one."""
        return self._connection is not None and bool(list(self._connection.notifies(timeout=0)))

    def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _channel(place: Place) -> str:
    return f"mezhved_{place.digest}"
