"""GOST R 34.10 and R 34.11 by the system's OpenSSL and its gost engine.

Signature values are the engine's: s and r, big-endian, 64 octets for 256-bit keys and 128 for 512-bit ones. That is
what SMEV puts into SignatureValue, without any reversal.
"""

import functools

from ..algorithms import (
    GOST2001,
    GOST2012_256,
    GOST2012_512,
    DigestAlgorithm,
    KeyType,
    ProviderName,
    SignatureAlgorithm,
)
from ..certificates import CACHED_CERTIFICATES, Certificate
from ..errors import (
    AlgorithmRefused,
    CertificateMalformed,
    KeyUnusable,
    MalformedSignature,
    ProviderUnavailable,
    SignatureMismatch,
)
from . import keypairs
from .base import Availability
from .libcrypto import LibCrypto, LibCryptoError, Pointer, load_libcrypto

GOST_KEY_NAMES = {
    KeyType.GOST256: "gost2012_256",
    KeyType.GOST512: "gost2012_512",
    KeyType.GOST2001: "gost2001",
}
"""What the engine calls the kinds of keys."""

GOST_ALGORITHMS = {algorithm.key_type: algorithm for algorithm in (GOST2012_256, GOST2012_512, GOST2001)}


class GostKey:
    """A GOST private key inside libcrypto."""

    def __init__(self, crypto: LibCrypto, pointer: Pointer, key_type: KeyType) -> None:
        self._crypto = crypto
        self._pointer = pointer
        self.key_type = key_type
        self.customary_algorithm = GOST_ALGORITHMS[key_type]

    def matches(self, certificate: Certificate) -> bool:
        """Whether the certificate is about this key's public half."""
        if certificate.key_type is not self.key_type:
            return False
        public = _public_key(self._crypto, certificate.der)
        return bool(self._crypto.lib.EVP_PKEY_eq(self._pointer, public) == 1)

    def sign(self, algorithm: SignatureAlgorithm, octets: bytes) -> bytes:
        """The signature value; see `base.PrivateKey.sign`."""
        if algorithm.key_type is not self.key_type or algorithm.signature_size is None:
            raise AlgorithmRefused(f"a {self.key_type} key cannot sign by {algorithm.uri}")
        crypto, lib = self._crypto, self._crypto.lib
        method = crypto.digest_method(algorithm.digest.name)
        value = crypto.ffi.new("unsigned char[]", algorithm.signature_size)
        size = crypto.ffi.new("size_t *", algorithm.signature_size)
        lib.ERR_clear_error()
        ctx = lib.EVP_MD_CTX_new()
        try:
            if (
                lib.EVP_DigestSignInit(ctx, crypto.null, method, crypto.null, self._pointer) != 1
                or lib.EVP_DigestSign(ctx, value, size, octets, len(octets)) != 1
                or size[0] != algorithm.signature_size
            ):
                raise KeyUnusable(str(crypto.error("the key does not sign")))
        finally:
            lib.EVP_MD_CTX_free(ctx)
        return bytes(crypto.ffi.buffer(value, algorithm.signature_size))

    def to_pem(self, password: bytes | None = None) -> bytes:
        """The key as PKCS#8 in PEM; see `base.PrivateKey.to_pem`."""
        return keypairs.write_pem(self._crypto, self._pointer, password)


