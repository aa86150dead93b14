"""Detached PKCS#7 signatures of files: how an attachment of a message is signed (MR 3.3, sections 4.3.1 and 4.5.4).

A file is read in pieces and never held whole. As everywhere in this room, verification raises or returns what was
found; the caller uses the octets whose digest it returns.
"""

import base64
import binascii
import hmac
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO

from .algorithms import DIGESTS, SIGNATURES, DigestAlgorithm, KeyType
from .certificates import Certificate
from .errors import AlgorithmRefused, DigestMismatch, KeyUnusable, MalformedSignature, ProviderUnavailable
from .keys import SigningKey
from .policy import SMEV, SignaturePolicy
from .providers import cms, openssl_gost
from .providers.keypairs import read_pem
from .providers.libcrypto import LibCrypto, LibCryptoError, load_libcrypto
from .trust import TrustStore

LARGEST_SIGNATURE = 256 * 1024
"""Octets. Real ones have two to ten thousand."""
_CHUNK = 1024 * 1024
_BY_NAME = {algorithm.name: algorithm for algorithm in DIGESTS.values()}


@dataclass(frozen=True, slots=True)
class VerifiedFile:
    """Who signed a file, and the digest that the signature vouches for; `RefAttachmentHeader/Hash` is its base64."""

    certificate: Certificate
    digest: bytes
    algorithm: DigestAlgorithm


def chunks_of(file: BinaryIO) -> Iterator[bytes]:
    """What is left of a file, in pieces of a megabyte."""
    while chunk := file.read(_CHUNK):
        yield chunk


def sign_file(chunks: Iterable[bytes], key: SigningKey, *, at: datetime) -> bytes:
    """The detached signature, in DER, of the octets in `chunks`; `at` (aware) is written down as the signing time.

    Raises:
        ProviderUnavailable: a GOST key, and the machine lacks what it needs.
        KeyUnusable: the key cannot leave its provider, or does not sign.
    """
    crypto = openssl_gost().load() if key.algorithm.key_type.is_gost else load_libcrypto()
    pointer = read_pem(crypto, key.private.to_pem(), None)
    name = key.algorithm.digest.name
    digest = cms.digest(crypto, name, chunks)
    try:
        return cms.sign(crypto, key.certificate.der, pointer, digest_name=name, message_digest=digest, at=at)
    except LibCryptoError as error:
        raise KeyUnusable(f"the key does not sign: {error}") from error


def verify_file(
    signature: bytes, chunks: Iterable[bytes], *, trust: TrustStore, at: datetime, policy: SignaturePolicy = SMEV
) -> VerifiedFile:
    """Returns who signed the octets in `chunks`, or raises. `at` (aware) is when the certificate must be valid.

    Raises:
        MalformedSignature: no SignedData, content inside, octets left over, not exactly one signer, no attributes.
        AlgorithmRefused: a digest that the policy does not accept, or that does not fit the key.
        SignatureMismatch: the attributes are not what the certificate's key signed.
        DigestMismatch: these are not the octets that were signed.
        CertificateRefused: any of that family, as `TrustStore.check` does.
        ProviderUnavailable: this machine lacks the algorithm.
    """
    signed = check_signature(signature, trust=trust, at=at, policy=policy)
    digest = file_digest(signed.algorithm, chunks)
    if not hmac.compare_digest(digest, signed.digest):
        raise DigestMismatch(
            f"the file is not the one that was signed: its {signed.algorithm.name} is {digest.hex()}, "
            f"the signature holds {signed.digest.hex()}"
        )
    return signed


def check_signature(
    signature: bytes, *, trust: TrustStore, at: datetime, policy: SignaturePolicy = SMEV
) -> VerifiedFile:
    """Returns who signed a file, and its digest, where the file itself is not at hand yet: whoever uses it must hold
    its `file_digest` against this one. Raises what `verify_file` raises, but for DigestMismatch.
    """
    parsed = _read(_crypto(), signature)
    algorithm = _algorithm(parsed.digest_name(), policy)
    try:
        signed = parsed.verify_attributes()
    except LibCryptoError as error:
        raise MalformedSignature(f"the PKCS#7 signature cannot be judged: {error}") from error
    certificate = Certificate.from_der(signed.certificate)
    _check_key(certificate.key_type, algorithm)
    trust.check(certificate, at)
    return VerifiedFile(certificate, signed.digest, algorithm)


def message_digest(signature: bytes) -> bytes:
    """The digest that a detached signature speaks of; nothing is verified. Raises MalformedSignature."""
    return _read(_crypto(), signature).message_digest()


def from_base64(text: str) -> bytes:
    """A detached signature as XML holds it. Raises MalformedSignature."""
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except binascii.Error as error:
        raise MalformedSignature("SignaturePKCS7 is not base64") from error


def file_digest(algorithm: DigestAlgorithm, chunks: Iterable[bytes]) -> bytes:
    """The digest of the octets in `chunks`. Raises ProviderUnavailable."""
    return cms.digest(_crypto(), algorithm.name, chunks)


def _read(crypto: LibCrypto, signature: bytes) -> cms.DetachedSignature:
    if len(signature) > LARGEST_SIGNATURE:
        raise MalformedSignature(f"a PKCS#7 signature of {len(signature)} octets: at most {LARGEST_SIGNATURE} are read")
    return cms.DetachedSignature(crypto, signature)


def _crypto() -> LibCrypto:
    """libcrypto with GOST where the machine has it: which algorithm is needed is known once the structure is read."""
    try:
        return openssl_gost().load()
    except ProviderUnavailable:
        return load_libcrypto()


def _algorithm(name: str, policy: SignaturePolicy) -> DigestAlgorithm:
    accepted = {SIGNATURES[uri].digest for uri in policy.algorithms}
    algorithm = _BY_NAME.get(name)
    if algorithm is None or algorithm not in accepted:
        names = ", ".join(sorted(one.name for one in accepted))
        raise AlgorithmRefused(f"the PKCS#7 signature names the digest {name}; accepted are {names}")
    return algorithm


def _check_key(key_type: KeyType, algorithm: DigestAlgorithm) -> None:
    if all(one.key_type is not key_type for one in SIGNATURES.values() if one.digest == algorithm):
        raise AlgorithmRefused(f"a {key_type} key does not sign with the digest {algorithm.name}")
