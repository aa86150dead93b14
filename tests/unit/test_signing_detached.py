"""Detached signatures of files: OpenSSL's command line agrees both ways, and what is not exactly right is refused."""

import base64
import dataclasses
import io
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from mezhved.signing import errors
from mezhved.signing.algorithms import STREEBOG256
from mezhved.signing.detached import (
    LARGEST_SIGNATURE,
    chunks_of,
    file_digest,
    message_digest,
    sign_file,
    verify_file,
)
from mezhved.signing.policy import SMEV
from mezhved.signing.providers.cms import Digester
from mezhved.signing.providers.libcrypto import load_libcrypto
from mezhved.signing.trust import TrustStore
from support.certificates import COMMON_KINDS, END, GOST_KINDS, NOW, authority, system
from support.gost import require_for
from support.openssl import engine_for, openssl

CONTENT = "Скан документа\r\n\0".encode() * 1000


def trust_in(kind: str) -> TrustStore:
    return TrustStore([authority(kind).certificate])


def signed(kind: str = "p256", content: bytes = CONTENT) -> bytes:
    return sign_file([content], system(kind).signing_key(), at=NOW)


class Files:
    """A key, its certificate, its authority and the content as files for the command line."""

    def __init__(self, folder: Path, kind: str) -> None:
        self.key, self.certificate, self.ca = folder / "key.pem", folder / "crt.pem", folder / "ca.pem"
        self.content, self.signature, self.engine = folder / "content", folder / "p7s", engine_for(kind)
        key = system(kind).signing_key()
        self.key.write_bytes(key.private.to_pem())
        self.certificate.write_bytes(key.certificate.to_pem())
        self.ca.write_bytes(authority(kind).certificate.to_pem())
        self.content.write_bytes(CONTENT)

    def sign(self, *more: str | Path) -> bytes:
        command = ("cms", "-sign", *self.engine, "-binary", "-outform", "DER", "-in", self.content)
        return openssl(*command, "-signer", self.certificate, "-inkey", self.key, *more)


@pytest.fixture
def files(tmp_path: Path, request: pytest.FixtureRequest) -> Files:
    kind = getattr(request, "param", "p256")
    require_for(kind)
    return Files(tmp_path, kind)


# -- what is right -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", GOST_KINDS + COMMON_KINDS)
def test_every_kind_of_key_signs_and_verifies(kind: str) -> None:
    found = verify_file(signed(kind), [CONTENT[:7], CONTENT[7:]], trust=trust_in(kind), at=NOW)
    assert found.certificate == system(kind).certificate
    assert found.digest == file_digest(found.algorithm, [CONTENT]) == message_digest(signed(kind))


@pytest.mark.parametrize("kind", ["gost256-tc26-a", "gost512-tc26-a", "rsa2048", "p384"])
def test_openssl_verifies_what_we_sign(tmp_path: Path, kind: str) -> None:
    require_for(kind)
    files = Files(tmp_path, kind)
    files.signature.write_bytes(signed(kind))
    moment = ("-attime", str(int(NOW.timestamp())), "-purpose", "any")
    command = ("cms", "-verify", *files.engine, "-binary", "-inform", "DER", "-in", files.signature)
    assert openssl(*command, "-content", files.content, "-CAfile", files.ca, *moment) == CONTENT


@pytest.mark.parametrize("kind", ["gost256-tc26-a", "gost512-tc26-a", "rsa2048", "p384"])
def test_what_openssl_signs_is_verified(tmp_path: Path, kind: str) -> None:
    require_for(kind)
    found = verify_file(Files(tmp_path, kind).sign(), [CONTENT], trust=trust_in(kind), at=NOW)
    assert found.certificate == system(kind).certificate


def test_the_signing_time_is_the_one_given(tmp_path: Path) -> None:
    signature = tmp_path / "p7s"
    signature.write_bytes(signed())
    told = openssl("cms", "-cmsout", "-print", "-inform", "DER", "-in", signature).decode()
    assert "UTCTIME:Jun  1 12:00:00 2026 GMT" in told


def test_a_file_is_read_in_pieces() -> None:
    pieces = list(chunks_of(io.BytesIO(b"x" * (2 * 1024 * 1024 + 1))))
    assert [len(piece) for piece in pieces] == [1024 * 1024, 1024 * 1024, 1]


def test_an_empty_file_has_a_signature_too() -> None:
    assert (
        verify_file(signed(content=b""), [], trust=trust_in("p256"), at=NOW).certificate == system("p256").certificate
    )


