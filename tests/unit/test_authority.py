"""The test authority: what it makes is what others read and accept."""

from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from mezhved.signing.authority import KEY_ALIASES, KEY_RECIPES, create_authority, load_authority
from mezhved.signing.certificates import load_pem_many
from mezhved.signing.errors import CertificateRevoked, KeyUnusable
from mezhved.signing.providers import provider_for
from mezhved.signing.trust import TrustStore
from support.certificates import ARCHIVE_KINDS, BEGIN, COMMON_KINDS, END, GOST_KINDS, NOW, authority, system
from support.gost import require_for
from support.openssl import engine_for, openssl

KINDS = GOST_KINDS + ARCHIVE_KINDS + COMMON_KINDS


def test_every_kind_of_key_is_tried_in_these_tests() -> None:
    longer_of_the_same = {"rsa3072", "rsa4096"}
    assert set(KINDS) == set(KEY_RECIPES) - longer_of_the_same
    assert set(KEY_ALIASES.values()) <= set(KEY_RECIPES)


@pytest.mark.parametrize("kind", KINDS)
def test_openssl_accepts_chain_and_list(kind: str, tmp_path: Path) -> None:
    root, leaf = authority(kind), system(kind)
    crl = root.make_crl([(999, NOW)], number=1, this_update=BEGIN, next_update=END)
    (tmp_path / "root.pem").write_bytes(root.certificate.to_pem())
    (tmp_path / "leaf.pem").write_bytes(leaf.certificate.to_pem())
    (tmp_path / "crl.pem").write_bytes(crl.to_pem())
    shown = openssl(
        "verify", *engine_for(kind), "-x509_strict", "-crl_check", "-attime", str(int(NOW.timestamp())),
        "-CAfile", tmp_path / "root.pem", "-CRLfile", tmp_path / "crl.pem", tmp_path / "leaf.pem",
    )  # fmt: skip
    assert shown.decode().strip().endswith("leaf.pem: OK")


def test_what_stands_in_a_certificate() -> None:
    leaf = x509.load_der_x509_certificate(system("p256").certificate.der)
    usage = leaf.extensions.get_extension_for_class(x509.KeyUsage)
    assert usage.critical
    assert (usage.value.digital_signature, usage.value.content_commitment) == (True, True)
    assert not usage.value.key_cert_sign
    assert not leaf.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    root = x509.load_der_x509_certificate(authority("p256").certificate.der)
    assert root.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    assert (
        leaf.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value.key_identifier
        == root.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest
    )


@pytest.mark.parametrize("kind", ["gost256-tc26-a", "rsa2048", "p256"])
def test_an_authority_from_its_files(kind: str) -> None:
    root = authority(kind)
    key_pem = root.signing_key().private.to_pem(b"secret")
    read = load_authority(key_pem, root.certificate.to_pem(), "secret")
    leaf = read.issue("CN=Leaf", key_type=kind, serial=5, valid_from=BEGIN, valid_to=END)
    TrustStore([root.certificate]).check(leaf.certificate, NOW)


@pytest.mark.parametrize("kind", ["gost256-tc26-a", "p256"])
def test_an_end_certificate_is_no_authority(kind: str) -> None:
    issued = system(kind)
    with pytest.raises(KeyUnusable, match="not an authority"):
        load_authority(issued.key_pem, issued.certificate.to_pem())


def test_a_subordinate_authority_hands_on_its_chain() -> None:
    root = authority("p256")
    middle = root.issue_authority("CN=Between", key_type="p384", serial=5, valid_from=BEGIN, valid_to=END)
    leaf = middle.issue("CN=Leaf", key_type="p256", serial=6, valid_from=BEGIN, valid_to=END)
    assert leaf.issuers == (middle.certificate, root.certificate)
    TrustStore([root.certificate], [middle.certificate]).check(leaf.certificate, NOW)


@pytest.mark.parametrize("kind", ["gost256-tc26-a", "rsa2048", "p256"])
def test_a_renewed_certificate_is_of_the_same_key_and_name(kind: str) -> None:
    root, former = authority(kind), system(kind)
    renewed = root.renew(former, serial=500, valid_from=NOW, valid_to=END + timedelta(days=1))
    assert renewed.certificate.subject == former.certificate.subject
    assert (renewed.certificate.serial, renewed.certificate.not_before) == (500, NOW)
    assert renewed.certificate.fingerprint != former.certificate.fingerprint
    algorithm = former.signing_key().algorithm
    signature = former.signing_key().sign(b"octets")
    provider_for(algorithm).verify(algorithm, renewed.certificate, b"octets", signature)


@pytest.mark.parametrize(
    "subject",
    [
        "CN=Региональная медицинская информационная система области",
        "CN=Тест,OGRN=1027700132195,SNILS=11223344595,INN=007701234567,C=RU",
        "CN=a\\,b\\+c\\\\d,O=«Кавычки»",
        "CN=One+OU=Two,O=Three",
    ],
)
def test_names_arrive_as_they_were_given(subject: str) -> None:
    issued = authority("p256").issue(subject, key_type="p256", serial=5, valid_from=BEGIN, valid_to=END)
    assert issued.certificate.subject == subject
    assert load_pem_many(issued.certificate.to_pem()) == (issued.certificate,)


@pytest.mark.parametrize("subject", ["no name", "XX=unknown", "CN=" + "x" * 65, "C=RUS", "C=Россия"])
def test_what_is_no_name(subject: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        authority("p256").issue(subject, key_type="p256", serial=5, valid_from=BEGIN, valid_to=END)


@pytest.mark.parametrize("serial", [0, -1, 1 << 160])
def test_serial_numbers_out_of_range(serial: int) -> None:
    with pytest.raises(ValueError, match="serial number"):
        authority("p256").issue("CN=Leaf", key_type="p256", serial=serial, valid_from=BEGIN, valid_to=END)


def test_an_unknown_kind_of_key_names_the_known_ones() -> None:
    with pytest.raises(ValueError, match=r"gost256-tc26-a.*p521"):
        create_authority("gost1024", "CN=Root", valid_from=BEGIN, valid_to=END)


@pytest.mark.parametrize("alias", ["gost256", "gost512", "ecdsa"])
def test_short_names(alias: str) -> None:
    require_for(alias)
    root = create_authority(alias, "CN=Root", valid_from=BEGIN, valid_to=END)
    assert root.certificate.key_type == alias


def test_a_list_of_many_serial_numbers() -> None:
    root = authority("p256")
    crl = root.make_crl(((serial, NOW) for serial in range(1, 3000)), number=7, this_update=BEGIN, next_update=END)
    with pytest.raises(CertificateRevoked):
        TrustStore([root.certificate], crls=[crl]).check(system("p256").certificate, NOW)
