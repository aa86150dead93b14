"""Load from systems that lose nothing: they send, fetch and acknowledge whatever happens to nodes and workers."""

import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from mezhved.adapter.client.building import read_content
from mezhved.adapter.client.errors import ClientFailure
from mezhved.adapter.client.retrying import Backoff
from mezhved.adapter.client.smev import Pace, SmevClient
from mezhved.adapter.exchange.faults import ExchangeFault, SMEVFailure, TargetMessageIsNotFound
from mezhved.adapter.exchange.times import moscow_day, utc_now
from mezhved.adapter.materials import load_certificates, load_trust
from mezhved.adapter.registry.schema import MAIN_POST, employments, persons
from mezhved.adapter.settings import Settings
from mezhved.adapter.settings_sources import load
from mezhved.adapter.stand import contents
from mezhved.adapter.stand.layout import LICENCES, NODE, Layout, System
from mezhved.adapter.stand.licences import provide
from mezhved.adapter.store.engine import read
from mezhved.queue.model import Channel
from mezhved.queue.store import queue_for
from mezhved.signing.keys import SigningKey, load_pem
from sqlalchemy import Engine, Row, func, select

QUIET = timedelta(seconds=60)
IMPATIENT = Pace(attempts=200, retry=Backoff(0.05, 1.3, 0.4), poll=Backoff(0.05, 1.3, 0.4))


@dataclass
class Observed:
    """What a system saw: the requests that are the node's, and the MessageIDs of the responses to each.

    `again` are messages that came once more after their Ack was answered.
    """

    accepted: set[str] = field(default_factory=set)
    responses: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    answered: set[str] = field(default_factory=set)
    acknowledged: set[str] = field(default_factory=set)
    again: set[str] = field(default_factory=set)
    failures: list[BaseException] = field(default_factory=list)


def settings_of(layout: Layout) -> Settings:
    """The stand's settings with leases short enough that what a killed process held comes back within the test."""
    settings = load(layout.config)
    worker = settings.worker.model_copy(
        update={"lease_seconds": 2.0, "poll_seconds": 0.05, "max_attempts": 1000, "batch": 5}
    )
    exchange = settings.exchange.model_copy(update={"lease_seconds": 2.0})
    return settings.model_copy(update={"worker": worker, "exchange": exchange})


def client_of(layout: Layout, settings: Settings, system: System, contract: str = "1.2") -> SmevClient:
    """The client of `system` that calls the node of `settings`, as soon as that describes itself."""
    own, node = layout.pair(system), layout.pair(NODE)
    pauses = IMPATIENT.retry.pauses(lambda: 0.0)
    for _ in range(100):
        try:
            return SmevClient.connect(
                f"http://{settings.node.host}:{settings.node.port}",
                key=load_pem(own.key.read_bytes(), own.certificate.read_bytes()),
                trust=load_trust(settings.trust),
                node_certificates=load_certificates((node.certificate,)),
                contract=contract,
                pace=IMPATIENT,
                timeout=20,
            )
        except ClientFailure:
            threading.Event().wait(next(pauses))
    raise AssertionError("no node answered")


def run_provider(layout: Layout, settings: Settings) -> None:
    """Body of the foreign provider's process: the stand's own, through one of the nodes."""
    with client_of(layout, settings, LICENCES, contract=LICENCES.contract) as client:
        while True:
            with suppress(ClientFailure, ExchangeFault):  # a node died in between: the request comes again
                provide(client, threading.Event(), pause=0.05)


def official_of(layout: Layout, system: System) -> SigningKey:
    """The key of the official of `system`."""
    pair = layout.official(system)
    return load_pem(pair.key.read_bytes(), pair.certificate.read_bytes())


def hires(engine: Engine) -> Iterator[bytes]:
    """A hire for a further post, for one worker of the register after the other: each has one effect of its own."""
    with read(engine) as conn:
        post = contents.some_post(conn)
        people = conn.execute(
            select(persons).where(persons.c.superseded_at.is_(None), persons.c.status == "ACTIVE")
        ).all()
    assert post is not None
    main, external = (f"<PositionType><Code>{code}</Code>" for code in (MAIN_POST, "4"))

    def another(number: int, row: Row[Any]) -> bytes:
        person = contents.Person(row.snils, row.last_name, row.first_name, row.patronymic, row.birth_date)
        content = contents.hire(person, post, moscow_day(utc_now()), f"K-{number}").decode()
        return content.replace(main, external).replace("<Rate>1.00</Rate>", "<Rate>0.25</Rate>").encode()

    return (another(number, row) for number, row in enumerate(people))


def send_all(
    client: SmevClient,
    work: Iterator[bytes],
    seen: Observed,
    lock: threading.Lock,
    enough: threading.Event,
    official: SigningKey | None = None,
) -> None:
    """Sends until there is nothing left, or enough; `official` signs what is sent, too."""
    try:
        while not enough.is_set():
            with lock:
                content = next(work, None)
            if content is None:
                return
            seen.accepted.add(client.send(client.prepare(read_content(content), personal=official)).message_id)
    except BaseException as error:  # noqa: BLE001  told to the test at its end
        seen.failures.append(error)


def fetch_all(client: SmevClient, seen: Observed, done: threading.Event) -> None:
    """Fetches responses and acknowledges them, until it is told to end."""
    acked: set[str] = set()
    try:
        while not done.is_set():
            try:
                response = client.get_response()
                if response is None:
                    done.wait(0.05)
                    continue
                if response.message_id in acked:
                    seen.again.add(response.message_id)
                seen.responses[response.original_message_id].add(response.message_id)
                if response.content is not None:
                    seen.answered.add(response.original_message_id)
                client.ack(response.message_id)
                acked.add(response.message_id)
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


def check_nothing_lost_or_doubled(engine: Engine, seen: Observed, kills: int) -> None:
    """Every request has one response, those carried out one effect; what was acknowledged never came again."""
    assert seen.failures == []
    assert len(seen.accepted) > kills, "the load was too small to say anything"
    assert seen.accepted - set(seen.responses) == set()
    assert {request: ids for request, ids in seen.responses.items() if len(ids) > 1} == {}
    assert seen.again == set()
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
    assert len(effects) > kills / 2
    assert waiting == []
