"""MessageMetadata: what the node says of a message it accepted or delivers, in canonical octets."""

from dataclasses import dataclass
from datetime import datetime

from ..exchange.contract import Contract
from ..exchange.writing import element, escape_attribute, optional, timestamp
from .statuses import status_word

_LONGEST_NAME = 500
"""Characters of HumanReadableName and DestinationName in every version of the contract."""
_INTERACTION = "NotDetected"
"""//InteractionType of 1.1: the node serves participants of any sort and does not ask which."""


@dataclass(frozen=True, slots=True)
class Party:
    """A system as metadata names it: by its mnemonic and, where the contract asks for it, by its name."""

    mnemonic: str
    name: str

    def write(self, tag: str, contract: Contract) -> str:
        """The element `t:{tag}`; 1.2 has no place for the name."""
        named = "" if contract.version == "1.2" else element("t:HumanReadableName", self.name[:_LONGEST_NAME])
        return f"<t:{tag}>{element('t:Mnemonic', self.mnemonic)}{named}</t:{tag}>"


@dataclass(frozen=True, slots=True)
class Metadata:
    """The fields of //MessageMetadata. `sent_at` is the moment of acceptance by the node's clock.

    `recipient` is None for a broadcast. `status` is a state of exchange.lifecycle; a version of the contract that has
    no word for it is told none.
    """

    message_id: str
    message_type: str
    sender: Party
    sent_at: datetime
    recipient: Party | None
    delivered_at: datetime | None
    status: str

    def write(self, contract: Contract, element_id: str) -> str:
        """The element with its own namespace declaration and `Id`, ready to be signed or nested."""
        recipient = "" if self.recipient is None else self.recipient.write("Recipient", contract)
        detailed = contract.version == "1.1"
        return (
            f'<t:MessageMetadata xmlns:t="{contract.types}" Id="{escape_attribute(element_id)}">'
            + element("t:MessageId", self.message_id)
            + element("t:MessageType", self.message_type)
            + self.sender.write("Sender", contract)
            + element("t:SendingTimestamp", timestamp(self.sent_at))
            + (element("t:DestinationName", self._destination()) if detailed else "")
            + recipient
            + (_SUPPLEMENT if detailed else "")
            + optional("t:DeliveryTimestamp", timestamp(self.delivered_at) if self.delivered_at else None)
            + optional("t:Status", status_word(self.status, contract))
            + "</t:MessageMetadata>"
        )

    def _destination(self) -> str:
        """The queue that the message was put into: it bears its owner's mnemonic. A broadcast goes into many."""
        return "" if self.recipient is None else self.recipient.mnemonic[:_LONGEST_NAME]


_SUPPLEMENT = f"<t:SupplementaryData>{element('t:InteractionType', _INTERACTION)}</t:SupplementaryData>"
