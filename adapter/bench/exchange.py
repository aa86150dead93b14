"""A whole exchange in one process: SendRequest, processing by the worker, GetResponse, Ack, each with its own CPU."""

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from time import perf_counter_ns, process_time_ns
from typing import Protocol, TypeVar

from sqlalchemy import Engine

from ...signing.canonical import exclusive_c14n
from ...signing.keys import SigningKey, load_pem
from ...signing.providers.openssl_gost import OpenSslGost
from ...signing.providers.pyca import Pyca
from ...signing.transform import smev_transform
from ...xsd.validation import Schema
from ..exchange import kept
from ..exchange.contract import CONTRACTS
from ..exchange.message_id import MessageIds
from ..exchange.times import moscow_day, utc_now
from ..node import Store, build_endpoint, build_worker
from ..registry.worker import Worker
from ..settings_sources import load
from ..soap import envelope
from ..soap.endpoint import SoapEndpoint
from ..stand import contents
from ..stand.layout import REGION
from ..stand.making import Plan, make
from ..store.engine import read
from .calls import Caller
from .primitives import C14N, DIGEST, PARSE, SCHEMA, SIGN, TRANSFORM, VERIFY, plain_parse
from .recording import Call, Commits, Recorder, Watch

STEPS = ("SendRequest", "processing", "GetResponse", "Ack")
"""The parts of an exchange, in their order. The second is the worker's."""

VERSION = "1.2"
"""The version of the contract that the caller speaks."""
_WORKERS = 200
_SECTIONS = ("IDENTITY_DOCUMENTS", "EMPLOYMENTS", "EDUCATION", "CERTIFICATES", "ACCREDITATIONS", "QUALIFICATIONS")
_OK = 200
_Result = TypeVar("_Result")


class ExchangeFailed(Exception):  # noqa: N818 – named for what happened
    """A step of the exchange did not end as it should: its figures would mean nothing."""


class Around(Protocol):
    """What is done around each step of node and worker, and around nothing else."""

    def __call__(self, step: str, work: Callable[[], _Result]) -> _Result:
        """Does the work of the step."""
        ...


@dataclass(slots=True)
class Timer:
    """CPU of this process and time passed, by step, in microseconds."""

    cpu: dict[str, list[float]] = field(default_factory=dict)
    elapsed: dict[str, list[float]] = field(default_factory=dict)

    def __call__(self, step: str, work: Callable[[], _Result]) -> _Result:
        """Does the work and notes what it took."""
        passed, spent = perf_counter_ns(), process_time_ns()
        result = work()
        spent, passed = process_time_ns() - spent, perf_counter_ns() - passed
        self.cpu.setdefault(step, []).append(spent / 1000)
        self.elapsed.setdefault(step, []).append(passed / 1000)
        return result


@dataclass(frozen=True, slots=True)
class Octets:
    """What went over the wire in an exchange: the client's calls, and the node's answer with the response."""

    calls: tuple[bytes, ...]
    response: bytes


@dataclass(frozen=True, slots=True)
class Exchange:
    """Node, worker and caller of a stand, in one process."""

    engine: Engine
    endpoint: SoapEndpoint
    worker: Worker
    caller: Caller
    content: bytes
    clock: Callable[[], datetime]
    new_message_id: Callable[[], str]

    def once(self, around: Around) -> Octets:
        """Carries one exchange through; raises ExchangeFailed."""
        request = self.caller.send_request(self.new_message_id(), self.content)
        self._asked(around, STEPS[0], request)
        if around(STEPS[1], self.worker.run_once) != 1:
            raise ExchangeFailed("the worker found another number of requests than one")
        selector = self.caller.get_response(self.clock())
        response = self._asked(around, STEPS[2], selector)
        ack = self.caller.ack(_message_id(response))
        self._asked(around, STEPS[3], ack)
        return Octets((request, selector, ack), response)

    def _asked(self, around: Around, step: str, octets: bytes) -> bytes:
        reply = around(step, lambda: self.endpoint.handle(octets, VERSION))
        if reply.status != _OK:
            raise ExchangeFailed(f"{step}: {reply.octets.decode('utf-8')}")
        return reply.octets

    def recorded(self) -> tuple[list[Call], int]:
        """The primitives of one exchange, to be made again by themselves, and the number of its durable commits."""
        recorder, commits = Recorder(_WATCHES), Commits()

        def around(
            step: str,  # noqa: ARG001 – the protocol's name
            work: Callable[[], _Result],
        ) -> _Result:
            with recorder.recording():
                return work()

        with commits.counting(self.engine):
            self.once(around)
        return recorder.calls, commits.durable


@contextmanager
def exchange_of(folder: Path, key_type: str, database_url: str | None) -> Iterator[Exchange]:
    """A stand with keys of one kind on one database (None: SQLite in the folder), ready for exchanges."""
    now = utc_now()
    plan = Plan(folder, workers=_WORKERS, database_url=database_url, key_type=key_type)
    layout = make(plan, now=now, random_bits=secrets.randbits)
    settings = load(layout.config)
    store = Store.open(settings.database.url)
    pair = layout.pair(REGION)
    try:
        yield Exchange(
            engine=store.engine,
            endpoint=build_endpoint(settings, store),
            worker=build_worker(settings, store),
            caller=Caller(CONTRACTS[VERSION], load_pem(pair.key.read_bytes(), pair.certificate.read_bytes())),
            content=_card_request(store.engine),
            clock=utc_now,
            new_message_id=MessageIds(utc_now, secrets.randbits),
        )
    finally:
        store.close()


def _card_request(engine: Engine) -> bytes:
    """A request for everything that the register knows of somebody, canonical."""
    with read(engine) as conn:
        person = contents.somebody(conn, moscow_day(utc_now()), with_main_post=True)
    if person is None:
        raise ExchangeFailed("the register holds nobody")
    return exclusive_c14n(plain_parse(contents.worker_card(person.snils, _SECTIONS)))


def _message_id(response: bytes) -> str:
    """MessageID of the response in an answer to GetResponse."""
    contract = CONTRACTS[VERSION]
    data = plain_parse(response).find(f".//{{{contract.types}}}SenderProvidedResponseData")
    if data is None:
        raise ExchangeFailed("the answer to GetResponse holds no response")
    return data.findtext(f"{{{contract.types}}}MessageID") or ""


_WATCHES = (
    Watch(PARSE, envelope.parse, bare=lambda octets, *_: plain_parse(octets)),
    Watch(PARSE, kept.sender_part, bare=plain_parse),
    Watch(SCHEMA, Schema.errors),
    Watch(C14N, exclusive_c14n),
    Watch(TRANSFORM, smev_transform),
    Watch(DIGEST, OpenSslGost.digest),
    Watch(DIGEST, Pyca.digest),
    Watch(VERIFY, OpenSslGost.verify),
    Watch(VERIFY, Pyca.verify),
    Watch(SIGN, SigningKey.sign),
)
