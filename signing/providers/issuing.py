"""Certificates and revocation lists made by libcrypto, for the test authority (RFC 5280; GOST: RFC 9215).

Names and extensions arrive as DER, which `cryptography` writes for any kind of key; libcrypto puts the whole together
and signs it, which `cryptography` cannot do with a GOST key.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from .libcrypto import LibCrypto, Pointer

VERSION_3 = 2
CRL_VERSION_2 = 1
MBSTRING_UTF8 = 0x1000


@dataclass(frozen=True, slots=True)
class Extension:
    """An X.509 extension: its object identifier, the DER of its value."""

    oid: str
    critical: bool
    value: bytes


@dataclass(frozen=True, slots=True)
class CertificateContent:
    """What is to stand in a certificate, but for the keys. Names in DER."""

    serial: int
    subject: bytes
    issuer: bytes
    not_before: datetime
    not_after: datetime
    extensions: Sequence[Extension]


@dataclass(frozen=True, slots=True)
class CrlContent:
    """What is to stand in a revocation list: serial numbers with their dates. The issuer's name in DER."""

    issuer: bytes
    this_update: datetime
    next_update: datetime
    revoked: Iterable[tuple[int, datetime]]
    extensions: Sequence[Extension]


def public_key_info(crypto: LibCrypto, key: Pointer) -> bytes:
    """The SubjectPublicKeyInfo of an EVP_PKEY, in DER."""
    return crypto.written(lambda bio: crypto.lib.i2d_PUBKEY_bio(bio, key), "writing a public key")


def name_der(crypto: LibCrypto, attributes: Sequence[Sequence[tuple[str, str]]]) -> bytes:
    """A distinguished name from (object identifier, value) pairs, one sequence for each relative name.

    libcrypto picks the string type that each attribute's definition wants and minds its limits, counted in characters.
    """
    lib, doing = crypto.lib, "making a name"
    lib.ERR_clear_error()
    name = crypto.owned(lib.X509_NAME_new(), "X509_NAME_free", doing)
    for relative in attributes:
        for place, (oid, value) in enumerate(relative):
            attribute = crypto.owned(lib.OBJ_txt2obj(oid.encode(), 1), "ASN1_OBJECT_free", doing)
            octets = value.encode()
            # -1 adds the attribute to the relative name before it.
            added = lib.X509_NAME_add_entry_by_OBJ(
                name, attribute, MBSTRING_UTF8, octets, len(octets), -1, -1 if place else 0
            )
            crypto.require(added, f"{doing}: {value!r}")
    return _name_octets(crypto, name)


def subject_name_der(crypto: LibCrypto, certificate: bytes) -> bytes:
    """The subject of a certificate, as it stands there."""
    parsed = crypto.parsed("X509", certificate)
    return _name_octets(crypto, crypto.lib.X509_get_subject_name(parsed))


def sign_certificate(
    crypto: LibCrypto, content: CertificateContent, subject_key: Pointer, issuer_key: Pointer, digest: str
) -> bytes:
    """The certificate in DER."""
    lib, doing = crypto.lib, "making a certificate"
    lib.ERR_clear_error()
    certificate = crypto.owned(lib.X509_new(), "X509_free", doing)
    for status in (
        lib.X509_set_version(certificate, VERSION_3),
        lib.X509_set_serialNumber(certificate, crypto.integer(content.serial)),
        lib.X509_set_subject_name(certificate, crypto.parsed("X509_NAME", content.subject)),
        lib.X509_set_issuer_name(certificate, crypto.parsed("X509_NAME", content.issuer)),
        lib.X509_set1_notBefore(certificate, crypto.time(content.not_before)),
        lib.X509_set1_notAfter(certificate, crypto.time(content.not_after)),
        lib.X509_set_pubkey(certificate, subject_key),
        *(lib.X509_add_ext(certificate, _extension(crypto, extension), -1) for extension in content.extensions),
        lib.X509_sign(certificate, issuer_key, crypto.digest_method(digest)),
    ):
        crypto.require(status, doing)
    return crypto.written(lambda bio: lib.i2d_X509_bio(bio, certificate), doing)


def sign_crl(crypto: LibCrypto, content: CrlContent, issuer_key: Pointer, digest: str) -> bytes:
    """The revocation list in DER."""
    lib, doing = crypto.lib, "making a revocation list"
    lib.ERR_clear_error()
    crl = crypto.owned(lib.X509_CRL_new(), "X509_CRL_free", doing)
    for status in (
        lib.X509_CRL_set_version(crl, CRL_VERSION_2),
        lib.X509_CRL_set_issuer_name(crl, crypto.parsed("X509_NAME", content.issuer)),
        lib.X509_CRL_set1_lastUpdate(crl, crypto.time(content.this_update)),
        lib.X509_CRL_set1_nextUpdate(crl, crypto.time(content.next_update)),
        *(_add_revoked(crypto, crl, serial, at) for serial, at in content.revoked),
        *(lib.X509_CRL_add_ext(crl, _extension(crypto, extension), -1) for extension in content.extensions),
        lib.X509_CRL_sort(crl),
        lib.X509_CRL_sign(crl, issuer_key, crypto.digest_method(digest)),
    ):
        crypto.require(status, doing)
    return crypto.written(lambda bio: lib.i2d_X509_CRL_bio(bio, crl), doing)


def _name_octets(crypto: LibCrypto, name: Pointer) -> bytes:
    size = crypto.lib.i2d_X509_NAME(name, crypto.null)
    crypto.require(size, "writing a name")
    octets = crypto.ffi.new("unsigned char[]", size)
    crypto.lib.i2d_X509_NAME(name, crypto.ffi.new("unsigned char **", octets))
    return bytes(crypto.ffi.buffer(octets, size))


def _add_revoked(crypto: LibCrypto, crl: Pointer, serial: int, at: datetime) -> int:
    lib, doing = crypto.lib, "revoking a certificate"
    revoked = crypto.owned(lib.X509_REVOKED_new(), "X509_REVOKED_free", doing)
    crypto.require(lib.X509_REVOKED_set_serialNumber(revoked, crypto.integer(serial)), doing)
    crypto.require(lib.X509_REVOKED_set_revocationDate(revoked, crypto.time(at)), doing)
    crypto.require(lib.X509_CRL_add0_revoked(crl, revoked), doing)
    crypto.ffi.gc(revoked, None)  # it belongs to the list now
    return 1


def _extension(crypto: LibCrypto, extension: Extension) -> Pointer:
    lib, doing = crypto.lib, f"making the extension {extension.oid}"
    value = crypto.owned(lib.ASN1_OCTET_STRING_new(), "ASN1_OCTET_STRING_free", doing)
    crypto.require(lib.ASN1_OCTET_STRING_set(value, extension.value, len(extension.value)), doing)
    oid = crypto.owned(lib.OBJ_txt2obj(extension.oid.encode(), 1), "ASN1_OBJECT_free", doing)
    made = lib.X509_EXTENSION_create_by_OBJ(crypto.null, oid, int(extension.critical), value)
    return crypto.owned(made, "X509_EXTENSION_free", doing)
