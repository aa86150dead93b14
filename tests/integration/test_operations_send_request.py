"""SendRequest, on both databases: what is accepted, and what is refused for which reason."""

from dataclasses import replace
from datetime import timedelta

import pytest
from lxml import etree
from mezhved.adapter.exchange.faults import (
    AccessDenied,
    Advice,
    BusinessDataTypeIsNotSupported,
    DestinationOverflow,
    EndOfLifeReached,
    InvalidContent,
    InvalidMessageIdFormat,
    MessageIsAlreadySent,
    RecipientIsNotFound,
    StaleMessageId,
    TransactionCodeInvalid,
)
from mezhved.adapter.exchange.lifecycle import State
from mezhved.adapter.soap.operations.ack import Ack
from mezhved.adapter.soap.operations.get_request import GetRequest
from mezhved.adapter.soap.operations.send_request import SendRequest
from mezhved.adapter.store.engine import read, write
from mezhved.adapter.store.messages import MessageLog
from mezhved.queue.model import Channel
from mezhved.signing.policy import SMEV
from mezhved.signing.xmldsig import verify
from sqlalchemy import Engine
from support.operations import SIGNATURE, answered, delivered, refused, text
from support.world import ECHO, START, V12, ProviderOf, World

T = f"{{{V12.types}}}"


@pytest.fixture
def world(engine: Engine) -> World:
    return World(engine)


def test_an_accepted_request_is_kept_queued_and_told(world: World) -> None:
    key = world.register("REGION")
    context, call = world.context(), world.send_request(key, before="<t:NodeID>n1</t:NodeID>")
    root = etree.fromstring(SendRequest(context)(call))
    metadata = root.find(f"{T}MessageMetadata")
    assert metadata is not None
    message_id = metadata.findtext(f"{T}MessageId")
    assert metadata.findtext(f"{T}Status") == "requestIsQueued"
    assert metadata.findtext(f"{T}Sender/{T}Mnemonic") == "REGION"
    assert metadata.findtext(f"{T}Recipient/{T}Mnemonic") == "FRMR"
    signature = root.find(f"{T}SMEVSignature/{SIGNATURE}")
    verified = verify(signature, metadata, policy=SMEV, trust=world.trust, at=world.clock())
    assert verified.certificate == world.node_key.certificate
    with write(world.engine) as conn:
        assert message_id is not None
        message = context.messages.get(conn, message_id)
        leased = context.queue.lease(
            conn, recipient="FRMR", channel=Channel.REQUEST, now=world.clock(), lease_for=timedelta(minutes=1)
        )
    assert (message.state, message.sender, message.node_id) == (State.REQUEST_IS_QUEUED, "REGION", "n1")
    assert [(one.entry.message_id, one.body) for one in leased] == [(message_id, call.octets)]


@pytest.mark.parametrize(("written", "kept"), [(" n1\n", "n1"), ("  ", None), ("", None)])
def test_white_space_around_a_node_id_means_nothing(world: World, written: str, kept: str | None) -> None:
    call = world.send_request(world.register("REGION"), before=f"<t:NodeID>{written}</t:NodeID>")
    SendRequest(world.context())(call)
    with read(world.engine) as conn:
        assert MessageLog().get(conn, call.body[0].findtext(f"{T}MessageID") or "").node_id == kept


def test_a_message_sent_twice_is_accepted_once(world: World) -> None:
    key = world.register("REGION")
    handler, call = SendRequest(world.context()), world.send_request(key)
    handler(call)
    assert isinstance(refused(handler, call), MessageIsAlreadySent)
    with read(world.engine) as conn:
        figures = world.context().queue.figures(conn, world.clock())
    assert [(one.recipient, one.waiting) for one in figures] == [("FRMR", 1)]


def test_its_id_is_taken_for_every_other_sender(world: World) -> None:
    first, second = world.register("REGION"), world.register("AGENCY")
    handler, message_id = SendRequest(world.context()), world.message_ids()
    handler(world.send_request(first, message_id=message_id))
    assert isinstance(refused(handler, world.send_request(second, message_id=message_id)), MessageIsAlreadySent)


