"""The operations of the exchange, each on both databases: what is accepted, kept, delivered, and refused."""

from datetime import timedelta

import pytest
from lxml import etree
from mezhved.adapter.dispatch.answering import answered, processing_status, write_notice, write_response
from mezhved.adapter.exchange.contract import XMLDSIG
from mezhved.adapter.exchange.faults import (
    AccessDenied,
    AttachmentSizeLimitExceeded,
    BusinessDataTypeIsNotSupported,
    EndOfLifeReached,
    ExchangeFault,
    InvalidContent,
    InvalidMessageIdFormat,
    MessageIsAlreadySent,
    RecipientIsNotFound,
    SenderIsNotRegistered,
    SignatureProblem,
    SignatureVerificationFault,
    StaleMessageId,
    TargetMessageIsNotFound,
    TransactionCodeInvalid,
    UnknownMessageType,
)
from mezhved.adapter.exchange.lifecycle import Event, State
from mezhved.adapter.soap.call import Call
from mezhved.adapter.soap.operations.ack import Ack
from mezhved.adapter.soap.operations.get_response import GetResponse
from mezhved.adapter.soap.operations.get_status import GetStatus
from mezhved.adapter.soap.operations.send_request import SendRequest
from mezhved.adapter.store.engine import read, write
from mezhved.adapter.store.messages import Message, MessageLog, MessageType
from mezhved.queue.model import Channel, Entry
from mezhved.signing.authority import create_authority
from mezhved.signing.policy import SMEV
from mezhved.signing.xmldsig import verify
from sqlalchemy import Engine
from support.world import ECHO, START, V12, ProviderOf, World

T = f"{{{V12.types}}}"
SIGNATURE = f"{{{XMLDSIG}}}Signature"


@pytest.fixture
def world(engine: Engine) -> World:
    return World(engine)


def refused(handler: object, call: Call) -> ExchangeFault:
    with pytest.raises(ExchangeFault) as caught:
        handler(call)  # type: ignore[operator]
    return caught.value


def answer(world: World, sender: str, to_request: str | None = None, node_id: str | None = None) -> str:
    """Puts a response into the sender's queue, as a provider would; returns its MessageID."""
    context, message_id = world.context(), world.message_ids()
    content = etree.fromstring(f'<e:EchoResponse xmlns:e="{ECHO}">ответ</e:EchoResponse>')
    octets = write_response(V12, message_id, "to", answered(content), world.issue("CN=FRMR").signing_key())
    with write(world.engine) as conn:
        context.queue.accept(conn, message_id, octets, world.clock())
        context.queue.enqueue(conn, [Entry(message_id, sender, Channel.RESPONSE, "echo", node_id)], world.clock())
        context.messages.record(
            conn,
            Message(
                message_id=message_id,
                message_type=MessageType.RESPONSE,
                kind="echo",
                sender="FRMR",
                recipient=sender,
                contract="1.2",
                accepted_at=world.clock(),
                state=State.RESPONSE_IS_ACCEPTED_BY_SMEV,
                original_message_id=to_request,
                transaction_code="TX-1",
            ),
        )
    return message_id


