"""The log tells a message's whole story, and lets nothing happen to it that cannot happen."""

import itertools
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mezhved.adapter.exchange.lifecycle import Event, ImpossibleTransition, MessageType, State, step
from mezhved.adapter.store.engine import read, write
from mezhved.adapter.store.messages import Message, MessageEvent, MessageLog, UnknownMessage
from sqlalchemy import Engine
from support.queue import NOON, undone

LOG = MessageLog()
REQUEST = Message(
    message_id="request",
    message_type=MessageType.REQUEST,
    kind="worker_card",
    sender="REGION",
    recipient="FRMR",
    contract="1.2",
    accepted_at=NOON,
    state=State.REQUEST_IS_QUEUED,
    reference_message_id="request",
    transaction_code="код",
    node_id="n1",
    reply_to="request.token",
    test=True,
)
RESPONSE = Message(
    message_id="response",
    message_type=MessageType.RESPONSE,
    kind="worker_card",
    sender="FRMR",
    recipient="REGION",
    contract="1.2",
    accepted_at=NOON + timedelta(seconds=1),
    state=State.RESPONSE_IS_ACCEPTED_BY_SMEV,
    original_message_id="request",
)


def test_a_message_is_found_as_it_was_recorded(engine: Engine) -> None:
    with write(engine) as conn:
        LOG.record(conn, REQUEST)
        LOG.record(conn, RESPONSE)
    with read(engine) as conn:
        assert LOG.get(conn, "request") == REQUEST
        assert LOG.get(conn, "response") == RESPONSE
        assert LOG.events(conn, "other") == []
        with pytest.raises(UnknownMessage, match="other"):
            LOG.get(conn, "other")


def test_everything_that_happened_is_told_in_order(engine: Engine) -> None:
    with write(engine) as conn:
        LOG.record(conn, RESPONSE)
        moments = [NOON + timedelta(minutes=minutes) for minutes in range(3)]
        for event, moment in zip((Event.FETCHED, Event.FETCHED, Event.ACKED), moments, strict=True):
            state = LOG.move(conn, "response", event, at=moment, actor="REGION", detail=f"at {moment.minute}")
        assert state is State.MESSAGE_IS_DELIVERED
        assert LOG.get(conn, "response") == replace(RESPONSE, state=State.MESSAGE_IS_DELIVERED)
        accepted = State.RESPONSE_IS_ACCEPTED_BY_SMEV
        assert LOG.events(conn, "response") == [
            MessageEvent(1, RESPONSE.accepted_at, Event.ACCEPTED, accepted, "FRMR", ""),
            MessageEvent(2, moments[0], Event.FETCHED, accepted, "REGION", "at 0"),
            MessageEvent(3, moments[1], Event.FETCHED, accepted, "REGION", "at 1"),
            MessageEvent(4, moments[2], Event.ACKED, State.MESSAGE_IS_DELIVERED, "REGION", "at 2"),
        ]


@pytest.mark.parametrize(
    ("message_id", "event", "error"),
    [
        ("response", Event.PROCESSED, ImpossibleTransition),
        ("response", Event.ACCEPTED, ImpossibleTransition),
        ("other", Event.ACKED, UnknownMessage),
        ("other", Event.ACCEPTED, UnknownMessage),
    ],
)
def test_what_cannot_happen_is_refused_and_leaves_no_trace(
    engine: Engine, message_id: str, event: Event, error: type[Exception]
) -> None:
    with write(engine) as conn:
        LOG.record(conn, RESPONSE)
        with pytest.raises(error):
            LOG.move(conn, message_id, event, at=NOON, actor="REGION")
        assert len(LOG.events(conn, "response")) == 1
        assert LOG.get(conn, "response") == RESPONSE


BROADCAST = replace(REQUEST, message_id="broadcast", message_type=MessageType.BROADCAST, recipient="", reply_to=None)
OF_TYPE = {message.message_type: message for message in (REQUEST, RESPONSE, BROADCAST)}


