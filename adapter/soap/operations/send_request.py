"""SendRequest: a request is checked, kept and queued for the provider of its kind, in one transaction."""

from dataclasses import dataclass
from datetime import datetime

from lxml.etree import QName
from lxml.etree import _Element as Element

from ....queue.errors import DuplicateMessage
from ....queue.model import Channel
from ...exchange.faults import (
    AccessDenied,
    BusinessDataTypeIsNotSupported,
    EndOfLifeReached,
    MessageIsAlreadySent,
    RecipientIsNotFound,
    TransactionCodeInvalid,
)
from ...exchange.filed import ReferredFile
from ...exchange.handling import Handling
from ...exchange.lifecycle import MessageType, State
from ...exchange.participants import Participant
from ...exchange.ports import MessageKind
from ...exchange.return_address import new_return_address
from ...exchange.times import read_date_time
from ...store.engine import write
from ...store.messages import Message
from ..call import Call
from .accepting import check_content, check_message_id, check_room, judged_once, receipt
from .attachments import Attachment, check_attachments
from .caller import identify
from .context import ExchangeContext
from .request_data import RequestData
from .stored_files import check_files


@dataclass(frozen=True, slots=True)
class _Checked:
    """What the checks of a request have found out. `recipients` of a broadcast are those who have subscribed to it."""

    kind: MessageKind
    recipients: tuple[str, ...]
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
        call.record.concerns(message.message_id, message.message_type, message.kind)
        return receipt(context, call, message, sender)

    def _check(self, call: Call, data: Element, request: RequestData, sender: Participant) -> _Checked:
        _refuse_routing(call)
        kind, recipients = self._route(request, sender)
        attachments = check_attachments(self._context, call, data)
        files = check_files(self._context, call, data, sender, kind.name)
        check_content(kind, request.content)
        check_message_id(self._context, call, request.message_id)
        expires_at = None if request.end_of_life is None else _end_of_life(request.end_of_life)
        if expires_at is not None and expires_at <= call.received_at:
            raise EndOfLifeReached(request.end_of_life or "")
        if request.transaction_code is not None and not request.transaction_code.strip():
            raise TransactionCodeInvalid()
        for recipient in recipients:
            check_room(self._context, call, recipient, Channel.REQUEST)
        return _Checked(kind, recipients, attachments, files, expires_at)

    def _route(self, request: RequestData, sender: Participant) -> tuple[MessageKind, tuple[str, ...]]:
        """The kind of the request, and whom it goes to."""
        context, root = self._context, QName(request.content)
        kind = context.kinds.by_request(root.text)
        if kind is None:
            raise BusinessDataTypeIsNotSupported(root.localname, root.namespace or "")
        if not sender.may_send(kind.name):
            raise AccessDenied(sender.mnemonic, kind.name)
        if kind.broadcast:
            return kind, tuple(context.routes.subscribers(kind.name))
        provider = context.routes.provider(kind, sender)
        if provider is None:
            raise RecipientIsNotFound(f"у вида сведений {kind.name} нет поставщика")
        return kind, (provider,)

    def _accept(self, call: Call, request: RequestData, sender: Participant, checked: _Checked) -> Message:
        context, now, kind = self._context, call.received_at, checked.kind
        message = Message(
            message_id=request.message_id,
            message_type=MessageType.BROADCAST if kind.broadcast else MessageType.REQUEST,
            kind=kind.name,
            sender=sender.mnemonic,
            # A broadcast is for many or for nobody.
            recipient="" if kind.broadcast else checked.recipients[0],
            contract=call.contract.version,
            accepted_at=now,
            state=State.REQUEST_IS_QUEUED,
            reference_message_id=request.reference_message_id,
            transaction_code=request.transaction_code,
            node_id=request.node_id,
            reply_to=None if kind.broadcast else new_return_address(request.message_id),
            test=request.test,
            peer=call.peer or None,
        )
        # Priority is for requests to a provider only (MR 2.3.5).
        priority = 0 if kind.broadcast else sender.priority
        handling = Handling(priority, kind.order_key(request.content), checked.expires_at)
        subscribers = checked.recipients if kind.broadcast else None
        with write(context.engine) as conn:
            try:
                context.office.post(
                    conn,
                    message,
                    call.octets,
                    subscribers=subscribers,
                    handling=handling,
                    attachments=checked.attachments,
                    files=checked.files,
                )
            except DuplicateMessage as error:
                raise MessageIsAlreadySent(request.message_id) from error
            # A broadcast that nobody has subscribed to is done at once.
            return message if checked.recipients else context.messages.get(conn, message.message_id)


def _refuse_routing(call: Call) -> None:
    """Refuses a sender that names the recipients (Routing, 1.3): its message must not reach another than it named."""
    if call.body.find(f"{{{call.contract.routing}}}Routing") is not None:
        raise RecipientIsNotFound("узел не доставляет по блоку Routing; отправьте запрос без него")


def _end_of_life(text: str) -> datetime:
    try:
        return read_date_time(text)
    except ValueError as error:
        raise EndOfLifeReached(text) from error
