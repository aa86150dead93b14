"""Keys and trust from the files that the settings name, for node, worker and client alike."""

from pathlib import Path

from ..signing.certificates import Certificate, load_pem_many
from ..signing.crls import load_crls
from ..signing.keys import SigningKey, load_pem, load_pkcs12
from ..signing.trust import TrustStore
from .settings import KeySettings, TrustSettings


class MissingKey(Exception):  # noqa: N818 – named for what is wrong
    """No key is configured: name `key` and `certificate`, or `pkcs12`, in this group of the settings."""

    code = "MISSING_KEY"

    def __str__(self) -> str:
        return self.__doc__ or ""


def load_signing_key(settings: KeySettings) -> SigningKey:
    """The key that the settings name. Raises SigningError (KeyUnusable and others), MissingKey or OSError."""
    password = None
    if settings.password_file is not None:
        password = settings.password_file.read_bytes().splitlines()[0]
    if settings.pkcs12 is not None:
        return load_pkcs12(settings.pkcs12.read_bytes(), password)
    if settings.key is None or settings.certificate is None:
        raise MissingKey
    return load_pem(settings.key.read_bytes(), settings.certificate.read_bytes(), password)


def load_certificates(paths: tuple[Path, ...]) -> list[Certificate]:
    """Every certificate of some PEM files. Raises SigningError or OSError."""
    return [certificate for path in paths for certificate in load_pem_many(path.read_bytes())]


def load_trust(settings: TrustSettings) -> TrustStore:
    """The anchors, intermediate certificates and revocation lists that the settings name."""
    return TrustStore(
        anchors=load_certificates(settings.anchors),
        intermediates=load_certificates(settings.intermediates),
        crls=[crl for path in settings.crls for crl in load_crls(path.read_bytes())],
        require_crl=settings.require_crl,
    )