def test_a_retry_on_the_third_day_still_hears_that_it_was_accepted(world: World) -> None:
    key = world.register("REGION")
    handler, message_id = SendRequest(world.context()), world.message_ids()
    handler(world.send_request(key, message_id=message_id))
    world.clock.pass_by(days=3)
    assert isinstance(refused(handler, world.send_request(key, message_id=message_id)), MessageIsAlreadySent)


def test_a_retry_hears_it_even_when_the_right_was_taken_away(world: World) -> None:
    issued = world.issue("CN=REGION")
    key = world.register("REGION", issued)
    handler, message_id = SendRequest(world.context()), world.message_ids()
    handler(world.send_request(key, message_id=message_id))
    world.register("REGION", issued, sends=())
    assert isinstance(refused(handler, world.send_request(key, message_id=message_id)), MessageIsAlreadySent)
    assert isinstance(refused(handler, world.send_request(key)), AccessDenied)


def test_a_refused_message_does_not_burn_its_id(world: World) -> None:
    key = world.register("REGION")
    handler, message_id = SendRequest(world.context()), world.message_ids()
    wrong = f'<e:EchoRequest xmlns:e="{ECHO}">wrong</e:EchoRequest>'
    fault = refused(handler, world.send_request(key, message_id=message_id, content=wrong))
    assert isinstance(fault, InvalidContent)
    assert "wrong" in fault.errors[0].text
    handler(world.send_request(key, message_id=message_id))


@pytest.mark.parametrize("moment", [timedelta(hours=-25), timedelta(minutes=6)])
def test_an_id_too_old_or_from_the_future_is_stale(world: World, moment: timedelta) -> None:
    key = world.register("REGION")
    world.clock.now = START + moment
    message_id = world.message_ids()
    world.clock.now = START
    fault = refused(SendRequest(world.context()), world.send_request(key, message_id=message_id))
    assert isinstance(fault, StaleMessageId)
    assert ("в будущем" in fault.description) == (moment > timedelta(0))


def test_an_id_of_another_version_is_refused(world: World) -> None:
    key = world.register("REGION")
    call = world.send_request(key, message_id="6fa459ea-ee8a-4ca4-894e-db77e160355e")
    assert isinstance(refused(SendRequest(world.context()), call), InvalidMessageIdFormat)


def test_an_unknown_kind_is_named(world: World) -> None:
    key = world.register("REGION")
    fault = refused(SendRequest(world.context()), world.send_request(key, content='<x:Y xmlns:x="urn:x"/>'))
    assert isinstance(fault, BusinessDataTypeIsNotSupported)
    assert (fault.local_name, fault.namespace) == ("Y", "urn:x")


def test_a_kind_without_a_provider_has_no_recipient(world: World) -> None:
    key = world.register("REGION")
    call = world.send_request(key)
    assert isinstance(refused(SendRequest(world.context(routes=ProviderOf(None))), call), RecipientIsNotFound)


@pytest.mark.parametrize("written", ["2026-11-23T12:00:00Z", "2026-11-22T12:00:00Z"])
def test_a_message_past_its_end_of_life_is_refused(world: World, written: str) -> None:
    key = world.register("REGION")
    call = world.send_request(key, before=f"<t:EOL>{written}</t:EOL>")
    assert isinstance(refused(SendRequest(world.context()), call), EndOfLifeReached)


def test_an_empty_transaction_code_is_refused(world: World) -> None:
    key = world.register("REGION")
    call = world.send_request(key, before="<t:TransactionCode> </t:TransactionCode>")
    assert isinstance(refused(SendRequest(world.context()), call), TransactionCodeInvalid)


def test_the_end_of_life_goes_with_the_message(world: World) -> None:
    key = world.register("REGION")
    call = world.send_request(key, before="<t:EOL>2026-11-23T15:05:00+03:00</t:EOL>")
    SendRequest(world.context())(call)
    world.clock.pass_by(minutes=6)
    provider = world.register("FRMR")
    assert delivered(world, GetRequest(world.context()), world.get_request(provider), "Request") is None


