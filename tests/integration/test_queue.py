"""What a system may rely on when it reads its queue, on both databases."""

from datetime import timedelta

import pytest
from mezhved.adapter.store.engine import read, write
from mezhved.queue.errors import DuplicateMessage, NotLeased, UnknownMessage, UnsupportedDatabase
from mezhved.queue.model import Channel, Entry, QueueFigures
from mezhved.queue.statements import SWEEP
from mezhved.queue.store import queue_for
from sqlalchemy import Engine, create_mock_engine
from sqlalchemy.exc import IntegrityError
from support.queue import LEASE, NOON, UsedQueue, undone


@pytest.fixture
def used(engine: Engine) -> UsedQueue:
    return UsedQueue(engine)


def test_messages_come_in_the_order_of_acceptance_with_their_octets(used: UsedQueue) -> None:
    first, second = used.put(), used.put()
    used.pass_time(seconds=5)
    (leased,) = used.lease()
    assert leased.entry == Entry(first, "FRMR", Channel.REQUEST, "worker_card", None)
    assert leased.body == first.encode()
    assert (leased.attempts, leased.enqueued_at, leased.leased_until) == (1, NOON, used.now + LEASE)
    assert used.ids() == [second]
    assert used.ids() == []


def test_octets_are_kept_just_as_they_came_and_after_the_ack(used: UsedQueue) -> None:
    octets = bytes(range(256)) * 40
    with write(used.engine) as conn:
        used.queue.accept(conn, "m", octets, used.now)
        used.queue.enqueue(conn, [Entry("m", "FRMR", Channel.REQUEST, "k", None)], used.now)
    assert used.lease()[0].body == octets
    used.ack("m")
    with read(used.engine) as conn:
        assert used.queue.body(conn, "m") == octets
        with pytest.raises(UnknownMessage, match="other"):
            used.queue.body(conn, "other")


def test_an_id_is_taken_for_ever(used: UsedQueue) -> None:
    taken = used.put()
    used.ids()
    used.ack(taken)
    used.pass_time(days=3650)
    with write(used.engine) as conn:
        assert used.queue.was_accepted(conn, taken)
        assert not used.queue.was_accepted(conn, "fresh")
        with pytest.raises(DuplicateMessage, match=taken):
            used.queue.accept(conn, taken, b"", used.now)
        used.queue.accept(conn, "fresh", b"", used.now)  # the transaction is still of use
    with read(used.engine) as conn:
        assert used.queue.was_accepted(conn, "fresh")


def test_a_refused_message_does_not_burn_its_id(used: UsedQueue) -> None:
    with undone(used.engine) as conn:
        used.queue.accept(conn, "m", b"", used.now)
    with write(used.engine) as conn:
        used.queue.accept(conn, "m", b"", used.now)


def test_a_queue_belongs_to_one_recipient_and_one_channel(used: UsedQueue) -> None:
    message = used.put("REGION", Channel.RESPONSE)
    assert used.ids("FRMR") == used.ids("REGION") == used.ids("FRMR", channel=Channel.RESPONSE) == []
    assert used.ids("REGION", channel=Channel.RESPONSE) == [message]
    with pytest.raises(NotLeased):
        used.ack(message, "FRMR")
    assert used.ack(message, "REGION").channel is Channel.RESPONSE


def test_names_are_compared_octet_by_octet(used: UsedQueue) -> None:
    used.put("ФРМР")
    assert used.ids("фрмр") == used.ids("ФРМР ") == []
    assert used.ids("ФРМР") != []


def test_a_broadcast_stands_in_every_subscribers_queue(used: UsedQueue) -> None:
    with write(used.engine) as conn:
        used.queue.accept(conn, "news", b"x", used.now)
        used.queue.enqueue(conn, [Entry("news", name, Channel.REQUEST, "k", None) for name in "AB"], used.now)
    assert used.ids("A") == used.ids("B") == ["news"]
    used.ack("news", "A")
    with pytest.raises(NotLeased):
        used.ack("news", "A")
    used.ack("news", "B")


