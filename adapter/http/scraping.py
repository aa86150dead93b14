"""/metrics: who may read them, and the answer."""

import ipaddress
import secrets
from collections.abc import Callable
from dataclasses import dataclass

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

_BY_A_PROXY = ("forwarded", "x-forwarded-for", "x-real-ip")


@dataclass(frozen=True, slots=True)
class Scraping:
    """`exposed` gives the metrics, of the type `content_type`; it may block.

    With a `token` they are for whoever names it (`Authorization: Bearer`); without one for callers of the same machine,
    unless a proxy says that it passes somebody else's request on: the mnemonics and numbers in them are not for all.
    """

    exposed: Callable[[], bytes]
    content_type: str
    token: str | None = None

    async def answer(self, request: Request) -> Response:
        """The metrics, or 403."""
        if not self._permits(request):
            wanted = "metrics are for callers of this machine" if self.token is None else "the token is wrong"
            return PlainTextResponse(f"{wanted}\n", 403)
        return Response(await to_thread.run_sync(self.exposed), headers={"Content-Type": self.content_type})

    def _permits(self, request: Request) -> bool:
        if self.token is not None:
            given = request.headers.get("authorization", "")
            return secrets.compare_digest(given.encode(), f"Bearer {self.token}".encode())
        if request.client is None or any(name in request.headers for name in _BY_A_PROXY):
            return False
        try:
            return ipaddress.ip_address(request.client.host).is_loopback
        except ValueError:
            return False
