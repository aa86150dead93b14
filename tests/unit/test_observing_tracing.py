"""Traces: which spans there are, how they hang together, what they bear, and that nothing is imported without need."""

import subprocess
import sys

import pytest
from mezhved.adapter.exchange.observing import BatchRecord, CallRecord, Outcome, RequestRecord, Step, StepRecord
from mezhved.adapter.observing.exposition import Registry
from mezhved.adapter.observing.metrics import Metrics
from mezhved.adapter.observing.monitor import TracingUnavailable, monitoring
from mezhved.adapter.observing.observer import ProcessObserver
from mezhved.adapter.observing.tracing import OpenTelemetrySpans
from mezhved.adapter.settings import Settings, TracingSettings
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode


class Traced:
    """An observer whose spans stay in memory."""

    def __init__(self, share: float = 1.0) -> None:
        self.kept = InMemorySpanExporter()
        processor = SimpleSpanProcessor(self.kept)
        spans = OpenTelemetrySpans(processor, service="mezhved", instance="N-1", version="1", share=share)
        self.observer = ProcessObserver(Metrics(Registry()), new_call_id=lambda: "c-1", spans=spans)

    def spans(self) -> dict[str, ReadableSpan]:
        return {span.name: span for span in self.kept.get_finished_spans()}


def parent_of(spans: dict[str, ReadableSpan], name: str) -> str | None:
    parent = spans[name].parent
    return next((other for other, span in spans.items() if parent and span.context.span_id == parent.span_id), None)


def test_a_call_with_its_steps() -> None:
    traced = Traced()
    call = CallRecord("1.2", "192.0.2.1")
    with traced.observer.watch(call):
        with traced.observer.watch(StepRecord(Step.PARSE)):
            call.operation = "SendRequest"
        with traced.observer.watch(step := StepRecord(Step.VERIFY)):
            step.algorithm = "urn:a"
        call.concerns("m-1", "REQUEST", "worker_card")
        call.sender = "REGION"
    spans = traced.spans()
    assert set(spans) == {"SendRequest", "parse", "verify"}
    assert spans["SendRequest"].kind is SpanKind.SERVER
    assert dict(spans["SendRequest"].attributes or {}) == {
        "mezhved.call_id": "c-1",
        "mezhved.operation": "SendRequest",
        "mezhved.contract": "1.2",
        "mezhved.sender": "REGION",
        "mezhved.message_id": "m-1",
        "mezhved.kind": "worker_card",
    }
    assert parent_of(spans, "parse") == parent_of(spans, "verify") == "SendRequest"
    assert dict(spans["verify"].attributes or {}) == {"mezhved.algorithm": "urn:a"}
    assert spans["SendRequest"].resource.attributes["service.instance.id"] == "N-1"


def test_a_batch_with_its_requests() -> None:
    traced = Traced()
    with traced.observer.watch(BatchRecord(1)):
        request = RequestRecord("m-1", "worker_card", attempt=2, sender="REGION")
        with traced.observer.watch(request):
            with traced.observer.watch(StepRecord(Step.HANDLE)):
                pass
            request.outcome = Outcome.FAILED
    spans = traced.spans()
    assert parent_of(spans, "request") == "batch"
    assert parent_of(spans, "handle") == "request"
    assert spans["request"].kind is SpanKind.CONSUMER
    assert spans["request"].status.status_code is StatusCode.ERROR
    attributes = spans["request"].attributes or {}
    assert (attributes["mezhved.message_id"], attributes["mezhved.attempt"]) == ("m-1", 2)


def test_what_the_caller_did_wrong_is_no_error_of_the_node() -> None:
    for fault, expected in (("AccessDenied", StatusCode.UNSET), ("SMEVFailure", StatusCode.ERROR)):
        traced = Traced()
        with traced.observer.watch(call := CallRecord("1.2")):
            call.fault = fault
        assert traced.spans()["call"].status.status_code is expected


def test_an_error_leaves_its_name_but_not_its_text() -> None:
    traced = Traced()
    watch = traced.observer.watch
    with pytest.raises(ValueError, match="112"), watch(CallRecord("1.2")), watch(StepRecord(Step.VALIDATE)):
        raise ValueError("112-233-445 95")
    for span in traced.spans().values():
        assert (span.attributes or {})["error.type"] == "ValueError"
        assert "112-233" not in span.to_json()
        assert span.events == ()


def test_a_step_of_nothing_is_not_traced() -> None:
    """Looks at an empty queue, readiness, scrapes: they would be all that one sees."""
    traced = Traced()
    with traced.observer.watch(StepRecord(Step.STORE)):
        pass
    assert traced.spans() == {}


def test_only_a_share_is_traced() -> None:
    traced = Traced(share=0.0)
    with traced.observer.watch(CallRecord("1.2")), traced.observer.watch(StepRecord(Step.PARSE)):
        pass
    assert traced.spans() == {}


def test_without_a_collector_nothing_of_opentelemetry_is_imported() -> None:
    program = (
        "import sys; from mezhved.adapter import node; from mezhved.adapter.observing.monitor import monitoring\n"
        "from mezhved.adapter.settings import Settings\n"
        "with monitoring(Settings(), 'N', '1'): pass\n"
        "print([name for name in sys.modules if name.startswith('opentelemetry')])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_a_collector_without_the_extra_is_an_error_with_advice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "mezhved.adapter.observing.tracing", None)
    settings = Settings(tracing=TracingSettings(endpoint="http://127.0.0.1:9/v1/traces"))
    with pytest.raises(TracingUnavailable, match=r"mezhved\[otel\]"), monitoring(settings, "N", "1"):
        pass


def test_a_collector_that_is_not_there_disturbs_nobody(caplog: pytest.LogCaptureFixture) -> None:
    settings = Settings(tracing=TracingSettings(endpoint="http://127.0.0.1:9/v1/traces"))
    with monitoring(settings, "N", "1") as monitor, monitor.observer.watch(call := CallRecord("1.2")):
        call.operation = "Ack"
    assert monitor.registry.get_sample_value("mezhved_call_seconds_count", {"operation": "Ack"}) == 1
