"""What stands around node and worker: spyne, which calls the operations, and HTTP. Each measured by itself."""

import http.client
import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection as Pipe
from threading import Thread
from time import process_time_ns

from ..exchange.contract import CONTRACTS, Operation
from ..exchange.times import utc_now
from ..http.app import create_app, path_of
from ..http.server import listen, make_server
from ..soap.call import Call, Reply
from ..soap.endpoint import SoapEndpoint
from ..soap.envelope import parse
from ..soap.spyne_bridge import SpyneBridge
from .measuring import Work

_VERSION = "1.2"
_OK = 200
_CONNECTIONS = 16
_READY_SECONDS = 60


def through_spyne(calls: Sequence[bytes]) -> Work:
    """Takes calls, which were parsed before, through spyne to operations that do nothing."""
    bridge = SpyneBridge(CONTRACTS[_VERSION], {operation: lambda _call: b"" for operation in Operation})
    now = utc_now()
    parsed = [parse(octets) for octets in calls]
    made = [Call(one.contract, one.operation, one.body, one.octets, now, "") for one in parsed]

    def work() -> None:
        for call in made:
            bridge.call(call)

    return work


class _Echo(SoapEndpoint):
    """An endpoint that has its answer ready."""

    def __init__(self, answer: bytes) -> None:
        super().__init__({Operation.ACK: lambda _call: b""}, clock=utc_now)
        self._reply = Reply(_OK, answer)

    def handle(self, *_: object, **__: object) -> Reply:
        """The answer, whatever the call."""
        return self._reply


@dataclass(frozen=True, slots=True)
class HttpServer:
    """A server process that does HTTP and nothing else; `cpu` tells its CPU in nanoseconds."""

    port: int
    cpu: Callable[[], int]

    def calls(self, octets: bytes, count: int) -> None:
        """Sends a call `count` times over one connection."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port)
        try:
            for _ in range(count):
                connection.request("POST", path_of(_VERSION), octets, {"Content-Type": "text/xml; charset=utf-8"})
                answer = connection.getresponse()
                answer.read()
                if answer.status != _OK:
                    raise RuntimeError(f"the server answered {answer.status}")
        finally:
            connection.close()


@contextmanager
def http_server(answer: bytes) -> Iterator[HttpServer]:
    """A server in a process of its own, answering every call with the same octets."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(answer, theirs), daemon=True)
    process.start()
    theirs.close()

    def asked(question: str) -> int:
        ours.send(question)
        return int(ours.recv())

    try:
        if not ours.poll(_READY_SECONDS):
            raise RuntimeError("the server did not start")
        yield HttpServer(int(ours.recv()), lambda: asked("cpu"))
        ours.send("stop")
        process.join(_READY_SECONDS)
    finally:
        process.kill()
        process.join()
        ours.close()


def _serve(answer: bytes, pipe: Pipe) -> None:
    """Body of the server's process."""
    with listen("127.0.0.1", 0) as listening:
        server = make_server(create_app(_Echo(answer)), _CONNECTIONS)

        def attend() -> None:
            pipe.send(listening.getsockname()[1])
            while pipe.recv() == "cpu":
                pipe.send(process_time_ns())
            server.should_exit = True

        Thread(target=attend, daemon=True).start()
        server.run([listening])
