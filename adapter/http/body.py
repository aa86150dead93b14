"""Reading the body of a call: asynchronously, within limits of size, time and memory."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio
from starlette.requests import Request

from ..soap.package import Package, read_package
from .limits import HttpLimits
from .media import package_type
from .refusal import MemoryIsShort, Refused

_DISCARDED_AT_MOST = 64 * 1024 * 1024
"""So much of a body that is too long is read and dropped: many clients read no answer before they have sent it all."""


class BodyReader:
    """Reads bodies for one application; used on its event loop only."""

    def __init__(self, limits: HttpLimits) -> None:
        self._limits = limits
        self._buffered = 0

    @asynccontextmanager
    async def reading(self, request: Request) -> AsyncIterator[Package]:
        """The whole body, which counts as memory in use until the context ends; its parts are there until then.

        Raises Refused, MemoryIsShort, starlette's ClientDisconnect, or what `read_package` raises.
        """
        held = _Held(self)
        try:
            with await self._read(request, held) as package:
                yield package
        finally:
            self._buffered -= held.octets

    async def _read(self, request: Request, held: "_Held") -> Package:
        limits, written = self._limits, package_type(request)
        self._check_announced(request)
        arriving = self._arriving(request, held)
        try:
            with anyio.fail_after(limits.body_seconds):
                if written is None:
                    return Package(b"".join([chunk async for chunk in arriving]))
                try:
                    return await read_package(arriving, written)
                finally:
                    # Whatever follows the package, or a fault in it: many callers send all before they read anything.
                    async for _ in arriving:
                        pass
        except TimeoutError:
            raise Refused(408, f"тело запроса не получено целиком за {limits.body_seconds:g} с") from None

    async def _arriving(self, request: Request, held: "_Held") -> AsyncIterator[bytes]:
        """The body as it comes; of one that is too long the rest is read and dropped before it is refused."""
        limits, size = self._limits, 0
        async for chunk in request.stream():
            size += len(chunk)
            if size > _DISCARDED_AT_MOST:
                raise self._too_long()
            if size <= limits.body_bytes:
                held.grow(size - limits.free_bytes, limits.buffered_bytes)
                yield chunk
        if size > limits.body_bytes:
            raise self._too_long()

    def _check_announced(self, request: Request) -> None:
        """Refuses at once what the caller itself says is too long, if it waits for an answer or says far too much."""
        announced = request.headers.get("content-length", "")
        size = int(announced) if announced.isdecimal() and len(announced) < 20 else 0
        patient = "expect" in request.headers
        if size > _DISCARDED_AT_MOST or (patient and size > self._limits.body_bytes):
            raise self._too_long()

    def _too_long(self) -> Refused:
        return Refused(413, f"тело запроса длиннее допустимого ({self._limits.body_bytes} байт)")

    def take(self, octets: int, most: int) -> None:
        """Counts memory as used; raises MemoryIsShort."""
        if self._buffered + octets > most:
            raise MemoryIsShort
        self._buffered += octets


class _Held:
    """How much of the common memory one body holds."""

    def __init__(self, reader: BodyReader) -> None:
        self._reader = reader
        self.octets = 0

    def grow(self, octets: int, most: int) -> None:
        if octets > self.octets:
            self._reader.take(octets - self.octets, most)
            self.octets = octets
