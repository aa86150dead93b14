"""Files beside messages, on both databases: looked at, delivered with what opens them, and cleared; or refused once."""

import base64
import hashlib
import threading
from collections.abc import Callable
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import BinaryIO

import pytest
from lxml.etree import _Element as Element
from mezhved.adapter.dispatch.posting import PostOffice
from mezhved.adapter.dispatch.refusing import NodeVoice
from mezhved.adapter.exchange.contract import CONTRACTS
from mezhved.adapter.exchange.faults import (
    AttachmentContentMiscoordination,
    AttachmentSizeLimitExceeded,
    ExchangeFault,
    QuoteLimitExceeded,
    SignatureVerificationFault,
)
from mezhved.adapter.exchange.filed import FileLimits
from mezhved.adapter.exchange.lifecycle import Event, State
from mezhved.adapter.exchange.ports import NoBell
from mezhved.adapter.files.clerk import ClerkSettings, FileClerk
from mezhved.adapter.files.filing import DatabaseGate, ExchangeFiles
from mezhved.adapter.files.local import LocalStorage
from mezhved.adapter.files.storage import Area
from mezhved.adapter.files.sweeping import Sweeper
from mezhved.adapter.soap.operations.ack import Ack
from mezhved.adapter.soap.operations.context import ExchangeContext
from mezhved.adapter.soap.operations.get_request import GetRequest
from mezhved.adapter.soap.operations.get_response import GetResponse
from mezhved.adapter.soap.operations.get_status import GetStatus
from mezhved.adapter.soap.operations.send_request import SendRequest
from mezhved.adapter.soap.operations.send_response import SendResponse
from mezhved.adapter.store.engine import read, write
from mezhved.adapter.store.files import new_token, set_password
from mezhved.adapter.store.messages import MessageLog
from mezhved.adapter.store.participants import CachedParticipants
from mezhved.queue.store import queue_for
from mezhved.signing.detached import sign_file
from mezhved.signing.keys import SigningKey
from sqlalchemy import Engine
from support.operations import answered, delivered, refused
from support.world import ECHO, ECHO_RESPONSE, NEWS, V12, ProviderOf, World

OCTETS = b"a large file" * 1000
T, B = f"{{{V12.types}}}", f"{{{V12.basic}}}"


class Stage:
    """A world with a file store."""

    def __init__(self, engine: Engine, folder: Path) -> None:
        self.world = World(engine)
        self.folder = folder / "store"
        self.storage = LocalStorage(self.folder)
        self.region, self.provider = self.world.register("REGION"), self.world.register("FRMR")
        self.tokens = count()

    def context(self, message: int = 10**6, kind: int = 10**7, **changes: object) -> ExchangeContext:
        files = ExchangeFiles(self.storage, FileLimits(message, kind))
        return self.world.context(files=files, **changes)

    def clerk(self, attempts: int = 3, storage: LocalStorage | None = None) -> FileClerk:
        world, queue = self.world, queue_for(self.world.engine)
        voice = NodeVoice(PostOffice(queue, MessageLog()), "MEZHVED", world.node_key, world.message_ids)
        settings = ClerkSettings(timedelta(minutes=10), attempts, timedelta(seconds=5), 0.01)
        return FileClerk(
            world.engine,
            MessageLog(),
            voice,
            storage or self.storage,
            NoBell(),
            world.clock,
            lambda: f"{next(self.tokens):016}-secret",
            settings,
        )

    def upload(self, octets: bytes = OCTETS, owner: str = "REGION", name: str = "scan.pdf") -> str:
        file_id = self.world.message_ids()
        with self.storage.receive(Area.of_participant(owner), file_id, name, 10**9) as upload:
            upload.write(octets)
            upload.commit()
        return file_id

    def header(self, file_id: str, octets: bytes = OCTETS, key: SigningKey | None = None, **changed: str) -> str:
        signature = base64.b64encode(sign_file([octets], key or self.region, at=self.world.clock())).decode()
        fields = {
            "uuid": file_id,
            "Hash": base64.b64encode(hashlib.sha256(octets).digest()).decode(),
            "MimeType": "application/pdf",
            "SignaturePKCS7": signature,
        } | changed
        written = "".join(f"<b:{name}>{value}</b:{name}>" for name, value in fields.items() if value)
        return f"<b:RefAttachmentHeader>{written}</b:RefAttachmentHeader>"

    def send(self, *headers: str, **how: object) -> str:
        """A request with these headers; returns its MessageID."""
        message_id = self.world.message_ids()
        call = self.world.send_request(self.region, message_id=message_id, after=listed(*headers))
        SendRequest(self.context(**how))(call)
        return message_id

    def refused(self, *headers: str, **how: object) -> ExchangeFault:
        return refused(SendRequest(self.context(**how)), self.world.send_request(self.region, after=listed(*headers)))

    def fetched(self) -> dict[str, dict[str, str]] | None:
        """FSAttachmentsList of the next request of FRMR, by uuid."""
        return accesses(answered(GetRequest(self.context()), self.world.get_request(self.provider)))

    def state(self, message_id: str) -> State:
        with read(self.world.engine) as conn:
            return MessageLog().get(conn, message_id).state

    def gate(self) -> DatabaseGate:
        participants = CachedParticipants(self.world.engine, self.world.clock, timedelta(0))
        return DatabaseGate(self.world.engine, participants, room=10**6)

    def seen(self) -> list[tuple[str, str]]:
        """Everything in the store: kind and owner of its area."""
        return [
            (area.kind, area.owner)
            for kind in ("uploads", "messages")
            for area in self.storage.areas(kind)
            for _ in self.storage.files(area)
        ]


