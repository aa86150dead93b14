"""MIME packages (multipart/related): how an envelope travels with binary parts beside it.

The framing is read by aiohttp's MultipartReader as the octets arrive, and each part goes to memory, or to a temporary
file if it is long, so that a package costs less memory than it has octets. Whatever is wrong with the framing ends in
soap:Client. Sources: RFC 2045, 2046, 2387, 2392; XOP (https://www.w3.org/TR/xop10/).
"""

import base64
import binascii
import quopri
from asyncio import get_running_loop
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from email.message import Message
from email.parser import BytesHeaderParser
from email.utils import collapse_rfc2231_value
from tempfile import SpooledTemporaryFile
from typing import IO, cast
from urllib.parse import unquote

from aiohttp import BodyPartReader, MultipartReader, StreamReader
from aiohttp.base_protocol import BaseProtocol
from aiohttp.http import HttpProcessingError
from multidict import CIMultiDict, CIMultiDictProxy

from ..exchange.faults import ClientFault, VersionMismatch, shortened

XOP = "application/xop+xml"
XML = "text/xml"
_SOAP_12 = "application/soap+xml"
_CHUNK = 64 * 1024
_HEADER_LINE = 8 * 1024
_ENCODINGS = frozenset({"", "binary", "7bit", "8bit", "base64", "quoted-printable"})
_WHITE_SPACE = b" \t\r\n"
_LINES = 1000
"""The most lines outside parts: preamble and boundaries."""


@dataclass(frozen=True, slots=True)
class PackageLimits:
    """What a package may cost.

    `parts` is the most parts, the envelope included; `headers` the most header lines of one part; a part longer than
    `in_memory` octets goes to a temporary file; `envelope` is the longest envelope in octets.
    """

    parts: int = 64
    headers: int = 32
    in_memory: int = 256 * 1024
    envelope: int = 8 * 1024 * 1024


DEFAULT_LIMITS = PackageLimits()


@dataclass(frozen=True, slots=True)
class Part:
    """Binary octets that came beside an envelope or inside it, decoded; `size` counts them.

    `content_id` is without angle brackets; empty for octets that came as base64 inside the envelope.
    """

    content_id: str
    size: int
    file: IO[bytes] = field(repr=False)

    def chunks(self) -> Iterator[bytes]:
        """The octets from the beginning, piece by piece."""
        self.file.seek(0)
        while chunk := self.file.read(_CHUNK):
            yield chunk

    def octets(self) -> bytes:
        """All octets at once."""
        self.file.seek(0)
        return self.file.read()


