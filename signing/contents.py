"""What stands in a file of certificates, lists and keys, whichever of the customary forms it has."""

from .certificates import Certificate, load_pem_many
from .crls import RevocationList, load_crls
from .errors import CertificateMalformed, CrlUnusable, KeyUnusable
from .keys import SigningKey, load_pem, load_pkcs12
from .providers import openssl_gost, pyca
from .providers.base import PrivateKey

_SEQUENCE = b"\x30"
"""The first octet of every DER file that is meant here, PKCS#12 too."""

Item = Certificate | RevocationList | SigningKey | PrivateKey


def read_items(octets: bytes, password: str | bytes | None = None) -> list[Item]:
    """Everything in a PEM text, a DER file or a PKCS#12 container: keys first, then certificates, then lists.

    A private key whose certificate is there too is one item with it.

    Raises:
        KeyUnusable: nothing of the kind, or a key that does not open.
        CertificateMalformed, CrlUnusable: damaged.
        ProviderUnavailable: it needs GOST, which the machine lacks.
    """
    return _in_pem(octets, password) if b"-----BEGIN " in octets else _in_der(octets, password)


def _in_pem(pem: bytes, password: str | bytes | None) -> list[Item]:
    certificates = list(load_pem_many(pem)) if b"-----BEGIN CERTIFICATE-----" in pem else []
    crls = list(load_crls(pem)) if b"-----BEGIN X509 CRL-----" in pem else []
    keys: list[Item] = []
    if b"PRIVATE KEY-----" in pem:
        if certificates:
            keys = [load_pem(pem, pem, password)]
            certificates = []
        else:
            keys = [_bare_key(pem, password.encode() if isinstance(password, str) else password)]
    if not keys and not certificates and not crls:
        raise KeyUnusable("no certificate, revocation list or private key in the PEM text")
    return [*keys, *certificates, *crls]


def _in_der(der: bytes, password: str | bytes | None) -> list[Item]:
    try:
        return [Certificate.from_der(der)]
    except CertificateMalformed:
        pass
    try:
        return [RevocationList.from_der(der)]
    except CrlUnusable:
        pass
    if not der.startswith(_SEQUENCE):
        raise KeyUnusable("neither PEM text nor DER: no certificate, revocation list, key or PKCS#12 container")
    return [load_pkcs12(der, password)]


def _bare_key(pem: bytes, password: bytes | None) -> PrivateKey:
    try:
        return pyca().load_key(pem, password)
    except KeyUnusable:
        return openssl_gost().load_key(pem, password)
