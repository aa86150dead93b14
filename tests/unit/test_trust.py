"""Which certificates are trusted at which time. Each test says with which kinds of key it has been tried."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from mezhved.signing.algorithms import KeyType
from mezhved.signing.authority import DIGEST_NAMES, Authority, Issued, Usage, create_authority
from mezhved.signing.certificates import Certificate
from mezhved.signing.crls import RevocationList
from mezhved.signing.errors import (
    CertificateExpired,
    CertificateNotYetValid,
    CertificateRefused,
    CertificateRevoked,
    CertificateUntrusted,
    CertificateUsage,
    CrlUnusable,
)
from mezhved.signing.trust import TrustStore
from support.certificates import ARCHIVE_KINDS, BEGIN, COMMON_KINDS, END, GOST_KINDS, NOW, authority, system
from support.gost import require_for

SECOND = timedelta(seconds=1)
DAY = timedelta(days=1)
CHEAP = ["gost256-tc26-a", "p256"]


def issue(issuer: Authority, *, begin: datetime = BEGIN, end: datetime = END, serial: int = 50, **more) -> Issued:
    kind = "p256" if issuer.certificate.key_type == "ecdsa" else "gost256"
    return issuer.issue("CN=System", key_type=kind, serial=serial, valid_from=begin, valid_to=end, **more)


def between(issuer: Authority, kind: str, *, serial: int = 60, end: datetime = END) -> Authority:
    return issuer.issue_authority("CN=Between", key_type=kind, serial=serial, valid_from=BEGIN, valid_to=end)


def crl_of(issuer: Authority, revoked: dict[int, datetime], *, since: datetime = BEGIN, until: datetime = END):
    return issuer.make_crl(revoked.items(), number=1, this_update=since, next_update=until)


@pytest.mark.parametrize("kind", GOST_KINDS + ARCHIVE_KINDS + COMMON_KINDS)
def test_a_certificate_of_a_trusted_authority(kind: str) -> None:
    TrustStore([authority(kind).certificate]).check(system(kind).certificate, NOW)


@pytest.mark.parametrize("kind", CHEAP)
def test_an_intermediate_authority(kind: str) -> None:
    middle = between(authority(kind), kind)
    leaf = issue(middle).certificate
    TrustStore([authority(kind).certificate], [middle.certificate]).check(leaf, NOW)
    with pytest.raises(CertificateUntrusted):
        TrustStore([authority(kind).certificate]).check(leaf, NOW)


def test_an_intermediate_alone_is_no_anchor() -> None:
    middle = between(authority("p256"), "p256")
    with pytest.raises(CertificateUntrusted):
        TrustStore([], [authority("p256").certificate, middle.certificate]).check(issue(middle).certificate, NOW)


def test_an_intermediate_may_be_the_anchor() -> None:
    middle = between(authority("p256"), "p256")
    TrustStore([middle.certificate]).check(issue(middle).certificate, NOW)


def test_an_end_certificate_may_be_the_anchor() -> None:
    TrustStore([system("p256").certificate]).check(system("p256").certificate, NOW)


@pytest.mark.parametrize("kind", CHEAP)
def test_an_authority_of_the_same_name_is_not_the_same(kind: str) -> None:
    twin = create_authority(kind, authority(kind).certificate.subject, valid_from=BEGIN, valid_to=END)
    with pytest.raises(CertificateUntrusted):
        TrustStore([twin.certificate]).check(system(kind).certificate, NOW)


def test_nothing_is_trusted_by_an_empty_store() -> None:
    with pytest.raises(CertificateUntrusted):
        TrustStore([]).check(system("p256").certificate, NOW)


@pytest.mark.parametrize("kind", CHEAP)
def test_whoever_is_no_authority_cannot_issue(kind: str) -> None:
    """A participant's own key must not make certificates for others."""
    participant = issue(authority(kind))
    forged = issue(Authority(participant.certificate, participant.key_pem, participant.issuers)).certificate
    with pytest.raises(CertificateUntrusted):
        TrustStore([authority(kind).certificate], [participant.certificate]).check(forged, NOW)


