"""Ack, on both databases: what leaves its queue, and what cannot be confirmed."""

import pytest
from mezhved.adapter.exchange.faults import (
    TargetMessageIsNotFound,
)
from mezhved.adapter.exchange.lifecycle import Event, State
from mezhved.adapter.soap.operations.ack import Ack
from mezhved.adapter.soap.operations.get_response import GetResponse
from mezhved.adapter.store.engine import read
from sqlalchemy import Engine
from support.operations import put_response, refused
from support.world import V12, World

T = f"{{{V12.types}}}"


@pytest.fixture
def world(engine: Engine) -> World:
    return World(engine)


def test_it_moves_the_message_to_delivered_and_is_recorded(world: World) -> None:
    key = world.register("REGION")
    message_id = put_response(world, "REGION")
    GetResponse(world.context())(world.get_response(key))
    Ack(world.context())(world.ack(key, message_id, accepted="false"))
    with read(world.engine) as conn:
        assert world.context().messages.get(conn, message_id).state is State.MESSAGE_IS_DELIVERED
        last = world.context().messages.events(conn, message_id)[-1]
    assert (last.event, last.actor, last.detail) == (Event.ACKED, "REGION", "accepted=false")


def test_its_moment_is_that_at_which_the_message_left_the_queue(world: World) -> None:
    """The call may have waited: what the log tells of one queue is in the order in which it happened."""
    key = world.register("REGION")
    message_id = put_response(world, "REGION")
    GetResponse(world.context())(world.get_response(key))
    call = world.ack(key, message_id)
    world.clock.pass_by(seconds=3)
    Ack(world.context())(call)
    with read(world.engine) as conn:
        assert world.context().messages.events(conn, message_id)[-1].at == world.clock()


@pytest.mark.parametrize("written", ["true", "1", " true "])
def test_every_way_to_write_that_it_was_accepted(world: World, written: str) -> None:
    key = world.register("REGION")
    message_id = put_response(world, "REGION")
    GetResponse(world.context())(world.get_response(key))
    Ack(world.context())(world.ack(key, message_id, accepted=written))
    with read(world.engine) as conn:
        assert world.context().messages.events(conn, message_id)[-1].detail == ""


def test_what_was_not_given_cannot_be_acknowledged(world: World) -> None:
    key = world.register("REGION")
    for message_id in (put_response(world, "REGION"), world.message_ids()):
        fault = refused(Ack(world.context()), world.ack(key, message_id))
        assert isinstance(fault, TargetMessageIsNotFound)


def test_another_system_cannot_acknowledge_it(world: World) -> None:
    key, other = world.register("REGION"), world.register("AGENCY")
    message_id = put_response(world, "REGION")
    GetResponse(world.context())(world.get_response(key))
    assert isinstance(refused(Ack(world.context()), world.ack(other, message_id)), TargetMessageIsNotFound)
    Ack(world.context())(world.ack(key, message_id))


def test_a_second_ack_finds_nothing(world: World) -> None:
    key = world.register("REGION")
    message_id = put_response(world, "REGION")
    GetResponse(world.context())(world.get_response(key))
    Ack(world.context())(world.ack(key, message_id))
    assert isinstance(refused(Ack(world.context()), world.ack(key, message_id)), TargetMessageIsNotFound)
