"""Routing of contract 1.3 on both databases: who gets a request that names recipients, and what its sender hears."""

import pytest
from lxml.etree import _Element as Element
from mezhved.adapter.exchange.copies import copy_id
from mezhved.adapter.exchange.faults import (
    InvalidContent,
    MessageIsAlreadySent,
    RecipientIsNotFound,
    SignatureProblem,
    SignatureVerificationFault,
    TargetMessageIsNotFound,
)
from mezhved.adapter.exchange.lifecycle import State
from mezhved.adapter.soap.operations.ack import Ack
from mezhved.adapter.soap.operations.context import ExchangeContext
from mezhved.adapter.soap.operations.get_request import GetRequest
from mezhved.adapter.soap.operations.get_response import GetResponse
from mezhved.adapter.soap.operations.send_request import SendRequest
from mezhved.adapter.soap.operations.send_response import SendResponse
from mezhved.adapter.store.archive import MessageArchive, octets_of
from mezhved.adapter.store.engine import read, write
from mezhved.adapter.store.messages import MessageLog
from mezhved.signing.keys import SigningKey
from mezhved.signing.policy import SMEV
from mezhved.signing.xmldsig import verify
from sqlalchemy import Engine
from support.operations import answered, delivered, refused, text
from support.routed import V13, R, T, again, of_record, routed, send, signature_of, values
from support.world import NEWS, ProviderOf, World

ROUTES = ProviderOf("FRMR", values={"48": "LIPETSK", "77": "MOSCOW", "99": "MOSCOW"})


@pytest.fixture
def world(engine: Engine) -> World:
    return World(engine)


@pytest.fixture
def context(world: World) -> ExchangeContext:
    return world.context(routes=ROUTES)


def fetched(world: World, context: ExchangeContext, key: SigningKey) -> Element | None:
    return delivered(world, GetRequest(context), world.get_request(key, contract=V13), "Request")


def heard(world: World, context: ExchangeContext, key: SigningKey) -> Element | None:
    return delivered(world, GetResponse(context), world.get_response(key, contract=V13), "Response")


def message_id(message: Element) -> str:
    return text(V13, message, "MessageMetadata", "MessageId") or ""


def statuses(response: Element) -> list[tuple[str, str]]:
    status = response.find(f".//{R}RoutingStatus")
    assert status is not None
    return [(one[0].text or "", one[1].text or "") for one in status]


def test_each_recipient_gets_the_request_as_it_was_sent_and_answers_for_itself(
    world: World, context: ExchangeContext
) -> None:
    sender, moscow, lipetsk = (world.register(name) for name in ("REGION", "MOSCOW", "LIPETSK"))
    call = routed(send(world, sender, after=""), sender, values(["77", "48", "99"]))
    receipt = answered(SendRequest(context), call)
    sent = text(V13, receipt, "MessageMetadata", "MessageId")
    assert receipt.find(f".//{T}Recipient") is None
    addresses = set()
    for key, name in ((moscow, "MOSCOW"), (lipetsk, "LIPETSK")):
        request = fetched(world, context, key)
        assert request is not None
        assert message_id(request) == sent
        assert text(V13, request, "MessageMetadata", "Recipient", "Mnemonic") == name
        signature = signature_of(request.find(f"{T}SenderInformationSystemSignature"))
        verify(signature, request[0], policy=SMEV, trust=world.trust, at=world.clock())
        address = request.findtext(f"{T}ReplyTo") or ""
        addresses.add(address)
        Ack(context)(world.ack(key, sent or "", contract=V13))
        assert fetched(world, context, key) is None
        SendResponse(context)(world.send_response(key, address))
        response = heard(world, context, sender)
        assert response is not None
        assert text(V13, response, "OriginalMessageId") == sent
        assert text(V13, response, "ReferenceMessageID") == sent
        assert text(V13, response, "MessageMetadata", "Sender", "Mnemonic") == name
        Ack(context)(world.ack(sender, message_id(response), contract=V13))
    assert len(addresses) == 2
    assert heard(world, context, sender) is None


