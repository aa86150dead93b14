"""GetStatus: the next notice of the caller's status queue. A notice leaves the queue when it is read."""

from ....queue.model import Channel, Leased
from ....signing.xmldsig import sign_octets
from ...store.engine import write
from ..call import Call
from .caller import check_timestamp, identify
from .context import ExchangeContext


class GetStatus:
    """Handler of GetStatus. An empty queue is an empty answer, never a fault."""

    def __init__(self, context: ExchangeContext) -> None:
        self._context = context

    def __call__(self, call: Call) -> bytes:
        """Takes the first notice out of the caller's status queue and signs it."""
        context, timestamp = self._context, call.body[0]
        receiver = identify(context, call, timestamp)
        check_timestamp(context, call, (timestamp.text or "").strip())
        with write(context.engine) as conn:
            notice = context.queue.drain(
                conn, recipient=receiver.mnemonic, channel=Channel.STATUS, now=call.received_at
            )
            # Signed before the notice leaves the queue for good: it comes again if that fails.
            return self._answer(call, notice)

    def _answer(self, call: Call, notice: Leased | None) -> bytes:
        types = call.contract.types.encode()
        if notice is None:
            return b'<t:GetStatusResponse xmlns:t="%s"></t:GetStatusResponse>' % types
        element_id = self._context.new_id()
        data = b'<t:AsyncProcessingStatusData xmlns:t="%s" Id="%s">%s</t:AsyncProcessingStatusData>' % (
            types,
            element_id.encode(),
            notice.body,
        )
        signature = sign_octets(data, element_id, self._context.key)
        return (
            b'<t:GetStatusResponse xmlns:t="%s"><t:SmevAsyncProcessingMessage>%s<t:SMEVSignature>%s</t:SMEVSignature>'
            b"</t:SmevAsyncProcessingMessage></t:GetStatusResponse>"
        ) % (types, data, signature)
