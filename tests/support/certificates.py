"""Authorities and certificates made for a test, each kind of key once in a process: RSA keys take a second."""

import functools
from datetime import UTC, datetime

from mezhved.signing.authority import Authority, Issued, create_authority

from .gost import require_for

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
END = datetime(2030, 1, 1, tzinfo=UTC)

GOST_KINDS = [
    "gost256-tc26-a",
    "gost256-tc26-b",
    "gost256-tc26-c",
    "gost256-tc26-d",
    "gost256-cryptopro-a",
    "gost256-cryptopro-b",
    "gost256-cryptopro-c",
    "gost256-cryptopro-xcha",
    "gost256-cryptopro-xchb",
    "gost512-tc26-a",
    "gost512-tc26-b",
    "gost512-tc26-c",
]
ARCHIVE_KINDS = [
    "gost2001-cryptopro-a",
    "gost2001-cryptopro-b",
    "gost2001-cryptopro-c",
    "gost2001-cryptopro-xcha",
    "gost2001-cryptopro-xchb",
]
COMMON_KINDS = ["rsa2048", "p256", "p384", "p521"]
"""Every kind of key but the longer RSA ones, which take seconds to generate and differ in nothing else."""


@functools.cache
def authority(kind: str) -> Authority:
    """A root authority; skips where the machine lacks GOST."""
    require_for(kind)
    return create_authority(kind, f"CN=Root {kind},O=Test,C=RU", valid_from=BEGIN, valid_to=END)


@functools.cache
def system(kind: str, serial: int = 100) -> Issued:
    """An information system's certificate, from `authority(kind)`."""
    return authority(kind).issue(
        f"CN=System {kind},O=Test,C=RU", key_type=kind, serial=serial, valid_from=BEGIN, valid_to=END
    )
