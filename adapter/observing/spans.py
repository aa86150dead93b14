"""Spans of the work for a tracer, as an interface, so that nothing of OpenTelemetry is needed without one."""

from contextlib import AbstractContextManager, nullcontext
from typing import Protocol

from ..exchange.observing import BatchRecord, CallRecord, RequestRecord, StepRecord


class Spans(Protocol):
    """Opens a span around work; the record is read at the end."""

    def call(self, call: CallRecord) -> AbstractContextManager[object]:
        """A call."""

    def batch(self, batch: BatchRecord) -> AbstractContextManager[object]:
        """A batch of the worker."""

    def request(self, request: RequestRecord) -> AbstractContextManager[object]:
        """A request within a batch."""

    def step(self, step: StepRecord) -> AbstractContextManager[object]:
        """A step of whatever is going on."""

    def close(self) -> None:
        """Hands over what has not been sent yet."""


class _NoSpans:
    """Nothing is traced."""

    def call(self, call: CallRecord) -> AbstractContextManager[object]:  # noqa: ARG002
        return _NOTHING

    def batch(self, batch: BatchRecord) -> AbstractContextManager[object]:  # noqa: ARG002
        return _NOTHING

    def request(self, request: RequestRecord) -> AbstractContextManager[object]:  # noqa: ARG002
        return _NOTHING

    def step(self, step: StepRecord) -> AbstractContextManager[object]:  # noqa: ARG002
        return _NOTHING

    def close(self) -> None:
        return


_NOTHING = nullcontext()
NO_SPANS: Spans = _NoSpans()
