"""MessageMetadata: what the node says of a message it accepted or delivers, in canonical octets."""

from dataclasses import dataclass
from datetime import datetime

from ..exchange.contract import Contract
from ..exchange.writing import element, escape_attribute, escape_text, optional, timestamp


@dataclass(frozen=True, slots=True)
class Metadata:
    """The fields of //MessageMetadata (contract 1.2). `sent_at` is the moment of acceptance by the node's clock."""

    message_id: str
    message_type: str
    sender: str
    sent_at: datetime
    recipient: str | None
    delivered_at: datetime | None
    status: str

    def write(self, contract: Contract, element_id: str) -> str:
        """The element with its own namespace declaration and `Id`, ready to be signed or nested."""
        return (
            f'<t:MessageMetadata xmlns:t="{contract.types}" Id="{escape_attribute(element_id)}">'
            f"{element('t:MessageId', self.message_id)}"
            f"{element('t:MessageType', self.message_type)}"
            f"<t:Sender>{element('t:Mnemonic', self.sender)}</t:Sender>"
            f"{element('t:SendingTimestamp', timestamp(self.sent_at))}"
            + (
                f"<t:Recipient><t:Mnemonic>{escape_text(self.recipient)}</t:Mnemonic></t:Recipient>"
                if self.recipient is not None
                else ""
            )
            + optional("t:DeliveryTimestamp", timestamp(self.delivered_at) if self.delivered_at else None)
            + element("t:Status", self.status)
            + "</t:MessageMetadata>"
        )
