"""The log tells a message's whole story, and lets nothing happen to it that cannot happen."""

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


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(first=st.sampled_from([REQUEST, RESPONSE]), events=st.lists(st.sampled_from(Event), max_size=8))
def test_the_log_moves_a_message_just_as_the_table_of_its_life_says(
    engine: Engine, first: Message, events: list[Event]
) -> None:
    state, happened = first.state, 1
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
                happened += 1
            assert LOG.get(conn, first.message_id).state is state
        assert [found.number for found in LOG.events(conn, first.message_id)] == list(range(1, happened + 1))


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
