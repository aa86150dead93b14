"""A node and its worker as an operator sees them: /metrics, /readyz, the log, over both databases."""

import asyncio
import json
import logging
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import httpx
import pytest
from mezhved import testing
from mezhved.adapter.client.building import read_content
from mezhved.adapter.logs import JsonLines
from mezhved.adapter.materials import EmptyToken, load_token
from mezhved.adapter.migrations import newest
from mezhved.adapter.node import build_app, build_endpoint, build_worker
from mezhved.adapter.observing.collectors import PoolCollector
from mezhved.adapter.observing.database import DatabaseCollector
from mezhved.adapter.observing.exposition import Registry, serving
from mezhved.adapter.observing.monitor import Monitor
from mezhved.adapter.observing.readiness import database_check
from mezhved.adapter.observing.tracing import OpenTelemetrySpans
from mezhved.adapter.settings_sources import load
from mezhved.adapter.store.engine import create_engine, write
from mezhved.queue.model import Channel, Entry
from mezhved.queue.store import queue_for
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from sqlalchemy import Engine, text
from starlette.applications import Starlette
from support.queue import NOON
from support.world import World

DAY = timedelta(days=1)


@pytest.fixture
def node(tmp_path: Path) -> Iterator[testing.Node]:
    with testing.node(tmp_path / "node") as made:
        yield made


def get(app: Starlette, path: str, peer: str = "127.0.0.1", **headers: Any) -> httpx.Response:
    async def run() -> httpx.Response:
        transport = httpx.ASGITransport(app, client=(peer, 1))
        async with httpx.AsyncClient(transport=transport, base_url="http://node.example") as client:
            return await client.get(path, headers=headers)

    return asyncio.run(run())


@pytest.fixture
def log() -> Iterator[StringIO]:
    """All that is logged, debugging too, as JSON lines."""
    written = StringIO()
    handler, root = logging.StreamHandler(written), logging.getLogger()
    handler.setFormatter(JsonLines())
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield written
    root.setLevel(level)
    root.removeHandler(handler)


def lines_of(log: StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log.getvalue().splitlines()]


def test_a_whole_exchange_as_metrics_and_log(node: testing.Node, log: StringIO) -> None:
    settings = load(node.layout.config)
    served, working = Monitor("1.0"), Monitor("1.0")
    app = build_app(settings, node.store, node.clock, served)
    endpoint = build_endpoint(settings, node.store, node.clock, served.observer)
    worker = build_worker(settings, node.store, node.clock, working)
    watched = testing.Node(node.layout, endpoint, worker, node.store, node.clock)
    with watched.client(testing.REGION.mnemonic) as region:
        request = region.send(read_content(node.request("worker_card")))
        watched.work()
        response = region.get_response()
        assert response is not None
        region.ack(response.message_id)

    text_of_node = get(app, "/metrics").text
    for line in (
        'mezhved_calls_total{contract="1.2",operation="SendRequest",outcome="ok"} 1.0',
        'mezhved_messages_total{kind="worker_card",operation="SendRequest",type="REQUEST"} 1.0',
        'mezhved_messages_total{kind="worker_card",operation="GetResponse",type="RESPONSE"} 1.0',
        'mezhved_signature_seconds_count{action="verify",algorithm="ecdsa-sha256"} 3.0',
        'mezhved_signature_seconds_count{action="sign",algorithm="ecdsa-sha256"} 2.0',
        "mezhved_database_up 1.0",
        "mezhved_calls_in_work 0.0",
    ):
        assert line in text_of_node
    assert "mezhved_key_not_after_timestamp_seconds" in text_of_node
    assert request.message_id not in text_of_node
    outcome = {"kind": "worker_card", "outcome": "answered"}
    assert working.registry.get_sample_value("mezhved_requests_total", outcome) == 1

    sent = next(line for line in lines_of(log) if line.get("operation") == "SendRequest")
    assert (sent["message_id"], sent["kind"], sent["sender"]) == (
        request.message_id,
        "worker_card",
        testing.REGION.mnemonic,
    )
    assert sent["ms"] >= 0


def test_the_log_of_an_exchange_holds_no_personal_data(node: testing.Node, log: StringIO) -> None:
    settings = load(node.layout.config)
    monitor = Monitor("1.0")
    endpoint = build_endpoint(settings, node.store, node.clock, monitor.observer)
    worker = build_worker(settings, node.store, node.clock, monitor)
    watched = testing.Node(node.layout, endpoint, worker, node.store, node.clock)
    content = read_content(node.request("employment_event"))
    values = {text.strip() for text in content.itertext() if len(text.strip()) > 8} - {f"{node.clock():%Y-%m-%d}"}
    with watched.client(testing.REGION.mnemonic) as region:
        for _ in range(2):
            region.send(region.prepare(content, personal=node.official(testing.REGION.mnemonic)))
        watched.work()
    assert values
    assert [line for line in lines_of(log) if line["message"].startswith("request ")]
    assert [value for value in values if value in log.getvalue()] == []