@pytest.mark.parametrize("message_type", MessageType)
def test_in_every_state_only_the_events_of_the_table_succeed(engine: Engine, message_type: MessageType) -> None:
    """The statements of the log are made from the table, and must not say more or less than it."""
    for state, event in itertools.product(State, Event):
        message = replace(OF_TYPE[message_type], state=state)
        with undone(engine) as conn:
            LOG.record(conn, message)
            try:
                expected = step(message_type, state, event).state
            except ImpossibleTransition:
                with pytest.raises(ImpossibleTransition) as refused:
                    LOG.move(conn, message.message_id, event, at=NOON, actor="x")
                assert (refused.value.message_type, refused.value.state, refused.value.event) == (
                    message_type,
                    state,
                    event,
                )
                assert LOG.get(conn, message.message_id) == message
                assert len(LOG.events(conn, message.message_id)) == 1
            else:
                assert LOG.move(conn, message.message_id, event, at=NOON, actor="x") is expected
                assert LOG.get(conn, message.message_id) == replace(message, state=expected)
                assert LOG.events(conn, message.message_id)[-1].event is event


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(first=st.sampled_from([REQUEST, RESPONSE, BROADCAST]), events=st.lists(st.sampled_from(Event), max_size=12))
def test_the_log_moves_a_message_just_as_the_table_of_its_life_says(
    engine: Engine, first: Message, events: list[Event]
) -> None:
    state, happened = first.state, [Event.ACCEPTED]
    with undone(engine) as conn:
        LOG.record(conn, first)
        for event in events:
            try:
                state = step(first.message_type, state, event).state
            except ImpossibleTransition:
                with pytest.raises(ImpossibleTransition):
                    LOG.move(conn, first.message_id, event, at=NOON, actor="x")
            else:
                assert LOG.move(conn, first.message_id, event, at=NOON, actor="x") is state
                happened.append(event)
            assert LOG.get(conn, first.message_id).state is state
        told = LOG.events(conn, first.message_id)
        assert [one.number for one in told] == sorted({one.number for one in told})
        assert sorted(event for one in told for event in [one.event] * one.times) == sorted(happened)


def test_a_message_fetched_again_and_again_takes_one_row(engine: Engine) -> None:
    with write(engine) as conn:
        LOG.record(conn, BROADCAST)
        for minute in range(50):
            for actor in ("A", "B"):
                LOG.move(conn, "broadcast", Event.FETCHED, at=NOON + timedelta(minutes=minute), actor=actor)
        LOG.move(conn, "broadcast", Event.ACKED, at=NOON + timedelta(hours=1), actor="A")
        told = [(one.event, one.actor, one.at, one.times, one.last_at) for one in LOG.events(conn, "broadcast")[1:]]
    last = NOON + timedelta(minutes=49)
    assert told == [
        (Event.FETCHED, "A", NOON, 50, last),
        (Event.FETCHED, "B", NOON, 50, last),
        (Event.ACKED, "A", NOON + timedelta(hours=1), 1, None),
    ]


def test_answers_and_chains_are_found_in_order(engine: Engine) -> None:
    request = replace(REQUEST, reference_message_id=None)
    interim = replace(RESPONSE, message_id="interim", accepted_at=NOON, reference_message_id="request")
    final = replace(RESPONSE, reference_message_id="request")
    follower = replace(
        REQUEST, message_id="second", reference_message_id="request", accepted_at=NOON + timedelta(hours=1)
    )
    with write(engine) as conn:
        for message in (request, interim, final, follower, replace(BROADCAST, reference_message_id=None)):
            LOG.record(conn, message)
        assert [one.message_id for one in LOG.responses(conn, "request")] == ["interim", "response"]
        assert LOG.responses(conn, "second") == []
        whole = ["interim", "request", "response", "second"]
        assert [one.message_id for one in LOG.chain(conn, follower)] == whole
        assert [one.message_id for one in LOG.chain(conn, request)] == whole


def test_of_events_that_exclude_each_other_one_happens(engine: Engine) -> None:
    with write(engine) as conn:
        LOG.record(conn, REQUEST)

    def happen(event: Event) -> Event | None:
        try:
            with write(engine) as conn:
                LOG.move(conn, "request", event, at=NOON, actor="x")
        except ImpossibleTransition:
            return None
        return event

    with ThreadPoolExecutor(4) as pool:
        done = [event for event in pool.map(happen, [Event.PROCESSED, Event.GIVEN_UP, Event.EOL_PASSED] * 3) if event]
    with read(engine) as conn:
        assert [found.event for found in LOG.events(conn, "request")] == [Event.ACCEPTED, *done]
    assert len(done) == 1
