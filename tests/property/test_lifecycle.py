"""The life of a message: every state meets every event, and the table is whole."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mezhved.adapter.exchange.lifecycle import (
    LIFE_CYCLES,
    REPEATABLE,
    Effect,
    Event,
    ImpossibleTransition,
    MessageType,
    State,
    Step,
    step,
)

TYPES = sorted(MessageType)
ENDS = {State.MESSAGE_IS_ARCHIVED}
"""States in which a message stays for ever."""


def states(message_type: MessageType) -> set[State]:
    return {found.state for found in LIFE_CYCLES[message_type].values()}


@pytest.mark.parametrize("event", Event)
@pytest.mark.parametrize("state", [None, *State])
@pytest.mark.parametrize("message_type", TYPES)
def test_every_event_in_every_state_is_in_the_table_or_refused(
    message_type: MessageType, state: State | None, event: Event
) -> None:
    if (state, event) in LIFE_CYCLES[message_type]:
        assert isinstance(step(message_type, state, event), Step)
    else:
        with pytest.raises(ImpossibleTransition) as refused:
            step(message_type, state, event)
        assert (refused.value.message_type, refused.value.state, refused.value.event) == (message_type, state, event)
        assert str(event) in str(refused.value)


def test_every_type_of_message_has_a_life() -> None:
    assert set(LIFE_CYCLES) == set(MessageType)
    assert {state for message_type in TYPES for state in states(message_type)} == set(State)
    assert {event for life in LIFE_CYCLES.values() for _, event in life} == set(Event)
    assert {effect for life in LIFE_CYCLES.values() for found in life.values() for effect in found.effects} == set(
        Effect
    )


@pytest.mark.parametrize("message_type", TYPES)
def test_a_life_begins_with_acceptance_only(message_type: MessageType) -> None:
    begins = [(state, event) for state, event in LIFE_CYCLES[message_type] if None is state or event is Event.ACCEPTED]
    assert begins == [(None, Event.ACCEPTED)]


@pytest.mark.parametrize("message_type", TYPES)
def test_every_state_can_be_reached_and_left_unless_it_is_an_end(message_type: MessageType) -> None:
    life = LIFE_CYCLES[message_type]
    reached: set[State | None] = {None}
    while more := {found.state for (state, _), found in life.items() if state in reached} - reached:
        reached |= more
    assert reached - {None} == states(message_type)
    for state in states(message_type):
        leaving = {found.state for (before, _), found in life.items() if before is state} - {state}
        assert bool(leaving) == (state not in ENDS), state


R, P, B = MessageType.REQUEST, MessageType.RESPONSE, MessageType.BROADCAST
QUEUED = (Event.ACCEPTED, State.REQUEST_IS_QUEUED)
FETCHED = (Event.FETCHED, State.REQUEST_IS_ACCEPTED_BY_SMEV)
ARCHIVED = (Event.ARCHIVED, State.MESSAGE_IS_ARCHIVED)
REFUSED = State.REQUEST_IS_REJECTED_BY_SMEV
COURSES: dict[str, tuple[MessageType, list[tuple[Event, State]]]] = {
    "a provider fetches twice, acknowledges, reports, answers": (
        R,
        [
            QUEUED,
            FETCHED,
            FETCHED,
            (Event.ACKED, State.UNDER_PROCESSING),
            (Event.REPORTED, State.UNDER_PROCESSING),
            (Event.REPORTED, State.UNDER_PROCESSING),
            (Event.ANSWERED, State.REQUEST_IS_PROCESSED),
            ARCHIVED,
        ],
    ),
    "a provider answers before it acknowledges": (
        R,
        [
            QUEUED,
            FETCHED,
            (Event.REPORTED, State.REQUEST_IS_ACCEPTED_BY_SMEV),
            (Event.ANSWERED, State.RESPONSE_IS_ACCEPTED_BY_SMEV),
            (Event.FETCHED, State.RESPONSE_IS_ACCEPTED_BY_SMEV),
            (Event.ACKED, State.REQUEST_IS_PROCESSED),
        ],
    ),
    "a provider answers, and lets EOL pass without an acknowledgement": (
        R,
        [
            QUEUED,
            FETCHED,
            (Event.ANSWERED, State.RESPONSE_IS_ACCEPTED_BY_SMEV),
            (Event.EOL_PASSED, State.REQUEST_IS_PROCESSED),
        ],
    ),
    "the register answers": (R, [QUEUED, (Event.PROCESSED, State.REQUEST_IS_PROCESSED), ARCHIVED]),
    "the register gives up, an operator puts it back": (
        R,
        [
            QUEUED,
            (Event.GIVEN_UP, REFUSED),
            (Event.PUT_BACK, State.REQUEST_IS_QUEUED),
            (Event.PROCESSED, State.REQUEST_IS_PROCESSED),
        ],
    ),
    "the register gives up, an operator leaves it so": (
        R,
        [QUEUED, (Event.GIVEN_UP, REFUSED), (Event.DROPPED, REFUSED), ARCHIVED],
    ),
    "nobody fetches a request before its EOL": (R, [QUEUED, (Event.EOL_PASSED, REFUSED), ARCHIVED]),
    "a response is delivered": (
        P,
        [
            (Event.ACCEPTED, State.RESPONSE_IS_ACCEPTED_BY_SMEV),
            (Event.FETCHED, State.RESPONSE_IS_ACCEPTED_BY_SMEV),
            (Event.ACKED, State.MESSAGE_IS_DELIVERED),
            ARCHIVED,
        ],
    ),
    "two subscribers, one of whom comes too late": (
        B,
        [
            QUEUED,
            FETCHED,
            (Event.ACKED, State.UNDER_PROCESSING),
            (Event.FETCHED, State.UNDER_PROCESSING),
            (Event.EOL_PASSED, State.UNDER_PROCESSING),
            (Event.EXHAUSTED, State.MESSAGE_IS_DELIVERED),
            ARCHIVED,
        ],
    ),
    "a broadcast that nobody takes before its EOL": (
        B,
        [QUEUED, (Event.EOL_PASSED, State.REQUEST_IS_QUEUED), (Event.EXHAUSTED, REFUSED), ARCHIVED],
    ),
    "a broadcast to nobody": (B, [QUEUED, (Event.NO_SUBSCRIBER, State.MESSAGE_IS_DELIVERED), ARCHIVED]),
}


@pytest.mark.parametrize(("message_type", "course"), COURSES.values(), ids=COURSES.keys())
def test_the_courses_that_the_contract_describes(message_type: MessageType, course: list[tuple[Event, State]]) -> None:
    state: State | None = None
    for event, expected in course:
        state = step(message_type, state, event).state
        assert state is expected


@pytest.mark.parametrize("event", [Event.ANSWERED, Event.REPORTED])
@pytest.mark.parametrize(
    "state", [State.RESPONSE_IS_ACCEPTED_BY_SMEV, State.REQUEST_IS_PROCESSED, REFUSED, State.MESSAGE_IS_ARCHIVED]
)
def test_after_a_final_answer_there_is_no_other(state: State, event: Event) -> None:
    with pytest.raises(ImpossibleTransition):
        step(R, state, event)


@given(st.sampled_from(TYPES), st.lists(st.sampled_from(Event), max_size=60))
def test_no_course_of_events_breaks_the_rules_of_the_queue(message_type: MessageType, events: list[Event]) -> None:
    """A request or response is put in once, taken only while it is there, and comes back only by an operator; its
    sender is told once that it is refused; only what has left the queue goes to the archive.
    """
    state: State | None = None
    queued, refused = False, 0
    for event in events:
        try:
            found = step(message_type, state, event)
        except ImpossibleTransition:
            continue
        if state in ENDS:
            pytest.fail(f"{state} is an end, and yet {event} happened")
        if Effect.ENQUEUE in found.effects:
            assert event in {Event.ACCEPTED, Event.PUT_BACK}
            assert not queued
            queued, refused = True, 0
        if found.effects & {Effect.HOLD, Effect.DEQUEUE}:
            assert queued
        if Effect.DEQUEUE in found.effects and message_type is not B:
            queued = False
        if event in {Event.EXHAUSTED, Event.NO_SUBSCRIBER}:
            queued = False
        refused += Effect.REFUSE in found.effects
        assert refused <= 1
        if Effect.STORE_AWAY in found.effects:
            assert not queued
        state = found.state


def test_what_can_repeat_leads_nowhere_else_when_it_does() -> None:
    for message_type, event in itertools.product(TYPES, Event):
        steps = {state: found.state for (state, what), found in LIFE_CYCLES[message_type].items() if what is event}
        goes_round = bool(set(steps) & set(steps.values()))
        several = event in REPEATABLE or event in {Event.DROPPED} or message_type is B
        assert not goes_round or several, (message_type, event)
