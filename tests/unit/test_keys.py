"""Private keys from PEM and PKCS#12, of every kind, written by ourselves and by others."""

import contextlib
import functools
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import dsa
from hypothesis import given, settings
from hypothesis import strategies as st
from mezhved.signing import algorithms
from mezhved.signing.algorithms import SignatureAlgorithm
from mezhved.signing.errors import CertificateMalformed, KeyUnusable, SigningError
from mezhved.signing.keys import SigningKey, dump_pkcs12, load_pem, load_pkcs12
from mezhved.signing.providers import provider_for
from support.certificates import ARCHIVE_KINDS, COMMON_KINDS, GOST_KINDS, authority, system
from support.openssl import engine_for, openssl

KINDS = GOST_KINDS + ARCHIVE_KINDS + COMMON_KINDS
FEW = ["gost256-tc26-a", "gost512-tc26-b", "rsa2048", "p256"]
PASSWORD = "пароль с пробелом"


def works(key: SigningKey) -> None:
    provider_for(key.algorithm).verify(key.algorithm, key.certificate, b"octets", key.sign(b"octets"))


@pytest.mark.parametrize("kind", KINDS)
def test_pem(kind: str) -> None:
    issued = system(kind)
    works(load_pem(issued.key_pem, issued.certificate.to_pem()))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("password", [PASSWORD, PASSWORD.encode()])
def test_encrypted_pem(kind: str, password: str | bytes) -> None:
    issued = system(kind)
    encrypted = issued.signing_key().private.to_pem(PASSWORD.encode())
    assert b"BEGIN ENCRYPTED PRIVATE KEY" in encrypted
    works(load_pem(encrypted, issued.certificate.to_pem(), password))
    for wrong, text in ((None, "give its password"), ("", "give its password"), ("wrong", "wrong password")):
        with pytest.raises(KeyUnusable, match=text):
            load_pem(encrypted, issued.certificate.to_pem(), wrong)


@pytest.mark.parametrize("kind", FEW)
def test_a_password_that_is_not_needed_does_no_harm(kind: str) -> None:
    issued = system(kind)
    works(load_pem(issued.key_pem, issued.certificate.to_pem(), PASSWORD))


@pytest.mark.parametrize("kind", FEW)
def test_key_and_certificates_in_one_file_and_in_any_order(kind: str) -> None:
    issued = system(kind)
    text = authority(kind).certificate.to_pem() + issued.key_pem + issued.certificate.to_pem()
    key = load_pem(text, text)
    works(key)
    assert key.certificate == issued.certificate
    assert key.issuers == (authority(kind).certificate,)


@pytest.mark.parametrize("kind", KINDS)
def test_another_certificate_of_the_kind_does_not_belong_to_the_key(kind: str) -> None:
    with pytest.raises(KeyUnusable, match="do not belong together"):
        load_pem(system(kind).key_pem, authority(kind).certificate.to_pem())


@pytest.mark.parametrize(("key_kind", "certificate_kind"), [(a, b) for a in FEW for b in FEW if a != b])
def test_a_certificate_of_another_kind_does_not_belong_to_the_key(key_kind: str, certificate_kind: str) -> None:
    with pytest.raises(KeyUnusable):
        load_pem(system(key_kind).key_pem, system(certificate_kind).certificate.to_pem())


def test_the_same_point_on_another_curve_is_another_key() -> None:
    with pytest.raises(KeyUnusable):
        load_pem(system("gost256-cryptopro-a").key_pem, system("gost256-cryptopro-b").certificate.to_pem())


@pytest.mark.parametrize(
    ("kind", "algorithm"),
    [
        ("gost256-tc26-a", algorithms.GOST2012_256),
        ("gost512-tc26-a", algorithms.GOST2012_512),
        ("gost2001-cryptopro-a", algorithms.GOST2001),
        ("rsa2048", algorithms.RSA_SHA256),
        ("p256", algorithms.ECDSA_SHA256),
        ("p384", algorithms.ECDSA_SHA384),
        ("p521", algorithms.ECDSA_SHA512),
    ],
)
def test_the_customary_algorithm(kind: str, algorithm: SignatureAlgorithm) -> None:
    assert system(kind).signing_key().algorithm is algorithm


def test_an_algorithm_for_other_keys_is_refused_at_once() -> None:
    issued = system("p256")
    with pytest.raises(KeyUnusable, match="rsa-sha256"):
        load_pem(issued.key_pem, issued.certificate.to_pem(), algorithm=algorithms.RSA_SHA256)


