"""The calls that a replay makes by itself: polling for a response and acknowledging it, unsigned as yet."""

from datetime import datetime

from ..exchange.contract import SOAP_ENVELOPE, Contract
from ..exchange.writing import element, optional, timestamp


def get_response(contract: Contract, now: datetime, node_id: str | None) -> bytes:
    """GetResponse for any kind, from the sub-queue `node_id` or from the main queue."""
    selector = (
        '<b:MessageTypeSelector Id="SIGNED_BY_CALLER">'
        + element("b:Timestamp", timestamp(now))
        + optional("b:NodeID", node_id)
        + "</b:MessageTypeSelector>"
    )
    return _envelope(contract, "GetResponseRequest", selector)


def ack(contract: Contract, message_id: str) -> bytes:
    """Ack of a message that was fetched."""
    target = f'<b:AckTargetMessage Id="SIGNED_BY_CALLER" accepted="true">{message_id}</b:AckTargetMessage>'
    return _envelope(contract, "AckRequest", target)


def _envelope(contract: Contract, root: str, content: str) -> bytes:
    return (
        f'<s:Envelope xmlns:s="{SOAP_ENVELOPE}"><s:Body>'
        f'<t:{root} xmlns:t="{contract.types}" xmlns:b="{contract.basic}">{content}</t:{root}>'
        "</s:Body></s:Envelope>"
    ).encode()
