"""X.509 certificates as values: read once, compared by their octets.

`cryptography` reads the structure, of GOST certificates too; what it cannot do is compute with a GOST key, and nothing
here asks it to. Reading says nothing about trust (`trust.TrustStore`).
"""

import base64
import binascii
import contextlib
import functools
import hashlib
import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from cryptography import x509

from .algorithms import KeyType
from .errors import CertificateMalformed

LARGEST_CERTIFICATE = 64 * 1024
"""Octets. Real ones have one to four thousand; the limit keeps the caches below small whatever a stranger sends."""

CACHED_CERTIFICATES = 1024

KEY_TYPES = {
    "1.2.643.7.1.1.1.1": KeyType.GOST256,
    "1.2.643.7.1.1.1.2": KeyType.GOST512,
    "1.2.643.2.2.19": KeyType.GOST2001,
    "1.2.840.113549.1.1.1": KeyType.RSA,
    "1.2.840.10045.2.1": KeyType.ECDSA,
}

GOST_SIGNATURES = {"1.2.643.7.1.1.3.2", "1.2.643.7.1.1.3.3", "1.2.643.2.2.3"}

NAME_ATTRIBUTES = {
    x509.ObjectIdentifier("1.2.643.3.131.1.1"): "INN",
    x509.ObjectIdentifier("1.2.643.100.1"): "OGRN",
    x509.ObjectIdentifier("1.2.643.100.3"): "SNILS",
    x509.ObjectIdentifier("1.2.643.100.4"): "INNLE",
    x509.ObjectIdentifier("1.2.643.100.5"): "OGRNIP",
    x509.ObjectIdentifier("1.2.840.113549.1.9.1"): "emailAddress",
}
"""Attributes of names that qualified certificates in Russia carry beyond RFC 4514's own list."""

NAME_OIDS = {name: oid for oid, name in NAME_ATTRIBUTES.items()}
"""The same, to read an RFC 4514 string by."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate that could be read. Equal when the octets are equal.

    `subject` and `issuer` are RFC 4514 strings, most specific part first; `not_before` and `not_after` aware, in UTC;
    `fingerprint` the SHA-256 of the DER, lower-case hex; `key_type` OTHER for keys that no algorithm here takes.
    """

    der: bytes = field(repr=False)
    subject: str = field(compare=False)
    issuer: str = field(compare=False, repr=False)
    serial: int = field(compare=False)
    not_before: datetime = field(compare=False)
    not_after: datetime = field(compare=False)
    fingerprint: str = field(compare=False)
    key_type: KeyType = field(compare=False)
    needs_gost: bool = field(compare=False, repr=False)
    """Whether GOST is needed to judge it: its key is one, or the signature of its issuer."""

    @classmethod
    def from_der(cls, der: bytes) -> "Certificate":
        """Read DER, from a cache where the same octets were read lately.

        Raises:
            CertificateMalformed: not a certificate, octets left over, or larger than `LARGEST_CERTIFICATE`.
        """
        if len(der) > LARGEST_CERTIFICATE:
            raise CertificateMalformed(f"a certificate of {len(der)} octets: at most {LARGEST_CERTIFICATE} are read")
        return _read(bytes(der))

    @classmethod
    def from_pem(cls, pem: bytes) -> "Certificate":
        """The first certificate of a PEM text; `CertificateMalformed` if there is none."""
        return load_pem_many(pem)[0]

    def to_pem(self) -> bytes:
        """The certificate as PEM text."""
        return pem_block(b"CERTIFICATE", self.der)


def load_pem_many(pem: bytes) -> tuple[Certificate, ...]:
    """Every certificate of a PEM text, in its order; what stands between them is skipped.

    Raises:
        CertificateMalformed: there is none, or one cannot be read.
    """
    blocks = pem_blocks(b"CERTIFICATE", pem)
    if not blocks:
        raise CertificateMalformed("no certificate in the PEM text (-----BEGIN CERTIFICATE----- is missing)")
    return tuple(Certificate.from_der(block) for block in blocks)


def load_pem_or_der(octets: bytes) -> tuple[Certificate, ...]:
    """The certificates of a file that may be either; `CertificateMalformed` if there is none."""
    return load_pem_many(octets) if b"-----BEGIN" in octets else (Certificate.from_der(octets),)


def same_name(one: str, other: str) -> bool:
    """Whether two RFC 4514 strings are one name by RFC 5280, section 7.1: case and runs of spaces do not matter."""
    return one == other or " ".join(one.casefold().split()) == " ".join(other.casefold().split())


def pem_blocks(label: bytes, pem: bytes) -> list[bytes]:
    """The octets within each PEM block of that label; `CertificateMalformed` where one is not base64."""
    pattern = rb"-----BEGIN %b-----\s(.*?)-----END %b-----" % (label, label)
    try:
        return [base64.b64decode(b"".join(block.split()), validate=True) for block in re.findall(pattern, pem, re.S)]
    except binascii.Error as error:
        raise CertificateMalformed(f"a PEM block {label.decode()} is not base64: {error}") from error


def pem_block(label: bytes, octets: bytes) -> bytes:
    """The octets as one PEM block."""
    text = base64.b64encode(octets)
    lines = b"".join(text[start : start + 64] + b"\n" for start in range(0, len(text), 64))
    return b"-----BEGIN %b-----\n%b-----END %b-----\n" % (label, lines, label)


@contextlib.contextmanager
def reading_names() -> Iterator[None]:
    """While `cryptography` reads names, without the warnings that it has for what is common or judged elsewhere.

    It counts the limit of 64 characters of a common name in octets, of which a Cyrillic letter has two.
    """
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Attribute's length must be", UserWarning)
        warnings.filterwarnings("ignore", "Parsed a serial number which wasn't positive", UserWarning)
        yield


@functools.lru_cache(CACHED_CERTIFICATES)
def _read(der: bytes) -> Certificate:
    try:
        with reading_names():
            return _content(der, x509.load_der_x509_certificate(der))
    except (ValueError, x509.InvalidVersion) as error:
        raise CertificateMalformed(f"not a certificate that can be read: {error}") from error


def _content(der: bytes, parsed: x509.Certificate) -> Certificate:
    if parsed.serial_number <= 0:
        raise ValueError("its serial number is not positive (RFC 5280, section 4.1.2.2)")
    key_type = KEY_TYPES.get(parsed.public_key_algorithm_oid.dotted_string, KeyType.OTHER)
    return Certificate(
        der=der,
        subject=parsed.subject.rfc4514_string(NAME_ATTRIBUTES),
        issuer=parsed.issuer.rfc4514_string(NAME_ATTRIBUTES),
        serial=parsed.serial_number,
        not_before=parsed.not_valid_before_utc,
        not_after=parsed.not_valid_after_utc,
        fingerprint=hashlib.sha256(der).hexdigest(),
        key_type=key_type,
        needs_gost=key_type.is_gost or parsed.signature_algorithm_oid.dotted_string in GOST_SIGNATURES,
    )
