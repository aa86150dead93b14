"""Keys and trust from the files of the settings: every form, and errors that name the file."""

from pathlib import Path

import pytest
from mezhved.adapter.materials import MissingKey, load_certificates, load_signing_key, load_trust
from mezhved.adapter.settings import NodeSettings, TrustSettings
from mezhved.signing.errors import CertificateMalformed, KeyUnusable
from mezhved.signing.keys import dump_pkcs12, load_pem
from support.certificates import NOW, authority, system


@pytest.fixture
def files(tmp_path) -> Path:
    issued = system("p256")
    (tmp_path / "key.pem").write_bytes(issued.key_pem)
    (tmp_path / "cert.pem").write_bytes(issued.certificate.to_pem())
    key = load_pem(issued.key_pem, issued.certificate.to_pem())
    (tmp_path / "locked.pem").write_bytes(key.private.to_pem(b"secret"))
    (tmp_path / "key.p12").write_bytes(dump_pkcs12(key, "secret"))
    (tmp_path / "password").write_bytes(b"secret\nsecond line\n")
    (tmp_path / "empty").write_bytes(b"")
    (tmp_path / "ca.pem").write_bytes(authority("p256").certificate.to_pem())
    return tmp_path


def settings(folder: Path, **names: str) -> NodeSettings:
    return NodeSettings(**{name: folder / value for name, value in names.items()})


@pytest.mark.parametrize(
    "names",
    [
        {"key": "key.pem", "certificate": "cert.pem"},
        {"key": "locked.pem", "certificate": "cert.pem", "password_file": "password"},
        {"pkcs12": "key.p12", "password_file": "password"},
    ],
)
def test_every_form_of_a_key_can_be_used(files, names):
    assert load_signing_key(settings(files, **names)).certificate == system("p256").certificate


@pytest.mark.parametrize(
    ("names", "blamed"),
    [
        ({"key": "locked.pem", "certificate": "cert.pem"}, "locked.pem"),
        ({"key": "locked.pem", "certificate": "cert.pem", "password_file": "empty"}, "locked.pem"),
        ({"pkcs12": "key.p12", "password_file": "empty"}, "key.p12"),
        ({"key": "key.pem", "certificate": "ca.pem"}, "key.pem"),
        ({"key": "cert.pem", "certificate": "cert.pem"}, "cert.pem"),
    ],
)
def test_a_key_that_cannot_be_used_is_named_by_its_file(files, names, blamed):
    with pytest.raises(KeyUnusable) as caught:
        load_signing_key(settings(files, **names))
    assert str(caught.value).startswith(f"{files / blamed}: ")


def test_without_a_key_it_is_said_how_to_name_one():
    with pytest.raises(MissingKey, match="name `key` and `certificate`, or `pkcs12`"):
        load_signing_key(NodeSettings())


def test_a_file_without_certificates_is_named(files):
    with pytest.raises(CertificateMalformed, match=r"empty: no certificate"):
        load_certificates((files / "ca.pem", files / "empty"))


def test_trust_reaches_from_the_anchors_to_what_they_issued(files):
    trust = load_trust(TrustSettings(anchors=(files / "ca.pem",)))
    trust.check(system("p256").certificate, NOW)