@pytest.mark.parametrize("kind", CHEAP)
def test_the_first_and_the_last_second(kind: str) -> None:
    leaf = issue(authority(kind), begin=NOW, end=NOW + DAY).certificate
    store = TrustStore([authority(kind).certificate])
    with pytest.raises(CertificateNotYetValid, match="2026-06-01 12:00:00 UTC"):
        store.check(leaf, NOW - SECOND)
    store.check(leaf, NOW)
    store.check(leaf, NOW + DAY - SECOND)
    store.check(leaf, NOW + DAY - timedelta(microseconds=1))
    with pytest.raises(CertificateExpired, match="2026-06-02 12:00:00 UTC"):
        store.check(leaf, NOW + DAY)
    with pytest.raises(CertificateExpired):
        store.check(leaf, datetime(9999, 1, 1, tzinfo=UTC))


def test_asking_in_any_order_and_again_gives_the_same_answers() -> None:
    """Answers are remembered for an interval; the memory must not leak into the next one."""
    leaf = issue(authority("p256"), begin=NOW, end=NOW + DAY).certificate
    expected = {
        NOW - DAY: CertificateNotYetValid,
        NOW + SECOND: None,
        NOW + DAY - SECOND: None,
        NOW + 2 * DAY: CertificateExpired,
    }
    for _ in range(2):
        for moment in (*expected, *reversed(expected)):
            assert outcome(TrustStore([authority("p256").certificate]), leaf, moment) is expected[moment]
    store = TrustStore([authority("p256").certificate])
    for moment in (*expected, *reversed(expected), *expected):
        assert outcome(store, leaf, moment) is expected[moment]


def outcome(store: TrustStore, certificate: Certificate, at: datetime) -> type[CertificateRefused] | None:
    try:
        store.check(certificate, at)
    except CertificateRefused as refusal:
        return type(refusal)
    return None


def test_an_expired_authority_expires_what_it_issued() -> None:
    middle = between(authority("p256"), "p256", end=NOW)
    leaf = issue(middle).certificate
    store = TrustStore([authority("p256").certificate], [middle.certificate])
    store.check(leaf, NOW - SECOND)
    with pytest.raises(CertificateExpired, match=r"CN=Between.*above.*CN=System"):
        store.check(leaf, NOW)


@pytest.mark.parametrize("kind", CHEAP)
def test_a_revoked_certificate(kind: str) -> None:
    root = authority(kind)
    store = TrustStore([root.certificate], crls=[crl_of(root, {50: NOW, 51: NOW})])
    with pytest.raises(CertificateRevoked, match=r"serial 32.*2026-06-01 12:00:00 UTC"):
        store.check(issue(root, serial=50).certificate, NOW)
    store.check(issue(root, serial=52).certificate, NOW)


def test_a_revoked_intermediate() -> None:
    root = authority("p256")
    middle = between(root, "p256", serial=60)
    store = TrustStore([root.certificate], [middle.certificate], [crl_of(root, {60: NOW})])
    with pytest.raises(CertificateRevoked, match="CN=Between"):
        store.check(issue(middle).certificate, NOW)


def test_a_list_revokes_only_what_its_own_issuer_issued() -> None:
    root = authority("p256")
    middle = between(root, "p256")
    leaf = issue(middle, serial=50).certificate
    store = TrustStore([root.certificate], [middle.certificate], [crl_of(root, {50: NOW})])
    store.check(leaf, NOW)


def test_todays_list_judges_an_archive_by_the_dates_in_it() -> None:
    root = authority("p256")
    leaf = issue(root, serial=50).certificate
    store = TrustStore([root.certificate], crls=[crl_of(root, {50: NOW}, since=NOW + DAY)])
    store.check(leaf, NOW - SECOND)
    with pytest.raises(CertificateRevoked):
        store.check(leaf, NOW)


def test_a_list_in_force_revokes_even_what_it_dates_later() -> None:
    root = authority("p256")
    store = TrustStore([root.certificate], crls=[crl_of(root, {50: NOW + DAY})])
    with pytest.raises(CertificateRevoked):
        store.check(issue(root, serial=50).certificate, NOW)


