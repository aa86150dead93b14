"""A certificate authority for tests, demonstrations and closed stands: certificates and revocation lists of every kind.

Serial numbers and times are given by the caller; nothing but the generation of keys is left to chance. It keeps no
register and checks no requests: it is no substitute for an accredited authority.
"""

import hashlib
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TypeVar

from cryptography import x509

from .algorithms import GOST2001, GOST2012_256, GOST2012_512, KeyType
from .certificates import NAME_OIDS, Certificate, reading_names
from .crls import RevocationList
from .errors import KeyUnusable
from .keys import SigningKey, load_pem
from .providers import openssl_gost
from .providers.issuing import (
    CertificateContent,
    CrlContent,
    Extension,
    name_der,
    public_key_info,
    sign_certificate,
    sign_crl,
    subject_name_der,
)
from .providers.keypairs import KeyRecipe, generate, read_pem, write_pem
from .providers.libcrypto import LibCrypto, LibCryptoError, Pointer, load_libcrypto
from .providers.openssl_gost import GOST_KEY_NAMES


def _gost(key_type: KeyType, parameter_set: str) -> KeyRecipe:
    return KeyRecipe(key_type, GOST_KEY_NAMES[key_type], (("paramset", parameter_set),))


def _rsa(bits: int) -> KeyRecipe:
    return KeyRecipe(KeyType.RSA, "rsaEncryption", (("rsa_keygen_bits", str(bits)),))


def _ec(curve: str) -> KeyRecipe:
    return KeyRecipe(KeyType.ECDSA, "id-ecPublicKey", (("ec_paramgen_curve", curve), ("ec_param_enc", "named_curve")))


KEY_RECIPES = {
    "gost256-tc26-a": _gost(KeyType.GOST256, "TCA"),
    "gost256-tc26-b": _gost(KeyType.GOST256, "TCB"),
    "gost256-tc26-c": _gost(KeyType.GOST256, "TCC"),
    "gost256-tc26-d": _gost(KeyType.GOST256, "TCD"),
    "gost256-cryptopro-a": _gost(KeyType.GOST256, "A"),
    "gost256-cryptopro-b": _gost(KeyType.GOST256, "B"),
    "gost256-cryptopro-c": _gost(KeyType.GOST256, "C"),
    "gost256-cryptopro-xcha": _gost(KeyType.GOST256, "XA"),
    "gost256-cryptopro-xchb": _gost(KeyType.GOST256, "XB"),
    "gost512-tc26-a": _gost(KeyType.GOST512, "A"),
    "gost512-tc26-b": _gost(KeyType.GOST512, "B"),
    "gost512-tc26-c": _gost(KeyType.GOST512, "C"),
    "gost2001-cryptopro-a": _gost(KeyType.GOST2001, "A"),
    "gost2001-cryptopro-b": _gost(KeyType.GOST2001, "B"),
    "gost2001-cryptopro-c": _gost(KeyType.GOST2001, "C"),
    "gost2001-cryptopro-xcha": _gost(KeyType.GOST2001, "XA"),
    "gost2001-cryptopro-xchb": _gost(KeyType.GOST2001, "XB"),
    "rsa2048": _rsa(2048),
    "rsa3072": _rsa(3072),
    "rsa4096": _rsa(4096),
    "p256": _ec("P-256"),
    "p384": _ec("P-384"),
    "p521": _ec("P-521"),
}
"""How each kind of key is generated. GOST R 34.10-2001 is only for tests of old archives."""

KEY_ALIASES = {
    "gost256": "gost256-tc26-a",
    "gost512": "gost512-tc26-a",
    "gost2001": "gost2001-cryptopro-a",
    "rsa": "rsa2048",
    "ecdsa": "p256",
}
"""Short names of the customary choices."""

DIGEST_NAMES = {
    KeyType.GOST256: GOST2012_256.digest.name,
    KeyType.GOST512: GOST2012_512.digest.name,
    KeyType.GOST2001: GOST2001.digest.name,
    KeyType.RSA: "SHA256",
    KeyType.ECDSA: "SHA256",
}


COMMON_NAME = x509.NameOID.COMMON_NAME
UNLIMITED = x509.ObjectIdentifier("2.999")
Found = TypeVar("Found", bound=x509.ExtensionType)


