"""Certificates and revocation lists as values."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mezhved.signing.algorithms import KeyType
from mezhved.signing.certificates import (
    LARGEST_CERTIFICATE,
    Certificate,
    load_pem_many,
    load_pem_or_der,
    same_name,
)
from mezhved.signing.crls import RevocationList, load_crls
from mezhved.signing.errors import CertificateMalformed, CrlUnusable, SigningError
from mezhved.signing.providers import provider_for
from mezhved.signing.trust import TrustStore
from support.certificates import BEGIN, END, NOW, authority, system
from support.openssl import openssl


def test_what_a_certificate_says() -> None:
    issued = authority("p256").issue(
        "CN=Система № 1,OGRN=1027700132195,INNLE=7701234567,O=Больница\\, городская,C=RU",
        key_type="p256",
        serial=0xABCDEF,
        valid_from=BEGIN,
        valid_to=END,
    )
    certificate = Certificate.from_pem(issued.certificate.to_pem())
    assert certificate.subject == "CN=Система № 1,OGRN=1027700132195,INNLE=7701234567,O=Больница\\, городская,C=RU"
    assert certificate.issuer == "CN=Root p256,O=Test,C=RU"
    assert certificate.serial == 0xABCDEF
    assert (certificate.not_before, certificate.not_after) == (BEGIN, END)
    assert certificate.key_type is KeyType.ECDSA
    assert certificate == issued.certificate
    shown = openssl("x509", "-inform", "der", "-noout", "-fingerprint", "-sha256", octets=certificate.der)
    assert shown.decode().strip().partition("=")[2].replace(":", "").lower() == certificate.fingerprint


@pytest.mark.parametrize(
    ("kind", "key_type"),
    [
        ("gost256-cryptopro-a", KeyType.GOST256),
        ("gost512-tc26-a", KeyType.GOST512),
        ("gost2001-cryptopro-a", KeyType.GOST2001),
        ("rsa2048", KeyType.RSA),
        ("p521", KeyType.ECDSA),
    ],
)
def test_the_kind_of_key(kind: str, key_type: KeyType) -> None:
    certificate = system(kind).certificate
    assert certificate.key_type is key_type
    assert certificate.needs_gost is key_type.is_gost


def test_pem_may_hold_several_and_text_between_them() -> None:
    one, two = system("p256").certificate, authority("p256").certificate
    text = b"Subject: one\r\n" + one.to_pem().replace(b"\n", b"\r\n") + b"\ntwo:\n" + two.to_pem()
    assert load_pem_many(text) == (one, two)
    assert load_pem_or_der(text) == (one, two)
    assert load_pem_or_der(one.der) == (one,)


def test_openssl_reads_our_pem() -> None:
    certificate = system("p256").certificate
    assert openssl("x509", "-outform", "der", octets=certificate.to_pem()) == certificate.der


@pytest.mark.parametrize(
    "pem",
    [
        b"",
        b"no PEM at all",
        b"-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n",
        b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        b"-----BEGIN CERTIFICATE-----\n!!!\n-----END CERTIFICATE-----\n",
        b"-----BEGIN CERTIFICATE-----\nAAAA\n",
    ],
)
def test_what_is_no_certificate(pem: bytes) -> None:
    with pytest.raises(CertificateMalformed):
        Certificate.from_pem(pem)


def test_octets_left_over_are_no_certificate() -> None:
    with pytest.raises(CertificateMalformed):
        Certificate.from_der(system("p256").certificate.der + b"\0")


def test_a_huge_certificate_is_not_even_read() -> None:
    with pytest.raises(CertificateMalformed, match=str(LARGEST_CERTIFICATE)):
        Certificate.from_der(bytes(LARGEST_CERTIFICATE + 1))


@pytest.mark.parametrize("octet", [0x00, 0x80, 0xFF])
def test_a_serial_number_is_positive(octet: int) -> None:
    certificate = system("p256", 0x64).certificate
    der = certificate.der.replace(b"\x02\x01\x64", bytes([2, 1, octet]), 1)
    assert der != certificate.der
    with pytest.raises(CertificateMalformed, match="serial number"):
        Certificate.from_der(der)


@given(place=st.integers(0, 2000), octet=st.integers(0, 255))
@settings(deadline=None)
def test_a_damaged_certificate_is_refused_or_not_trusted(place: int, octet: int) -> None:
    """Whatever a stranger sends as a certificate ends in an error of ours, never in another one."""
    good = system("p256").certificate
    changed = bytearray(good.der)
    changed[place % len(changed)] = octet
    key = system("p256").signing_key()
    try:
        certificate = Certificate.from_der(bytes(changed))
        TrustStore([authority("p256").certificate]).check(certificate, NOW)
        provider_for(key.algorithm).verify(key.algorithm, certificate, b"octets", key.sign(b"octets"))
    except SigningError:
        assert bytes(changed) != good.der
    else:
        assert bytes(changed) == good.der


@given(place=st.integers(0, 2000), octet=st.integers(0, 255))
@settings(deadline=None)
def test_a_damaged_gost_certificate_is_refused_or_not_trusted(place: int, octet: int) -> None:
    kind = "gost256-tc26-a"
    good = system(kind).certificate
    changed = bytearray(good.der)
    changed[place % len(changed)] = octet
    key = system(kind).signing_key()
    try:
        certificate = Certificate.from_der(bytes(changed))
        TrustStore([authority(kind).certificate]).check(certificate, NOW)
        provider_for(key.algorithm).verify(key.algorithm, certificate, b"octets", key.sign(b"octets"))
    except SigningError:
        assert bytes(changed) != good.der
    else:
        assert bytes(changed) == good.der


def test_names_are_compared_as_rfc_5280_says() -> None:
    assert same_name("CN=Удостоверяющий  центр,C=RU", "CN=удостоверяющий центр,C=ru")
    assert not same_name("CN=Удостоверяющий центр,C=RU", "CN=Удостоверяющий центр 2,C=RU")


def test_what_a_revocation_list_says() -> None:
    crl = authority("p256").make_crl([(5, NOW), (6, BEGIN)], number=3, this_update=NOW, next_update=END)
    read = RevocationList.from_der(crl.der)
    assert read == crl
    assert read.issuer == "CN=Root p256,O=Test,C=RU"
    assert (read.this_update, read.next_update) == (NOW, END)
    assert dict(read.revoked) == {5: NOW, 6: BEGIN}
    assert (read.revoked_at(5), read.revoked_at(6), read.revoked_at(7)) == (NOW, BEGIN, None)
    assert load_crls(crl.to_pem() + crl.to_pem()) == (crl, crl)
    assert load_crls(crl.der) == (crl,)
    shown = openssl("crl", "-noout", "-text", octets=crl.to_pem()).decode()
    assert "X509v3 CRL Number: \n                3" in shown
    assert "X509v3 Authority Key Identifier" in shown


@pytest.mark.parametrize("octets", [b"", b"nothing", b"-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n"])
def test_what_is_no_revocation_list(octets: bytes) -> None:
    with pytest.raises(CrlUnusable):
        load_crls(octets)


def test_certificates_of_the_next_century_can_be_made() -> None:
    """UTCTime ends in 2049; GeneralizedTime takes over."""
    far = datetime(2150, 1, 1, tzinfo=UTC)
    root = authority("p256")
    leaf = root.issue("CN=Far", key_type="p256", serial=9, valid_from=BEGIN, valid_to=far).certificate
    assert leaf.not_after == far
    assert leaf.not_after - leaf.not_before > timedelta(days=36500)