def listed(*headers: str) -> str:
    return f"<b:RefAttachmentHeaderList>{''.join(headers)}</b:RefAttachmentHeaderList>"


def text_of(request: Element | None, name: str) -> str:
    assert request is not None
    return request.findtext(f".//{T}{name}") or ""


def accesses(root: Element) -> dict[str, dict[str, str]] | None:
    if root.find(f".//{B}RefAttachmentHeader") is None:
        return None
    return {
        one.findtext(f"{B}uuid"): {name: one.findtext(f"{B}{name}") for name in ("UserName", "Password", "FileName")}
        for one in root.iter(f"{B}FSAttachment")
    }


@pytest.fixture
def stage(engine: Engine, tmp_path: Path) -> Stage:
    return Stage(engine, tmp_path)


# -- there -------------------------------------------------------------------------------------------------------------


def test_a_message_is_delivered_once_its_files_were_looked_at(stage: Stage) -> None:
    file_id = stage.upload()
    message_id = stage.send(stage.header(file_id))
    assert stage.fetched() is None
    assert stage.state(message_id) is State.REQUEST_IS_QUEUED
    assert stage.clerk().run_once()
    assert not stage.clerk().run_once()
    access = stage.fetched()
    assert access is not None
    assert access[file_id]["FileName"] == "scan.pdf"
    assert stage.seen() == [("messages", message_id)]
    entry = stage.gate().enter(access[file_id]["UserName"], access[file_id]["Password"])
    assert entry is not None
    assert (entry.area, entry.writes) == (Area.of_message(message_id), False)
    with stage.storage.open(entry.area, file_id) as opened:
        assert opened.read() == OCTETS
    Ack(stage.context())(stage.world.ack(stage.provider, message_id))
    assert stage.seen() == []
    assert stage.gate().enter(access[file_id]["UserName"], access[file_id]["Password"]) is None


@pytest.mark.parametrize("version", CONTRACTS)
def test_every_delivery_in_every_version_tells_the_same(stage: Stage, version: str) -> None:
    file_id = stage.upload()
    stage.send(stage.header(file_id))
    stage.clerk().run_once()
    contract, told = CONTRACTS[version], []
    for _ in range(2):
        root = answered(GetRequest(stage.context()), stage.world.get_request(stage.provider, contract=contract))
        told.append([element.text for element in root.iter(f"{{{contract.basic}}}FSAttachment", "{*}Password")][1:])
        stage.world.clock.pass_by(minutes=20)
    assert told[0] == told[1] != []


def test_a_lease_is_longer_for_large_files(stage: Stage) -> None:
    stage.send(stage.header(stage.upload()))
    stage.clerk().run_once()
    with write(stage.world.engine) as conn:
        conn.exec_driver_sql("UPDATE message_files SET size = 1073741824")
    assert stage.fetched() is not None
    stage.world.clock.pass_by(minutes=32)
    assert stage.fetched() is None
    stage.world.clock.pass_by(minutes=1)
    assert stage.fetched() is not None