@dataclass(frozen=True, slots=True)
class Package:
    """An envelope, and what came beside it. Closing it removes the temporary files of its parts."""

    envelope: bytes
    parts: tuple[Part, ...] = ()

    def __enter__(self) -> "Package":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Removes the temporary files."""
        for part in self.parts:
            part.file.close()


def content_type(written: str) -> Message:
    """A Content-Type with its parameters, also in the forms of RFC 2231."""
    parsed = Message()
    parsed["content-type"] = written
    return parsed


async def read_package(octets: AsyncIterator[bytes], written: str, limits: PackageLimits = DEFAULT_LIMITS) -> Package:
    """Reads a package whose Content-Type is `written`, a multipart/related of an envelope of SOAP 1.1.

    Raises ClientFault for broken framing, VersionMismatch for SOAP 1.2, and whatever `octets` raises.
    """
    declared = content_type(written)
    _check_declared(declared)
    start = _content_id(_parameter(declared, "start"))
    with ExitStack() as failed:
        try:
            parts = await _read_parts(octets, written, limits, failed)
        except HttpProcessingError as error:
            raise ClientFault("сообщение MIME повреждено: слишком длинная строка вне содержимого частей") from error
        except ValueError as error:  # aiohttp's, and binascii's
            raise ClientFault(f"сообщение MIME повреждено или обрывается: {_reason(error)}") from error
        root = parts[0] if start is None else next((part for part in parts if part.content_id == start), None)
        if root is None:
            raise ClientFault(f"в сообщении MIME нет части «{shortened(start or '')}», названной корневой (start)")
        envelope = _envelope(root, limits)
        failed.pop_all()
    return Package(envelope, tuple(part.part for part in parts if part is not root))


def referred(href: str) -> str | None:
    """The Content-ID that a `cid:` URL means (RFC 2392); None for another URL."""
    scheme, colon, rest = href.strip().partition(":")
    return unquote(rest) if colon and scheme.lower() == "cid" and rest else None


@dataclass(frozen=True, slots=True)
class _Read:
    """A part with what its headers say."""

    part: Part
    headers: Message

    @property
    def content_id(self) -> str:
        return self.part.content_id


def _check_declared(declared: Message) -> None:
    kind, info = (_parameter(declared, name) or "" for name in ("type", "start-info"))
    if _SOAP_12 in (kind.lower(), info.lower()):
        raise VersionMismatch(f"{_SOAP_12} — это SOAP 1.2; ожидается SOAP 1.1, тип {XML}")
    if not _parameter(declared, "boundary"):
        raise ClientFault("в Content-Type сообщения MIME нет границы частей (boundary)")


async def _read_parts(
    octets: AsyncIterator[bytes], written: str, limits: PackageLimits, opened: ExitStack
) -> list[_Read]:
    reader = _Reader(written, _Arriving(octets), limits)
    parts: list[_Read] = []
    while (arriving := await reader.next()) is not None:
        if len(parts) == limits.parts:
            raise ClientFault(f"в сообщении MIME слишком много частей (допустимо {limits.parts})")
        part = await _read_part(cast(BodyPartReader, arriving), limits, opened)
        if any(part.content_id == other.content_id != "" for other in parts):
            raise ClientFault(f"две части MIME с одним Content-ID «{shortened(part.content_id)}»")
        parts.append(part)
    if not parts:
        raise ClientFault("в сообщении MIME нет ни одной части")
    return parts


async def _read_part(reader: BodyPartReader, limits: PackageLimits, opened: ExitStack) -> _Read:
    headers = Message()
    for name, value in reader.headers.items():
        headers[name] = value
    encoding = str(headers.get("content-transfer-encoding", "")).lower()
    file = _spooled(limits, opened)
    carry = b""
    while not reader.at_eof():
        chunk = await reader.read_chunk(_CHUNK)
        if encoding == "base64":
            chunk, carry = _quartets(carry + chunk)
        file.write(chunk)
    if carry:
        raise binascii.Error
    if encoding == "quoted-printable":
        file = _from_quoted_printable(file, _spooled(limits, opened))
    return _Read(Part(_content_id(headers.get("content-id")) or "", file.tell(), file), headers)


def _spooled(limits: PackageLimits, opened: ExitStack) -> IO[bytes]:
    return opened.enter_context(SpooledTemporaryFile(limits.in_memory))


def _quartets(text: bytes) -> tuple[bytes, bytes]:
    """What the whole quartets of a text in base64 mean, and the rest of it."""
    text = text.translate(None, _WHITE_SPACE)
    whole = len(text) // 4 * 4
    return base64.b64decode(text[:whole], validate=True), text[whole:]


def _from_quoted_printable(text: IO[bytes], decoded: IO[bytes]) -> IO[bytes]:
    text.seek(0)
    # Legal lines have 76 characters (RFC 2045, section 6.7); one without an end would be held whole, several times.
    while line := text.readline(_HEADER_LINE + 1):
        if len(line) > _HEADER_LINE:
            raise binascii.Error
        decoded.write(quopri.decodestring(line))
    text.close()
    return decoded


def _envelope(root: _Read, limits: PackageLimits) -> bytes:
    kind = root.headers.get_content_type() if "content-type" in root.headers else XOP
    if kind not in (XOP, XML):
        raise ClientFault(f"корневая часть MIME имеет тип «{shortened(kind)}»; ожидается {XOP} или {XML}")
    charset = root.headers.get_content_charset("utf-8")
    if charset not in ("utf-8", "utf8"):
        raise ClientFault(f"кодировка «{shortened(charset)}» корневой части MIME не поддерживается; ожидается UTF-8")
    if root.part.size > limits.envelope:
        raise ClientFault(f"конверт длиннее допустимого ({limits.envelope} байт)")
    octets = root.part.octets()
    root.part.file.close()
    return octets


def _parameter(declared: Message, name: str) -> str | None:
    value = declared.get_param(name)
    return None if value is None else collapse_rfc2231_value(value)


def _content_id(written: str | None) -> str | None:
    text = (written or "").strip()
    return (text[1:-1] if text.startswith("<") and text.endswith(">") else text) or None


def _reason(error: Exception) -> str:
    if isinstance(error, binascii.Error):
        return "часть в base64 или quoted-printable не читается"
    return "граница частей не найдена там, где должна быть"


class _Reader(MultipartReader):
    """aiohttp's reader with the rules of this room: the boundary alone ends a part, whatever its headers say."""

    def __init__(self, written: str, arriving: "_Arriving", limits: PackageLimits) -> None:
        # aiohttp knows no parameters in the forms of RFC 2231.
        boundary = _parameter(content_type(written), "boundary") or ""
        quoted = boundary.replace("\\", "\\\\").replace('"', '\\"')
        super().__init__({"Content-Type": f'multipart/related; boundary="{quoted}"'}, arriving)
        self._limits = limits
        self._lines = 0

    async def _readline(self) -> bytes:
        """A line outside parts."""
        self._lines += 1
        if self._lines > _LINES:
            raise ClientFault("в сообщении MIME слишком много строк вне частей")
        return await super()._readline()

    async def _read_headers(self) -> "CIMultiDictProxy[str]":
        """The headers of the next part, read by the standard library: aiohttp refuses those on several lines."""
        lines: list[bytes] = []
        while line := (await self._content.readline()).rstrip(b"\r\n"):
            lines.append(line)
            if len(lines) > self._limits.headers or len(line) > _HEADER_LINE:
                raise ClientFault("у части MIME слишком много заголовков")
        parsed = BytesHeaderParser().parsebytes(b"\r\n".join(lines) + b"\r\n\r\n")
        if parsed.defects:
            raise ClientFault("заголовки части MIME не читаются")
        if parsed.get_content_maintype() == "multipart":
            raise ClientFault("часть MIME сама состоит из частей; вложенные multipart не принимаются")
        encoding = str(parsed.get("content-transfer-encoding", "")).strip().lower()
        if encoding not in _ENCODINGS:
            raise ClientFault(f"кодировка части MIME «{shortened(encoding)}» не поддерживается")
        if str(parsed.get("content-encoding", "identity")).strip().lower() != "identity":
            raise ClientFault("сжатие части MIME (Content-Encoding) не поддерживается")
        kept = [(name, " ".join(str(value).split())) for name, value in parsed.items()]
        return CIMultiDictProxy(CIMultiDict(pair for pair in kept if pair[0].lower() != "content-length"))


class _Arriving(StreamReader):
    """What has come so far. More is fetched when the reader wants it, and given to it in small pieces, so that it never
    has so much that it would want to slow down a connection, which it does not have.
    """

    def __init__(self, octets: AsyncIterator[bytes]) -> None:
        loop = get_running_loop()
        super().__init__(BaseProtocol(loop), 2 * _CHUNK, loop=loop)
        self._octets = octets
        self._waiting = memoryview(b"")

    async def _wait(self, func_name: str) -> None:  # noqa: ARG002  aiohttp's signature
        if not self._waiting:
            try:
                self._waiting = memoryview(await anext(self._octets))
            except StopAsyncIteration:
                self.feed_eof()
                return
        self.feed_data(bytes(self._waiting[:_CHUNK]))
        self._waiting = self._waiting[_CHUNK:]
