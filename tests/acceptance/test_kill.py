"""Nothing lost, nothing twice: node and worker are killed at random moments under load, on both databases.

Two hundred kills in all, a hundred on each database. Every request that the node accepted, or said it had accepted
before, must have one effect in the register and one response, however often that response is delivered.
"""

import threading
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import pytest
from mezhved.adapter.stand.layout import REGION, Layout
from mezhved.adapter.stand.making import Plan, make
from mezhved.adapter.store.engine import opened
from support.load import (
    Observed,
    await_all,
    check_nothing_lost_or_doubled,
    client_of,
    fetch_all,
    hires,
    official_of,
    send_all,
    settings_of,
)
from support.processes import Mortal, free_port, kill_at_random, run_node, run_worker

KILLS = 100
SENDERS = 2


@pytest.fixture
def layout(tmp_path: Path, database_url: str) -> Layout:
    plan = Plan(tmp_path / "stand", key_type="p256", workers=1500, port=free_port(), database_url=database_url)
    return make(plan, now=datetime.now(UTC), random_bits=Random(7).getrandbits)


def test_kill_9_loses_nothing_and_doubles_nothing(layout: Layout) -> None:
    settings = settings_of(layout)
    mortals = [Mortal(run_node, settings), Mortal(run_worker, settings)]
    seen, lock = Observed(), threading.Lock()
    enough, done = threading.Event(), threading.Event()
    with opened(settings.database.url) as engine:
        work = hires(engine)
        for mortal in mortals:
            mortal.start()
        try:
            official = official_of(layout, REGION)
            clients = [client_of(layout, settings, REGION) for _ in range(SENDERS + 1)]
            senders = [
                threading.Thread(target=send_all, args=(client, work, seen, lock, enough, official))
                for client in clients[1:]
            ]
            fetching = threading.Thread(target=fetch_all, args=(clients[0], seen, done))
            for thread in (fetching, *senders):
                thread.start()
            kill_at_random(mortals, KILLS, seed=len(settings.database.url), longest=0.9)
            enough.set()
            for thread in senders:
                thread.join(60)
            await_all(seen, done)
            done.set()
            fetching.join(60)
        finally:
            enough.set()
            done.set()
            for mortal in mortals:
                mortal.stop()
        assert sum(mortal.kills for mortal in mortals) == KILLS
        check_nothing_lost_or_doubled(engine, seen, KILLS)
