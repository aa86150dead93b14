"""The life of a message: what it may become, as one table (state, event) → (state, effects).

The states are the contract's own statuses (//InteractionStatusType of 1.2 and 1.3), so that what the node stores is
what it tells. Sources: protocol §4, methodical recommendations 3.3.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class MessageType(StrEnum):
    """//MessageMetadata/MessageType."""

    REQUEST = "REQUEST"
    RESPONSE = "RESPONSE"
    BROADCAST = "BROADCAST"


class State(StrEnum):
    """Status of a message; the value is the contract's."""

    REQUEST_IS_QUEUED = "requestIsQueued"
    REQUEST_IS_ACCEPTED_BY_SMEV = "requestIsAcceptedBySmev"
    REQUEST_IS_REJECTED_BY_SMEV = "requestIsRejectedBySmev"
    UNDER_PROCESSING = "underProcessing"
    RESPONSE_IS_ACCEPTED_BY_SMEV = "responseIsAcceptedBySmev"
    MESSAGE_IS_DELIVERED = "messageIsDelivered"
    MESSAGE_IS_ARCHIVED = "messageIsArchived"


class Event(StrEnum):
    """What can happen to a message.

    ACCEPTED: it passed all checks and was stored. LEASED: the node's own worker took it. FETCHED: a system took it by
    GetRequest or GetResponse. LEASE_EXPIRED: it was not acknowledged in time. ACKED: its recipient acknowledged it.
    PROCESSED: its provider has done with it, that is acknowledged it, and the register also answered it. GIVEN_UP: the
    register's worker failed at it as often as it may. EOL_PASSED: its sender's EOL passed before it was delivered.
    ARCHIVED: its time of retention is over.
    """

    ACCEPTED = "ACCEPTED"
    LEASED = "LEASED"
    FETCHED = "FETCHED"
    LEASE_EXPIRED = "LEASE_EXPIRED"
    ACKED = "ACKED"
    PROCESSED = "PROCESSED"
    GIVEN_UP = "GIVEN_UP"
    EOL_PASSED = "EOL_PASSED"
    ARCHIVED = "ARCHIVED"


class Effect(StrEnum):
    """What has to be done in the transaction in which the event is recorded.

    ENQUEUE: put it into its recipient's queue. HOLD: its reader has it until the lease ends. RETURN: it is back at
    the head of the queue. DEQUEUE: it leaves the queue for good. REFUSE: its sender gets a response that refuses it.
    NOTIFY: its sender gets a notice of what became of it.
    """

    ENQUEUE = "ENQUEUE"
    HOLD = "HOLD"
    RETURN = "RETURN"
    DEQUEUE = "DEQUEUE"
    REFUSE = "REFUSE"
    NOTIFY = "NOTIFY"


@dataclass(frozen=True, slots=True)
class Step:
    """Where an event leads, and what it entails."""

    state: State
    effects: frozenset[Effect]


LifeCycle = Mapping[tuple[State | None, Event], Step]
"""State before (None: the message does not exist yet) and event, with the step they make. A pair that is not there
cannot happen."""


def _step(state: State, *effects: Effect) -> Step:
    return Step(state, frozenset(effects))


_S, _E, _F = State, Event, Effect

