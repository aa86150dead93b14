"""The composition root: a node and a worker put together from settings. Nothing here decides; everything is wired."""

import secrets
from collections.abc import Callable, Collection, Mapping
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import Engine
from starlette.applications import Starlette

from ..queue.model import Channel
from ..queue.store import MessageQueue, queue_for
from ..signing.policy import SMEV
from .catalogue.catalogue import Catalogue, load_catalogue
from .dispatch.posting import PostOffice
from .exchange.contract import Operation
from .exchange.message_id import Freshness, MessageIds
from .exchange.observing import NOBODY, Observer
from .exchange.times import utc_now
from .exchange.writing import new_element_id
from .filing import exchange_files, store_routes
from .http.app import create_app
from .http.scraping import Scraping
from .http.server import http_limits
from .materials import load_signing_key, load_token, load_trust
from .migrations import check
from .observing.exposition import CONTENT_TYPE, exposed
from .observing.monitor import Monitor
from .observing.readiness import Readiness, database_check, key_check, trust_check
from .observing.signing import watched
from .observing.traffic import Traffic
from .registry.gate import Gate
from .registry.kinds import load_kinds
from .registry.registrar import Registrar
from .registry.worker import Worker, WorkerSettings
from .settings import Settings
from .soap.call import Handler
from .soap.endpoint import SoapEndpoint
from .soap.limits import Limits
from .soap.operations.ack import Ack
from .soap.operations.context import ExchangeContext, ExchangeLimits
from .soap.operations.get_incoming_queue_statistics import GetIncomingQueueStatistics
from .soap.operations.get_request import GetRequest
from .soap.operations.get_response import GetResponse
from .soap.operations.get_status import GetStatus
from .soap.operations.send_request import SendRequest
from .soap.operations.send_response import SendResponse
from .store.bell import Listener, Place, bell_for, listener_for
from .store.engine import create_engine
from .store.messages import MessageLog
from .store.participants import CachedParticipants
from .store.routes import CachedRoutes, RouteStore


@dataclass(frozen=True, slots=True)
class Store:
    """The database of a node or worker, and what reads and writes it."""

    engine: Engine
    queue: MessageQueue
    messages: MessageLog
    before_closing: ExitStack = field(default_factory=ExitStack)

    @classmethod
    def open(cls, url: str, *, threads: int = 1) -> "Store":
        """Opens the database for so many threads. Raises SchemaMismatch if it was never made, or is of another version
        of the program.
        """
        engine = create_engine(url, connections=threads)
        check(engine)
        return cls(engine, queue_for(engine), MessageLog())

    def close(self) -> None:
        """Ends what still works with the database, then its connections."""
        self.before_closing.close()
        self.engine.dispose()


def cached_participants(settings: Settings, store: Store, clock: Callable[[], datetime]) -> CachedParticipants:
    """The participants as node and worker ask for them."""
    return CachedParticipants(store.engine, clock, timedelta(seconds=settings.exchange.participants_cache_seconds))


def build_catalogue(settings: Settings) -> Catalogue:
    """All kinds of messages: the register's, and those declared for other providers. Raises CatalogueError."""
    return load_catalogue(load_kinds(), settings.exchange.kinds)


def cached_routes(
    settings: Settings, store: Store, own: Collection[str], clock: Callable[[], datetime]
) -> CachedRoutes:
    """The routes as the node asks for them; `own` are the names of the register's kinds."""
    lifetime = timedelta(seconds=settings.exchange.participants_cache_seconds)
    return CachedRoutes(store.engine, RouteStore(settings.registry.mnemonic, own), clock, lifetime)


def build_context(
    settings: Settings, store: Store, clock: Callable[[], datetime] = utc_now, observer: Observer = NOBODY
) -> ExchangeContext:
    """What the operations of the exchange work with."""
    kinds = build_catalogue(settings)
    bell = store.before_closing.enter_context(closing(bell_for(store.engine, registers_queue(settings))))
    return ExchangeContext(
        engine=store.engine,
        queue=store.queue,
        messages=store.messages,
        participants=cached_participants(settings, store, clock),
        kinds=kinds,
        routes=cached_routes(settings, store, kinds.own, clock),
        mnemonic=settings.node.mnemonic,
        trust=load_trust(settings.trust),
        policy=SMEV,
        key=watched(load_signing_key(settings.node), observer),
        files=exchange_files(settings.files),
        bell=bell,
        clock=clock,
        new_id=new_element_id,
        new_message_id=MessageIds(clock, secrets.randbits),
        limits=ExchangeLimits(
            lease=settings.exchange.lease,
            timestamp_window=settings.exchange.timestamp_window,
            freshness=Freshness(settings.exchange.message_age, settings.exchange.clock_skew),
            queue_limit=settings.exchange.queue_limit,
            attachments=settings.exchange.attachment_bytes,
        ),
    )


