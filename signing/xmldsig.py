"""XML-DSig as the exchange uses it: one detached signature over one element, found by its place and never by search.

Sources: XML Signature Syntax and Processing 1.1 (W3C), methodical recommendations 3.3. `verify` gets the element that
the caller is going to use, from its place in the contract, and returns that very element or raises: what else in the
document a signature might refer to is of no interest.
"""

import base64
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from lxml import etree
from lxml.etree import _Element as Element

from .canonical import EXCLUSIVE_C14N, INCLUSIVE_C14N, exclusive_c14n, in_copy, inclusive_c14n
from .certificates import Certificate
from .errors import DigestMismatch, DuplicateId, SignatureMismatch, SignatureMissing, WrongTarget
from .keys import SigningKey
from .policy import ENVELOPED, SMEV, SignaturePolicy
from .providers import provider_for
from .signature_parts import NAMESPACE, SignatureParts, read_signature
from .transform import SMEV_TRANSFORM, smev_transform
from .trust import TrustStore

# Every attribute that some software takes for an Id: Id, ID, id, xml:id, wsu:Id. Values come first: few are equal.
_IDS = etree.XPath("count(//@*[. = $id and translate(local-name(), 'ID', 'id') = 'id'])")
_ALL_IDS = etree.XPath("//@*[translate(local-name(), 'ID', 'id') = 'id']", smart_strings=False)
_ATTRIBUTE_ESCAPES = {ord(c): e for c, e in {"&": "&amp;", "<": "&lt;", '"': "&quot;"}.items()} | {
    code: f"&#x{code:X};" for code in b"\t\n\r"
}


@dataclass(frozen=True, slots=True)
class Verified:
    """What a signature vouches for: the very element that was verified, by whose key, by which algorithm (URI)."""

    element: Element
    certificate: Certificate
    algorithm: str


def verify(
    signature: Element | None,
    target: Element,
    *,
    policy: SignaturePolicy,
    trust: TrustStore,
    at: datetime,
    ids: Mapping[str, int] | None = None,
) -> Verified:
    """Returns `target` as verified, or raises.

    `signature` is the ds:Signature at its place (None where the place is empty), `target` the element that will be
    used, in the same document; `at` (aware) the moment at which the certificate must be valid. `ids` are the document's
    (`ids_of`), where many of its signatures are checked and it is not changed meanwhile.

    Raises:
        SignatureMissing: there is no signature.
        MalformedSignature, AlgorithmRefused, TransformRefused: what the signature is like.
        WrongTarget, DuplicateId: what it is about.
        TransformError, DigestMismatch: the element is not what was signed.
        SignatureMismatch: the signature is not the certificate's over this digest.
        CertificateRefused: any of that family, as `TrustStore.check` does.
        ProviderUnavailable: this machine lacks the algorithm.
    """
    if signature is None:
        raise SignatureMissing("there is no ds:Signature at the place where the contract wants it")
    parts = read_signature(signature, policy)
    _check_target(parts, signature, target, ids)
    octets = _transformed(target, signature, parts.transforms)
    found = provider_for(parts.digest).digest(parts.digest, octets)
    if found != parts.digest_value:
        raise DigestMismatch(
            f"the digest of the element is {_base64(found)}, but the signature names {_base64(parts.digest_value)}: "
            "the element was changed after signing, or the signer hashed other octets (`mezhved explain` shows which)"
        )
    signed_info = _canonical(parts.signed_info, parts.canonicalization)
    try:
        provider_for(parts.algorithm).verify(parts.algorithm, parts.certificate, signed_info, parts.value)
    except SignatureMismatch as error:
        raise SignatureMismatch(
            f"{error}; the element is the one that was hashed, so SignedInfo was changed after signing (re-indented, "
            "for one), or the certificate is not that of the key that signed"
        ) from error
    trust.check(parts.certificate, at)
    return Verified(target, parts.certificate, parts.algorithm.uri)


def sign(
    target: Element, key: SigningKey, *, policy: SignaturePolicy = SMEV, ids: Mapping[str, int] | None = None
) -> Element:
    """A ds:Signature over `target`, which bears an `Id`; the caller puts it in its place. `ids` as in `verify`.

    Raises:
        WrongTarget: there is no Id.
        DuplicateId: it stands elsewhere in the document too.
        TransformError, ProviderUnavailable: as in `verify`.
    """
    reference_id = _unique_id(target, ids)
    transforms = policy.transforms[0]
    return etree.fromstring(_written(reference_id, key, _transformed(target, None, transforms), transforms))


