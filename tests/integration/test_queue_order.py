"""Messages about the same thing are read one at a time and in order; messages that are too late are not read at all."""

from datetime import timedelta

import pytest
from mezhved.adapter.store.engine import read
from mezhved.queue.errors import NotLeased
from mezhved.queue.model import Channel, Entry, Pending, QueueFigures
from sqlalchemy import Engine
from support.queue import NOON, UsedQueue, undone


@pytest.fixture
def used(engine: Engine) -> UsedQueue:
    return UsedQueue(engine)


def test_of_one_key_only_the_first_is_read_until_it_is_acknowledged(used: UsedQueue) -> None:
    first, second, third = (used.put(order_key="Ivanov") for _ in range(3))
    other, free = used.put(order_key="Petrov"), used.put()
    (leased, *rest) = used.lease(limit=9)
    assert leased.entry == Entry(first, "FRMR", Channel.REQUEST, "worker_card", None, order_key="Ivanov")
    assert [one.entry.message_id for one in rest] == [other, free]
    assert used.ids(limit=9) == []
    assert used.ack(first).order_key == "Ivanov"
    assert used.ids(limit=9) == [second]
    used.ack(second)
    assert used.ids(limit=9) == [third]


def test_the_same_key_of_another_recipient_is_another_key(used: UsedQueue) -> None:
    ours, theirs = used.put(order_key="Ivanov"), used.put("REGION", order_key="Ivanov")
    assert used.ids() == [ours]
    assert used.ids("REGION") == [theirs]


def test_a_higher_priority_does_not_overtake_its_own_key(used: UsedQueue) -> None:
    first, urgent, free = used.put(order_key="Ivanov"), used.put(order_key="Ivanov", priority=1), used.put()
    assert used.ids(limit=9) == [first, free]
    used.ack(first)
    later_urgent = used.put(priority=1)
    assert used.ids(limit=9) == [urgent, later_urgent]


def test_what_comes_back_keeps_the_later_ones_of_its_key_waiting(used: UsedQueue) -> None:
    first, second = used.put(order_key="Ivanov"), used.put(order_key="Ivanov")
    used.ids()
    used.pass_time(hours=1)
    assert used.ids(limit=9) == [first]
    used.release(first, used.now + timedelta(minutes=2))
    assert used.ids(limit=9) == []
    used.pass_time(minutes=2)
    assert [(leased.entry.message_id, leased.attempts) for leased in used.lease(limit=9)] == [(first, 3)]
    used.ack(first)
    assert used.ids(limit=9) == [second]


def test_whatever_takes_the_first_out_lets_the_next_one_go(used: UsedQueue) -> None:
    ids = [used.put(order_key="Ivanov") for _ in range(2)]
    ids += [used.put(order_key="Ivanov", expires_at=NOON + timedelta(minutes=1)), used.put(order_key="Ivanov")]
    assert used.ids(limit=9) == [ids[0]]
    used.ack(ids[0])
    used.pass_time(minutes=1)
    assert used.ids(limit=9) == [ids[1]]
    used.ack(ids[1])
    assert used.ids(limit=9) == []
    assert used.expired() == [ids[2]]
    assert used.ids(limit=9) == [ids[3]]


def test_one_taken_out_of_the_middle_of_its_key_changes_nothing_for_the_first(used: UsedQueue) -> None:
    soon = NOON + timedelta(minutes=1)
    first, second, third = (used.put(order_key="Ivanov", expires_at=end) for end in (None, soon, None))
    used.pass_time(minutes=1)
    assert used.expired() == [second]
    assert used.ids(limit=9) == [first]
    used.ack(first)
    assert used.ids(limit=9) == [third]


def test_a_batch_put_in_together_keeps_the_order_of_each_key(used: UsedQueue) -> None:
    keys = ["Ivanov", None, "Petrov", "Ivanov", None, "Petrov"]
    ids = used.put_all([Entry("", "FRMR", Channel.REQUEST, "k", None, order_key=key) for key in keys])
    assert used.ids(limit=9) == [ids[0], ids[1], ids[2], ids[4]]
    used.ack(ids[2])
    assert used.ids(limit=9) == [ids[5]]