class TestSendRequest:
    def test_an_accepted_request_is_kept_queued_and_told(self, world: World) -> None:
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
    def test_white_space_around_a_node_id_means_nothing(self, world: World, written: str, kept: str | None) -> None:
        call = world.send_request(world.register("REGION"), before=f"<t:NodeID>{written}</t:NodeID>")
        SendRequest(world.context())(call)
        with read(world.engine) as conn:
            assert MessageLog().get(conn, call.body[0].findtext(f"{T}MessageID") or "").node_id == kept

    def test_a_message_sent_twice_is_accepted_once(self, world: World) -> None:
        key = world.register("REGION")
        handler, call = SendRequest(world.context()), world.send_request(key)
        handler(call)
        assert isinstance(refused(handler, call), MessageIsAlreadySent)
        with read(world.engine) as conn:
            figures = world.context().queue.figures(conn, world.clock())
        assert [(one.recipient, one.waiting) for one in figures] == [("FRMR", 1)]

    def test_its_id_is_taken_for_every_other_sender(self, world: World) -> None:
        first, second = world.register("REGION"), world.register("AGENCY")
        handler, message_id = SendRequest(world.context()), world.message_ids()
        handler(world.send_request(first, message_id=message_id))
        assert isinstance(refused(handler, world.send_request(second, message_id=message_id)), MessageIsAlreadySent)

    def test_a_retry_on_the_third_day_still_hears_that_it_was_accepted(self, world: World) -> None:
        key = world.register("REGION")
        handler, message_id = SendRequest(world.context()), world.message_ids()
        handler(world.send_request(key, message_id=message_id))
        world.clock.pass_by(days=3)
        assert isinstance(refused(handler, world.send_request(key, message_id=message_id)), MessageIsAlreadySent)

    def test_a_retry_hears_it_even_when_the_right_was_taken_away(self, world: World) -> None:
        issued = world.issue("CN=REGION")
        key = world.register("REGION", issued)
        handler, message_id = SendRequest(world.context()), world.message_ids()
        handler(world.send_request(key, message_id=message_id))
        world.register("REGION", issued, sends=())
        assert isinstance(refused(handler, world.send_request(key, message_id=message_id)), MessageIsAlreadySent)
        assert isinstance(refused(handler, world.send_request(key)), AccessDenied)

    def test_a_refused_message_does_not_burn_its_id(self, world: World) -> None:
        key = world.register("REGION")
        handler, message_id = SendRequest(world.context()), world.message_ids()
        wrong = f'<e:EchoRequest xmlns:e="{ECHO}">wrong</e:EchoRequest>'
        fault = refused(handler, world.send_request(key, message_id=message_id, content=wrong))
        assert isinstance(fault, InvalidContent)
        assert "wrong" in fault.errors[0].text
        handler(world.send_request(key, message_id=message_id))

    @pytest.mark.parametrize("moment", [timedelta(hours=-25), timedelta(minutes=6)])
    def test_an_id_too_old_or_from_the_future_is_stale(self, world: World, moment: timedelta) -> None:
        key = world.register("REGION")
        world.clock.now = START + moment
        message_id = world.message_ids()
        world.clock.now = START
        fault = refused(SendRequest(world.context()), world.send_request(key, message_id=message_id))
        assert isinstance(fault, StaleMessageId)
        assert ("в будущем" in fault.description) == (moment > timedelta(0))

    def test_an_id_of_another_version_is_refused(self, world: World) -> None:
        key = world.register("REGION")
        call = world.send_request(key, message_id="6fa459ea-ee8a-4ca4-894e-db77e160355e")
        assert isinstance(refused(SendRequest(world.context()), call), InvalidMessageIdFormat)

    def test_an_unknown_kind_is_named(self, world: World) -> None:
        key = world.register("REGION")
        fault = refused(SendRequest(world.context()), world.send_request(key, content='<x:Y xmlns:x="urn:x"/>'))
        assert isinstance(fault, BusinessDataTypeIsNotSupported)
        assert (fault.local_name, fault.namespace) == ("Y", "urn:x")

    def test_a_kind_without_a_provider_has_no_recipient(self, world: World) -> None:
        key = world.register("REGION")
        call = world.send_request(key)
        assert isinstance(refused(SendRequest(world.context(routes=ProviderOf(None))), call), RecipientIsNotFound)

    def test_attachments_are_refused_with_their_size(self, world: World) -> None:
        key = world.register("REGION")
        attachments = (
            "<b:AttachmentContentList><b:AttachmentContent><b:Id>a</b:Id><b:Content>AAEC\nAw==</b:Content>"
            "</b:AttachmentContent></b:AttachmentContentList>"
        )
        fault = refused(SendRequest(world.context()), world.send_request(key, attachments=attachments))
        assert isinstance(fault, AttachmentSizeLimitExceeded)
        assert (fault.permitted, fault.real) == (0, 4)

    def test_an_attachment_by_reference_is_refused_too(self, world: World) -> None:
        key = world.register("REGION")
        header = (
            "<b:RefAttachmentHeaderList><b:RefAttachmentHeader><b:uuid>u</b:uuid><b:Hash>h</b:Hash>"
            "<b:MimeType>text/plain</b:MimeType></b:RefAttachmentHeader></b:RefAttachmentHeaderList>"
        )
        fault = refused(SendRequest(world.context()), world.send_request(key, after=header))
        assert isinstance(fault, AttachmentSizeLimitExceeded)

    @pytest.mark.parametrize("written", ["2026-11-23T12:00:00Z", "2026-11-22T12:00:00Z"])
    def test_a_message_past_its_end_of_life_is_refused(self, world: World, written: str) -> None:
        key = world.register("REGION")
        call = world.send_request(key, before=f"<t:EOL>{written}</t:EOL>")
        assert isinstance(refused(SendRequest(world.context()), call), EndOfLifeReached)

    def test_an_empty_transaction_code_is_refused(self, world: World) -> None:
        key = world.register("REGION")
        call = world.send_request(key, before="<t:TransactionCode> </t:TransactionCode>")
        assert isinstance(refused(SendRequest(world.context()), call), TransactionCodeInvalid)


