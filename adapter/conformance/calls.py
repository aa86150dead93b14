"""The calls that a replay makes by itself: polling for messages and acknowledging them, unsigned as yet."""

from datetime import datetime

from ..exchange.contract import SOAP_ENVELOPE, Contract, Operation
from ..exchange.writing import element, optional, timestamp


def poll(contract: Contract, operation: Operation, now: datetime, node_id: str | None) -> bytes:
    """GetRequest or GetResponse for any kind, from the sub-queue `node_id` or from the main queue."""
    selector = (
        '<b:MessageTypeSelector Id="SIGNED_BY_CALLER">'
        + element("b:Timestamp", timestamp(now))
        + optional("b:NodeID", node_id)
        + "</b:MessageTypeSelector>"
    )
    return _envelope(contract, operation, selector)


def ack(contract: Contract, message_id: str) -> bytes:
    """Ack of a message that was fetched."""
    target = f'<b:AckTargetMessage Id="SIGNED_BY_CALLER" accepted="true">{message_id}</b:AckTargetMessage>'
    return _envelope(contract, Operation.ACK, target)


def _envelope(contract: Contract, operation: Operation, content: str) -> bytes:
    return (
        f'<s:Envelope xmlns:s="{SOAP_ENVELOPE}"><s:Body>'
        f'<t:{operation}Request xmlns:t="{contract.types}" xmlns:b="{contract.basic}">{content}</t:{operation}Request>'
        "</s:Body></s:Envelope>"
    ).encode()
