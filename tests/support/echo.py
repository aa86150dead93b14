"""A register of one kind, whose requests leave a mark that can be counted: for tests of the worker."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from lxml import etree
from mezhved.adapter.dispatch.posting import PostOffice
from mezhved.adapter.exchange.participants import Participant
from mezhved.adapter.exchange.roles import Role
from mezhved.adapter.registry.access import Access, anybody
from mezhved.adapter.registry.gate import Gate
from mezhved.adapter.registry.outcome import Answer, KindRequest, Refusal
from mezhved.adapter.registry.registrar import Registrar
from mezhved.adapter.registry.worker import Worker, WorkerSettings
from mezhved.adapter.store.engine import read
from mezhved.adapter.store.messages import MessageLog
from mezhved.adapter.store.participants import CachedParticipants, ParticipantStore
from mezhved.queue.store import queue_for
from sqlalchemy import Connection

from .world import ECHO, EchoKind, World

Handle = Callable[[KindRequest, Connection], Answer | Refusal]
LEASE = timedelta(minutes=5)
RETRY = timedelta(seconds=10)
_MARK = "EFFECT/"


@dataclass(frozen=True, kw_only=True)
class Handled(EchoKind):
    """The echo with something that answers it."""

    handler: Handle
    writes: bool = True
    access: Access = field(default_factory=lambda: Access(anybody(*Role)))


@dataclass(frozen=True)
class Catalogue:
    """A catalogue of one kind."""

    kind: Handled

    def by_name(self, name: str) -> Handled:
        assert name == self.kind.name
        return self.kind


def answer(text: str = "ответ") -> Answer:
    """What the echo answers."""
    return Answer(etree.fromstring(f'<e:EchoResponse xmlns:e="{ECHO}">{text}</e:EchoResponse>'))


def remember(request: KindRequest, conn: Connection) -> Answer:
    """A change that anybody can count afterwards: each time another participant, named after the message."""
    ParticipantStore().put(conn, Participant(f"{_MARK}{request.message_id}/{uuid.uuid4()}", "x", frozenset()))
    return answer()


def effects(world: World) -> list[str]:
    """The MessageIDs for which `remember` was carried out, each as often as it was."""
    with read(world.engine) as conn:
        everybody = [one.mnemonic for one in ParticipantStore().list(conn)]
    return sorted(one.split("/")[1] for one in everybody if one.startswith(_MARK))


def echo_worker(world: World, handler: Handle = remember, max_attempts: int = 3) -> Worker:
    """The worker of the world's register."""
    queue, messages = queue_for(world.engine), MessageLog()
    registrar = Registrar(
        mnemonic="FRMR",
        office=PostOffice(queue, messages),
        messages=messages,
        participants=CachedParticipants(world.engine, world.clock, timedelta(0)),
        kinds=Catalogue(Handled(handler=handler)),  # type: ignore[arg-type]
        gate=Gate(world.trust),
        key=world.issue("CN=FRMR").signing_key(),
        new_message_id=world.message_ids,
    )
    settings = WorkerSettings(mnemonic="FRMR", lease=LEASE, max_attempts=max_attempts, batch=10, retry=RETRY, idle=0.01)
    return Worker(world.engine, queue, registrar, world.clock, settings)
