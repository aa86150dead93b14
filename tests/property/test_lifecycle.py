"""The life of a message: every state meets every event, and the table is whole."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mezhved.adapter.exchange.lifecycle import (
    LIFE_CYCLES,
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


@pytest.mark.parametrize(
    ("message_type", "course"),
    [
        (
            MessageType.REQUEST,
            [
                (Event.ACCEPTED, State.REQUEST_IS_QUEUED),
                (Event.FETCHED, State.REQUEST_IS_ACCEPTED_BY_SMEV),
                (Event.LEASE_EXPIRED, State.REQUEST_IS_ACCEPTED_BY_SMEV),
                (Event.FETCHED, State.REQUEST_IS_ACCEPTED_BY_SMEV),
                (Event.ACKED, State.UNDER_PROCESSING),
                (Event.ARCHIVED, State.MESSAGE_IS_ARCHIVED),
            ],
        ),
        (
            MessageType.REQUEST,
            [(Event.ACCEPTED, State.REQUEST_IS_QUEUED), (Event.PROCESSED, State.UNDER_PROCESSING)],
        ),
        (
            MessageType.REQUEST,
            [
                (Event.ACCEPTED, State.REQUEST_IS_QUEUED),
                (Event.LEASED, State.REQUEST_IS_ACCEPTED_BY_SMEV),
                (Event.GIVEN_UP, State.REQUEST_IS_REJECTED_BY_SMEV),
                (Event.ARCHIVED, State.MESSAGE_IS_ARCHIVED),
            ],
        ),
        (
            MessageType.REQUEST,
            [(Event.ACCEPTED, State.REQUEST_IS_QUEUED), (Event.EOL_PASSED, State.REQUEST_IS_REJECTED_BY_SMEV)],
        ),
        (
            MessageType.RESPONSE,
            [
                (Event.ACCEPTED, State.RESPONSE_IS_ACCEPTED_BY_SMEV),
                (Event.FETCHED, State.RESPONSE_IS_ACCEPTED_BY_SMEV),
                (Event.ACKED, State.MESSAGE_IS_DELIVERED),
                (Event.ARCHIVED, State.MESSAGE_IS_ARCHIVED),
            ],
        ),
    ],
)
def test_the_courses_that_the_contract_describes(message_type: MessageType, course: list[tuple[Event, State]]) -> None:
    state: State | None = None
    for event, expected in course:
        state = step(message_type, state, event).state
        assert state is expected


@given(st.sampled_from(TYPES), st.lists(st.sampled_from(Event), max_size=60))
def test_no_course_of_events_breaks_the_rules_of_the_queue(message_type: MessageType, events: list[Event]) -> None:
    """A message is put in once, taken only while it is there, and never comes back once it has left; what the sender
    is told, it is told once.
    """
    state: State | None = None
    queued, told = False, 0
    for event in events:
        try:
            found = step(message_type, state, event)
        except ImpossibleTransition:
            continue
        if state in ENDS:
            pytest.fail(f"{state} is an end, and yet {event} happened")
        assert queued or event in {Event.ACCEPTED, Event.ARCHIVED}
        if Effect.ENQUEUE in found.effects:
            assert state is None
            queued = True
        if found.effects & {Effect.HOLD, Effect.RETURN, Effect.DEQUEUE}:
            assert queued
        if Effect.DEQUEUE in found.effects:
            queued = False
        told += bool(found.effects & {Effect.REFUSE, Effect.NOTIFY})
        assert told <= 1
        state = found.state
    if state in ENDS:
        assert not queued