@pytest.mark.parametrize("kind", FEW)
@pytest.mark.parametrize(
    "key", [b"", b"no key", b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", b"\xff\x00"]
)
def test_what_is_no_key(kind: str, key: bytes) -> None:
    with pytest.raises(KeyUnusable):
        load_pem(key, system(kind).certificate.to_pem())


def test_what_is_no_certificate() -> None:
    with pytest.raises(CertificateMalformed, match="BEGIN CERTIFICATE"):
        load_pem(system("p256").key_pem, b"no certificate")


def test_a_kind_of_key_that_nothing_here_signs_by() -> None:
    key = dsa.generate_private_key(1024).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    with pytest.raises(KeyUnusable, match="RSA, or ECDSA"):
        load_pem(key, system("p256").certificate.to_pem())


@pytest.mark.parametrize("kind", KINDS)
def test_pkcs12_there_and_back(kind: str) -> None:
    key = system(kind).signing_key()
    read = load_pkcs12(dump_pkcs12(key, PASSWORD), PASSWORD)
    works(read)
    assert (read.certificate, read.algorithm, read.issuers) == (key.certificate, key.algorithm, key.issuers)


@pytest.mark.parametrize("kind", FEW)
@pytest.mark.parametrize("wrong", ["", "wrong", None])
def test_pkcs12_with_a_wrong_password(kind: str, wrong: str | None) -> None:
    with pytest.raises(KeyUnusable, match="password"):
        load_pkcs12(dump_pkcs12(system(kind).signing_key(), PASSWORD), wrong)


@pytest.mark.parametrize("kind", FEW)
@pytest.mark.parametrize("password", ["", None])
def test_pkcs12_without_a_password(kind: str, password: str | None) -> None:
    works(load_pkcs12(dump_pkcs12(system(kind).signing_key(), ""), password))


@pytest.mark.parametrize("kind", FEW)
@pytest.mark.parametrize("chain", [True, False])
def test_pkcs12_that_openssl_wrote(kind: str, chain: bool, tmp_path: Path) -> None:
    issued = system(kind)
    (tmp_path / "key.pem").write_bytes(issued.key_pem)
    (tmp_path / "certificate.pem").write_bytes(issued.certificate.to_pem())
    (tmp_path / "chain.pem").write_bytes(authority(kind).certificate.to_pem())
    data = openssl(
        "pkcs12", "-export", *engine_for(kind), "-inkey", tmp_path / "key.pem", "-in", tmp_path / "certificate.pem",
        *(("-certfile", tmp_path / "chain.pem") if chain else ()), "-passout", "pass:secret",
    )  # fmt: skip
    key = load_pkcs12(data, "secret")
    works(key)
    assert key.certificate == issued.certificate
    assert key.issuers == ((authority(kind).certificate,) if chain else ())


def test_pkcs12_protected_by_gost_itself(tmp_path: Path) -> None:
    """As the recommendations of TC 26 have it: MAC by Streebog, content by GOST 28147-89."""
    issued = system("gost256-tc26-a")
    (tmp_path / "both.pem").write_bytes(issued.key_pem + issued.certificate.to_pem())
    data = openssl(
        "pkcs12", "-export", "-engine", "gost", "-in", tmp_path / "both.pem", "-passout", "pass:secret",
        "-keypbe", "gost89", "-certpbe", "gost89", "-macalg", "md_gost12_512",
    )  # fmt: skip
    works(load_pkcs12(data, "secret"))
    with pytest.raises(KeyUnusable, match="password"):
        load_pkcs12(data, "wrong")


@pytest.mark.parametrize("kind", FEW)
def test_openssl_reads_our_pkcs12(kind: str) -> None:
    data = dump_pkcs12(system(kind).signing_key(), "secret", "system one")
    text = openssl("pkcs12", *engine_for(kind), "-passin", "pass:secret", "-noenc", octets=data)
    assert b"BEGIN PRIVATE KEY" in text
    assert b"friendlyName: system one" in text
    assert text.count(b"BEGIN CERTIFICATE") == 2


def test_a_container_with_a_retired_protection_says_what_to_do(tmp_path: Path) -> None:
    issued = system("p256")
    (tmp_path / "both.pem").write_bytes(issued.key_pem + issued.certificate.to_pem())
    data = openssl("pkcs12", "-export", "-legacy", "-in", tmp_path / "both.pem", "-passout", "pass:secret")
    with pytest.raises(KeyUnusable, match="openssl pkcs12 -legacy"):
        load_pkcs12(data, "secret")


def test_a_container_without_a_key(tmp_path: Path) -> None:
    (tmp_path / "certificate.pem").write_bytes(system("p256").certificate.to_pem())
    data = openssl(
        "pkcs12", "-export", "-nokeys", "-in", tmp_path / "certificate.pem", "-passout", "pass:secret"
    )  # fmt: skip
    with pytest.raises(KeyUnusable, match="no private key"):
        load_pkcs12(data, "secret")


def test_a_container_without_a_certificate(tmp_path: Path) -> None:
    (tmp_path / "key.pem").write_bytes(system("p256").key_pem)
    data = openssl("pkcs12", "-export", "-nocerts", "-inkey", tmp_path / "key.pem", "-passout", "pass:secret")
    with pytest.raises(KeyUnusable, match="no certificate"):
        load_pkcs12(data, "secret")


@given(data=st.binary(max_size=200))
def test_octets_that_are_no_container(data: bytes) -> None:
    with pytest.raises(KeyUnusable):
        load_pkcs12(data, "secret")


@functools.cache
def container() -> bytes:
    return dump_pkcs12(system("p256").signing_key(), "secret")


@given(place=st.integers(0, 1200), octet=st.integers(0, 255))
@settings(deadline=None, max_examples=40)
def test_a_damaged_container_is_refused_or_harmless(place: int, octet: int) -> None:
    data = bytearray(container())
    data[place % len(data)] = octet
    with contextlib.suppress(SigningError):
        works(load_pkcs12(bytes(data), "secret"))
