"""A node's HTTP side on a real socket, in a thread of the test."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from mezhved.adapter.http.limits import DEFAULT_LIMITS, HttpLimits
from mezhved.adapter.http.server import listen, make_server
from starlette.types import ASGIApp


@contextmanager
def served(app: ASGIApp, limits: HttpLimits = DEFAULT_LIMITS, connections: int = 4096) -> Iterator[tuple[str, int]]:
    """Serves `app` at a free port of this machine while the context lasts; gives the address and the port."""
    with listen("127.0.0.1", 0) as listening:
        server = make_server(app, connections, limits)
        thread = threading.Thread(target=server.run, args=([listening],))
        thread.start()
        try:
            yield listening.getsockname()
        finally:
            server.should_exit = True
            thread.join()
