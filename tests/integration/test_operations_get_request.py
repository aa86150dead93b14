"""GetRequest, on both databases: what a provider is given, in which order, and by which selector."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from mezhved.adapter.exchange.contract import CONTRACTS, Contract, Operation
from mezhved.adapter.exchange.faults import (
    SenderIsNotRegistered,
    SignatureProblem,
    SignatureVerificationFault,
    TargetMessageIsNotFound,
    UnknownMessageType,
)
from mezhved.adapter.exchange.lifecycle import Event, MessageType, State
from mezhved.adapter.soap.call import Call
from mezhved.adapter.soap.operations.ack import Ack
from mezhved.adapter.soap.operations.get_request import GetRequest
from mezhved.adapter.soap.operations.get_response import GetResponse
from mezhved.adapter.soap.operations.send_request import SendRequest
from mezhved.adapter.store.engine import read, write
from mezhved.adapter.store.messages import MessageLog
from mezhved.queue.model import Channel
from mezhved.queue.store import queue_for
from mezhved.signing.keys import SigningKey
from sqlalchemy import Engine
from support.operations import answered, delivered, refused, text
from support.world import ECHO, NEWER, NEWS, START, V12, ProviderOf, World

VERSIONS = [pytest.param(contract, id=contract.version) for contract in CONTRACTS.values()]
SUBSCRIBED = ProviderOf("FRMR", ("AGENCY", "REGION"))


@pytest.fixture
def world(engine: Engine) -> World:
    return World(engine)


@pytest.fixture
def provider(world: World) -> SigningKey:
    return world.register("FRMR")


def send(world: World, key: SigningKey, **parts: str) -> str:
    """Sends a request; returns its MessageID."""
    context = world.context(routes=SUBSCRIBED)
    return (
        text(V12, answered(SendRequest(context), world.send_request(key, **parts)), "MessageMetadata", "MessageId")
        or ""
    )


def fetch(world: World, call: Call) -> str | None:
    """MessageID of the next request."""
    request = delivered(world, GetRequest(world.context(routes=SUBSCRIBED)), call, "Request")
    return None if request is None else text(call.contract, request, "MessageMetadata", "MessageId")


def selector(namespace: str, root: str) -> str:
    return f"<b:NamespaceURI>{namespace}</b:NamespaceURI><b:RootElementLocalName>{root}</b:RootElementLocalName>"


def test_the_moment_of_a_delivery_is_that_of_its_lease(world: World, provider: SigningKey) -> None:
    """A call that waited while a later one was answered was not answered before it, whatever the log would say."""
    ids = [send(world, world.register("REGION")) for _ in range(2)]
    queue, reading = queue_for(world.engine), ThreadPoolExecutor(1)
    call = world.get_request(provider)
    with reading, write(world.engine) as conn:
        queue.take_turn(conn, recipient="FRMR", channel=Channel.REQUEST)
        waiting = reading.submit(fetch, world, call)
        while not waiting.running():
            pass
        world.clock.pass_by(seconds=1)
    assert waiting.result() == ids[0]
    with read(world.engine) as conn:
        fetched = next(one for one in MessageLog().events(conn, ids[0]) if one.event is Event.FETCHED)
    assert fetched.at == world.clock()


def test_who_provides_nothing_hears_nothing(world: World) -> None:
    assert fetch(world, world.get_request(world.register("REGION"))) is None


def test_requests_come_in_the_order_of_acceptance(world: World, provider: SigningKey) -> None:
    key = world.register("REGION")
    sent = [send(world, key) for _ in range(4)]
    assert [fetch(world, world.get_request(provider)) for _ in range(5)] == [*sent, None]


def test_nobody_reads_the_queue_of_another(world: World, provider: SigningKey) -> None:
    key = world.register("REGION")
    message_id = send(world, key)
    assert fetch(world, world.get_request(key)) is None
    assert fetch(world, world.get_request(provider)) == message_id


def test_a_request_comes_back_until_it_is_acknowledged(world: World, provider: SigningKey) -> None:
    message_id = send(world, world.register("REGION"))
    for _ in range(3):
        assert fetch(world, world.get_request(provider)) == message_id
        assert fetch(world, world.get_request(provider)) is None
        world.clock.pass_by(minutes=16)
    # Late, but not yet fetched again: it counts.
    Ack(world.context())(world.ack(provider, message_id))
    assert fetch(world, world.get_request(provider)) is None


def test_its_state_is_told_to_the_provider_and_kept(world: World, provider: SigningKey) -> None:
    message_id = send(world, world.register("REGION"))
    call = world.get_request(provider)
    request = delivered(world, GetRequest(world.context()), call, "Request")
    assert request is not None
    assert text(V12, request, "MessageMetadata", "Status") == "requestIsAcceptedBySmev"
    Ack(world.context())(world.ack(provider, message_id, accepted="false"))
    with read(world.engine) as conn:
        assert world.context().messages.get(conn, message_id).state is State.UNDER_PROCESSING
        last = world.context().messages.events(conn, message_id)[-1]
    assert (last.event, last.actor, last.detail) == (Event.ACKED, "FRMR", "accepted=false")


def test_a_node_of_the_provider_reads_the_common_queue(world: World, provider: SigningKey) -> None:
    message_id = send(world, world.register("REGION"), before="<t:NodeID>theirs</t:NodeID>")
    assert fetch(world, world.poll(Operation.GET_REQUEST, provider, node_id="mine")) == message_id


@pytest.mark.parametrize("namespace", [ECHO, NEWER])
@pytest.mark.parametrize("root", ["EchoRequest", "EchoResponse"])
def test_a_selector_names_every_version_of_the_kind(
    world: World, provider: SigningKey, namespace: str, root: str
) -> None:
    key = world.register("REGION")
    older = send(world, key)
    newer = send(world, key, content=f'<e:EchoRequest xmlns:e="{NEWER}"/>')
    call = world.get_request(provider, selector(namespace, root))
    assert [fetch(world, call) for _ in range(3)] == [older, newer, None]


def test_a_selector_leaves_other_kinds_where_they_are(world: World) -> None:
    key, agency = world.register("REGION"), world.register("AGENCY")
    news = send(world, key, content=f'<n:News xmlns:n="{NEWS}"/>')
    assert fetch(world, world.get_request(agency, selector(NEWS, "News"))) == news


@pytest.mark.parametrize(("namespace", "root"), [("urn:x", "Y"), (ECHO, "News"), (NEWS, "EchoRequest")])
def test_an_unknown_kind_in_the_selector_is_a_fault(
    world: World, provider: SigningKey, namespace: str, root: str
) -> None:
    fault = refused(GetRequest(world.context()), world.get_request(provider, selector(namespace, root)))
    assert isinstance(fault, UnknownMessageType)
    assert root in fault.description


def test_a_kind_of_another_provider_is_a_fault(world: World) -> None:
    key = world.register("REGION")
    fault = refused(GetRequest(world.context()), world.get_request(key, selector(ECHO, "EchoRequest")))
    assert isinstance(fault, UnknownMessageType)


@pytest.mark.parametrize("minutes", [-11, 11])
def test_a_captured_call_cannot_be_replayed_later(world: World, provider: SigningKey, minutes: int) -> None:
    send(world, world.register("REGION"))
    call = world.get_request(provider, at=START + timedelta(minutes=minutes))
    fault = refused(GetRequest(world.context()), call)
    assert isinstance(fault, SignatureVerificationFault)
    assert fault.problem is SignatureProblem.SIGNATURE_IS_INVALID
    assert "часов узла" in fault.description


def test_a_system_switched_off_reads_nothing(world: World) -> None:
    key = world.register("OFF", active=False)
    assert isinstance(refused(GetRequest(world.context()), world.get_request(key)), SenderIsNotRegistered)


def test_a_test_message_stays_one_up_to_the_answer(world: World, provider: SigningKey) -> None:
    message_id = send(world, world.register("REGION"), after="<t:TestMessage/>")
    request = delivered(world, GetRequest(world.context()), world.get_request(provider), "Request")
    assert request is not None
    assert next(request.iter(f"{{{V12.types}}}TestMessage"), None) is not None
    with read(world.engine) as conn:
        assert world.context().messages.get(conn, message_id).test


class TestBroadcast:
    CONTENT = f'<n:News xmlns:n="{NEWS}">новость</n:News>'

    @pytest.mark.parametrize("reader", VERSIONS)
    @pytest.mark.parametrize("sender", VERSIONS)
    def test_every_subscriber_has_a_copy_of_its_own(self, world: World, sender: Contract, reader: Contract) -> None:
        news, subscribers = world.register("NEWS"), [world.register(one) for one in ("AGENCY", "REGION")]
        context = world.context(routes=SUBSCRIBED)
        call = world.send_request(news, content=self.CONTENT, contract=sender)
        metadata = answered(SendRequest(context), call)[0]
        assert text(sender, metadata, "MessageType") == "BROADCAST"
        assert text(sender, metadata, "Recipient", "Mnemonic") is None
        message_id = text(sender, metadata, "MessageId") or ""
        for number, key in enumerate(subscribers):
            request = delivered(world, GetRequest(context), world.get_request(key, contract=reader), "Request")
            assert request is not None
            assert text(reader, request, "MessageMetadata", "MessageType") == "BROADCAST"
            # 1.1 and 1.2 demand the element; there is nobody to answer to.
            assert not text(reader, request, "ReplyTo")
            assert next(request.iter(f"{{{NEWS}}}News")).text == "новость"
            with read(world.engine) as conn:
                assert context.messages.get(conn, message_id).state is not State.MESSAGE_IS_DELIVERED, number
            answered(Ack(context), world.ack(key, message_id, contract=reader))
            again = refused(Ack(context), world.ack(key, message_id, contract=reader))
            assert isinstance(again, TargetMessageIsNotFound)
        with read(world.engine) as conn:
            assert context.messages.get(conn, message_id).state is State.MESSAGE_IS_DELIVERED

    def test_one_that_nobody_has_subscribed_to_is_delivered_at_once(self, world: World) -> None:
        context = world.context(routes=ProviderOf("FRMR"))
        root = answered(SendRequest(context), world.send_request(world.register("NEWS"), content=self.CONTENT))
        assert text(V12, root, "MessageMetadata", "Status") == "messageIsDelivered"

    def test_it_knows_no_priority_and_no_answer(self, world: World) -> None:
        world.register("AGENCY")
        context, rung = world.context(routes=SUBSCRIBED), []

        class Bell:
            def ring(self, recipient: str, channel: str) -> None:
                rung.append((recipient, channel))

        call = world.send_request(world.register("NEWS", priority=1), content=self.CONTENT)
        SendRequest(replace(context, bell=Bell()))(call)
        assert rung == [("AGENCY", "REQUEST"), ("REGION", "REQUEST")]
        message_id = text(V12, call.body, "SenderProvidedRequestData", "MessageID") or ""
        with read(world.engine) as conn:
            message = context.messages.get(conn, message_id)
        assert (message.message_type, message.reply_to) == (MessageType.BROADCAST, None)

    def test_the_sender_is_not_its_own_reader(self, world: World) -> None:
        key = world.register("NEWS")
        SendRequest(world.context(routes=SUBSCRIBED))(world.send_request(key, content=self.CONTENT))
        assert fetch(world, world.get_request(key)) is None
        response = GetResponse(world.context())(world.get_response(key))
        assert b"ResponseMessage" not in response
