"""What a schema demands, one line a component, without its prose: so that two schemas can be compared."""

from collections.abc import Iterator
from pathlib import Path

from lxml import etree
from lxml.etree import _Element as Element

XS = "{http://www.w3.org/2001/XMLSchema}"
_FACTS = ("name", "ref", "type", "base", "value", "use", "minOccurs", "maxOccurs", "namespace", "processContents")
_DEFAULTS = {"minOccurs": "1", "maxOccurs": "1", "use": "optional"}


def outline(path: Path, version: str) -> list[str]:
    """The components of the schema at `path`; each line is the way to a component, and what is demanded of it.

    Prefixes are replaced by what they stand for, and `version` by V, so that versions of a contract can be compared.
    """
    root = etree.parse(path).getroot()
    return [line for component in root.iterchildren("*") for line in _lines(component, root, version, "")]


def _lines(component: Element, root: Element, version: str, way: str) -> Iterator[str]:
    kind = etree.QName(component).localname
    if kind in ("annotation", "import"):
        return
    facts = {fact: _expanded(component.get(fact, ""), root, version) for fact in _FACTS if component.get(fact)}
    label = facts.get("name") or facts.get("ref")
    step = f"{way}/{label}" if label else way
    shown = " ".join(
        f"{fact}={value}"
        for fact, value in facts.items()
        if fact not in ("name", "ref") and _DEFAULTS.get(fact) != value
    )
    if label or shown:
        yield f"{step} {kind} {shown}".rstrip()
    for child in component.iterchildren("*"):
        yield from _lines(child, root, version, step)


def _expanded(value: str, root: Element, version: str) -> str:
    prefix, colon, local = value.partition(":")
    namespace = root.nsmap.get(prefix) if colon else None
    if namespace is None:
        return value
    return f"{namespace.replace(version, 'V').rpartition('message-exchange/')[2]}:{local}"
