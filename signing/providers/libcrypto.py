"""The system's libcrypto, loaded at first use, and its gost engine, loaded by API.

The only module that knows cffi. What stands behind `LibCrypto.lib` is untyped C; callers wrap it in typed functions of
their own. The Python package `cryptography` carries a libcrypto of its own inside: the two share nothing, and octets
(DER, PEM) are all that passes between them.

The engine is never loaded through OPENSSL_CONF: a configuration file takes hold of every libcrypto of the process, and
libraries that did not ask for the engine have been seen to crash with it.
"""

import contextlib
import ctypes.util
import functools
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import cffi  # type: ignore[import-untyped, unused-ignore]

from ..errors import ProviderUnavailable
from .cdefs import CDEF

Pointer = Any
"""A C pointer that cffi holds. NULL never leaves this module unnoticed: `owned` and `present` turn it into an error."""

INSTALL_LIBCRYPTO = "install OpenSSL 3 (Debian, Ubuntu: apt-get install libssl3)"
INSTALL_ENGINE = (
    "install the gost engine of OpenSSL 3 (Debian, Ubuntu: apt-get install libengine-gost-openssl), "
    "or set OPENSSL_ENGINES to the folder that holds it"
)

OLDEST_VERSION = 0x30000000
# Ciphers (keys under a password), digests, key methods and key formats; nothing that TLS or random numbers depend on.
ENGINE_METHODS = 0x0040 | 0x0080 | 0x0200 | 0x0400

_LOADING = threading.Lock()


class LibCryptoError(Exception):
    """A call failed: what was being done, and libcrypto's own reasons. Callers turn it into an error of the room."""


