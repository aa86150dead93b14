"""Counters and histograms of the work, in a registry that is passed in."""

from collections.abc import Callable
from functools import cache

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

        # Found by their labels at every call: the library's own way to them takes a lock and makes texts of them.
        def counter(family: Family) -> Callable[..., Counter]:
            return cache(Counter(family.name, family.meaning, family.labels, registry=registry).labels)

        def unlabelled(family: Family) -> Histogram:
            return Histogram(family.name, family.meaning, registry=registry, buckets=family.buckets)

        def histogram(family: Family) -> Callable[..., Histogram]:
            made = Histogram(family.name, family.meaning, family.labels, registry=registry, buckets=family.buckets)
            return cache(made.labels)

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
        self._batch_seconds = unlabelled(catalogue.BATCH_SECONDS)
        self._batch_requests = unlabelled(catalogue.BATCH_REQUESTS)

    def called(self, call: CallRecord, seconds: float) -> None:
        """A call has been answered."""
        operation = call.operation or _UNKNOWN
        self._calls(operation, call.contract, call.fault or _OK).inc()
        self._call_seconds(operation).observe(seconds)
        self._octets_in(operation).observe(call.octets_in)
        self._octets_out(operation).observe(call.octets_out)
        if call.kind and not call.fault:
            self._messages(operation, call.message_type, call.kind).inc()

    def stepped(self, step: StepRecord, seconds: float) -> None:
        """A step has been taken."""
        if step.step in (Step.VERIFY, Step.SIGN):
            self._signatures(step.step, _ALGORITHMS.get(step.algorithm, _UNKNOWN)).observe(seconds)
        else:
            self._steps(step.step).observe(seconds)

    def requested(self, request: RequestRecord, seconds: float) -> None:
        """The worker has made an attempt at a request; whether it holds, the end of the batch will tell."""
        self._request_seconds(request.kind).observe(seconds)

    def ended(self, batch: BatchRecord, seconds: float) -> None:
        """A batch has been committed or undone; the outcomes of its requests stand now."""
        self._batch_seconds.observe(seconds)
        self._batch_requests.observe(batch.size)
        for request in batch.requests:
            self._requests(request.kind, request.outcome).inc()
            if request.attempt > 1 and request.outcome is not Outcome.GONE:
                self._repeated(request.kind).inc()
