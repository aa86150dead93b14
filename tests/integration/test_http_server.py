"""The server on real sockets: slow, silent and endless callers, and the end of service."""

import asyncio
import os
import resource
import signal
import socket
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime

import httpx
import pytest
from mezhved.adapter.exchange.contract import Operation
from mezhved.adapter.http.app import create_app
from mezhved.adapter.http.limits import HttpLimits
from mezhved.adapter.http.server import allow_files, listen, serve
from mezhved.adapter.settings import NodeSettings, Settings
from mezhved.adapter.soap.call import Call
from mezhved.adapter.soap.endpoint import SoapEndpoint
from starlette.applications import Starlette
from support.envelopes import ack
from support.served import served

SLOW_SENDERS = 600
HEAD = b"POST /smev/v1.2/ws HTTP/1.1\r\nHost: node\r\nContent-Type: text/xml; charset=utf-8\r\n"
CALL = HEAD + b"Content-Length: %d\r\n\r\n%s" % (len(ack()), ack())


def answer(call: Call) -> bytes:
    return f'<t:AckResponse xmlns:t="{call.contract.types}"></t:AckResponse>'.encode()


def app(limits: HttpLimits | None = None) -> Starlette:
    endpoint = SoapEndpoint({Operation.ACK: answer}, clock=lambda: datetime.now(UTC))
    return create_app(endpoint, limits=limits or HttpLimits())


def everything(connection: socket.socket) -> bytes:
    """What comes until the other side closes the connection."""
    received = b""
    while octets := connection.recv(65536):
        received += octets
    return received


def until(connection: socket.socket, count: int, part: bytes) -> bytes:
    """What comes until `part` has come `count` times."""
    received = b""
    while received.count(part) < count:
        octets = connection.recv(65536)
        assert octets, f"closed after {received!r}"
        received += octets
    return received


def connect(address: tuple[str, int]) -> socket.socket:
    return socket.create_connection(address, timeout=30)


def test_calls_are_answered_one_after_another_and_in_a_row() -> None:
    with served(app()) as address, closing(connect(address)) as connection:
        for _ in range(3):
            connection.sendall(CALL)
            assert until(connection, 1, b"</soap:Envelope>").startswith(b"HTTP/1.1 200")
        connection.sendall(CALL * 3)
        received = until(connection, 3, b"</soap:Envelope>")
        assert received.count(b"HTTP/1.1 200") == 3
        assert b"server: mezhved" in received
        assert b"uvicorn" not in received


def test_slow_senders_do_not_stop_an_honest_one() -> None:
    allow_files(SLOW_SENDERS * 2 + 200)
    if resource.getrlimit(resource.RLIMIT_NOFILE)[0] < SLOW_SENDERS * 2 + 100:
        pytest.skip(f"needs {SLOW_SENDERS * 2 + 100} open files; the hard limit of this machine is lower")

    async def run(address: tuple[str, int]) -> list[int]:
        beginnings = (b"", b"PO", HEAD, HEAD + b"Content-Length: 5000000\r\n\r\n<S:Env", HEAD + b"X: ")
        writers = []
        for number in range(SLOW_SENDERS):
            _, writer = await asyncio.open_connection(*address)
            writer.write(beginnings[number % len(beginnings)])
            writers.append(writer)
        async with httpx.AsyncClient(
            base_url=f"http://{address[0]}:{address[1]}", timeout=30, trust_env=False
        ) as client:
            statuses = []
            for round_number in range(20):
                for writer in writers[round_number::20]:
                    writer.write(b"x")  # one octet more of what will never end
                reply = await client.post("/smev/v1.2/ws", content=ack(), headers={"Content-Type": "text/xml"})
                statuses.append(reply.status_code)
        for writer in writers:
            writer.transport.abort()
        return statuses

    with served(app()) as address:
        assert asyncio.run(run(address)) == [200] * 20


@pytest.mark.parametrize(
    "beginning",
    [
        b"",
        b"POST /smev",
        HEAD,
        CALL + b"\r\n",
        CALL + b"POST /smev",
        b"POST /no HTTP/1.1\r\nContent-Length: 9\r\n\r\nx",
    ],
    ids=["nothing", "line", "headers", "empty lines", "second head", "body that nobody reads"],
)
def test_a_head_that_does_not_end_is_not_waited_for(beginning: bytes) -> None:
    with (
        served(app(), HttpLimits(header_seconds=0.2, idle_seconds=1)) as address,
        closing(connect(address)) as connection,
    ):
        connection.sendall(beginning)
        received = everything(connection)
    assert received.count(b"HTTP/1.1 200") == beginning.count(b"</S:Envelope>")


