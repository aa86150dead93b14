"""HTTP of the client: exact octets, limits, and which failures are worth another try."""

import socket
import threading
from collections.abc import Iterator

import pytest
from mezhved.adapter.client.errors import AnswerNotUnderstood, CallRefused, NodeUnreachable
from mezhved.adapter.client.transport import NodeTransport


class ScriptedServer:
    """Accepts one connection after another and answers each with the next octets of the script."""

    def __init__(self, *script: bytes) -> None:
        self.script = list(script)
        self.requests: list[bytes] = []
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.socket.getsockname()[1]}"
        self.thread = threading.Thread(target=self.serve)

    def serve(self) -> None:
        for answer in self.script:
            connection, _ = self.socket.accept()
            with connection:
                self.requests.append(self.read(connection))
                connection.sendall(answer)

    @staticmethod
    def read(connection: socket.socket) -> bytes:
        octets = b""
        while b"\r\n\r\n" not in octets:
            octets += connection.recv(65536)
        head, _, body = octets.partition(b"\r\n\r\n")
        length = next(
            (int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")), 0
        )
        while len(body) < length:
            body += connection.recv(65536)
        return head + b"\r\n\r\n" + body


@pytest.fixture
def serving() -> Iterator[type]:
    servers: list[ScriptedServer] = []

    def start(*script: bytes) -> ScriptedServer:
        server = ScriptedServer(*script)
        servers.append(server)
        server.thread.start()
        return server

    yield start
    for server in servers:
        server.thread.join()
        server.socket.close()


def http(body: bytes, status: str = "200 OK", headers: str = "") -> bytes:
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n{headers}\r\n".encode() + body


def call(server: ScriptedServer, octets: bytes = b"<a/>", most: int = 1000):
    transport = NodeTransport(server.url, timeout=5, most=most)
    try:
        return transport.call("/smev/v1.2/ws", octets, "urn:SendRequest")
    finally:
        transport.close()


def test_the_octets_go_out_and_come_back_as_they_are(serving):
    octets = b"\xef\xbb\xbf<a>\r\n \xd1\x8f\x00</a>\n"
    server = serving(http(octets))
    answer = call(server, octets)
    head, _, body = server.requests[0].partition(b"\r\n\r\n")
    assert (body, answer.octets, answer.status) == (octets, octets, 200)
    assert head.startswith(b"POST /smev/v1.2/ws HTTP/1.1")
    assert b'SOAPAction: "urn:SendRequest"' in head
    assert b"Content-Type: text/xml; charset=utf-8" in head


def test_a_fault_of_soap_is_an_answer(serving):
    assert call(serving(http(b"<fault/>", "500 Internal Server Error"))).status == 500


@pytest.mark.parametrize("status", ["408 x", "429 x", "502 x", "503 x", "504 x"])
def test_a_node_that_cannot_take_the_call_now_is_unreachable(serving, status):
    with pytest.raises(NodeUnreachable, match=status[:3]):
        call(serving(http(b"later", status)))


@pytest.mark.parametrize("status", ["301 x", "400 x", "404 x", "413 x"])
def test_another_refusal_of_http_is_final_and_shows_its_text(serving, status):
    with pytest.raises(CallRefused, match=f"HTTP {status[:3]}: too long by far"):
        call(serving(http(b"too long by far", status, "Location: http://127.0.0.1:1/\r\n")))


def test_an_answer_that_is_cut_off_is_a_lost_one(serving):
    whole = http(b"<a>0123456789</a>")
    with pytest.raises(NodeUnreachable):
        call(serving(whole[:-5]))


def test_nothing_listening_is_unreachable(serving):
    with socket.create_server(("127.0.0.1", 0)) as free:
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
    transport = NodeTransport(url, timeout=5, most=10)
    with pytest.raises(NodeUnreachable, match="refused"):
        transport.call("/", b"", "urn:Ack")
    transport.close()


def test_an_answer_longer_than_the_limit_is_not_read_to_its_end(serving):
    with pytest.raises(AnswerNotUnderstood, match="longer than 1000 bytes"):
        call(serving(http(b"x" * 1001)))


def test_a_missing_contract_is_said_with_its_path(serving):
    transport = NodeTransport(serving(http(b"none", "404 Not Found")).url, timeout=5, most=10)
    with pytest.raises(AnswerNotUnderstood, match=r"/smev/v1\.2/ws\?wsdl: the node answers HTTP 404"):
        transport.load("/smev/v1.2/ws?wsdl")
    transport.close()
