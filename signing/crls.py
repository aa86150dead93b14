"""Certificate revocation lists as values (RFC 5280, section 5)."""

from dataclasses import dataclass, field
from datetime import datetime

from cryptography import x509

from .certificates import NAME_ATTRIBUTES, pem_block, pem_blocks, reading_names
from .errors import CrlUnusable


@dataclass(frozen=True, slots=True)
class RevocationList:
    """A list that could be read; nothing is said about who signed it. Equal when the octets are equal.

    `issuer` is an RFC 4514 string, the times are aware, in UTC; `next_update` is None where the list names none.
    """

    der: bytes = field(repr=False)
    issuer: str = field(compare=False)
    this_update: datetime = field(compare=False)
    next_update: datetime | None = field(compare=False)
    _parsed: x509.CertificateRevocationList = field(compare=False, repr=False)

    @classmethod
    def from_der(cls, der: bytes) -> "RevocationList":
        """Read DER; `CrlUnusable` if the octets are no list."""
        try:
            parsed = x509.load_der_x509_crl(der)
            with reading_names():
                issuer = parsed.issuer.rfc4514_string(NAME_ATTRIBUTES)
            return cls(
                der=der,
                issuer=issuer,
                this_update=parsed.last_update_utc,
                next_update=parsed.next_update_utc,
                _parsed=parsed,
            )
        except ValueError as error:
            raise CrlUnusable(f"not a revocation list that can be read: {error}") from error

    def to_pem(self) -> bytes:
        """The list as PEM text."""
        return pem_block(b"X509 CRL", self.der)

    def revoked_at(self, serial: int) -> datetime | None:
        """When the certificate of that serial number was revoked, by this list; None if it is not listed."""
        entry = self._parsed.get_revoked_certificate_by_serial_number(serial)
        return None if entry is None else entry.revocation_date_utc

    @property
    def number(self) -> int | None:
        """The list's cRLNumber, which grows from list to list; None where it has none."""
        try:
            return self._parsed.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number
        except (x509.ExtensionNotFound, ValueError):
            return None

    @property
    def revoked(self) -> tuple[tuple[int, datetime], ...]:
        """Serial number and date of every entry."""
        return tuple((entry.serial_number, entry.revocation_date_utc) for entry in self._parsed)


def load_crls(octets: bytes) -> tuple[RevocationList, ...]:
    """The lists of a file, PEM or DER; `CrlUnusable` if there is none."""
    if b"-----BEGIN" not in octets:
        return (RevocationList.from_der(octets),)
    blocks = pem_blocks(b"X509 CRL", octets)
    if not blocks:
        raise CrlUnusable("no revocation list in the PEM text (-----BEGIN X509 CRL----- is missing)")
    return tuple(RevocationList.from_der(block) for block in blocks)
