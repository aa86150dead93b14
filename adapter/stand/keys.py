"""Keys and certificates of a stand: a test authority of its own, and one pair for each system."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from ...signing.authority import Issued, create_authority
from ...signing.certificates import Certificate
from ...signing.providers import openssl_gost

_VALID = timedelta(days=365)
_BEFORE = timedelta(days=1)
"""Certificates begin a day early, so that clocks that differ do not refuse each other's."""


@dataclass(frozen=True, slots=True)
class KeyPair:
    """The two PEM files of a system: private key, and certificate."""

    key: Path
    certificate: Path

    @property
    def name(self) -> str:
        """Whose they are, as the files are called."""
        return self.key.name.removesuffix(".key.pem")


def customary_key_type(*, ecdsa: bool) -> tuple[str, str]:
    """The kind of keys for a stand, and a line that says why: GOST where this machine can, else ECDSA."""
    if ecdsa:
        return "p256", "ECDSA P-256, as asked"
    found = openssl_gost().availability()
    if found.works:
        return "gost256", f"GOST R 34.10-2012 with 256 bits ({found.detail})"
    return "p256", f"ECDSA P-256, since GOST is not there: {found.detail}"


def pair_of(folder: Path, name: str) -> KeyPair:
    """Where the pair of a system stands."""
    return KeyPair(folder / f"{name}.key.pem", folder / f"{name}.crt.pem")


def make_keys(
    folder: Path, key_type: str, systems: Iterable[tuple[str, str]], now: datetime, random_bits: Callable[[int], int]
) -> Certificate:
    """An authority (`ca`) and a pair for each of the systems (file name, subject); returns the authority's certificate.

    Serial numbers are random, so that two stands on one machine can be told apart.
    """
    folder.mkdir(parents=True, exist_ok=True)
    start, end = now - _BEFORE, now + _VALID
    name = "CN=Учебный удостоверяющий центр стенда,O=Mezhved,C=RU"
    authority = create_authority(key_type, name, valid_from=start, valid_to=end, serial=random_bits(63) | 1)
    _write(pair_of(folder, "ca"), authority)
    for system, subject in systems:
        serial = random_bits(63) | 1
        issued = authority.issue(subject, key_type=key_type, serial=serial, valid_from=start, valid_to=end)
        _write(pair_of(folder, system), issued)
    return authority.certificate


def _write(pair: KeyPair, issued: Issued) -> None:
    pair.key.touch(mode=0o600)
    pair.key.write_bytes(issued.key_pem)
    pair.certificate.write_bytes(issued.certificate.to_pem())
