"""SendResponse, on both databases: whom an answer reaches, what it may be, and what it is refused for."""

import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from mezhved.adapter.exchange.contract import CONTRACTS
from mezhved.adapter.exchange.faults import (
    BusinessDataTypeIsNotSupported,
    DestinationOverflow,
    ExchangeFault,
    IncorrectResponseContentType,
    InvalidContent,
    InvalidMessageIdFormat,
    MessageIsAlreadySent,
    RecipientIsNotFound,
    SenderIsNotRegistered,
    SignatureProblem,
    SignatureVerificationFault,
    StaleMessageId,
)
from mezhved.adapter.exchange.lifecycle import Event, State
from mezhved.adapter.soap.operations.ack import Ack
from mezhved.adapter.soap.operations.get_request import GetRequest
from mezhved.adapter.soap.operations.get_response import GetResponse
from mezhved.adapter.soap.operations.send_request import SendRequest
from mezhved.adapter.soap.operations.send_response import SendResponse
from mezhved.adapter.store.engine import read
from mezhved.signing.keys import SigningKey
from sqlalchemy import Engine
from support.operations import answered, delivered, refused, signed_by_node, text
from support.world import ECHO, ECHO_RESPONSE, NEWER, START, V12, World

T = f"{{{V12.types}}}"
REJECTED = (
    "<t:RequestRejected><t:RejectionReasonCode>NO_DATA</t:RejectionReasonCode>"
    "<t:RejectionReasonDescription>нет {}</t:RejectionReasonDescription></t:RequestRejected>"
)
STATUS = (
    "<t:RequestStatus><t:StatusCode>{}</t:StatusCode><t:StatusParameter><t:Key>k</t:Key><t:Value>v</t:Value>"
    "</t:StatusParameter><t:StatusDescription>в работе</t:StatusDescription></t:RequestStatus>"
)


@pytest.fixture
def world(engine: Engine) -> World:
    return World(engine)


@pytest.fixture
def asks(world: World) -> SigningKey:
    return world.register("REGION")


@pytest.fixture
def provider(world: World) -> SigningKey:
    return world.register("FRMR")


def ask(world: World, asks: SigningKey, provider: SigningKey, **parts: str) -> tuple[str, str]:
    """MessageID and ReplyTo of a request that the provider has fetched."""
    context = world.context()
    answered(SendRequest(context), world.send_request(asks, **parts))
    request = delivered(world, GetRequest(context), world.get_request(provider), "Request")
    assert request is not None
    message_id = text(V12, request, "SenderProvidedRequestData", "MessageID")
    return message_id or "", text(V12, request, "ReplyTo") or ""


def business(content: str) -> str:
    return f"<b:MessagePrimaryContent>{content}</b:MessagePrimaryContent>"


def test_the_answer_is_metadata_signed_by_the_node(world: World, asks: SigningKey, provider: SigningKey) -> None:
    _, to = ask(world, asks, provider)
    call = world.send_response(provider, to)
    root = answered(SendResponse(world.context()), call)
    metadata = root.find(f"{T}MessageMetadata")
    assert metadata is not None
    signed_by_node(world, root, metadata, f"{T}SMEVSignature")
    names = ("MessageId", "MessageType", "Status")
    assert [text(V12, metadata, name) for name in names] == [
        text(V12, call.body, "SenderProvidedResponseData", "MessageID"),
        "RESPONSE",
        "responseIsAcceptedBySmev",
    ]
    assert [text(V12, metadata, name, "Mnemonic") for name in ("Sender", "Recipient")] == ["FRMR", "REGION"]


def test_a_response_is_of_the_chain_that_its_request_begins(
    world: World, asks: SigningKey, provider: SigningKey
) -> None:
    request_id, to = ask(world, asks, provider)
    SendResponse(world.context())(world.send_response(provider, to))
    response = delivered(world, GetResponse(world.context()), world.get_response(asks), "Response")
    assert response is not None
    assert text(V12, response, "ReferenceMessageID") == request_id


def test_a_provider_may_answer_before_and_after_it_has_acknowledged(
    world: World, asks: SigningKey, provider: SigningKey
) -> None:
    for acknowledged_first in (True, False):
        request_id, to = ask(world, asks, provider)
        steps = [
            lambda to=to: SendResponse(world.context())(world.send_response(provider, to)),
            lambda request_id=request_id: Ack(world.context())(world.ack(provider, request_id)),
        ]
        for step in reversed(steps) if acknowledged_first else steps:
            step()
        assert delivered(world, GetResponse(world.context()), world.get_response(asks), "Response") is not None


def test_any_number_of_refusals_is_one_answer(world: World, asks: SigningKey, provider: SigningKey) -> None:
    _, to = ask(world, asks, provider)
    many = "".join(REJECTED.format(number) for number in range(3))
    SendResponse(world.context())(world.send_response(provider, to, many))
    response = delivered(world, GetResponse(world.context()), world.get_response(asks), "Response")
    assert response is not None
    reasons = [one.text for one in response.iter(f"{T}RejectionReasonDescription")]
    assert reasons == ["нет 0", "нет 1", "нет 2"]


