"""Private keys with their certificates, ready to sign: from PEM or PKCS#12, of every kind.

Keys stay inside their provider; a `SigningKey` is safe for use by many threads.
"""

from dataclasses import dataclass, field

from .algorithms import SignatureAlgorithm
from .certificates import Certificate, load_pem_many
from .errors import KeyUnusable, ProviderUnavailable
from .providers import openssl_gost, provider_for_key
from .providers.base import PrivateKey
from .providers.keypairs import Container, read_pkcs12, write_pkcs12
from .providers.libcrypto import LibCrypto, load_libcrypto


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A key that signs by one algorithm, and the certificate that is sent with its signatures.

    `issuers` are the further certificates that came with it, for whoever wants to send the chain.
    """

    certificate: Certificate
    algorithm: SignatureAlgorithm
    private: PrivateKey = field(repr=False, compare=False)
    issuers: tuple[Certificate, ...] = field(default=(), repr=False, compare=False)

    def sign(self, octets: bytes) -> bytes:
        """The signature value of the octets, in the form that XML-DSig wants."""
        return self.private.sign(self.algorithm, octets)


def load_pem(
    key_pem: bytes,
    certificate_pem: bytes,
    password: str | bytes | None = None,
    algorithm: SignatureAlgorithm | None = None,
) -> SigningKey:
    """A key and its certificate from PEM texts, which may be one and the same.

    The certificate is the first one that is the key's, the others are kept as its issuers. Without an algorithm the
    customary one of the key is taken: GOST by its kind, RSA with SHA-256, ECDSA with the digest that fits the curve.

    Raises:
        KeyUnusable: unreadable, wrong or missing password, no certificate of this key, an algorithm for other keys.
        CertificateMalformed: no certificate, or one that cannot be read.
        ProviderUnavailable: a GOST key, and the machine lacks what it needs.
    """
    certificates = load_pem_many(certificate_pem)
    provider = provider_for_key(certificates[0].key_type)
    return _paired(provider.load_key(key_pem, _octets(password)), certificates, algorithm)


def load_pkcs12(
    data: bytes, password: str | bytes | None = None, algorithm: SignatureAlgorithm | None = None
) -> SigningKey:
    """A key and its certificate from a PKCS#12 container (.p12, .pfx).

    Raises:
        KeyUnusable: not a container, wrong password, no key in it, or no certificate of that key.
        ProviderUnavailable: it cannot be read without GOST, which the machine lacks.
    """
    container = _open_container(data, _octets(password) or b"")
    own = () if container.certificate is None else (container.certificate,)
    certificates = tuple(Certificate.from_der(der) for der in own + container.others)
    if not certificates:
        raise KeyUnusable("the PKCS#12 container holds no certificate")
    provider = provider_for_key(certificates[0].key_type)
    return _paired(provider.load_key(container.key_pem), certificates, algorithm)


def dump_pkcs12(key: SigningKey, password: str | bytes, name: str = "mezhved") -> bytes:
    """The key, its certificate and its issuers as a PKCS#12 container, AES-256 under the password."""
    container = Container(
        key_pem=key.private.to_pem(),
        certificate=key.certificate.der,
        others=tuple(issuer.der for issuer in key.issuers),
    )
    crypto = openssl_gost().load() if key.certificate.key_type.is_gost else load_libcrypto()
    return write_pkcs12(crypto, container, _octets(password) or b"", name)


def _paired(
    private: PrivateKey, certificates: tuple[Certificate, ...], algorithm: SignatureAlgorithm | None
) -> SigningKey:
    for certificate in certificates:
        if private.matches(certificate):
            break
    else:
        raise KeyUnusable(f"the key and the certificate {certificates[0].subject} do not belong together")
    chosen = algorithm or private.customary_algorithm
    if chosen.key_type is not private.key_type:
        raise KeyUnusable(f"a {private.key_type} key cannot sign by {chosen.uri}")
    return SigningKey(certificate, chosen, private, tuple(other for other in certificates if other != certificate))


def _open_container(data: bytes, password: bytes) -> Container:
    crypto, missing = _crypto_for_containers()
    try:
        return read_pkcs12(crypto, data, password)
    except KeyUnusable as error:
        # Its content shows only once it is open: without GOST nobody can tell a GOST key from a damaged one.
        if missing is None or "mac verify failure" in str(error):
            raise
        raise ProviderUnavailable(f"{error}; if it holds a GOST key: {missing}") from error


def _crypto_for_containers() -> tuple[LibCrypto, ProviderUnavailable | None]:
    try:
        return openssl_gost().load(), None
    except ProviderUnavailable as missing:
        return load_libcrypto(), missing


def _octets(password: str | bytes | None) -> bytes | None:
    return password.encode() if isinstance(password, str) else password