class TestCaller:
    def problem(self, world: World, call: Call) -> SignatureVerificationFault:
        fault = refused(SendRequest(world.context()), call)
        assert isinstance(fault, SignatureVerificationFault)
        return fault

    def test_an_unsigned_call_is_refused(self, world: World) -> None:
        assert self.problem(world, world.send_request(None)).problem is SignatureProblem.NO_SIGNATURE_FOUND

    def test_content_changed_after_signing_is_refused(self, world: World) -> None:
        call = world.send_request(world.register("REGION"))
        next(call.body.iter(f"{{{ECHO}}}EchoRequest")).text = "changed"
        fault = self.problem(world, call)
        assert fault.problem is SignatureProblem.SIGNATURE_IS_INVALID
        assert "DIGEST_MISMATCH" in fault.description

    def test_a_signature_over_something_else_is_refused(self, world: World) -> None:
        call = world.send_request(world.register("REGION"))
        call.body[0].set("Id", "OTHER")
        next(call.body.iter(f"{{{ECHO}}}EchoRequest")).set("Id", "SIGNED")
        assert self.problem(world, call).problem is SignatureProblem.INCORRECT_SIGNATURE_TARGET

    def test_a_certificate_of_nobody_is_refused_by_its_name(self, world: World) -> None:
        fault = self.problem(world, world.send_request(world.issue("CN=Nobody").signing_key()))
        assert fault.problem is SignatureProblem.CERTIFICATE_IS_NOT_FOUND
        assert "CN=Nobody" in fault.description

    def test_a_foreign_authority_is_refused(self, world: World) -> None:
        foreign = create_authority(
            "p256", "CN=Foreign", valid_from=START - timedelta(days=1), valid_to=START + timedelta(days=99)
        )
        key = world.register("REGION", world.issue("CN=REGION", foreign))
        fault = self.problem(world, world.send_request(key))
        assert fault.problem is SignatureProblem.CERTIFICATE_IS_NOT_FOUND
        assert "CERTIFICATE_UNTRUSTED" in fault.description

    @pytest.mark.parametrize(("day", "code"), [(-31, "CERTIFICATE_NOT_YET_VALID"), (366, "CERTIFICATE_EXPIRED")])
    def test_a_certificate_outside_its_time_is_refused(self, world: World, day: int, code: str) -> None:
        key = world.register("REGION")
        world.clock.now = START + timedelta(days=day)
        fault = self.problem(world, world.send_request(key))
        assert fault.problem is SignatureProblem.CERTIFICATE_IS_EXPIRED
        assert code in fault.description

    def test_a_renewed_certificate_works_beside_the_old_one(self, world: World) -> None:
        old, new = world.issue("CN=REGION"), world.issue("CN=REGION")
        world.register("REGION", old, new)
        for issued in (old, new):
            SendRequest(world.context())(world.send_request(issued.signing_key()))

    @pytest.mark.parametrize("where", ["header", "content's neighbour"])
    def test_a_signature_where_the_contract_has_no_place_is_refused(self, world: World, where: str) -> None:
        call = world.send_request(world.register("REGION"))
        root = call.body.getroottree().getroot()
        stray = etree.Element(SIGNATURE)
        if where == "header":
            etree.SubElement(root, f"{{{etree.QName(root).namespace}}}Header").append(stray)
        else:
            call.body.append(stray)
        fault = self.problem(world, call)
        assert fault.problem is SignatureProblem.SIGNATURE_IS_INVALID
        assert "лишняя подпись" in fault.description

    def test_a_system_switched_off_is_not_registered(self, world: World) -> None:
        key = world.register("REGION", active=False)
        fault = refused(SendRequest(world.context()), world.send_request(key))
        assert isinstance(fault, SenderIsNotRegistered)


