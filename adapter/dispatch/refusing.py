"""What the node itself tells a sender about a message that it accepted and cannot deliver (MR 2.6.3, protocol §4)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from ...signing.keys import SigningKey
from ..exchange.contract import CONTRACTS
from ..exchange.faults import ExchangeFault
from ..exchange.lifecycle import MessageType, State
from ..store.messages import Message
from .answering import processing_status, response_to, write_notice, write_response
from .posting import PostOffice


@dataclass(frozen=True, slots=True)
class NodeVoice:
    """The node as a sender: its mnemonic, its key, and new identifiers for what it says."""

    office: PostOffice
    mnemonic: str
    key: SigningKey
    new_message_id: Callable[[], str]

    def tell(self, conn: Connection, message: Message, status: bytes, now: datetime) -> None:
        """Tells the sender of a request what has become of it (`processing_status`), by a response of the node."""
        contract, message_id = CONTRACTS[message.contract], self.new_message_id()
        octets = write_response(contract, message_id, message.reply_to or "", status, self.key)
        self.office.post(conn, response_to(message, message_id, self.mnemonic, contract, now), octets)

    def refuse(self, conn: Connection, message: Message, fault: ExchangeFault, details: str, now: datetime) -> None:
        """Tells the sender that its message was not delivered, and why: by a response of the node, which the sender
        fetches and acknowledges like any other, and by a notice in its status queue. A broadcast has no responses: a
        notice has to do. Of a response the node tells whoever waits for it in its place.
        """
        contract = CONTRACTS[message.contract]
        rejected = State.REQUEST_IS_REJECTED_BY_SMEV
        if message.message_type is MessageType.REQUEST:
            self.tell(conn, message, processing_status(message.message_id, rejected, details, fault), now)
        elif message.message_type is MessageType.RESPONSE:
            asked = self.office.messages.get(conn, message.original_message_id or "")
            self.tell(conn, asked, processing_status(asked.message_id, rejected, details, fault), now)
            if contract.version != "1.1":  # it has no word for it
                rejected = State.RESPONSE_IS_REJECTED_BY_SMEV
        status = processing_status(message.message_id, rejected, details, fault)
        notice = write_notice(contract, status)
        notice_id = self.new_message_id()
        self.office.notify(conn, notice_id, notice, recipient=message.sender, kind=message.kind, now=now)
