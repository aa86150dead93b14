"""A second opinion: RSA and ECDSA signatures that are made here by plain XML-DSig verify with signxml, and back."""

from datetime import timedelta

import pytest
from lxml import etree
from mezhved.signing.authority import create_authority
from mezhved.signing.canonical import EXCLUSIVE_C14N
from mezhved.signing.errors import DigestMismatch
from mezhved.signing.keys import SigningKey
from mezhved.signing.policy import ENVELOPED, XMLDSIG, SignaturePolicy
from mezhved.signing.trust import TrustStore
from mezhved.signing.xmldsig import sign, verify
from signxml import (
    CanonicalizationMethod,
    DigestAlgorithm,
    InvalidDigest,
    SignatureConfiguration,
    SignatureMethod,
    XMLSigner,
    XMLVerifier,
    methods,
)
from support.world import START

PLAIN = SignaturePolicy(
    transforms=((ENVELOPED, EXCLUSIVE_C14N),), signed_info=(EXCLUSIVE_C14N,), algorithms=XMLDSIG.algorithms
)
DOCUMENT = '<a:doc xmlns:a="urn:a" xmlns:unused="urn:u" Id="DOC"><a:part b="1">текст &amp; ещё</a:part></a:doc>'
VALID = {"valid_from": START - timedelta(days=1), "valid_to": START + timedelta(days=3650)}


@pytest.fixture(scope="module", params=["rsa2048", "p256", "p384"])
def signer(request: pytest.FixtureRequest) -> tuple[SigningKey, TrustStore]:
    authority = create_authority("p256", "CN=CA", **VALID)
    issued = authority.issue("CN=Signer", key_type=request.param, serial=7, **VALID)
    return issued.signing_key(), TrustStore(anchors=[authority.certificate])


def expected(key: SigningKey) -> SignatureConfiguration:
    return SignatureConfiguration(
        location="./",
        require_x509=True,
        signature_methods=frozenset({SignatureMethod(key.algorithm.uri)}),
        digest_algorithms=frozenset({DigestAlgorithm(key.algorithm.digest.uri)}),
    )


def test_signxml_verifies_what_we_sign(signer: tuple[SigningKey, TrustStore]) -> None:
    key, _ = signer
    root = etree.fromstring(DOCUMENT)
    root.append(sign(root, key, policy=PLAIN))
    octets = etree.tostring(root)
    certificate = key.certificate.to_pem().decode()
    verifier = XMLVerifier()
    result = verifier.verify(octets, x509_cert=certificate, expect_config=expected(key))
    assert not isinstance(result, list)
    assert result.signed_xml is not None
    assert result.signed_xml.findtext("{urn:a}part") == "текст & ещё"
    with pytest.raises(InvalidDigest):
        verifier.verify(octets.replace(b'b="1"', b'b="2"'), x509_cert=certificate, expect_config=expected(key))


def test_we_verify_what_signxml_signs(signer: tuple[SigningKey, TrustStore]) -> None:
    key, trust = signer
    signing = XMLSigner(
        method=methods.enveloped,
        signature_algorithm=SignatureMethod(key.algorithm.uri),
        digest_algorithm=DigestAlgorithm(key.algorithm.digest.uri),
        c14n_algorithm=CanonicalizationMethod.EXCLUSIVE_XML_CANONICALIZATION_1_0,
    )
    root = signing.sign(
        etree.fromstring(DOCUMENT),
        key=key.private.to_pem(),
        cert=key.certificate.to_pem().decode(),
        reference_uri="#DOC",
        always_add_key_value=False,
    )
    arrived = etree.fromstring(etree.tostring(root))
    signature = arrived[-1]
    assert verify(signature, arrived, policy=XMLDSIG, trust=trust, at=START).element is arrived
    arrived[0].set("b", "2")
    with pytest.raises(DigestMismatch):
        verify(signature, arrived, policy=XMLDSIG, trust=trust, at=START)