class OpenSslGost:
    """The provider `openssl-gost`. Nothing is loaded before the first use."""

    name = ProviderName.OPENSSL_GOST.value

    def __init__(self, engine: str = "gost") -> None:
        self._engine = engine
        self._ready: LibCrypto | None = None
        self._public_key = functools.lru_cache(CACHED_CERTIFICATES)(self._read_public_key)

    def load(self) -> LibCrypto:
        """libcrypto with the engine in it; `ProviderUnavailable` if either is not there."""
        if self._ready is None:
            crypto = load_libcrypto()
            crypto.load_engine(self._engine)
            self._ready = crypto
        return self._ready

    def availability(self) -> Availability:
        """Try it out; see `base.CryptoProvider.availability`."""
        try:
            crypto = self.load()
            recipe = keypairs.KeyRecipe(KeyType.GOST256, GOST_KEY_NAMES[KeyType.GOST256], (("paramset", "TCA"),))
            pointer = keypairs.generate(crypto, recipe)
            signature = GostKey(crypto, pointer, KeyType.GOST256).sign(GOST2012_256, b"doctor")
            self._check(crypto, pointer, GOST2012_256, b"doctor", signature)
        except (ProviderUnavailable, LibCryptoError, KeyUnusable, SignatureMismatch) as error:
            return Availability(self.name, works=False, detail=str(error))
        return Availability(self.name, works=True, detail=f"{crypto.engine_file(self._engine)} signs and verifies")

    def digest(self, algorithm: DigestAlgorithm, octets: bytes) -> bytes:
        """Streebog, or GOST R 34.11-94 with CryptoPro's parameters; see `base.CryptoProvider.digest`."""
        crypto = self.load()
        value = crypto.ffi.new("unsigned char[]", algorithm.size)
        method = crypto.digest_method(algorithm.name)
        status = crypto.lib.EVP_Digest(octets, len(octets), value, crypto.null, method, crypto.null)
        if status != 1:
            raise ProviderUnavailable(str(crypto.error(f"the digest {algorithm.name} fails")))
        return bytes(crypto.ffi.buffer(value, algorithm.size))

    def verify(self, algorithm: SignatureAlgorithm, certificate: Certificate, octets: bytes, signature: bytes) -> None:
        """Return if the signature holds; see `base.CryptoProvider.verify`."""
        if algorithm.key_type is not certificate.key_type:
            raise AlgorithmRefused(f"{algorithm.uri} needs another kind of key than {certificate.key_type}")
        if len(signature) != algorithm.signature_size:
            # The engine looks at the first octets only and would let what follows pass.
            raise MalformedSignature(
                f"the signature value has {len(signature)} octets, {algorithm.signature_size} are expected"
            )
        crypto = self.load()
        self._check(crypto, self._public_key(certificate.der), algorithm, octets, signature)

    def load_key(self, pem: bytes, password: bytes | None = None) -> GostKey:
        """Read a GOST key from PEM; see `base.CryptoProvider.load_key`."""
        crypto = self.load()
        pointer = keypairs.read_pem(crypto, pem, password)
        kind = crypto.lib.EVP_PKEY_get_base_id(pointer)
        for key_type, name in GOST_KEY_NAMES.items():
            if kind == crypto.lib.OBJ_sn2nid(name.encode()):
                return GostKey(crypto, pointer, key_type)
        raise KeyUnusable("the private key is not a GOST key")

    @staticmethod
    def _check(
        crypto: LibCrypto, public: Pointer, algorithm: SignatureAlgorithm, octets: bytes, signature: bytes
    ) -> None:
        lib = crypto.lib
        method = crypto.digest_method(algorithm.digest.name)
        lib.ERR_clear_error()
        ctx = lib.EVP_MD_CTX_new()
        try:
            if (
                lib.EVP_DigestVerifyInit(ctx, crypto.null, method, crypto.null, public) != 1
                or lib.EVP_DigestVerify(ctx, signature, len(signature), octets, len(octets)) != 1
            ):
                raise SignatureMismatch(str(crypto.error("the signature was not made by this key over these octets")))
        finally:
            lib.EVP_MD_CTX_free(ctx)

    def _read_public_key(self, der: bytes) -> Pointer:
        return _public_key(self.load(), der)


def _public_key(crypto: LibCrypto, der: bytes) -> Pointer:
    try:
        certificate = crypto.parsed("X509", der)
        key = crypto.lib.X509_get_pubkey(certificate)
        return crypto.owned(key, "EVP_PKEY_free", "taking the public key")
    except LibCryptoError as error:
        raise CertificateMalformed(f"the certificate's key cannot be read: {error}") from error
