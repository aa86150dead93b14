"""A signing key whose signatures are watched."""

from dataclasses import dataclass, replace

from ...signing.algorithms import KeyType, SignatureAlgorithm
from ...signing.certificates import Certificate
from ...signing.keys import SigningKey
from ...signing.providers.base import PrivateKey
from ..exchange.observing import Observer, Step, StepRecord


def watched(key: SigningKey, observer: Observer) -> SigningKey:
    """The same key; `observer` watches the making of each signature value."""
    return replace(key, private=_WatchedKey(key.private, observer))


@dataclass(frozen=True, slots=True)
class _WatchedKey:
    """A private key in front of the one that does the work."""

    inner: PrivateKey
    observer: Observer

    @property
    def key_type(self) -> KeyType:
        return self.inner.key_type

    @property
    def customary_algorithm(self) -> SignatureAlgorithm:
        return self.inner.customary_algorithm

    def matches(self, certificate: Certificate) -> bool:
        return self.inner.matches(certificate)

    def sign(self, algorithm: SignatureAlgorithm, octets: bytes) -> bytes:
        with self.observer.watch(StepRecord(Step.SIGN, algorithm.uri)):
            return self.inner.sign(algorithm, octets)

    def to_pem(self, password: bytes | None = None) -> bytes:
        return self.inner.to_pem(password)
