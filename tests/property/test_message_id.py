"""MessageIDs: what is one, how old it is, and that none is ever made twice."""

import random
import uuid
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mezhved.adapter.exchange.message_id import (
    Defect,
    Freshness,
    InvalidMessageId,
    MessageId,
    MessageIds,
    Staleness,
    write,
)

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
MOMENTS = st.datetimes(min_value=datetime(1582, 10, 16), max_value=datetime(5000, 1, 1), timezones=st.just(UTC))
MICROSECOND = timedelta(microseconds=1)
EPOCH = datetime(1582, 10, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "defect"),
    [
        ("", Defect.NOT_A_UUID),
        ("db0486d0-3c08-11e5-95e2-d4c9eff07b7", Defect.NOT_A_UUID),
        ("db0486d0-3c08-11e5-95e2-d4c9eff07b777", Defect.NOT_A_UUID),
        ("db0486d03c0811e595e2d4c9eff07b77", Defect.NOT_A_UUID),
        ("{db0486d0-3c08-11e5-95e2-d4c9eff07b77}", Defect.NOT_A_UUID),
        ("urn:uuid:db0486d0-3c08-11e5-95e2-d4c9eff07b77", Defect.NOT_A_UUID),
        ("db0486d0-3c08-11e5-95e2-d4c9eff07b77\n", Defect.NOT_A_UUID),
        ("db0486d0-3c08-11e5-95e2-d4c9eff07b7g", Defect.NOT_A_UUID),
        ("db0486d0-3c08-11e5-95e2-d4c9eff07b7７", Defect.NOT_A_UUID),
        ("DB0486D0-3C08-11E5-95E2-D4C9EFF07B77", Defect.UPPER_CASE),
        ("db0486d0-3c08-11e5-95e2-d4c9eff07B77", Defect.UPPER_CASE),
        ("db0486d0-3c08-41e5-95e2-d4c9eff07b77", Defect.WRONG_VERSION),
        ("db0486d0-3c08-71e5-95e2-d4c9eff07b77", Defect.WRONG_VERSION),
        ("db0486d0-3c08-11e5-15e2-d4c9eff07b77", Defect.WRONG_VARIANT),
        ("00000000-0000-0000-0000-000000000000", Defect.WRONG_VARIANT),
        ("ffffffff-ffff-ffff-ffff-ffffffffffff", Defect.WRONG_VARIANT),
    ],
)
def test_says_why_a_text_is_no_message_id(text: str, defect: Defect) -> None:
    with pytest.raises(InvalidMessageId) as refused:
        MessageId.parse(text)
    assert (refused.value.text, refused.value.defect) == (text, defect)


def test_reads_the_moment_of_the_example_in_rfc_9562() -> None:
    """Appendix A.1: 22 February 2022, 14:22:22 by a clock five hours behind UTC."""
    example = MessageId.parse("c232ab00-9414-11ec-b3c8-9f6bdeced846")
    assert example.timestamp == datetime(2022, 2, 22, 19, 22, 22, tzinfo=UTC)


@given(st.uuids(version=1) | st.uuids(version=4) | st.uuids())
def test_accepts_version_one_in_lower_case_and_nothing_else(value: uuid.UUID) -> None:
    if value.variant == uuid.RFC_4122 and value.version == 1:
        assert MessageId.parse(str(value)).text == str(value)
    else:
        with pytest.raises(InvalidMessageId):
            MessageId.parse(str(value))


@given(MOMENTS, st.integers(0, 9), st.integers(0, 2**48 - 1), st.integers(0, 2**14 - 1))
def test_what_is_written_is_read(moment: datetime, ticks: int, node: int, sequence: int) -> None:
    text = write((moment - EPOCH) // MICROSECOND * 10 + ticks, node, sequence)
    assert MessageId.parse(text).timestamp == moment
    value = uuid.UUID(text)
    assert (value.node, value.clock_seq) == (node, sequence)


@given(MOMENTS.filter(lambda moment: moment.year > 1600))
def test_both_limits_of_freshness_are_still_fresh(moment: datetime) -> None:
    freshness = Freshness(age=timedelta(hours=24), skew=timedelta(minutes=5))
    message_id = MessageId("", moment)
    for now, staleness in (
        (moment, Staleness.FRESH),
        (moment + freshness.age, Staleness.FRESH),
        (moment + freshness.age + MICROSECOND, Staleness.STALE),
        (moment - freshness.skew, Staleness.FRESH),
        (moment - freshness.skew - MICROSECOND, Staleness.FUTURE),
    ):
        assert freshness.judge(message_id, now) is staleness


@given(st.lists(st.integers(-3, 3), min_size=1, max_size=200), st.integers())
def test_never_makes_the_same_twice_whatever_the_clock_does(steps: list[int], seed: int) -> None:
    moments = iter([NOON + sum(steps[: count + 1]) * MICROSECOND for count in range(len(steps))] * 2)
    make = MessageIds(lambda: next(moments), random.Random(seed).getrandbits)
    made = [MessageId.parse(make()).text for _ in range(2 * len(steps))]
    assert len(set(made)) == len(made)


def test_many_of_one_moment_stay_close_to_it() -> None:
    make = MessageIds(lambda: NOON, random.Random(1).getrandbits)
    made = [MessageId.parse(make()) for _ in range(10_000)]
    assert len({message_id.text for message_id in made}) == 10_000
    assert all(NOON <= message_id.timestamp < NOON + timedelta(milliseconds=1) for message_id in made)


def test_after_a_clock_was_set_back_they_are_of_its_time_and_not_of_the_future() -> None:
    moments = iter([NOON, NOON - timedelta(hours=1)])
    make = MessageIds(lambda: next(moments), random.Random(1).getrandbits)
    assert [MessageId.parse(make()).timestamp for _ in range(2)] == [NOON, NOON - timedelta(hours=1)]


def test_two_makers_of_the_same_moment_differ_by_their_node_which_is_no_network_card() -> None:
    first, second = (MessageIds(lambda: NOON, random.Random(seed).getrandbits)() for seed in (1, 2))
    nodes = {uuid.UUID(first).node, uuid.UUID(second).node}
    assert len(nodes) == 2
    assert all(node >> 40 & 1 for node in nodes)