def test_a_stale_list_is_said_to_be_stale() -> None:
    root = authority("p256")
    store = TrustStore([root.certificate], crls=[crl_of(root, {}, until=NOW)])
    store.check(issue(root).certificate, NOW - SECOND)
    with pytest.raises(CrlUnusable, match=r"stale.*2026-06-01 12:00:00 UTC"):
        store.check(issue(root).certificate, NOW)


def test_a_newer_list_replaces_a_stale_one() -> None:
    root = authority("p256")
    lists = [crl_of(root, {}, until=NOW), crl_of(root, {50: NOW}, since=NOW)]
    store = TrustStore([root.certificate], crls=lists)
    store.check(issue(root, serial=51).certificate, NOW)
    with pytest.raises(CertificateRevoked):
        store.check(issue(root, serial=50).certificate, NOW)


def test_a_demanded_list_that_is_absent() -> None:
    with pytest.raises(CrlUnusable, match="demanded"):
        TrustStore([authority("p256").certificate], require_crl=True).check(system("p256").certificate, NOW)


def test_lists_are_demanded_of_every_issuer_in_the_chain() -> None:
    root = authority("p256")
    middle = between(root, "p256")
    leaf = issue(middle).certificate

    def store(*crls: RevocationList) -> TrustStore:
        return TrustStore([root.certificate], [middle.certificate], crls, require_crl=True)

    store(crl_of(root, {}), crl_of(middle, {})).check(leaf, NOW)
    for crls in [crl_of(root, {})], [crl_of(middle, {})]:
        with pytest.raises(CrlUnusable):
            store(*crls).check(leaf, NOW)


@pytest.mark.parametrize("kind", CHEAP)
def test_a_list_that_somebody_else_signed_is_no_list(kind: str) -> None:
    """Neither to revoke by, nor to be let through by."""
    root = authority(kind)
    twin = create_authority(kind, root.certificate.subject, valid_from=BEGIN, valid_to=END)
    for forged in (crl_of(twin, {}), crl_of(twin, {50: NOW})):
        with pytest.raises(CrlUnusable, match="signed by its key"):
            TrustStore([root.certificate], crls=[forged]).check(issue(root, serial=50).certificate, NOW)


def test_an_authority_with_two_keys_has_two_lists() -> None:
    root = authority("p256")
    twin = create_authority("p256", root.certificate.subject, valid_from=BEGIN, valid_to=END)
    store = TrustStore(
        [root.certificate, twin.certificate], crls=[crl_of(root, {50: NOW}), crl_of(twin, {51: NOW})], require_crl=True
    )
    for issuer, revoked, good in (root, 50, 51), (twin, 51, 50):
        store.check(issue(issuer, serial=good).certificate, NOW)
        with pytest.raises(CertificateRevoked):
            store.check(issue(issuer, serial=revoked).certificate, NOW)


@pytest.mark.parametrize(
    ("usage", "allowed"),
    [
        ({Usage.DIGITAL_SIGNATURE}, True),
        ({Usage.NON_REPUDIATION}, True),
        ({Usage.DIGITAL_SIGNATURE, Usage.NON_REPUDIATION, Usage.KEY_AGREEMENT}, True),
        (set(), True),
        ({Usage.KEY_ENCIPHERMENT}, False),
        ({Usage.KEY_CERT_SIGN, Usage.CRL_SIGN}, False),
    ],
)
def test_key_usage(usage: set[Usage], allowed: bool) -> None:
    leaf = issue(authority("p256"), usage=usage).certificate
    expected = None if allowed else CertificateUsage
    assert outcome(TrustStore([authority("p256").certificate]), leaf, NOW) is expected


def test_any_extended_key_usage_is_fine() -> None:
    """Certificates of information systems often say clientAuth only (purpose any)."""
    root = authority("p256")
    leaf = resigned(root, extended=x509.ExtendedKeyUsage([x509.oid.ExtendedKeyUsageOID.CLIENT_AUTH]))
    TrustStore([root.certificate]).check(leaf, NOW)


