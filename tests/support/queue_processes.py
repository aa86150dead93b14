"""Readers of a queue as processes of their own. Imported by the children: nothing of the tests themselves."""

import time
from datetime import timedelta
from multiprocessing.connection import Connection

from mezhved.adapter.store.engine import opened, write
from mezhved.queue.model import Channel
from mezhved.queue.store import queue_for

from .queue import NOON


def consume(url: str, limit: int, ready: Connection) -> None:
    """Leases and acknowledges until the queue is empty; sends back the ids in the order in which they were given."""
    with opened(url) as engine:
        queue = queue_for(engine)
        ready.send("ready")
        ready.recv()
        given: list[str] = []
        while True:
            with write(engine) as conn:
                batch = queue.lease(
                    conn,
                    recipient="FRMR",
                    channel=Channel.REQUEST,
                    now=NOON,
                    lease_for=timedelta(minutes=15),
                    limit=limit,
                )
            if not batch:
                break
            with write(engine) as conn:
                for leased in batch:
                    queue.ack(conn, recipient="FRMR", message_id=leased.entry.message_id)
            given.extend(leased.entry.message_id for leased in batch)
        ready.send(given)


def lease_and_hang(url: str, ready: Connection, *, commit: bool) -> None:
    """Leases one message, tells which, and waits to be killed: after the commit or before it."""
    with opened(url) as engine:
        queue = queue_for(engine)
        with write(engine) as conn:
            (leased,) = queue.lease(
                conn, recipient="FRMR", channel=Channel.REQUEST, now=NOON, lease_for=timedelta(minutes=15)
            )
            if not commit:
                ready.send(leased.entry.message_id)
                time.sleep(3600)
        ready.send(leased.entry.message_id)
        time.sleep(3600)


def consume_by_key(url: str, limit: int, ready: Connection) -> None:
    """Leases and acknowledges until told to stop and the queue is empty; sends back for each message (id, when it was
    given, when it was about to be acknowledged), on the clock that all processes share.
    """
    with opened(url) as engine:
        queue = queue_for(engine)
        ready.send("ready")
        given: list[tuple[str, int, int]] = []
        stopping = False
        while True:
            with write(engine) as conn:
                batch = queue.lease(
                    conn,
                    recipient="FRMR",
                    channel=Channel.REQUEST,
                    now=NOON,
                    lease_for=timedelta(minutes=15),
                    limit=limit,
                )
            at = time.monotonic_ns()
            if not batch:
                if stopping:
                    break
                stopping = ready.poll(0.005)
                continue
            ids = [leased.entry.message_id for leased in batch]
            with write(engine) as conn:
                assert queue.hold(conn, recipient="FRMR", message_ids=ids) == set(ids)
                given.extend((message_id, at, time.monotonic_ns()) for message_id in ids)
                queue.ack_all(conn, recipient="FRMR", message_ids=ids)
        ready.send(given)
