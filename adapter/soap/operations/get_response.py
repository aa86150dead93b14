"""GetResponse: the next response of the caller's queue, leased to it and signed by the node."""

from ....queue.model import Channel
from ...exchange.writing import optional
from ...store.messages import Message
from ..call import Call
from .caller import check_timestamp, identify
from .context import ExchangeContext
from .delivery import fetch, nothing, write_delivery
from .selector import Selector


class GetResponse:
    """Handler of GetResponse. An empty queue is an empty answer, never a fault."""

    def __init__(self, context: ExchangeContext) -> None:
        self._context = context

    def __call__(self, call: Call) -> bytes:
        """Leases the head of the caller's response queue, within the selected kind and sub-queue."""
        context = self._context
        receiver = identify(context, call, call.body[0])
        selector = Selector.read(call)
        check_timestamp(context, call, selector.timestamp)
        kind = selector.kind(context.kinds)
        kinds = None if kind is None else [kind.name]
        delivery = fetch(context, call, receiver, Channel.RESPONSE, kinds=kinds, node_id=selector.node_id)
        if delivery is None:
            return nothing(call)
        return write_delivery(context, call, receiver, delivery, name="Response", before=_origin(delivery.message))


def _origin(message: Message) -> str:
    """What is answered."""
    return (
        optional("t:OriginalMessageId", message.original_message_id)
        + optional("t:OriginalTransactionCode", message.transaction_code)
        + optional("t:ReferenceMessageID", message.reference_message_id)
    )
