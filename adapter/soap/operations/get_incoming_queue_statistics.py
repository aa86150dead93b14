"""GetIncomingQueueStatistics: how many messages wait in the caller's queues. Only contract 1.1 has it."""

from lxml.etree import QName

from ....queue.model import Channel
from ...exchange.writing import escape_attribute
from ...store.engine import read
from ..call import Call
from .caller import check_timestamp, identify
from .context import ExchangeContext


class GetIncomingQueueStatistics:
    """Handler of GetIncomingQueueStatistics. Its answer has no place for a signature of the node."""

    def __init__(self, context: ExchangeContext) -> None:
        self._context = context

    def __call__(self, call: Call) -> bytes:
        """Counts what nobody has fetched, or confirmed in time; no further than 100 000 in each queue.

        Every system has a queue of requests, one of responses and one of notices, and a sub-queue of responses for
        each of its nodes that has asked for something. NodeID narrows the answer to the sub-queue of that node.
        """
        context = self._context
        timestamp = next(child for child in call.body if QName(child).localname == "Timestamp")
        receiver = identify(context, call, timestamp)
        check_timestamp(context, call, (timestamp.text or "").strip())
        node_id = (call.body.findtext(f"{{{call.contract.types}}}NodeID") or "").strip() or None
        with read(context.engine) as conn:
            pending = context.queue.statistics(conn, receiver.mnemonic, call.received_at)
        counts: dict[tuple[Channel, str | None], int] = (
            {(channel, None): 0 for channel in Channel} if node_id is None else {(Channel.RESPONSE, node_id): 0}
        )
        counts |= {(one.channel, one.node_id): one.count for one in pending if node_id in {None, one.node_id}}
        rows = "".join(
            f'<t:QueueStatistics pendingMessageNumber="{count}" queueName="{_name(receiver.mnemonic, *queue)}">'
            "</t:QueueStatistics>"
            for queue, count in counts.items()
        )
        return (
            f'<t:{call.operation}Response xmlns:t="{call.contract.types}">{rows}</t:{call.operation}Response>'
        ).encode()


def _name(mnemonic: str, channel: Channel, node_id: str | None) -> str:
    """The name of a queue: `REGION.RESPONSE`, and `REGION.RESPONSE.n1` for the sub-queue of a node."""
    return escape_attribute(".".join(part for part in (mnemonic, channel, node_id) if part))
