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