def test_the_trace_of_an_exchange(node: testing.Node) -> None:
    kept = InMemorySpanExporter()
    spans = OpenTelemetrySpans(SimpleSpanProcessor(kept), service="mezhved", instance="N", version="1", share=1)
    settings, monitor = load(node.layout.config), Monitor("1.0", spans)
    build_app(settings, node.store, node.clock, monitor)
    endpoint = build_endpoint(settings, node.store, node.clock, monitor.observer)
    worker = build_worker(settings, node.store, node.clock)
    worker = replace(worker, registrar=replace(worker.registrar, observer=monitor.observer))
    watched = testing.Node(node.layout, endpoint, worker, node.store, node.clock)
    with watched.client(testing.REGION.mnemonic) as region:
        request = region.send(read_content(node.request("worker_card")))
    sent = kept.get_finished_spans()
    [call] = [span for span in sent if span.name == "SendRequest"]
    assert {span.name for span in sent} - {"read"} == {"SendRequest", "parse", "validate", "verify", "store", "sign"}
    assert all(span.context.trace_id == call.context.trace_id for span in sent)
    kept.clear()
    watched.work()
    answered = {span.name: span for span in kept.get_finished_spans()}
    assert {"batch", "store", "request", "handle"} <= answered.keys()
    for span in (call, answered["request"]):
        assert (span.attributes or {})["mezhved.message_id"] == request.message_id
    assert answered["request"].context.trace_id == answered["batch"].context.trace_id


def test_what_http_refuses_is_counted(node: testing.Node, log: StringIO) -> None:
    settings = load(node.layout.config, {"limits": {"body_bytes": 1000}})
    app = build_app(settings, node.store, node.clock, Monitor("1.0"))
    xml = {"Content-Type": "text/xml"}

    async def run() -> list[int]:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://node.example") as client:
            answers = [
                await client.post("/smev/v1.2/ws", content=b"x" * 1001, headers=xml),
                await client.post("/smev/v1.2/ws", content=b"{}", headers={"Content-Type": "application/json"}),
            ]
            return [answer.status_code for answer in answers]

    assert asyncio.run(run()) == [413, 415]
    text_of_node = get(app, "/metrics").text
    assert 'mezhved_http_refused_total{status="413"} 1.0' in text_of_node
    assert 'mezhved_http_refused_total{status="415"} 1.0' in text_of_node
    assert "mezhved_calls_overloaded_total 0.0" in text_of_node
    assert "mezhved_calls_in_work 0.0" in text_of_node
    assert [line["status"] for line in lines_of(log) if line["message"] == "request refused"] == [413, 415]


@pytest.mark.parametrize(
    ("token", "peer", "headers", "status"),
    [
        (None, "127.0.0.1", {}, 200),
        (None, "::1", {}, 200),
        (None, "192.0.2.1", {}, 403),
        (None, "127.0.0.1", {"X-Forwarded-For": "192.0.2.1"}, 403),
        (None, "not an address", {}, 403),
        ("secret", "192.0.2.1", {"Authorization": "Bearer secret"}, 200),
        ("secret", "127.0.0.1", {}, 403),
        ("secret", "127.0.0.1", {"Authorization": "Bearer secret2"}, 403),
        ("secret", "127.0.0.1", {"Authorization": "секрет".encode()}, 403),
    ],
)
def test_metrics_are_not_for_everybody(
    node: testing.Node, tmp_path: Path, token: str | None, peer: str, headers: dict[str, Any], status: int
) -> None:
    flags = {}
    if token is not None:
        (tmp_path / "token").write_text(f"{token}\n")
        flags = {"metrics": {"token_file": tmp_path / "token"}}
    settings = load(node.layout.config, flags)
    assert (
        get(build_app(settings, node.store, monitor=Monitor("1.0")), "/metrics", peer, **headers).status_code == status
    )


def test_metrics_can_be_switched_off(node: testing.Node) -> None:
    settings = load(node.layout.config, {"metrics": {"enabled": False}})
    assert get(build_app(settings, node.store, monitor=Monitor("1.0")), "/metrics").status_code == 404


def test_a_file_without_a_token_is_refused(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("\nsecond line")
    with pytest.raises(EmptyToken):
        load_token(tmp_path / "token")


def test_an_answer_bears_the_name_of_the_call_in_the_log(node: testing.Node, log: StringIO) -> None:
    app = build_app(load(node.layout.config), node.store, node.clock, Monitor("1.0"))

    async def run() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://node.example") as client:
            return await client.post("/smev/v1.2/ws", content=b"<x/>", headers={"Content-Type": "text/xml"})

    answer = asyncio.run(run())
    [line] = [line for line in lines_of(log) if line["logger"] == "mezhved.calls"]
    assert answer.headers["x-request-id"] == line["call_id"]
    assert (line["fault"], line["message"]) == ("ClientFault", "call refused")


def test_a_worker_serves_its_metrics_at_a_port_of_its_own() -> None:
    monitor = Monitor("1.0")
    with serving(monitor.registry, "127.0.0.1", 0) as port:
        assert "mezhved_batch_seconds" in httpx.get(f"http://127.0.0.1:{port}/metrics").text
        with pytest.raises(OSError, match=f"127.0.0.1 port {port}"), serving(Registry(), "127.0.0.1", port):
            pass
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"http://127.0.0.1:{port}/metrics")


