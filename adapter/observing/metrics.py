"""Counters and histograms of the work, in a registry that is passed in."""

from prometheus_client import CollectorRegistry, Counter, Histogram

from ...signing.algorithms import SIGNATURES
from ..exchange.observing import BatchRecord, CallRecord, Outcome, RequestRecord, Step, StepRecord
from . import catalogue
from .catalogue import Family

_UNKNOWN = "unknown"
_OK = "ok"
_ALGORITHMS = {uri: uri.replace("#", ":").rpartition(":")[2] for uri in SIGNATURES}
"""Short names of the algorithms by their URIs: the last part, which no two of them share."""


class Metrics:
    """What is counted while the work goes on. Safe for use by many threads. All durations are seconds."""

    def __init__(self, registry: CollectorRegistry) -> None:
        """Makes the metrics in `registry`, which must not have them yet."""

        def counter(family: Family) -> Counter:
            return Counter(family.name, family.meaning, family.labels, registry=registry)

        def histogram(family: Family) -> Histogram:
            return Histogram(family.name, family.meaning, family.labels, registry=registry, buckets=family.buckets)

        self._calls = counter(catalogue.CALLS)
        self._call_seconds = histogram(catalogue.CALL_SECONDS)
        self._octets_in = histogram(catalogue.OCTETS_IN)
        self._octets_out = histogram(catalogue.OCTETS_OUT)
        self._messages = counter(catalogue.MESSAGES)
        self._signatures = histogram(catalogue.SIGNATURE_SECONDS)
        self._steps = histogram(catalogue.STEP_SECONDS)
        self._requests = counter(catalogue.REQUESTS)
        self._repeated = counter(catalogue.REQUESTS_REPEATED)
        self._request_seconds = histogram(catalogue.REQUEST_SECONDS)
        self._batch_seconds = histogram(catalogue.BATCH_SECONDS)
        self._batch_requests = histogram(catalogue.BATCH_REQUESTS)

    def called(self, call: CallRecord, seconds: float) -> None:
        """A call has been answered."""
        operation = call.operation or _UNKNOWN
        self._calls.labels(operation, call.contract, call.fault or _OK).inc()
        self._call_seconds.labels(operation).observe(seconds)
        self._octets_in.labels(operation).observe(call.octets_in)
        self._octets_out.labels(operation).observe(call.octets_out)
        if call.kind and not call.fault:
            self._messages.labels(operation, call.message_type, call.kind).inc()

    def stepped(self, step: StepRecord, seconds: float) -> None:
        """A step has been taken."""
        if step.step in (Step.VERIFY, Step.SIGN):
            self._signatures.labels(step.step, _ALGORITHMS.get(step.algorithm, _UNKNOWN)).observe(seconds)
        else:
            self._steps.labels(step.step).observe(seconds)

    def requested(self, request: RequestRecord, seconds: float) -> None:
        """The worker has made an attempt at a request; whether it holds, the end of the batch will tell."""
        self._request_seconds.labels(request.kind).observe(seconds)

    def ended(self, batch: BatchRecord, seconds: float) -> None:
        """A batch has been committed or undone; the outcomes of its requests stand now."""
        self._batch_seconds.observe(seconds)
        self._batch_requests.observe(batch.size)
        for request in batch.requests:
            self._requests.labels(request.kind, request.outcome).inc()
            if request.attempt > 1 and request.outcome is not Outcome.GONE:
                self._repeated.labels(request.kind).inc()
