"""The archive: octets of messages whose time of retention is over, packed, in a table of their own.

They are what a court would ask for: kept as they were received, with a digest, and readable for ever by
`octets_of`. The row in `queue_bodies` stays with nothing in it, so that the id is taken for ever.
"""

import hashlib
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, insert, select, text, tuple_, update

from ...queue.columns import UtcDateTime
from ...queue.errors import UnknownMessage
from ...queue.schema import bodies
from ..exchange.copies import is_copy, original_id
from ..exchange.lifecycle import LIFE_CYCLES, Event, MessageType, State
from .message_schema import archive_bodies, messages, messages_aside
from .messages import MessageLog

_ARCHIVABLE = frozenset(
    (message_type, state)
    for message_type, life in LIFE_CYCLES.items()
    for state, event in life
    if event is Event.ARCHIVED
)


class DamagedArchive(Exception):  # noqa: N818  named for what is wrong
    """The archive's octets of this message are not those that were put in: the database was changed or damaged."""

    code = "DAMAGED_ARCHIVE"


@dataclass(frozen=True, slots=True)
class Place:
    """A place in the order of acceptance, from which to go on."""

    accepted_at: datetime
    message_id: str


@dataclass(frozen=True, slots=True)
class Window:
    """Messages looked at together: which of them may be archived, and where the next ones begin (None: nowhere)."""

    ready: Sequence[str]
    next: Place | None


class MessageArchive:
    """Reads and writes the archive; holds no state of its own. All methods work inside the caller's transaction."""

    def window(self, conn: Connection, accepted_before: datetime, after: Place | None, size: int) -> Window:
        """Looks at up to `size` messages that are not archived, in the order of acceptance.

        Those that still wait for something stay: for an Ack, for an answer, or for an operator.
        """
        parameters = {"before": accepted_before, "size": size}
        if after is not None:
            parameters |= {"at": after.accepted_at, "id": after.message_id}
        rows = conn.execute(_FIRST if after is None else _NEXT, parameters).all()
        ready = [
            row.message_id
            for row in rows
            if not row.aside and (MessageType(row.message_type), State(row.state)) in _ARCHIVABLE
        ]
        last = Place(rows[-1].accepted_at, rows[-1].message_id) if len(rows) == size else None
        return Window(ready, last)

    def put(self, conn: Connection, log: MessageLog, message_id: str, *, at: datetime, actor: str) -> None:
        """Archives one message. Raises UnknownMessage, or ImpossibleTransition if it still waits for something."""
        log.move(conn, message_id, Event.ARCHIVED, at=at, actor=actor)
        body = conn.execute(_BODY, {"wanted": message_id}).first()
        if body is None:
            raise UnknownMessage(message_id)
        octets = bytes(body.body)
        conn.execute(
            _PUT,
            {
                "message_id": message_id,
                "month": f"{body.accepted_at:%Y-%m}",
                "sha256": hashlib.sha256(octets).hexdigest(),
                "packed": zlib.compress(octets, 9),
            },
        )
        conn.execute(_EMPTY, {"wanted": message_id, "nothing": b""})
        conn.execute(_MARK, {"wanted": message_id, "at": at})


def octets_of(conn: Connection, message_id: str) -> bytes:
    """The octets of an accepted message as they were received, wherever they are now.

    A copy of a request that says what the original says has no octets of its own: these are the original's. Raises
    queue.errors.UnknownMessage or DamagedArchive.
    """
    octets = _octets_of(conn, message_id)
    return octets if octets or not is_copy(message_id) else _octets_of(conn, original_id(message_id))


def _octets_of(conn: Connection, message_id: str) -> bytes:
    packed = conn.execute(_PACKED, {"wanted": message_id}).first()
    if packed is None:
        body = conn.execute(_BODY, {"wanted": message_id}).first()
        if body is None:
            raise UnknownMessage(message_id)
        return bytes(body.body)
    try:
        octets = zlib.decompress(packed.packed)
    except zlib.error as error:
        raise DamagedArchive(message_id) from error
    if hashlib.sha256(octets).hexdigest() != packed.sha256:
        raise DamagedArchive(message_id)
    return octets


_WINDOW = (
    select(
        messages.c.message_id,
        messages.c.accepted_at,
        messages.c.message_type,
        messages.c.state,
        select(messages_aside.c.message_id)
        .where(messages_aside.c.message_id == messages.c.message_id)
        .exists()
        .label("aside"),
    )
    # In these words, as the partial index has them: docs/decisions/0011.
    .where(text("archived_at IS NULL"), messages.c.accepted_at <= bindparam("before", type_=UtcDateTime()))
    .order_by(messages.c.accepted_at, messages.c.message_id)
    .limit(bindparam("size"))
)
_FIRST = _WINDOW
_NEXT = _WINDOW.where(
    tuple_(messages.c.accepted_at, messages.c.message_id)
    > tuple_(bindparam("at", type_=UtcDateTime()), bindparam("id"))
)
_BODY = select(bodies.c.body, bodies.c.accepted_at).where(bodies.c.message_id == bindparam("wanted"))
_PACKED = select(archive_bodies.c.packed, archive_bodies.c.sha256).where(
    archive_bodies.c.message_id == bindparam("wanted")
)
_PUT = insert(archive_bodies).inline()
_EMPTY = update(bodies).where(bodies.c.message_id == bindparam("wanted")).values(body=bindparam("nothing"))
_MARK = update(messages).where(messages.c.message_id == bindparam("wanted")).values(archived_at=bindparam("at"))
