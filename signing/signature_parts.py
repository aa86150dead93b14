"""The parts of a ds:Signature, read strictly: exactly the structure that is signed and used, and nothing beside it.

XML Signature Syntax and Processing 1.1, section 4. Optional parts that could carry a second meaning (Object, Manifest,
more References, parameters of algorithms, comments inside values) are refused rather than skipped.
"""

import base64
from dataclasses import dataclass

from lxml import etree
from lxml.etree import _Element as Element

from .algorithms import SIGNATURES, DigestAlgorithm, SignatureAlgorithm, digest_algorithm, signature_algorithm
from .certificates import Certificate
from .errors import AlgorithmRefused, CertificateMissing, MalformedSignature, TransformRefused
from .policy import SignaturePolicy

NAMESPACE = "http://www.w3.org/2000/09/xmldsig#"
_DS = f"{{{NAMESPACE}}}"
_WHITE_SPACE = "\t\n\r "


@dataclass(frozen=True, slots=True)
class SignatureParts:
    """What a ds:Signature says. `canonicalization` and `transforms` are URIs that the policy accepts."""

    signed_info: Element
    canonicalization: str
    algorithm: SignatureAlgorithm
    uri: str
    transforms: tuple[str, ...]
    digest: DigestAlgorithm
    digest_value: bytes
    value: bytes
    certificate: Certificate


def read_signature(signature: Element, policy: SignaturePolicy) -> SignatureParts:
    """Reads a ds:Signature of the one structure that is accepted.

    Raises:
        MalformedSignature: another structure, or a value that is not base64.
        AlgorithmRefused, TransformRefused: not supported, or not accepted by the policy.
        CertificateMissing, CertificateMalformed: no certificate in KeyInfo, or one that cannot be read.
    """
    if signature.tag != f"{_DS}Signature":
        raise MalformedSignature(f"ds:Signature is expected, {signature.tag} was found")
    signed_info, value, key_info = _children(signature, "SignedInfo", "SignatureValue", "KeyInfo")
    method, algorithm, reference = _children(signed_info, "CanonicalizationMethod", "SignatureMethod", "Reference")
    transforms, digest, digest_value = _children(reference, "Transforms", "DigestMethod", "DigestValue")
    return SignatureParts(
        signed_info=signed_info,
        algorithm=_signature_algorithm(algorithm, policy),
        canonicalization=_canonicalization(method, policy),
        uri=reference.get("URI", ""),
        transforms=_transforms(transforms, policy),
        digest=_digest_algorithm(digest, policy),
        digest_value=_octets(digest_value),
        value=_octets(value),
        certificate=_certificate(key_info, policy),
    )


def _signature_algorithm(element: Element, policy: SignaturePolicy) -> SignatureAlgorithm:
    algorithm = signature_algorithm(element.get("Algorithm", ""))
    if algorithm.uri not in policy.algorithms:
        raise AlgorithmRefused(f"SignatureMethod {algorithm.uri!r} is not accepted here")
    _children(element)
    return algorithm


def _digest_algorithm(element: Element, policy: SignaturePolicy) -> DigestAlgorithm:
    algorithm = digest_algorithm(element.get("Algorithm", ""))
    if not any(SIGNATURES[uri].digest is algorithm for uri in policy.algorithms):
        raise AlgorithmRefused(f"DigestMethod {algorithm.uri!r} is not accepted here")
    _children(element)
    return algorithm


def _canonicalization(element: Element, policy: SignaturePolicy) -> str:
    uri = element.get("Algorithm", "")
    if uri not in policy.signed_info:
        raise TransformRefused(f"SignedInfo must be canonicalised by {' or '.join(policy.signed_info)}, not by {uri!r}")
    if len(element):
        raise TransformRefused("a CanonicalizationMethod with parameters (InclusiveNamespaces) is not accepted")
    _children(element)
    return uri


def _transforms(element: Element, policy: SignaturePolicy) -> tuple[str, ...]:
    transforms = _children(element, *["Transform"] * len(element))
    if any(len(transform) for transform in transforms):
        raise TransformRefused("a Transform with parameters (InclusiveNamespaces, XPath, …) is not accepted")
    for transform in transforms:
        _children(transform)
    named = tuple(transform.get("Algorithm", "") for transform in transforms)
    if named not in policy.transforms:
        wanted = "; or ".join(" then ".join(sequence) for sequence in policy.transforms)
        raise TransformRefused(f"the transforms are {' then '.join(named) or 'none'}, but must be {wanted}")
    return named


def _certificate(key_info: Element, policy: SignaturePolicy) -> Certificate:
    found = key_info.findall(f"{_DS}X509Data/{_DS}X509Certificate")
    if not found:
        raise CertificateMissing("KeyInfo holds no certificate: the signer's X509Data/X509Certificate is needed")
    if not policy.chain:
        (data,) = _children(key_info, "X509Data")
        _children(data, "X509Certificate")
    if len(found) == 1:
        return Certificate.from_der(_octets(found[0]))
    certificates = {Certificate.from_der(_octets(element)) for element in found}
    issuers = {certificate.issuer for certificate in certificates if certificate.issuer != certificate.subject}
    lowest = [certificate for certificate in certificates if certificate.subject not in issuers]
    if len(lowest) != 1:
        raise MalformedSignature("KeyInfo holds several certificates, and which one is the signer's cannot be told")
    return lowest[0]


def _children(parent: Element, *wanted: str) -> list[Element]:
    """The children of a part: exactly those wanted, with nothing but white space around them."""
    children = list(parent)
    if [child.tag for child in children] != [_DS + name for name in wanted]:
        raise MalformedSignature(
            f"ds:{_name(parent)} must hold {', '.join(wanted) or 'nothing'} and nothing else, in this order"
        )
    if _is_text(parent.text) or any(_is_text(child.tail) for child in children):
        raise MalformedSignature(f"there is text between the elements of ds:{_name(parent)}")
    return children


def _is_text(text: str | None) -> bool:
    return text is not None and text.strip(_WHITE_SPACE) != ""


def _octets(element: Element) -> bytes:
    """The octets that an element gives in base64: strict but for white space, since writers break the lines."""
    text = element.text or ""
    if text.isascii():  # without this, split() would drop white space that is none in XML
        text = "".join(text.split())
    try:
        octets = base64.b64decode(text, validate=True)
    except ValueError as error:
        raise MalformedSignature(f"ds:{_name(element)} is not base64: {error}") from error
    # The decoder overlooks what follows the padding, and bits that no encoder sets.
    if len(element) or not octets or base64.b64encode(octets).decode() != text:
        raise MalformedSignature(f"ds:{_name(element)} is not base64")
    return octets


def _name(element: Element) -> str:
    return etree.QName(element).localname
