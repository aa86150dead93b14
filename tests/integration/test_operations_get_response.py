"""GetResponse, on both databases: what is delivered to whom, and when it comes again."""

from datetime import timedelta

import pytest
from lxml import etree
from mezhved.adapter.dispatch.answering import processing_status, response_to, write_response
from mezhved.adapter.exchange.contract import CONTRACTS, Contract
from mezhved.adapter.exchange.faults import (
    EndOfLifeReached,
    SignatureProblem,
    SignatureVerificationFault,
    UnknownMessageType,
)
from mezhved.adapter.exchange.lifecycle import State
from mezhved.adapter.soap.call import Call
from mezhved.adapter.soap.operations.ack import Ack
from mezhved.adapter.soap.operations.get_response import GetResponse
from mezhved.adapter.soap.operations.send_request import SendRequest
from mezhved.adapter.store.engine import write
from mezhved.signing.policy import SMEV
from mezhved.signing.xmldsig import verify
from sqlalchemy import Engine
from support.operations import SIGNATURE, answered, delivered, put_response, refused, text
from support.world import ECHO, START, V12, World

T = f"{{{V12.types}}}"


@pytest.fixture
def world(engine: Engine) -> World:
    return World(engine)


def fetch(world: World, call: Call) -> etree._Element | None:
    return etree.fromstring(GetResponse(world.context())(call)).find(f"{T}ResponseMessage")


def test_an_empty_queue_is_an_empty_answer(world: World) -> None:
    assert fetch(world, world.get_response(world.register("REGION"))) is None


def test_a_response_is_delivered_with_both_signatures(world: World) -> None:
    key = world.register("REGION")
    request_id = world.message_ids()
    message_id = put_response(world, "REGION", request_id)
    message = fetch(world, world.get_response(key))
    assert message is not None
    response = message.find(f"{T}Response")
    assert response is not None
    assert response.findtext(f"{T}OriginalMessageId") == request_id
    assert response.findtext(f"{T}OriginalTransactionCode") == "TX-1"
    data = response.find(f"{T}SenderProvidedResponseData")
    assert data is not None
    assert data.findtext(f"{T}MessageID") == message_id
    assert response.findtext(f"{T}MessageMetadata/{T}Recipient/{T}Mnemonic") == "REGION"
    for path, target in (
        (f"{T}SMEVSignature/{SIGNATURE}", response),
        (f"{T}Response/{T}SenderInformationSystemSignature/{SIGNATURE}", data),
    ):
        verify(message.find(path), target, policy=SMEV, trust=world.trust, at=world.clock())


def test_it_comes_back_until_it_is_acknowledged(world: World) -> None:
    key = world.register("REGION")
    message_id = put_response(world, "REGION")
    assert fetch(world, world.get_response(key)) is not None
    assert fetch(world, world.get_response(key)) is None
    world.clock.pass_by(minutes=16)
    assert fetch(world, world.get_response(key)) is not None
    Ack(world.context())(world.ack(key, message_id))
    world.clock.pass_by(minutes=16)
    assert fetch(world, world.get_response(key)) is None


def test_nobody_reads_the_queue_of_another(world: World) -> None:
    put_response(world, "REGION")
    assert fetch(world, world.get_response(world.register("AGENCY"))) is None


def test_a_sub_queue_is_read_by_naming_it_only(world: World) -> None:
    key = world.register("REGION")
    put_response(world, "REGION", node_id="n1")
    assert fetch(world, world.get_response(key)) is None
    assert fetch(world, world.get_response(key, node_id="n2")) is None
    assert fetch(world, world.get_response(key, node_id="n1")) is not None


@pytest.mark.parametrize("root", ["EchoResponse", "EchoRequest"])
def test_a_selector_names_the_kind_by_either_root(world: World, root: str) -> None:
    key = world.register("REGION")
    put_response(world, "REGION")
    selector = f"<b:NamespaceURI>{ECHO}</b:NamespaceURI><b:RootElementLocalName>{root}</b:RootElementLocalName>"
    assert fetch(world, world.get_response(key, selector)) is not None


def test_an_unknown_kind_in_the_selector_is_a_fault(world: World) -> None:
    selector = "<b:NamespaceURI>urn:x</b:NamespaceURI><b:RootElementLocalName>Y</b:RootElementLocalName>"
    call = world.get_response(world.register("REGION"), selector)
    assert isinstance(refused(GetResponse(world.context()), call), UnknownMessageType)


@pytest.mark.parametrize("minutes", [-11, 11])
def test_a_captured_call_cannot_be_replayed_later(world: World, minutes: int) -> None:
    call = world.get_response(world.register("REGION"), at=START + timedelta(minutes=minutes))
    fault = refused(GetResponse(world.context()), call)
    assert isinstance(fault, SignatureVerificationFault)
    assert fault.problem is SignatureProblem.SIGNATURE_IS_INVALID
    assert "часов узла" in fault.description


@pytest.mark.parametrize("reader", CONTRACTS.values(), ids=CONTRACTS.keys())
@pytest.mark.parametrize("asked", CONTRACTS.values(), ids=CONTRACTS.keys())
def test_what_the_node_itself_has_found_out_comes_like_any_response(
    world: World, asked: Contract, reader: Contract
) -> None:
    key, context = world.register("REGION"), world.context()
    call = world.send_request(key, contract=asked, before="<t:NodeID>n1</t:NodeID>")
    SendRequest(context)(call)
    request_id = text(asked, call.body, "SenderProvidedRequestData", "MessageID") or ""
    fault = EndOfLifeReached("2026-11-23T12:00:00Z")
    status = processing_status(request_id, State.REQUEST_IS_REJECTED_BY_SMEV, "срок истёк", fault)
    response_id = world.message_ids()
    with write(world.engine) as conn:
        request = context.messages.get(conn, request_id)
        octets = write_response(asked, response_id, request.reply_to or "", status, world.node_key)
        context.office.post(conn, response_to(request, response_id, "MEZHVED", asked, world.clock()), octets)
    poll = world.get_response(key, node_id="n1", contract=reader)
    response = delivered(world, GetResponse(context), poll, "Response")
    assert response is not None
    assert text(reader, response, "OriginalMessageId") == request_id
    assert text(reader, response, "MessageMetadata", "Sender", "Mnemonic") == "MEZHVED"
    told = response.find(f"{{{reader.types}}}SenderProvidedResponseData/{{{reader.types}}}AsyncProcessingStatus")
    assert told is not None
    assert text(reader, told, "StatusCategory") == "requestIsRejectedBySmev"
    assert told.findtext(f"{{{reader.types}}}SmevFault/{{{reader.basic}}}Code") == "SMEV-914"
    # It comes again for ever, unless it is acknowledged like any other.
    world.clock.pass_by(minutes=16)
    poll = world.get_response(key, node_id="n1", contract=reader)
    assert delivered(world, GetResponse(context), poll, "Response") is not None
    answered(Ack(context), world.ack(key, response_id, contract=reader))
