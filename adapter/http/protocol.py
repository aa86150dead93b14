"""uvicorn's HTTP protocol with limits on the head of a request, which it does not have itself.

Without them a caller that never ends its headers holds a connection for ever, and one that sends headers without end
takes memory without end.
"""

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from .limits import HttpLimits


def bounded_protocol(limits: HttpLimits) -> type[HttpToolsProtocol]:
    """The protocol class with the limits `header_bytes` and `header_seconds`."""

    class BoundedProtocol(HttpToolsProtocol):
        """A connection that is closed when the head of a request is too long or too late."""

        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            self._in_head = True
            self._head_octets = 0
            self._head_timer: asyncio.TimerHandle | None = None

        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
            super().connection_made(transport)
            self._start_head()

        def connection_lost(self, exc: Exception | None) -> None:
            self._stop_timer()
            super().connection_lost(exc)

        def data_received(self, data: bytes) -> None:
            super().data_received(data)
            if self._in_head and not self.transport.is_closing():
                self._head_octets += len(data)
                if self._head_octets > limits.header_bytes:
                    self.send_400_response("Request head is too long.")
            elif self._is_idle() and self.timeout_keep_alive_task is None and self._head_timer is None:
                # What has come belongs to no request yet (empty lines), or to a body that nobody wants any more; it
                # has ended uvicorn's own timer.
                self._start_head()

        def on_message_begin(self) -> None:
            super().on_message_begin()
            self._start_head()

        def on_headers_complete(self) -> None:
            self._in_head = False
            self._stop_timer()
            super().on_headers_complete()

        def _start_head(self) -> None:
            self._in_head, self._head_octets = True, 0
            self._stop_timer()
            self._head_timer = self.loop.call_later(limits.header_seconds, self._too_late)

        def _stop_timer(self) -> None:
            if self._head_timer is not None:
                self._head_timer.cancel()
                self._head_timer = None

        def _is_idle(self) -> bool:
            return self.cycle is None or self.cycle.response_complete

        def _too_late(self) -> None:
            if self._is_idle():
                self.transport.close()
            else:  # pipelined behind a request that is being answered: that one is to end first
                self._head_timer = self.loop.call_later(limits.header_seconds, self._too_late)

    return BoundedProtocol