def sign_octets(canonical: bytes, reference_id: str, key: SigningKey) -> bytes:
    """The octets of a ds:Signature by the exchange's rules, over an element given by its canonical octets.

    For elements that the signer has just written: they need not be parsed first. `reference_id` is the value of the
    element's Id. There is no white space between the signature's elements (MR, section 4.4.2.1).

    Raises:
        TransformError: the octets are not canonical, or the transform has no rule for them.
        ProviderUnavailable: this machine lacks the key's algorithm.
    """
    return _written(reference_id, key, smev_transform(canonical), SMEV.transforms[0])


def ids_of(element: Element) -> Mapping[str, int]:
    """How often each Id stands in the document of `element`: read once for many signatures, since to look through the
    whole document for each of them takes time that grows with the square of their number.
    """
    return Counter(str(value) for value in cast(list[str], _ALL_IDS(element.getroottree())))


def _check_target(parts: SignatureParts, signature: Element, target: Element, ids: Mapping[str, int] | None) -> None:
    reference_id = target.get("Id")
    if not reference_id or parts.uri != f"#{reference_id}":
        wanted = f"'#{reference_id}'" if reference_id else "but that element has no Id"
        raise WrongTarget(
            f"the signature refers to {parts.uri!r}; to sign <{_name(target)}> at its place it must be {wanted}"
        )
    _unique_id(target, ids)
    if ENVELOPED in parts.transforms and target not in signature.iterancestors():
        raise WrongTarget("the signature is said to be enveloped, but does not stand inside the signed element")


def _unique_id(target: Element, ids: Mapping[str, int] | None) -> str:
    reference_id = target.get("Id")
    if not reference_id:
        raise WrongTarget(f"<{_name(target)}> has no attribute Id for a signature to refer to")
    times = _IDS(target.getroottree(), id=reference_id) if ids is None else ids.get(reference_id, 0)
    if times != 1:
        raise DuplicateId(f"the Id {reference_id!r} of <{_name(target)}> stands more than once in the document")
    return reference_id


def _transformed(target: Element, signature: Element | None, transforms: tuple[str, ...]) -> bytes:
    if ENVELOPED in transforms and signature is not None:
        target = _without(target, signature)
    octets = _canonical(target, INCLUSIVE_C14N if INCLUSIVE_C14N in transforms else EXCLUSIVE_C14N)
    return smev_transform(octets) if SMEV_TRANSFORM in transforms else octets


def _canonical(element: Element, method: str) -> bytes:
    return inclusive_c14n(element) if method == INCLUSIVE_C14N else exclusive_c14n(element)


def _without(target: Element, signature: Element) -> Element:
    """The target as it was before the signature was put into it, in a copy of the document."""
    target, signature = in_copy(target, signature)
    parent = signature.getparent()
    if parent is not None and signature.tail:  # the text after it is the parent's, but lxml would take it away too
        before = signature.getprevious()
        if before is None:
            parent.text = (parent.text or "") + signature.tail
        else:
            before.tail = (before.tail or "") + signature.tail
    if parent is not None:
        parent.remove(signature)
    return target


def _written(reference_id: str, key: SigningKey, octets: bytes, transforms: tuple[str, ...]) -> bytes:
    """The signature, in canonical form, so that its SignedInfo is written once for hashing and for sending."""
    algorithm = key.algorithm
    digest = provider_for(algorithm.digest).digest(algorithm.digest, octets)
    inner = (
        f'<ds:CanonicalizationMethod Algorithm="{EXCLUSIVE_C14N}"></ds:CanonicalizationMethod>'
        f'<ds:SignatureMethod Algorithm="{algorithm.uri}"></ds:SignatureMethod>'
        f'<ds:Reference URI="#{reference_id.translate(_ATTRIBUTE_ESCAPES)}"><ds:Transforms>'
        + "".join([f'<ds:Transform Algorithm="{transform}"></ds:Transform>' for transform in transforms])
        + f'</ds:Transforms><ds:DigestMethod Algorithm="{algorithm.digest.uri}"></ds:DigestMethod>'
        f"<ds:DigestValue>{_base64(digest)}</ds:DigestValue></ds:Reference></ds:SignedInfo>"
    )
    value = key.sign(f'<ds:SignedInfo xmlns:ds="{NAMESPACE}">{inner}'.encode())
    return (
        f'<ds:Signature xmlns:ds="{NAMESPACE}"><ds:SignedInfo>{inner}'
        f"<ds:SignatureValue>{_base64(value)}</ds:SignatureValue><ds:KeyInfo><ds:X509Data><ds:X509Certificate>"
        f"{_base64(key.certificate.der)}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></ds:Signature>"
    ).encode()


def _base64(octets: bytes) -> str:
    return base64.b64encode(octets).decode()


def _name(element: Element) -> str:
    return etree.QName(element).localname