class LibCrypto:
    """One loaded libcrypto. Safe for use by many threads; calls release the interpreter's lock."""

    def __init__(self, ffi: Any, lib: Any, file_name: str) -> None:
        self.ffi = ffi
        self.lib = lib
        self.null = ffi.NULL
        self.file_name = file_name
        self.version_number: int = lib.OpenSSL_version_num()
        self.version: str = ffi.string(lib.OpenSSL_version(0)).decode()
        # Written as ENGINESDIR: "/usr/lib/…/engines-3".
        self.engines_folder: str = ffi.string(lib.OpenSSL_version(5)).decode().partition('"')[2].rstrip('"')
        self._engines: dict[str, str] = {}
        self._engine_lock = threading.Lock()

    def engine_file(self, name: str) -> Path:
        """Where the engine is looked for: in the environment's OPENSSL_ENGINES, else where libcrypto was built to."""
        return Path(os.environ.get("OPENSSL_ENGINES", self.engines_folder)) / f"{name}.so"

    # -- errors ------------------------------------------------------------------------------------------------------

    def error(self, doing: str) -> LibCryptoError:
        """The failure of what was being done, with everything in libcrypto's error queue, which it empties."""
        text = self.ffi.new("char[256]")
        reasons = []
        while code := self.lib.ERR_get_error():
            self.lib.ERR_error_string_n(code, text, 256)
            # error:0308010C:digital envelope routines::unsupported
            reasons.append(": ".join(filter(None, self.ffi.string(text).decode(errors="replace").split(":")[2:])))
        return LibCryptoError(f"{doing}: {'; '.join(dict.fromkeys(reasons))}" if reasons else doing)

    def require(self, status: int, doing: str) -> None:
        """Raise `LibCryptoError` unless the call's status is positive."""
        if status <= 0:
            raise self.error(doing)

    def present(self, pointer: Pointer, doing: str) -> Pointer:
        """The pointer, which belongs to somebody else; `LibCryptoError` if it is NULL."""
        if pointer == self.null:
            raise self.error(doing)
        return pointer

    def owned(self, pointer: Pointer, free: str, doing: str) -> Pointer:
        """The pointer, freed with the named function once Python drops it; `LibCryptoError` if it is NULL."""
        return self.ffi.gc(self.present(pointer, doing), getattr(self.lib, free))

    # -- octets in and out -------------------------------------------------------------------------------------------

    def parsed(self, kind: str, octets: bytes) -> Pointer:
        """A structure read from DER, e.g. `X509`, `X509_CRL`, `X509_NAME`."""
        self.lib.ERR_clear_error()
        place = self.ffi.new("const unsigned char **", self.ffi.from_buffer("unsigned char[]", octets))
        read = getattr(self.lib, f"d2i_{kind}")(self.null, place, len(octets))
        return self.owned(read, f"{kind}_free", f"reading {kind} from DER")

    @contextlib.contextmanager
    def reading(self, octets: bytes) -> Iterator[Pointer]:
        """A BIO that yields the octets."""
        self.lib.ERR_clear_error()
        with self.ffi.from_buffer("unsigned char[]", octets) as buffer:
            bio = self.present(self.lib.BIO_new_mem_buf(buffer, len(octets)), "opening a buffer")
            try:
                yield bio
            finally:
                self.lib.BIO_free(bio)

    def written(self, write: Callable[[Pointer], int], doing: str) -> bytes:
        """What the given function writes into a BIO."""
        self.lib.ERR_clear_error()
        bio = self.present(self.lib.BIO_new(self.lib.BIO_s_mem()), "opening a buffer")
        try:
            self.require(write(bio), doing)
            size = self.lib.BIO_ctrl_pending(bio)
            octets = self.ffi.new("unsigned char[]", size)
            self.lib.BIO_read(bio, octets, size)
            return bytes(self.ffi.buffer(octets, size))
        finally:
            self.lib.BIO_free(bio)

    def stack(self, items: Sequence[Pointer]) -> Pointer:
        """A stack of borrowed pointers: whoever uses it keeps the items themselves alive."""
        stack = self.owned(self.lib.OPENSSL_sk_new_null(), "OPENSSL_sk_free", "making a stack")
        for item in items:
            self.require(self.lib.OPENSSL_sk_push(stack, item), "filling a stack")
        return stack

    def time(self, moment: datetime) -> Pointer:
        """An ASN1_TIME; UTCTime or GeneralizedTime as RFC 5280 wants it for the year."""
        text = moment.astimezone(UTC).strftime("%Y%m%d%H%M%SZ").encode()
        time = self.owned(self.lib.ASN1_TIME_new(), "ASN1_TIME_free", "making a time")
        self.require(self.lib.ASN1_TIME_set_string_X509(time, text), f"writing the time {moment.isoformat()}")
        return time

    def integer(self, number: int) -> Pointer:
        """An ASN1_INTEGER of a number that is not negative."""
        octets = number.to_bytes((number.bit_length() + 7) // 8 or 1)
        big = self.owned(self.lib.BN_bin2bn(octets, len(octets), self.null), "BN_free", "making a number")
        return self.owned(self.lib.BN_to_ASN1_INTEGER(big, self.null), "ASN1_INTEGER_free", "making a number")

    # -- digests -----------------------------------------------------------------------------------------------------

    def digest_method(self, name: str) -> Pointer:
        """The EVP_MD of that name, which lives as long as the library."""
        return self.present(self.lib.EVP_get_digestbyname(name.encode()), f"finding the digest {name}")

    # -- engines -----------------------------------------------------------------------------------------------------

    def load_engine(self, name: str) -> str:
        """Load the engine and make it the default for what it implements; its own description.

        Cheap after the first time. A failure is not remembered, so that installing the engine needs no restart.

        Raises:
            ProviderUnavailable: the library knows no engines, or this one is not there; the text says how to get it.
        """
        with self._engine_lock:
            if name in self._engines:
                return self._engines[name]
            self.lib.ERR_clear_error()
            try:
                engine = self.lib.ENGINE_by_id(name.encode())
            except AttributeError:
                raise ProviderUnavailable(
                    f"{self.version} knows no engines, which GOST needs here: {INSTALL_LIBCRYPTO}, version 3"
                ) from None
            try:
                self.present(engine, f"the engine {name} cannot be loaded from {self.engine_file(name)}")
                self.require(self.lib.ENGINE_init(engine), f"the engine {name} does not start")
                self.require(self.lib.ENGINE_set_default(engine, ENGINE_METHODS), f"the engine {name} cannot be used")
            except LibCryptoError as error:
                raise ProviderUnavailable(f"{error}; {INSTALL_ENGINE}") from error
            return self._engines.setdefault(name, self.ffi.string(self.lib.ENGINE_get_name(engine)).decode())


def load_libcrypto() -> LibCrypto:
    """The system's libcrypto, loaded once.

    Raises:
        ProviderUnavailable: there is none, or it is older than OpenSSL 3.0; the text says how to get it.
    """
    # Without the lock two first callers would hold types of two cffi instances, which do not mix.
    with _LOADING:
        return _load_libcrypto()


@functools.cache
def _load_libcrypto() -> LibCrypto:
    ffi = cffi.FFI()
    ffi.cdef(CDEF)
    reasons = []
    for name in _file_names():
        try:
            lib = ffi.dlopen(name)
        except OSError as error:
            reasons.append(str(error))
            continue
        if not hasattr(lib, "OpenSSL_version_num") or lib.OpenSSL_version_num() < OLDEST_VERSION:
            reasons.append(f"{name} is older than OpenSSL 3.0")
            continue
        return LibCrypto(ffi, lib, name)
    raise ProviderUnavailable(f"no usable libcrypto ({'; '.join(reasons)}): {INSTALL_LIBCRYPTO}")


def _file_names() -> Iterator[str]:
    yield "libcrypto.so.3"
    if found := ctypes.util.find_library("crypto"):
        yield found