def test_a_digest_of_pieces_is_that_of_the_whole() -> None:
    require_for("gost256-tc26-a")
    assert file_digest(STREEBOG256, [CONTENT]) == file_digest(STREEBOG256, [CONTENT[:1], b"", CONTENT[1:]])
    assert Digester(load_libcrypto(), "sha256").result().hex().startswith("e3b0c442")


# -- what is refused ---------------------------------------------------------------------------------------------------


def test_another_file_is_refused() -> None:
    with pytest.raises(errors.DigestMismatch, match="not the one that was signed"):
        verify_file(signed(), [CONTENT + b"!"], trust=trust_in("p256"), at=NOW)


def test_each_changed_octet_is_refused() -> None:
    """Of the signer's part; elsewhere stand things that no signature covers, such as other certificates."""
    signature = bytearray(signed())
    digest = message_digest(bytes(signature))
    for place in (signature.index(digest), len(signature) - 3):
        changed = bytes(signature[:place]) + bytes([signature[place] ^ 1]) + bytes(signature[place + 1 :])
        with pytest.raises(errors.SignatureInvalid):
            verify_file(changed, [CONTENT], trust=trust_in("p256"), at=NOW)


def test_a_certificate_that_is_not_trusted_is_refused() -> None:
    with pytest.raises(errors.CertificateUntrusted):
        verify_file(signed(), [CONTENT], trust=trust_in("p384"), at=NOW)
    with pytest.raises(errors.CertificateExpired):
        verify_file(signed(), [CONTENT], trust=trust_in("p256"), at=END + timedelta(days=1))


def test_a_policy_may_switch_an_algorithm_off() -> None:
    narrow = dataclasses.replace(SMEV, algorithms=frozenset(uri for uri in SMEV.algorithms if "cpxmlsec" in uri))
    with pytest.raises(errors.AlgorithmRefused, match="sha256"):
        verify_file(signed(), [CONTENT], trust=trust_in("p256"), at=NOW, policy=narrow)


def test_an_old_digest_is_refused(files: Files) -> None:
    with pytest.raises(errors.AlgorithmRefused, match="names the digest sha1"):
        verify_file(files.sign("-md", "sha1"), [CONTENT], trust=trust_in("p256"), at=NOW)


def refused(signature: bytes) -> str:
    with pytest.raises(errors.MalformedSignature) as caught:
        verify_file(signature, [CONTENT], trust=trust_in("p256"), at=NOW)
    return str(caught.value)


def test_content_inside_is_refused(files: Files) -> None:
    assert "must be detached" in refused(files.sign("-nodetach"))


def test_a_signature_without_attributes_is_refused(files: Files) -> None:
    assert "no signed attributes" in refused(files.sign("-noattr"))


def test_two_signatures_are_refused(files: Files, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    second = Files(other, "p384")
    assert "has 2 signatures" in refused(files.sign("-signer", second.certificate, "-inkey", second.key))


def test_a_structure_without_the_certificate_is_refused(files: Files) -> None:
    with pytest.raises(errors.CertificateMissing):
        verify_file(files.sign("-nocerts"), [CONTENT], trust=trust_in("p256"), at=NOW)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda _: b"", "not a PKCS#7 structure"),
        (lambda _: b"\x30\x80", "not a PKCS#7 structure"),
        (lambda der: der[:-1], "not a PKCS#7 structure"),
        (lambda der: der + b"\0", "1 octets follow"),
        (base64.b64encode, "not a PKCS#7 structure"),
        (lambda der: der + bytes(LARGEST_SIGNATURE), "at most"),
    ],
)
def test_other_octets_are_refused(change: Callable[[bytes], bytes], reason: str) -> None:
    assert reason in refused(change(signed()))


def test_another_structure_is_refused(tmp_path: Path) -> None:
    """PKCS#7 Data, which has no signature."""
    file = tmp_path / "content"
    file.write_bytes(CONTENT)
    data = openssl("cms", "-data_create", "-outform", "DER", "-in", file)
    assert "not SignedData" in refused(data)


def test_a_kind_of_key_that_the_exchange_does_not_know_is_refused(tmp_path: Path) -> None:
    parameters, key, certificate, file = (tmp_path / name for name in ("parameters", "key", "certificate", "file"))
    file.write_bytes(CONTENT)
    openssl("dsaparam", "-out", parameters, "1024")
    openssl("gendsa", "-out", key, parameters)
    openssl("req", "-x509", "-new", "-key", key, "-subj", "/CN=DSA", "-out", certificate)
    signing = ("cms", "-sign", "-binary", "-md", "sha256", "-outform", "DER", "-in", file)
    signature = openssl(*signing, "-signer", certificate, "-inkey", key)
    with pytest.raises(errors.AlgorithmRefused, match="other key does not sign"):
        verify_file(signature, [CONTENT], trust=trust_in("p256"), at=NOW)
