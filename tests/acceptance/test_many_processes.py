"""Four nodes and four workers on one PostgreSQL: each is killed again and again, and the database crashes, under load.

Nothing is lost, every request has one effect, what was acknowledged never comes again, and a foreign provider, which
speaks 1.1 and is killed as well, is given the requests of a consumer of 1.3 in the order of their acceptance: one whose
acceptance was answered before another was sent comes first.
"""

import os
import random
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from random import Random

import psycopg
import pytest
from mezhved.adapter.client.building import read_content
from mezhved.adapter.client.smev import SmevClient
from mezhved.adapter.exchange.lifecycle import Event
from mezhved.adapter.settings import Settings
from mezhved.adapter.stand.layout import AGENCY, REGION, Layout
from mezhved.adapter.stand.licences import licence_card
from mezhved.adapter.stand.making import Plan, make
from mezhved.adapter.store.engine import opened, read
from mezhved.adapter.store.messages import MessageLog
from sqlalchemy import Engine
from support.cluster import Cluster, clusters, find_programs
from support.load import (
    Observed,
    await_all,
    check_nothing_lost_or_doubled,
    client_of,
    fetch_all,
    hires,
    official_of,
    run_provider,
    send_all,
    settings_of,
)
from support.processes import Mortal, free_port, run_node, run_worker

NODES = WORKERS = 4
SOME_ORGANISATION = "1.2.643.5.1.13.13.12.2.77.900001"
ROUNDS = 3
"""How often each process is killed; the database crashes once after each round."""


@dataclass
class Sent:
    """A request to the foreign provider: when its sender began, and when it had the answer (monotonic seconds)."""

    message_id: str
    began: float
    answered: float


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    programs = find_programs()
    if programs is None:
        absent = "PostgreSQL's server programs are missing: install the package postgresql (Debian, Ubuntu)"
        pytest.fail(absent) if os.environ.get("CI") else pytest.skip(absent)
    with clusters(programs, {}) as (made,):
        made.create()
        made.start()
        yield made


@pytest.fixture
def layout(tmp_path: Path, cluster: Cluster) -> Layout:
    dsn = cluster.url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(dsn, autocommit=True) as conn:
        conn.execute("CREATE DATABASE mezhved")
    url = cluster.url.set(database="mezhved").render_as_string(hide_password=False)
    plan = Plan(tmp_path / "stand", key_type="p256", workers=3000, port=free_port(), database_url=url)
    return make(plan, now=datetime.now(UTC), random_bits=Random(11).getrandbits)


def ask(client: SmevClient, sent: list[Sent], seen: Observed, enough: threading.Event, content: bytes) -> None:
    """The agency's requests to the foreign provider, one after the other, each with its times."""
    try:
        while not enough.is_set():
            began = time.monotonic()
            message_id = client.send(client.prepare(read_content(content))).message_id
            sent.append(Sent(message_id, began, time.monotonic()))
            seen.accepted.add(message_id)
    except BaseException as error:  # noqa: BLE001  told to the test at its end
        seen.failures.append(error)


def harass(mortals: list[Mortal], cluster: Cluster) -> None:
    """Kills each process in random order, and lets the database crash after each round.

    A process that began while the database was away has ended by itself: it is started again, as systemd would do.
    """
    chance = random.Random(4)
    for _ in range(ROUNDS):
        for mortal in chance.sample(mortals, len(mortals)):
            time.sleep(chance.uniform(0.2, 1.0))  # the moment of a kill is random: there is nothing to await
            mortal.start()
            mortal.kill()
        cluster.crash()
        cluster.start()
    for mortal in mortals:
        mortal.start()


def test_many_processes_lose_nothing(layout: Layout, cluster: Cluster) -> None:
    settings = settings_of(layout)
    places = [with_port(settings, free_port()) for _ in range(NODES)]
    mortals = [
        *(Mortal(run_node, place) for place in places),
        *(Mortal(run_worker, settings) for _ in range(WORKERS)),
        Mortal(partial(run_provider, layout), places[-1]),
    ]
    hired, asked, sent = Observed(), Observed(), []
    enough, done, lock = threading.Event(), threading.Event(), threading.Lock()
    with ExitStack() as stack:
        with opened(settings.database.url) as engine:
            work = hires(engine)
        for mortal in mortals:
            stack.callback(mortal.stop)
            mortal.start()
        stack.callback(done.set)
        stack.callback(enough.set)
        region = [client_of(layout, place, REGION) for place in places]
        agency = [client_of(layout, place, AGENCY, contract=AGENCY.contract) for place in places[:2]]
        official = official_of(layout, REGION)
        question = licence_card(SOME_ORGANISATION)
        senders = [
            *(thread(send_all, client, work, hired, lock, enough, official) for client in region[:2]),
            thread(ask, agency[0], sent, asked, enough, question),
        ]
        readers = [
            thread(fetch_all, region[2], hired, done),
            thread(fetch_all, agency[1], asked, done),
        ]
        harass(mortals, cluster)
        enough.set()
        for sender in senders:
            sender.join(60)
        await_all(hired, done)
        await_all(asked, done)
        done.set()
        for reader in readers:
            reader.join(60)
        engine = stack.enter_context(opened(settings.database.url))
        assert [mortal.kills for mortal in mortals] == [ROUNDS] * len(mortals)
        check_nothing_lost_or_doubled(engine, hired, len(mortals) * ROUNDS)
        assert asked.failures == []
        assert len(asked.accepted) > ROUNDS * NODES
        assert asked.accepted - set(asked.responses) == set()
        assert asked.again == set()
        check_deliveries(engine, sent)


def thread(body: object, *arguments: object) -> threading.Thread:
    made = threading.Thread(target=body, args=arguments)  # type: ignore[arg-type]
    made.start()
    return made


def with_port(settings: Settings, port: int) -> Settings:
    return settings.model_copy(update={"node": settings.node.model_copy(update={"port": port})})


def check_deliveries(engine: Engine, sent: list[Sent]) -> None:
    """The provider was first given each request in the order of acceptance, and none after it had acknowledged it."""
    first: dict[str, datetime] = {}
    with read(engine) as conn:
        for one in sent:
            events = MessageLog().events(conn, one.message_id)
            # Of a message that was answered between two fetches, each of these is an event of its own.
            fetched = [event for event in events if event.event is Event.FETCHED]
            [acked] = [event for event in events if event.event is Event.ACKED]
            assert (fetched[-1].last_at or fetched[-1].at) <= acked.at
            first[one.message_id] = fetched[0].at
    for one in sent:
        for other in sent:
            if one.answered < other.began:
                assert first[one.message_id] <= first[other.message_id]
