"""GetResponse: the next response of the caller's queue, leased to it and signed by the node."""

from ....queue.model import Channel, Leased
from ....signing.canonical import exclusive_c14n
from ....signing.xmldsig import sign_octets
from ...exchange.faults import UnknownMessageType
from ...exchange.kept import sender_part
from ...exchange.lifecycle import Event, MessageType
from ...exchange.participants import Participant
from ...exchange.writing import escape_attribute, optional
from ...store.engine import write
from ...store.messages import Message
from ..call import Call
from ..metadata import Metadata, Party
from .caller import check_timestamp, identify
from .context import ExchangeContext


class GetResponse:
    """Handler of GetResponse. An empty queue is an empty answer, never a fault."""

    def __init__(self, context: ExchangeContext) -> None:
        self._context = context

    def __call__(self, call: Call) -> bytes:
        """Leases the head of the caller's response queue, within the selected kind and sub-queue."""
        context, selector = self._context, call.body[0]
        receiver = identify(context, call, selector)
        fields = {child.tag: (child.text or "").strip() for child in selector}
        basic = f"{{{call.contract.basic}}}"
        check_timestamp(context, call, fields[f"{basic}Timestamp"])
        kinds = self._selected(fields.get(f"{basic}NamespaceURI"), fields.get(f"{basic}RootElementLocalName"))
        with write(context.engine) as conn:
            leased = context.queue.lease(
                conn,
                recipient=receiver.mnemonic,
                channel=Channel.RESPONSE,
                now=call.received_at,
                lease_for=context.limits.lease,
                kinds=kinds,
                node_id=fields.get(f"{basic}NodeID"),
            )
            if not leased:
                return b'<t:GetResponseResponse xmlns:t="%s"></t:GetResponseResponse>' % call.contract.types.encode()
            message_id = leased[0].entry.message_id
            message = context.messages.get(conn, message_id)
            context.messages.move(conn, message_id, Event.FETCHED, at=call.received_at, actor=receiver.mnemonic)
        call.record.concerns(message_id, message.message_type, message.kind)
        return self._answer(call, receiver, leased[0], message)

    def _selected(self, namespace: str | None, root: str | None) -> list[str] | None:
        """The kinds that the selector names by their request or response; None where it names none: all are meant."""
        if namespace is None or root is None:
            return None
        name = f"{{{namespace}}}{root}"
        kind = self._context.kinds.by_response(name) or self._context.kinds.by_request(name)
        if kind is None:
            raise UnknownMessageType(namespace, root)
        return [kind.name]

    def _answer(self, call: Call, receiver: Participant, leased: Leased, message: Message) -> bytes:
        element_id = self._context.new_id()
        sender = self._context.party(message.sender)
        ids = (element_id, self._context.new_id())
        response = _response(call, (sender, Party(receiver.mnemonic, receiver.name)), leased, message, ids)
        signature = sign_octets(response, element_id, self._context.key)
        return (
            b'<t:GetResponseResponse xmlns:t="%s"><t:ResponseMessage>%s<t:SMEVSignature>%s</t:SMEVSignature>'
            b"</t:ResponseMessage></t:GetResponseResponse>"
        ) % (call.contract.types.encode(), response, signature)


def _response(
    call: Call,
    parties: tuple[Party, Party],
    leased: Leased,
    message: Message,
    ids: tuple[str, str],
) -> bytes:
    """//Response: the sender's part and signature just as they were received, and what the node knows of them.

    `parties` are its sender and its recipient, `ids` the Ids of the response and of its metadata.
    """
    element_id, metadata_id = ids
    data, signature = sender_part(leased.body)
    metadata = Metadata(
        message_id=message.message_id,
        message_type=MessageType.RESPONSE,
        sender=parties[0],
        sent_at=message.accepted_at,
        recipient=parties[1],
        delivered_at=call.received_at,
        status=message.state,
    ).write(call.contract, metadata_id)
    before = (
        f'<t:Response xmlns:t="{call.contract.types}" Id="{escape_attribute(element_id)}">'
        + optional("t:OriginalMessageId", message.original_message_id)
        + optional("t:OriginalTransactionCode", message.transaction_code)
        + optional("t:ReferenceMessageID", message.reference_message_id)
    )
    sender = b"" if signature is None else exclusive_c14n(signature)
    return b"".join(
        (
            before.encode(),
            exclusive_c14n(data),
            metadata.encode(),
            b"<t:SenderInformationSystemSignature>%s</t:SenderInformationSystemSignature>" % sender if sender else b"",
            b"</t:Response>",
        )
    )