def test_a_response_may_have_files_too(stage: Stage) -> None:
    SendRequest(stage.context())(stage.world.send_request(stage.region))
    request = delivered(stage.world, GetRequest(stage.context()), stage.world.get_request(stage.provider), "Request")
    file_id = stage.upload(owner="FRMR")
    said = ECHO_RESPONSE + listed(stage.header(file_id, key=stage.provider))
    SendResponse(stage.context())(stage.world.send_response(stage.provider, text_of(request, "ReplyTo"), said))
    assert stage.clerk().run_once()
    root = answered(GetResponse(stage.context()), stage.world.get_response(stage.region))
    assert list(accesses(root) or {}) == [file_id]


def test_a_broadcast_clears_its_files_after_the_last_subscriber(stage: Stage) -> None:
    subscribers = {name: stage.world.register(name) for name in ("A", "B")}
    file_id, message_id = stage.upload(), stage.world.message_ids()
    routes = ProviderOf("FRMR", tuple(subscribers))
    content = f'<n:News xmlns:n="{NEWS}">x</n:News>'
    call = stage.world.send_request(
        stage.region, message_id=message_id, content=content, after=listed(stage.header(file_id))
    )
    SendRequest(stage.context(routes=routes))(call)
    assert stage.clerk().run_once()
    users = set()
    for key in subscribers.values():
        root = answered(GetRequest(stage.context(routes=routes)), stage.world.get_request(key))
        users.add((accesses(root) or {})[file_id]["UserName"])
        assert stage.seen() == [("messages", message_id)]
        Ack(stage.context())(stage.world.ack(key, message_id))
    assert len(users) == 2
    assert stage.seen() == []


def test_order_key_and_priority_are_kept_while_files_are_looked_at(stage: Stage) -> None:
    content = f'<e:EchoRequest xmlns:e="{ECHO}" about="somebody">text</e:EchoRequest>'
    call = stage.world.send_request(stage.region, content=content, after=listed(stage.header(stage.upload())))
    SendRequest(stage.context())(call)
    stage.clerk().run_once()
    with read(stage.world.engine) as conn:
        (entry,) = conn.exec_driver_sql("SELECT recipient, order_key, rank FROM queue_entries").all()
    assert tuple(entry) == ("FRMR", "somebody", 0)


# -- refused at once ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changed", "kind", "words"),
    [
        ({"SignaturePKCS7": ""}, SignatureVerificationFault, "NO_SIGNATURE"),
        ({"SignaturePKCS7": "AAEC"}, SignatureVerificationFault, "MALFORMED_SIGNATURE"),
        ({"Hash": "AAEC"}, AttachmentContentMiscoordination, "messageDigest"),
        ({"uuid": "scan"}, AttachmentContentMiscoordination, "UUID версии 1"),
        ({"uuid": "../../etc"}, AttachmentContentMiscoordination, "UUID версии 1"),
    ],
)
def test_what_can_be_said_at_once_is_said_at_once(
    stage: Stage, changed: dict[str, str], kind: type[ExchangeFault], words: str
) -> None:
    fault = stage.refused(stage.header(stage.upload(), **changed))
    assert isinstance(fault, kind)
    assert words in fault.description


def test_a_file_is_named_once(stage: Stage) -> None:
    header = stage.header(stage.upload())
    assert isinstance(stage.refused(header, header), AttachmentContentMiscoordination)


def test_size_and_quota_have_faults_of_their_own(stage: Stage) -> None:
    header = stage.header(stage.upload())
    too_large = stage.refused(header, message=100)
    assert isinstance(too_large, AttachmentSizeLimitExceeded)
    assert (too_large.permitted, too_large.real) == (100, len(OCTETS))
    stage.send(stage.header(stage.upload()))
    stage.clerk().run_once()
    no_room = stage.refused(header, kind=len(OCTETS) + 5)
    assert isinstance(no_room, QuoteLimitExceeded)
    assert (no_room.remained, no_room.real) == (5, len(OCTETS))
    stage.send(header, kind=2 * len(OCTETS))


def test_without_a_store_it_is_said_that_there_is_none(stage: Stage) -> None:
    call = stage.world.send_request(stage.region, after=listed(stage.header(stage.upload())))
    fault = refused(SendRequest(stage.world.context()), call)
    assert "нет файлового хранилища" in fault.description


# -- refused later -----------------------------------------------------------------------------------------------------


def never_uploaded(stage: Stage) -> str:
    return stage.header(stage.world.message_ids())


def another_file(stage: Stage) -> str:
    return stage.header(stage.upload(b"another file"))


def of_somebody_else(stage: Stage) -> str:
    return stage.header(stage.upload(owner="FRMR"))