@pytest.mark.parametrize("final", [ECHO_RESPONSE, REJECTED])
def test_a_provider_reports_as_often_as_it_likes_and_answers_once(
    world: World, asks: SigningKey, provider: SigningKey, final: str
) -> None:
    request_id, to = ask(world, asks, provider)
    handler = SendResponse(world.context())
    for number in range(2):
        handler(world.send_response(provider, to, STATUS.format(number)))
    handler(world.send_response(provider, to, final))
    for late in (ECHO_RESPONSE, REJECTED, STATUS.format(2)):
        fault = refused(handler, world.send_response(provider, to, late))
        assert isinstance(fault, RecipientIsNotFound)
        assert "окончательный" in fault.description
    codes = []
    while (
        response := delivered(world, GetResponse(world.context()), world.get_response(asks), "Response")
    ) is not None:
        codes.append(response.findtext(f".//{T}StatusCode"))
        assert text(V12, response, "OriginalMessageId") == request_id
    assert codes == ["0", "1", None]
    with read(world.engine) as conn:
        events = [one.event for one in world.context().messages.events(conn, request_id)]
    assert events[2:] == [Event.REPORTED, Event.REPORTED, Event.ANSWERED]


def test_of_two_answers_at_a_time_one_is_accepted(world: World, asks: SigningKey, provider: SigningKey) -> None:
    _, to = ask(world, asks, provider)
    calls = [world.send_response(provider, to) for _ in range(4)]
    context, outcomes = world.context(), []

    def send(number: int) -> None:
        try:
            outcomes.append(SendResponse(context)(calls[number]))
        except ExchangeFault as fault:
            outcomes.append(fault)

    threads = [threading.Thread(target=send, args=(number,)) for number in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    faults = [one for one in outcomes if not isinstance(one, bytes)]
    assert [type(fault) for fault in faults] == [RecipientIsNotFound] * 3
    assert delivered(world, GetResponse(context), world.get_response(asks), "Response") is not None
    assert delivered(world, GetResponse(context), world.get_response(asks), "Response") is None


def test_only_the_provider_of_the_request_can_answer_it(world: World, asks: SigningKey, provider: SigningKey) -> None:
    _, to = ask(world, asks, provider)
    for stranger in (world.register("OTHER"), asks):
        assert isinstance(
            refused(SendResponse(world.context()), world.send_response(stranger, to)), RecipientIsNotFound
        )
    SendResponse(world.context())(world.send_response(provider, to))


@pytest.mark.parametrize("address", ["", " ", ".", "nonsense", "f81d4fae-7dec-11d0-a765-00a0c91e6bf6", "x" * 4000])
def test_an_address_of_nobody_is_refused(world: World, provider: SigningKey, address: str) -> None:
    fault = refused(SendResponse(world.context()), world.send_response(provider, address))
    assert isinstance(fault, RecipientIsNotFound)
    assert len(fault.description) < 300


def test_knowing_the_request_is_not_enough_to_answer_it(world: World, asks: SigningKey, provider: SigningKey) -> None:
    request_id, _ = ask(world, asks, provider)
    for address in (request_id, f"{request_id}."):
        fault = refused(SendResponse(world.context()), world.send_response(provider, address))
        assert isinstance(fault, RecipientIsNotFound)


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        ('<x:Y xmlns:x="urn:x"/>', BusinessDataTypeIsNotSupported),
        (f'<e:EchoRequest xmlns:e="{ECHO}"/>', IncorrectResponseContentType),
        (f'<e:EchoResponse xmlns:e="{NEWER}"/>', IncorrectResponseContentType),
        (f'<e:EchoResponse xmlns:e="{ECHO}">wrong</e:EchoResponse>', InvalidContent),
    ],
    ids=["unknown", "a request", "another version", "against its schema"],
)
def test_content_must_be_the_response_that_was_asked_for(
    world: World, asks: SigningKey, provider: SigningKey, content: str, fault: type[ExchangeFault]
) -> None:
    _, to = ask(world, asks, provider)
    handler, message_id = SendResponse(world.context()), world.message_ids()
    call = world.send_response(provider, to, business(content), message_id=message_id)
    assert type(refused(handler, call)) is fault
    # Neither the address nor the MessageID is spent by a refusal.
    handler(world.send_response(provider, to, message_id=message_id))


@pytest.mark.parametrize("contract", CONTRACTS.values(), ids=CONTRACTS.keys())
def test_only_the_node_tells_an_asynchronous_status(
    world: World, asks: SigningKey, provider: SigningKey, contract: object
) -> None:
    request_id, to = ask(world, asks, provider)
    status = (
        f"<t:AsyncProcessingStatus><t:OriginalMessageId>{request_id}</t:OriginalMessageId>"
        "<t:StatusCategory>requestIsRejectedBySmev</t:StatusCategory></t:AsyncProcessingStatus>"
    )
    call = world.send_response(provider, to, status, contract=contract)  # type: ignore[arg-type]
    fault = refused(SendResponse(world.context()), call)
    assert isinstance(fault, InvalidContent)
    assert fault.errors[0].path.endswith("/AsyncProcessingStatus")
    assert fault.errors[0].line > 0


