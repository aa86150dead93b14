"""Canonical octets of an element in its document: Exclusive C14N 1.0 and C14N 1.0 (W3C), both without comments."""

import copy
import functools
import re

from lxml import etree
from lxml.etree import _Element as Element

from .errors import TransformError

EXCLUSIVE_C14N = "http://www.w3.org/2001/10/xml-exc-c14n#"
INCLUSIVE_C14N = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"

_XML = "{http://www.w3.org/XML/1998/namespace}"
_AMPERSAND_IN_NAMESPACE = re.compile(rb' xmlns[^ ="]*="[^"]*&')
_TAG = re.compile(rb'<\?.*?\?>|<[^<>"]*(?:"[^"]*"[^<>"]*)*>', re.DOTALL)
_NAMESPACE = re.compile(rb'( xmlns(?::[^ ="]+)?=")([^"]*)')


def exclusive_c14n(element: Element) -> bytes:
    """The element by Exclusive XML Canonicalization 1.0: only the namespaces that are visibly used are declared.

    Raises:
        TransformError: it has no canonical form (a namespace that is a relative URI).
    """
    return _canonical(element, exclusive=True)


def inclusive_c14n(element: Element) -> bytes:
    """The element by Canonical XML 1.0: with every namespace in scope and the `xml:` attributes of its ancestors.

    Raises:
        TransformError: it has no canonical form (a namespace that is a relative URI).
    """
    inherited = {
        name: value
        # From the outside in: the nearest ancestor's value is the one that counts.
        for ancestor in reversed(list(element.iterancestors()))
        for name, value in ancestor.attrib.items()
        if str(name).startswith(_XML)
    }
    if inherited:
        # lxml canonicalises the element without its ancestors, so it gets theirs, in a copy of the document.
        (element,) = in_copy(element)
        for name, value in inherited.items():
            element.set(name, element.get(name, value))
    return _canonical(element, exclusive=False)


def in_copy(*elements: Element) -> list[Element]:
    """The same elements, all of one document, in a copy of that document."""
    duplicate = copy.deepcopy(elements[0].getroottree()).getroot()
    found = []
    for element in elements:
        steps = []
        child = element
        while (parent := child.getparent()) is not None:
            steps.append(parent.index(child))
            child = parent
        twin = duplicate
        for step in reversed(steps):
            twin = twin[step]
        found.append(twin)
    return found


def _canonical(element: Element, *, exclusive: bool) -> bytes:
    try:
        octets = etree.tostring(element, method="c14n", exclusive=exclusive, with_comments=False, with_tail=False)
    except etree.C14NError as error:
        raise TransformError(f"<{etree.QName(element).localname}> has no canonical form: {error}") from error
    if b"&" in octets and _AMPERSAND_IN_NAMESPACE.search(octets) and not _namespaces_are_escaped():
        return _TAG.sub(_with_escaped_namespaces, octets)
    return octets


@functools.cache
def _namespaces_are_escaped() -> bool:
    """Whether libxml2 writes `&` in a namespace as `&amp;`, as it must: 2.14 and all before it do not."""
    return b"&amp;" in etree.tostring(etree.fromstring('<a xmlns="urn:a&amp;b"/>'), method="c14n")


def _with_escaped_namespaces(tag: re.Match[bytes]) -> bytes:
    if tag[0].startswith(b"<?"):
        return tag[0]
    return _NAMESPACE.sub(lambda match: match[1] + match[2].replace(b"&", b"&amp;"), tag[0])
