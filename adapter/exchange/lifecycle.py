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
    """Status of a message; the value is the contract's.

    Of a request, `responseIsAcceptedBySmev` says that its provider has answered it but has not acknowledged it yet.
    """

    REQUEST_IS_QUEUED = "requestIsQueued"
    REQUEST_IS_ACCEPTED_BY_SMEV = "requestIsAcceptedBySmev"
    REQUEST_IS_REJECTED_BY_SMEV = "requestIsRejectedBySmev"
    UNDER_PROCESSING = "underProcessing"
    REQUEST_IS_PROCESSED = "requestIsProcessed"
    RESPONSE_IS_ACCEPTED_BY_SMEV = "responseIsAcceptedBySmev"
    RESPONSE_IS_REJECTED_BY_SMEV = "responseIsRejectedBySmev"
    MESSAGE_IS_DELIVERED = "messageIsDelivered"
    MESSAGE_IS_ARCHIVED = "messageIsArchived"


class Event(StrEnum):
    """What can happen to a message.

    ACCEPTED: it passed all checks and was stored. NO_SUBSCRIBER: it is a broadcast, and nobody has subscribed. COPIED:
    it is a request whose recipients get copies of their own, which live on instead of it. FETCHED: a system took it by
    GetRequest or GetResponse. ACKED: a recipient acknowledged it. REPORTED: its provider told how far it is
    (RequestStatus). ANSWERED: its provider sent the final answer by SendResponse. PROCESSED: the register's own worker
    took, answered and acknowledged it, all at once. GIVEN_UP: that worker failed at it as often as it may. PUT_BACK: an
    operator put it back into the queue after that. DROPPED: an operator decided to leave it refused. EOL_PASSED: its
    sender's EOL passed while nobody had it (of a broadcast: one recipient's copy). EXHAUSTED: the last copy of a
    broadcast has left its queue. FILES_REFUSED: the files beside it are not there in time, or not those that its sender
    signed; a message with files comes into a queue only once they were found good. ARCHIVED: its time of retention is
    over.

    The end of a lease is no event: the message can be fetched again, and that is one.
    """

    ACCEPTED = "ACCEPTED"
    NO_SUBSCRIBER = "NO_SUBSCRIBER"
    COPIED = "COPIED"
    FETCHED = "FETCHED"
    ACKED = "ACKED"
    REPORTED = "REPORTED"
    ANSWERED = "ANSWERED"
    PROCESSED = "PROCESSED"
    GIVEN_UP = "GIVEN_UP"
    PUT_BACK = "PUT_BACK"
    DROPPED = "DROPPED"
    EOL_PASSED = "EOL_PASSED"
    EXHAUSTED = "EXHAUSTED"
    FILES_REFUSED = "FILES_REFUSED"
    ARCHIVED = "ARCHIVED"


REPEATABLE = frozenset({Event.FETCHED, Event.REPORTED})
"""What one system can do to one message without end."""


class Effect(StrEnum):
    """What has to be done in the transaction in which the event is recorded.

    ENQUEUE: put it into its recipient's queue, a broadcast into that of each subscriber; with files beside it, once
    they were found good. HOLD: its reader has it until the lease ends. DEQUEUE: it leaves that queue for good. REFUSE:
    its sender gets a response that refuses it. NOTIFY: its sender gets a notice of what became of it. SET_ASIDE: it is
    kept for an operator to look at. RELEASE: it is not kept for an operator any more. STORE_AWAY: its octets go to the
    archive.
    """

    ENQUEUE = "ENQUEUE"
    HOLD = "HOLD"
    DEQUEUE = "DEQUEUE"
    REFUSE = "REFUSE"
    NOTIFY = "NOTIFY"
    SET_ASIDE = "SET_ASIDE"
    RELEASE = "RELEASE"
    STORE_AWAY = "STORE_AWAY"


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
_GIVEN_UP = _step(_S.REQUEST_IS_REJECTED_BY_SMEV, _F.DEQUEUE, _F.REFUSE, _F.NOTIFY, _F.SET_ASIDE)
_TOO_LATE = _step(_S.REQUEST_IS_REJECTED_BY_SMEV, _F.DEQUEUE, _F.REFUSE, _F.NOTIFY)
_ARCHIVED = _step(_S.MESSAGE_IS_ARCHIVED, _F.STORE_AWAY)