def handlers(context: ExchangeContext) -> Mapping[Operation, Handler]:
    """The operations that the node offers."""
    return {
        Operation.SEND_REQUEST: SendRequest(context),
        Operation.SEND_RESPONSE: SendResponse(context),
        Operation.GET_REQUEST: GetRequest(context),
        Operation.GET_RESPONSE: GetResponse(context),
        Operation.GET_STATUS: GetStatus(context),
        Operation.ACK: Ack(context),
        Operation.GET_INCOMING_QUEUE_STATISTICS: GetIncomingQueueStatistics(context),
    }


def build_endpoint(
    settings: Settings, store: Store, clock: Callable[[], datetime] = utc_now, observer: Observer = NOBODY
) -> SoapEndpoint:
    """The SOAP endpoint: octets of a call in, octets of the answer out."""
    operations = handlers(build_context(settings, store, clock, observer))
    limits = Limits(octets=settings.limits.body_bytes)
    contracts = settings.exchange.contracts
    return SoapEndpoint(operations, clock=clock, contracts=contracts, limits=limits, observer=observer)


def build_app(
    settings: Settings, store: Store, clock: Callable[[], datetime] = utc_now, monitor: Monitor | None = None
) -> Starlette:
    """The node as an ASGI application; `monitor` watches it and has its metrics served."""
    key, trust, limits = load_signing_key(settings.node), load_trust(settings.trust), http_limits(settings.limits)
    traffic = Traffic(limits.concurrent)
    scraping = None
    if monitor is not None:
        monitor.watch_keys(key, trust)
        monitor.watch_database(store.engine, store.queue, clock, settings.metrics.queue_seconds)
        monitor.watch_http(traffic)
        if settings.metrics.enabled:
            token = load_token(settings.metrics.token_file)
            scraping = Scraping(partial(exposed, monitor.registry), CONTENT_TYPE, token)
    return create_app(
        build_endpoint(settings, store, clock, NOBODY if monitor is None else monitor.observer),
        limits=limits,
        public_url=settings.node.public_url,
        ready=Readiness([database_check(store.engine), key_check(key, clock), trust_check(trust, clock)]),
        traffic=traffic,
        scraping=scraping,
        more=store_routes(settings, store, clock),
    )


def build_worker(
    settings: Settings, store: Store, clock: Callable[[], datetime] = utc_now, monitor: Monitor | None = None
) -> Worker:
    """The register's worker; `monitor` watches it."""
    key, observer = load_signing_key(settings.registry), NOBODY if monitor is None else monitor.observer
    if monitor is not None:
        monitor.watch_keys(key)
        monitor.watch_database(store.engine, store.queue, clock, settings.metrics.queue_seconds)
    registrar = Registrar(
        mnemonic=settings.registry.mnemonic,
        office=PostOffice(store.queue, store.messages),
        messages=store.messages,
        participants=cached_participants(settings, store, clock),
        kinds=load_kinds(),
        gate=Gate(load_trust(settings.trust)),
        key=watched(key, observer),
        new_message_id=MessageIds(clock, secrets.randbits),
        observer=observer,
    )
    return Worker(
        engine=store.engine,
        queue=store.queue,
        registrar=registrar,
        clock=clock,
        settings=WorkerSettings(
            mnemonic=settings.registry.mnemonic,
            lease=settings.worker.lease,
            max_attempts=settings.worker.max_attempts,
            batch=settings.worker.batch,
            retry=settings.worker.retry,
            idle=settings.worker.poll_seconds,
        ),
    )


def registers_queue(settings: Settings) -> Place:
    """The queue that the register's worker waits for, and that the node rings for."""
    return Place(settings.registry.mnemonic, Channel.REQUEST)


def build_listener(settings: Settings, store: Store) -> Listener:
    """What wakes the register's worker when a request has come."""
    return listener_for(store.engine, registers_queue(settings))