def test_several_messages_may_be_unacknowledged_and_are_acknowledged_in_any_order(used: UsedQueue) -> None:
    ids = used.put_many(3)
    assert used.ids(limit=2) + used.ids(limit=2) == ids
    for message_id in reversed(ids):
        used.ack(message_id)
    used.pass_time(days=1)
    assert used.ids() == []


def test_what_is_not_acknowledged_comes_again_before_what_was_never_read(used: UsedQueue) -> None:
    ids = used.put_many(5)
    assert used.ids(limit=2) == ids[:2]
    used.pass_time(minutes=1)
    assert used.ids() == [ids[2]]
    used.pass_time(minutes=14)  # the first two leases end at this very moment
    assert used.ids(limit=9) == [ids[0], ids[1], ids[3], ids[4]]
    used.pass_time(minutes=1)
    assert [(leased.entry.message_id, leased.attempts) for leased in used.lease()] == [(ids[2], 2)]
    used.pass_time(days=1)
    assert used.ids(limit=9) == ids


def test_ended_leases_return_in_the_original_order_whenever_they_ended(used: UsedQueue) -> None:
    ids = used.put_many(4)
    assert used.ids(lease_for=timedelta(minutes=30)) == [ids[0]]
    assert used.ids(limit=2, lease_for=timedelta(minutes=10)) == ids[1:3]
    used.pass_time(minutes=20)
    assert used.ids() == [ids[1]]
    used.pass_time(minutes=20)
    assert used.ids(limit=9) == [ids[0], ids[1], ids[2], ids[3]]


def test_more_ended_leases_than_are_put_back_at_once(used: UsedQueue) -> None:
    ids = used.put_many(SWEEP + 100)
    assert len(used.ids(limit=SWEEP + 100)) == SWEEP + 100
    used.pass_time(hours=1)
    assert used.ids(limit=2) == ids[:2]
    rest = [message_id for _ in range(3) for message_id in used.ids(limit=SWEEP)]
    assert sorted(rest) == ids[2:]


def test_a_late_ack_counts(used: UsedQueue) -> None:
    message = used.put()
    used.ids()
    used.pass_time(hours=1)
    used.ack(message)
    assert used.ids() == []


def test_a_late_ack_counts_after_the_message_was_put_back(used: UsedQueue) -> None:
    """Another read of the same queue has put the ended lease back, but given the message to nobody."""
    message = used.put(kind="a")
    used.ids()
    used.pass_time(hours=1)
    assert used.ids(kinds=["b"]) == []
    used.ack(message)
    assert used.ids() == []


def test_an_ack_of_what_was_never_given_is_refused(used: UsedQueue) -> None:
    message = used.put()
    for unknown in (message, "never-accepted"):
        with pytest.raises(NotLeased, match=unknown):
            used.ack(unknown)
    assert used.ids() == [message]
    used.ack(message)
    with pytest.raises(NotLeased):
        used.ack(message)


def test_an_ack_that_is_rolled_back_leaves_the_message_leased(used: UsedQueue) -> None:
    message = used.put()
    used.ids()
    with undone(used.engine) as conn:
        used.queue.ack(conn, recipient="FRMR", message_id=message)
    assert used.ids() == []
    used.ack(message)


def test_a_released_message_is_at_the_head_again(used: UsedQueue) -> None:
    first, _ = used.put(), used.put()
    used.ids()
    with write(used.engine) as conn:
        used.queue.release(conn, recipient="FRMR", message_id=first)
        with pytest.raises(NotLeased):
            used.queue.release(conn, recipient="FRMR", message_id=first)
    assert used.ids() == [first]


def test_a_nodes_sub_queue_is_read_only_by_that_node(used: UsedQueue) -> None:
    main, ours, theirs = used.put(), used.put(node_id="n1"), used.put(node_id="n2")
    (leased,) = used.lease(node_id="n1", limit=9)
    assert leased.entry == Entry(ours, "FRMR", Channel.REQUEST, "worker_card", "n1")
    assert used.ids(limit=9) == [main]
    used.pass_time(hours=1)
    assert used.ids(limit=9) == [main]
    assert used.ids(node_id="n1", limit=9) == [ours]
    assert used.ids(node_id="n2", limit=9) == [theirs]
    assert used.ack(theirs).node_id == "n2"