REQUEST: LifeCycle = {
    (None, _E.ACCEPTED): _step(_S.REQUEST_IS_QUEUED, _F.ENQUEUE),
    # Each copy is a request of its own: this one is in no queue, and nobody answers it.
    (_S.REQUEST_IS_QUEUED, _E.COPIED): _step(_S.REQUEST_IS_PROCESSED),
    (_S.REQUEST_IS_QUEUED, _E.FETCHED): _step(_S.REQUEST_IS_ACCEPTED_BY_SMEV, _F.HOLD),
    # The register's worker does not record that it has taken a request: it answers it, or nothing has happened.
    (_S.REQUEST_IS_QUEUED, _E.PROCESSED): _step(_S.REQUEST_IS_PROCESSED, _F.DEQUEUE),
    (_S.REQUEST_IS_QUEUED, _E.GIVEN_UP): _GIVEN_UP,
    (_S.REQUEST_IS_QUEUED, _E.EOL_PASSED): _TOO_LATE,
    (_S.REQUEST_IS_QUEUED, _E.FILES_REFUSED): _step(_S.REQUEST_IS_REJECTED_BY_SMEV, _F.REFUSE, _F.NOTIFY),
    (_S.REQUEST_IS_ACCEPTED_BY_SMEV, _E.FETCHED): _step(_S.REQUEST_IS_ACCEPTED_BY_SMEV, _F.HOLD),
    (_S.REQUEST_IS_ACCEPTED_BY_SMEV, _E.ACKED): _step(_S.UNDER_PROCESSING, _F.DEQUEUE),
    (_S.REQUEST_IS_ACCEPTED_BY_SMEV, _E.REPORTED): _step(_S.REQUEST_IS_ACCEPTED_BY_SMEV),
    # A provider may answer before it acknowledges.
    (_S.REQUEST_IS_ACCEPTED_BY_SMEV, _E.ANSWERED): _step(_S.RESPONSE_IS_ACCEPTED_BY_SMEV),
    # The system of the register may also have fetched it, as any provider does.
    (_S.REQUEST_IS_ACCEPTED_BY_SMEV, _E.PROCESSED): _step(_S.REQUEST_IS_PROCESSED, _F.DEQUEUE),
    (_S.REQUEST_IS_ACCEPTED_BY_SMEV, _E.GIVEN_UP): _GIVEN_UP,
    (_S.REQUEST_IS_ACCEPTED_BY_SMEV, _E.EOL_PASSED): _TOO_LATE,
    (_S.UNDER_PROCESSING, _E.REPORTED): _step(_S.UNDER_PROCESSING),
    (_S.UNDER_PROCESSING, _E.ANSWERED): _step(_S.REQUEST_IS_PROCESSED),
    (_S.RESPONSE_IS_ACCEPTED_BY_SMEV, _E.FETCHED): _step(_S.RESPONSE_IS_ACCEPTED_BY_SMEV, _F.HOLD),
    (_S.RESPONSE_IS_ACCEPTED_BY_SMEV, _E.ACKED): _step(_S.REQUEST_IS_PROCESSED, _F.DEQUEUE),
    # Answered is answered, however late the acknowledgement: nothing is refused.
    (_S.RESPONSE_IS_ACCEPTED_BY_SMEV, _E.EOL_PASSED): _step(_S.REQUEST_IS_PROCESSED, _F.DEQUEUE),
    (_S.REQUEST_IS_PROCESSED, _E.ARCHIVED): _ARCHIVED,
    (_S.REQUEST_IS_REJECTED_BY_SMEV, _E.PUT_BACK): _step(_S.REQUEST_IS_QUEUED, _F.RELEASE, _F.ENQUEUE),
    (_S.REQUEST_IS_REJECTED_BY_SMEV, _E.DROPPED): _step(_S.REQUEST_IS_REJECTED_BY_SMEV, _F.RELEASE),
    (_S.REQUEST_IS_REJECTED_BY_SMEV, _E.ARCHIVED): _ARCHIVED,
}
"""The life of a request. One that its provider has acknowledged and not answered waits for the answer without end."""