# -- figures of the database ------------------------------------------------------------------------------------------


class Timer:
    """Seconds that pass as the test says; `each` pass with every look."""

    def __init__(self) -> None:
        self.now = 0.0
        self.each = 0.0

    def __call__(self) -> float:
        self.now += self.each
        return self.now


def enqueue(engine: Engine, message_id: str, now: datetime = NOON) -> None:
    queue = queue_for(engine)
    with write(engine) as conn:
        queue.accept(conn, message_id, b"<x/>", now)
        queue.enqueue(conn, [Entry(message_id, "REGION", Channel.RESPONSE, "echo", None)], now)


def collected(collector: DatabaseCollector) -> dict[str, float]:
    return {sample.name: sample.value for metric in collector.collect() for sample in metric.samples}


def test_queues_are_counted_seldom_and_the_more_seldom_the_longer_it_takes(engine: Engine) -> None:
    timer = Timer()
    collector = DatabaseCollector(engine, queue_for(engine), lambda: NOON + timedelta(minutes=2), 15, timer)
    enqueue(engine, "one")
    first = collected(collector)
    assert (first["mezhved_queue_waiting"], first["mezhved_queue_leased"]) == (1, 0)
    assert first["mezhved_queue_oldest_seconds"] == 120
    enqueue(engine, "two")
    timer.now += 14
    assert collected(collector)["mezhved_queue_waiting"] == 1
    timer.now += 1
    timer.each = 1.0  # counting takes a second now: the next time is in twenty
    assert collected(collector)["mezhved_queue_waiting"] == 2
    enqueue(engine, "three")
    timer.each = 0.0
    timer.now += 16
    assert collected(collector)["mezhved_queue_waiting"] == 2
    timer.now += 5
    assert collected(collector)["mezhved_queue_waiting"] == 3


def test_many_scrapers_have_the_queues_counted_once(engine: Engine) -> None:
    counted = []

    class Counting:
        def figures(self, _conn: object, _now: datetime) -> list[object]:
            counted.append(1)
            return []

    collector = DatabaseCollector(engine, Counting(), lambda: NOON, 1000)  # type: ignore[arg-type]
    scrapers = [threading.Thread(target=collected, args=[collector]) for _ in range(8)]
    for scraper in scrapers:
        scraper.start()
    for scraper in scrapers:
        scraper.join()
    assert len(counted) == 1


def test_the_first_system_without_a_certificate_is_known_before(engine: Engine) -> None:
    world = World(engine)

    def issued(days: int):
        return world.issue(f"CN={days}", valid_to=world.clock.now + days * DAY)

    world.register("RENEWED", issued(2), issued(400))
    world.register("LATE", issued(30))
    world.register("GONE", issued(1), active=False)
    collector = DatabaseCollector(engine, queue_for(engine), world.clock, 15)
    [family] = [one for one in collector.collect() if one.name == "mezhved_participant_not_after_timestamp_seconds"]
    [sample] = family.samples
    assert sample.labels == {"participant": "LATE"}
    assert sample.value == (world.clock.now + 30 * DAY).timestamp()


def test_scraping_survives_the_database(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    engine = create_engine(f"sqlite:///{tmp_path}/no/folder.sqlite3")
    figures = collected(DatabaseCollector(engine, queue_for(engine), lambda: NOON, 15))
    assert figures == {"mezhved_database_up": 0, "mezhved_queue_counting_seconds": pytest.approx(0, abs=60)}
    assert "could not be counted" in caplog.text


def test_the_pool_counts_connections_in_use(engine: Engine) -> None:
    def used() -> float:
        return {metric.name: metric.samples[0].value for metric in PoolCollector(engine).collect()}[
            "mezhved_database_pool_used"
        ]

    before = used()
    with engine.connect():
        assert used() == before + 1
    assert used() == before


def test_a_database_must_answer_and_have_our_tables(engine: Engine, tmp_path: Path) -> None:
    check = database_check(engine)
    assert check() is None
    with write(engine) as conn:
        conn.execute(text("UPDATE alembic_version SET version_num = '0000'"))
    assert "not migrated" in (check() or "")
    nowhere = create_engine(f"sqlite:///{tmp_path}/no/folder.sqlite3")
    assert database_check(nowhere)() == "the database does not answer"
    assert newest() > "0001"


def test_readiness_of_a_node(node: testing.Node) -> None:
    settings = load(node.layout.config)
    ready = build_app(settings, node.store, node.clock)
    assert get(ready, "/readyz").text == "ready\n"
    later = build_app(settings, node.store, lambda: node.clock() + 4000 * DAY)
    assert get(later, "/readyz").text == "not ready: the certificate of the key of the node is not valid now\n"
