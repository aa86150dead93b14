"""A history of changes, read as of any day and as known at any moment, is what a naive list of them says."""

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from mezhved.adapter.registry import changes
from mezhved.adapter.registry.facts import Provenance, VersionSuperseded, add, reinstate, revise, withdraw
from mezhved.adapter.registry.reading import Moment, fact, facts, history
from mezhved.adapter.registry.schema import awards, workers
from sqlalchemy import Engine, insert

FIRST = datetime(2026, 1, 1, tzinfo=UTC)
DAYS = st.none() | st.integers(1, 12).map(lambda day: date(2020, 1, day))
WORKERS = ("2024.0000001", "2024.0000002")
NAMES = ("entity_id", "worker_oid", "award", "valid_from", "valid_to")


@dataclass(frozen=True)
class Version:
    """What the naive register knows of one version; `alive` False: it took the fact back."""

    values: tuple[object, ...]
    number: int
    known_from: datetime
    known_to: datetime | None = None
    alive: bool = True

    def answers(self, as_of: date | None, known_on: datetime | None) -> bool:
        if not self.alive:
            return False
        if known_on is None:
            if self.known_to is not None:
                return False
        elif not (self.known_from <= known_on and (self.known_to is None or known_on < self.known_to)):
            return False
        first, last = self.values[3], self.values[4]
        return as_of is None or ((first is None or first <= as_of) and (last is None or as_of <= last))


@dataclass
class Naive:
    """Lists of versions, by entity."""

    versions: dict[str, list[Version]] = field(default_factory=dict)

    @property
    def moments(self) -> list[datetime]:
        """When something changed."""
        return sorted({version.known_from for versions in self.versions.values() for version in versions})

    def close(self, entity: str, now: datetime) -> None:
        last = self.versions[entity][-1]
        if last.known_to is None:
            self.versions[entity][-1] = replace(last, known_to=now)

    def put(self, entity: str, values: tuple[object, ...], now: datetime, *, alive: bool = True) -> None:
        known = self.versions.setdefault(entity, [])
        known.append(Version(values, len(known) + 1, now, None if alive else now, alive))

    def ask(self, worker: str, as_of: date | None, known_on: datetime | None) -> set[tuple[object, ...]]:
        found = (version for versions in self.versions.values() for version in versions)
        return {(*v.values, v.number) for v in found if v.values[1] == worker and v.answers(as_of, known_on)}


class Machine(RuleBasedStateMachine):
    """Does the same to the register and to the lists. All in one transaction, which is rolled back at the end."""

    engine: Engine

    def __init__(self) -> None:
        super().__init__()
        self.conn = self.engine.connect()
        self.transaction = self.conn.begin()
        self.conn.execute(insert(workers), [{"oid": oid, "registered_at": FIRST} for oid in WORKERS])
        self.naive, self.now, self.told = Naive(), FIRST, 0

    def teardown(self) -> None:
        self.transaction.rollback()
        self.conn.close()

    @property
    def provenance(self) -> Provenance:
        return Provenance("TEST", "message", self.now)

    @rule(hours=st.integers(0, 30))
    def time_passes(self, hours: int) -> None:
        self.now += timedelta(hours=hours)

    @rule(worker=st.sampled_from(WORKERS), award=st.sampled_from("12"), days=st.tuples(DAYS, DAYS))
    def somebody_is_awarded(self, worker: str, award: str, days: tuple[date | None, date | None]) -> None:
        entity = f"award {len(self.naive.versions)}"
        values = (entity, worker, award, *_period(days))
        row = dict(zip(NAMES, values, strict=True)) | {"award_kind": "AWARD", "awarded_on": date(2020, 1, 1)}
        add(self.conn, awards, self.provenance, row)
        self.naive.put(entity, values, self.now)
        self.told += 1

    @rule(data=st.data(), award=st.sampled_from("123"), days=st.tuples(DAYS, DAYS))
    def an_award_is_changed(self, data: st.DataObject, award: str, days: tuple[date | None, date | None]) -> None:
        entity, current = self._some(data)
        if current is not None:
            first, last = _period(days)
            changed = {"award": award, "valid_from": first, "valid_to": last}
            revise(self.conn, awards, self.provenance, current, changed)
            self.naive.close(entity, self.now)
            self.naive.put(entity, (entity, current["worker_oid"], award, first, last), self.now)
            self.told += 1

    @rule(data=st.data())
    def an_award_is_taken_back(self, data: st.DataObject) -> None:
        entity, current = self._some(data)
        if current is not None:
            withdraw(self.conn, awards, self.provenance, current)
            self.naive.close(entity, self.now)
            self.naive.put(entity, self.naive.versions[entity][-1].values, self.now, alive=False)
            self.told += 1

    @rule(data=st.data(), which=st.integers(0, 20))
    def an_award_is_given_back(self, data: st.DataObject, which: int) -> None:
        entity, current = self._some(data)
        if entity and current is None:
            versions = history(self.conn, awards, entity)
            wanted = versions[which % (len(versions) - 1)]
            reinstate(self.conn, awards, self.provenance, versions[-1], wanted)
            self.naive.put(entity, tuple(wanted[name] for name in NAMES), self.now)
            self.told += 1

    @rule(data=st.data())
    def nobody_replaces_what_is_no_longer_current(self, data: st.DataObject) -> None:
        entity, current = self._some(data)
        versions = history(self.conn, awards, entity) if entity else []
        if len(versions) > 1:
            with pytest.raises(VersionSuperseded) as refused:
                revise(self.conn, awards, self.provenance, versions[0], {"award": "9"})
            assert refused.value.current == (None if current is None else current["version"])

    @rule(data=st.data(), worker=st.sampled_from(WORKERS), as_of=DAYS, off=st.sampled_from([-1, 0, 0, 1]))
    def anything_may_be_asked(self, data: st.DataObject, worker: str, as_of: date | None, off: int) -> None:
        """Of moments most are those at which something changed, and their neighbours."""
        moment = data.draw(st.sampled_from([None, FIRST, *self.naive.moments]))
        known_on = None if moment is None else moment + timedelta(microseconds=off)
        found = facts(self.conn, awards, Moment(as_of, known_on), worker_oid=worker)
        answer = [(*(row[name] for name in NAMES), row["version"]) for row in found]
        assert set(answer) == self.naive.ask(worker, as_of, known_on)
        assert len(answer) == len(set(answer))

    @invariant()
    def every_version_is_kept_and_told_once(self) -> None:
        feed = self.conn.execute(changes.changes.select().order_by(changes.changes.c.sequence)).all()
        assert len(feed) == self.told == sum(map(len, self.naive.versions.values()))
        assert len({(row.entity_id, row.version) for row in feed}) == self.told

    def _some(self, data: st.DataObject) -> tuple[str, dict[str, object] | None]:
        """An award, and its current version if it has one."""
        if not self.naive.versions:
            return "", None
        entity = data.draw(st.sampled_from(sorted(self.naive.versions)))
        return entity, fact(self.conn, awards, entity)


def _period(days: tuple[date | None, date | None]) -> tuple[date | None, date | None]:
    first, last = days
    return (last, first) if first and last and last < first else (first, last)


def test_the_register_remembers_as_a_list_would(engine: Engine) -> None:
    Machine.engine = engine
    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=40, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )


def test_what_was_known_on_a_day_is_what_was_known_at_its_end_in_moscow() -> None:
    moment = Moment.of(known_on=date(2026, 3, 1))
    assert moment.known_on is not None
    assert moment.known_on.astimezone(UTC) == datetime(2026, 3, 1, 20, 59, 59, 999_999, tzinfo=UTC)
