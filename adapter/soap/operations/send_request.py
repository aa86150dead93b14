"""SendRequest: a request is checked, kept and queued for the provider of its kind, in one transaction."""

from dataclasses import dataclass
from datetime import datetime
from typing import cast

from lxml.etree import _Element as Element
from sqlalchemy import Connection

from ....queue.errors import DuplicateMessage
from ....queue.model import Channel
from ...dispatch.answering import processing_status
from ...exchange.contract import CONTRACTS
from ...exchange.faults import (
    AccessDenied,
    AttachmentContentMiscoordination,
    BusinessDataTypeIsNotSupported,
    EndOfLifeReached,
    InvalidContent,
    MessageIsAlreadySent,
    TransactionCodeInvalid,
    ValidationError,
)
from ...exchange.filed import ReferredFile
from ...exchange.handling import Handling
from ...exchange.lifecycle import MessageType, State
from ...exchange.participants import Participant
from ...exchange.ports import MessageKind
from ...exchange.registry_records import is_registry
from ...exchange.return_address import new_return_address
from ...exchange.times import read_date_time
from ...store.engine import write
from ...store.messages import Message
from ..call import Call
from .accepting import check_content, check_message_id, check_room, judged_once, receipt
from .attachments import Attachment, check_attachments
from .caller import identify
from .context import ExchangeContext
from .destinations import Destinations, Request, root_of, route
from .request_data import RequestData
from .routing_block import NOTHING_SAID, Instructions, read_instructions
from .stored_files import check_files


@dataclass(frozen=True, slots=True)
class _Checked:
    """What the checks of a request have found out. `recipients` of a broadcast are those who have subscribed to it;
    any other request has `destinations`.
    """

    kind: MessageKind
    recipients: tuple[str, ...]
    destinations: Destinations | None
    attachments: tuple[Attachment, ...]
    files: tuple[ReferredFile, ...]
    expires_at: datetime | None


