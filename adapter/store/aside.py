"""Requests set aside: those that the register's worker has given up, until an operator decides what becomes of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, insert, select

from .message_schema import messages, messages_aside


@dataclass(frozen=True, slots=True)
class Aside:
    """A request set aside. `reason` names the error it failed with and holds no content; `attempts` counts leases."""

    message_id: str
    kind: str
    sender: str
    recipient: str
    accepted_at: datetime
    reason: str
    attempts: int
    at: datetime


class NotAside(Exception):  # noqa: N818  named for what is wrong
    """This message is not set aside: it never was, or somebody has decided meanwhile."""

    code = "NOT_ASIDE"

    def __init__(self, message_id: str) -> None:
        """`message_id` names it."""
        super().__init__(f"no message {message_id} is set aside")
        self.message_id = message_id


class AsideStore:
    """Reads and writes what is set aside; holds no state of its own. All methods work inside the caller's transaction.

    The log of messages is the caller's to write: GIVEN_UP with `put`, PUT_BACK or DROPPED with `take`.
    """

    def put(self, conn: Connection, message_id: str, reason: str, attempts: int, at: datetime) -> None:
        """Sets a request of the log aside. It must not be aside already: otherwise sqlalchemy.exc.IntegrityError."""
        conn.execute(_PUT, {"message_id": message_id, "reason": reason, "attempts": attempts, "at": at})

    def list(self, conn: Connection, limit: int = 1000) -> Sequence[Aside]:
        """What is aside, the longest first; at most `limit`."""
        return [_aside(row) for row in conn.execute(_ALL, {"limit": limit})]

    def find(self, conn: Connection, message_id: str) -> Aside | None:
        """One of them; None if this message is not aside."""
        row = conn.execute(_ONE, {"wanted": message_id}).first()
        return None if row is None else _aside(row)

    def take(self, conn: Connection, message_id: str) -> Aside:
        """Takes one out. Raises NotAside; of two operators that decide at the same time one hears it."""
        found = self.find(conn, message_id)
        if found is None or not conn.execute(_TAKE, {"wanted": message_id}).rowcount:
            raise NotAside(message_id)
        return found


_SELECT = select(
    messages.c.message_id,
    messages.c.kind,
    messages.c.sender,
    messages.c.recipient,
    messages.c.accepted_at,
    messages_aside.c.reason,
    messages_aside.c.attempts,
    messages_aside.c.at,
).join_from(messages_aside, messages, messages.c.message_id == messages_aside.c.message_id)
_ALL = _SELECT.order_by(messages_aside.c.at, messages_aside.c.message_id).limit(bindparam("limit"))
_ONE = _SELECT.where(messages_aside.c.message_id == bindparam("wanted"))
_PUT = insert(messages_aside).inline()
_TAKE = delete(messages_aside).where(messages_aside.c.message_id == bindparam("wanted"))


def _aside(row: Row[*tuple[Any, ...]]) -> Aside:
    return Aside(
        message_id=row.message_id,
        kind=row.kind,
        sender=row.sender,
        recipient=row.recipient,
        accepted_at=row.accepted_at,
        reason=row.reason,
        attempts=row.attempts,
        at=row.at,
    )
