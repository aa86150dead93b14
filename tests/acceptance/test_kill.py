"""Nothing lost, nothing twice: node and worker are killed at random moments under load, on both databases.

Two hundred kills in all, a hundred on each database. Every request that the node accepted, or said it had accepted
before, must have one effect in the register and one response, however often that response is delivered.
"""

import threading
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import count
from pathlib import Path
from random import Random

import pytest
from mezhved.adapter.client.errors import ClientFailure
from mezhved.adapter.client.retrying import Backoff
from mezhved.adapter.client.smev import Pace, SmevClient
from mezhved.adapter.exchange.faults import SMEVFailure, TargetMessageIsNotFound
from mezhved.adapter.materials import load_certificates, load_trust
from mezhved.adapter.registry.schema import MAIN_POST, employments, persons
from mezhved.adapter.settings import Settings
from mezhved.adapter.settings_sources import load
from mezhved.adapter.stand import contents
from mezhved.adapter.stand.layout import NODE, PARTICIPANTS, Layout
from mezhved.adapter.stand.making import Plan, make
from mezhved.adapter.store.engine import opened, read
from mezhved.queue.model import Channel
from mezhved.queue.store import queue_for
from mezhved.signing.keys import load_pem
from sqlalchemy import Engine, func, select
from support.processes import Mortal, free_port, kill_at_random, run_node, run_worker

KILLS = 100
SENDERS = 2
QUIET = timedelta(seconds=60)
SYSTEM = PARTICIPANTS[0]
IMPATIENT = Pace(attempts=200, retry=Backoff(0.05, 1.3, 0.4), poll=Backoff(0.05, 1.3, 0.4))


@dataclass
class Observed:
    """What the region saw: the requests that are the node's, and the MessageIDs of the responses to each."""

    accepted: set[str] = field(default_factory=set)
    responses: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    answered: set[str] = field(default_factory=set)
    acknowledged: set[str] = field(default_factory=set)
    failures: list[BaseException] = field(default_factory=list)


@pytest.fixture
def layout(tmp_path: Path, database_url: str) -> Layout:
    plan = Plan(tmp_path / "stand", key_type="p256", workers=1500, port=free_port(), database_url=database_url)
    return make(plan, now=datetime.now(UTC), random_bits=Random(7).getrandbits)


def settings_of(layout: Layout) -> Settings:
    """The stand's settings with leases short enough that what a killed worker held comes back within the test."""
    settings = load(layout.config)
    worker = settings.worker.model_copy(
        update={"lease_seconds": 2.0, "poll_seconds": 0.05, "max_attempts": 1000, "batch": 5}
    )
    exchange = settings.exchange.model_copy(update={"lease_seconds": 2.0})
    return settings.model_copy(update={"worker": worker, "exchange": exchange})


def client_of(layout: Layout, settings: Settings) -> SmevClient:
    own, node = layout.pair(SYSTEM), layout.pair(NODE)
    return SmevClient.connect(
        f"http://{settings.node.host}:{settings.node.port}",
        key=load_pem(own.key.read_bytes(), own.certificate.read_bytes()),
        trust=load_trust(settings.trust),
        node_certificates=load_certificates((node.certificate,)),
        pace=IMPATIENT,
        timeout=20,
    )


def hires(engine: Engine) -> Iterator[bytes]:
    """A hire for a further post, for one worker of the register after the other: each has one effect of its own."""
    with read(engine) as conn:
        post = contents.some_post(conn)
        people = conn.execute(
            select(persons).where(persons.c.superseded_at.is_(None), persons.c.status == "ACTIVE")
        ).all()
    assert post is not None
    main, external = (f"<PositionType><Code>{code}</Code>" for code in (MAIN_POST, "4"))
    for number, row in enumerate(people):
        person = contents.Person(row.snils, row.last_name, row.first_name, row.patronymic, row.birth_date)
        content = contents.hire(person, post, date.today(), f"K-{number}").decode()
        yield content.replace(main, external).replace("<Rate>1.00</Rate>", "<Rate>0.25</Rate>").encode()


def send_all(
    client: SmevClient, work: Iterator[bytes], seen: Observed, lock: threading.Lock, enough: threading.Event
) -> None:
    from mezhved.adapter.client.building import read_content

    try:
        while not enough.is_set():
            with lock:
                content = next(work, None)
            if content is None:
                return
            seen.accepted.add(client.send(client.prepare(read_content(content))).message_id)
    except BaseException as error:  # noqa: BLE001  told to the test at its end
        seen.failures.append(error)


def fetch_all(client: SmevClient, seen: Observed, done: threading.Event) -> None:
    try:
        while not done.is_set():
            try:
                response = client.get_response()
                if response is None:
                    done.wait(0.05)
                    continue
                seen.responses[response.original_message_id].add(response.message_id)
                if response.content is not None:
                    seen.answered.add(response.original_message_id)
                client.ack(response.message_id)
                seen.acknowledged.add(response.original_message_id)
            except (ClientFailure, SMEVFailure, TargetMessageIsNotFound):
                continue  # the node died in between: the response comes again, or its Ack had arrived
    except BaseException as error:  # noqa: BLE001  told to the test at its end
        seen.failures.append(error)


def await_all(seen: Observed, done: threading.Event) -> None:
    """Until every accepted request is answered, or nothing new has come for a long while."""
    progress, since = -1, count()
    while seen.accepted - set(seen.responses):
        if len(seen.responses) != progress:
            progress, since = len(seen.responses), count()
        if next(since) * 0.1 > QUIET.total_seconds() or seen.failures:
            return
        done.wait(0.1)


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
            clients = [connected(layout, settings) for _ in range(SENDERS + 1)]
            senders = [
                threading.Thread(target=send_all, args=(client, work, seen, lock, enough)) for client in clients[1:]
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
        check(engine, seen, mortals)


def connected(layout: Layout, settings: Settings) -> SmevClient:
    """A client, as soon as a node is there to describe itself."""
    pauses = IMPATIENT.retry.pauses(lambda: 0.0)
    for _ in range(100):
        try:
            return client_of(layout, settings)
        except ClientFailure:
            threading.Event().wait(next(pauses))
    raise AssertionError("no node answered")


def check(engine: Engine, seen: Observed, mortals: list[Mortal]) -> None:
    assert seen.failures == []
    assert sum(mortal.kills for mortal in mortals) == KILLS
    assert len(seen.accepted) > KILLS, "the load was too small to say anything"
    lost = seen.accepted - set(seen.responses)
    assert not lost
    doubled = {request: ids for request, ids in seen.responses.items() if len(ids) > 1}
    assert not doubled
    with read(engine) as conn:
        effects = dict(
            conn.execute(
                select(employments.c.message_id, func.count())
                .where(employments.c.message_id.in_(seen.accepted))
                .group_by(employments.c.message_id)
            ).all()
        )
        waiting = [one for one in queue_for(engine).figures(conn, datetime.now(UTC)) if one.channel is Channel.REQUEST]
    assert set(effects) == seen.answered & seen.accepted
    assert set(effects.values()) <= {1}
    assert len(effects) > KILLS / 2
    assert waiting == []
