"""GOST judged by others: published vectors, libgcrypt, and the command line of OpenSSL."""

import base64
import functools
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mezhved.signing.algorithms import GOST94, STREEBOG256, STREEBOG512, DigestAlgorithm, KeyType
from mezhved.signing.certificates import Certificate
from mezhved.signing.crls import load_crls
from mezhved.signing.errors import CertificateUntrusted, SignatureMismatch
from mezhved.signing.keys import SigningKey
from mezhved.signing.providers.chains import Chains
from mezhved.signing.trust import TrustStore
from shared_vectors import shared_dir
from support.certificates import ARCHIVE_KINDS, GOST_KINDS, system
from support.gcrypt import CURVES, GcryptError, gcrypt
from support.gost import gost_provider
from support.openssl import openssl

KINDS = GOST_KINDS + ARCHIVE_KINDS
OCTETS = "Се ветри, Стрибожи внуци, веютъ съ моря стрелами".encode()

# RFC 6986, section 10. The digests are the octets as they stand in a message, not as the number printed in the RFC.
RFC_6986 = {
    b"012345678901234567890123456789012345678901234567890123456789012": (
        "9d151eefd8590b89daa6ba6cb74af9275dd051026bb149a452fd84e5e57b5500",
        (
            "1b54d01a4af5b9d5cc3d86d68d285462b19abc2475222f35c085122be4ba1ffa"
            "00ad30f8767b3a82384c6574f024c311e2a481332b08ef7f41797891c1646f48"
        ),
    ),
    "Се ветри, Стрибожи внуци, веютъ с моря стрелами на храбрыя плъкы Игоревы".encode("cp1251"): (
        "9dd2fe4e90409e5da87f53976d7405b0c0cac628fc669a741d50063c557e8f50",
        (
            "1e88e62226bfca6f9994f1f2d51569e0daf8475a3b0fe61a5300eee46d961376"
            "035fe83549ada2b8620fcd7c496ce5b33f0cb9dddc2b6460143b03dabac9fb28"
        ),
    ),
}

GCRYPT_DIGESTS = {
    STREEBOG256: "streebog256",
    STREEBOG512: "streebog512",
    GOST94: "gostr3411-94-cryptopro",
}


# -- digests -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("message", RFC_6986, ids=["M1", "M2"])
def test_streebog_as_rfc_6986_has_it(message: bytes) -> None:
    provider = gost_provider()
    found = provider.digest(STREEBOG256, message).hex(), provider.digest(STREEBOG512, message).hex()
    assert found == RFC_6986[message]


def test_streebog_of_the_vectors_with_their_carries() -> None:
    provider = gost_provider()
    folder = shared_dir() / "vectors" / "gost"
    by_name = {"md_gost12_256": STREEBOG256, "md_gost12_512": STREEBOG512}
    seen = 0
    for line in (folder / "streebog" / "digests.txt").read_text().splitlines():
        name, _, rest = line.partition("(")
        path, _, expected = rest.partition(")= ")
        if path.endswith("digests.txt"):
            continue  # it cannot hold its own digest
        assert provider.digest(by_name[name], (folder / path).read_bytes()).hex() == expected, line
        seen += 1
    assert seen >= 14


@pytest.mark.parametrize("algorithm", [STREEBOG256, STREEBOG512], ids=lambda algorithm: algorithm.name)
def test_digests_of_nothing_agree_with_libgcrypt(algorithm: DigestAlgorithm) -> None:
    """But for GOST R 34.11-94, which the engine gets wrong for no octets at all: nothing signed is ever so short."""
    assert gost_provider().digest(algorithm, b"") == gcrypt().digest(GCRYPT_DIGESTS[algorithm], b"")