class Usage(StrEnum):
    """What a certificate's key may be used for (keyUsage, RFC 5280, section 4.2.1.3)."""

    DIGITAL_SIGNATURE = "digital_signature"
    NON_REPUDIATION = "content_commitment"
    KEY_ENCIPHERMENT = "key_encipherment"
    KEY_AGREEMENT = "key_agreement"
    KEY_CERT_SIGN = "key_cert_sign"
    CRL_SIGN = "crl_sign"


SIGNING = frozenset({Usage.DIGITAL_SIGNATURE, Usage.NON_REPUDIATION})
AUTHORITY = frozenset({Usage.KEY_CERT_SIGN, Usage.CRL_SIGN})


@dataclass(frozen=True, slots=True)
class Issued:
    """A certificate with its private key (PKCS#8 PEM, not encrypted) and the certificates above it, nearest first."""

    certificate: Certificate
    key_pem: bytes = field(repr=False)
    issuers: tuple[Certificate, ...] = field(default=(), repr=False)

    def signing_key(self) -> SigningKey:
        """The pair, ready to sign by the customary algorithm of its kind."""
        chain = b"".join(certificate.to_pem() for certificate in (self.certificate, *self.issuers))
        return load_pem(self.key_pem, chain)


@dataclass(frozen=True, slots=True)
class Authority(Issued):
    """An authority's own certificate and key; issues others."""

    def issue(
        self,
        subject: str,
        *,
        key_type: str,
        serial: int,
        valid_from: datetime,
        valid_to: datetime,
        usage: Collection[Usage] = SIGNING,
    ) -> Issued:
        """An end certificate with a fresh key.

        Args:
            subject: RFC 4514 string, e.g. `CN=Система,O=Больница,C=RU`.
            key_type: a name of `KEY_RECIPES` or `KEY_ALIASES`.
            serial: positive, at most 20 octets, unique to this authority.
            valid_from, valid_to: aware; kept to the second.
            usage: the keyUsage extension; empty for a certificate without one.

        Raises:
            ValueError: a subject that is no RFC 4514 string, an unknown kind of key, or a serial number out of range.
            ProviderUnavailable: GOST is needed, and the machine lacks it.
        """
        terms = _Terms(_name(subject), serial, valid_from, valid_to, frozenset(usage))
        return _issue(self, terms, *_fresh_key(key_type, self.certificate.key_type))

    def renew(
        self,
        former: Issued,
        *,
        serial: int,
        valid_from: datetime,
        valid_to: datetime,
        usage: Collection[Usage] = SIGNING,
    ) -> Issued:
        """Another certificate for the same subject and key; see `issue`."""
        key_type = former.certificate.key_type
        key = read_pem(_crypto(key_type, self.certificate.key_type), former.key_pem, None)
        terms = _Terms(_own_name(former.certificate), serial, valid_from, valid_to, frozenset(usage))
        return _issue(self, terms, key, key_type)

    def issue_authority(
        self, subject: str, *, key_type: str, serial: int, valid_from: datetime, valid_to: datetime
    ) -> "Authority":
        """A subordinate authority; see `issue`."""
        terms = _Terms(_name(subject), serial, valid_from, valid_to, AUTHORITY, authority=True)
        made = _issue(self, terms, *_fresh_key(key_type, self.certificate.key_type))
        return Authority(made.certificate, made.key_pem, made.issuers)

    def make_crl(
        self,
        revoked: Iterable[tuple[int, datetime]] = (),
        *,
        number: int,
        this_update: datetime,
        next_update: datetime,
    ) -> RevocationList:
        """A revocation list of the given serial numbers with the time of each revocation."""
        crypto = _crypto(self.certificate.key_type)
        content = CrlContent(
            issuer=_own_name(self.certificate),
            this_update=this_update,
            next_update=next_update,
            revoked=revoked,
            extensions=[*_authority_key(self.certificate), _extension(x509.CRLNumber(number))],
        )
        key = read_pem(crypto, self.key_pem, None)
        return RevocationList.from_der(sign_crl(crypto, content, key, DIGEST_NAMES[self.certificate.key_type]))


def create_authority(
    key_type: str, subject: str, *, valid_from: datetime, valid_to: datetime, serial: int = 1
) -> Authority:
    """A root authority with a fresh key; the arguments are those of `Authority.issue`."""
    terms = _Terms(_name(subject), serial, valid_from, valid_to, AUTHORITY, authority=True)
    made = _issue(None, terms, *_fresh_key(key_type))
    return Authority(made.certificate, made.key_pem)


