"""Traces by OpenTelemetry. Imported only where a collector is configured: it needs the extra `mezhved[otel]`.

Message and trace go separate ways: nothing is added to a message, whose octets are signed. The spans of node and worker
about one message share the attribute `mezhved.message_id`.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import SERVICE_INSTANCE_ID, SERVICE_NAME, SERVICE_VERSION, Resource
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.sampling import ParentBasedTraceIdRatio
from opentelemetry.trace import Span, SpanKind, Status, StatusCode, get_current_span

from ..exchange.observing import BatchRecord, CallRecord, Outcome, RequestRecord, StepRecord

_NODE_FAILED = "SMEVFailure"
_WELL = {Outcome.ANSWERED, Outcome.REFUSED, Outcome.GONE}


class OpenTelemetrySpans:
    """Spans of this process, handed to `processor`; a `share` of all traces between 0 and 1 is kept."""

    def __init__(self, processor: SpanProcessor, *, service: str, instance: str, version: str, share: float) -> None:
        resource = Resource.create({SERVICE_NAME: service, SERVICE_INSTANCE_ID: instance, SERVICE_VERSION: version})
        self._provider = TracerProvider(
            resource=resource, sampler=ParentBasedTraceIdRatio(share), shutdown_on_exit=False
        )
        self._provider.add_span_processor(processor)
        self._tracer = self._provider.get_tracer("mezhved", version)

    @contextmanager
    def call(self, call: CallRecord) -> Iterator[None]:
        """A call; its span bears the operation's name once that is known."""
        with self._span("call", SpanKind.SERVER) as span:
            try:
                yield
            finally:
                if call.operation:
                    span.update_name(call.operation)
                _describe(span, **call.fields())
                if call.fault == _NODE_FAILED:
                    span.set_status(Status(StatusCode.ERROR))

    @contextmanager
    def batch(self, batch: BatchRecord) -> Iterator[None]:
        """A batch of the worker."""
        with self._span("batch", SpanKind.INTERNAL) as span:
            span.set_attribute("mezhved.requests", batch.size)
            yield

    @contextmanager
    def request(self, request: RequestRecord) -> Iterator[None]:
        """A request within a batch."""
        with self._span("request", SpanKind.CONSUMER) as span:
            try:
                yield
            finally:
                _describe(span, outcome=request.outcome, **request.fields())
                span.set_attribute("mezhved.attempt", request.attempt)
                if request.outcome not in _WELL:
                    span.set_status(Status(StatusCode.ERROR))

    @contextmanager
    def step(self, step: StepRecord) -> Iterator[None]:
        """A step of whatever is going on."""
        if not get_current_span().is_recording():  # nobody asked: a probe, a scrape, a look at an empty queue
            yield
            return
        with self._span(step.step, SpanKind.INTERNAL) as span:
            try:
                yield
            finally:
                _describe(span, algorithm=step.algorithm)

    def close(self) -> None:
        """Sends what has not been sent yet, and ends the sending thread."""
        self._provider.shutdown()

    @contextmanager
    def _span(self, name: str, kind: SpanKind) -> Iterator[Span]:
        # The texts of exceptions stay out of it: they may repeat what a caller has sent.
        with self._tracer.start_as_current_span(
            name, kind=kind, record_exception=False, set_status_on_exception=False
        ) as span:
            try:
                yield span
            except BaseException as error:
                span.set_attribute("error.type", type(error).__name__)
                span.set_status(Status(StatusCode.ERROR))
                raise


def exporting(endpoint: str, *, service: str, instance: str, version: str, share: float) -> OpenTelemetrySpans:
    """Spans that are sent to the OTLP/HTTP collector at `endpoint`, in batches, by a thread of their own."""
    processor = BatchSpanProcessor(OTLPSpanExporter(endpoint=endpoint))
    return OpenTelemetrySpans(processor, service=service, instance=instance, version=version, share=share)


def _describe(span: Span, **attributes: str) -> None:
    for name, value in attributes.items():
        if value:
            span.set_attribute(f"mezhved.{name}", value)
