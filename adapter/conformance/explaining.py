"""Why a signature holds or does not: the octets that were hashed, step by step, and the mistakes that would account for
what it states. Trust in the certificate is not judged here (`judging`); nothing here makes a signature valid.
"""

import base64
import binascii
import contextlib
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml.etree import QName
from lxml.etree import _Element as Element

from ...signing.algorithms import DIGESTS, DigestAlgorithm, SignatureAlgorithm, digest_algorithm, signature_algorithm
from ...signing.canonical import exclusive_c14n, inclusive_c14n
from ...signing.certificates import Certificate
from ...signing.errors import (
    CertificateMissing,
    MalformedSignature,
    ProviderUnavailable,
    SignatureMismatch,
    SigningError,
)
from ...signing.providers import provider_for
from ...signing.transform import smev_transform
from ..exchange.contract import XMLDSIG
from ..exchange.signature_places import PlacedSignature, find_signatures
from .canonical_variants import Transform, variants
from .judging import claimed_algorithm, claimed_certificate
from .reading import Envelope
from .signature_variants import other_algorithms, signed_variants, value_variants

_DS = f"{{{XMLDSIG}}}"
EXCLUSIVE_C14N = "http://www.w3.org/2001/10/xml-exc-c14n#"
INCLUSIVE_C14N = ("http://www.w3.org/TR/2001/REC-xml-c14n-20010315", "http://www.w3.org/2006/12/xml-c14n11")
SMEV_TRANSFORM = "urn://smev-gov-ru/xmldsig/transform"
ENVELOPED = f"{XMLDSIG}enveloped-signature"


@dataclass(frozen=True, slots=True)
class Step:
    """The octets after one transform."""

    transform: str
    octets: bytes


@dataclass(frozen=True, slots=True)
class Cause:
    """A mistake that would account for what the signature states: tried, and found to match."""

    subject: str
    cause: str
    text: str


@dataclass(slots=True)
class Explanation:
    """One signature, explained.

    `digest_stated` and `digest_computed` are base64; `digest_matches` and `signature_matches` are None where they could
    not be computed at all, and then `notes` says why. `tried` counts the mistakes that were tried.
    """

    role: str | None
    element: str | None
    id: str | None
    algorithm: str | None
    signer: str | None
    steps: list[Step] = field(default_factory=list)
    digest_algorithm: str | None = None
    digest_stated: str | None = None
    digest_computed: str | None = None
    digest_matches: bool | None = None
    signed_info: bytes = b""
    signature_matches: bool | None = None
    causes: list[Cause] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    tried: int = 0

    @property
    def holds(self) -> bool:
        """Whether digest and signature are both right."""
        return bool(self.digest_matches and self.signature_matches)


def explain(envelope: Envelope) -> list[Explanation]:
    """Explains every signature of the envelope, in the order of the contract's places."""
    return [_explain(placed) for placed in find_signatures(envelope.contract, envelope.body)]


def _explain(placed: PlacedSignature) -> Explanation:
    certificate = claimed_certificate(placed.signature)
    explanation = Explanation(
        role=placed.role,
        element=None if placed.target is None else QName(placed.target).localname,
        id=None if placed.target is None else placed.target.get("Id"),
        algorithm=claimed_algorithm(placed.signature),
        signer=None if certificate is None else certificate.subject,
    )
    if placed.signature is None:
        explanation.notes.append("there is no signature here although the contract demands one")
    elif placed.stray:
        explanation.notes.append("the contract has no place for a signature here: it counts for nothing")
    elif placed.target is None:
        explanation.notes.append("the element that this signature must sign is missing, or there are several")
    else:
        _Inquiry(explanation, placed.signature, placed.target, certificate).run()
    return explanation


