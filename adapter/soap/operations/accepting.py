"""What SendRequest and SendResponse have in common: the checks that hold for every message, and the answer to both."""

from collections.abc import Iterator
from contextlib import contextmanager

from lxml.etree import _Element as Element

from ....queue.model import Channel
from ....signing.xmldsig import sign_octets
from ...exchange.faults import (
    DestinationOverflow,
    ExchangeFault,
    InvalidContent,
    InvalidMessageIdFormat,
    MessageIsAlreadySent,
    StaleMessageId,
    ValidationError,
)
from ...exchange.message_id import InvalidMessageId, MessageId, Staleness
from ...exchange.participants import Participant
from ...exchange.ports import MessageKind
from ...store.engine import read
from ...store.messages import Message
from ..call import Call
from ..metadata import Metadata, Party
from .context import ExchangeContext


@contextmanager
def judged_once(context: ExchangeContext, message_id: str) -> Iterator[None]:
    """Replaces a refusal by MessageIsAlreadySent if the message was accepted before.

    A retry of what was accepted must hear just that, even if rights or routes have changed since (protocol §4).
    """
    try:
        yield
    except ExchangeFault:
        with read(context.engine) as conn:
            if context.queue.was_accepted(conn, message_id):
                raise MessageIsAlreadySent(message_id) from None
        raise


def check_message_id(context: ExchangeContext, call: Call, written: str) -> None:
    """Raises InvalidMessageIdFormat or StaleMessageId."""
    try:
        message_id = MessageId.parse(written)
    except InvalidMessageId as error:
        raise InvalidMessageIdFormat(written) from error
    staleness = context.limits.freshness.judge(message_id, call.received_at)
    if staleness is not Staleness.FRESH:
        raise StaleMessageId(written, message_id.timestamp, call.received_at, staleness)


def check_content(kind: MessageKind, content: Element) -> None:
    """Raises InvalidContent with all errors of business content against the kind's schema."""
    if errors := kind.validate(content):
        raise InvalidContent(tuple(ValidationError(error.line, error.path, error.text) for error in errors))


def check_room(context: ExchangeContext, call: Call, recipient: str, channel: Channel) -> None:
    """Raises DestinationOverflow while as many messages wait for the recipient as may."""
    participant = context.participants.by_mnemonic(recipient)
    own = None if participant is None else participant.queue_limit
    limit = context.limits.queue_limit if own is None else own

    def count() -> int:
        with read(context.engine) as conn:
            return context.queue.depth(conn, recipient, channel, limit)

    if context.backlog.size(recipient, channel, call.received_at, count) >= limit:
        raise DestinationOverflow(context.mnemonic, recipient)


def receipt(context: ExchangeContext, call: Call, message: Message, sender: Participant) -> bytes:
    """The answer to the call that brought `message`: its metadata, and the node's signature over them."""
    element_id = context.new_id()
    metadata = Metadata(
        message_id=message.message_id,
        message_type=message.message_type,
        sender=Party(sender.mnemonic, sender.name),
        sent_at=call.received_at,
        recipient=context.party(message.recipient) if message.recipient else None,
        delivered_at=None,
        status=message.state,
    ).write(call.contract, element_id)
    root, types = f"{call.operation}Response".encode(), call.contract.types.encode()
    signed = metadata.encode()
    signature = sign_octets(signed, element_id, context.key)
    return b'<t:%s xmlns:t="%s">%s<t:SMEVSignature>%s</t:SMEVSignature></t:%s>' % (root, types, signed, signature, root)