def test_an_ack_that_is_undone_lets_nobody_go(used: UsedQueue) -> None:
    first, second = used.put(order_key="Ivanov"), used.put(order_key="Ivanov")
    used.ids()
    with undone(used.engine) as conn:
        used.queue.ack(conn, recipient="FRMR", message_id=first)
    assert used.ids(limit=9) == []
    used.ack(first)
    assert used.ids() == [second]


def test_what_nobody_has_in_time_is_not_read_and_is_taken_out(used: UsedQueue) -> None:
    eol = NOON + timedelta(minutes=5)
    late, in_time = used.put(expires_at=eol), used.put()
    used.pass_time(minutes=5)
    assert used.ids(limit=9) == [in_time]
    with pytest.raises(NotLeased):
        used.ack(late)
    assert used.expired() == [late]
    assert used.expired() == []


def test_what_is_read_in_time_is_still_the_readers(used: UsedQueue) -> None:
    message = used.put(expires_at=NOON + timedelta(minutes=5))
    used.ids()
    used.pass_time(minutes=14)
    assert used.expired() == []
    used.pass_time(minutes=1)
    assert used.ids() == []
    assert used.expired() == [message]


def test_expired_takes_the_oldest_first_and_no_more_than_it_may(used: UsedQueue) -> None:
    ids = [used.put(expires_at=NOON + timedelta(minutes=minutes)) for minutes in (3, 1, 2, 60)]
    used.pass_time(minutes=10)
    assert used.expired(2) == [ids[1], ids[2]]
    assert used.expired(2) == [ids[0]]
    assert used.expired(2) == []


def test_a_batch_passes_any_number_of_late_ones(used: UsedQueue) -> None:
    eol = NOON + timedelta(minutes=1)
    late = [Entry("", "FRMR", Channel.REQUEST, "k", None, expires_at=eol)]
    good = [Entry("", "FRMR", Channel.REQUEST, "k", None)]
    ids = used.put_all([*late * 1500, *good, *late, *good])
    used.pass_time(minutes=1)
    assert used.ids(limit=2) == [ids[1500], ids[1502]]
    assert len(used.expired(10_000)) == 1501


def test_a_reader_that_is_cautious_gets_what_came_back_alone(used: UsedQueue) -> None:
    ids = used.put_many(4)
    used.ids(limit=2)
    used.pass_time(hours=1)
    assert [one.attempts for one in used.lease(limit=9, cautious=True)] == [2]
    assert [(one.entry.message_id, one.attempts) for one in used.lease(limit=9, cautious=True)] == [(ids[1], 2)]
    assert used.ids(limit=9, cautious=True) == ids[2:]


def test_depth_statistics_and_figures_count_no_further_than_they_must(used: UsedQueue) -> None:
    used.put_all([Entry("", "REGION", Channel.RESPONSE, "k", node) for node in (None, "n1", "n1", "n2")])
    used.put("REGION", order_key="Ivanov"), used.put("REGION", order_key="Ivanov")
    used.put("REGION", Channel.STATUS)
    used.put_many(3)
    used.ids("REGION", channel=Channel.RESPONSE)
    with read(used.engine) as conn:
        assert [used.queue.depth(conn, "REGION", Channel.RESPONSE, most) for most in (1, 3, 4, 100)] == [1, 3, 4, 4]
        assert used.queue.depth(conn, "REGION", Channel.REQUEST, 100) == 2
        assert used.queue.depth(conn, "NOBODY", Channel.REQUEST, 100) == 0
        assert used.queue.statistics(conn, "REGION", NOON) == [
            Pending(Channel.REQUEST, None, 2),
            Pending(Channel.RESPONSE, "n1", 2),
            Pending(Channel.RESPONSE, "n2", 1),
            Pending(Channel.STATUS, None, 1),
        ]
        assert used.queue.statistics(conn, "REGION", NOON, 1)[1] == Pending(Channel.RESPONSE, "n1", 1)
        assert used.queue.figures(conn, NOON, 2)[0] == QueueFigures("FRMR", Channel.REQUEST, 2, 0, timedelta(0))
