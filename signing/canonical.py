"""Canonical octets of an element in its document (C14N 1.0 and Exclusive C14N 1.0, without comments)."""

from lxml import etree
from lxml.etree import _Element as Element

EXCLUSIVE_C14N = "http://www.w3.org/2001/10/xml-exc-c14n#"
INCLUSIVE_C14N = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"


def exclusive_c14n(element: Element) -> bytes:
    """The element by Exclusive XML Canonicalization 1.0: only the namespaces that are visibly used are declared."""
    return etree.tostring(element, method="c14n", exclusive=True, with_comments=False, with_tail=False)


def inclusive_c14n(element: Element) -> bytes:
    """The element by Canonical XML 1.0: every namespace in scope is declared, also those of its ancestors."""
    return etree.tostring(element, method="c14n", exclusive=False, with_comments=False, with_tail=False)
