"""SendRequest: a request is checked, kept and queued for the provider of its kind, in one transaction."""

import secrets
from dataclasses import dataclass
from datetime import datetime

from lxml.etree import QName
from lxml.etree import _Element as Element

from ....queue.errors import DuplicateMessage
from ....queue.model import Channel
from ....signing.xmldsig import sign_octets
from ...dispatch.posting import Handling
from ...exchange.contract import Contract
from ...exchange.faults import (
    AccessDenied,
    AttachmentSizeLimitExceeded,
    BusinessDataTypeIsNotSupported,
    EndOfLifeReached,
    ExchangeFault,
    InvalidContent,
    InvalidMessageIdFormat,
    MessageIsAlreadySent,
    RecipientIsNotFound,
    StaleMessageId,
    TransactionCodeInvalid,
    ValidationError,
)
from ...exchange.lifecycle import MessageType, State
from ...exchange.message_id import InvalidMessageId, MessageId, Staleness
from ...exchange.participants import Participant
from ...exchange.ports import MessageKind
from ...exchange.times import read_date_time
from ...store.engine import read, write
from ...store.messages import Message
from ..call import Call
from ..metadata import Metadata, Party
from .caller import identify
from .context import ExchangeContext

_ATTACHMENTS = ("AttachmentHeaderList", "RefAttachmentHeaderList")


@dataclass(frozen=True, slots=True)
class RequestData:
    """What the protocol reads of //SenderProvidedRequestData; `content` is inside what the caller has signed."""

    message_id: str
    reference_message_id: str | None
    transaction_code: str | None
    node_id: str | None
    end_of_life: str | None
    content: Element
    test: bool

    @classmethod
    def read(cls, contract: Contract, data: Element) -> "RequestData":
        """Reads the fields of an element that is valid against the contract's schema."""
        fields = {child.tag: child for child in data}

        def text(name: str) -> str | None:
            field = fields.get(f"{{{contract.types}}}{name}")
            return None if field is None else field.text or ""

        return cls(
            message_id=text("MessageID") or "",
            reference_message_id=text("ReferenceMessageID"),
            transaction_code=text("TransactionCode"),
            # Read as GetResponse reads it; and of white space alone nothing is signed.
            node_id=(text("NodeID") or "").strip() or None,
            end_of_life=text("EOL"),
            content=next(fields[f"{{{contract.basic}}}MessagePrimaryContent"].iterchildren("*")),
            test=f"{{{contract.types}}}TestMessage" in fields,
        )


class SendRequest:
    """Handler of SendRequest."""

    def __init__(self, context: ExchangeContext) -> None:
        self._context = context

    def __call__(self, call: Call) -> bytes:
        """Accepts the request or raises the fault of the contract that says why not."""
        data = call.body[0]
        sender = identify(self._context, call, data)
        request = RequestData.read(call.contract, data)
        call.record.message_id = request.message_id
        try:
            kind, recipient = self._check(call, request, sender)
            self._accept(call, request, sender, kind, recipient)
        except ExchangeFault:
            # A retry of what was accepted must hear just that, even if rights have changed since (protocol §4).
            with read(self._context.engine) as conn:
                if self._context.queue.was_accepted(conn, request.message_id):
                    raise MessageIsAlreadySent(request.message_id) from None
            raise
        return self._answer(call, request, sender, recipient)

    def _check(self, call: Call, request: RequestData, sender: Participant) -> tuple[MessageKind, str]:
        root = QName(request.content)
        kind = self._context.kinds.by_request(root.text)
        if kind is None:
            raise BusinessDataTypeIsNotSupported(root.localname, root.namespace or "")
        if not sender.may_send(kind.name):
            raise AccessDenied(sender.mnemonic, kind.name)
        recipient = self._context.routes.provider(kind, sender)
        if recipient is None:
            raise RecipientIsNotFound(kind.name)
        _refuse_attachments(call)
        if errors := kind.validate(request.content):
            raise InvalidContent(tuple(ValidationError(error.line, error.path, error.text) for error in errors))
        self._check_message_id(request, call.received_at)
        if request.end_of_life is not None and _end_of_life(request.end_of_life) <= call.received_at:
            raise EndOfLifeReached(request.end_of_life)
        if request.transaction_code is not None and not request.transaction_code.strip():
            raise TransactionCodeInvalid()
        return kind, recipient

    def _check_message_id(self, request: RequestData, now: datetime) -> None:
        try:
            message_id = MessageId.parse(request.message_id)
        except InvalidMessageId as error:
            raise InvalidMessageIdFormat(request.message_id) from error
        staleness = self._context.limits.freshness.judge(message_id, now)
        if staleness is not Staleness.FRESH:
            raise StaleMessageId(request.message_id, message_id.timestamp, now, staleness)

    def _accept(self, call: Call, request: RequestData, sender: Participant, kind: MessageKind, recipient: str) -> None:
        context, now = self._context, call.received_at
        message = Message(
            message_id=request.message_id,
            message_type=MessageType.REQUEST,
            kind=kind.name,
            sender=sender.mnemonic,
            recipient=recipient,
            contract=call.contract.version,
            accepted_at=now,
            state=State.REQUEST_IS_QUEUED,
            reference_message_id=request.reference_message_id,
            transaction_code=request.transaction_code,
            node_id=request.node_id,
            reply_to=f"{request.message_id}.{secrets.token_urlsafe(18)}",
            test=request.test,
        )
        handling = Handling(sender.priority, kind.order_key(request.content))
        with write(context.engine) as conn:
            try:
                context.office.post(conn, message, call.octets, handling=handling)
            except DuplicateMessage as error:
                raise MessageIsAlreadySent(request.message_id) from error
        context.bell.ring(recipient, Channel.REQUEST)
        call.record.concerns(message.message_id, message.message_type, message.kind)

    def _answer(self, call: Call, request: RequestData, sender: Participant, recipient: str) -> bytes:
        element_id = self._context.new_id()
        metadata = Metadata(
            message_id=request.message_id,
            message_type=MessageType.REQUEST,
            sender=Party(sender.mnemonic, sender.name),
            sent_at=call.received_at,
            recipient=self._context.party(recipient),
            delivered_at=None,
            status=State.REQUEST_IS_QUEUED,
        ).write(call.contract, element_id)
        return respond(self._context, call, metadata.encode(), element_id)


def respond(context: ExchangeContext, call: Call, signed: bytes, element_id: str) -> bytes:
    """The answer to SendRequest or SendResponse: what the node signs, and its signature over it."""
    root = f"{call.operation}Response".encode()
    signature = sign_octets(signed, element_id, context.key)
    types = call.contract.types.encode()
    return b'<t:%s xmlns:t="%s">%s<t:SMEVSignature>%s</t:SMEVSignature></t:%s>' % (root, types, signed, signature, root)


def _end_of_life(text: str) -> datetime:
    try:
        return read_date_time(text)
    except ValueError as error:
        raise EndOfLifeReached(text) from error


def _refuse_attachments(call: Call) -> None:
    """Messages with attachments are refused: the node permits a total of 0 bytes (docs/explanation)."""
    basic = f"{{{call.contract.basic}}}"
    content = call.body.find(f"{basic}AttachmentContentList")
    headers = [header for name in _ATTACHMENTS for header in call.body[0].iterchildren(f"{basic}{name}")]
    if content is None and not headers:
        return
    size = 0
    if content is not None:
        for part in content.iter(f"{basic}Content"):
            written = "".join((part.text or "").split())
            size += len(written) * 3 // 4 - written[-2:].count("=")
    raise AttachmentSizeLimitExceeded(permitted=0, real=size)