RESPONSE: LifeCycle = {
    (None, _E.ACCEPTED): _step(_S.RESPONSE_IS_ACCEPTED_BY_SMEV, _F.ENQUEUE),
    (_S.RESPONSE_IS_ACCEPTED_BY_SMEV, _E.FETCHED): _step(_S.RESPONSE_IS_ACCEPTED_BY_SMEV, _F.HOLD),
    (_S.RESPONSE_IS_ACCEPTED_BY_SMEV, _E.ACKED): _step(_S.MESSAGE_IS_DELIVERED, _F.DEQUEUE),
    # Its request is answered by the node in its place: whoever asked must not wait for ever.
    (_S.RESPONSE_IS_ACCEPTED_BY_SMEV, _E.FILES_REFUSED): _step(_S.RESPONSE_IS_REJECTED_BY_SMEV, _F.REFUSE, _F.NOTIFY),
    (_S.MESSAGE_IS_DELIVERED, _E.ARCHIVED): _ARCHIVED,
    (_S.RESPONSE_IS_REJECTED_BY_SMEV, _E.ARCHIVED): _ARCHIVED,
}
"""The life of a response, from any provider or from the node itself. The contract knows no EOL of a response."""

BROADCAST: LifeCycle = {
    (None, _E.ACCEPTED): _step(_S.REQUEST_IS_QUEUED, _F.ENQUEUE),
    (_S.REQUEST_IS_QUEUED, _E.NO_SUBSCRIBER): _step(_S.MESSAGE_IS_DELIVERED),
    (_S.REQUEST_IS_QUEUED, _E.FETCHED): _step(_S.REQUEST_IS_ACCEPTED_BY_SMEV, _F.HOLD),
    (_S.REQUEST_IS_QUEUED, _E.EOL_PASSED): _step(_S.REQUEST_IS_QUEUED, _F.DEQUEUE, _F.NOTIFY),
    (_S.REQUEST_IS_QUEUED, _E.EXHAUSTED): _step(_S.REQUEST_IS_REJECTED_BY_SMEV),
    (_S.REQUEST_IS_QUEUED, _E.FILES_REFUSED): _step(_S.REQUEST_IS_REJECTED_BY_SMEV, _F.NOTIFY),
    (_S.REQUEST_IS_ACCEPTED_BY_SMEV, _E.FETCHED): _step(_S.REQUEST_IS_ACCEPTED_BY_SMEV, _F.HOLD),
    (_S.REQUEST_IS_ACCEPTED_BY_SMEV, _E.ACKED): _step(_S.UNDER_PROCESSING, _F.DEQUEUE),
    (_S.REQUEST_IS_ACCEPTED_BY_SMEV, _E.EOL_PASSED): _step(_S.REQUEST_IS_ACCEPTED_BY_SMEV, _F.DEQUEUE, _F.NOTIFY),
    (_S.REQUEST_IS_ACCEPTED_BY_SMEV, _E.EXHAUSTED): _step(_S.REQUEST_IS_REJECTED_BY_SMEV),
    (_S.UNDER_PROCESSING, _E.FETCHED): _step(_S.UNDER_PROCESSING, _F.HOLD),
    (_S.UNDER_PROCESSING, _E.ACKED): _step(_S.UNDER_PROCESSING, _F.DEQUEUE),
    (_S.UNDER_PROCESSING, _E.EOL_PASSED): _step(_S.UNDER_PROCESSING, _F.DEQUEUE, _F.NOTIFY),
    (_S.UNDER_PROCESSING, _E.EXHAUSTED): _step(_S.MESSAGE_IS_DELIVERED),
    (_S.MESSAGE_IS_DELIVERED, _E.ARCHIVED): _ARCHIVED,
    (_S.REQUEST_IS_REJECTED_BY_SMEV, _E.ARCHIVED): _ARCHIVED,
}
"""The life of a broadcast, of which every subscriber has a copy of its own: fetched by one, acknowledged by one
(underProcessing), and done when no copy is left. It is refused if its EOL passed and nobody had acknowledged it."""

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
