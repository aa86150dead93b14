"""GetStatus, on both databases: each notice is given once, in the words of the caller's contract."""

from datetime import timedelta

import pytest
from lxml.etree import _Element as Element
from mezhved.adapter.dispatch.answering import processing_status, write_notice
from mezhved.adapter.exchange.contract import CONTRACTS, Contract
from mezhved.adapter.exchange.faults import EndOfLifeReached, ExchangeFault, SignatureVerificationFault
from mezhved.adapter.exchange.lifecycle import State
from mezhved.adapter.soap.call import Call
from mezhved.adapter.soap.operations.get_status import GetStatus
from mezhved.adapter.store.engine import write
from sqlalchemy import Engine
from support.operations import answered, refused, signed_by_node, text
from support.world import START, V12, World

VERSIONS = [pytest.param(contract, id=contract.version) for contract in CONTRACTS.values()]


@pytest.fixture
def world(engine: Engine) -> World:
    return World(engine)


def notify(world: World, recipient: str, contract: Contract = V12, fault: ExchangeFault | None = None) -> str:
    """Puts a notice into a status queue; returns the MessageID that it is about."""
    about = world.message_ids()
    octets = write_notice(contract, processing_status(about, State.REQUEST_IS_REJECTED_BY_SMEV, "причина", fault))
    with write(world.engine) as conn:
        world.context().office.notify(
            conn, world.message_ids(), octets, recipient=recipient, kind="echo", now=world.clock()
        )
    return about


def read_notice(world: World, call: Call) -> Element | None:
    """The AsyncProcessingStatus of an answer, its node's signature verified; None where there is none."""
    types = f"{{{call.contract.types}}}"
    message = answered(GetStatus(world.context()), call).find(f"{types}SmevAsyncProcessingMessage")
    if message is None:
        return None
    data = message.find(f"{types}AsyncProcessingStatusData")
    signed_by_node(world, message, data, f"{types}SMEVSignature")
    assert data is not None
    return data.find(f"{types}AsyncProcessingStatus")


@pytest.mark.parametrize("reader", VERSIONS)
@pytest.mark.parametrize("written", VERSIONS)
def test_a_notice_is_given_once_and_signed(world: World, written: Contract, reader: Contract) -> None:
    key = world.register("REGION")
    about = notify(world, "REGION", written, EndOfLifeReached("2026-11-23T12:00:00Z"))
    status = read_notice(world, world.get_status(key, contract=reader))
    assert status is not None
    assert text(reader, status, "OriginalMessageId") == about
    assert text(reader, status, "StatusCategory") == "requestIsRejectedBySmev"
    assert text(reader, status, "StatusDetails") == "причина"
    fault = status.find(f"{{{reader.types}}}SmevFault")
    assert fault is not None
    assert fault.findtext(f"{{{reader.basic}}}Code") == "SMEV-914"
    assert (fault.findtext(f"{{{reader.basic}}}Description") or "").startswith("SMEV-914:срок жизни")
    assert read_notice(world, world.get_status(key, contract=reader)) is None


def test_notices_come_in_order_and_to_their_recipient_only(world: World) -> None:
    key, other = world.register("REGION"), world.register("AGENCY")
    about = [notify(world, "REGION") for _ in range(3)]
    assert read_notice(world, world.get_status(other)) is None
    read = [read_notice(world, world.get_status(key)) for _ in range(3)]
    assert [text(V12, one, "OriginalMessageId") for one in read if one is not None] == about


def test_a_notice_that_cannot_be_signed_is_not_lost(world: World) -> None:
    key = world.register("REGION")
    notify(world, "REGION")
    with pytest.raises(AttributeError):
        GetStatus(world.context(key=None))(world.get_status(key))
    assert read_notice(world, world.get_status(key)) is not None


def test_a_stale_timestamp_is_refused(world: World) -> None:
    call = world.get_status(world.register("REGION"), at=START - timedelta(hours=1))
    assert isinstance(refused(GetStatus(world.context()), call), SignatureVerificationFault)
