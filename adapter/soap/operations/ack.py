"""Ack: the receiver confirms that it has a message, and the message leaves its queue."""

from ....queue.errors import NotLeased
from ....queue.model import Channel
from ...exchange.faults import TargetMessageIsNotFound
from ...exchange.lifecycle import Event
from ...store.engine import write
from ..call import Call
from .caller import identify
from .context import ExchangeContext


class Ack:
    """Handler of Ack. It carries no time and may be repeated safely: a second one finds nothing left to confirm."""

    def __init__(self, context: ExchangeContext) -> None:
        self._context = context

    def __call__(self, call: Call) -> bytes:
        """Removes the message from the caller's queue; raises TargetMessageIsNotFound if it is not waiting for this."""
        context, target = self._context, call.body[0]
        receiver = identify(context, call, target)
        call.record.message_id = message_id = (target.text or "").strip()
        accepted = target.get("accepted", "true").strip() in ("true", "1")
        with write(context.engine) as conn:
            try:
                entry = context.queue.ack(
                    conn, recipient=receiver.mnemonic, message_id=message_id, now=call.received_at
                )
            except NotLeased as error:
                raise TargetMessageIsNotFound(message_id) from error
            call.record.concerns(message_id, entry.channel, entry.kind)
            event = Event.PROCESSED if entry.channel is Channel.REQUEST else Event.ACKED
            context.messages.move(
                conn,
                message_id,
                event,
                at=call.received_at,
                actor=receiver.mnemonic,
                detail="" if accepted else "accepted=false",
            )
        return b'<t:AckResponse xmlns:t="%s"></t:AckResponse>' % call.contract.types.encode()
