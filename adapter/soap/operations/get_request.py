"""GetRequest: the next request of the caller's queue, leased to it and signed by the node."""

from ....queue.model import Channel
from ...exchange.contract import Contract
from ...exchange.faults import UnknownMessageType
from ...exchange.participants import Participant
from ...exchange.writing import element
from ...store.messages import Message
from ..call import Call
from .caller import check_timestamp, identify
from .context import ExchangeContext
from .delivery import fetch, nothing, write_delivery
from .selector import Selector


class GetRequest:
    """Handler of GetRequest. An empty queue is an empty answer, never a fault; so is one that nothing can come into."""

    def __init__(self, context: ExchangeContext) -> None:
        self._context = context

    def __call__(self, call: Call) -> bytes:
        """Leases the head of the caller's request queue, within the selected kind.

        NodeID is of no use here: sub-queues are for responses, and all nodes of a provider share its requests.
        """
        context = self._context
        receiver = identify(context, call, call.body[0])
        selector = Selector.read(call)
        check_timestamp(context, call, selector.timestamp)
        kinds = self._selected(selector, receiver)
        delivery = fetch(context, call, receiver, Channel.REQUEST, kinds=kinds, node_id=None)
        if delivery is None:
            return nothing(call)
        reply_to = _reply_to(call.contract, delivery.message)
        return write_delivery(context, call, receiver, delivery, name="Request", after=reply_to)

    def _selected(self, selector: Selector, receiver: Participant) -> list[str] | None:
        kind = selector.kind(self._context.kinds)
        if kind is None:
            return None
        if not self._context.routes.provides(receiver.mnemonic, kind.name):
            raise UnknownMessageType(selector.name or "")
        return [kind.name]


def _reply_to(contract: Contract, message: Message) -> str:
    """What the provider gives back as To. Nobody answers a broadcast; but before 1.3 the element must be there."""
    if message.reply_to is None and contract.version == "1.3":
        return ""
    return element("t:ReplyTo", message.reply_to or "")
