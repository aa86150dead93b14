"""Bells and listeners as processes of their own. Imported by the children: nothing of the tests themselves."""

import time
from multiprocessing.connection import Connection

from mezhved.adapter.store.bell import Place, bell_for, listener_for
from mezhved.adapter.store.engine import opened

PLACE = Place("FRMR", "REQUEST")
LONG = 60.0


def ring(url: str, ready: Connection) -> None:
    """Rings whenever it is told which queue, until it is told nothing."""
    with opened(url) as engine:
        bell = bell_for(engine, PLACE)
        ready.send("ready")
        while place := ready.recv():
            bell.ring(*place)


def listen(url: str, ready: Connection) -> None:
    """Listens, and says so and when it has been woken."""
    with opened(url) as engine:
        listener = listener_for(engine, PLACE)
        listener.wait(0)
        ready.send("ready")
        listener.wait(LONG)
        ready.send("woken")
        time.sleep(3600)
