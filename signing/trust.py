"""Whether a certificate may vouch for a signature: its chain, its times, its revocation, its key usage.

A store is made once from certificates and lists and never changes; new lists make a new store. Answers are remembered:
between two moments at which any validity begins or ends the answer for a certificate cannot change, so it is computed
once for each such interval. All times are half-open: valid from `not_before` on, and no more at `not_after`.
"""

import bisect
import functools
import itertools
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from .certificates import CACHED_CERTIFICATES, Certificate, same_name
from .crls import RevocationList
from .errors import (
    CertificateExpired,
    CertificateMalformed,
    CertificateNotYetValid,
    CertificateRefused,
    CertificateRevoked,
    CertificateUntrusted,
    CertificateUsage,
    CrlUnusable,
    ProviderUnavailable,
)
from .providers import chains, openssl_gost
from .providers.chains import ChainFailure, Chains
from .providers.libcrypto import LibCryptoError, load_libcrypto
from .providers.openssl_gost import OpenSslGost

SIGNING_USAGES = chains.KEY_USAGE_DIGITAL_SIGNATURE | chains.KEY_USAGE_NON_REPUDIATION


@dataclass(frozen=True, slots=True)
class _Refusal:
    kind: type[CertificateRefused]
    text: str


class TrustStore:
    """What is trusted: immutable, safe for use by many threads.

    `anchors` are trusted as they are, self-signed or not, an end certificate too; nobody can revoke them but whoever
    takes them out. `intermediates` only help to build chains. `crls` are the lists at hand: a certificate whose issuer
    has a list here is checked against it; with `require_crl`, one whose issuer has none is refused.

    A list that was issued after the time asked about counts too, so that an archive can be checked with today's list:
    it revokes what it says was revoked by then.
    """

    def __init__(
        self,
        anchors: Iterable[Certificate],
        intermediates: Iterable[Certificate] = (),
        crls: Iterable[RevocationList] = (),
        *,
        require_crl: bool = False,
        gost: OpenSslGost | None = None,
    ) -> None:
        self.anchors = tuple(anchors)
        self.intermediates = tuple(intermediates)
        self.crls = tuple(crls)
        self.require_crl = require_crl
        self._gost = gost or openssl_gost()
        self._built: Chains | None = None
        self._common_moments = self._moments_of(self.anchors + self.intermediates) | {
            moment for crl in self.crls for moment in (crl.this_update, crl.next_update) if moment
        }
        # Caches of the instance, made here so that they end with it.
        self._moments = functools.lru_cache(CACHED_CERTIFICATES)(self._find_moments)
        self._answer = functools.lru_cache(CACHED_CERTIFICATES)(self._find_answer)

    def check(self, certificate: Certificate, at: datetime) -> None:
        """Return if the certificate is to be trusted for a signature made at that time.

        Raises:
            CertificateNotYetValid, CertificateExpired: it, or one above it, at that time.
            CertificateRevoked: it, or one above it, by then.
            CertificateUntrusted: no chain to an anchor.
            CertificateUsage: its keyUsage allows neither digitalSignature nor nonRepudiation.
            CrlUnusable: the issuer's list is stale or not the issuer's, or absent though demanded.
            CertificateMalformed: libcrypto cannot read it.
            ProviderUnavailable: it needs GOST, which this machine lacks.
        """
        moments = self._moments(certificate)
        refusal = self._answer(certificate, bisect.bisect_right(moments, at))
        if refusal is not None:
            raise refusal.kind(f"{refusal.text} (judged at {at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC)")

    # -- moments -----------------------------------------------------------------------------------------------------

    def _find_moments(self, certificate: Certificate) -> tuple[datetime, ...]:
        return tuple(sorted(self._common_moments | self._moments_of((certificate,))))

    def _moments_of(self, certificates: Iterable[Certificate]) -> set[datetime]:
        moments = set()
        for certificate in certificates:
            moments |= {certificate.not_before, certificate.not_after}
            for crl in self.crls:
                if same_name(crl.issuer, certificate.issuer) and (revoked := crl.revoked_at(certificate.serial)):
                    moments.add(revoked)
        return moments

    # -- answers -----------------------------------------------------------------------------------------------------

    def _find_answer(self, certificate: Certificate, interval: int) -> _Refusal | None:
        moments = self._moments(certificate)
        at = moments[interval - 1] if interval else moments[0] - timedelta(seconds=1)
        try:
            built, gost_missing = self._chains(certificate)
            chain = self._build(built, certificate, at, gost_missing)
            self._check_revocation(built, chain, at)
            _check_usage(built, certificate)
        except CertificateRefused as refusal:
            return _Refusal(type(refusal), str(refusal))
        except LibCryptoError as error:
            return _Refusal(CertificateMalformed, f"{_name(certificate)} cannot be judged: {error}")
        return None

    def _chains(self, certificate: Certificate) -> tuple[Chains, ProviderUnavailable | None]:
        if certificate.needs_gost:
            self._gost.load()
        if self._built is None:
            missing = self._missing_gost()
            built = Chains(
                load_libcrypto(),
                [anchor.der for anchor in self.anchors],
                [intermediate.der for intermediate in self.intermediates],
            )
            if missing is not None:
                # Certificates read without the engine stay without their keys: these chains serve once only.
                return built, missing
            self._built = built
        return self._built, None

    def _missing_gost(self) -> ProviderUnavailable | None:
        if any(certificate.needs_gost for certificate in self.anchors + self.intermediates):
            try:
                self._gost.load()
            except ProviderUnavailable as error:
                return error
        return None

    def _build(
        self, built: Chains, certificate: Certificate, at: datetime, gost_missing: ProviderUnavailable | None
    ) -> tuple[Certificate, ...]:
        try:
            level = chains.GOST_SECURITY_LEVEL if certificate.needs_gost else chains.SECURITY_LEVEL
            return tuple(Certificate.from_der(der) for der in built.build(certificate.der, at, level))
        except ChainFailure as failure:
            place = Certificate.from_der(failure.certificate) if failure.certificate else certificate
            if gost_missing is not None and place.needs_gost:
                raise gost_missing from failure
            who = _name(place) if place == certificate else f"{_name(place)} above {_name(certificate)}"
            if failure.number == chains.CERT_NOT_YET_VALID:
                raise CertificateNotYetValid(f"{who} is valid only from {_time(place.not_before)}") from failure
            if failure.number == chains.CERT_HAS_EXPIRED:
                raise CertificateExpired(f"{who} expired at {_time(place.not_after)}") from failure
            raise CertificateUntrusted(f"{who} is not trusted: {failure.words}") from failure

    def _check_revocation(self, built: Chains, chain: tuple[Certificate, ...], at: datetime) -> None:
        for certificate, issuer in itertools.pairwise(chain):
            lists = _lists_to_ask(issuer, self._lists_of(built, issuer), at)
            if not lists:
                continue
            try:
                built.check_revocation(certificate.der, issuer.der, [crl.der for crl in lists])
            except ChainFailure as failure:
                if failure.number != chains.CERT_REVOKED:
                    raise CrlUnusable(
                        f"the revocation list of {issuer.subject} cannot answer for {_name(certificate)}: "
                        f"{failure.words}"
                    ) from failure
                _refuse_revoked(certificate, lists, at)

    def _lists_of(self, built: Chains, issuer: Certificate) -> list[RevocationList]:
        """The lists that this very issuer signed: an authority may have had several keys under one name."""
        named = [crl for crl in self.crls if same_name(crl.issuer, issuer.subject)]
        signed = [crl for crl in named if built.is_signed(crl.der, issuer.der)]
        if named and not signed:
            raise CrlUnusable(f"no revocation list in the name of {issuer.subject} is signed by its key")
        if self.require_crl and not signed:
            raise CrlUnusable(f"there is no revocation list of {issuer.subject}, and one is demanded")
        return signed