@pytest.mark.parametrize("algorithm", GCRYPT_DIGESTS, ids=lambda algorithm: algorithm.name)
@given(octets=st.binary(min_size=1, max_size=300))
@settings(deadline=None, max_examples=60)
def test_digests_agree_with_libgcrypt(algorithm: DigestAlgorithm, octets: bytes) -> None:
    assert gost_provider().digest(algorithm, octets) == gcrypt().digest(GCRYPT_DIGESTS[algorithm], octets)


@pytest.mark.parametrize("algorithm", GCRYPT_DIGESTS, ids=lambda algorithm: algorithm.name)
@pytest.mark.parametrize("size", [1, 31, 32, 33, 63, 64, 65, 127, 128, 129, 1 << 16])
@pytest.mark.parametrize("octet", [0x00, 0xFF])
def test_digests_agree_at_block_borders_and_with_all_carries(algorithm: DigestAlgorithm, size: int, octet: int) -> None:
    octets = bytes([octet]) * size
    assert gost_provider().digest(algorithm, octets) == gcrypt().digest(GCRYPT_DIGESTS[algorithm], octets)


# -- signatures --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Numbers:
    """A GOST key as plain numbers, taken from the DER of certificate and key without any library of cryptography."""

    curve: str
    digest: str
    size: int
    point: bytes
    secret: bytes


@functools.cache
def numbers(kind: str) -> Numbers:
    family, _, rest = kind.partition("-")
    size = 64 if family == "gost512" else 32
    issued = system(kind)
    secret = base64.b64decode(b"".join(issued.key_pem.splitlines()[1:-1]))[-size:]
    return Numbers(
        curve=rest.replace("tc26", f"tc26-{size * 8}"),
        digest={"gost256": "streebog256", "gost512": "streebog512", "gost2001": "gostr3411-94-cryptopro"}[family],
        size=size,
        point=point_of(issued.certificate, size),
        secret=secret[::-1],
    )


def point_of(certificate: Certificate, size: int) -> bytes:
    """`04 | x | y`, big-endian: the public key is an octet string of x and y, little-endian, in a bit string."""
    start = b"\x03\x43\x00\x04\x40" if size == 32 else b"\x03\x81\x84\x00\x04\x81\x80"
    place = certificate.der.index(start) + len(start)
    x, y = certificate.der[place : place + size], certificate.der[place + size : place + 2 * size]
    return b"\x04" + x[::-1] + y[::-1]


def test_libgcrypt_knows_every_parameter_set_but_these() -> None:
    """None is missing from libgcrypt 1.10: each set that keys are made for has a second opinion."""
    gcrypt()
    assert {numbers(kind).curve for kind in KINDS} == CURVES.keys()


@pytest.mark.parametrize("kind", KINDS)
def test_libgcrypt_verifies_what_we_sign(kind: str) -> None:
    other, key = gcrypt(), numbers(kind)
    value = system(kind).signing_key().sign(OCTETS)
    s, r = value[: key.size], value[key.size :]
    other.verify(key.curve, key.point, other.digest(key.digest, OCTETS), r, s)
    with pytest.raises(GcryptError):
        other.verify(key.curve, key.point, other.digest(key.digest, OCTETS + b" "), r, s)


@pytest.mark.parametrize("kind", KINDS)
def test_we_verify_what_libgcrypt_signs(kind: str) -> None:
    other, key, ours = gcrypt(), numbers(kind), system(kind).signing_key()
    for number in range(5):
        octets = OCTETS + bytes([number])
        r, s = other.sign(key.curve, key.point, key.secret, other.digest(key.digest, octets))
        value = s.rjust(key.size, b"\0") + r.rjust(key.size, b"\0")
        gost_provider().verify(ours.algorithm, ours.certificate, octets, value)
        with pytest.raises(SignatureMismatch):
            gost_provider().verify(ours.algorithm, ours.certificate, octets + b" ", value)


# -- the command line of OpenSSL ---------------------------------------------------------------------------------------


def digest_option(key: SigningKey) -> str:
    return f"-{key.algorithm.digest.name}"


