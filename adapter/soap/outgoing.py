"""Binary contents of an answer: beside the envelope for callers who take that (MTOM), else inside it in base64."""

import base64
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field

from .package import XML, XOP

_HREF = b'<xop:Include xmlns:xop="http://www.w3.org/2004/08/xop/include" href="cid:%s"></xop:Include>'
_ROOT = "envelope@mezhved"


@dataclass(frozen=True, slots=True)
class OutgoingPart:
    """A part beside an envelope, named by its Content-ID."""

    content_id: str
    octets: bytes = field(repr=False)


class Outgoing:
    """The binary contents of one answer. `takes_parts` says whether its receiver understands parts."""

    def __init__(self, takes_parts: bool = False) -> None:
        self._takes_parts = takes_parts
        self._parts: list[OutgoingPart] = []

    @property
    def parts(self) -> tuple[OutgoingPart, ...]:
        """What is to go beside the envelope."""
        return tuple(self._parts)

    def place(self, octets: bytes) -> bytes:
        """What stands for `octets` in the envelope, in an element of type xs:base64Binary that no signature covers."""
        if not self._takes_parts:
            return base64.b64encode(octets)
        part = OutgoingPart(f"part{len(self._parts) + 1}@mezhved", octets)
        self._parts.append(part)
        return _HREF % part.content_id.encode()


@dataclass(frozen=True, slots=True)
class WrittenPackage:
    """A package ready to be sent: its Content-Type, its pieces in order, and how many octets they have."""

    content_type: str
    pieces: tuple[bytes, ...]

    @property
    def size(self) -> int:
        """Octets of the whole body."""
        return sum(map(len, self.pieces))

    def __iter__(self) -> Iterator[bytes]:
        return iter(self.pieces)


def write_package(envelope: bytes, parts: tuple[OutgoingPart, ...]) -> WrittenPackage:
    """An envelope of SOAP 1.1 and its parts as multipart/related (RFC 2387); nothing is copied."""
    # Nobody can foresee it, so it cannot stand in a part.
    boundary = f"mezhved-{secrets.token_hex(16)}"
    declared = f'multipart/related; type="{XOP}"; start="<{_ROOT}>"; start-info="{XML}"; boundary="{boundary}"'
    pieces = [_opening(boundary, f'{XOP}; charset=UTF-8; type="{XML}"', _ROOT, first=True), envelope]
    for part in parts:
        pieces += [_opening(boundary, "application/octet-stream", part.content_id), part.octets]
    pieces.append(f"\r\n--{boundary}--\r\n".encode())
    return WrittenPackage(declared, tuple(pieces))


def _opening(boundary: str, media_type: str, content_id: str, *, first: bool = False) -> bytes:
    before = "" if first else "\r\n"
    return (
        f"{before}--{boundary}\r\nContent-Type: {media_type}\r\n"
        f"Content-Transfer-Encoding: binary\r\nContent-ID: <{content_id}>\r\n\r\n"
    ).encode()
