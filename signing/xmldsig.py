"""XML-DSig as the exchange uses it: one detached signature over one element, found by its place and never by search.

Sources: XML Signature Syntax and Processing 1.1 (W3C), methodical recommendations 3.3. `verify` gets the element that
the caller is going to use, from its place in the contract, and returns that very element or raises: a signature over
anything else in the document is of no interest, wherever its reference may point.
"""

import base64
import binascii
import copy
import re
from dataclasses import dataclass
from datetime import datetime

from lxml import etree
from lxml.etree import _Element as Element

from .algorithms import SIGNATURES, DigestAlgorithm, SignatureAlgorithm, digest_algorithm, signature_algorithm
from .canonical import EXCLUSIVE_C14N, INCLUSIVE_C14N, exclusive_c14n, inclusive_c14n
from .certificates import Certificate
from .errors import (
    AlgorithmRefused,
    CertificateMissing,
    DigestMismatch,
    DuplicateId,
    MalformedSignature,
    SignatureMissing,
    TransformRefused,
    WrongTarget,
)
from .keys import SigningKey
from .policy import ENVELOPED, SMEV, SignaturePolicy
from .providers import provider_for
from .transform import SMEV_TRANSFORM, smev_transform
from .trust import TrustStore

NAMESPACE = "http://www.w3.org/2000/09/xmldsig#"
_DS = f"{{{NAMESPACE}}}"
_BASE64 = re.compile(r"[A-Za-z0-9+/]+={0,2}")
_IDS = etree.XPath("//@*[local-name()='Id' or local-name()='ID' or local-name()='id']")


@dataclass(frozen=True, slots=True)
class Verified:
    """What a signature vouches for: the very element that was verified, by whose key, by which algorithm (URI)."""

    element: Element
    certificate: Certificate
    algorithm: str


@dataclass(frozen=True, slots=True)
class _Parts:
    """The parts of a ds:Signature of the only structure that is accepted."""

    signed_info: Element
    canonicalization: str
    algorithm: SignatureAlgorithm
    uri: str
    transforms: tuple[str, ...]
    digest: DigestAlgorithm
    digest_value: bytes
    value: bytes
    certificate: Certificate


def verify(
    signature: Element | None, target: Element, *, policy: SignaturePolicy, trust: TrustStore, at: datetime
) -> Verified:
    """Returns `target` as verified, or raises.

    `signature` is the ds:Signature at its place (None where the place is empty), `target` the element that will be
    used, `at` the moment at which the certificate must be valid (aware). Raises a SigningError: SignatureMissing,
    WrongTarget, DuplicateId, MalformedSignature, AlgorithmRefused, TransformRefused, TransformError, DigestMismatch,
    SignatureMismatch, a CertificateRefused, or ProviderUnavailable.
    """
    if signature is None:
        raise SignatureMissing("there is no ds:Signature at the place where the contract wants it")
    parts = _read(signature, policy)
    _check_target(parts, signature, target)
    octets = _transformed(target, signature, parts.transforms)
    found = provider_for(parts.digest).digest(parts.digest, octets)
    if found != parts.digest_value:
        raise DigestMismatch(
            f"the digest of the element is {_encoded(found)}, but the signature names {_encoded(parts.digest_value)}: "
            "the element was changed after signing, or the signer hashed other octets (`mezhved explain` shows which)"
        )
    signed_info = _canonical(parts.signed_info, parts.canonicalization)
    provider_for(parts.algorithm).verify(parts.algorithm, parts.certificate, signed_info, parts.value)
    trust.check(parts.certificate, at)
    return Verified(target, parts.certificate, parts.algorithm.uri)


def sign(target: Element, key: SigningKey, *, policy: SignaturePolicy = SMEV) -> Element:
    """A detached ds:Signature over `target`, which bears an `Id`; the caller puts it in its place.

    Raises WrongTarget if there is no Id, TransformError, ProviderUnavailable.
    """
    reference = target.get("Id")
    if not reference:
        raise WrongTarget(f"<{etree.QName(target).localname}> has no Id attribute for the signature to refer to")
    transforms = policy.transforms[0]
    digest = _digest_of(key, _transformed(target, None, transforms))
    return etree.fromstring(_written(reference, key, digest, transforms))


