"""Keys and trust from the files that the settings name, for node, worker and client alike."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..signing.certificates import Certificate, load_pem_many
from ..signing.crls import RevocationList, load_crls
from ..signing.errors import SigningError
from ..signing.keys import SigningKey, load_pem, load_pkcs12
from ..signing.trust import TrustStore
from .settings import KeySettings, TrustSettings


class MissingKey(Exception):  # noqa: N818 – named for what is wrong
    """No key is configured: name `key` and `certificate`, or `pkcs12`, in this group of the settings."""

    code = "MISSING_KEY"

    def __str__(self) -> str:
        return self.__doc__ or ""


class MissingFiles(Exception):  # noqa: N818 – named for what is wrong
    """Give either --key and --cert, or --pkcs12."""

    code = "MISSING_KEY"

    def __str__(self) -> str:
        return self.__doc__ or ""


class EmptyToken(Exception):  # noqa: N818  named for what is wrong
    """A file that is to hold a token has nothing in its first line."""

    code = "EMPTY_TOKEN"

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path}: there is no token in its first line")


def load_signing_key(settings: KeySettings) -> SigningKey:
    """The key that the settings name. Raises SigningError (KeyUnusable and others), MissingKey or OSError."""
    password = None
    if settings.password_file is not None:
        password = settings.password_file.read_bytes().partition(b"\n")[0].rstrip(b"\r")
    if settings.pkcs12 is not None:
        with _named(settings.pkcs12):
            return load_pkcs12(settings.pkcs12.read_bytes(), password)
    if settings.key is None or settings.certificate is None:
        raise MissingKey
    with _named(settings.key):
        return load_pem(settings.key.read_bytes(), settings.certificate.read_bytes(), password)


def key_from_files(
    key: Path | None, certificate: Path | None, pkcs12: Path | None, password_file: Path | None
) -> SigningKey:
    """The key in the files that a command was given. Raises SigningError, MissingFiles or OSError."""
    if (key is None) != (certificate is None) or (key is None) == (pkcs12 is None):
        raise MissingFiles
    return load_signing_key(KeySettings(key=key, certificate=certificate, pkcs12=pkcs12, password_file=password_file))


def load_token(path: Path | None) -> str | None:
    """The token in the first line of a file; None where no file is named. Raises EmptyToken or OSError."""
    if path is None:
        return None
    token = path.read_text("utf-8").partition("\n")[0].strip()
    if not token:
        raise EmptyToken(path)
    return token


def load_certificates(paths: tuple[Path, ...]) -> list[Certificate]:
    """Every certificate of some PEM files. Raises SigningError or OSError."""
    found: list[Certificate] = []
    for path in paths:
        with _named(path):
            found.extend(load_pem_many(path.read_bytes()))
    return found


def load_revocation_lists(paths: tuple[Path, ...]) -> list[RevocationList]:
    """Every revocation list of some PEM files. Raises SigningError or OSError."""
    found: list[RevocationList] = []
    for path in paths:
        with _named(path):
            found.extend(load_crls(path.read_bytes()))
    return found


def load_trust(settings: TrustSettings) -> TrustStore:
    """The anchors, intermediate certificates and revocation lists that the settings name."""
    return TrustStore(
        anchors=load_certificates(settings.anchors),
        intermediates=load_certificates(settings.intermediates),
        crls=load_revocation_lists(settings.crls),
        require_crl=settings.require_crl,
    )


@contextmanager
def _named(path: Path) -> Iterator[None]:
    """Puts the file's name before what is wrong with it."""
    try:
        yield
    except SigningError as error:
        raise type(error)(f"{path}: {error}") from error
