"""Signing of envelopes: the element that the contract wants signed, at the place where its signature must stand."""

from collections.abc import Callable

from lxml import etree
from lxml.etree import _Element as Element

from ...signing.keys import SigningKey
from ...signing.policy import SMEV
from ...signing.xmldsig import sign
from ..exchange.contract import SignatureRole
from ..exchange.signature_places import SIGNATURE, empty_holder, find_scopes, find_signatures, places, targets_of
from ..exchange.writing import new_element_id
from .reading import Envelope


class NothingToSignError(Exception):
    """The envelope has no place for a signature of the role, or lacks the element that it would sign."""


def default_role(envelope: Envelope) -> SignatureRole:
    """Who must sign this envelope: the one whose signature the contract demands first. Raises NothingToSignError."""
    for place in places(envelope.contract, str(envelope.body.tag)) or ():
        if place.demanded:
            return place.role
    raise NothingToSignError(f"{etree.QName(envelope.body).localname} bears no signature by contract")


def seal(
    envelope: Envelope, role: SignatureRole, key: SigningKey, *, new_id: Callable[[], str] = new_element_id
) -> list[Element]:
    """Signs every element that a signature of `role` covers, and puts the signatures in place, instead of old ones.

    Several elements are signed only in a registry request, one for each record. An element without an Id gets one of
    `new_id`. Returns what was signed. Raises NothingToSignError, KeyUnusable or ProviderUnavailable.
    """
    name = etree.QName(envelope.body).localname
    own = [place for place in places(envelope.contract, str(envelope.body.tag)) or () if place.role is role]
    if not own:
        raise NothingToSignError(f"{name} has no place for a signature of the role {role}")
    found = [
        (place, scope, targets[0])
        for place in own
        for scope in find_scopes(envelope.body, place)
        if (targets := targets_of(place, scope))
    ]
    if not found:
        raise NothingToSignError(f"the element of {name} that the {role} signs is missing, or there are several")
    for place, scope, target in found:
        if target.get("Id") is None:
            target.set("Id", new_id())
        empty_holder(place, scope).append(sign(target, key, policy=SMEV))
    return [target for _, _, target in found]


def broken_by(envelope: Envelope, role: SignatureRole) -> list[SignatureRole]:
    """Roles whose signatures the envelope bears already and which cover what a new signature of `role` has changed."""
    found = find_signatures(envelope.contract, envelope.body)
    changed = {one.signature for one in found if one.role is role}
    return sorted(
        {
            one.role
            for one in found
            if one.role not in (role, None) and one.target is not None and one.signature is not None
            if any(signature in changed for signature in one.target.iter(SIGNATURE))
        }
    )