def test_kinds_select_without_disturbing_the_order(used: UsedQueue) -> None:
    kinds = ["a", "b", "c", "a", "b", "c"]
    ids = [used.put(kind=kind) for kind in kinds]
    assert used.ids(kinds=["c"]) == [ids[2]]
    assert used.ids(kinds=["b", "a"], limit=3) == [ids[0], ids[1], ids[3]]
    assert used.ids(kinds=["x"]) == used.ids(kinds=[]) == []
    used.pass_time(hours=1)
    assert used.ids(kinds=["c", "b"], limit=9) == [ids[1], ids[2], ids[4], ids[5]]
    assert used.ids(limit=9) == [ids[0], ids[3]]


def test_a_higher_priority_goes_first_but_not_before_what_returned(used: UsedQueue) -> None:
    low, high, middle = used.put(priority=-1), used.put(priority=7), used.put()
    (leased,) = used.lease()
    assert (leased.entry.message_id, leased.entry.priority) == (high, 7)
    used.pass_time(hours=1)
    highest = used.put(priority=9)
    assert used.ids(limit=9) == [high, highest, middle, low]
    assert used.ack(low).priority == -1


def test_a_notice_leaves_the_queue_when_it_is_read(used: UsedQueue) -> None:
    first, second = used.put("REGION", Channel.STATUS), used.put("REGION", Channel.STATUS)

    def drain() -> str | None:
        with write(used.engine) as conn:
            notice = used.queue.drain(conn, recipient="REGION", channel=Channel.STATUS, now=used.now)
        return None if notice is None else notice.entry.message_id

    assert [drain(), drain(), drain()] == [first, second, None]
    used.pass_time(days=1)
    assert drain() is None


def test_a_notice_whose_reading_is_rolled_back_is_not_lost(used: UsedQueue) -> None:
    notice = used.put("REGION", Channel.STATUS)
    with undone(used.engine) as conn:
        used.queue.drain(conn, recipient="REGION", channel=Channel.STATUS, now=used.now)
    with write(used.engine) as conn:
        again = used.queue.drain(conn, recipient="REGION", channel=Channel.STATUS, now=used.now)
    assert again is not None
    assert (again.entry.message_id, again.body) == (notice, notice.encode())


def test_a_message_stands_once_in_a_queue_and_only_if_it_was_accepted(used: UsedQueue) -> None:
    message = used.put()
    for entry in (Entry(message, "FRMR", Channel.REQUEST, "k", None), Entry("no", "FRMR", Channel.REQUEST, "k", None)):
        with pytest.raises(IntegrityError), write(used.engine) as conn:
            used.queue.enqueue(conn, [entry], used.now)
    assert used.ids(limit=9) == [message]


def test_enqueueing_nothing_is_nothing(used: UsedQueue) -> None:
    with write(used.engine) as conn:
        used.queue.enqueue(conn, [], used.now)
    assert used.figures() == []


def test_figures_say_how_deep_and_how_old_each_queue_is(used: UsedQueue) -> None:
    used.put("REGION", Channel.RESPONSE, node_id="n1")
    used.pass_time(minutes=1)
    ids = used.put_many(3)
    used.ids(limit=2)
    used.pass_time(minutes=2)
    region = QueueFigures("REGION", Channel.RESPONSE, 1, 0, timedelta(minutes=3))
    assert used.figures() == [QueueFigures("FRMR", Channel.REQUEST, 1, 2, timedelta(minutes=2)), region]
    used.ids()
    assert used.figures()[0] == QueueFigures("FRMR", Channel.REQUEST, 0, 3, None)
    used.pass_time(minutes=13)  # two of the leases have ended, though nobody has read since
    assert used.figures()[0] == QueueFigures("FRMR", Channel.REQUEST, 2, 1, timedelta(minutes=15))
    for message_id in ids:
        used.ack(message_id)
    assert [figures.recipient for figures in used.figures()] == ["REGION"]


def test_another_database_system_is_refused_by_name() -> None:
    with pytest.raises(UnsupportedDatabase, match="mssql"):
        queue_for(create_mock_engine("mssql://", lambda *_: None))  # type: ignore[arg-type]
