"""The algorithms that a signature may name, as one table each for digests and for signatures.

URIs: GOST by the `cpxmlsec` names that SMEV demands, the others from XML
Encryption and RFC 6931. Whether an algorithm of the table may be used is the policy's business.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from .errors import AlgorithmRefused

CPXMLSEC = "urn:ietf:params:xml:ns:cpxmlsec:algorithms:"
XMLDSIG_MORE = "http://www.w3.org/2001/04/xmldsig-more#"
XMLENC = "http://www.w3.org/2001/04/xmlenc#"


class KeyType(StrEnum):
    """What kind of key a certificate holds."""

    GOST2001 = "gost2001"
    GOST256 = "gost256"
    GOST512 = "gost512"
    RSA = "rsa"
    ECDSA = "ecdsa"
    OTHER = "other"

    @property
    def is_gost(self) -> bool:
        """Whether it needs a provider of GOST."""
        return self in {KeyType.GOST2001, KeyType.GOST256, KeyType.GOST512}


class ProviderName(StrEnum):
    """Who computes an algorithm."""

    OPENSSL_GOST = "openssl-gost"
    PYCA = "cryptography"


@dataclass(frozen=True, slots=True)
class DigestAlgorithm:
    """A digest: its URI in XML, its name at its provider, its size in octets."""

    uri: str
    name: str
    size: int
    provider: ProviderName


@dataclass(frozen=True, slots=True)
class SignatureAlgorithm:
    """A signature algorithm: its URI, its digest, the kind of key that it takes, who computes it.

    `signature_size` is the exact length of a value in octets where the algorithm alone fixes it (GOST), else None: then
    the key does (RSA: the modulus; ECDSA: twice the order).
    """

    uri: str
    digest: DigestAlgorithm
    key_type: KeyType
    provider: ProviderName
    signature_size: int | None


STREEBOG256 = DigestAlgorithm(CPXMLSEC + "gostr34112012-256", "md_gost12_256", 32, ProviderName.OPENSSL_GOST)
STREEBOG512 = DigestAlgorithm(CPXMLSEC + "gostr34112012-512", "md_gost12_512", 64, ProviderName.OPENSSL_GOST)
GOST94 = DigestAlgorithm(XMLDSIG_MORE + "gostr3411", "md_gost94", 32, ProviderName.OPENSSL_GOST)
SHA256 = DigestAlgorithm(XMLENC + "sha256", "sha256", 32, ProviderName.PYCA)
SHA384 = DigestAlgorithm(XMLDSIG_MORE + "sha384", "sha384", 48, ProviderName.PYCA)
SHA512 = DigestAlgorithm(XMLENC + "sha512", "sha512", 64, ProviderName.PYCA)

GOST2012_256 = SignatureAlgorithm(
    CPXMLSEC + "gostr34102012-gostr34112012-256", STREEBOG256, KeyType.GOST256, ProviderName.OPENSSL_GOST, 64
)
GOST2012_512 = SignatureAlgorithm(
    CPXMLSEC + "gostr34102012-gostr34112012-512", STREEBOG512, KeyType.GOST512, ProviderName.OPENSSL_GOST, 128
)
GOST2001 = SignatureAlgorithm(
    XMLDSIG_MORE + "gostr34102001-gostr3411", GOST94, KeyType.GOST2001, ProviderName.OPENSSL_GOST, 64
)
RSA_SHA256 = SignatureAlgorithm(XMLDSIG_MORE + "rsa-sha256", SHA256, KeyType.RSA, ProviderName.PYCA, None)
RSA_SHA384 = SignatureAlgorithm(XMLDSIG_MORE + "rsa-sha384", SHA384, KeyType.RSA, ProviderName.PYCA, None)
RSA_SHA512 = SignatureAlgorithm(XMLDSIG_MORE + "rsa-sha512", SHA512, KeyType.RSA, ProviderName.PYCA, None)
ECDSA_SHA256 = SignatureAlgorithm(XMLDSIG_MORE + "ecdsa-sha256", SHA256, KeyType.ECDSA, ProviderName.PYCA, None)
ECDSA_SHA384 = SignatureAlgorithm(XMLDSIG_MORE + "ecdsa-sha384", SHA384, KeyType.ECDSA, ProviderName.PYCA, None)
ECDSA_SHA512 = SignatureAlgorithm(XMLDSIG_MORE + "ecdsa-sha512", SHA512, KeyType.ECDSA, ProviderName.PYCA, None)

DIGESTS = {digest.uri: digest for digest in (STREEBOG256, STREEBOG512, GOST94, SHA256, SHA384, SHA512)}
SIGNATURES = {
    signature.uri: signature
    for signature in (
        GOST2012_256,
        GOST2012_512,
        GOST2001,
        RSA_SHA256,
        RSA_SHA384,
        RSA_SHA512,
        ECDSA_SHA256,
        ECDSA_SHA384,
        ECDSA_SHA512,
    )
}


def digest_algorithm(uri: str) -> DigestAlgorithm:
    """The digest of that URI; `AlgorithmRefused`, naming the right URI where the spelling is close."""
    if uri in DIGESTS:
        return DIGESTS[uri]
    raise AlgorithmRefused(f"DigestMethod {uri!r} is not supported{_advice(uri, DIGESTS)}")


def signature_algorithm(uri: str) -> SignatureAlgorithm:
    """The signature algorithm of that URI; `AlgorithmRefused`, naming the right URI where the spelling is close."""
    if uri in SIGNATURES:
        return SIGNATURES[uri]
    raise AlgorithmRefused(f"SignatureMethod {uri!r} is not supported{_advice(uri, SIGNATURES)}")


def _advice(uri: str, known: Iterable[str]) -> str:
    near = [candidate for candidate in known if _essence(candidate) == _essence(uri)]
    return f"; the right spelling is {near[0]}" if near else ""


def _essence(uri: str) -> str:
    """What remains of a URI when namespace, case and separators, which people confuse, are taken away."""
    return re.sub(r"[^a-z0-9]", "", re.split(r"[#/:]", uri)[-1].lower())