def test_a_retry_hears_that_it_was_accepted_whatever_has_changed_since(
    world: World, asks: SigningKey, provider: SigningKey
) -> None:
    request_id, to = ask(world, asks, provider)
    handler, call = SendResponse(world.context()), world.send_response(provider, to)
    handler(call)
    assert isinstance(refused(handler, call), MessageIsAlreadySent)
    message_id = text(V12, call.body, "SenderProvidedResponseData", "MessageID")
    Ack(world.context())(world.ack(provider, request_id))
    world.clock.pass_by(days=3)
    status = "<t:AsyncProcessingStatus><t:OriginalMessageId>x</t:OriginalMessageId></t:AsyncProcessingStatus>"
    for said, address in ((ECHO_RESPONSE, to), (ECHO_RESPONSE, "nonsense"), (status, to)):
        again = world.send_response(provider, address, said, message_id=message_id)
        assert isinstance(refused(handler, again), MessageIsAlreadySent)


def test_an_id_of_a_request_is_taken_for_responses_too(world: World, asks: SigningKey, provider: SigningKey) -> None:
    request_id, to = ask(world, asks, provider)
    call = world.send_response(provider, to, message_id=request_id)
    assert isinstance(refused(SendResponse(world.context()), call), MessageIsAlreadySent)
    SendResponse(world.context())(world.send_response(provider, to))


def test_an_id_too_old_is_stale_and_one_of_another_version_is_refused(
    world: World, asks: SigningKey, provider: SigningKey
) -> None:
    world.clock.now = START - timedelta(hours=25)
    old = world.message_ids()
    world.clock.now = START
    _, to = ask(world, asks, provider)
    handler = SendResponse(world.context())
    for message_id, fault in ((old, StaleMessageId), ("6fa459ea-ee8a-4ca4-894e-db77e160355e", InvalidMessageIdFormat)):
        assert type(refused(handler, world.send_response(provider, to, message_id=message_id))) is fault


def test_a_full_queue_of_the_consumer_stops_its_providers(world: World, asks: SigningKey, provider: SigningKey) -> None:
    addresses = [ask(world, asks, provider)[1] for _ in range(3)]
    context = world.context(limits=replace(world.context().limits, queue_limit=2))
    handler = SendResponse(context)
    calls = [world.send_response(provider, to) for to in addresses]
    for call in calls[:2]:
        handler(call)
        world.clock.pass_by(seconds=1)
    late = replace(calls[2], received_at=world.clock())
    fault = refused(handler, late)
    assert isinstance(fault, DestinationOverflow)
    assert fault.destination == "REGION"
    response = delivered(world, GetResponse(context), world.get_response(asks), "Response")
    assert response is not None
    Ack(context)(world.ack(asks, text(V12, response, "SenderProvidedResponseData", "MessageID") or ""))
    handler(replace(late, received_at=world.clock() + timedelta(seconds=2)))


@pytest.mark.parametrize("who", ["nobody", "unknown", "off"])
def test_who_is_not_known_cannot_answer(world: World, asks: SigningKey, provider: SigningKey, who: str) -> None:
    _, to = ask(world, asks, provider)
    keys = {
        "nobody": None,
        "unknown": world.issue("CN=Nobody").signing_key(),
        "off": world.register("OFF", active=False),
    }
    fault = refused(SendResponse(world.context()), world.send_response(keys[who], to))
    if who == "off":
        assert isinstance(fault, SenderIsNotRegistered)
    else:
        assert isinstance(fault, SignatureVerificationFault)
        expected = {
            "nobody": SignatureProblem.NO_SIGNATURE_FOUND,
            "unknown": SignatureProblem.CERTIFICATE_IS_NOT_FOUND,
        }
        assert fault.problem is expected[who]


def test_a_request_whose_life_is_over_is_not_answered(world: World, asks: SigningKey, provider: SigningKey) -> None:
    request_id, to = ask(world, asks, provider)
    with world.engine.begin() as conn:
        world.context().messages.move(conn, request_id, Event.EOL_PASSED, at=world.clock(), actor="MEZHVED")
    fault = refused(SendResponse(world.context()), world.send_response(provider, to))
    assert isinstance(fault, RecipientIsNotFound)
    with read(world.engine) as conn:
        assert world.context().messages.get(conn, request_id).state is State.REQUEST_IS_REJECTED_BY_SMEV


def test_the_consumer_is_woken_after_the_response_is_there(
    world: World, asks: SigningKey, provider: SigningKey
) -> None:
    _, to = ask(world, asks, provider)
    heard = []

    class Listening:
        def ring(self, recipient: str, channel: str) -> None:
            assert delivered(world, GetResponse(world.context()), world.get_response(asks), "Response") is not None
            heard.append((recipient, channel))

    SendResponse(world.context(bell=Listening()))(world.send_response(provider, to))
    assert heard == [("REGION", "RESPONSE")]
