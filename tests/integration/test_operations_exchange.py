"""A request on its way from one system to another and its answer back, by every pair of the contract's versions."""

import pytest
from lxml import etree
from mezhved.adapter.exchange.contract import CONTRACTS, Contract
from mezhved.adapter.soap.operations.ack import Ack
from mezhved.adapter.soap.operations.get_request import GetRequest
from mezhved.adapter.soap.operations.get_response import GetResponse
from mezhved.adapter.soap.operations.send_request import SendRequest
from mezhved.adapter.soap.operations.send_response import SendResponse
from mezhved.signing.canonical import exclusive_c14n
from mezhved.signing.policy import SMEV
from mezhved.signing.xmldsig import verify
from sqlalchemy import Engine
from support.operations import SIGNATURE, answered, delivered, text
from support.world import ECHO, World

VERSIONS = [pytest.param(contract, id=contract.version) for contract in CONTRACTS.values()]
PROCESS = (
    '<t:BusinessProcessMetadata><p:Case xmlns:p="urn:p" number=" 7 "> <p:Step>x</p:Step> </p:Case>'
    "</t:BusinessProcessMetadata>"
)


@pytest.fixture
def world(engine: Engine) -> World:
    return World(engine)


def check_sender(world: World, element: etree._Element, data: etree._Element, own: Contract, other: Contract) -> None:
    """The sender's signature is passed on where its part is, and left out where that was translated."""
    signature = element.find(f"{{{own.types}}}SenderInformationSystemSignature/{SIGNATURE}")
    assert (signature is not None) == (own == other)
    if signature is not None:
        verify(signature, data, policy=SMEV, trust=world.trust, at=world.clock())


@pytest.mark.parametrize("provider", VERSIONS)
@pytest.mark.parametrize("consumer", VERSIONS)
def test_a_request_and_its_response_between_versions(world: World, consumer: Contract, provider: Contract) -> None:
    asks, answers, context = world.register("REGION"), world.register("FRMR"), world.context()
    first = world.message_ids()
    sent = world.send_request(
        asks,
        contract=consumer,
        before=f"<t:ReferenceMessageID>{first}</t:ReferenceMessageID><t:TransactionCode>TX</t:TransactionCode>"
        "<t:NodeID>n1</t:NodeID>",
        after=f"{PROCESS}<t:TestMessage/>",
    )
    request_id = text(consumer, answered(SendRequest(context), sent), "MessageMetadata", "MessageId")
    assert request_id is not None

    poll = world.get_request(answers, contract=provider)
    request = delivered(world, GetRequest(context), poll, "Request")
    assert request is not None
    data = request.find(f"{{{provider.types}}}SenderProvidedRequestData")
    assert data is not None
    assert [
        text(provider, data, name) for name in ("MessageID", "ReferenceMessageID", "TransactionCode", "NodeID")
    ] == [
        request_id,
        first,
        "TX",
        "n1",
    ]
    assert data.find(f"{{{provider.types}}}TestMessage") is not None
    for name, source in (("EchoRequest", ECHO), ("Case", "urn:p")):
        (arrived,), (given,) = (list(one.iter(f"{{{source}}}{name}")) for one in (data, sent.body))
        assert exclusive_c14n(arrived) == exclusive_c14n(given)
    assert text(provider, request, "MessageMetadata", "MessageType") == "REQUEST"
    assert text(provider, request, "MessageMetadata", "Sender", "Mnemonic") == "REGION"
    check_sender(world, request, data, provider, consumer)

    to = text(provider, request, "ReplyTo")
    assert to is not None
    reply = world.send_response(answers, to, contract=provider)
    response_id = text(provider, answered(SendResponse(context), reply), "MessageMetadata", "MessageId")
    answered(Ack(context), world.ack(answers, request_id, contract=provider))
    assert delivered(world, GetRequest(context), poll, "Request") is None

    fetch = world.get_response(asks, node_id="n1", contract=consumer)
    response = delivered(world, GetResponse(context), fetch, "Response")
    assert response is not None
    said = response.find(f"{{{consumer.types}}}SenderProvidedResponseData")
    assert said is not None
    assert [text(consumer, response, name) for name in ("OriginalMessageId", "OriginalTransactionCode")] == [
        request_id,
        "TX",
    ]
    assert text(consumer, response, "ReferenceMessageID") == first
    assert text(consumer, said, "MessageID") == response_id
    assert next(said.iter(f"{{{ECHO}}}EchoResponse")).text == "ответ"
    check_sender(world, response, said, consumer, provider)
    answered(Ack(context), world.ack(asks, response_id or "", contract=consumer))