@pytest.mark.parametrize(
    ("first", "later"), [(CALL, b"\r\n"), (b"POST /no HTTP/1.1\r\nContent-Length: 9\r\n\r\n", b"x")]
)
def test_what_comes_after_an_answer_does_not_keep_the_connection(first: bytes, later: bytes) -> None:
    limits = HttpLimits(header_seconds=0.2, idle_seconds=60)
    with served(app(), limits) as address, closing(connect(address)) as connection:
        connection.sendall(first)
        until(connection, 1, b"HTTP/1.1 ")
        connection.sendall(later)
        everything(connection)


def test_a_head_without_end_is_cut_off() -> None:
    for part in (b"X-%d: y\r\n", b"y" * 1000):
        with served(app(), HttpLimits(header_bytes=10_000)) as address, closing(connect(address)) as connection:
            connection.sendall(HEAD + b"X: ")
            try:
                for number in range(10_000):
                    connection.sendall(part.replace(b"%d", b"%d" % number))
                pytest.fail("ten megabytes of headers were taken")
            except ConnectionError:
                pass


def test_a_body_that_does_not_end_is_told_and_not_waited_for() -> None:
    limits = HttpLimits(body_seconds=0.2)
    with served(app(limits), limits) as address, closing(connect(address)) as connection:
        connection.sendall(HEAD + b"Content-Length: 5000\r\n\r\n<S:Envelope")
        received = everything(connection)
    assert received.startswith(b"HTTP/1.1 408")
    assert "не получено целиком".encode() in received


def test_a_long_body_is_read_to_its_end_so_that_the_refusal_is_heard() -> None:
    with served(app()) as address:
        content = b"x" * 10_000_000
        reply = httpx.post(
            f"http://{address[0]}:{address[1]}/smev/v1.2/ws",
            content=content,
            headers={"Content-Type": "text/xml"},
            trust_env=False,
        )
    assert reply.status_code == 413


def test_a_caller_that_leaves_is_nobodys_trouble(caplog: pytest.LogCaptureFixture) -> None:
    with served(app()) as address:
        with closing(connect(address)) as connection:
            connection.sendall(HEAD + b"Content-Length: 5000\r\n\r\n<S:Envelope")
        with closing(connect(address)) as connection:
            connection.sendall(CALL)
            assert until(connection, 1, b"</soap:Envelope>").startswith(b"HTTP/1.1 200")
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []


def test_what_is_no_http_is_refused() -> None:
    with served(app()) as address, closing(connect(address)) as connection:
        connection.sendall(b"\x16\x03\x01 not HTTP at all\r\n\r\n")
        assert everything(connection).startswith(b"HTTP/1.1 400")


def test_more_connections_than_allowed_hear_503() -> None:
    with served(app(), connections=3) as address:
        held = [connect(address) for _ in range(3)]
        with closing(connect(address)) as connection:
            connection.sendall(CALL)
            assert everything(connection).startswith(b"HTTP/1.1 503")
        for connection in held:
            connection.close()


SERVING = """
import sys
from datetime import UTC, datetime
from mezhved.adapter.exchange.contract import Operation
from mezhved.adapter.http.app import create_app
from mezhved.adapter.http.server import serve
from mezhved.adapter.settings import NodeSettings, Settings
from mezhved.adapter.soap.endpoint import SoapEndpoint

def handler(call):
    print("working", flush=True)
    sys.stdin.readline()
    return b"<done/>"

endpoint = SoapEndpoint({Operation.ACK: handler}, clock=lambda: datetime.now(UTC))
serve(create_app(endpoint), Settings(node=NodeSettings(port=0)), started=lambda host, port: print(port, flush=True))
print("ended", flush=True)
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_call_in_work_is_finished_after_the_signal_to_stop(number: signal.Signals) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", SERVING], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=os.sep
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        port = int(process.stdout.readline())
        with closing(connect(("127.0.0.1", port))) as connection:
            connection.sendall(CALL)
            assert process.stdout.readline() == "working\n"
            process.send_signal(number)
            process.stdin.write("go on\n")
            process.stdin.flush()
            received = everything(connection)
        assert received.startswith(b"HTTP/1.1 200")
        assert b"<done/>" in received
        assert process.stdout.readline() == "ended\n"
        assert process.wait(30) == 0


def test_an_address_that_is_taken_is_an_error_at_once() -> None:
    with listen("127.0.0.1", 0) as taken:
        settings = Settings(node=NodeSettings(port=taken.getsockname()[1]))
        with pytest.raises(OSError, match="in use"):
            serve(app(), settings)
