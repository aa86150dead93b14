"""Entries that keep their place for several order keys, on both databases."""

import random
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from mezhved.adapter.store.engine import write
from mezhved.queue.model import Channel, Entry
from mezhved.queue.schema import entry_keys
from mezhved.queue.store import queue_for
from sqlalchemy import Engine, func, select
from support.queue import NOON, UsedQueue


@pytest.fixture
def used(engine: Engine) -> UsedQueue:
    return UsedQueue(engine)


def test_it_waits_for_the_last_of_what_came_before(used: UsedQueue) -> None:
    first, second = used.put(order_key="a"), used.put(order_key="b")
    both = used.put(order_keys="ab")
    assert used.ids(limit=9) == [first, second]
    used.ack(second)
    assert used.ids(limit=9) == []
    used.ack(first)
    assert used.ids(limit=9) == [both]


def test_whatever_comes_later_waits_for_it(used: UsedQueue) -> None:
    both, later, other = used.put(order_keys="ab"), used.put(order_key="b"), used.put(order_key="c")
    after = used.put(order_keys="bc")
    assert used.ids(limit=9) == [both, other]
    entry = used.ack(both)
    assert entry.order_key is None
    assert used.ids(limit=9) == [later]
    used.ack(other)
    assert used.ids(limit=9) == []
    used.ack(later)
    assert used.ids(limit=9) == [after]


def test_of_those_with_several_keys_only_the_first_of_all_its_keys_goes(used: UsedQueue) -> None:
    first, second, third = used.put(order_keys="ab"), used.put(order_keys="bc"), used.put(order_keys="cd")
    assert used.ids(limit=9) == [first]
    used.ack(first)
    assert used.ids(limit=9) == [second]
    used.ack(second)
    assert used.ids(limit=9) == [third]


def test_the_same_key_of_another_recipient_is_another_key(used: UsedQueue) -> None:
    ours, theirs = used.put(order_keys="ab"), used.put("REGION", order_keys="ab")
    assert (used.ids(), used.ids("REGION")) == ([ours], [theirs])
    used.ack(ours)
    assert used.ids("REGION", limit=9) == []


def test_one_that_is_too_late_lets_the_others_go_and_leaves_no_keys(used: UsedQueue) -> None:
    used.put(order_keys="ab", expires_at=NOON + timedelta(minutes=1))
    later = used.put(order_key="b")
    used.pass_time(minutes=2)
    assert used.ids(limit=9) == []
    with write(used.engine) as conn:
        used.queue.expired(conn, used.now, 10)
        assert conn.execute(select(func.count()).select_from(entry_keys)).scalar() == 0
    assert used.ids(limit=9) == [later]


def test_readers_side_by_side_keep_every_order_and_leave_nothing(used: UsedQueue) -> None:
    """Those who take out the last two in front of an entry at the same moment do not both leave it to the other."""
    chance = random.Random(14)
    keys: dict[str, str] = {}
    order: defaultdict[str, list[str]] = defaultdict(list)
    for _ in range(150):
        several = "".join(chance.sample("abcdef", chance.randint(1, 3)))
        name = used.put(order_keys=several) if len(several) > 1 else used.put(order_key=several)
        keys[name] = several
        for key in several:
            order[key].append(name)
    done: defaultdict[str, list[str]] = defaultdict(list)

    def work(_: int) -> int:
        count = idle = 0
        while idle < 50:
            leased = used.ids(limit=2)
            idle = 0 if leased else idle + 1
            for name in leased:
                for key in keys[name]:
                    done[key].append(name)
                used.ack(name)
                count += 1
        return count

    with ThreadPoolExecutor(4) as pool:
        total = sum(pool.map(work, range(4)))
    with write(used.engine) as conn:
        assert used.queue.depth(conn, "FRMR", Channel.REQUEST, 999) == 0
    assert total == 150
    assert done == order


def test_a_thousand_keys_take_few_locks(engine: Engine) -> None:
    """PostgreSQL holds some thousand locks in all, whoever wants them; on SQLite there is one writer at a time."""
    queue = queue_for(engine)
    with write(engine) as conn:
        keys = frozenset(f"key {number}" for number in range(1000))
        queue.accept(conn, "message", b"", NOON)
        queue.enqueue(conn, [Entry("message", "FRMR", Channel.REQUEST, "kind", None, order_keys=keys)], NOON)
        if engine.dialect.name == "postgresql":
            counted = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()"
            assert 0 < conn.exec_driver_sql(counted).scalar_one() <= 256
