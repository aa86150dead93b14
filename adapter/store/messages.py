"""The log of messages: each with its state, and everything that happened to it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Text,
    Update,
    and_,
    bindparam,
    case,
    false,
    insert,
    literal_column,
    or_,
    select,
    update,
)

from ..exchange.lifecycle import LIFE_CYCLES, REPEATABLE, Event, ImpossibleTransition, MessageType, State, step
from .message_schema import message_events, messages


@dataclass(frozen=True, slots=True)
class Message:
    """A message as the exchange sees it; its octets are kept by the queue. `contract` is the version it came by, `peer`
    the network address it came from, as the node saw it.
    """

    message_id: str
    message_type: MessageType
    kind: str
    sender: str
    recipient: str
    contract: str
    accepted_at: datetime
    state: State
    original_message_id: str | None = None
    reference_message_id: str | None = None
    transaction_code: str | None = None
    node_id: str | None = None
    reply_to: str | None = None
    test: bool = False
    peer: str | None = None


@dataclass(frozen=True, slots=True)
class MessageEvent:
    """One thing that happened to a message; `state` is the one after it, `actor` the mnemonic of who caused it.

    What one system does again and again (fetching without an acknowledgement) is one event: `at` is the first time,
    `last_at` the last one, and the repetitions took `times` - 1 further numbers.
    """

    number: int
    at: datetime
    event: Event
    state: State
    actor: str
    detail: str
    times: int = 1
    last_at: datetime | None = None


class UnknownMessage(Exception):  # noqa: N818  named for what is wrong
    """There is no such message in the log."""

    code = "UNKNOWN_MESSAGE"

    def __init__(self, message_id: str) -> None:
        """`message_id` names it."""
        super().__init__(f"no message {message_id}")
        self.message_id = message_id


_INSERT = insert(messages).inline()
_INSERT_EVENT = insert(message_events).inline()
_SELECT = select(messages).where(messages.c.message_id == bindparam("message_id"))
_AGAIN = (
    update(message_events)
    .where(
        message_events.c.message_id == bindparam("of_message"),
        message_events.c.event == bindparam("of_event"),
        message_events.c.state == bindparam("of_state"),
        message_events.c.actor == bindparam("of_actor"),
        message_events.c.detail == bindparam("of_detail"),
    )
    .values(times=message_events.c.times + 1, last_at=bindparam("again_at"))
)
_SELECT_EVENTS = (
    select(message_events)
    .where(message_events.c.message_id == bindparam("message_id"))
    .order_by(message_events.c.number)
)

_IN_ORDER = (messages.c.accepted_at, messages.c.message_id)
_RESPONSES = (
    select(messages)
    .where(messages.c.original_message_id == bindparam("wanted"))
    .order_by(*_IN_ORDER)
    .limit(bindparam("limit"))
)
_CHAIN = (
    select(messages)
    .where(messages.c.reference_message_id == bindparam("wanted"))
    .order_by(*_IN_ORDER)
    .limit(bindparam("limit"))
)


class MessageLog:
    """Reads and writes the log; holds no state of its own. All methods work inside the caller's transaction."""

    def record(self, conn: Connection, message: Message) -> None:
        """Adds a message that was just accepted from its sender: its first event, which needs no row of its own."""
        conn.execute(
            _INSERT,
            {
                "message_id": message.message_id,
                "message_type": message.message_type.value,
                "kind": message.kind,
                "sender": message.sender,
                "recipient": message.recipient,
                "contract": message.contract,
                "accepted_at": message.accepted_at,
                "state": message.state.value,
                "original_message_id": message.original_message_id,
                "reference_message_id": message.reference_message_id,
                "transaction_code": message.transaction_code,
                "node_id": message.node_id,
                "reply_to": message.reply_to,
                "test": message.test,
                "peer": message.peer,
                "events": 1,
            },
        )

    def get(self, conn: Connection, message_id: str) -> Message:
        """The message; raises UnknownMessage."""
        row = conn.execute(_SELECT, {"message_id": message_id}).first()
        if row is None:
            raise UnknownMessage(message_id)
        return _message(row)

    def move(
        self, conn: Connection, message_id: str, event: Event, *, at: datetime, actor: str, detail: str = ""
    ) -> State:
        """Records that `event` happened, moves the message to the state that follows, and returns it.

        Raises UnknownMessage, or ImpossibleTransition if this cannot happen to the message in its state.
        """
        row = conn.execute(_move(event), {"of_message": message_id}).first()
        if row is None:
            message = self.get(conn, message_id)
            raise ImpossibleTransition(message.message_type, message.state, event)
        state = State(row.state)
        happened = MessageEvent(row.events, at, event, state, actor, detail)
        # The second event is never a repetition: the first fetch, that of nearly every message, costs no look.
        if row.events == _SECOND or event not in REPEATABLE or not _again(conn, message_id, happened):
            _add_event(conn, message_id, happened)
        return state

    def events(self, conn: Connection, message_id: str) -> Sequence[MessageEvent]:
        """What happened to the message, in order; empty if there is no such message."""
        row = conn.execute(_SELECT, {"message_id": message_id}).first()
        if row is None:
            return []
        accepted = step(MessageType(row.message_type), None, Event.ACCEPTED).state
        return [
            MessageEvent(1, row.accepted_at, Event.ACCEPTED, accepted, row.sender, ""),
            *(
                MessageEvent(
                    number=later.number,
                    at=later.at,
                    event=Event(later.event),
                    state=State(later.state),
                    actor=later.actor,
                    detail=later.detail,
                    times=later.times,
                    last_at=later.last_at,
                )
                for later in conn.execute(_SELECT_EVENTS, {"message_id": message_id})
            ),
        ]

    def responses(self, conn: Connection, message_id: str, limit: int = 100) -> Sequence[Message]:
        """The responses to a request, interim ones too, in order of acceptance; at most `limit`."""
        return [_message(row) for row in conn.execute(_RESPONSES, {"wanted": message_id, "limit": limit})]

    def chain(self, conn: Connection, message: Message, limit: int = 100) -> Sequence[Message]:
        """The messages that name the same first message (ReferenceMessageID), it and `message` included, in order of
        acceptance; at most `limit`.
        """
        first = message.reference_message_id or message.message_id
        found = conn.execute(_CHAIN, {"wanted": first, "limit": limit})
        members = {row.message_id: _message(row) for row in (*conn.execute(_SELECT, {"message_id": first}), *found)}
        members.setdefault(message.message_id, message)
        return sorted(members.values(), key=lambda one: (one.accepted_at, one.message_id))


