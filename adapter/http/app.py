"""The ASGI application: SOAP endpoints, their descriptions, whether the node is alive, and how it does.

Reading is asynchronous and bounded, so that slow senders cost memory but no threads; the work itself, synchronous C
code, runs in a bounded number of threads with a bounded line before them (docs/decisions/0007).
"""

import logging
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from functools import partial

from anyio import CapacityLimiter, to_thread
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from ..exchange.faults import Fault, SMEVFailure
from ..observing.traffic import Traffic
from ..soap.call import Reply
from ..soap.endpoint import SoapEndpoint
from ..soap.outgoing import WrittenPackage, write_package
from ..soap.package import Package
from .body import BodyReader
from .description import schemas, service_description
from .headers import FixedHeaders
from .limits import DEFAULT_LIMITS, HttpLimits
from .media import check_media_type, takes_parts
from .refusal import MemoryIsShort, Refused
from .scraping import Scraping

_LOG = logging.getLogger(__name__)
_XML = "text/xml; charset=utf-8"
_RETRY_AFTER = {"Retry-After": "5"}
_CLOSE = {"Connection": "close"}
_UNAVAILABLE = 503


def path_of(version: str) -> str:
    """The customary path of a contract version's endpoint."""
    return f"/smev/v{version}/ws"


def create_app(
    endpoint: SoapEndpoint,
    *,
    limits: HttpLimits = DEFAULT_LIMITS,
    public_url: str | None = None,
    ready: Callable[[], str | None] = lambda: None,
    scraping: Scraping | None = None,
    traffic: Traffic | None = None,
    more: Sequence[Route] = (),
) -> Starlette:
    """The application that serves `endpoint`.

    `public_url` is where clients reach the node (scheme, host, path before `/smev`), written into the WSDL; without it
    the address that the client has used is written. `ready` says what is missing for work on calls, None if nothing
    is; it may block. `scraping` serves /metrics; `traffic` is kept up to date. `more` are further routes.
    """
    node = _Node(endpoint, limits, public_url, ready, traffic or Traffic(limits.concurrent))
    routes = [
        Route(path_of(version), partial(node.soap, version), methods=["GET", "POST"]) for version in endpoint.contracts
    ]
    routes += [
        Route("/xsd/{path:path}", node.schema, methods=["GET"]),
        Route("/healthz", _alive, methods=["GET"]),
        Route("/readyz", node.readiness, methods=["GET"]),
    ]
    if scraping is not None:
        routes.append(Route("/metrics", scraping.answer, methods=["GET"]))
    return Starlette(routes=[*routes, *more], middleware=[Middleware(FixedHeaders)])


class _Node:
    """The state of an application: its line of calls and the memory of their bodies."""

    def __init__(
        self,
        endpoint: SoapEndpoint,
        limits: HttpLimits,
        public_url: str | None,
        ready: Callable[[], str | None],
        traffic: Traffic,
    ) -> None:
        self._endpoint = endpoint
        self._limits = limits
        self._public_url = public_url
        self._ready = ready
        self._bodies = BodyReader(limits)
        self._threads = CapacityLimiter(limits.concurrent)
        self._schemas: Mapping[str, bytes] = schemas()
        self._traffic = traffic

    async def soap(self, version: str, request: Request) -> Response:
        """A call (POST), or the description (GET ?wsdl)."""
        if request.method != "POST":
            return self._description(version, request)
        peer = request.client.host if request.client else ""
        try:
            refusal = check_media_type(request)
            async with self._bodies.reading(request) as package:
                if refusal is not None:
                    raise refusal
                return await self._work(version, package, peer, takes_parts=takes_parts(request))
        except Fault as fault:
            return _answer(self._endpoint.refuse(fault, version, peer))
        except Refused as refused:
            self._traffic.refused[refused.status] += 1
            _LOG.info("request refused", extra={"fields": {"status": refused.status, "peer": peer}})
            return PlainTextResponse(f"{refused.text}\n", refused.status, _CLOSE)
        except MemoryIsShort:
            return self._overloaded(version, peer, _CLOSE)
        except ClientDisconnect:
            return Response(status_code=400)  # nobody is there to read it

    async def schema(self, request: Request) -> Response:
        """A schema that the description links."""
        content = self._schemas.get(request.path_params["path"])
        if content is None:
            return PlainTextResponse("такой схемы нет\n", 404)
        return Response(content, media_type=_XML)

    async def readiness(self, _request: Request) -> Response:
        """Whether calls can be worked on: 200, or 503 and a line that says what is missing."""
        missing = await to_thread.run_sync(self._ready)
        if missing is None:
            return PlainTextResponse("ready\n")
        return PlainTextResponse(f"not ready: {missing}\n", _UNAVAILABLE, _RETRY_AFTER)

    async def _work(self, version: str, package: Package, peer: str, *, takes_parts: bool) -> Response:
        if self._traffic.calls >= self._limits.concurrent + self._limits.waiting:
            return self._overloaded(version, peer, {})
        self._traffic.calls += 1
        try:
            work = partial(
                self._endpoint.handle, package.envelope, version, peer, parts=package.parts, takes_parts=takes_parts
            )
            return _answer(await to_thread.run_sync(work, limiter=self._threads))
        finally:
            self._traffic.calls -= 1

    def _overloaded(self, version: str, peer: str, headers: Mapping[str, str]) -> Response:
        # 503 for proxies and tools, SMEVFailure for clients of the exchange: both say "the same again, later".
        self._traffic.overloaded += 1
        reply = self._endpoint.refuse(SMEVFailure("узел перегружен; повторите отправку позже"), version, peer)
        return Response(reply.octets, _UNAVAILABLE, {**_RETRY_AFTER, **headers, **_named(reply)}, _XML)

    def _description(self, version: str, request: Request) -> Response:
        if not any(name.lower() == "wsdl" for name in request.query_params):
            text = "по этому адресу вызываются операции обмена (POST); описание сервиса — ?wsdl\n"
            return PlainTextResponse(text, 405, {"Allow": "POST"})
        base = (self._public_url or str(request.base_url)).rstrip("/")
        return Response(service_description(version, f"{base}{path_of(version)}"), media_type=_XML)


async def _alive(_request: Request) -> Response:
    return PlainTextResponse("ok\n")


def _answer(reply: Reply) -> Response:
    if not reply.parts:
        return Response(reply.octets, reply.status, _named(reply), _XML)
    package = write_package(reply.octets, reply.parts)
    headers = {**_named(reply), "Content-Type": package.content_type, "Content-Length": str(package.size)}
    return StreamingResponse(_pieces(package), reply.status, headers)


async def _pieces(package: WrittenPackage) -> AsyncIterator[bytes]:
    for piece in package:
        yield piece


def _named(reply: Reply) -> Mapping[str, str]:
    """The header by which a caller and the log mean the same call."""
    return {"X-Request-ID": reply.call_id} if reply.call_id else {}
