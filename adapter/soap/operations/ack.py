"""Ack: the receiver confirms that it has a message, and the message leaves its queue."""

from ....queue.errors import NotLeased
from ...dispatch.leaving import acknowledge
from ...exchange.faults import TargetMessageIsNotFound
from ...store.engine import write
from ...store.files import release
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
        detail = "" if accepted else "accepted=false"
        with write(context.engine) as conn:
            try:
                entry = acknowledge(
                    context.queue,
                    context.messages,
                    conn,
                    recipient=receiver.mnemonic,
                    message_id=message_id,
                    clock=context.clock,
                    detail=detail,
                )
            except NotLeased as error:
                raise TargetMessageIsNotFound(message_id) from error
            call.record.concerns(message_id, entry.channel, entry.kind)
            cleared = context.files is not None and release(conn, message_id, receiver.mnemonic)
        if cleared and context.files is not None:
            context.files.clear(message_id)
        return b'<t:AckResponse xmlns:t="%s"></t:AckResponse>' % call.contract.types.encode()
