"""The observer of a node or worker: counts the work, times it, traces it, and writes its lines to the log."""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from types import TracebackType

from ..exchange.observing import BatchRecord, CallRecord, Outcome, RequestRecord, StepRecord, Work
from .context import current
from .metrics import Metrics
from .spans import NO_SPANS, Spans

_CALLS = logging.getLogger("mezhved.calls")
_REQUESTS = logging.getLogger("mezhved.requests")
_LEVELS = {Outcome.UNDONE: logging.WARNING, Outcome.FAILED: logging.WARNING, Outcome.GIVEN_UP: logging.WARNING}


class ProcessObserver:
    """Watches one process. `new_call_id` names calls for the log; `timer` gives seconds that never go back."""

    def __init__(
        self,
        metrics: Metrics,
        *,
        new_call_id: Callable[[], str],
        spans: Spans = NO_SPANS,
        timer: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._metrics = metrics
        self._spans = spans
        self._new_call_id = new_call_id
        self._timer = timer

    def watch(self, work: Work) -> AbstractContextManager[object]:
        """See `adapter.exchange.observing.Observer`."""
        match work:
            case StepRecord():
                return _Step(work, self._metrics, self._spans.step(work), self._timer)
            case CallRecord():
                return self._call(work)
            case RequestRecord():
                return self._request(work)
            case BatchRecord():
                return self._batch(work)

    @contextmanager
    def _call(self, call: CallRecord) -> Iterator[None]:
        call.call_id = self._new_call_id()
        token = current.set(call)
        began = self._timer()
        try:
            with self._spans.call(call):
                yield
        finally:
            seconds = self._timer() - began
            self._metrics.called(call, seconds)
            if _CALLS.isEnabledFor(logging.INFO):
                fields = {
                    "ms": _milliseconds(seconds),
                    "in": call.octets_in,
                    "out": call.octets_out,
                    "peer": call.peer,
                }
                _CALLS.info("call refused" if call.fault else "call answered", extra={"fields": fields})
            current.reset(token)

    @contextmanager
    def _request(self, request: RequestRecord) -> Iterator[None]:
        token = current.set(request)
        began = self._timer()
        try:
            with self._spans.request(request):
                yield
        except BaseException:
            request.outcome = Outcome.UNDONE
            raise
        finally:
            request.seconds = self._timer() - began
            self._metrics.requested(request, request.seconds)
            current.reset(token)

    @contextmanager
    def _batch(self, batch: BatchRecord) -> Iterator[None]:
        began = self._timer()
        try:
            with self._spans.batch(batch):
                yield
        except BaseException:
            for request in batch.requests:
                request.outcome = Outcome.UNDONE
            raise
        finally:
            self._metrics.ended(batch, self._timer() - began)
            for request in batch.requests:
                _tell(request)


class _Step:
    """A step that is watched. There are half a dozen in a call, so no generator is made for each."""

    __slots__ = ("_began", "_metrics", "_span", "_step", "_timer")

    def __init__(
        self, step: StepRecord, metrics: Metrics, span: AbstractContextManager[object], timer: Callable[[], float]
    ) -> None:
        self._step = step
        self._metrics = metrics
        self._span = span
        self._timer = timer
        self._began = 0.0

    def __enter__(self) -> None:
        self._span.__enter__()
        self._began = self._timer()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._metrics.stepped(self._step, self._timer() - self._began)
        self._span.__exit__(kind, error, traceback)


def _tell(request: RequestRecord) -> None:
    level = _LEVELS.get(request.outcome, logging.INFO)
    if not _REQUESTS.isEnabledFor(level):
        return
    token = current.set(request)
    try:
        fields = {"attempt": request.attempt, "ms": _milliseconds(request.seconds)}
        _REQUESTS.log(level, "request %s", request.outcome, extra={"fields": fields})
    finally:
        current.reset(token)


def _milliseconds(seconds: float) -> float:
    return round(seconds * 1000, 2)
