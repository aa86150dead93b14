"""Chains of certificates and revocation, judged by libcrypto's X509_verify_cert (RFC 5280, section 6).

Works for RSA and ECDSA without the gost engine; whoever has GOST certificates loads it first.
"""

from collections.abc import Sequence
from datetime import datetime

from .libcrypto import LibCrypto, Pointer

# <openssl/x509_vfy.h>
CRL_CHECK = 0x4
CHECK_SS_SIGNATURE = 0x4000
PARTIAL_CHAIN = 0x80000
NO_CHECK_TIME = 0x200000
PURPOSE_ANY = 7

CERT_NOT_YET_VALID = 9
CERT_HAS_EXPIRED = 10
CERT_REVOKED = 23

SECURITY_LEVEL = 2
"""At least 112 bits: no RSA key under 2048, no MD5 or SHA-1 in a chain."""

GOST_SECURITY_LEVEL = 1
"""At least 80 bits: libcrypto counts GOST R 34.11-94, of old archives, as 105; MD5 and SHA-1 are still too weak."""

KEY_USAGE_ABSENT = 0xFFFFFFFF
KEY_USAGE_DIGITAL_SIGNATURE = 0x80
KEY_USAGE_NON_REPUDIATION = 0x40


class ChainFailure(Exception):  # noqa: N818 – an outcome, which `trust` turns into an error of the room
    """X509_verify_cert refused: its error number, its own words, and the certificate that it was looking at (DER)."""

    def __init__(self, number: int, words: str, certificate: bytes | None) -> None:
        super().__init__(words)
        self.number = number
        self.words = words
        self.certificate = certificate


class Chains:
    """Trusted and intermediate certificates, parsed once. Safe for use by many threads."""

    def __init__(self, crypto: LibCrypto, anchors: Sequence[bytes], intermediates: Sequence[bytes]) -> None:
        self._crypto = crypto
        self._store = _store(crypto, [crypto.parsed("X509", der) for der in anchors])
        self._intermediates = [crypto.parsed("X509", der) for der in intermediates]
        self._untrusted = crypto.stack(self._intermediates)

    def build(self, certificate: bytes, at: datetime, level: int) -> tuple[bytes, ...]:
        """The chain from the certificate to the first trusted one, both included, every one valid at that time.

        Raises:
            ChainFailure: there is none.
        """
        target = self._crypto.parsed("X509", certificate)
        flags = PARTIAL_CHAIN | CHECK_SS_SIGNATURE
        return _verify(self._crypto, self._store, target, untrusted=self._untrusted, flags=flags, level=level, at=at)

    def key_usage(self, certificate: bytes) -> int:
        """The bits of the certificate's keyUsage, `KEY_USAGE_ABSENT` where it has none."""
        return int(self._crypto.lib.X509_get_key_usage(self._crypto.parsed("X509", certificate)))

    def is_signed(self, crl: bytes, issuer: bytes) -> bool:
        """Whether the issuer's key signed the list."""
        crypto, lib = self._crypto, self._crypto.lib
        taken = lib.X509_get_pubkey(crypto.parsed("X509", issuer))
        key = crypto.owned(taken, "EVP_PKEY_free", "taking the issuer's key")
        signed = bool(lib.X509_CRL_verify(crypto.parsed("X509_CRL", crl), key) == 1)
        lib.ERR_clear_error()
        return signed

    def check_revocation(self, certificate: bytes, issuer: bytes, crls: Sequence[bytes]) -> None:
        """Return if the issuer's lists, none of whose times are looked at, do not name the certificate.

        Raises:
            ChainFailure: CERT_REVOKED, or the reason why the lists say nothing about it.
        """
        crypto = self._crypto
        store = _store(crypto, [crypto.parsed("X509", issuer)])
        for der in crls:
            # The store takes a reference of its own.
            crypto.require(crypto.lib.X509_STORE_add_crl(store, crypto.parsed("X509_CRL", der)), "adding a list")
        target = crypto.parsed("X509", certificate)
        flags = PARTIAL_CHAIN | CRL_CHECK | NO_CHECK_TIME
        _verify(crypto, store, target, untrusted=crypto.stack(()), flags=flags, level=GOST_SECURITY_LEVEL, at=None)


def _store(crypto: LibCrypto, trusted: Sequence[Pointer]) -> Pointer:
    store = crypto.owned(crypto.lib.X509_STORE_new(), "X509_STORE_free", "making a store")
    for pointer in trusted:
        crypto.require(crypto.lib.X509_STORE_add_cert(store, pointer), "adding a certificate")
    return store


def _verify(
    crypto: LibCrypto,
    store: Pointer,
    target: Pointer,
    *,
    untrusted: Pointer,
    flags: int,
    level: int,
    at: datetime | None,
) -> tuple[bytes, ...]:
    lib = crypto.lib
    ctx = crypto.owned(lib.X509_STORE_CTX_new(), "X509_STORE_CTX_free", "preparing a chain")
    crypto.require(lib.X509_STORE_CTX_init(ctx, store, target, untrusted), "preparing a chain")
    param = lib.X509_STORE_CTX_get0_param(ctx)
    crypto.require(lib.X509_VERIFY_PARAM_set_flags(param, flags), "preparing a chain")
    crypto.require(lib.X509_VERIFY_PARAM_set_purpose(param, PURPOSE_ANY), "preparing a chain")
    lib.X509_VERIFY_PARAM_set_auth_level(param, level)
    if at is not None:
        lib.X509_VERIFY_PARAM_set_time(param, int(at.timestamp()))
    if lib.X509_verify_cert(ctx) == 1:
        chain = lib.X509_STORE_CTX_get0_chain(ctx)
        items = [lib.OPENSSL_sk_value(chain, index) for index in range(lib.OPENSSL_sk_num(chain))]
        return tuple(_der(crypto, crypto.ffi.cast("X509 *", item)) for item in items)
    number = lib.X509_STORE_CTX_get_error(ctx)
    words = crypto.ffi.string(lib.X509_verify_cert_error_string(number)).decode()
    current = lib.X509_STORE_CTX_get_current_cert(ctx)
    failure = ChainFailure(number, words, _der(crypto, current) if current != crypto.null else None)
    lib.ERR_clear_error()
    raise failure


def _der(crypto: LibCrypto, certificate: Pointer) -> bytes:
    return crypto.written(lambda bio: crypto.lib.i2d_X509_bio(bio, certificate), "writing a certificate")
