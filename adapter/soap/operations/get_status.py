"""GetStatus: the next notice of the caller's status queue. A notice leaves the queue when it is read."""

from lxml import etree
from lxml.etree import QName

from ....queue.model import Channel, Leased
from ....signing.canonical import exclusive_c14n
from ....signing.xmldsig import sign_octets
from ...exchange.contract import CONTRACTS, Contract
from ...store.engine import write
from ..call import Call
from ..translation import translate
from .caller import check_timestamp, identify
from .context import ExchangeContext
from .delivery import nothing

_BY_NAMESPACE = {contract.types: contract for contract in CONTRACTS.values()}


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
            return nothing(call) if notice is None else self._answer(call, notice)

    def _answer(self, call: Call, notice: Leased) -> bytes:
        types = call.contract.types.encode()
        element_id = self._context.new_id()
        data = b'<t:AsyncProcessingStatusData xmlns:t="%s" Id="%s">%s</t:AsyncProcessingStatusData>' % (
            types,
            element_id.encode(),
            _in_words_of(call.contract, notice.body),
        )
        signature = sign_octets(data, element_id, self._context.key)
        return (
            b'<t:GetStatusResponse xmlns:t="%s"><t:SmevAsyncProcessingMessage>%s<t:SMEVSignature>%s</t:SMEVSignature>'
            b"</t:SmevAsyncProcessingMessage></t:GetStatusResponse>"
        ) % (types, data, signature)


def _in_words_of(contract: Contract, notice: bytes) -> bytes:
    """A kept notice, which is in the version of the message that it is about, in canonical octets of `contract`."""
    status = etree.fromstring(notice, etree.XMLParser(resolve_entities=False, no_network=True))
    source = _BY_NAMESPACE[QName(status).namespace or ""]
    return exclusive_c14n(status if source == contract else translate(status, source, contract))