def load_authority(key_pem: bytes, certificate_pem: bytes, password: str | bytes | None = None) -> Authority:
    """An authority from its PEM texts; `KeyUnusable` unless the certificate is one of an authority, and the key's."""
    key = load_pem(key_pem, certificate_pem, password)
    constraints = _extension_of(key.certificate, x509.BasicConstraints)
    if constraints is None or not constraints.ca:
        raise KeyUnusable(f"{key.certificate.subject} is not an authority: its certificate does not say CA:TRUE")
    return Authority(key.certificate, key.private.to_pem(), key.issuers)


@dataclass(frozen=True, slots=True)
class _Terms:
    subject: bytes
    serial: int
    valid_from: datetime
    valid_to: datetime
    usage: frozenset[Usage]
    authority: bool = False


def _issue(issuer: Authority | None, terms: _Terms, key: Pointer, key_type: KeyType) -> Issued:
    if not 0 < terms.serial < 1 << 159:
        raise ValueError("a serial number is positive and has at most 20 octets (RFC 5280, section 4.1.2.2)")
    crypto = _crypto(key_type, *([issuer.certificate.key_type] if issuer else []))
    identifier = hashlib.sha256(public_key_info(crypto, key)).digest()[:20]
    content = CertificateContent(
        serial=terms.serial,
        subject=terms.subject,
        issuer=_own_name(issuer.certificate) if issuer else terms.subject,
        not_before=terms.valid_from,
        not_after=terms.valid_to,
        extensions=[
            _extension(x509.BasicConstraints(ca=terms.authority, path_length=None), critical=True),
            *([_key_usage(terms.usage)] if terms.usage else []),
            _extension(x509.SubjectKeyIdentifier(identifier)),
            *(_authority_key(issuer.certificate) if issuer else []),
        ],
    )
    issuer_key = read_pem(crypto, issuer.key_pem, None) if issuer else key
    digest = DIGEST_NAMES[issuer.certificate.key_type if issuer else key_type]
    return Issued(
        Certificate.from_der(sign_certificate(crypto, content, key, issuer_key, digest)),
        write_pem(crypto, key),
        (issuer.certificate, *issuer.issuers) if issuer else (),
    )


def _fresh_key(name: str, *others: KeyType) -> tuple[Pointer, KeyType]:
    recipe = KEY_RECIPES.get(KEY_ALIASES.get(name, name))
    if recipe is None:
        raise ValueError(f"no kind of key is called {name!r}; there are {', '.join([*KEY_ALIASES, *KEY_RECIPES])}")
    return generate(_crypto(recipe.key_type, *others), recipe), recipe.key_type


def _name(subject: str) -> bytes:
    # cryptography reads the string, but counts the 64 characters of a common name in octets: under another identifier
    # the name gets past it, and libcrypto counts them right.
    try:
        parsed = x509.Name.from_rfc4514_string(subject, NAME_OIDS | {"CN": UNLIMITED})
        attributes = [
            [((COMMON_NAME if one.oid == UNLIMITED else one.oid).dotted_string, str(one.value)) for one in relative]
            for relative in parsed.rdns
        ]
        return name_der(load_libcrypto(), attributes)
    except (ValueError, LibCryptoError) as error:
        reason = f": {error}" if str(error) else ""
        raise ValueError(f"{subject!r} is no name such as CN=System,O=Hospital,C=RU (RFC 4514){reason}") from error


def _crypto(*key_types: KeyType) -> LibCrypto:
    return openssl_gost().load() if any(key_type.is_gost for key_type in key_types) else load_libcrypto()


def _own_name(certificate: Certificate) -> bytes:
    return subject_name_der(load_libcrypto(), certificate.der)


def _authority_key(issuer: Certificate) -> list[Extension]:
    own = _extension_of(issuer, x509.SubjectKeyIdentifier)
    if own is None:
        return []
    return [_extension(x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(own))]


def _extension_of(certificate: Certificate, kind: type[Found]) -> Found | None:
    with reading_names():
        try:
            return x509.load_der_x509_certificate(certificate.der).extensions.get_extension_for_class(kind).value
        except x509.ExtensionNotFound:
            return None


def _key_usage(usage: Collection[Usage]) -> Extension:
    bits = {name: Usage(name) in usage for name in map(str, Usage)}
    return _extension(
        x509.KeyUsage(**bits, data_encipherment=False, encipher_only=False, decipher_only=False), critical=True
    )


def _extension(value: x509.ExtensionType, *, critical: bool = False) -> Extension:
    return Extension(value.oid.dotted_string, critical, value.public_bytes())
