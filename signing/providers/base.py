"""What a provider of cryptography does for this room. Nothing above knows which library is behind it."""

from dataclasses import dataclass
from typing import Protocol

from ..algorithms import DigestAlgorithm, KeyType, SignatureAlgorithm
from ..certificates import Certificate


@dataclass(frozen=True, slots=True)
class Availability:
    """Whether a provider works on this machine: what was found, or what is missing and how to get it."""

    name: str
    works: bool
    detail: str


class PrivateKey(Protocol):
    """A private key inside its provider. Safe for use by many threads."""

    @property
    def key_type(self) -> KeyType:
        """What kind of key it is."""
        ...

    @property
    def customary_algorithm(self) -> SignatureAlgorithm:
        """The algorithm that such a key usually signs by."""
        ...

    def matches(self, certificate: Certificate) -> bool:
        """Whether the certificate is about this key's public half."""
        ...

    def sign(self, algorithm: SignatureAlgorithm, octets: bytes) -> bytes:
        """The signature value of the octets, in the form that XML-DSig wants.

        Raises:
            AlgorithmRefused: the algorithm is not for this kind of key.
        """
        ...

    def to_pem(self, password: bytes | None = None) -> bytes:
        """The key as PKCS#8 in PEM, encrypted (AES-256) under the password if there is one."""
        ...


class CryptoProvider(Protocol):
    """Digests, signatures and keys of some algorithms. Safe for use by many threads."""

    @property
    def name(self) -> str:
        """The name by which `mezhved doctor` and `algorithms.ProviderName` call it."""
        ...

    def availability(self) -> Availability:
        """Try it out: a digest, a signature and its verification with a fresh key."""
        ...

    def digest(self, algorithm: DigestAlgorithm, octets: bytes) -> bytes:
        """The digest of the octets; `ProviderUnavailable` if the machine lacks what it needs."""
        ...

    def verify(self, algorithm: SignatureAlgorithm, certificate: Certificate, octets: bytes, signature: bytes) -> None:
        """Return if the certificate's key made the signature over the octets. Says nothing about trust in it.

        Raises:
            SignatureMismatch: it did not.
            MalformedSignature: the value has not exactly the length that algorithm and key demand.
            AlgorithmRefused: the algorithm is not for this kind of key, or the key is too weak or too large.
            CertificateMalformed: the certificate's key cannot be read.
            ProviderUnavailable: the machine lacks what the algorithm needs.
        """
        ...

    def load_key(self, pem: bytes, password: bytes | None = None) -> PrivateKey:
        """Read a private key from PEM: PKCS#8, encrypted or not, or the older form of its kind.

        Raises:
            KeyUnusable: unreadable, another kind of key, or the password is wrong or missing.
            ProviderUnavailable: the machine lacks what the key needs.
        """
        ...