def sign_octets(canonical: bytes, reference_id: str, key: SigningKey) -> bytes:
    """The octets of a ds:Signature by the exchange's rules over an element given by its canonical octets.

    For elements that the signer has just written: they need not be parsed first. `reference_id` is the value of the
    element's Id. There is no white space between the signature's elements.
    """
    return _written(reference_id, key, _digest_of(key, smev_transform(canonical)), SMEV.transforms[0])


def _digest_of(key: SigningKey, octets: bytes) -> bytes:
    return provider_for(key.algorithm.digest).digest(key.algorithm.digest, octets)


def _written(reference_id: str, key: SigningKey, digest: bytes, transforms: tuple[str, ...]) -> bytes:
    """The signature in canonical form, so that SignedInfo's octets are those that are signed."""
    inner = (
        f'<ds:CanonicalizationMethod Algorithm="{EXCLUSIVE_C14N}"></ds:CanonicalizationMethod>'
        f'<ds:SignatureMethod Algorithm="{key.algorithm.uri}"></ds:SignatureMethod>'
        f'<ds:Reference URI="#{reference_id}"><ds:Transforms>'
        + "".join(f'<ds:Transform Algorithm="{transform}"></ds:Transform>' for transform in transforms)
        + f'</ds:Transforms><ds:DigestMethod Algorithm="{key.algorithm.digest.uri}"></ds:DigestMethod>'
        f"<ds:DigestValue>{_encoded(digest)}</ds:DigestValue></ds:Reference></ds:SignedInfo>"
    )
    value = key.sign(f'<ds:SignedInfo xmlns:ds="{NAMESPACE}">{inner}'.encode())
    return (
        f'<ds:Signature xmlns:ds="{NAMESPACE}"><ds:SignedInfo>{inner}'
        f"<ds:SignatureValue>{_encoded(value)}</ds:SignatureValue><ds:KeyInfo><ds:X509Data><ds:X509Certificate>"
        f"{_encoded(key.certificate.der)}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></ds:Signature>"
    ).encode()


def _encoded(octets: bytes) -> str:
    return base64.b64encode(octets).decode()


def _read(signature: Element, policy: SignaturePolicy) -> _Parts:
    """Reads the one structure that is accepted; anything more or less is refused."""
    signed_info, value, key_info = _children(signature, "Signature", "SignedInfo", "SignatureValue", "KeyInfo")
    method, algorithm, reference = _children(
        signed_info, "SignedInfo", "CanonicalizationMethod", "SignatureMethod", "Reference"
    )
    transforms, digest, digest_value = _children(reference, "Reference", "Transforms", "DigestMethod", "DigestValue")
    chosen = _algorithm(algorithm, policy)
    canonicalization = method.get("Algorithm", "")
    if canonicalization not in policy.signed_info:
        raise TransformRefused(
            f"SignedInfo must be canonicalised by {' or '.join(policy.signed_info)}, not by {canonicalization!r}"
        )
    hashed = digest_algorithm(digest.get("Algorithm", ""))
    if all(hashed is not SIGNATURES[uri].digest for uri in policy.algorithms):
        raise AlgorithmRefused(f"DigestMethod {hashed.uri!r} is not accepted here")
    for empty in (method, algorithm, digest):
        _children(empty, etree.QName(empty).localname)
    return _Parts(
        signed_info=signed_info,
        canonicalization=canonicalization,
        algorithm=chosen,
        uri=reference.get("URI", ""),
        transforms=_transforms(transforms, policy),
        digest=hashed,
        digest_value=_decoded(digest_value),
        value=_decoded(value),
        certificate=_certificate(key_info, policy),
    )


def _algorithm(element: Element, policy: SignaturePolicy) -> SignatureAlgorithm:
    chosen = signature_algorithm(element.get("Algorithm", ""))
    if chosen.uri not in policy.algorithms:
        raise AlgorithmRefused(f"SignatureMethod {chosen.uri!r} is not accepted here")
    return chosen


