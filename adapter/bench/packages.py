"""What MIME packages cost to read: legal ones, and the worst of the same length that a caller might think of."""

import asyncio
import tracemalloc
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ..exchange.faults import Fault
from ..soap.package import read_package
from .measuring import Figure, measure

_TYPE = 'multipart/related; type="application/xop+xml"; boundary="BB"'
_ROOT = b"--BB\r\nContent-ID: <root>\r\n\r\n<a/>\r\n"
_END = b"\r\n--BB--\r\n"
_STEP = 64 * 1024
"""Octets that arrive at a time."""


@dataclass(frozen=True, slots=True)
class PackageRow:
    """One package: its CPU in microseconds, the most memory that reading it took in bytes, and what became of it."""

    name: str
    legal: bool
    figure: Figure
    memory: int
    outcome: str


@dataclass(frozen=True, slots=True)
class PackagesReport:
    """The figures of packages of `octets` each."""

    octets: int
    rounds: int
    rows: tuple[PackageRow, ...]

    def as_json(self) -> dict[str, Any]:
        """As values of JSON."""
        rows = [
            {
                "name": row.name,
                "legal": row.legal,
                "microseconds": row.figure.median,
                "memory": row.memory,
                "outcome": row.outcome,
            }
            for row in self.rows
        ]
        return {"octets": self.octets, "rounds": self.rounds, "packages": rows}


def measure_packages(octets: int, rounds: int) -> PackagesReport:
    """Reads every package `rounds` times, in turns."""
    packages = _packages(octets)
    figures = measure({name: _reading(body) for name, (body, _) in packages.items()}, rounds)
    rows = []
    for name, (body, legal) in packages.items():
        memory, outcome = _watched(body)
        rows.append(PackageRow(name, legal, figures[name], memory, outcome))
    return PackagesReport(octets, rounds, tuple(rows))


def _packages(octets: int) -> Mapping[str, tuple[bytes, bool]]:
    """Packages of about so many octets by what they are, and whether they are legal."""

    def part(content: bytes, *headers: bytes) -> bytes:
        head = b"".join(header + b"\r\n" for header in (b"Content-ID: <p>", *headers))
        return _ROOT + b"--BB\r\n" + head + b"\r\n" + content + _END

    def full(piece: bytes) -> bytes:
        return piece * (octets // len(piece))

    base64, quoted = b"Content-Transfer-Encoding: base64", b"Content-Transfer-Encoding: quoted-printable"
    lines = b"QUJD" * 19 + b"\r\n"
    return {
        "binary": (part(full(bytes(range(256)))), True),
        "base64": (part(full(lines), base64), True),
        "quoted-printable": (part(full(b"=41" * 25 + b"=\r\n"), quoted), True),
        "ends of lines": (part(full(b"\r\n")), False),
        "almost the boundary": (part(full(b"\r\n--B")), False),
        "half ends of lines": (part(full(b"\r")), False),
        "base64, one octet a line": (part(full(b"Q\n"), base64), False),
        "quoted-printable without lines": (part(full(b"=41"), quoted), False),
        "headers of one part": (part(b"x", *[b"A: b"] * (octets // 6)), False),
        "one long header": (part(b"x", b"A: " + full(b"b")), False),
        "parts": (_ROOT + full(b"--BB\r\n\r\n\r\n") + _END, False),
        "boundaries alone": (full(b"--BB\r\n"), False),
        "lines before the first part": (full(b"x\r\n") + part(b"x"), False),
        "a line before the first part": (full(b"x"), False),
        "lines after the last part": (part(b"x") + full(b"x\r\n"), False),
        "no end": (part(full(b"x"))[: -len(_END)], False),
    }


def _reading(body: bytes) -> Callable[[], object]:
    return lambda: _read(body)


def _read(body: bytes) -> str:
    try:
        with asyncio.run(read_package(_arriving(body), _TYPE)):
            return "read"
    except Fault:
        return "refused"


async def _arriving(body: bytes) -> AsyncIterator[bytes]:
    for place in range(0, len(body), _STEP):
        yield body[place : place + _STEP]


def _watched(body: bytes) -> tuple[int, str]:
    tracemalloc.start()
    try:
        outcome = _read(body)
        return tracemalloc.get_traced_memory()[1], outcome
    finally:
        tracemalloc.stop()
