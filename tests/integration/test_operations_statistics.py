"""GetIncomingQueueStatistics (contract 1.1), on both databases: what waits in which queue of the caller."""

from datetime import timedelta

import pytest
from mezhved.adapter.exchange.faults import SignatureProblem, SignatureVerificationFault
from mezhved.adapter.soap.call import Call
from mezhved.adapter.soap.operations.get_incoming_queue_statistics import GetIncomingQueueStatistics
from mezhved.adapter.soap.operations.get_response import GetResponse
from mezhved.adapter.soap.operations.send_request import SendRequest
from sqlalchemy import Engine
from support.operations import answered, put_response, refused
from support.world import START, World


@pytest.fixture
def world(engine: Engine) -> World:
    return World(engine)


def counts(world: World, call: Call) -> dict[str | None, str | None]:
    root = answered(GetIncomingQueueStatistics(world.context()), call)
    return {row.get("queueName"): row.get("pendingMessageNumber") for row in root}


def test_every_queue_of_the_caller_is_named_and_no_other(world: World) -> None:
    key, provider = world.register("REGION"), world.register("FRMR")
    for node_id in (None, None, "n1"):
        put_response(world, "REGION", node_id=node_id)
    SendRequest(world.context())(world.send_request(key))
    assert counts(world, world.get_statistics(key)) == {
        "REGION.REQUEST": "0",
        "REGION.RESPONSE": "2",
        "REGION.STATUS": "0",
        "REGION.RESPONSE.n1": "1",
    }
    assert counts(world, world.get_statistics(provider))["FRMR.REQUEST"] == "1"


def test_a_node_sees_its_own_queue(world: World) -> None:
    key = world.register("REGION")
    for node_id in (None, "n1"):
        put_response(world, "REGION", node_id=node_id)
    assert counts(world, world.get_statistics(key, node_id="n1")) == {"REGION.RESPONSE.n1": "1"}
    assert counts(world, world.get_statistics(key, node_id="n2")) == {"REGION.RESPONSE.n2": "0"}


def test_what_is_with_a_reader_does_not_wait_until_its_lease_ends(world: World) -> None:
    key = world.register("REGION")
    put_response(world, "REGION")
    GetResponse(world.context())(world.get_response(key))
    assert counts(world, world.get_statistics(key))["REGION.RESPONSE"] == "0"
    world.clock.pass_by(minutes=16)
    assert counts(world, world.get_statistics(key))["REGION.RESPONSE"] == "1"


@pytest.mark.parametrize("minutes", [-11, 11])
def test_a_captured_call_cannot_be_replayed_later(world: World, minutes: int) -> None:
    call = world.get_statistics(world.register("REGION"), at=START + timedelta(minutes=minutes))
    fault = refused(GetIncomingQueueStatistics(world.context()), call)
    assert isinstance(fault, SignatureVerificationFault)
    assert fault.problem is SignatureProblem.SIGNATURE_IS_INVALID


def test_an_unsigned_call_is_refused(world: World) -> None:
    fault = refused(GetIncomingQueueStatistics(world.context()), world.get_statistics(None))
    assert isinstance(fault, SignatureVerificationFault)
    assert fault.problem is SignatureProblem.NO_SIGNATURE_FOUND
