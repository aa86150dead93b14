"""Routed and registry requests of contract 1.3, as the client makes them: their parts, and the signatures in them."""

import copy
from collections.abc import Mapping, Sequence

from lxml.etree import Element as new_element  # noqa: N813
from lxml.etree import SubElement
from lxml.etree import _Element as Element

from ...signing.keys import SigningKey
from ...signing.policy import SignaturePolicy
from ...signing.xmldsig import ids_of, sign
from ..exchange.contract import CONTRACTS, Contract, SignatureRole
from ..exchange.registry_records import is_registry, records_of
from ..exchange.signature_places import empty_holder, find_scopes, places
from ..exchange.writing import new_element_id
from .errors import ContentUnusable

MOST_RECORDS = 1000
"""Most records of one registry request."""
_VERSION = "1.3"


def detached(content: Element) -> Element:
    """A copy of business content for a new message; the caller's own tree stays whole."""
    duplicate = copy.deepcopy(content)
    duplicate.tail = None
    return duplicate


def registry_of(contents: Sequence[Element]) -> Element:
    """The content of a registry request with these records, numbered from 1. Raises ContentUnusable.

    The client signs the records when it prepares the request.
    """
    if not 1 <= len(contents) <= MOST_RECORDS:
        raise ContentUnusable(f"a registry request has 1 to {MOST_RECORDS} records, not {len(contents)}")
    directive = CONTRACTS[_VERSION].directive
    d = f"{{{directive}}}"
    registry = new_element(f"{d}Registry", nsmap={"d": directive})
    for number, content in enumerate(contents, 1):
        element = SubElement(registry, f"{d}RegistryRecord")
        SubElement(element, f"{d}RecordId").text = str(number)
        record = SubElement(element, f"{d}Record", {"Id": new_element_id()})
        SubElement(record, f"{d}RecordContent", {"Id": new_element_id()}).append(detached(content))
    return registry


def sign_records(
    contract: Contract, body: Element, keys: tuple[SigningKey, SigningKey | None], policy: SignaturePolicy
) -> bool:
    """Signs each record of a registry request by the system's key, after the official's, if there is one, has signed
    its content. False if the call `body` carries no registry.
    """
    primary = body.find(f"*/{{{contract.basic}}}MessagePrimaryContent")
    if primary is None or not is_registry(contract, primary[0]):
        return False
    own, personal = keys
    table = places(contract, str(body.tag)) or ()
    record = next(place for place in table if place.role is SignatureRole.RECORD)
    person = next(
        place for place in table if place.role is SignatureRole.PERSON and place.scope[-1:] == record.targets[0]
    )
    ids = ids_of(body)
    for one in records_of(contract, primary[0]):
        if personal is not None:
            empty_holder(person, one.signed).append(sign(one.signed[0], personal, policy=policy, ids=ids))
        empty_holder(record, one.element).append(sign(one.signed, own, policy=policy, ids=ids))
    return True


def add_routing(contract: Contract, body: Element, message_id: str, named: Mapping[str, Sequence[str]]) -> None:
    """Puts a Routing into the call `body` that names whom the message is for: values by their kind, Dynamic or
    Identifier. It is not signed yet. Raises ContentUnusable where the contract has none.
    """
    if contract.version != _VERSION:
        raise ContentUnusable(f"contract {contract.version} has no routing by the sender; {_VERSION} has")
    r = f"{{{contract.routing}}}"
    routing = SubElement(body, f"{r}Routing", nsmap={"r": contract.routing})
    information = SubElement(routing, f"{r}RoutingInformation", {"Id": new_element_id()})
    SubElement(information, f"{r}MessageID").text = message_id
    for kind in ("Dynamic", "Identifier"):
        if values := named.get(kind):
            block = SubElement(information, f"{r}{kind}Routing")
            for value in values:
                SubElement(block, f"{r}{kind}Value").text = value


def sign_routing(contract: Contract, body: Element, key: SigningKey, policy: SignaturePolicy) -> None:
    """Signs the Routing of a call, if there is one."""
    for place in places(contract, str(body.tag)) or ():
        if place.role is SignatureRole.ROUTING:
            for scope in find_scopes(body, place):
                empty_holder(place, scope).append(sign(scope[0], key, policy=policy))