def test_an_end_of_life_without_a_zone_is_told_by_the_clock_of_moscow(world: World) -> None:
    call = world.send_request(world.register("REGION"), before="<t:EOL>2026-11-23T15:00:00</t:EOL>")
    assert isinstance(refused(SendRequest(world.context()), call), EndOfLifeReached)
    call = world.send_request(world.register("REGION"), before="<t:EOL>2026-11-23T15:00:01</t:EOL>")
    answered(SendRequest(world.context()), call)


def test_requests_of_a_system_that_matters_more_come_first(world: World) -> None:
    usual, special, provider = world.register("REGION"), world.register("VIP", priority=1), world.register("FRMR")
    context = world.context()
    for key in (usual, special, usual, special):
        SendRequest(context)(world.send_request(key))
    senders = []
    while (request := delivered(world, GetRequest(context), world.get_request(provider), "Request")) is not None:
        senders.append(text(V12, request, "MessageMetadata", "Sender", "Mnemonic"))
    assert senders == ["VIP", "VIP", "REGION", "REGION"]


def test_requests_about_the_same_come_one_at_a_time(world: World) -> None:
    key, provider, context = world.register("REGION"), world.register("FRMR"), world.context()
    sent = []
    for about in ("a", "a", "b"):
        call = world.send_request(key, content=f'<e:EchoRequest xmlns:e="{ECHO}" about="{about}"/>')
        sent.append(text(V12, answered(SendRequest(context), call), "MessageMetadata", "MessageId"))

    def fetch() -> str | None:
        request = delivered(world, GetRequest(context), world.get_request(provider), "Request")
        return None if request is None else text(V12, request, "MessageMetadata", "MessageId")

    assert [fetch() for _ in range(3)] == [sent[0], sent[2], None]
    Ack(context)(world.ack(provider, sent[0] or ""))
    assert fetch() == sent[1]


def test_a_full_queue_refuses_until_there_is_room(world: World) -> None:
    key, provider = world.register("REGION"), world.register("FRMR", queue_limit=2)
    context = world.context()
    for _ in range(2):
        SendRequest(context)(world.send_request(key))
        world.clock.pass_by(seconds=1)
    late = world.send_request(key)
    fault = refused(SendRequest(context), late)
    assert isinstance(fault, DestinationOverflow)
    assert (fault.broker, fault.destination, fault.advice) == ("MEZHVED", "FRMR", Advice.RETRY)
    request = delivered(world, GetRequest(context), world.get_request(provider), "Request")
    assert request is not None
    Ack(context)(world.ack(provider, text(V12, request, "MessageMetadata", "MessageId") or ""))
    world.clock.pass_by(seconds=1)
    SendRequest(context)(replace(late, received_at=world.clock()))


def test_a_full_queue_is_asked_about_at_most_once_a_second(world: World) -> None:
    key, context = world.register("REGION"), world.context()
    asked = []

    class Counting(type(context.queue)):  # type: ignore[misc]
        def depth(self, *place: object) -> int:
            asked.append(place[1:])
            return super().depth(*place)  # type: ignore[no-any-return]

    counting = replace(context, queue=Counting(context.queue._dialect))
    for _ in range(5):
        SendRequest(counting)(world.send_request(key))
    assert asked == [("FRMR", "REQUEST", 1000)]


def test_a_response_sent_as_a_request_is_no_request(world: World) -> None:
    call = world.send_request(world.register("REGION"), content=f'<e:EchoResponse xmlns:e="{ECHO}"/>')
    assert isinstance(refused(SendRequest(world.context()), call), BusinessDataTypeIsNotSupported)


def test_the_provider_is_woken_after_the_request_is_there(world: World) -> None:
    provider, heard = world.register("FRMR"), []

    class Listening:
        def ring(self, recipient: str, channel: str) -> None:
            found = delivered(world, GetRequest(world.context()), world.get_request(provider), "Request")
            heard.append((recipient, channel, found is not None))

    SendRequest(world.context(bell=Listening()))(world.send_request(world.register("REGION")))
    assert heard == [("FRMR", "REQUEST", True)]