@pytest.mark.parametrize(
    ("make", "words"),
    [(never_uploaded, "в хранилище нет"), (another_file, "хэш файла"), (of_somebody_else, "в хранилище нет")],
)
def test_an_unusable_file_ends_in_one_clear_rejection(stage: Stage, make: Callable[[Stage], str], words: str) -> None:
    message_id = stage.send(make(stage))
    assert stage.clerk().run_once()
    for _ in range(3):
        assert not stage.clerk().run_once()
        stage.world.clock.pass_by(hours=1)
    assert stage.state(message_id) is State.REQUEST_IS_REJECTED_BY_SMEV
    assert stage.fetched() is None
    response = delivered(stage.world, GetResponse(stage.context()), stage.world.get_response(stage.region), "Response")
    assert response is not None
    status = response.find(f".//{T}AsyncProcessingStatus")
    assert status is not None
    assert status.findtext(f"{T}OriginalMessageId") == message_id
    assert "SMEV-905" in (status.findtext(f".//{B}Code") or "")
    assert words in (status.findtext(f"{T}StatusDetails") or "")
    notice = answered(GetStatus(stage.context()), stage.world.get_status(stage.region))
    assert notice.findtext(f".//{T}OriginalMessageId") == message_id
    assert ("messages", message_id) not in stage.seen()


@pytest.mark.parametrize("version", CONTRACTS)
def test_whoever_waits_for_a_response_is_told_when_its_files_are_unusable(stage: Stage, version: str) -> None:
    contract = CONTRACTS[version]
    SendRequest(stage.context())(stage.world.send_request(stage.region))
    request = delivered(stage.world, GetRequest(stage.context()), stage.world.get_request(stage.provider), "Request")
    said = ECHO_RESPONSE + listed(stage.header(stage.world.message_ids(), key=stage.provider))
    message_id = stage.world.message_ids()
    call = stage.world.send_response(
        stage.provider, text_of(request, "ReplyTo"), said, message_id=message_id, contract=contract
    )
    SendResponse(stage.context())(call)
    assert stage.clerk().run_once()
    assert stage.state(message_id) is State.RESPONSE_IS_REJECTED_BY_SMEV
    root = answered(GetResponse(stage.context()), stage.world.get_response(stage.region))
    assert root.findtext(f".//{T}AsyncProcessingStatus/{T}OriginalMessageId") == text_of(request, "MessageID")
    notice = answered(GetStatus(stage.context()), stage.world.get_status(stage.provider, contract=contract))
    assert notice.findtext(f".//{{{contract.types}}}OriginalMessageId") == message_id


def test_a_store_that_fails_is_tried_again_and_then_given_up(stage: Stage) -> None:
    class Failing(LocalStorage):
        def open(self, area: Area, file_id: str) -> object:  # type: ignore[override]
            raise OSError(5, "Input/output error")

    message_id = stage.send(stage.header(stage.upload()))
    clerk = stage.clerk(attempts=2, storage=Failing(stage.folder))
    assert clerk.run_once()
    assert not clerk.run_once(), "after a pause only"
    stage.world.clock.pass_by(seconds=5)
    assert clerk.run_once()
    assert stage.state(message_id) is State.REQUEST_IS_REJECTED_BY_SMEV
    root = answered(GetResponse(stage.context()), stage.world.get_response(stage.region))
    assert "SMEV-909" in (root.findtext(f".//{B}Code") or "")


def test_the_end_of_life_counts_while_files_are_looked_at(stage: Stage) -> None:
    message_id = stage.world.message_ids()
    eol = (stage.world.clock() + timedelta(minutes=5)).isoformat()
    call = stage.world.send_request(
        stage.region, message_id=message_id, before=f"<t:EOL>{eol}</t:EOL>", after=listed(stage.header(stage.upload()))
    )
    SendRequest(stage.context())(call)
    stage.world.clock.pass_by(minutes=6)
    assert stage.clerk().run_once()
    assert stage.state(message_id) is State.REQUEST_IS_REJECTED_BY_SMEV
    root = answered(GetResponse(stage.context()), stage.world.get_response(stage.region))
    assert "SMEV-914" in (root.findtext(f".//{B}Code") or "")


# -- crashes -----------------------------------------------------------------------------------------------------------


class _Died(BaseException):
    """Stands for SIGKILL: nobody catches it."""


