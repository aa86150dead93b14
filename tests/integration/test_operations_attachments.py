"""Attachments inside messages, on both databases: what is accepted arrives whole, and what does not fit is refused."""

import base64
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from io import BytesIO

import pytest
from lxml import etree
from mezhved.adapter.exchange.contract import CONTRACTS, Contract, Operation
from mezhved.adapter.exchange.faults import (
    AttachmentContentMiscoordination,
    AttachmentSizeLimitExceeded,
    ExchangeFault,
    MessageIsAlreadySent,
    SignatureProblem,
    SignatureVerificationFault,
)
from mezhved.adapter.node import handlers
from mezhved.adapter.soap.endpoint import SoapEndpoint
from mezhved.adapter.soap.operations.get_request import GetRequest
from mezhved.adapter.soap.operations.get_response import GetResponse
from mezhved.adapter.soap.operations.send_request import SendRequest
from mezhved.adapter.soap.operations.send_response import SendResponse
from mezhved.adapter.soap.outgoing import Outgoing
from mezhved.adapter.soap.package import Part
from mezhved.adapter.soap.xop import resolve
from mezhved.adapter.store.attachments import attachments_of
from mezhved.adapter.store.engine import read
from mezhved.signing.detached import verify_file
from mezhved.signing.keys import SigningKey
from mezhved.signing.policy import SMEV
from mezhved.signing.xmldsig import verify
from sqlalchemy import Engine
from support.attachments import content, contents, header, headers, included
from support.operations import SIGNATURE, answered, refused
from support.world import ECHO_RESPONSE, V12, World, envelope

FILES = {"scan-1": b"\0\1%PDF\r\n" * 100, "scan-2": "Скан".encode()}


@pytest.fixture
def world(engine: Engine) -> World:
    return World(engine)


@pytest.fixture
def asks(world: World) -> SigningKey:
    return world.register("REGION")


@pytest.fixture
def provider(world: World) -> SigningKey:
    return world.register("FRMR")


def send(world: World, key: SigningKey, **parts: str) -> str:
    """Sends a request and returns its MessageID."""
    message_id = world.message_ids()
    parts = {"after": headers(FILES, key, world.clock()), "attachments": contents(FILES)} | parts
    SendRequest(world.context())(world.send_request(key, message_id=message_id, **parts))
    return message_id


def fault_of(world: World, key: SigningKey, after: str, attachments: str) -> ExchangeFault:
    return refused(SendRequest(world.context()), world.send_request(key, after=after, attachments=attachments))


def files_in(root: etree._Element, contract: Contract = V12) -> dict[str, bytes]:
    """What stands in AttachmentContentList of an answer, decoded."""
    basic = f"{{{contract.basic}}}"
    return {
        one.findtext(f"{basic}Id") or "": base64.b64decode(one.findtext(f"{basic}Content") or "")
        for one in root.iter(f"{basic}AttachmentContent")
    }


def check_signatures(world: World, root: etree._Element, contract: Contract = V12) -> None:
    """Each header's signature must fit the content that was delivered."""
    basic, files = f"{{{contract.basic}}}", files_in(root, contract)
    found = list(root.iter(f"{basic}AttachmentHeader"))
    assert len(found) == len(files)
    for one in found:
        der = base64.b64decode(one.findtext(f"{basic}SignaturePKCS7") or "")
        octets = files[one.findtext(f"{basic}contentId") or ""]
        verify_file(der, [octets], trust=world.trust, at=world.clock())


# -- there and back ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("version", CONTRACTS)
def test_a_request_arrives_with_its_attachments(
    world: World, asks: SigningKey, provider: SigningKey, version: str
) -> None:
    send(world, asks)
    contract = CONTRACTS[version]
    root = answered(GetRequest(world.context()), world.get_request(provider, contract=contract))
    assert files_in(root, contract) == FILES
    check_signatures(world, root, contract)


def test_the_senders_signature_still_holds(world: World, asks: SigningKey, provider: SigningKey) -> None:
    send(world, asks)
    root, types = answered(GetRequest(world.context()), world.get_request(provider)), f"{{{V12.types}}}"
    data = root.find(f".//{types}SenderProvidedRequestData")
    signature = root.find(f".//{types}SenderInformationSystemSignature/{SIGNATURE}")
    assert data is not None
    assert verify(signature, data, policy=SMEV, trust=world.trust, at=world.clock()).element is data


def test_a_response_arrives_with_its_attachments(world: World, asks: SigningKey, provider: SigningKey) -> None:
    send(world, asks, after="", attachments="")
    request = answered(GetRequest(world.context()), world.get_request(provider))
    reply_to = request.findtext(f".//{{{V12.types}}}ReplyTo") or ""
    said = ECHO_RESPONSE + headers(FILES, provider, world.clock())
    call = world.send_response(provider, reply_to, said, attachments=contents(FILES))
    SendResponse(world.context())(call)
    root = answered(GetResponse(world.context()), world.get_response(asks))
    assert files_in(root) == FILES
    check_signatures(world, root)


