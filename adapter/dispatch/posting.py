"""The one place in which messages enter the exchange.

A message's octets, its places in the recipients' queues and its line in the log take effect together, in the caller's
transaction, whoever sent it: a system by SendRequest or SendResponse, the register's worker, or the node itself.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from ...queue.model import Channel, Entry
from ...queue.store import MessageQueue
from ..exchange.copies import copy_id
from ..exchange.filed import ReferredFile
from ..exchange.handling import Handling
from ..exchange.lifecycle import Event, MessageType
from ..exchange.ports import Attached
from ..exchange.return_address import new_return_address
from ..store.attachments import keep
from ..store.files import await_files
from ..store.messages import Message, MessageLog

ORDINARY = Handling()
"""Neither before nor after anything else, and for ever."""


@dataclass(frozen=True, slots=True)
class PostOffice:
    """Puts messages into the exchange; holds no state of its own."""

    queue: MessageQueue
    messages: MessageLog

    def post(
        self,
        conn: Connection,
        message: Message,
        octets: bytes,
        *,
        subscribers: Sequence[str] | None = None,
        handling: Handling = ORDINARY,
        attachments: Sequence[Attached] = (),
        files: Sequence[ReferredFile] = (),
    ) -> None:
        """Keeps an accepted message with its attachments, and puts it into its recipient's queue; a broadcast into that
        of each subscriber. With `files` beside it, it waits for them to be looked at first (`files.clerk`).

        `subscribers` are those of a broadcast, and None for anything else; one without any is done at once.
        A response goes to the sub-queue of the sender's node that asked (`message.node_id`). Raises
        queue.errors.DuplicateMessage if its MessageID was ever accepted; the transaction stays usable then.
        """
        now = message.accepted_at
        recipients = [message.recipient] if subscribers is None else subscribers
        self.queue.accept(conn, message.message_id, octets, now)
        if not files or not recipients:
            self.deliver(conn, message, recipients, handling, now)
        self.messages.record(conn, message)
        keep(conn, message.message_id, attachments)
        if files and recipients:
            await_files(conn, message, files, recipients=recipients, handling=handling)
        if subscribers is not None and not subscribers:
            self.messages.move(conn, message.message_id, Event.NO_SUBSCRIBER, at=now, actor=message.sender)

    def deliver(
        self, conn: Connection, message: Message, recipients: Sequence[str], handling: Handling, now: datetime
    ) -> None:
        """Puts an accepted message into the queues of its recipients."""
        answers = message.message_type is MessageType.RESPONSE
        self.queue.enqueue(
            conn,
            [
                Entry(
                    message_id=message.message_id,
                    recipient=recipient,
                    channel=Channel.RESPONSE if answers else Channel.REQUEST,
                    kind=message.kind,
                    node_id=message.node_id if answers else None,
                    priority=handling.priority,
                    order_key=handling.order_key,
                    expires_at=handling.expires_at,
                    order_keys=handling.order_keys,
                )
                for recipient in recipients
            ],
            now,
        )

    def post_copies(
        self,
        conn: Connection,
        message: Message,
        octets: bytes,
        copies: Mapping[str, bytes],
        *,
        handlings: Mapping[str, Handling],
        attachments: Sequence[Attached] = (),
    ) -> None:
        """Keeps an accepted request that is in no queue itself, and puts a copy of it into the queue of each recipient:
        a request of its own, with its own ReplyTo.

        `copies` are the octets for each recipient, empty where they are those of the message; `handlings` say how each
        goes. The `attachments` are kept once, and are those of every copy. Raises queue.errors.DuplicateMessage as
        `post` does.
        """
        self.queue.accept(conn, message.message_id, octets, message.accepted_at)
        self.messages.record(conn, message)
        keep(conn, message.message_id, attachments)
        self.messages.move(
            conn,
            message.message_id,
            Event.COPIED,
            at=message.accepted_at,
            actor=message.sender,
            detail=", ".join(copies),
        )
        for recipient, own in copies.items():
            name = copy_id(message.message_id, recipient)
            copy = replace(
                message,
                message_id=name,
                recipient=recipient,
                reference_message_id=message.reference_message_id or message.message_id,
                reply_to=new_return_address(name),
            )
            self.post(conn, copy, own, handling=handlings[recipient])

    def notify(
        self, conn: Connection, notice_id: str, octets: bytes, *, recipient: str, kind: str, now: datetime
    ) -> None:
        """Puts a notice about a message into the status queue of `recipient`, to be read by GetStatus."""
        self.queue.accept(conn, notice_id, octets, now)
        self.queue.enqueue(conn, [Entry(notice_id, recipient, Channel.STATUS, kind, None)], now)
