"""Our WSDL beside the public ones: the same service, operations, messages, faults and actions, by the same names."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from lxml import etree
from lxml.etree import QName
from lxml.etree import _Element as Element
from mezhved import wsdl
from shared_vectors import shared_dir

WSDL = "{http://schemas.xmlsoap.org/wsdl/}"
NAMES = ("name", "element", "message", "binding", "type", "soapAction", "style", "transport", "use", "URI")
QUALIFIED = ("element", "message", "binding", "type")


def facts(path: Path) -> set[str]:
    """Every statement of a WSDL, with its way from the root; order, prefixes and prose are of no account."""
    root = etree.parse(path).getroot()
    return {line for component in root.iterchildren("*") for line in _facts(component, root.get("targetNamespace", ""))}


def _facts(component: Element, way: str) -> Iterator[str]:
    kind = QName(component).localname
    # Types are compared by their own tests; which port serves which address is the node's own affair.
    if kind in ("documentation", "types", "Policy", "address", "bindings"):
        return
    told = {key: component.get(key, "") for key in NAMES if key in component.attrib}
    for key in QUALIFIED:
        if ":" in told.get(key, ""):
            prefix, _, local = told[key].partition(":")
            told[key] = f"{{{component.nsmap[prefix]}}}{local}"
    step = f"{way}/{kind}({', '.join(f'{key}={value}' for key, value in sorted(told.items()))})"
    yield step
    for child in component.iterchildren("*"):
        yield from _facts(child, step)


@pytest.mark.parametrize("version", ["1.1", "1.2", "1.3"])
def test_the_service_is_described_as_in_public(version: str) -> None:
    name = f"smev-message-exchange-service-{version}.wsdl"
    public = facts(shared_dir() / "reference" / "smev3" / version / name)
    ours = facts(Path(wsdl.__path__[0], version, name))
    assert ours - public == set()
    assert public - ours == set()
    assert len(ours) > 150