def test_one_final_answer_is_accepted_from_each(world: World, context: ExchangeContext) -> None:
    sender, moscow, lipetsk = (world.register(name) for name in ("REGION", "MOSCOW", "LIPETSK"))
    SendRequest(context)(routed(send(world, sender), sender, values(["77", "48"])))
    address = {}
    for key in (moscow, lipetsk):
        request = fetched(world, context, key)
        assert request is not None
        address[key] = request.findtext(f"{T}ReplyTo") or ""
    SendResponse(context)(world.send_response(moscow, address[moscow]))
    assert isinstance(refused(SendResponse(context), world.send_response(moscow, address[moscow])), RecipientIsNotFound)
    stolen = world.send_response(moscow, address[lipetsk])
    assert isinstance(refused(SendResponse(context), stolen), RecipientIsNotFound)
    SendResponse(context)(world.send_response(lipetsk, address[lipetsk]))


def test_a_single_recipient_gets_an_ordinary_request(world: World, context: ExchangeContext) -> None:
    sender, moscow = world.register("REGION"), world.register("MOSCOW")
    receipt = answered(SendRequest(context), routed(send(world, sender), sender, values(["77"], ["MOSCOW"])))
    assert text(V13, receipt, "MessageMetadata", "Recipient", "Mnemonic") == "MOSCOW"
    assert fetched(world, context, moscow) is not None
    assert heard(world, context, sender) is None


def test_what_leads_nowhere_is_told_and_the_rest_is_delivered(world: World, context: ExchangeContext) -> None:
    sender, moscow = world.register("REGION"), world.register("MOSCOW")
    call = routed(
        send(world, sender, before="<t:NodeID>n1</t:NodeID>"), sender, values(["77", "00"], ["NOBODY", "MOSCOW"])
    )
    SendRequest(context)(call)
    assert fetched(world, context, moscow) is not None
    response = delivered(world, GetResponse(context), world.get_response(sender, "", "n1", contract=V13), "Response")
    assert response is not None
    assert text(V13, response, "MessageMetadata", "Sender", "Mnemonic") == "MEZHVED"
    assert statuses(response) == [
        ("77", "success"),
        ("00", "recipientNotFound"),
        ("NOBODY", "recipientNotFound"),
        ("MOSCOW", "success"),
    ]
    signature = signature_of(response.find(f"{T}SenderInformationSystemSignature"))
    data = response.find(f"{T}SenderProvidedResponseData")
    assert data is not None
    verified = verify(signature, data, policy=SMEV, trust=world.trust, at=world.clock())
    assert verified.certificate == world.node_key.certificate


def test_what_leads_nowhere_at_all_is_refused_at_once(world: World, context: ExchangeContext) -> None:
    sender = world.register("REGION")
    fault = refused(SendRequest(context), routed(send(world, sender), sender, values(["00"], ["NOBODY"])))
    assert isinstance(fault, RecipientIsNotFound)
    assert "00, NOBODY" in fault.description
    assert heard(world, context, sender) is None


def test_a_block_that_names_nobody_changes_nothing(world: World, context: ExchangeContext) -> None:
    sender, register = world.register("REGION"), world.register("FRMR")
    SendRequest(context)(routed(send(world, sender), sender, ""))
    assert fetched(world, context, register) is not None


def test_instructions_of_another_message_do_not_count(world: World, context: ExchangeContext) -> None:
    sender = world.register("REGION")
    call = routed(send(world, sender), sender, values(["77"]), message_id=world.message_ids())
    fault = refused(SendRequest(context), call)
    assert isinstance(fault, InvalidContent)
    assert fault.errors[0].path == "SendRequestRequest/Routing/RoutingInformation/MessageID"