@pytest.mark.parametrize("step", ["moved", "hashed", "before the transaction", "after the transaction"])
def test_a_clerk_that_dies_is_followed_by_another(stage: Stage, step: str, monkeypatch: pytest.MonkeyPatch) -> None:
    file_id = stage.upload()
    message_id = stage.send(stage.header(file_id))

    def die(*_: object, **__: object) -> None:
        raise _Died

    with monkeypatch.context() as patched:
        if step == "moved":
            patched.setattr(LocalStorage, "open", die)
        elif step == "hashed":
            patched.setattr("mezhved.adapter.files.clerk.hmac.compare_digest", die)
        elif step == "before the transaction":
            patched.setattr("mezhved.adapter.files.clerk.grant", die)
        else:
            patched.setattr(NoBell, "ring", die)
        with pytest.raises(_Died):
            stage.clerk().run_once()
    stage.world.clock.pass_by(minutes=11)
    assert stage.clerk().run_once() is (step != "after the transaction")
    assert list(stage.fetched() or {}) == [file_id]
    assert stage.seen() == [("messages", message_id)]


def test_a_slow_clerk_finds_that_another_was_quicker(stage: Stage) -> None:
    class Slow(LocalStorage):
        waited = False

        def open(self, area: Area, file_id: str) -> BinaryIO:
            if not self.waited:
                self.waited = True
                stage.world.clock.pass_by(minutes=11)
                assert stage.clerk().run_once()
            return super().open(area, file_id)

    file_id = stage.upload()
    stage.send(stage.header(file_id))
    assert stage.clerk(storage=Slow(stage.folder)).run_once()
    assert list(stage.fetched() or {}) == [file_id]
    assert stage.fetched() is None


def test_two_clerks_deliver_once(stage: Stage) -> None:
    for _ in range(6):
        stage.send(stage.header(stage.upload()))
    clerks = [threading.Thread(target=stage.clerk().run_once) for _ in range(6)]
    for one in clerks:
        one.start()
    for one in clerks:
        one.join()
    while stage.clerk().run_once():
        pass
    found = []
    while (access := stage.fetched()) is not None:
        found += list(access)
    assert len(found) == len(set(found)) == 6


def test_what_nobody_needs_any_more_is_swept(stage: Stage) -> None:
    kept, sent = stage.upload(), stage.upload()
    message_id = stage.send(stage.header(sent))
    stage.clerk().run_once()
    orphan = Area.of_message(stage.world.message_ids())
    stage.storage.move(Area.of_participant("REGION"), stage.upload(), orphan)
    sweeper = Sweeper(stage.storage, timedelta(days=7))

    def sweep(days: int = 0) -> int:
        found = stage.storage.find(Area.of_participant("REGION"), kept)
        with write(stage.world.engine) as conn:
            moment = stage.world.clock() if found is None else found.stored_at
            return sweeper.sweep(conn, moment + timedelta(days=days))

    assert sweep() == 1
    assert stage.seen() == [("uploads", "REGION"), ("messages", message_id)]
    assert sweep(days=8) == 1
    assert stage.seen() == [("messages", message_id)]
    # Whatever took the message out of its queue: the register's worker, an EOL, an operator.
    with write(stage.world.engine) as conn:
        conn.exec_driver_sql("DELETE FROM queue_entries")
        MessageLog().move(conn, message_id, Event.PROCESSED, at=stage.world.clock(), actor="FRMR")
    assert sweep() == 1
    assert stage.seen() == []


# -- the gate ----------------------------------------------------------------------------------------------------------


def test_the_gate_knows_participants_by_their_passwords(stage: Stage) -> None:
    password = new_token()
    with write(stage.world.engine) as conn:
        set_password(conn, "REGION", "old", b"salt")
        set_password(conn, "REGION", password, b"other salt")
        set_password(conn, "NOBODY", password, b"salt")
    stage.world.register("OFF", active=False)
    with write(stage.world.engine) as conn:
        set_password(conn, "OFF", password, b"salt")
        assert password.encode() not in str(conn.exec_driver_sql("SELECT * FROM file_accounts").all()).encode()
    gate = stage.gate()
    entry = gate.enter("REGION", password)
    assert entry is not None
    assert (entry.area, entry.writes, entry.room) == (Area.of_participant("REGION"), True, 10**6)
    for user, wrong in (("REGION", "old"), ("REGION", ""), ("FRMR", password), ("NOBODY", password), ("OFF", password)):
        assert gate.enter(user, wrong) is None
