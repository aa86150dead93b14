"""XML from outside, parsed safely: nothing beyond the octets is read."""

from typing import Any

from lxml import etree
from lxml.etree import _Element as Element


class NotXml(ValueError):  # noqa: N818 – named for what is wrong
    """The octets are no XML document that the exchange allows."""


def parse(octets: bytes) -> Element:
    """The root element, with comments, processing instructions and white space as they are. Raises NotXml."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(octets, parser)
    except etree.XMLSyntaxError as error:
        raise NotXml(f"not well-formed XML: {error.msg}") from error
    document: Any = root.getroottree().docinfo
    if document.doctype:
        raise NotXml("the document has a document type declaration, which the exchange forbids: remove it")
    return root
