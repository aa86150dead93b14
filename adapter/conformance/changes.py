"""Declared damage: what a fixture does to an envelope after it has been signed.

Each change is a table of a fixture with one verb; paths are XPath with the prefixes s, t, b, f, r, d and ds bound to
the contract's namespaces. A change that finds nothing to change is an error: a fixture must not pass by accident.

| change | does |
|---|---|
| `replace`, `with`, `which = "all" / "first" / "last"` | replaces text in the envelope as written |
| `remove` | removes the elements |
| `move`, `to` / `copy`, `to` | moves or copies the element, to be the last child of `to` |
| `flip` | flips the lowest bit of the first octet that the element holds in base64 |
| `indent` | pretty-prints the element (white space between its children) |
| `prepend` | puts text before the envelope |
| `truncate` | drops that many octets from the end |
| `pad` | brings the envelope to that many octets, with blanks after its root |
| `encode` | writes it in another encoding, without saying so |
"""

import base64
from collections.abc import Callable, Mapping
from copy import deepcopy

from lxml import etree
from lxml.etree import _Element as Element

from ..exchange.contract import SOAP_ENVELOPE, XMLDSIG, Contract
from .reading import parse_xml

Change = Mapping[str, str | int]


class ChangeError(Exception):
    """A change that does not exist, or that found nothing to change."""


def namespaces(contract: Contract) -> dict[str, str]:
    """The prefixes that paths of a fixture may use."""
    return {
        "s": SOAP_ENVELOPE,
        "t": contract.types,
        "b": contract.basic,
        "f": contract.faults,
        "r": contract.routing,
        "d": contract.directive,
        "ds": XMLDSIG,
    }


def apply(change: Change, octets: bytes, contract: Contract) -> bytes:
    """The octets after `change`. Raises ChangeError."""
    verb = next(iter(change), "")
    if verb in _ON_OCTETS:
        return _ON_OCTETS[verb](change, octets)
    if verb in _ON_TREE:
        root = parse_xml(octets)
        _ON_TREE[verb](change, root, namespaces(contract))
        return write_envelope(root)
    raise ChangeError(f"{verb!r} is no change; known: {', '.join((*_ON_OCTETS, *_ON_TREE))}")


def write_envelope(root: Element) -> bytes:
    """A document as it goes over the wire: UTF-8 with an XML declaration."""
    return etree.tostring(root.getroottree(), encoding="UTF-8", xml_declaration=True)


def _find(path: str | int, root: Element, prefixes: Mapping[str, str]) -> list[Element]:
    found = root.xpath(str(path), namespaces=dict(prefixes))
    elements = [one for one in found if isinstance(one, etree._Element)] if isinstance(found, list) else []
    if not elements:
        raise ChangeError(f"{path} finds no element in the envelope")
    return elements


def _remove(change: Change, root: Element, prefixes: Mapping[str, str]) -> None:
    for element in _find(change["remove"], root, prefixes):
        _detach(element)


def _detach(element: Element) -> None:
    parent = element.getparent()
    if parent is None:
        raise ChangeError("the root of the envelope cannot be taken out of it")
    element.tail = None
    parent.remove(element)


def _move(change: Change, root: Element, prefixes: Mapping[str, str]) -> None:
    element = _find(change["move"], root, prefixes)[0]
    goal = _find(change["to"], root, prefixes)[0]
    _detach(element)
    goal.append(element)


def _copy(change: Change, root: Element, prefixes: Mapping[str, str]) -> None:
    element = deepcopy(_find(change["copy"], root, prefixes)[0])
    element.tail = None
    _find(change["to"], root, prefixes)[0].append(element)


def _flip(change: Change, root: Element, prefixes: Mapping[str, str]) -> None:
    element = _find(change["flip"], root, prefixes)[0]
    value = bytearray(base64.b64decode(element.text or ""))
    if not value:
        raise ChangeError(f"{change['flip']} holds no base64")
    value[0] ^= 1
    element.text = base64.b64encode(value).decode()


def _indent(change: Change, root: Element, prefixes: Mapping[str, str]) -> None:
    element = _find(change["indent"], root, prefixes)[0]
    tail = element.tail
    etree.indent(element)
    element.tail = tail


def _replace(change: Change, octets: bytes) -> bytes:
    old, new = str(change["replace"]).encode(), str(change["with"]).encode()
    which = change.get("which", "all")
    if old not in octets:
        raise ChangeError(f"{change['replace']!r} does not occur in the envelope")
    if which == "first":
        return octets.replace(old, new, 1)
    if which == "last":
        before, _, after = octets.rpartition(old)
        return before + new + after
    return octets.replace(old, new)


def _prepend(change: Change, octets: bytes) -> bytes:
    return str(change["prepend"]).encode() + octets


def _truncate(change: Change, octets: bytes) -> bytes:
    return octets[: -int(change["truncate"])]


def _pad(change: Change, octets: bytes) -> bytes:
    return octets.ljust(int(change["pad"]))


def _encode(change: Change, octets: bytes) -> bytes:
    return octets.decode().encode(str(change["encode"]))


_ON_OCTETS: dict[str, Callable[[Change, bytes], bytes]] = {
    "replace": _replace,
    "prepend": _prepend,
    "truncate": _truncate,
    "pad": _pad,
    "encode": _encode,
}
_ON_TREE: dict[str, Callable[[Change, Element, Mapping[str, str]], None]] = {
    "remove": _remove,
    "move": _move,
    "copy": _copy,
    "flip": _flip,
    "indent": _indent,
}
