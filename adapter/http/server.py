"""Runs the application on uvicorn, until it is told to stop; then what was begun is finished."""

import contextlib
import logging
import resource
import signal
import socket
import threading
from collections.abc import Callable, Generator
from types import FrameType

import uvicorn
from starlette.types import ASGIApp

from ..settings import LimitSettings, Settings
from .limits import DEFAULT_LIMITS, HttpLimits
from .protocol import bounded_protocol

_LOG = logging.getLogger(__name__)
_FINISH_SECONDS = 15
"""How long calls in work, and callers still sending, are waited for after SIGTERM."""
_OWN_FILES = 256
"""Open files beside connections: database, logs, libraries."""


def http_limits(settings: LimitSettings) -> HttpLimits:
    """The limits of HTTP that the settings name."""
    return HttpLimits(
        body_bytes=settings.body_bytes,
        body_seconds=settings.body_seconds,
        concurrent=settings.concurrent,
        waiting=settings.waiting,
    )


class NodeServer(uvicorn.Server):
    """uvicorn that returns after SIGTERM or SIGINT instead of dying of it, so that the caller can clean up."""

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """While the context lasts, the signals end the server; only the main thread can hear them."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {number: signal.signal(number, self.handle_exit) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """The first signal asks to finish, the second one to stop at once."""
        self.force_exit = self.should_exit
        super().handle_exit(sig, frame)


def make_server(app: ASGIApp, connections: int, limits: HttpLimits = DEFAULT_LIMITS) -> NodeServer:
    """A server for `app` that keeps at most so many `connections` open at once.

    `run(sockets)` serves until SIGTERM or SIGINT; `should_exit = True` stops it from elsewhere.
    """
    return NodeServer(
        uvicorn.Config(
            app,
            loop="uvloop",
            http=bounded_protocol(limits),
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            limit_concurrency=connections,
            timeout_keep_alive=limits.idle_seconds,
            timeout_graceful_shutdown=_FINISH_SECONDS,
        )
    )


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens at an address; port 0 takes a free one. Raises OSError, which names the address."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        listening.listen(2048)
    except OSError as error:
        listening.close()
        raise OSError(error.errno, error.strerror, f"{host} port {port}") from error
    return listening


def serve(app: ASGIApp, settings: Settings, *, started: Callable[[str, int], None] | None = None) -> None:
    """Serves `app` at the configured address until SIGTERM or SIGINT, then finishes what was begun and returns.

    `started` is told the address and the port (the one that was found free, if port 0 is configured) as soon as
    connections are taken. Raises OSError if the address cannot be had.
    """
    allow_files(settings.limits.connections + _OWN_FILES)
    with listen(settings.node.host, settings.node.port) as listening:
        host, port = listening.getsockname()[:2]
        _LOG.info("listening on %s port %d", host, port)
        if started is not None:
            started(host, port)
        make_server(app, settings.limits.connections, http_limits(settings.limits)).run([listening])


def allow_files(wanted: int) -> None:
    """Raises this process's limit of open files to `wanted`, or as far as it may.

    Each connection is an open file, and the usual limit of 1024 is lower than what the settings allow.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