class SendRequest:
    """Handler of SendRequest."""

    def __init__(self, context: ExchangeContext) -> None:
        self._context = context

    def __call__(self, call: Call) -> bytes:
        """Accepts the request or raises the fault of the contract that says why not."""
        context, data = self._context, call.body[0]
        sender = identify(context, call, data)
        request = RequestData.read(call.contract, data)
        call.record.message_id = request.message_id
        with judged_once(context, request.message_id):
            checked = self._check(call, data, request, sender)
            message = self._accept(call, request, sender, checked)
        for recipient in checked.recipients:
            context.bell.ring(recipient, Channel.REQUEST)
        if checked.destinations is not None and not checked.destinations.complete:
            context.bell.ring(sender.mnemonic, Channel.RESPONSE)
        call.record.concerns(message.message_id, message.message_type, message.kind)
        return receipt(context, call, message, sender)

    def _check(self, call: Call, data: Element, request: RequestData, sender: Participant) -> _Checked:
        kind = self._kind(call, request, sender)
        instructions = read_instructions(self._context, call, sender, request.message_id)
        attachments = check_attachments(self._context, call, data)
        files = check_files(self._context, call, data, sender, kind.name)
        destinations = None
        if kind.broadcast:
            recipients = self._subscribers(call, kind, request, instructions)
        else:
            destinations = route(self._context, Request(call, sender, kind, request.content, instructions))
            recipients = tuple(destinations.of)
            if files and destinations.whole is None:
                raise AttachmentContentMiscoordination(
                    "файлы хранилища передаются одному получателю вместе со всем сообщением; отправьте каждому своё"
                )
        check_message_id(self._context, call, request.message_id)
        expires_at = None if request.end_of_life is None else _end_of_life(request.end_of_life)
        if expires_at is not None and expires_at <= call.received_at:
            raise EndOfLifeReached(request.end_of_life or "")
        if request.transaction_code is not None and not request.transaction_code.strip():
            raise TransactionCodeInvalid()
        for recipient in recipients:
            check_room(self._context, call, recipient, Channel.REQUEST)
        return _Checked(kind, recipients, destinations, attachments, files, expires_at)

    def _kind(self, call: Call, request: RequestData, sender: Participant) -> MessageKind:
        root = root_of(call.contract, request.content)
        kind = self._context.kinds.by_request(root.text)
        if kind is None:
            raise BusinessDataTypeIsNotSupported(root.localname, root.namespace or "")
        if not sender.may_send(kind.name):
            raise AccessDenied(sender.mnemonic, kind.name)
        return kind

    def _subscribers(
        self, call: Call, kind: MessageKind, request: RequestData, instructions: Instructions
    ) -> tuple[str, ...]:
        if instructions is not NOTHING_SAID or is_registry(call.contract, request.content):
            text = "рассылку получают те, кто на неё подписан: она передаётся без блока Routing и не реестром"
            raise InvalidContent((ValidationError(cast(int, request.content.sourceline), "SendRequestRequest", text),))
        check_content(kind, request.content)
        return tuple(self._context.routes.subscribers(kind.name))

    def _accept(self, call: Call, request: RequestData, sender: Participant, checked: _Checked) -> Message:
        context, now, kind = self._context, call.received_at, checked.kind
        whole = None if checked.destinations is None else checked.destinations.whole
        message = Message(
            message_id=request.message_id,
            message_type=MessageType.BROADCAST if kind.broadcast else MessageType.REQUEST,
            kind=kind.name,
            sender=sender.mnemonic,
            # A broadcast is for many or for nobody; and of what is not for one alone each recipient has a copy.
            recipient=whole or "",
            contract=call.contract.version,
            accepted_at=now,
            state=State.REQUEST_IS_QUEUED,
            reference_message_id=request.reference_message_id,
            transaction_code=request.transaction_code,
            node_id=request.node_id,
            reply_to=None if whole is None else new_return_address(request.message_id),
            test=request.test,
            peer=call.peer or None,
        )
        with write(context.engine) as conn:
            try:
                self._post(conn, message, call.octets, checked, sender=sender, content=request.content)
            except DuplicateMessage as error:
                raise MessageIsAlreadySent(request.message_id) from error
            # A broadcast that nobody has subscribed to is done at once.
            return message if checked.recipients else context.messages.get(conn, message.message_id)

    def _post(
        self,
        conn: Connection,
        message: Message,
        octets: bytes,
        checked: _Checked,
        *,
        sender: Participant,
        content: Element,
    ) -> None:
        """Puts the request, or a copy of it for each recipient, into the queues; tells the sender what goes nowhere."""
        office, destinations = self._context.office, checked.destinations
        if destinations is None:
            # Priority is for requests to a provider only (MR 2.3.5).
            handling = Handling(0, checked.kind.order_key(content), checked.expires_at)
            office.post(
                conn,
                message,
                octets,
                subscribers=checked.recipients,
                handling=handling,
                attachments=checked.attachments,
                files=checked.files,
            )
            return
        handlings = {
            recipient: destination.handling(sender.priority, checked.expires_at)
            for recipient, destination in destinations.of.items()
        }
        if destinations.whole is not None:
            handling = handlings[destinations.whole]
            office.post(conn, message, octets, handling=handling, attachments=checked.attachments, files=checked.files)
        else:
            copies = {recipient: destination.octets for recipient, destination in destinations.of.items()}
            office.post_copies(conn, message, octets, copies, handlings=handlings, attachments=checked.attachments)
        if not destinations.complete:
            fault = InvalidContent(destinations.errors, every=True) if destinations.errors else None
            routing = destinations.status.write(CONTRACTS[message.contract])
            status = processing_status(message.message_id, message.state, _INCOMPLETE, fault, routing=routing)
            self._context.voice.tell(conn, message, status, message.accepted_at)


_INCOMPLETE = "запрос направлен не всем или не целиком: см. RoutingStatus, а об ошибках содержания записей SmevFault"


def _end_of_life(text: str) -> datetime:
    try:
        return read_date_time(text)
    except ValueError as error:
        raise EndOfLifeReached(text) from error
