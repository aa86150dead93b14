"""What an operator may do with a request that was set aside: put it back into its queue, or leave it refused."""

from datetime import datetime

from sqlalchemy import Connection

from ...queue.model import Channel, Entry
from ...queue.store import MessageQueue
from ..exchange.handling import Handling
from ..exchange.lifecycle import Event
from ..store.aside import Aside, AsideStore
from ..store.messages import MessageLog


class TooLate(Exception):  # noqa: N818  named for what is wrong
    """The EOL of this request has passed: its sender does not want it to be processed any more."""

    code = "TOO_LATE"


def put_back(
    queue: MessageQueue,
    messages: MessageLog,
    conn: Connection,
    message_id: str,
    handling: Handling,
    *,
    who: str,
    now: datetime,
) -> Aside:
    """Puts a request back at the end of its recipient's queue; it is tried and answered as if it were new.

    Raises NotAside, or TooLate.
    """
    found = AsideStore().take(conn, message_id)
    if handling.expires_at is not None and handling.expires_at <= now:
        raise TooLate(message_id)
    messages.move(conn, message_id, Event.PUT_BACK, at=now, actor=who)
    entry = Entry(
        message_id=message_id,
        recipient=found.recipient,
        channel=Channel.REQUEST,
        kind=found.kind,
        node_id=None,
        priority=handling.priority,
        order_key=handling.order_key,
        expires_at=handling.expires_at,
        order_keys=handling.order_keys,
    )
    queue.enqueue(conn, [entry], now)
    return found


def drop(messages: MessageLog, conn: Connection, message_id: str, *, who: str, now: datetime) -> Aside:
    """Leaves a request refused, as its sender was told. Its octets and its story stay. Raises NotAside."""
    found = AsideStore().take(conn, message_id)
    messages.move(conn, message_id, Event.DROPPED, at=now, actor=who)
    return found