REQUEST: LifeCycle = {
    (None, _E.ACCEPTED): _step(_S.REQUEST_IS_QUEUED, _F.ENQUEUE),
    (_S.REQUEST_IS_QUEUED, _E.LEASED): _step(_S.REQUEST_IS_ACCEPTED_BY_SMEV, _F.HOLD),
    (_S.REQUEST_IS_QUEUED, _E.FETCHED): _step(_S.REQUEST_IS_ACCEPTED_BY_SMEV, _F.HOLD),
    # The register's worker takes, answers and acknowledges without recording the lease first.
    (_S.REQUEST_IS_QUEUED, _E.PROCESSED): _step(_S.UNDER_PROCESSING, _F.DEQUEUE),
    (_S.REQUEST_IS_QUEUED, _E.GIVEN_UP): _step(_S.REQUEST_IS_REJECTED_BY_SMEV, _F.DEQUEUE, _F.REFUSE, _F.NOTIFY),
    (_S.REQUEST_IS_QUEUED, _E.EOL_PASSED): _step(_S.REQUEST_IS_REJECTED_BY_SMEV, _F.DEQUEUE, _F.NOTIFY),
    (_S.REQUEST_IS_ACCEPTED_BY_SMEV, _E.LEASED): _step(_S.REQUEST_IS_ACCEPTED_BY_SMEV, _F.HOLD),
    (_S.REQUEST_IS_ACCEPTED_BY_SMEV, _E.FETCHED): _step(_S.REQUEST_IS_ACCEPTED_BY_SMEV, _F.HOLD),
    (_S.REQUEST_IS_ACCEPTED_BY_SMEV, _E.LEASE_EXPIRED): _step(_S.REQUEST_IS_ACCEPTED_BY_SMEV, _F.RETURN),
    (_S.REQUEST_IS_ACCEPTED_BY_SMEV, _E.ACKED): _step(_S.UNDER_PROCESSING, _F.DEQUEUE),
    (_S.REQUEST_IS_ACCEPTED_BY_SMEV, _E.PROCESSED): _step(_S.UNDER_PROCESSING, _F.DEQUEUE),
    (_S.REQUEST_IS_ACCEPTED_BY_SMEV, _E.GIVEN_UP): _step(
        _S.REQUEST_IS_REJECTED_BY_SMEV, _F.DEQUEUE, _F.REFUSE, _F.NOTIFY
    ),
    (_S.REQUEST_IS_ACCEPTED_BY_SMEV, _E.EOL_PASSED): _step(_S.REQUEST_IS_REJECTED_BY_SMEV, _F.DEQUEUE, _F.NOTIFY),
    (_S.UNDER_PROCESSING, _E.ARCHIVED): _step(_S.MESSAGE_IS_ARCHIVED),
    (_S.REQUEST_IS_REJECTED_BY_SMEV, _E.ARCHIVED): _step(_S.MESSAGE_IS_ARCHIVED),
}
"""The life of a request."""

RESPONSE: LifeCycle = {
    (None, _E.ACCEPTED): _step(_S.RESPONSE_IS_ACCEPTED_BY_SMEV, _F.ENQUEUE),
    (_S.RESPONSE_IS_ACCEPTED_BY_SMEV, _E.FETCHED): _step(_S.RESPONSE_IS_ACCEPTED_BY_SMEV, _F.HOLD),
    (_S.RESPONSE_IS_ACCEPTED_BY_SMEV, _E.LEASE_EXPIRED): _step(_S.RESPONSE_IS_ACCEPTED_BY_SMEV, _F.RETURN),
    (_S.RESPONSE_IS_ACCEPTED_BY_SMEV, _E.ACKED): _step(_S.MESSAGE_IS_DELIVERED, _F.DEQUEUE),
    (_S.MESSAGE_IS_DELIVERED, _E.ARCHIVED): _step(_S.MESSAGE_IS_ARCHIVED),
}
"""The life of a response, from any provider."""

BROADCAST: LifeCycle = {
    (None, _E.ACCEPTED): _step(_S.REQUEST_IS_QUEUED, _F.ENQUEUE),
    (_S.REQUEST_IS_QUEUED, _E.FETCHED): _step(_S.REQUEST_IS_ACCEPTED_BY_SMEV, _F.HOLD),
    (_S.REQUEST_IS_ACCEPTED_BY_SMEV, _E.FETCHED): _step(_S.REQUEST_IS_ACCEPTED_BY_SMEV, _F.HOLD),
    (_S.REQUEST_IS_ACCEPTED_BY_SMEV, _E.ACKED): _step(_S.MESSAGE_IS_DELIVERED, _F.DEQUEUE),
    (_S.MESSAGE_IS_DELIVERED, _E.ARCHIVED): _step(_S.MESSAGE_IS_ARCHIVED),
}
"""The life of a broadcast, of which every subscriber has a copy of its own."""

LIFE_CYCLES: Mapping[MessageType, LifeCycle] = {
    MessageType.REQUEST: REQUEST,
    MessageType.RESPONSE: RESPONSE,
    MessageType.BROADCAST: BROADCAST,
}
"""The table of each type of message."""


class ImpossibleTransition(Exception):  # noqa: N818  named for what is wrong
    """An event that cannot happen to a message in its state: an error of the program that reports it."""

    code = "IMPOSSIBLE_TRANSITION"

    def __init__(self, message_type: MessageType, state: State | None, event: Event) -> None:
        """What was to happen to what."""
        super().__init__(f"{event} cannot happen to a {message_type} in state {state or 'not accepted'}")
        self.message_type = message_type
        self.state = state
        self.event = event


def step(message_type: MessageType, state: State | None, event: Event) -> Step:
    """What `event` does to a message in `state`; raises ImpossibleTransition."""
    found = LIFE_CYCLES[message_type].get((state, event))
    if found is None:
        raise ImpossibleTransition(message_type, state, event)
    return found