class _Inquiry:
    """The examination of one signature; fills in its explanation."""

    def __init__(
        self, explanation: Explanation, signature: Element, target: Element, certificate: Certificate | None
    ) -> None:
        self._explanation = explanation
        self._signature = signature
        self._target = target
        self._certificate = certificate

    def run(self) -> None:
        signed_info = self._signature.find(f"{_DS}SignedInfo")
        reference = None if signed_info is None else signed_info.find(f"{_DS}Reference")
        if signed_info is None or reference is None:
            self._explanation.notes.append("the signature has no SignedInfo with a Reference")
            return
        self._note_structure(reference)
        digest = self._digest(reference)
        self._value(signed_info, digest)
        if self._explanation.digest_matches is False and self._explanation.signature_matches:
            self._explanation.notes.append(
                "SignedInfo is as it was signed, so the signer's key is not in doubt: either the element was changed "
                "after signing, or its signer hashed other octets than these"
            )

    def _note_structure(self, reference: Element) -> None:
        notes = self._explanation.notes
        uri, wanted = reference.get("URI"), self._target.get("Id")
        if uri != f"#{wanted}":
            notes.append(f"the Reference is to {uri!r}, but the element that must be signed has Id {wanted!r}")
        containers = (element for element in self._signature.iter("*") if len(element))
        if any(part.text for part in containers) or any(part.tail for part in self._signature.iterdescendants("*")):
            notes.append("there is white space between the elements of the signature, which MR 3.3 forbids")
        transforms = [item.get("Algorithm", "") for item in reference.iterfind(f"{_DS}Transforms/{_DS}Transform")]
        if transforms != [EXCLUSIVE_C14N, SMEV_TRANSFORM]:
            listed = ", ".join(transforms) or "none"
            notes.append(f"transforms declared: {listed}; SMEV demands {EXCLUSIVE_C14N} and then {SMEV_TRANSFORM}")

    def _digest(self, reference: Element) -> bytes | None:
        """Compares the digests; returns the one computed, None if it could not be."""
        explanation = self._explanation
        method = reference.find(f"{_DS}DigestMethod")
        explanation.digest_algorithm = None if method is None else method.get("Algorithm")
        explanation.digest_stated = "".join((reference.findtext(f"{_DS}DigestValue") or "").split())
        second = self._transform(reference)
        if not explanation.steps:
            return None
        right = explanation.steps[-1].octets
        try:
            algorithm = digest_algorithm(explanation.digest_algorithm or "")
            computed = _hash(algorithm, right)
            stated = base64.b64decode(explanation.digest_stated, validate=True)
        except SigningError as error:
            explanation.notes.append(str(error))
            return None
        except binascii.Error:
            explanation.notes.append("DigestValue is not base64")
            stated = b""
        explanation.digest_computed = base64.b64encode(computed).decode()
        explanation.digest_matches = computed == stated
        if not explanation.digest_matches:
            self._digest_causes(algorithm, right, stated, second)
        return computed

    def _transform(self, reference: Element) -> Transform | None:
        """Does the declared transforms one by one; returns the one after canonicalisation, if there is any."""
        steps, second = self._explanation.steps, None
        declared = [item.get("Algorithm", "") for item in reference.iterfind(f"{_DS}Transforms/{_DS}Transform")]
        for uri in declared:
            try:
                if uri == SMEV_TRANSFORM:
                    second = smev_transform
                    steps.append(Step(uri, smev_transform(steps[-1].octets if steps else exclusive_c14n(self._target))))
                elif uri == EXCLUSIVE_C14N:
                    steps.append(Step(uri, exclusive_c14n(self._target)))
                elif uri in INCLUSIVE_C14N:
                    steps.append(Step(uri, inclusive_c14n(self._target)))
                elif uri != ENVELOPED:
                    self._explanation.notes.append(f"the transform {uri} is unknown here; SMEV's is {SMEV_TRANSFORM}")
            except SigningError as error:
                self._explanation.notes.append(f"{uri}: {error}")
        if not steps:
            # XML-DSig canonicalises inclusively where nothing else is said (section 4.4.3.2).
            steps.append(Step(INCLUSIVE_C14N[0], inclusive_c14n(self._target)))
        return second

    def _digest_causes(self, algorithm: DigestAlgorithm, right: bytes, stated: bytes, second: Transform | None) -> None:
        explanation = self._explanation
        for cause, text, candidate in _digest_readings(algorithm, right):
            explanation.tried += 1
            if candidate == stated:
                explanation.causes.append(Cause("digest", cause, text))
        for variant in variants(self._target, right, second):
            explanation.tried += 1
            if _hash(algorithm, variant.octets) == stated:
                explanation.causes.append(Cause("digest", variant.cause, variant.text))

    def _value(self, signed_info: Element, digest: bytes | None) -> None:
        explanation = self._explanation
        method = signed_info.find(f"{_DS}CanonicalizationMethod")
        inclusive = method is not None and method.get("Algorithm") in INCLUSIVE_C14N
        if inclusive:
            explanation.notes.append(f"SignedInfo is canonicalised inclusively; SMEV demands {EXCLUSIVE_C14N}")
        explanation.signed_info = inclusive_c14n(signed_info) if inclusive else exclusive_c14n(signed_info)
        if self._certificate is None:
            explanation.notes.append("the signature carries no certificate that can be read, so it cannot be checked")
            return
        try:
            algorithm = signature_algorithm(explanation.algorithm or "")
            text = "".join((self._signature.findtext(f"{_DS}SignatureValue") or "").split())
            value = base64.b64decode(text, validate=True)
            mismatch = self._mismatch(algorithm, explanation.signed_info, value)
        except SigningError as error:
            explanation.notes.append(str(error))
        except binascii.Error:
            explanation.notes.append("SignatureValue is not base64")
        else:
            explanation.signature_matches = mismatch is None
            if mismatch is not None:
                explanation.notes.append(str(mismatch))
                self._value_causes(signed_info, algorithm, value, digest)

    def _value_causes(
        self, signed_info: Element, algorithm: SignatureAlgorithm, value: bytes, digest: bytes | None
    ) -> None:
        """Tries each mistake alone, then each pair of what was signed and how the value is written down."""
        right = self._explanation.signed_info
        target = self._explanation.steps[-1].octets if self._explanation.steps else b""
        octets = list(signed_variants(signed_info, right, target, digest or b""))
        values = list(value_variants(value))
        alone: list[_Attempt] = [([(one.cause, one.text)], algorithm, one.octets, value) for one in octets]
        alone += [([(one.cause, one.text)], algorithm, right, one.value) for one in values]
        for other in other_algorithms(algorithm):
            text = f"the signature was made by {other.uri}, although it names {algorithm.uri}"
            alone.append(([("OTHER_ALGORITHM", text)], other, right, value))
        pairs: list[_Attempt] = [
            ([(one.cause, one.text), (two.cause, two.text)], algorithm, one.octets, two.value)
            for one in octets
            for two in values
        ]
        _ = self._first_that_holds(alone) or self._first_that_holds(pairs)

    def _first_that_holds(self, attempts: "list[_Attempt]") -> bool:
        for mistakes, algorithm, octets, value in attempts:
            self._explanation.tried += 1
            if self._mismatch(algorithm, octets, value) is None:
                self._explanation.causes.extend(Cause("signature", cause, text) for cause, text in mistakes)
                return True
        return False

    def _mismatch(self, algorithm: SignatureAlgorithm, octets: bytes, value: bytes) -> SigningError | None:
        """Why this key did not make this value over these octets; None if it did. Decides about no message."""
        if self._certificate is None:
            return CertificateMissing("the signature carries no certificate that can be read")
        try:
            provider_for(algorithm).verify(algorithm, self._certificate, octets, value)
        except (SignatureMismatch, MalformedSignature) as error:
            return error
        return None


