"""How messages leave their recipients' queues, and what that means for the whole message.

A request or response has one place in a queue, a broadcast one for each subscriber: it is done when the last of them
is gone.
"""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Connection, select

from ...queue.errors import NotLeased
from ...queue.model import Channel, Entry
from ...queue.schema import entries
from ...queue.store import MessageQueue
from ..exchange.copies import copy_id
from ..exchange.lifecycle import Event, MessageType
from ..store.messages import MessageLog


def acknowledge(
    queue: MessageQueue,
    messages: MessageLog,
    conn: Connection,
    *,
    recipient: str,
    message_id: str,
    clock: Callable[[], datetime],
    detail: str = "",
) -> Entry:
    """A recipient confirms that it has a message: its place in the queue is given up, and the log says so.

    `clock` is read when the place is held: so the log has the moments of leases and confirmations in the order in which
    they took effect. Raises queue.errors.NotLeased if the message is not with this recipient.
    """
    # A recipient knows its copy of a request by the MessageID of the original.
    ids = [message_id, copy_id(message_id, recipient)]
    gone = queue.ack_all(conn, recipient=recipient, message_ids=ids)
    if not gone:
        raise NotLeased(message_id)
    entry, now = gone[0], clock()
    messages.move(conn, entry.message_id, Event.ACKED, at=now, actor=recipient, detail=detail)
    if entry.channel is Channel.REQUEST:
        finish_broadcast(messages, conn, message_id, now)
    return entry


def finish_broadcast(messages: MessageLog, conn: Connection, message_id: str, now: datetime) -> None:
    """Ends the life of a broadcast of which no copy is left; does nothing for other messages.

    Only after the log was told of the last copy in the same transaction: that locks the message, so of two recipients
    that confirm at the same time the later one sees that no copy is left.
    """
    message = messages.get(conn, message_id)
    if message.message_type is not MessageType.BROADCAST:
        return
    if conn.execute(select(entries.c.position).where(entries.c.message_id == message_id).limit(1)).first() is None:
        messages.move(conn, message_id, Event.EXHAUSTED, at=now, actor=message.sender)