class TestGetResponse:
    def fetch(self, world: World, call: Call) -> etree._Element | None:
        return etree.fromstring(GetResponse(world.context())(call)).find(f"{T}ResponseMessage")

    def test_an_empty_queue_is_an_empty_answer(self, world: World) -> None:
        assert self.fetch(world, world.get_response(world.register("REGION"))) is None

    def test_a_response_is_delivered_with_both_signatures(self, world: World) -> None:
        key = world.register("REGION")
        request_id = world.message_ids()
        message_id = answer(world, "REGION", request_id)
        message = self.fetch(world, world.get_response(key))
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

    def test_it_comes_back_until_it_is_acknowledged(self, world: World) -> None:
        key = world.register("REGION")
        message_id = answer(world, "REGION")
        assert self.fetch(world, world.get_response(key)) is not None
        assert self.fetch(world, world.get_response(key)) is None
        world.clock.pass_by(minutes=16)
        assert self.fetch(world, world.get_response(key)) is not None
        Ack(world.context())(world.ack(key, message_id))
        world.clock.pass_by(minutes=16)
        assert self.fetch(world, world.get_response(key)) is None

    def test_nobody_reads_the_queue_of_another(self, world: World) -> None:
        answer(world, "REGION")
        assert self.fetch(world, world.get_response(world.register("AGENCY"))) is None

    def test_a_sub_queue_is_read_by_naming_it_only(self, world: World) -> None:
        key = world.register("REGION")
        answer(world, "REGION", node_id="n1")
        assert self.fetch(world, world.get_response(key)) is None
        assert self.fetch(world, world.get_response(key, node_id="n2")) is None
        assert self.fetch(world, world.get_response(key, node_id="n1")) is not None

    @pytest.mark.parametrize("root", ["EchoResponse", "EchoRequest"])
    def test_a_selector_names_the_kind_by_either_root(self, world: World, root: str) -> None:
        key = world.register("REGION")
        answer(world, "REGION")
        selector = f"<b:NamespaceURI>{ECHO}</b:NamespaceURI><b:RootElementLocalName>{root}</b:RootElementLocalName>"
        assert self.fetch(world, world.get_response(key, selector)) is not None

    def test_an_unknown_kind_in_the_selector_is_a_fault(self, world: World) -> None:
        selector = "<b:NamespaceURI>urn:x</b:NamespaceURI><b:RootElementLocalName>Y</b:RootElementLocalName>"
        call = world.get_response(world.register("REGION"), selector)
        assert isinstance(refused(GetResponse(world.context()), call), UnknownMessageType)

    @pytest.mark.parametrize("minutes", [-11, 11])
    def test_a_captured_call_cannot_be_replayed_later(self, world: World, minutes: int) -> None:
        call = world.get_response(world.register("REGION"), at=START + timedelta(minutes=minutes))
        fault = refused(GetResponse(world.context()), call)
        assert isinstance(fault, SignatureVerificationFault)
        assert fault.problem is SignatureProblem.SIGNATURE_IS_INVALID
        assert "часов узла" in fault.description


