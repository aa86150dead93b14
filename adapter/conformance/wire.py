"""Plain HTTP to a node, without any help of our own client: what is replayed goes out octet for octet."""

import contextlib
import http.client
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit


class NodeUnreachableError(Exception):
    """The node gave no HTTP answer: nothing listens there, it closed the connection, or it took too long."""


@dataclass(frozen=True, slots=True)
class HttpReply:
    """What came back: status, headers (names in lower case) and the body's octets."""

    status: int
    headers: Mapping[str, str]
    octets: bytes


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A URL to call. `timeout` is the longest silence of the node, in seconds."""

    url: str
    timeout: float = 30.0

    def call(self, octets: bytes, headers: Mapping[str, str], method: str = "POST") -> HttpReply:
        """One call on a connection of its own. Raises NodeUnreachableError."""
        parts = urlsplit(self.url)
        if parts.scheme not in ("http", "https") or parts.hostname is None:
            raise NodeUnreachableError(f"{self.url} is no http or https URL")
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        connection = kind(parts.hostname, parts.port, timeout=self.timeout)
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        try:
            return _exchange(connection, method, target, octets, headers)
        except (OSError, http.client.HTTPException) as error:
            raise NodeUnreachableError(f"{self.url}: {error or type(error).__name__}") from error
        finally:
            connection.close()


def _exchange(
    connection: http.client.HTTPConnection, method: str, target: str, octets: bytes, headers: Mapping[str, str]
) -> HttpReply:
    # A node that refuses a body for its size answers before it has read all of it.
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        connection.request(method, target, octets if method == "POST" else None, dict(headers))
    response = connection.getresponse()
    found = {name.lower(): value for name, value in response.getheaders()}
    return HttpReply(response.status, found, response.read())