def test_every_delivery_brings_them_again(world: World, asks: SigningKey, provider: SigningKey) -> None:
    message_id = send(world, asks)
    for _ in range(2):
        root = answered(GetRequest(world.context()), world.get_request(provider))
        assert files_in(root) == FILES
        world.clock.pass_by(minutes=20)
    with read(world.engine) as conn:
        assert [one.content_id for one in attachments_of(conn, message_id)] == list(FILES)


def test_who_takes_parts_is_given_parts(world: World, asks: SigningKey, provider: SigningKey) -> None:
    send(world, asks)
    call = replace(world.get_request(provider), outgoing=Outgoing(takes_parts=True))
    octets = GetRequest(world.context())(call)
    assert b"Include" in octets
    assert [one.octets for one in call.outgoing.parts] == list(FILES.values())


def test_what_is_kept_of_the_envelope_is_what_was_verified(world: World, asks: SigningKey) -> None:
    message_id = world.message_ids()
    call = world.send_request(
        asks, message_id=message_id, after=headers(FILES, asks, world.clock()), attachments=contents(FILES)
    )
    context = world.context()
    SendRequest(context)(call)
    with read(world.engine) as conn:
        kept = context.queue.body(conn, message_id)
    assert kept == call.octets
    assert base64.b64encode(FILES["scan-1"]) not in kept


def test_a_retry_is_told_that_it_was_sent_and_keeps_nothing_twice(world: World, asks: SigningKey) -> None:
    message_id = send(world, asks)
    again = world.send_request(
        asks, message_id=message_id, after=headers(FILES, asks, world.clock()), attachments=contents(FILES)
    )
    assert isinstance(refused(SendRequest(world.context()), again), MessageIsAlreadySent)
    with read(world.engine) as conn:
        assert len(attachments_of(conn, message_id)) == len(FILES)


def test_a_refused_message_leaves_nothing(world: World, asks: SigningKey) -> None:
    fault_of(world, asks, headers({"a": b"1"}, asks, world.clock()), contents({"a": b"2"}))
    with read(world.engine) as conn:
        assert conn.exec_driver_sql("SELECT count(*) FROM message_attachments").scalar() == 0


# -- as parts beside the envelope --------------------------------------------------------------------------------------


def test_parts_and_a_signature_in_a_part_are_the_same_as_base64(
    world: World, asks: SigningKey, provider: SigningKey
) -> None:
    """The signature was made over the base64, and its octets travel beside it (protocol §2)."""
    octets = FILES["scan-1"]
    named = header("scan-1", octets, asks, world.clock())
    written = named[named.index("<b:SignaturePKCS7>") + 18 : named.index("</b:SignaturePKCS7>")]
    data = (
        f'<t:SenderProvidedRequestData Id="SIGNED"><t:MessageID>{world.message_ids()}</t:MessageID>'
        '<b:MessagePrimaryContent><e:EchoRequest xmlns:e="urn://x-artefacts-mezhved/test/echo/1.0.0">x</e:EchoRequest>'
        f"</b:MessagePrimaryContent><b:AttachmentHeaderList>{named}</b:AttachmentHeaderList>"
        f"</t:SenderProvidedRequestData>{included({'scan-1': 'file@x'})}"
    )
    include = b'<x:Include xmlns:x="http://www.w3.org/2004/08/xop/include" href="cid:signature@x"/>'
    sent = envelope(Operation.SEND_REQUEST, data, asks).replace(written.encode(), include)
    parts = [part("file@x", octets), part("signature@x", base64.b64decode(written))]
    endpoint = SoapEndpoint(handlers(world.context()), clock=world.clock)
    reply = endpoint.handle(sent, "1.2", parts=parts)
    assert reply.status == 200, reply.octets.decode()
    call = world.get_request(provider)
    reply = endpoint.handle(call.octets, "1.2", takes_parts=True)
    got = resolve(reply.octets, [part(one.content_id, one.octets) for one in reply.parts], most=100_000)
    assert [one.octets() for one in got.contents] == [octets]


def part(content_id: str, octets: bytes) -> Part:
    return Part(content_id, len(octets), BytesIO(octets))


# -- refused -----------------------------------------------------------------------------------------------------------

A, B = {"a": b"1"}, {"b": b"2"}


