"""GetStatus, on both databases: each notice is given once, in the words of the caller's contract."""

from datetime import timedelta

import pytest
from lxml import etree
from mezhved.adapter.dispatch.answering import processing_status, write_notice
from mezhved.adapter.exchange.faults import (
    SignatureVerificationFault,
)
from mezhved.adapter.exchange.lifecycle import State
from mezhved.adapter.soap.operations.get_status import GetStatus
from mezhved.adapter.store.engine import write
from mezhved.queue.model import Channel, Entry
from mezhved.signing.policy import SMEV
from mezhved.signing.xmldsig import verify
from sqlalchemy import Engine
from support.operations import SIGNATURE, refused
from support.world import START, V12, World

T = f"{{{V12.types}}}"


@pytest.fixture
def world(engine: Engine) -> World:
    return World(engine)


def test_a_notice_is_given_once_and_signed(world: World) -> None:
    key, request_id, notice_id = world.register("REGION"), world.message_ids(), world.message_ids()
    context = world.context()
    notice = write_notice(V12, processing_status(request_id, State.REQUEST_IS_REJECTED_BY_SMEV, "причина"))
    with write(world.engine) as conn:
        context.queue.accept(conn, notice_id, notice, world.clock())
        context.queue.enqueue(conn, [Entry(notice_id, "REGION", Channel.STATUS, "echo", None)], world.clock())
    message = etree.fromstring(GetStatus(context)(world.get_status(key))).find(f"{T}SmevAsyncProcessingMessage")
    assert message is not None
    data = message.find(f"{T}AsyncProcessingStatusData")
    assert data is not None
    assert data.findtext(f"{T}AsyncProcessingStatus/{T}OriginalMessageId") == request_id
    assert data.findtext(f"{T}AsyncProcessingStatus/{T}StatusDetails") == "причина"
    verify(message.find(f"{T}SMEVSignature/{SIGNATURE}"), data, policy=SMEV, trust=world.trust, at=world.clock())
    assert len(etree.fromstring(GetStatus(context)(world.get_status(key)))) == 0


def test_a_notice_that_cannot_be_signed_is_not_lost(world: World) -> None:
    key, notice_id = world.register("REGION"), world.message_ids()
    context = world.context()
    notice = write_notice(V12, processing_status(world.message_ids(), State.REQUEST_IS_REJECTED_BY_SMEV, "причина"))
    with write(world.engine) as conn:
        context.queue.accept(conn, notice_id, notice, world.clock())
        context.queue.enqueue(conn, [Entry(notice_id, "REGION", Channel.STATUS, "echo", None)], world.clock())
    with pytest.raises(AttributeError):
        GetStatus(world.context(key=None))(world.get_status(key))
    assert len(etree.fromstring(GetStatus(context)(world.get_status(key)))) == 1


def test_a_stale_timestamp_is_refused(world: World) -> None:
    call = world.get_status(world.register("REGION"), at=START - timedelta(hours=1))
    assert isinstance(refused(GetStatus(world.context()), call), SignatureVerificationFault)
