"""The verdict on every signature of an envelope, one by one."""

import base64
from dataclasses import dataclass
from datetime import datetime

from lxml.etree import QName
from lxml.etree import _Element as Element

from ...signing.certificates import Certificate
from ...signing.errors import SigningError, WrongTarget
from ...signing.policy import ENVELOPED, SignaturePolicy
from ...signing.trust import TrustStore
from ...signing.xmldsig import verify
from ..exchange.contract import XMLDSIG
from ..exchange.signature_places import (
    SIGNATURE,
    PlacedSignature,
    find_scopes,
    find_signatures,
    places,
    targets_of,
)
from .reading import Envelope

_DS = f"{{{XMLDSIG}}}"


@dataclass(frozen=True, slots=True)
class Judgement:
    """One signature: who made it, over what, and whether it holds; `code` and `reason` say why not.

    `element` is the local name of the element that it must sign and `id` that element's Id; `algorithm` and `signer`
    (subject of the certificate) are what the signature claims, also where it is not valid. None: there is none.
    """

    role: str | None
    element: str | None
    id: str | None
    algorithm: str | None
    signer: str | None
    valid: bool
    code: str | None = None
    reason: str | None = None


def judge(envelope: Envelope, *, policy: SignaturePolicy, trust: TrustStore, at: datetime) -> list[Judgement]:
    """Judges every signature of the envelope at the moment `at`.

    The list is empty only if the contract demands no signature of it and there is none. A signature that is demanded
    but missing, and one that stands outside its place, are judged too, and are not valid.
    """
    found = find_signatures(envelope.contract, envelope.body)
    if any(ENVELOPED in transforms for transforms in policy.transforms):
        found = _with_enveloped(envelope, found)
    return [_judge(placed, policy, trust, at) for placed in found]


def _with_enveloped(envelope: Envelope, found: list[PlacedSignature]) -> list[PlacedSignature]:
    """`found` and the signatures that stand inside the very element that a place of the contract has them sign.

    Such a one takes the place of a signature that is missing there, and is no stray one.
    """
    inside = {
        signature: PlacedSignature(place.role, place, scope, signature, target)
        for place in places(envelope.contract, str(envelope.body.tag)) or ()
        for scope in find_scopes(envelope.body, place)
        for target in targets_of(place, scope)
        for signature in target.iterchildren(SIGNATURE)
    }
    taken = {(placed.place, placed.scope) for placed in inside.values()}
    kept = [
        placed
        for placed in found
        if not (placed.stray and placed.signature in inside)
        and not (placed.signature is None and (placed.place, placed.scope) in taken)
    ]
    return [*inside.values(), *kept]


def _judge(placed: PlacedSignature, policy: SignaturePolicy, trust: TrustStore, at: datetime) -> Judgement:
    error = _error(placed, policy, trust, at)
    return Judgement(
        role=placed.role,
        element=None if placed.target is None else QName(placed.target).localname,
        id=None if placed.target is None else placed.target.get("Id"),
        algorithm=claimed_algorithm(placed.signature),
        signer=None if (certificate := claimed_certificate(placed.signature)) is None else certificate.subject,
        valid=error is None,
        code=None if error is None else error.code,
        reason=None if error is None else str(error),
    )


def _error(placed: PlacedSignature, policy: SignaturePolicy, trust: TrustStore, at: datetime) -> SigningError | None:
    if placed.place is None:
        return WrongTarget("the contract has no place for a signature here: it may not be trusted, whatever it signs")
    if placed.target is None:
        return WrongTarget("the element that this signature must sign is missing from its place, or there are several")
    try:
        verify(placed.signature, placed.target, policy=policy, trust=trust, at=at)
    except SigningError as error:
        return error
    return None


def claimed_algorithm(signature: Element | None) -> str | None:
    """URI of the SignatureMethod that a signature names, unchecked."""
    if signature is None:
        return None
    method = signature.find(f"{_DS}SignedInfo/{_DS}SignatureMethod")
    return None if method is None else method.get("Algorithm")


def claimed_certificate(signature: Element | None) -> Certificate | None:
    """The certificate that a signature carries, unchecked; None if there is none that can be read."""
    if signature is None:
        return None
    text = signature.findtext(f"{_DS}KeyInfo/{_DS}X509Data/{_DS}X509Certificate")
    try:
        return None if text is None else Certificate.from_der(base64.b64decode(text))
    except (SigningError, ValueError):
        return None