class TestAck:
    def test_it_moves_the_message_to_delivered_and_is_recorded(self, world: World) -> None:
        key = world.register("REGION")
        message_id = answer(world, "REGION")
        GetResponse(world.context())(world.get_response(key))
        Ack(world.context())(world.ack(key, message_id, accepted="false"))
        with read(world.engine) as conn:
            assert world.context().messages.get(conn, message_id).state is State.MESSAGE_IS_DELIVERED
            last = world.context().messages.events(conn, message_id)[-1]
        assert (last.event, last.actor, last.detail) == (Event.ACKED, "REGION", "accepted=false")

    @pytest.mark.parametrize("written", ["true", "1", " true "])
    def test_every_way_to_write_that_it_was_accepted(self, world: World, written: str) -> None:
        key = world.register("REGION")
        message_id = answer(world, "REGION")
        GetResponse(world.context())(world.get_response(key))
        Ack(world.context())(world.ack(key, message_id, accepted=written))
        with read(world.engine) as conn:
            assert world.context().messages.events(conn, message_id)[-1].detail == ""

    def test_what_was_not_given_cannot_be_acknowledged(self, world: World) -> None:
        key = world.register("REGION")
        for message_id in (answer(world, "REGION"), world.message_ids()):
            fault = refused(Ack(world.context()), world.ack(key, message_id))
            assert isinstance(fault, TargetMessageIsNotFound)

    def test_another_system_cannot_acknowledge_it(self, world: World) -> None:
        key, other = world.register("REGION"), world.register("AGENCY")
        message_id = answer(world, "REGION")
        GetResponse(world.context())(world.get_response(key))
        assert isinstance(refused(Ack(world.context()), world.ack(other, message_id)), TargetMessageIsNotFound)
        Ack(world.context())(world.ack(key, message_id))

    def test_a_second_ack_finds_nothing(self, world: World) -> None:
        key = world.register("REGION")
        message_id = answer(world, "REGION")
        GetResponse(world.context())(world.get_response(key))
        Ack(world.context())(world.ack(key, message_id))
        assert isinstance(refused(Ack(world.context()), world.ack(key, message_id)), TargetMessageIsNotFound)


class TestGetStatus:
    def test_a_notice_is_given_once_and_signed(self, world: World) -> None:
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

    def test_a_notice_that_cannot_be_signed_is_not_lost(self, world: World) -> None:
        key, notice_id = world.register("REGION"), world.message_ids()
        context = world.context()
        notice = write_notice(V12, processing_status(world.message_ids(), State.REQUEST_IS_REJECTED_BY_SMEV, "причина"))
        with write(world.engine) as conn:
            context.queue.accept(conn, notice_id, notice, world.clock())
            context.queue.enqueue(conn, [Entry(notice_id, "REGION", Channel.STATUS, "echo", None)], world.clock())
        with pytest.raises(AttributeError):
            GetStatus(world.context(key=None))(world.get_status(key))
        assert len(etree.fromstring(GetStatus(context)(world.get_status(key)))) == 1

    def test_a_stale_timestamp_is_refused(self, world: World) -> None:
        call = world.get_status(world.register("REGION"), at=START - timedelta(hours=1))
        assert isinstance(refused(GetStatus(world.context()), call), SignatureVerificationFault)
