"""Envelopes signed by others (Apache Santuario with BouncyCastle; xmlsec1 with the gost engine) and spoilt copies."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from lxml import etree
from mezhved.signing.certificates import load_pem_many
from mezhved.signing.crls import load_crls
from mezhved.signing.errors import DigestMismatch, SignatureMismatch, SigningError, TransformRefused
from mezhved.signing.policy import SMEV, XMLDSIG, SignaturePolicy
from mezhved.signing.signature_parts import NAMESPACE
from mezhved.signing.trust import TrustStore
from mezhved.signing.xmldsig import Verified, verify
from shared_vectors import shared_dir
from support.gost import require_for

AT = datetime(2027, 1, 1, tzinfo=UTC)
JUDGEMENTS: dict[str, type[SigningError] | None] = {
    "prefix-renamed": None,
    "text-changed": DigestMismatch,
    "digest-changed": DigestMismatch,
    "sig-bit-0": SignatureMismatch,
}


@pytest.fixture(scope="module")
def folder() -> Path:
    require_for("gost256")
    return shared_dir() / "vectors" / "signed"


@pytest.fixture(scope="module")
def trust(folder: Path) -> TrustStore:
    anchors = [one for path in sorted(folder.glob("*.crt.pem")) for one in load_pem_many(path.read_bytes())]
    crls = [one for path in sorted(folder.glob("*.crl.pem")) for one in load_crls(path.read_bytes())]
    return TrustStore(anchors, crls=crls)


def judge(path: Path, trust: TrustStore, policy: SignaturePolicy) -> Verified:
    (call,) = etree.parse(path).getroot()[-1]
    target, holder = call
    found = verify(holder.find(f"{{{NAMESPACE}}}Signature"), target, policy=policy, trust=trust, at=AT)
    assert found.element is target
    return found


def test_what_others_signed_by_the_rules_of_the_exchange_is_valid(folder: Path, trust: TrustStore) -> None:
    paths = sorted(folder.glob("valid--santuario-*.xml"))
    assert len({judge(path, trust, SMEV).algorithm for path in paths}) == len(paths) == 4
    for path in paths:
        judge(path, trust, XMLDSIG)


def test_what_has_one_transform_only_is_valid_only_as_plain_xml_dsig(folder: Path, trust: TrustStore) -> None:
    paths = sorted(folder.glob("valid--detached-*.xml"))
    assert len(paths) == 2
    for path in paths:
        judge(path, trust, XMLDSIG)
        with pytest.raises(TransformRefused):
            judge(path, trust, SMEV)


@pytest.mark.parametrize("policy", [SMEV, XMLDSIG], ids=["smev", "xmldsig"])
@pytest.mark.parametrize("change", JUDGEMENTS)
def test_what_was_changed_is_judged_by_its_change(
    folder: Path, trust: TrustStore, change: str, policy: SignaturePolicy
) -> None:
    paths = sorted(folder.glob(f"smev-*--{change}.xml"))
    assert len(paths) == 2
    for path in paths:
        expected = JUDGEMENTS[change]
        if expected is None:
            judge(path, trust, policy)
        else:
            with pytest.raises(expected):
                judge(path, trust, policy)


def test_every_vector_is_judged_here(folder: Path) -> None:
    others = {path.name for path in folder.glob("*.xml") if not path.name.startswith("valid--")}
    assert {name.partition("--")[2].removesuffix(".xml") for name in others} == set(JUDGEMENTS)