def _lists_to_ask(issuer: Certificate, lists: list[RevocationList], at: datetime) -> list[RevocationList]:
    """Those in force at that time, else the first ones issued after it."""
    in_force = [crl for crl in lists if crl.this_update <= at and (crl.next_update is None or at < crl.next_update)]
    later = [crl for crl in lists if crl.this_update > at]
    if in_force or not lists:
        return in_force
    if later:
        first = min(crl.this_update for crl in later)
        return [crl for crl in later if crl.this_update == first]
    due = max(crl.next_update for crl in lists if crl.next_update is not None)
    raise CrlUnusable(f"the revocation list of {issuer.subject} is stale: a newer one was due at {_time(due)}")


def _refuse_revoked(certificate: Certificate, lists: list[RevocationList], at: datetime) -> None:
    for crl in lists:
        revoked = crl.revoked_at(certificate.serial)
        # A list that was already out at that time revokes whatever it names, even what it dates later.
        if revoked is not None and (crl.this_update <= at or revoked <= at):
            raise CertificateRevoked(f"{_name(certificate)} was revoked at {_time(revoked)}")


def _check_usage(built: Chains, certificate: Certificate) -> None:
    usage = built.key_usage(certificate.der)
    if usage != chains.KEY_USAGE_ABSENT and not usage & SIGNING_USAGES:
        raise CertificateUsage(
            f"{_name(certificate)} is not for signing: its keyUsage has neither digitalSignature nor nonRepudiation"
        )


def _name(certificate: Certificate) -> str:
    return f"the certificate {certificate.subject or 'without a subject'} (serial {certificate.serial:x})"


def _time(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
