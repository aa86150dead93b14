"""What goes out goes out octet for octet, and every way for a node to be away ends in one error."""

import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest
from mezhved.adapter.conformance.wire import Endpoint, NodeUnreachableError


@contextmanager
def node(answer: bytes, *, reads: int = 1 << 20) -> Iterator[tuple[str, list[bytes]]]:
    """Takes one call, reads about `reads` octets of it, sends `answer` and closes the connection."""
    got: list[bytes] = []
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:

        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                heard = b""
                while len(heard) < reads:
                    heard += connection.recv(65536)
                    head, blank, body = heard.partition(b"\r\n\r\n")
                    length = next(
                        (int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")),
                        0,
                    )
                    if blank and len(body) >= length:
                        break
                got.append(heard)
                connection.sendall(answer)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}", got
        finally:
            thread.join()


def test_octets_and_headers_go_out_as_given_and_the_answer_comes_back() -> None:
    answer = b"HTTP/1.1 500 X\r\nContent-Type: text/xml\r\nContent-Length: 4\r\n\r\n<a/>"
    with node(answer) as (url, got):
        reply = Endpoint(f"{url}/smev/v1.2/ws?wsdl").call(b"\xffraw\x00", {"SOAPAction": '"urn:Ack"'})
    assert (reply.status, reply.headers["content-type"], reply.octets) == (500, "text/xml", b"<a/>")
    head, _, body = got[0].partition(b"\r\n\r\n")
    assert head.startswith(b"POST /smev/v1.2/ws?wsdl HTTP/1.1\r\n")
    assert b'SOAPAction: "urn:Ack"' in head
    assert body == b"\xffraw\x00"


def test_other_methods_have_no_body() -> None:
    with node(b"HTTP/1.1 204 X\r\n\r\n") as (url, got):
        assert Endpoint(url).call(b"ignored", {}, "GET").status == 204
    assert got[0].startswith(b"GET / HTTP/1.1\r\n")
    assert got[0].endswith(b"\r\n\r\n")


@pytest.mark.parametrize("answer", [b"", b"not http at all\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort"])
def test_a_node_that_breaks_off_is_unreachable(answer: bytes) -> None:
    with node(answer) as (url, _), pytest.raises(NodeUnreachableError, match="127"):
        Endpoint(url, timeout=5).call(b"", {})


def test_a_node_that_is_not_there_is_unreachable() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(NodeUnreachableError):
        Endpoint(f"http://127.0.0.1:{port}").call(b"", {})
    with pytest.raises(NodeUnreachableError, match="no http"):
        Endpoint("ftp://127.0.0.1").call(b"", {})
