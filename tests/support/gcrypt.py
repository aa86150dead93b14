"""libgcrypt as a second opinion on GOST: digests and signatures by code that shares nothing with OpenSSL's engine.

Keys and numbers cross as plain octets. libgcrypt takes a digest as a big-endian number where GOST R 34.10 reads the
digest's octets as a little-endian one, so the digest is reversed on the way in.
"""

import functools
from typing import Any

import cffi

from .absent import absent

LIBRARY = "libgcrypt.so.20"

DIGESTS = {
    "gostr3411-94": 308,
    "streebog256": 309,
    "streebog512": 310,
    "gostr3411-94-cryptopro": 311,
}
"""The numbers of enum gcry_md_algos. GOST R 34.11-94 comes with the test and with CryptoPro's substitution box."""

CURVES = {
    "cryptopro-a": "1.2.643.2.2.35.1",
    "cryptopro-b": "1.2.643.2.2.35.2",
    "cryptopro-c": "1.2.643.2.2.35.3",
    "cryptopro-xcha": "1.2.643.2.2.36.0",
    "cryptopro-xchb": "1.2.643.2.2.36.1",
    "tc26-256-a": "GOST2012-256-A",
    "tc26-256-b": "1.2.643.7.1.2.1.1.2",
    "tc26-256-c": "1.2.643.7.1.2.1.1.3",
    "tc26-256-d": "1.2.643.7.1.2.1.1.4",
    "tc26-512-a": "1.2.643.7.1.2.1.2.1",
    "tc26-512-b": "1.2.643.7.1.2.1.2.2",
    "tc26-512-c": "1.2.643.7.1.2.1.2.3",
}


# Identifiers where libgcrypt 1.10 knows them; the first tc26 set of 256 bits it knows by a name of its own only.


class GcryptError(Exception):
    """libgcrypt refused; the text is its own."""


class Gcrypt:
    """The few calls the tests need."""

    def __init__(self) -> None:
        self.ffi = cffi.FFI()
        self.ffi.cdef(
            """
            typedef unsigned int gcry_error_t; typedef void *gcry_sexp_t;
            const char *gcry_check_version(const char *wanted);
            gcry_error_t gcry_control(int command, ...);
            const char *gcry_strerror(gcry_error_t error);
            void gcry_md_hash_buffer(int algorithm, void *digest, const void *octets, size_t size);
            unsigned int gcry_md_get_algo_dlen(int algorithm);
            gcry_error_t gcry_sexp_new(gcry_sexp_t *result, const void *text, size_t size, int autodetect);
            gcry_sexp_t gcry_sexp_find_token(gcry_sexp_t list, const char *token, size_t size);
            const char *gcry_sexp_nth_data(const gcry_sexp_t list, int number, size_t *size);
            void gcry_sexp_release(gcry_sexp_t sexp);
            gcry_error_t gcry_pk_verify(gcry_sexp_t signature, gcry_sexp_t data, gcry_sexp_t key);
            gcry_error_t gcry_pk_sign(gcry_sexp_t *result, gcry_sexp_t data, gcry_sexp_t key);
            """
        )
        self.lib = self.ffi.dlopen(LIBRARY)
        self.version = self.ffi.string(self.lib.gcry_check_version(self.ffi.NULL)).decode()
        self.lib.gcry_control(37, self.ffi.cast("int", 0))  # GCRYCTL_DISABLE_SECMEM
        self.lib.gcry_control(38, self.ffi.cast("int", 0))  # GCRYCTL_INITIALIZATION_FINISHED

    def digest(self, algorithm: str, octets: bytes) -> bytes:
        number = DIGESTS[algorithm]
        size = self.lib.gcry_md_get_algo_dlen(number)
        digest = self.ffi.new("unsigned char[]", size)
        self.lib.gcry_md_hash_buffer(number, digest, octets, len(octets))
        return bytes(self.ffi.buffer(digest, size))

    def verify(self, curve: str, point: bytes, digest: bytes, r: bytes, s: bytes) -> None:
        """Raise `GcryptError` unless (r, s), big-endian, sign the digest under the point `04 | x | y`, big-endian."""
        key = self._sexp(f'(public-key (ecc (curve "{CURVES[curve]}") (q #{point.hex()}#)))')
        value = self._sexp(f"(sig-val (gost (r #{r.hex()}#) (s #{s.hex()}#)))")
        self._require(self.lib.gcry_pk_verify(value, self._data(digest), key))

    def sign(self, curve: str, point: bytes, secret: bytes, digest: bytes) -> tuple[bytes, bytes]:
        """(r, s), big-endian, without leading zeros added; the secret is big-endian."""
        key = self._sexp(f'(private-key (ecc (curve "{CURVES[curve]}") (q #{point.hex()}#) (d #00{secret.hex()}#)))')
        result = self.ffi.new("gcry_sexp_t *")
        self._require(self.lib.gcry_pk_sign(result, self._data(digest), key))
        signature = self.ffi.gc(result[0], self.lib.gcry_sexp_release)
        return self._number(signature, b"r"), self._number(signature, b"s")

    def _data(self, digest: bytes) -> Any:
        return self._sexp(f"(data (flags gost) (value #00{digest[::-1].hex()}#))")

    def _number(self, sexp: Any, name: bytes) -> bytes:
        found = self.ffi.gc(self.lib.gcry_sexp_find_token(sexp, name, len(name)), self.lib.gcry_sexp_release)
        size = self.ffi.new("size_t *")
        octets = self.lib.gcry_sexp_nth_data(found, 1, size)
        return bytes(self.ffi.buffer(octets, size[0])).lstrip(b"\0")

    def _sexp(self, text: str) -> Any:
        result = self.ffi.new("gcry_sexp_t *")
        octets = text.encode()
        self._require(self.lib.gcry_sexp_new(result, octets, len(octets), 1))
        return self.ffi.gc(result[0], self.lib.gcry_sexp_release)

    def _require(self, error: int) -> None:
        if error:
            raise GcryptError(self.ffi.string(self.lib.gcry_strerror(error)).decode())


@functools.cache
def _load() -> Gcrypt:
    return Gcrypt()


def gcrypt() -> Gcrypt:
    """libgcrypt, or a skip that says what is missing."""
    try:
        return _load()
    except OSError:
        absent(f"needs {LIBRARY} for a second opinion on GOST (apt-get install libgcrypt20)")