def _transforms(element: Element, policy: SignaturePolicy) -> tuple[str, ...]:
    named = []
    for child in element:
        if child.tag != f"{_DS}Transform" or len(child) or (child.text or "").strip():
            raise TransformRefused("a Transform with parameters (InclusiveNamespaces, XPath, …) is not accepted")
        named.append(child.get("Algorithm", ""))
    if tuple(named) not in policy.transforms:
        wanted = " or ".join(" then ".join(sequence) for sequence in policy.transforms)
        raise TransformRefused(f"the transforms are {' then '.join(named) or 'none'}, but must be {wanted}")
    return tuple(named)


def _certificate(key_info: Element, policy: SignaturePolicy) -> Certificate:
    data = [child for child in key_info if child.tag == f"{_DS}X509Data"]
    certificates = [child for part in data for child in part if child.tag == f"{_DS}X509Certificate"]
    if not certificates:
        raise CertificateMissing("KeyInfo must hold the signer's certificate: X509Data/X509Certificate")
    others = len(key_info) - 1 + sum(len(part) for part in data) - 1
    if others and not policy.chain:
        raise MalformedSignature("KeyInfo must hold X509Data with one X509Certificate and nothing else")
    return Certificate.from_der(_decoded(certificates[0]))


def _children(parent: Element, name: str, *wanted: str) -> list[Element]:
    """The children of a part, which must be exactly those wanted, with nothing but white space between them."""
    children = list(parent)
    if [child.tag for child in children] != [_DS + one for one in wanted]:
        raise MalformedSignature(
            f"ds:{name} must hold {', '.join(wanted) or 'nothing'}, in this order, and nothing else"
        )
    if (parent.text or "").strip() or any((child.tail or "").strip() for child in children):
        raise MalformedSignature(f"there is text between the elements of ds:{name}")
    return children


def _decoded(element: Element) -> bytes:
    """Base64, strictly, but for white space: writers break the lines."""
    text = "".join((element.text or "").split())
    if len(element) or _BASE64.fullmatch(text) is None:
        raise MalformedSignature(f"ds:{etree.QName(element).localname} is not base64")
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise MalformedSignature(f"ds:{etree.QName(element).localname} is not base64: {error}") from error


def _check_target(parts: _Parts, signature: Element, target: Element) -> None:
    reference = target.get("Id")
    if not reference or parts.uri != f"#{reference}":
        raise WrongTarget(
            f"the signature refers to {parts.uri!r}, but what is used is <{etree.QName(target).localname}> "
            + (f"with the Id {reference!r}" if reference else "without an Id")
        )
    ids = _IDS(target.getroottree())
    if isinstance(ids, list) and ids.count(reference) != 1:
        raise DuplicateId(f"the Id {reference!r} stands {ids.count(reference)} times in the document")
    if ENVELOPED in parts.transforms and target not in signature.iterancestors():
        raise WrongTarget("the signature is said to be enveloped, but does not stand inside the signed element")


def _transformed(target: Element, signature: Element | None, transforms: tuple[str, ...]) -> bytes:
    if ENVELOPED in transforms and signature is not None:
        target = _without(target, signature)
    octets = _canonical(target, INCLUSIVE_C14N if INCLUSIVE_C14N in transforms else EXCLUSIVE_C14N)
    return smev_transform(octets) if SMEV_TRANSFORM in transforms else octets


def _canonical(element: Element, method: str) -> bytes:
    return inclusive_c14n(element) if method == INCLUSIVE_C14N else exclusive_c14n(element)


def _without(target: Element, signature: Element) -> Element:
    """The target as it was before the signature was put into it, in a copy of the document; the original is kept."""
    tree = target.getroottree()
    duplicate = copy.deepcopy(tree)
    inner = _at(duplicate, tree.getelementpath(signature))
    parent = inner.getparent()
    if parent is not None:
        before = inner.getprevious()
        tail = inner.tail or ""
        if before is not None:
            before.tail = (before.tail or "") + tail
        else:
            parent.text = (parent.text or "") + tail
        inner.tail = None
        parent.remove(inner)
    return _at(duplicate, tree.getelementpath(target))


def _at(tree: "etree._ElementTree", path: str) -> Element:
    found = tree.find(path)
    if found is None:  # the path is that of an element
        raise WrongTarget(f"no element at {path}")
    return found