_Attempt = tuple[list[tuple[str, str]], SignatureAlgorithm, bytes, bytes]
"""Mistakes (name and text), and the algorithm, octets and value that they would lead to."""


def _hash(algorithm: DigestAlgorithm, octets: bytes) -> bytes:
    return provider_for(algorithm).digest(algorithm, octets)


def _digest_readings(algorithm: DigestAlgorithm, right: bytes) -> Iterator[tuple[str, str, bytes]]:
    """The right octets under other algorithms, and the right digest in other byte orders and encodings."""
    digest = _hash(algorithm, right)
    yield "REVERSED_DIGEST", "the octets of the digest are reversed", digest[::-1]
    yield "HEX_DIGEST", "DigestValue is base64 of the digest's hex digits instead of its octets", digest.hex().encode()
    yield "HEX_DIGEST", "DigestValue holds hex digits instead of base64", base64.b64decode(digest.hex())
    for other in DIGESTS.values():
        text = f"the digest was made by {other.uri}, although DigestMethod says {algorithm.uri}"
        if other is not algorithm:
            with contextlib.suppress(ProviderUnavailable):
                yield "OTHER_DIGEST", text, _hash(other, right)
    for name in ("sha1", "md5"):
        text = f"the digest was made by {name.upper()}, which is refused, although DigestMethod says {algorithm.uri}"
        yield "OTHER_DIGEST", text, hashlib.new(name, right, usedforsecurity=False).digest()
