"""RSA and ECDSA by the Python package `cryptography`, SHA-2 by the standard library.

ECDSA values are r and s side by side, each as long as the curve's order, as XML-DSig wants them (XML Signature 1.1,
section 6.4.3), not the DER that everything else uses. RSA is PKCS#1 v1.5 (section 6.4.2).
"""

import functools
import hashlib

import cryptography
from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

from ..algorithms import (
    ECDSA_SHA256,
    ECDSA_SHA384,
    ECDSA_SHA512,
    RSA_SHA256,
    DigestAlgorithm,
    ProviderName,
    SignatureAlgorithm,
)
from ..certificates import CACHED_CERTIFICATES, Certificate
from ..errors import AlgorithmRefused, CertificateMalformed, KeyUnusable, MalformedSignature, SignatureMismatch
from .base import Availability

SHORTEST_RSA_KEY = 2048
LONGEST_RSA_KEY = 8192
"""Bits. A stranger's certificate may hold a key of any length; verifying with a huge one takes seconds."""

CURVES = {"secp256r1": ECDSA_SHA256, "secp384r1": ECDSA_SHA384, "secp521r1": ECDSA_SHA512}
"""The curves that are accepted, each with the algorithm whose digest is as strong."""

HASHES: dict[str, hashes.HashAlgorithm] = {
    "sha256": hashes.SHA256(),
    "sha384": hashes.SHA384(),
    "sha512": hashes.SHA512(),
}

PublicKey = rsa.RSAPublicKey | ec.EllipticCurvePublicKey


class PycaKey:
    """An RSA or ECDSA private key."""

    def __init__(self, key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> None:
        self._key = key
        if isinstance(key, rsa.RSAPrivateKey):
            self.customary_algorithm = RSA_SHA256
        else:
            self.customary_algorithm = CURVES[key.curve.name]
        self.key_type = self.customary_algorithm.key_type

    def matches(self, certificate: Certificate) -> bool:
        """Whether the certificate is about this key's public half."""
        return certificate.key_type is self.key_type and self._key.public_key() == _public_key(certificate.der)

    def sign(self, algorithm: SignatureAlgorithm, octets: bytes) -> bytes:
        """The signature value; see `base.PrivateKey.sign`."""
        if algorithm.key_type is not self.key_type:
            raise AlgorithmRefused(f"a {self.key_type} key cannot sign by {algorithm.uri}")
        digest = HASHES[algorithm.digest.name]
        if isinstance(self._key, rsa.RSAPrivateKey):
            return self._key.sign(octets, padding.PKCS1v15(), digest)
        size = _coordinate_size(self._key.curve)
        r, s = decode_dss_signature(self._key.sign(octets, ec.ECDSA(digest)))
        return r.to_bytes(size) + s.to_bytes(size)

    def to_pem(self, password: bytes | None = None) -> bytes:
        """The key as PKCS#8 in PEM; see `base.PrivateKey.to_pem`."""
        protection: serialization.KeySerializationEncryption = (
            serialization.BestAvailableEncryption(password) if password else serialization.NoEncryption()
        )
        return self._key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, protection)


