"""SendResponse: a provider's answer is checked, kept and queued for the system that asked, in one transaction."""

from dataclasses import dataclass

from lxml.etree import QName
from lxml.etree import _Element as Element

from ....queue.errors import DuplicateMessage
from ....queue.model import Channel
from ...dispatch.answering import response_to
from ...exchange.contract import CONTRACTS, Contract
from ...exchange.faults import (
    BusinessDataTypeIsNotSupported,
    IncorrectResponseContentType,
    MessageIsAlreadySent,
    RecipientIsNotFound,
)
from ...exchange.filed import ReferredFile
from ...exchange.kept import primary_content, sender_part
from ...exchange.lifecycle import ImpossibleTransition, step
from ...exchange.participants import Participant
from ...exchange.registry_records import is_registry, records_of
from ...exchange.return_address import addressed_request, is_return_address
from ...store.archive import octets_of
from ...store.engine import read, write
from ...store.messages import Message, UnknownMessage
from ..call import Call
from .accepting import check_content, check_message_id, check_room, judged_once, receipt
from .attachments import Attachment, check_attachments
from .caller import identify
from .context import ExchangeContext
from .registry_response import check_registry_response
from .response_data import ResponseData
from .stored_files import check_files


@dataclass(frozen=True, slots=True)
class _Attached:
    """What goes with a response: contents inside the message, files beside it."""

    contents: tuple[Attachment, ...]
    files: tuple[ReferredFile, ...]


class SendResponse:
    """Handler of SendResponse."""

    def __init__(self, context: ExchangeContext) -> None:
        self._context = context

    def __call__(self, call: Call) -> bytes:
        """Accepts the response or raises the fault of the contract that says why not."""
        context, data = self._context, call.body[0]
        sender = identify(context, call, data)
        call.record.message_id = message_id = data[0].text or ""
        with judged_once(context, message_id):
            response = ResponseData.read(call.contract, data)
            request = self._request(response, sender)
            try:
                step(request.message_type, request.state, response.event)
                attached = self._check(call, data, response, request, sender)
                message = self._accept(call, response, request, sender, attached)
            except ImpossibleTransition:
                reason = f"на запрос {request.message_id} уже дан окончательный ответ, или его срок истёк"
                raise RecipientIsNotFound(reason) from None
        context.bell.ring(message.recipient, Channel.RESPONSE)
        call.record.concerns(message.message_id, message.message_type, message.kind)
        return receipt(context, call, message, sender)

    def _request(self, response: ResponseData, sender: Participant) -> Message:
        """The request that is answered: `To` is the ReplyTo that this very system was given with it."""
        with read(self._context.engine) as conn:
            try:
                request = self._context.messages.get(conn, addressed_request(response.to))
            except UnknownMessage:
                raise RecipientIsNotFound(response.to) from None
        if request.recipient != sender.mnemonic or not is_return_address(response.to, request.reply_to):
            raise RecipientIsNotFound(response.to)
        return request

    def _check(
        self, call: Call, data: Element, response: ResponseData, request: Message, sender: Participant
    ) -> "_Attached":
        attachments = check_attachments(self._context, call, data)
        files = check_files(self._context, call, data, sender, request.kind)
        if response.content is not None:
            self._check_content(call.contract, response.content, request)
        check_message_id(self._context, call, response.message_id)
        check_room(self._context, call, request.sender, Channel.RESPONSE)
        return _Attached(attachments, files)

    def _check_content(self, contract: Contract, content: Element, request: Message) -> None:
        """The content must be the response of the very kind and version that was asked, or one for each record."""
        kinds, root = self._context.kinds, QName(content)
        if is_registry(contract, content):
            self._check_records(contract, content, request)
            return
        kind = kinds.by_response(root.text)
        if kind is None and kinds.by_request(root.text) is None:
            raise BusinessDataTypeIsNotSupported(root.localname, root.namespace or "")
        asked = self._asked(request)
        if kind is None or kind.request_root != asked:
            raise IncorrectResponseContentType(root.namespace or "", root.localname, asked)
        check_content(kind, content)

    def _check_records(self, contract: Contract, content: Element, request: Message) -> None:
        """Only a registry request is answered record by record."""
        asked = self._content(request)
        source = CONTRACTS[request.contract]
        records = list(records_of(source, asked)) if is_registry(source, asked) else []
        kind = self._context.kinds.by_request(str(records[0].content.tag)) if records else None
        if kind is None:
            root = QName(content)
            raise IncorrectResponseContentType(root.namespace or "", root.localname, str(asked.tag))
        check_registry_response(contract, kind, content, frozenset(one.record_id for one in records))

    def _asked(self, request: Message) -> str:
        """Root of the request's content, which names its kind and version."""
        return str(self._content(request).tag)

    def _content(self, request: Message) -> Element:
        with read(self._context.engine) as conn:
            octets = octets_of(conn, request.message_id)
        return primary_content(CONTRACTS[request.contract], sender_part(octets)[0])

    def _accept(
        self,
        call: Call,
        response: ResponseData,
        request: Message,
        sender: Participant,
        attached: "_Attached",
    ) -> Message:
        context, now = self._context, call.received_at
        message = response_to(request, response.message_id, sender.mnemonic, call.contract, now)
        with write(context.engine) as conn:
            try:
                # The request's line in the log is locked from here on: of two answers at a time one comes second.
                context.messages.move(
                    conn,
                    request.message_id,
                    response.event,
                    at=now,
                    actor=sender.mnemonic,
                    detail=message.message_id,
                )
                context.office.post(conn, message, call.octets, attachments=attached.contents, files=attached.files)
            except DuplicateMessage as error:
                raise MessageIsAlreadySent(message.message_id) from error
        return message