def test_instructions_that_were_changed_do_not_count(world: World, context: ExchangeContext) -> None:
    sender = world.register("REGION")
    call = routed(send(world, sender), sender, values(["77"]))
    (value,) = call.body.iter(f"{R}DynamicValue")
    value.text = "48"
    fault = refused(SendRequest(context), again(call))
    assert isinstance(fault, SignatureVerificationFault)
    assert fault.problem is SignatureProblem.SIGNATURE_IS_INVALID
    assert "RoutingSignature" in fault.description


def test_instructions_of_another_system_do_not_count(world: World, context: ExchangeContext) -> None:
    sender, other = world.register("REGION"), world.register("OTHER")
    fault = refused(SendRequest(context), routed(send(world, sender), other, values(["77"])))
    assert isinstance(fault, SignatureVerificationFault)
    assert fault.problem is SignatureProblem.CERTIFICATE_IS_NOT_FOUND


def test_another_certificate_of_the_same_system_may_sign_them(world: World, context: ExchangeContext) -> None:
    first, second = world.issue("CN=one"), world.issue("CN=two")
    world.register("REGION", first, second)
    call = routed(send(world, first.signing_key()), second.signing_key(), values(["77"]))
    SendRequest(context)(call)


def test_instructions_without_a_signature_do_not_count(world: World, context: ExchangeContext) -> None:
    sender = world.register("REGION")
    call = routed(send(world, sender), sender, values(["77"]))
    (holder,) = call.body.iter(f"{R}RoutingSignature")
    holder.remove(holder[0])
    fault = refused(SendRequest(context), again(call))
    assert isinstance(fault, SignatureVerificationFault)
    assert fault.problem is SignatureProblem.NO_SIGNATURE_FOUND


def test_a_broadcast_names_nobody(world: World, context: ExchangeContext) -> None:
    sender = world.register("REGION")
    call = routed(send(world, sender, f'<n:News xmlns:n="{NEWS}"/>'), sender, values(["77"]))
    assert isinstance(refused(SendRequest(context), call), InvalidContent)


def test_instructions_for_records_need_records(world: World, context: ExchangeContext) -> None:
    sender = world.register("REGION")
    call = routed(send(world, sender), sender, "", records=[of_record(1, values(["77"]))])
    assert isinstance(refused(SendRequest(context), call), InvalidContent)


def test_a_routed_message_is_accepted_once(world: World, context: ExchangeContext) -> None:
    sender = world.register("REGION")
    call = routed(send(world, sender), sender, values(["77", "48"]))
    SendRequest(context)(call)
    assert isinstance(refused(SendRequest(context), call), MessageIsAlreadySent)


def test_nobody_acknowledges_the_copy_of_another(world: World, context: ExchangeContext) -> None:
    sender, moscow, _ = (world.register(name) for name in ("REGION", "MOSCOW", "LIPETSK"))
    call = routed(send(world, sender), sender, values(["77", "48"]))
    SendRequest(context)(call)
    request = fetched(world, context, moscow)
    assert request is not None
    other = world.register("OTHER")
    ack = world.ack(other, message_id(request), contract=V13)
    assert isinstance(refused(Ack(context), ack), TargetMessageIsNotFound)


def test_the_original_may_be_archived_while_copies_wait(world: World, context: ExchangeContext) -> None:
    sender, moscow, _ = (world.register(name) for name in ("REGION", "MOSCOW", "LIPETSK"))
    call = routed(send(world, sender), sender, values(["77", "48"]))
    sent = text(V13, answered(SendRequest(context), call), "MessageMetadata", "MessageId") or ""
    with write(world.engine) as conn:
        assert MessageLog().get(conn, sent).state is State.REQUEST_IS_PROCESSED
        assert MessageLog().get(conn, copy_id(sent, "MOSCOW")).state is State.REQUEST_IS_QUEUED
        MessageArchive().put(conn, MessageLog(), sent, at=world.clock(), actor="MEZHVED")
    assert fetched(world, context, moscow) is not None
    with read(world.engine) as conn:
        assert octets_of(conn, copy_id(sent, "LIPETSK")) == call.octets
