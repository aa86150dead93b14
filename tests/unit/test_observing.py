"""What is counted, timed and logged of the work; readiness; and nothing that a caller makes up becomes a label."""

import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from mezhved.adapter.exchange.observing import BatchRecord, CallRecord, Outcome, RequestRecord, Step, StepRecord
from mezhved.adapter.observing.catalogue import CATALOGUE, Type
from mezhved.adapter.observing.collectors import PoolCollector, ProcessCollector, TrafficCollector, next_update
from mezhved.adapter.observing.context import current
from mezhved.adapter.observing.exposition import Registry, exposed
from mezhved.adapter.observing.metrics import Metrics
from mezhved.adapter.observing.observer import ProcessObserver
from mezhved.adapter.observing.readiness import Readiness, key_check, trust_check
from mezhved.adapter.observing.traffic import Traffic
from mezhved.signing.algorithms import GOST2012_256, SIGNATURES
from mezhved.signing.authority import create_authority
from mezhved.signing.trust import TrustStore
from prometheus_client.parser import text_string_to_metric_families

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
FOREIGN = "01234567-89ab-11f1-8000-0242ac130002"


class Timer:
    """Seconds that pass as the test says."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


class Watched:
    """An observer with its registry and its timer."""

    def __init__(self) -> None:
        self.timer = Timer()
        self.registry = Registry()
        self.observer = ProcessObserver(Metrics(self.registry), new_call_id=lambda: "c-1", timer=self.timer)

    def call(self, record: CallRecord, seconds: float = 0.004, **found: Any) -> None:
        with self.observer.watch(record):
            self.timer.now += seconds
            for name, value in found.items():
                setattr(record, name, value)

    def value(self, name: str, **labels: str) -> float | None:
        return self.registry.get_sample_value(name, labels)


@pytest.fixture
def watched() -> Watched:
    return Watched()


def test_a_call_is_counted_by_operation_version_and_outcome(watched: Watched) -> None:
    accepted = CallRecord("1.3", "192.0.2.1", octets_in=2000)
    watched.call(accepted, operation="SendRequest", message_type="REQUEST", kind="worker_card", octets_out=500)
    watched.call(CallRecord("1.3"), operation="SendRequest", kind="worker_card", fault="AccessDenied", code="SMEV-1")
    watched.call(CallRecord("1.1"), fault="ClientFault")
    calls = "mezhved_calls_total"
    assert watched.value(calls, operation="SendRequest", contract="1.3", outcome="ok") == 1
    assert watched.value(calls, operation="SendRequest", contract="1.3", outcome="AccessDenied") == 1
    assert watched.value(calls, operation="unknown", contract="1.1", outcome="ClientFault") == 1
    assert watched.value("mezhved_call_seconds_sum", operation="SendRequest") == pytest.approx(0.008)
    assert watched.value("mezhved_call_octets_in_sum", operation="SendRequest") == 2000
    assert watched.value("mezhved_call_octets_out_sum", operation="SendRequest") == 500
    # What was refused is no message.
    message = {"operation": "SendRequest", "type": "REQUEST", "kind": "worker_card"}
    assert watched.value("mezhved_messages_total", **message) == 1


def test_a_call_is_counted_even_if_its_work_breaks_off(watched: Watched) -> None:
    with pytest.raises(KeyboardInterrupt), watched.observer.watch(CallRecord("1.2")):
        raise KeyboardInterrupt
    assert watched.value("mezhved_calls_total", operation="unknown", contract="1.2", outcome="ok") == 1
    assert current.get() is None


def test_signatures_are_timed_by_algorithm_and_other_steps_by_name(watched: Watched) -> None:
    for step in (StepRecord(Step.SIGN, GOST2012_256.uri), StepRecord(Step.VERIFY, FOREIGN), StepRecord(Step.STORE)):
        with watched.observer.watch(step):
            watched.timer.now += 0.5
    seconds = "mezhved_signature_seconds_sum"
    assert watched.value(seconds, action="sign", algorithm="gostr34102012-gostr34112012-256") == 0.5
    assert watched.value(seconds, action="verify", algorithm="unknown") == 0.5
    assert watched.value("mezhved_step_seconds_sum", step="store") == 0.5


def test_algorithms_have_different_short_names(watched: Watched) -> None:
    for uri in SIGNATURES:
        with watched.observer.watch(StepRecord(Step.SIGN, uri)):
            pass
    [family] = [one for one in watched.registry.collect() if one.name == "mezhved_signature_seconds"]
    assert len({sample.labels["algorithm"] for sample in family.samples}) == len(SIGNATURES)


def requests_of(watched: Watched, *, fails: bool = False) -> None:
    batch = BatchRecord(2)
    with watched.observer.watch(batch):
        for number, outcome in enumerate((Outcome.ANSWERED, Outcome.GIVEN_UP), 1):
            record = RequestRecord(f"m-{number}", "worker_card", attempt=number)
            batch.requests.append(record)
            with watched.observer.watch(record):
                watched.timer.now += 0.25
                record.outcome = outcome
        if fails:
            raise ConnectionError


def test_requests_of_a_batch_count_once_it_is_committed(watched: Watched) -> None:
    requests_of(watched)
    count = "mezhved_requests_total"
    assert watched.value(count, kind="worker_card", outcome="answered") == 1
    assert watched.value(count, kind="worker_card", outcome="given_up") == 1
    assert watched.value("mezhved_requests_repeated_total", kind="worker_card") == 1
    assert watched.value("mezhved_batch_seconds_sum") == 0.5
    assert watched.value("mezhved_batch_requests_sum") == 2


def test_a_batch_that_is_undone_has_answered_nothing(watched: Watched) -> None:
    with pytest.raises(ConnectionError):
        requests_of(watched, fails=True)
    count = "mezhved_requests_total"
    assert watched.value(count, kind="worker_card", outcome="undone") == 2
    assert watched.value(count, kind="worker_card", outcome="answered") is None


def test_there_is_one_line_a_call_and_one_a_request(watched: Watched, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    watched.call(CallRecord("1.2", "192.0.2.1", octets_in=9), operation="Ack", octets_out=7)
    watched.call(CallRecord("1.2", "192.0.2.1"), operation="Ack", fault="TargetMessageIsNotFound")
    requests_of(watched)
    assert [record.getMessage() for record in caplog.records] == [
        "call answered",
        "call refused",
        "request answered",
        "request given_up",
    ]
    assert vars(caplog.records[0])["fields"] == {"ms": 4.0, "in": 9, "out": 7, "peer": "192.0.2.1"}
    assert caplog.records[3].levelname == "WARNING"


def test_nothing_that_a_caller_makes_up_becomes_a_label(watched: Watched) -> None:
    for number in range(50):
        made_up = {"message_id": f"{FOREIGN}-{number}", "sender": f"S{number}", "code": f"SMEV-{number}"}
        watched.call(CallRecord("1.2", f"192.0.2.{number}"), operation="Ack", fault="AccessDenied", **made_up)
        with watched.observer.watch(StepRecord(Step.VERIFY, f"urn:{number}")):
            pass
    text = exposed(watched.registry).decode()
    assert FOREIGN not in text
    assert "192.0.2" not in text
    series = [line for line in text.splitlines() if line.startswith("mezhved_calls_total")]
    assert len(series) == 1


def full_registry() -> Registry:
    """A registry with everything that needs no database, each counter and histogram touched."""
    watched = Watched()
    watched.call(CallRecord("1.2"), operation="Ack", message_type="RESPONSE", kind="echo")
    requests_of(watched)
    for step in Step:
        with watched.observer.watch(StepRecord(step)):
            pass
    authority = create_authority("p256", "CN=CA", valid_from=NOW, valid_to=NOW + timedelta(days=9))
    watched.registry.register(TrafficCollector(traffic := Traffic(2, calls=5, overloaded=3)))
    traffic.refused[413] += 1
    watched.registry.register(ProcessCollector("0.0", authority.certificate, ()))
    return watched.registry


def test_what_is_exposed_can_be_read_and_stands_in_the_catalogue() -> None:
    found = {family.name: family for family in text_string_to_metric_families(exposed(full_registry()).decode())}
    known = {family.name: family for family in CATALOGUE}
    for name, family in found.items():
        assert family.type == known[name].type, name
        assert family.documentation == known[name].meaning, name
        labels = {label for sample in family.samples for label in sample.labels} - {"le"}
        assert labels == set(known[name].labels), name
    assert found["mezhved_calls_in_work"].samples[0].value == 2
    assert found["mezhved_calls_waiting"].samples[0].value == 3
    assert not [name for name in found if name.endswith("_created")]


def test_names_follow_the_customs_of_prometheus() -> None:
    for family in CATALOGUE:
        assert family.name.startswith("mezhved_")
        assert not family.name.endswith("_total")
        assert bool(family.buckets) is (family.type is Type.HISTOGRAM)
        assert list(family.buckets) == sorted(family.buckets)


def test_two_monitors_in_one_process_know_nothing_of_each_other() -> None:
    first, second = Watched(), Watched()
    first.call(CallRecord("1.2"), operation="Ack")
    assert second.value("mezhved_calls_total", operation="Ack", contract="1.2", outcome="ok") is None


def test_a_pool_without_numbers_is_left_out() -> None:
    class Engine:
        pool = object()

    assert list(PoolCollector(Engine()).collect()) == []  # type: ignore[arg-type]


# -- readiness --------------------------------------------------------------------------------------------------------


def test_readiness_says_all_that_is_missing_and_asks_once_a_second() -> None:
    timer, asked = Timer(), []

    def answers() -> Iterator[str | None]:
        yield from ("the database does not answer", None, None)

    upcoming = answers()

    def check() -> str | None:
        asked.append(timer.now)
        return next(upcoming)

    ready = Readiness([check, lambda: "no key" if timer.now < 102 else None], timer)
    assert ready() == "the database does not answer; no key"
    timer.now += 0.9
    assert ready() == "the database does not answer; no key"
    assert len(asked) == 1
    timer.now += 0.2
    assert ready() == "no key"
    timer.now += 1
    assert ready() is None


def test_a_key_must_sign_and_its_certificate_be_valid() -> None:
    authority = create_authority("p256", "CN=CA", valid_from=NOW, valid_to=NOW + timedelta(days=9))
    issued = authority.issue("CN=node", key_type="p256", serial=7, valid_from=NOW, valid_to=NOW + timedelta(days=2))
    key, other = (
        issued.signing_key(),
        authority.issue(
            "CN=x", key_type="p256", serial=8, valid_from=NOW, valid_to=NOW + timedelta(days=2)
        ).signing_key(),
    )
    assert key_check(key, lambda: NOW)() is None
    assert "not valid now" in (key_check(key, lambda: NOW + timedelta(days=2))() or "")
    assert "not valid now" in (key_check(key, lambda: NOW - timedelta(seconds=1))() or "")
    mixed = type(key)(key.certificate, key.algorithm, other.private)
    assert "cannot be used" in (key_check(mixed, lambda: NOW)() or "")


def test_a_stale_list_matters_where_lists_are_demanded() -> None:
    authority = create_authority("p256", "CN=CA", valid_from=NOW, valid_to=NOW + timedelta(days=90))

    def crl(days: int) -> Any:
        return authority.make_crl(number=days, this_update=NOW, next_update=NOW + timedelta(days=days))

    lists = [crl(5), crl(2)]
    assert next_update(lists) == NOW + timedelta(days=5)
    for demanded, days, stale in ((True, 4, False), (True, 5, True), (False, 5, False)):
        trust = TrustStore([authority.certificate], crls=lists, require_crl=demanded)
        missing = trust_check(trust, lambda days=days: NOW + timedelta(days=days))()
        assert (missing is not None) is stale
