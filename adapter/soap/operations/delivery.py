"""What GetRequest and GetResponse have in common: a message is leased to its recipient, and signed by the node.

What the sender has provided is passed on as it was received, with its signature. To a system that speaks another
version of the contract it is translated; the sender's signature is left out then, since it covers what was translated.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from lxml.etree import QName
from lxml.etree import _Element as Element

from ....queue.model import Channel
from ....signing.canonical import exclusive_c14n
from ....signing.xmldsig import sign_octets
from ...exchange.contract import CONTRACTS, Contract
from ...exchange.copies import original_id
from ...exchange.kept import sender_part
from ...exchange.lifecycle import Event, MessageType
from ...exchange.participants import Participant
from ...exchange.writing import element, escape_attribute
from ...store.archive import octets_of
from ...store.attachments import attachments_of
from ...store.engine import read, write
from ...store.files import files_of, grant_of
from ...store.messages import Message
from ..call import Call
from ..envelope import outside_content
from ..metadata import Metadata, Party
from ..translation import translate
from .context import ExchangeContext

_FETCHED_A_SECOND = 1024 * 1024
"""Octets. So much of the files beside a message its recipient is expected to fetch: the lease is longer by that."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """A message that is with its recipient until the lease ends: what the log says of it, its octets, since when."""

    message: Message
    octets: bytes
    at: datetime


def fetch(
    context: ExchangeContext,
    call: Call,
    receiver: Participant,
    channel: Channel,
    *,
    kinds: Sequence[str] | None,
    node_id: str | None,
) -> Delivery | None:
    """Leases the head of the receiver's queue, within `kinds` (None: any) and its sub-queue; None if nothing waits."""
    with write(context.engine) as conn:
        context.queue.take_turn(conn, recipient=receiver.mnemonic, channel=channel, node_id=node_id)
        now = context.clock()  # not when the call came in: it may have waited, while a later one was answered
        leased = context.queue.lease(
            conn,
            recipient=receiver.mnemonic,
            channel=channel,
            now=now,
            lease_for=context.limits.lease,
            kinds=kinds,
            node_id=node_id,
        )
        if not leased:
            return None
        message_id = leased[0].entry.message_id
        message = context.messages.get(conn, message_id)
        octets = leased[0].body or octets_of(conn, message_id)
        if context.files is not None and (size := sum(one.size for one in files_of(conn, message_id))):
            until = leased[0].leased_until + timedelta(seconds=size / _FETCHED_A_SECOND)
            context.queue.prolong(conn, recipient=receiver.mnemonic, message_id=message_id, until=until)
        state = context.messages.move(conn, message_id, Event.FETCHED, at=now, actor=receiver.mnemonic)
    call.record.concerns(message_id, message.message_type, message.kind)
    return Delivery(replace(message, state=state), octets, now)


def nothing(call: Call) -> bytes:
    """The answer where nothing waits: never a fault."""
    return b'<t:%sResponse xmlns:t="%s"></t:%sResponse>' % (
        call.operation.encode(),
        call.contract.types.encode(),
        call.operation.encode(),
    )


def write_delivery(
    context: ExchangeContext,
    call: Call,
    receiver: Participant,
    delivery: Delivery,
    *,
    name: str,
    before: str = "",
    after: str = "",
) -> bytes:
    """The answer that holds a message, in canonical octets.

    `name` is that of the element which the node signs (Request, Response); `before` and `after` are what it says of
    the message there beside its metadata: before the sender's part, and after the metadata.
    """
    element_id = context.new_id()
    original, data, signature = _sender_part(delivery, call.contract)
    content = b"".join(
        (
            f'<t:{name} xmlns:t="{call.contract.types}" Id="{escape_attribute(element_id)}">{before}'.encode(),
            data,
            _metadata(context, call, receiver, delivery).encode(),
            _access(context, call, receiver, delivery) if _names(original, "RefAttachmentHeader") else b"",
            after.encode(),
            signature,
            f"</t:{name}>".encode(),
        )
    )
    return b"".join(
        (
            f'<t:{call.operation}Response xmlns:t="{call.contract.types}"><t:{name}Message>'.encode(),
            content,
            _contents(context, call, delivery) if _names(original, "AttachmentHeader") else b"",
            b"<t:SMEVSignature>%s</t:SMEVSignature>" % sign_octets(content, element_id, context.key),
            f"</t:{name}Message></t:{call.operation}Response>".encode(),
        )
    )


def _names(data: Element, header: str) -> bool:
    """Whether what a sender has signed has such headers: of attachments inside the message, or of files beside it."""
    return any(QName(element).localname == header for element in outside_content(data))


def _access(context: ExchangeContext, call: Call, receiver: Participant, delivery: Delivery) -> bytes:
    """//FSAttachmentsList: how the receiver fetches the files beside the message."""
    with read(context.engine) as conn:
        granted = grant_of(conn, delivery.message.message_id, receiver.mnemonic)
        files = files_of(conn, delivery.message.message_id)
    if granted is None or not files:
        return b""  # the register's own answers, and what has been cleared
    listed = "".join(
        "<b:FSAttachment>"
        + element("b:uuid", one.file.file_id)
        + element("b:UserName", granted.user)
        + element("b:Password", granted.password)
        + element("b:FileName", one.name or "")
        + "</b:FSAttachment>"
        for one in files
    )
    return f'<b:FSAttachmentsList xmlns:b="{call.contract.basic}">{listed}</b:FSAttachmentsList>'.encode()


def _contents(context: ExchangeContext, call: Call, delivery: Delivery) -> bytes:
    """//AttachmentContentList, as it came: under the same ids, and outside every signature."""
    with read(context.engine) as conn:
        attachments = attachments_of(conn, original_id(delivery.message.message_id))
    pieces = [b'<b:AttachmentContentList xmlns:b="%s">' % call.contract.basic.encode()]
    for attachment in attachments:
        pieces += [
            b"<b:AttachmentContent>",
            element("b:Id", attachment.content_id).encode(),
            b"<b:Content>",
            call.outgoing.place(attachment.content),
            b"</b:Content></b:AttachmentContent>",
        ]
    return b"".join((*pieces, b"</b:AttachmentContentList>"))


def _sender_part(delivery: Delivery, contract: Contract) -> tuple[Element, bytes, bytes]:
    """The sender's data, and what is passed on of it: data and signature, as elements in canonical octets."""
    data, signature = sender_part(delivery.octets)
    source = CONTRACTS[delivery.message.contract]
    if source != contract:
        return data, exclusive_c14n(translate(data, source, contract)), b""
    holder = b"<t:SenderInformationSystemSignature>%s</t:SenderInformationSystemSignature>"
    return data, exclusive_c14n(data), b"" if signature is None else holder % exclusive_c14n(signature)


def _metadata(context: ExchangeContext, call: Call, receiver: Participant, delivery: Delivery) -> str:
    message = delivery.message
    broadcast = message.message_type is MessageType.BROADCAST
    return Metadata(
        message_id=original_id(message.message_id),
        message_type=message.message_type,
        sender=context.party(message.sender),
        sent_at=message.accepted_at,
        recipient=None if broadcast else Party(receiver.mnemonic, receiver.name),
        delivered_at=delivery.at,
        status=message.state,
    ).write(call.contract, context.new_id())