def resigned(root: Authority, *, extended: x509.ExtendedKeyUsage) -> Certificate:
    from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key

    issuer = x509.load_der_x509_certificate(root.certificate.der)
    key = load_pem_private_key(root.key_pem, None)
    made = (
        x509.CertificateBuilder()
        .subject_name(x509.Name.from_rfc4514_string("CN=System"))
        .issuer_name(issuer.subject)
        .public_key(key.public_key())
        .serial_number(5)
        .not_valid_before(BEGIN)
        .not_valid_after(END)
        .add_extension(extended, critical=True)
        .sign(key, hashes.SHA256())
    )
    return Certificate.from_der(made.public_bytes(Encoding.DER))


def common_certificate(bits: int, digest: hashes.HashAlgorithm, issuer: tuple | None = None) -> tuple:
    key = rsa.generate_private_key(public_exponent=65537, key_size=bits)
    name = x509.Name.from_rfc4514_string("CN=Weak" if issuer is None else "CN=Leaf")
    signer, issuer_name = issuer or (key, name)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(issuer_name)
        .public_key(key.public_key())
        .serial_number(5)
        .not_valid_before(BEGIN)
        .not_valid_after(END)
        .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
        .sign(signer, digest)
    )
    return key, made


def test_weak_chains_are_not_trusted() -> None:
    from cryptography.hazmat.primitives.serialization import Encoding

    root_key, root = common_certificate(2048, hashes.SHA256())
    store = TrustStore([Certificate.from_der(root.public_bytes(Encoding.DER))])
    for bits, digest, expected in (
        (2048, hashes.SHA256(), None),
        (1024, hashes.SHA256(), CertificateUntrusted),
    ):
        _, leaf = common_certificate(bits, digest, (root_key, root.subject))
        assert outcome(store, Certificate.from_der(leaf.public_bytes(Encoding.DER)), NOW) is expected


@pytest.mark.parametrize("digest", ["SHA1", "MD5"])
def test_sha1_and_md5_are_too_weak_in_a_chain(digest: str, monkeypatch: pytest.MonkeyPatch) -> None:
    root = authority("rsa2048")
    monkeypatch.setitem(DIGEST_NAMES, KeyType.RSA, digest)
    leaf = root.issue("CN=Leaf", key_type="p256", serial=70, valid_from=BEGIN, valid_to=END).certificate
    with pytest.raises(CertificateUntrusted, match="too weak"):
        TrustStore([root.certificate]).check(leaf, NOW)


@pytest.mark.parametrize("kind", CHEAP)
def test_a_changed_certificate_is_not_trusted(kind: str) -> None:
    leaf = system(kind).certificate
    changed = leaf.der.replace(b"System", b"Sistem")
    assert changed != leaf.der
    with pytest.raises(CertificateUntrusted):
        TrustStore([authority(kind).certificate]).check(Certificate.from_der(changed), NOW)


@pytest.mark.parametrize("kind", CHEAP)
def test_a_self_signed_anchor_has_to_hold_itself(kind: str) -> None:
    """An anchor that was damaged on its way here is noticed."""
    root = authority(kind).certificate
    damaged = Certificate.from_der(root.der[:-1] + bytes([root.der[-1] ^ 1]))
    TrustStore([root]).check(system(kind).certificate, NOW)
    with pytest.raises(CertificateUntrusted):
        TrustStore([damaged]).check(system(kind).certificate, NOW)


@pytest.mark.parametrize(("root_kind", "leaf_kind"), [("gost512", "p256"), ("p256", "gost256")])
def test_kinds_of_keys_may_be_mixed_in_a_chain(root_kind: str, leaf_kind: str) -> None:
    require_for("gost")
    root = create_authority(root_kind, "CN=Mixed", valid_from=BEGIN, valid_to=END)
    leaf = root.issue("CN=Leaf", key_type=leaf_kind, serial=5, valid_from=BEGIN, valid_to=END)
    TrustStore([root.certificate]).check(leaf.certificate, NOW)


def test_a_store_serves_many_threads() -> None:
    root = authority("p256")
    leaves = [issue(root, serial=serial).certificate for serial in range(200, 210)]
    store = TrustStore([root.certificate], crls=[crl_of(root, dict.fromkeys(range(200, 205), NOW))])
    found: list[list[type[CertificateRefused] | None]] = []

    def work() -> None:
        found.append([outcome(store, leaf, NOW) for leaf in leaves * 3])

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [([CertificateRevoked] * 5 + [None] * 5) * 3] * 8