@pytest.mark.parametrize("kind", KINDS)
def test_openssl_verifies_what_we_sign_and_we_what_it_signs(kind: str, tmp_path: Path) -> None:
    gost_provider()
    issued, key = system(kind), system(kind).signing_key()
    (tmp_path / "key.pem").write_bytes(issued.key_pem)
    (tmp_path / "certificate.pem").write_bytes(issued.certificate.to_pem())
    (tmp_path / "octets").write_bytes(OCTETS)
    (tmp_path / "ours").write_bytes(key.sign(OCTETS))
    public = openssl("x509", "-engine", "gost", "-in", tmp_path / "certificate.pem", "-pubkey", "-noout")
    (tmp_path / "public.pem").write_bytes(public)
    common = ("dgst", "-engine", "gost", digest_option(key))
    openssl(*common, "-verify", tmp_path / "public.pem", "-signature", tmp_path / "ours", tmp_path / "octets")
    theirs = openssl(*common, "-sign", tmp_path / "key.pem", tmp_path / "octets")
    gost_provider().verify(key.algorithm, key.certificate, OCTETS, theirs)


# -- certificates made by others ---------------------------------------------------------------------------------------


def infotecs() -> list[Certificate]:
    folder = shared_dir() / "vectors" / "gost" / "infotecs-certs"
    return [Certificate.from_der(path.read_bytes()) for path in sorted(folder.glob("*.der"))]


def rfc9215(name: str) -> Path:
    return shared_dir() / "vectors" / "gost" / "rfc9215" / name


AT = datetime(2026, 6, 1, tzinfo=UTC)


def test_self_signed_certificates_of_every_parameter_set_hold() -> None:
    """An anchor's own signature is checked too, so trust in itself shows that it holds."""
    gost_provider()
    certificates = infotecs()
    assert len(certificates) == 10
    for certificate in certificates:
        TrustStore([certificate]).check(certificate, AT)
        damaged = Certificate.from_der(certificate.der[:-1] + bytes([certificate.der[-1] ^ 1]))
        with pytest.raises(CertificateUntrusted):
            TrustStore([damaged]).check(damaged, AT)


def test_libgcrypt_too_holds_them_for_good() -> None:
    from cryptography import x509

    other = gcrypt()
    curves = {"long_tc": "tc26-512-", "short_tc": "tc26-256-", "short_cp": "cryptopro-"}
    for certificate in infotecs():
        name = certificate.subject.partition(",")[0].removeprefix("CN=")
        size = 64 if certificate.key_type is KeyType.GOST512 else 32
        parsed = x509.load_der_x509_certificate(certificate.der)
        digest = other.digest(f"streebog{size * 8}", parsed.tbs_certificate_bytes)
        s, r = parsed.signature[:size], parsed.signature[size:]
        other.verify(curves[name[:-2]] + name[-1], point_of(certificate, size), digest, r, s)


@pytest.mark.parametrize("name", ["cert-D1.pem", "cert-D2.pem"])
def test_certificates_of_rfc_9215(name: str) -> None:
    gost_provider()
    certificate = Certificate.from_pem(rfc9215(name).read_bytes())
    assert certificate.subject == "CN=Example"
    TrustStore([certificate]).check(certificate, AT)


@pytest.mark.parametrize("number", ["1", "2"])
def test_revocation_lists_of_rfc_9215(number: str) -> None:
    crypto = gost_provider().load()
    certificate = Certificate.from_pem(rfc9215(f"cert-D{number}.pem").read_bytes())
    (crl,) = load_crls(rfc9215(f"crl-D{number}.pem").read_bytes())
    assert crl.issuer == certificate.subject
    chains = Chains(crypto, [certificate.der], [])
    assert chains.is_signed(crl.der, certificate.der)
    (other,) = load_crls(rfc9215(f"crl-D{3 - int(number)}.pem").read_bytes())
    assert not chains.is_signed(other.der, certificate.der)