_SECOND = 2


@cache
def _move(event: Event) -> Update:
    """The rows of the table of life cycles for `event`, as one statement: readers that overlap cannot both move a
    message from the same state, and the number of the event comes from the same row.
    """
    steps = [
        (and_(messages.c.message_type == _word(message_type), messages.c.state == _word(state)), _word(done.state))
        for message_type, life in LIFE_CYCLES.items()
        for (state, happened), done in life.items()
        if happened is event and state is not None
    ]
    return (
        update(messages)
        .where(messages.c.message_id == bindparam("of_message"), or_(false(), *(before for before, _ in steps)))
        # The first case never holds: SQL has no CASE without one, and ACCEPTED happens to no message that is there.
        .values(state=case((false(), messages.c.state), *steps), events=messages.c.events + 1)
        .returning(messages.c.state, messages.c.events)
    )


def _word(value: StrEnum) -> ColumnElement[str]:
    """A word of the protocol as a literal: two dozen parameters would cost more than the statement itself."""
    return literal_column(f"'{value.value}'", Text())


def _again(conn: Connection, message_id: str, event: MessageEvent) -> bool:
    """Counts what has happened just so before; False if it has not."""
    found = conn.execute(
        _AGAIN,
        {
            "of_message": message_id,
            "of_event": event.event.value,
            "of_state": event.state.value,
            "of_actor": event.actor,
            "of_detail": event.detail,
            "again_at": event.at,
        },
    )
    return found.rowcount > 0


def _add_event(conn: Connection, message_id: str, event: MessageEvent) -> None:
    conn.execute(
        _INSERT_EVENT,
        {
            "message_id": message_id,
            "number": event.number,
            "at": event.at,
            "event": event.event.value,
            "state": event.state.value,
            "actor": event.actor,
            "detail": event.detail,
        },
    )


def _message(row: Row[Any]) -> Message:
    return Message(
        message_id=row.message_id,
        message_type=MessageType(row.message_type),
        kind=row.kind,
        sender=row.sender,
        recipient=row.recipient,
        contract=row.contract,
        accepted_at=row.accepted_at,
        state=State(row.state),
        original_message_id=row.original_message_id,
        reference_message_id=row.reference_message_id,
        transaction_code=row.transaction_code,
        node_id=row.node_id,
        reply_to=row.reply_to,
        test=row.test,
        peer=row.peer,
    )
