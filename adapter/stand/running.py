"""A stand at work: node, worker and foreign provider as real processes, and its participants' clients."""

import http.client
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from .configuring import write_client_settings
from .layout import LICENCES, PARTICIPANTS, Layout
from .processes import ProcessFailed, Service

_PATIENCE = 30.0
_PAUSE = 0.1
"""Seconds: how long a node that listens may take until it can work, and how often it is asked."""


class Stand:
    """Node and worker of a stand that was made; they work between `start` and `stop`.

    As a context manager it stops them in order, or at once when something went wrong.
    """

    def __init__(self, layout: Layout, *, port: int = 0, provider: bool = False) -> None:
        """`port` is the node's this time; 0 leaves it to the stand's settings. `provider`: the foreign one too."""
        self.layout = layout
        config = ("--config", str(layout.config))
        self.node = Service(("serve", *config, *(("--port", str(port)) if port else ())), layout.log("node"))
        self.worker = Service(("worker", *config), layout.log("worker"))
        answering = ("demo-provider", "--config", str(layout.client(LICENCES)))
        self.provider = Service(answering, layout.log("provider")) if provider else None
        self.url = ""
        self._running = ExitStack()

    def start(self) -> str:
        """Starts them and returns the node's URL, which is also written into the participants' settings."""
        with ExitStack() as started:
            started.callback(self.node.kill)
            self.url = self.node.start()
            _await_readiness(self.url)
            for system in PARTICIPANTS:
                write_client_settings(self.layout, system, self.url)
            others = [self.worker, *([] if self.provider is None else [self.provider])]
            for service in others:
                started.callback(service.kill)
            with ThreadPoolExecutor(len(others)) as pool:
                list(pool.map(Service.start, others))
            self._running = started.pop_all()
        return self.url

    def stop(self) -> None:
        """Stops them in order. Raises ProcessFailed if one of them does not end as it should."""
        with self._running:  # what did not stop in order is killed
            if self.provider is not None:
                self.provider.stop()
            self.worker.stop()
            self.node.stop()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None or issubclass(kind, KeyboardInterrupt):
            self.stop()
        else:
            self._running.close()


def _await_readiness(url: str) -> None:
    """Returns when the node says at /readyz that it can work. Raises ProcessFailed if it does not in time."""
    deadline = time.monotonic() + _PATIENCE
    while (status := _readiness(url)) != http.HTTPStatus.OK:
        if time.monotonic() > deadline:
            raise ProcessFailed(f"the node at {url} is not ready after {_PATIENCE:g} s: /readyz answers {status}")
        time.sleep(_PAUSE)


def _readiness(url: str) -> int:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=_PATIENCE)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status
    except OSError as error:
        raise ProcessFailed(f"the node at {url} does not answer: {error}") from error
    finally:
        connection.close()
