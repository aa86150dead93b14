"""Files as they come from anybody's disk: parsed safely, and recognised as envelopes of the contract."""

import sys
from dataclasses import dataclass
from pathlib import Path

from lxml import etree
from lxml.etree import _Element as Element

from ..exchange.contract import CONTRACTS, SOAP_ENVELOPE, Contract
from ..exchange.signature_places import places


class UnreadableError(Exception):
    """The file cannot be judged at all: it is no XML, no envelope, or not of this contract. The text says which."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """An envelope of the contract: its version, and the only element of its soap:Body."""

    contract: Contract
    body: Element


def read_file(path: Path) -> bytes:
    """The octets of a file, of standard input for `-`. Raises UnreadableError."""
    if path == Path("-"):
        return sys.stdin.buffer.read()
    try:
        return path.read_bytes()
    except OSError as error:
        raise UnreadableError(error.strerror or str(error)) from error


def parse_xml(octets: bytes) -> Element:
    """The root element of a document. Nothing outside the octets is read, and a document type is refused.

    Raises UnreadableError. Comments and processing instructions are kept, since they are part of what is signed.
    """
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(octets, parser)
    except etree.XMLSyntaxError as error:
        raise UnreadableError(f"not well-formed XML: {error.msg}") from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise UnreadableError("the document has a document type declaration, which the exchange forbids: remove it")
    return root


def read_envelope(octets: bytes) -> Envelope:
    """The envelope in `octets`. Raises UnreadableError."""
    return recognise(parse_xml(octets))


def recognise(root: Element) -> Envelope:
    """The envelope whose root is `root`. Raises UnreadableError."""
    if root.tag != f"{{{SOAP_ENVELOPE}}}Envelope":
        raise UnreadableError(f"the root is {root.tag}, not the Envelope of SOAP 1.1 ({SOAP_ENVELOPE})")
    bodies = list(root.iterchildren(f"{{{SOAP_ENVELOPE}}}Body"))
    if len(bodies) != 1:
        raise UnreadableError(f"the envelope has {len(bodies)} soap:Body elements instead of one")
    children = list(bodies[0].iterchildren("*"))
    if len(children) != 1:
        raise UnreadableError(f"soap:Body has {len(children)} elements instead of one")
    return Envelope(_contract_of(children[0]), children[0])


def _contract_of(body: Element) -> Contract:
    if body.tag == f"{{{SOAP_ENVELOPE}}}Fault":
        raise UnreadableError("the envelope holds a SOAP fault, and a fault carries no signature")
    for contract in CONTRACTS.values():
        if places(contract, str(body.tag)) is not None:
            return contract
    raise UnreadableError(
        f"soap:Body holds {body.tag}, no operation of the exchange contract {', '.join(CONTRACTS)}: check its namespace"
    )


def element_by_id(root: Element, value: str) -> Element:
    """The only element with this Id. Raises UnreadableError where there is none, or more than one."""
    found = [
        element for element in root.iter("*") if value in (element.get("Id"), element.get("ID"), element.get("id"))
    ]
    if len(found) != 1:
        raise UnreadableError(f"{len(found)} elements have the Id {value!r} instead of one")
    return found[0]