@pytest.mark.parametrize(
    ("named", "given", "reason"),
    [
        (A, {}, "«a» нет содержимого"),
        ({}, A, "«a» нет заголовка"),
        (A, B, "«a» нет содержимого"),
        (A, A | B, "«b» нет заголовка"),
    ],
)
def test_headers_and_contents_must_match_one_to_one(
    world: World, asks: SigningKey, named: dict[str, bytes], given: dict[str, bytes], reason: str
) -> None:
    after = headers(named, asks, world.clock()) if named else ""
    fault = fault_of(world, asks, after, contents(given) if given else "")
    assert isinstance(fault, AttachmentContentMiscoordination)
    assert reason in fault.description


def test_ids_must_not_repeat(world: World, asks: SigningKey) -> None:
    one = header("a", b"1", asks, world.clock())
    after = f"<b:AttachmentHeaderList>{one}{one}</b:AttachmentHeaderList>"
    fault = fault_of(world, asks, after, contents(A))
    assert isinstance(fault, AttachmentContentMiscoordination)
    assert "contentId «a» повторяется" in fault.description
    twice = f"<b:AttachmentContentList>{content('a', 'MQ==') * 2}</b:AttachmentContentList>"
    fault = fault_of(world, asks, headers(A, asks, world.clock()), twice)
    assert isinstance(fault, AttachmentContentMiscoordination)
    assert "Id «a» повторяется" in fault.description


def test_the_order_of_headers_and_contents_is_of_no_matter(
    world: World, asks: SigningKey, provider: SigningKey
) -> None:
    backwards = dict(reversed(FILES.items()))
    send(world, asks, attachments=contents(backwards))
    root = answered(GetRequest(world.context()), world.get_request(provider))
    assert files_in(root) == FILES
    check_signatures(world, root)


def test_the_size_of_all_together_has_a_limit(world: World, asks: SigningKey) -> None:
    context = world.context(limits=replace(world.context().limits, attachments=10))
    for size, accepted in ((10, True), (11, False)):
        files = {"a": b"x" * 4, "b": b"x" * (size - 4)}
        call = world.send_request(asks, after=headers(files, asks, world.clock()), attachments=contents(files))
        if accepted:
            SendRequest(context)(call)
        else:
            fault = refused(SendRequest(context), call)
            assert isinstance(fault, AttachmentSizeLimitExceeded)
            assert (fault.permitted, fault.real) == (10, 11)


def test_a_file_beside_the_message_is_refused(world: World, asks: SigningKey) -> None:
    after = (
        "<b:RefAttachmentHeaderList><b:RefAttachmentHeader><b:uuid>u</b:uuid><b:Hash>h</b:Hash>"
        "<b:MimeType>text/plain</b:MimeType></b:RefAttachmentHeader></b:RefAttachmentHeaderList>"
    )
    assert isinstance(fault_of(world, asks, after, ""), AttachmentContentMiscoordination)


def unsigned(world: World, key: SigningKey) -> str:
    return headers(A, None, world.clock())


def of_another_file(world: World, key: SigningKey) -> str:
    return headers({"a": b"2"}, key, world.clock())


def of_a_stranger(world: World, key: SigningKey) -> str:
    stranger = World(world.engine).issue("CN=Stranger").signing_key()
    return headers(A, stranger, world.clock())


def of_the_past(world: World, key: SigningKey) -> str:
    expired = world.issue("CN=Expired", valid_to=world.clock() - timedelta(days=1)).signing_key()
    return headers(A, expired, world.clock())


def not_pkcs7(world: World, key: SigningKey) -> str:
    signed = headers(A, key, world.clock())
    begin, end = signed.index("<b:SignaturePKCS7>") + 18, signed.index("</b:SignaturePKCS7>")
    return signed[:begin] + "AAEC" + signed[end:]


@pytest.mark.parametrize(
    ("make", "problem", "words"),
    [
        (unsigned, SignatureProblem.NO_SIGNATURE_FOUND, "файл не подписан"),
        (of_another_file, SignatureProblem.SIGNATURE_IS_INVALID, "DIGEST_MISMATCH"),
        (of_a_stranger, SignatureProblem.CERTIFICATE_IS_NOT_FOUND, "CERTIFICATE_UNTRUSTED"),
        (of_the_past, SignatureProblem.CERTIFICATE_IS_EXPIRED, "CERTIFICATE_EXPIRED"),
        (not_pkcs7, SignatureProblem.SIGNATURE_IS_INVALID, "MALFORMED_SIGNATURE"),
    ],
)
def test_each_file_bears_a_signature_that_holds(
    world: World,
    asks: SigningKey,
    make: Callable[[World, SigningKey], str],
    problem: SignatureProblem,
    words: str,
) -> None:
    fault = fault_of(world, asks, make(world, asks), contents(A))
    assert isinstance(fault, SignatureVerificationFault)
    assert fault.problem is problem
    assert words in fault.description
    assert "вложение «a»" in fault.description
