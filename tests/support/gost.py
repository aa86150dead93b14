"""What tests of GOST need of the machine."""

from mezhved.signing.errors import ProviderUnavailable
from mezhved.signing.providers import openssl_gost
from mezhved.signing.providers.openssl_gost import OpenSslGost

from .absent import absent


def gost_provider() -> OpenSslGost:
    """The provider of GOST, or a skip that says what is missing."""
    provider = openssl_gost()
    try:
        provider.load()
    except ProviderUnavailable as missing:
        absent(str(missing))
    return provider


def require_for(key_kind: str) -> None:
    """Skip a test of a GOST kind of key where the machine has no GOST."""
    if key_kind.startswith("gost"):
        gost_provider()
