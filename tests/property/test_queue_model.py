"""The queue does what a naive list would do, whatever is asked of it and in whatever order."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from mezhved.queue.errors import DuplicateMessage, NotLeased
from mezhved.queue.model import Channel, Entry, Leased, Pending, QueueFigures
from mezhved.queue.store import queue_for
from sqlalchemy import Engine
from support.queue import NOON

RECIPIENTS = st.sampled_from(["FRMR"] * 4 + ["REGION"])
# Most of what happens is to happen in one queue, where it meets what happened before.
CHANNELS = st.sampled_from([Channel.REQUEST] * 4 + [Channel.RESPONSE])
KINDS = st.sampled_from(["a", "b", "c"])
NODES = st.sampled_from([None] * 4 + ["n1"])
KEYS = st.sampled_from([None, None, "Ivanov", "Petrov"])
NUMBERS = st.integers(0, 20)
MINUTES = st.integers(1, 30).map(lambda minutes: timedelta(minutes=minutes))


@dataclass
class Row:
    """What the naive queue knows of an entry; its place in the list is its position."""

    entry: Entry
    enqueued_at: datetime
    attempts: int = 0
    leased_until: datetime | None = None

    def available(self, now: datetime) -> bool:
        return self.leased_until is None or self.leased_until <= now

    @property
    def order(self) -> tuple[bool, int]:
        """What came back goes before what was never read, then the higher priority; the sort keeps the rest."""
        return not self.returned, -self.entry.priority

    @property
    def returned(self) -> bool:
        return self.attempts > 0

    def late(self, now: datetime) -> bool:
        return self.entry.expires_at is not None and self.entry.expires_at <= now


class Machine(RuleBasedStateMachine):
    """Does the same to the queue and to a list. All in one transaction, which is rolled back at the end."""

    engine: Engine

    def __init__(self) -> None:
        super().__init__()
        self.queue = queue_for(self.engine)
        self.conn = self.engine.connect()
        self.transaction = self.conn.begin()
        self.now = NOON
        self.rows: list[Row] = []
        self.accepted = 0

    def teardown(self) -> None:
        self.transaction.rollback()
        self.conn.close()

    @rule(
        recipient=RECIPIENTS,
        channel=CHANNELS,
        kind=KINDS,
        node_id=NODES,
        priority=st.integers(-1, 1),
        order_key=KEYS,
        eol=st.none() | MINUTES,
    )
    def put(
        self,
        recipient: str,
        channel: Channel,
        kind: str,
        node_id: str | None,
        priority: int,
        order_key: str | None,
        eol: timedelta | None,
    ) -> None:
        expires_at = None if eol is None else self.now + eol
        entry = Entry(f"m{self.accepted}", recipient, channel, kind, node_id, priority, order_key, expires_at)
        self.accepted += 1
        self.queue.accept(self.conn, entry.message_id, entry.message_id.encode(), self.now)
        self.queue.enqueue(self.conn, [entry], self.now)
        self.rows.append(Row(entry, self.now))

    @rule(number=NUMBERS)
    def accept_again(self, number: int) -> None:
        taken = number < self.accepted
        assert self.queue.was_accepted(self.conn, f"m{number}") == taken
        if taken:
            with pytest.raises(DuplicateMessage):
                self.queue.accept(self.conn, f"m{number}", b"other", self.now)
            assert self.queue.body(self.conn, f"m{number}") == f"m{number}".encode()

    @rule(
        recipient=RECIPIENTS,
        channel=CHANNELS,
        kinds=st.none() | st.lists(KINDS, unique=True),
        node_id=NODES,
        limit=st.integers(1, 4),
        lease_for=MINUTES,
        cautious=st.booleans(),
    )
    def lease(
        self,
        recipient: str,
        channel: Channel,
        kinds: list[str] | None,
        node_id: str | None,
        limit: int,
        lease_for: timedelta,
        cautious: bool,
    ) -> None:
        given = self.queue.lease(
            self.conn,
            recipient=recipient,
            channel=channel,
            now=self.now,
            lease_for=lease_for,
            kinds=kinds,
            node_id=node_id,
            limit=limit,
            cautious=cautious,
        )
        expected = self._head(recipient, channel, kinds, node_id)[:limit]
        if cautious and expected and expected[0].returned:
            expected = expected[:1]
        for row in expected:
            row.attempts += 1
            row.leased_until = self.now + lease_for
        assert given == [_leased(row, self.now + lease_for) for row in expected]

    @rule(recipient=RECIPIENTS, channel=CHANNELS)
    def drain(self, recipient: str, channel: Channel) -> None:
        given = self.queue.drain(self.conn, recipient=recipient, channel=channel, now=self.now)
        expected = self._head(recipient, channel, None, None)[:1]
        for row in expected:
            row.attempts += 1
        assert ([] if given is None else [given]) == [_leased(row, self.now) for row in expected]
        for row in expected:
            self.rows.remove(row)

    @rule(recipient=RECIPIENTS, number=NUMBERS)
    def ack(self, recipient: str, number: int) -> None:
        row = self._find(recipient, number)
        if row is None or not row.attempts:
            with pytest.raises(NotLeased):
                self.queue.ack(self.conn, recipient=recipient, message_id=f"m{number}")
        else:
            entry = self.queue.ack(self.conn, recipient=recipient, message_id=f"m{number}")
            assert entry == row.entry
            self.rows.remove(row)

    @rule(recipient=RECIPIENTS, numbers=st.lists(NUMBERS, max_size=4, unique=True))
    def hold_and_ack_all(self, recipient: str, numbers: list[int]) -> None:
        ids = [f"m{number}" for number in numbers]
        rows = [row for row in (self._find(recipient, number) for number in numbers) if row and row.attempts]
        expected = {row.entry.message_id: row.entry for row in rows}
        assert self.queue.hold(self.conn, recipient=recipient, message_ids=ids) == expected.keys()
        gone = self.queue.ack_all(self.conn, recipient=recipient, message_ids=ids)
        assert {entry.message_id: entry for entry in gone} == expected
        for row in rows:
            self.rows.remove(row)

    @rule(limit=st.integers(1, 3))
    def expired(self, limit: int) -> None:
        late = [row for row in self.rows if row.late(self.now) and row.available(self.now)]
        given = self.queue.expired(self.conn, self.now, limit)
        # Of those whose EOL is the same no order is promised.
        assert [entry.expires_at for entry in given] == sorted(row.entry.expires_at for row in late)[:limit]  # type: ignore[type-var]
        for row in [row for row in late if row.entry in given]:
            self.rows.remove(row)

    @rule(recipient=RECIPIENTS, number=NUMBERS, pause=st.none() | MINUTES)
    def release(self, recipient: str, number: int, pause: timedelta | None) -> None:
        row = self._find(recipient, number)
        again_at = None if pause is None else self.now + pause
        # Where a lease has ended it is for the queue to say when: it may have put the entry back already.
        if row is not None and row.leased_until is not None and row.leased_until > self.now:
            self.queue.release(self.conn, recipient=recipient, message_id=f"m{number}", again_at=again_at)
            row.leased_until = again_at
        elif row is None or not row.attempts:
            with pytest.raises(NotLeased):
                self.queue.release(self.conn, recipient=recipient, message_id=f"m{number}")

    @rule(duration=MINUTES)
    def pass_time(self, duration: timedelta) -> None:
        self.now += duration

    @invariant()
    def figures_agree(self) -> None:
        expected = []
        for recipient, channel in sorted({(row.entry.recipient, row.entry.channel) for row in self.rows}):
            rows = [row for row in self.rows if (row.entry.recipient, row.entry.channel) == (recipient, channel)]
            waiting = [row for row in rows if row.available(self.now)]
            age = self.now - min(row.enqueued_at for row in waiting) if waiting else None
            expected.append(QueueFigures(recipient, channel, len(waiting), len(rows) - len(waiting), age))
        assert self.queue.figures(self.conn, self.now) == expected

    @invariant()
    def counts_agree(self) -> None:
        for recipient in ("FRMR", "REGION"):
            rows = [row for row in self.rows if row.entry.recipient == recipient]
            waiting = Counter((row.entry.channel, row.entry.node_id or "") for row in rows if row.available(self.now))
            for most in (2, 100):
                expected = [
                    Pending(at, node or None, min(count, most)) for (at, node), count in sorted(waiting.items())
                ]
                assert self.queue.statistics(self.conn, recipient, self.now, most) == expected
                deep = sum(row.entry.channel is Channel.REQUEST for row in rows)
                assert self.queue.depth(self.conn, recipient, Channel.REQUEST, most) == min(deep, most)

    def _head(self, recipient: str, channel: Channel, kinds: list[str] | None, node_id: str | None) -> list[Row]:
        readable = [
            row
            for row in self.rows
            if (row.entry.recipient, row.entry.channel, row.entry.node_id) == (recipient, channel, node_id)
            and (kinds is None or row.entry.kind in kinds)
            and row.available(self.now)
            and not row.late(self.now)
            and not self._behind(row)
        ]
        return sorted(readable, key=lambda row: row.order)

    def _behind(self, row: Row) -> bool:
        """Whether an earlier entry of the same recipient and key is there."""
        same = [
            other
            for other in self.rows
            if row.entry.order_key is not None
            and (other.entry.recipient, other.entry.order_key) == (row.entry.recipient, row.entry.order_key)
        ]
        return bool(same) and same[0] is not row

    def _find(self, recipient: str, number: int) -> Row | None:
        return next(
            (row for row in self.rows if (row.entry.recipient, row.entry.message_id) == (recipient, f"m{number}")), None
        )


def _leased(row: Row, until: datetime) -> Leased:
    return Leased(row.entry, row.entry.message_id.encode(), row.attempts, row.enqueued_at, until)


def test_the_queue_agrees_with_a_naive_one(engine: Engine) -> None:
    machine = type("Machine", (Machine,), {"engine": engine})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=60, stateful_step_count=50, deadline=None, suppress_health_check=[HealthCheck.too_slow]
        ),
    )
