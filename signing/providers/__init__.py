"""Who computes what: GOST by the system's OpenSSL, RSA and ECDSA by the package `cryptography`.

Both providers are made once and load their libraries at first use.
"""

import functools

from ..algorithms import DigestAlgorithm, KeyType, ProviderName, SignatureAlgorithm
from .base import CryptoProvider
from .openssl_gost import OpenSslGost
from .pyca import Pyca


@functools.cache
def openssl_gost() -> OpenSslGost:
    """The provider of GOST."""
    return OpenSslGost()


@functools.cache
def pyca() -> Pyca:
    """The provider of RSA and ECDSA."""
    return Pyca()


def provider_for(algorithm: SignatureAlgorithm | DigestAlgorithm) -> CryptoProvider:
    """The provider that computes the algorithm."""
    return openssl_gost() if algorithm.provider is ProviderName.OPENSSL_GOST else pyca()


def provider_for_key(key_type: KeyType) -> CryptoProvider:
    """The provider that holds keys of that kind."""
    return openssl_gost() if key_type.is_gost else pyca()
