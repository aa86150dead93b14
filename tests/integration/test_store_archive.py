"""The archive holds the octets of finished messages as they were received, and takes nothing that still waits."""

from dataclasses import replace
from datetime import timedelta

import pytest
from mezhved.adapter.exchange.lifecycle import Event, ImpossibleTransition, MessageType, State
from mezhved.adapter.store.archive import DamagedArchive, MessageArchive, octets_of
from mezhved.adapter.store.aside import AsideStore
from mezhved.adapter.store.engine import read, write
from mezhved.adapter.store.messages import Message, MessageLog
from mezhved.queue.errors import DuplicateMessage, UnknownMessage
from mezhved.queue.store import queue_for
from sqlalchemy import Connection, Engine, text
from support.queue import NOON

LOG, ARCHIVE = MessageLog(), MessageArchive()
LATER = NOON + timedelta(days=400)
RESPONSE = Message(
    message_id="",
    message_type=MessageType.RESPONSE,
    kind="worker_card",
    sender="FRMR",
    recipient="REGION",
    contract="1.2",
    accepted_at=NOON,
    state=State.MESSAGE_IS_DELIVERED,
)


def kept(engine: Engine, conn: Connection, message: Message) -> str:
    queue_for(engine).accept(conn, message.message_id, f"<octets>{message.message_id}</octets>".encode(), NOON)
    LOG.record(conn, message)
    return message.message_id


def ready(conn: Connection, size: int = 100) -> list[list[str]]:
    """What windows of this size hold, one after another."""
    found, place = [], None
    while True:
        window = ARCHIVE.window(conn, LATER, place, size)
        found.append(list(window.ready))
        place = window.next
        if place is None:
            return found


def test_octets_are_the_same_before_and_after_and_the_id_stays_taken(engine: Engine) -> None:
    with write(engine) as conn:
        message_id = kept(engine, conn, replace(RESPONSE, message_id="one"))
        before = octets_of(conn, message_id)
        ARCHIVE.put(conn, LOG, message_id, at=LATER, actor="MEZHVED")
    with write(engine) as conn:
        assert octets_of(conn, message_id) == before == b"<octets>one</octets>"
        assert queue_for(engine).body(conn, message_id) == b""
        assert LOG.get(conn, message_id).state is State.MESSAGE_IS_ARCHIVED
        assert LOG.events(conn, message_id)[-1].event is Event.ARCHIVED
        with pytest.raises(DuplicateMessage):
            queue_for(engine).accept(conn, message_id, b"", LATER)
        with pytest.raises(ImpossibleTransition):
            ARCHIVE.put(conn, LOG, message_id, at=LATER, actor="MEZHVED")
        assert ready(conn) == [[]]


def test_only_what_waits_for_nothing_is_taken(engine: Engine) -> None:
    request = replace(RESPONSE, message_type=MessageType.REQUEST)
    states = {
        "delivered": RESPONSE,
        "answered": replace(request, state=State.REQUEST_IS_PROCESSED),
        "refused": replace(request, state=State.REQUEST_IS_REJECTED_BY_SMEV),
        "told": replace(RESPONSE, message_type=MessageType.BROADCAST),
        "not acknowledged": replace(RESPONSE, state=State.RESPONSE_IS_ACCEPTED_BY_SMEV),
        "not answered": replace(request, state=State.UNDER_PROCESSING),
        "set aside": replace(request, state=State.REQUEST_IS_REJECTED_BY_SMEV),
        "new": replace(RESPONSE, accepted_at=LATER + timedelta(seconds=1)),
    }
    with write(engine) as conn:
        for name, message in states.items():
            kept(engine, conn, replace(message, message_id=name))
        AsideStore().put(conn, "set aside", "ZeroDivisionError", 5, NOON)
        assert ready(conn) == [["answered", "delivered", "refused", "told"]]


@pytest.mark.parametrize("size", [1, 2, 3, 7])
def test_windows_of_every_size_see_every_message_once(engine: Engine, size: int) -> None:
    with write(engine) as conn:
        names = [
            kept(
                engine,
                conn,
                replace(RESPONSE, message_id=f"m{number}", accepted_at=NOON + timedelta(hours=number // 2)),
            )
            for number in range(7)
        ]
        windows = ready(conn, size)
    assert [name for window in windows for name in window] == names
    assert max(map(len, windows)) <= size


def test_damage_is_noticed_and_an_unknown_message_is_an_error(engine: Engine) -> None:
    with write(engine) as conn:
        ARCHIVE.put(conn, LOG, kept(engine, conn, replace(RESPONSE, message_id="one")), at=LATER, actor="x")
        ARCHIVE.put(conn, LOG, kept(engine, conn, replace(RESPONSE, message_id="two")), at=LATER, actor="x")
        conn.execute(text("UPDATE archive_bodies SET sha256 = 'other' WHERE message_id = 'one'"))
        conn.execute(text("UPDATE archive_bodies SET packed = :packed WHERE message_id = 'two'"), {"packed": b"x"})
    with read(engine) as conn:
        for message_id in ("one", "two"):
            with pytest.raises(DamagedArchive, match=message_id):
                octets_of(conn, message_id)
        with pytest.raises(UnknownMessage):
            octets_of(conn, "three")
