"""Contents of attachments that came inside messages. They are kept as long as the messages: for ever."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection, bindparam, insert, select

from ..exchange.ports import Attached
from .message_schema import message_attachments


@dataclass(frozen=True, slots=True)
class KeptAttachment:
    """The content of an attachment under the id that its header gives it."""

    content_id: str
    content: bytes = field(repr=False)


def keep(conn: Connection, message_id: str, attachments: Sequence[Attached]) -> None:
    """Keeps the contents of a message's attachments, each in a statement of its own: they may be large."""
    for number, attachment in enumerate(attachments, 1):
        conn.execute(
            _KEEP,
            {
                "message_id": message_id,
                "number": number,
                "content_id": attachment.content_id,
                "octets": attachment.octets(),
            },
        )


def attachments_of(conn: Connection, message_id: str) -> list[KeptAttachment]:
    """The contents of a message's attachments, in the order in which they came."""
    rows = conn.execute(_OF_MESSAGE, {"wanted": message_id})
    return [KeptAttachment(row.content_id, bytes(row.octets)) for row in rows]


_KEEP = insert(message_attachments).inline()
_OF_MESSAGE = (
    select(message_attachments.c.content_id, message_attachments.c.octets)
    .where(message_attachments.c.message_id == bindparam("wanted"))
    .order_by(message_attachments.c.number)
)