class Pyca:
    """The provider `cryptography`."""

    name = ProviderName.PYCA.value

    def __init__(self) -> None:
        self._public_key = functools.lru_cache(CACHED_CERTIFICATES)(_public_key)

    def availability(self) -> Availability:
        """Try it out; see `base.CryptoProvider.availability`."""
        key = ec.generate_private_key(ec.SECP256R1())
        try:
            _verify_ecdsa(key.public_key(), ECDSA_SHA256, b"doctor", PycaKey(key).sign(ECDSA_SHA256, b"doctor"))
        except SignatureMismatch as error:
            return Availability(self.name, works=False, detail=str(error))
        return Availability(self.name, works=True, detail=f"cryptography {cryptography.__version__} signs and verifies")

    def digest(self, algorithm: DigestAlgorithm, octets: bytes) -> bytes:
        """SHA-2; see `base.CryptoProvider.digest`."""
        return hashlib.new(algorithm.name, octets).digest()

    def verify(self, algorithm: SignatureAlgorithm, certificate: Certificate, octets: bytes, signature: bytes) -> None:
        """Return if the signature holds; see `base.CryptoProvider.verify`."""
        if algorithm.key_type is not certificate.key_type:
            raise AlgorithmRefused(f"{algorithm.uri} needs another kind of key than {certificate.key_type}")
        key = self._public_key(certificate.der)
        size = (key.key_size + 7) // 8 if isinstance(key, rsa.RSAPublicKey) else 2 * _coordinate_size(key.curve)
        if len(signature) != size:
            raise MalformedSignature(f"the signature value has {len(signature)} octets, {size} are expected")
        if isinstance(key, rsa.RSAPublicKey):
            _verify_rsa(key, algorithm, octets, signature)
        else:
            _verify_ecdsa(key, algorithm, octets, signature)

    def load_key(self, pem: bytes, password: bytes | None = None) -> PycaKey:
        """Read an RSA or ECDSA key from PEM; see `base.CryptoProvider.load_key`."""
        encrypted = b"ENCRYPTED" in pem
        if encrypted and not password:
            raise KeyUnusable("the private key is encrypted: give its password")
        try:
            key = serialization.load_pem_private_key(pem, password if encrypted else None)
        except (ValueError, UnsupportedAlgorithm) as error:
            cause = "wrong password, or not a key" if encrypted else "not an RSA or ECDSA key in PEM"
            raise KeyUnusable(f"the private key cannot be read ({cause}): {error}") from error
        if isinstance(key, rsa.RSAPrivateKey) or (
            isinstance(key, ec.EllipticCurvePrivateKey) and key.curve.name in CURVES
        ):
            return PycaKey(key)
        raise KeyUnusable("the private key is none that is accepted: RSA, or ECDSA on P-256, P-384 or P-521")


def _verify_rsa(key: rsa.RSAPublicKey, algorithm: SignatureAlgorithm, octets: bytes, signature: bytes) -> None:
    try:
        key.verify(signature, octets, padding.PKCS1v15(), HASHES[algorithm.digest.name])
    except InvalidSignature:
        raise SignatureMismatch("the signature was not made by this key over these octets") from None


def _verify_ecdsa(
    key: ec.EllipticCurvePublicKey, algorithm: SignatureAlgorithm, octets: bytes, signature: bytes
) -> None:
    size = len(signature) // 2
    pair = encode_dss_signature(int.from_bytes(signature[:size]), int.from_bytes(signature[size:]))
    try:
        key.verify(pair, octets, ec.ECDSA(HASHES[algorithm.digest.name]))
    except InvalidSignature:
        raise SignatureMismatch("the signature was not made by this key over these octets") from None


def _public_key(der: bytes) -> PublicKey:
    try:
        key = x509.load_der_x509_certificate(der).public_key()
    except (ValueError, UnsupportedAlgorithm) as error:
        raise CertificateMalformed(f"the certificate's key cannot be read: {error}") from error
    if isinstance(key, rsa.RSAPublicKey):
        if not SHORTEST_RSA_KEY <= key.key_size <= LONGEST_RSA_KEY:
            raise AlgorithmRefused(
                f"an RSA key of {key.key_size} bits: {SHORTEST_RSA_KEY} to {LONGEST_RSA_KEY} are accepted"
            )
        return key
    if isinstance(key, ec.EllipticCurvePublicKey) and key.curve.name in CURVES:
        return key
    raise AlgorithmRefused("the certificate's key is none that is accepted: RSA, or ECDSA on P-256, P-384 or P-521")


def _coordinate_size(curve: ec.EllipticCurve) -> int:
    return (curve.key_size + 7) // 8
