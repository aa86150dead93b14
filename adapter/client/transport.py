"""HTTP of the client: exact octets out, octets back within limits of size and time."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus
from ipaddress import ip_address
from typing import Protocol
from urllib.parse import urljoin, urlsplit

import requests
from zeep.transports import Transport

from .errors import AnswerNotUnderstood, CallRefused, NodeUnreachable

_CHUNK = 64 * 1024
_TRY_AGAIN = frozenset(
    {
        HTTPStatus.REQUEST_TIMEOUT,
        HTTPStatus.TOO_MANY_REQUESTS,
        HTTPStatus.BAD_GATEWAY,
        HTTPStatus.SERVICE_UNAVAILABLE,
        HTTPStatus.GATEWAY_TIMEOUT,
    }
)
"""Statuses by which a node or a proxy says: not now."""


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """What came back: the HTTP status and the body, which is an envelope unless it is described as a package."""

    status: int
    octets: bytes
    content_type: str = ""


class Wire(Protocol):
    """What the client needs of HTTP: one call, octets for octets."""

    def call(self, path: str, octets: bytes, action: str) -> HttpAnswer:
        """Posts `octets` as they are. Raises NodeUnreachable or CallRefused."""

    def close(self) -> None:
        """Closes the connections."""


class _Session(requests.Session):
    """A session that knows no redirects: requests would read the whole body of one, whatever its size."""

    def get_redirect_target(self, resp: requests.Response) -> None:
        """None: the answer is an answer like any other."""


class NodeTransport(Transport):
    """zeep's transport, bound to one node: nothing is loaded from anywhere else, and no answer is unbounded.

    `timeout` is the longest wait for a whole answer in seconds, `most` its greatest size in bytes. Redirects are not
    followed: a signed message goes where it was meant to go.
    """

    def __init__(self, url: str, *, timeout: float, most: int) -> None:
        session = _Session()
        session.trust_env = not is_loopback(url)  # a proxy of the environment knows nothing of this very machine
        super().__init__(session=session, timeout=timeout, operation_timeout=timeout)  # type: ignore[no-untyped-call]
        session.headers["User-Agent"] = "mezhved"
        self._url = url.rstrip("/") + "/"
        self._timeout = timeout
        self._most = most

    def call(self, path: str, octets: bytes, action: str) -> HttpAnswer:
        """Posts `octets` as they are to `path` of the node, and reads the answer."""
        headers = {
            "Content-Type": "text/xml; charset=utf-8",
            "SOAPAction": f'"{action}"',
            "Accept": "text/xml, multipart/related, application/xop+xml",
        }
        answer = self._fetch("POST", path, headers, octets)
        if answer.status in _TRY_AGAIN:
            raise NodeUnreachable(f"the node answers HTTP {answer.status}: it cannot take the call now")
        if answer.status not in (HTTPStatus.OK, HTTPStatus.INTERNAL_SERVER_ERROR):
            raise CallRefused(f"HTTP {answer.status}: {answer.octets[:500].decode('utf-8', 'replace').strip()}")
        return answer

    def close(self) -> None:
        """Closes the connections that are kept for the next call."""
        self.session.close()

    def load(self, url: str) -> bytes:
        """A document of the contract, named by its path on the node (zeep resolves relative links to such paths)."""
        answer = self._fetch("GET", url, {}, None)
        if answer.status != HTTPStatus.OK:
            raise AnswerNotUnderstood(f"{url}: the node answers HTTP {answer.status} instead of the contract")
        return answer.octets

    def _fetch(self, method: str, path: str, headers: dict[str, str], octets: bytes | None) -> HttpAnswer:
        address = urljoin(self._url, path.lstrip("/"))
        deadline = time.monotonic() + self._timeout
        try:
            with self.session.request(
                method, address, data=octets, headers=headers, timeout=self._timeout, stream=True, allow_redirects=False
            ) as response:
                octets = b"".join(self._bounded(response, deadline))
                return HttpAnswer(response.status_code, octets, response.headers.get("content-type", ""))
        except requests.exceptions.InvalidURL as error:
            raise CallRefused(f"{address} is no usable URL: {error}") from error
        except requests.RequestException as error:
            raise NodeUnreachable(f"{address}: {_cause(error)}") from error

    def _bounded(self, response: requests.Response, deadline: float) -> Iterator[bytes]:
        size = 0
        for chunk in response.iter_content(_CHUNK):
            size += len(chunk)
            if size > self._most:
                raise AnswerNotUnderstood(f"the answer is longer than {self._most} bytes")
            if time.monotonic() > deadline:
                raise NodeUnreachable(f"the answer was not complete after {self._timeout:g} s")
            yield chunk


def is_loopback(url: str) -> bool:
    """Whether a URL leads to this very machine."""
    host = urlsplit(url).hostname or ""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _cause(error: BaseException) -> str:
    """The innermost reason of a failure of the network, which is the one that a person can act on."""
    while (inner := error.__cause__ or error.__context__) is not None:
        error = inner
    return f"{type(error).__name__}: {error}"
