"""The contract as files: WSDL with the node's address, and the schemas that it links by relative URLs."""

from pathlib import Path

from lxml import etree

from ... import wsdl, xsd

_ADDRESS = "{http://schemas.xmlsoap.org/wsdl/soap/}address"


def schemas() -> dict[str, bytes]:
    """Every schema by its path below `/xsd/`: those of the contract and those of the kinds of messages."""
    root = Path(xsd.__path__[0])
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in sorted(root.rglob("*.xsd"))}


def service_description(version: str, address: str) -> bytes:
    """The WSDL of a contract version, naming `address` as the endpoint."""
    path = Path(wsdl.__path__[0], version, f"smev-message-exchange-service-{version}.wsdl")
    tree = etree.parse(path)
    for element in tree.iter(_ADDRESS):
        element.set("location", address)
    return etree.tostring(tree, xml_declaration=True, encoding="UTF-8")
