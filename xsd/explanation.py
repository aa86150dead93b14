"""The errors that libxml2 does not report: after one unexpected element it looks at none of its later siblings.

xmlschema looks at all of them, a hundred times slower. So it is asked only about what libxml2 has refused for such an
element, only if that is small, and by one thread at a time (docs/decisions/0004).
"""

import re
import threading
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

import xmlschema
from lxml import etree
from lxml.etree import _Element as Element
from xmlschema.validators import (
    XMLSchemaChildrenValidationError,
    XMLSchemaValidationError,
    XsdEnumerationFacets,
    XsdFacet,
    XsdPatternFacets,
)

from .wording import TEXTS, missing, unexpected, worded

MOST_ELEMENTS = 5000
"""Larger documents are not given to xmlschema: it needs 30 µs an element."""
_ONE_AT_A_TIME = threading.Lock()
_QUALIFIED = re.compile(r"\{[^}]*\}|\b[\w.-]+:(?=\w)")
_OF_ATTRIBUTE = re.compile(r"attribute ([\w:.-]+)=")
_ATTRIBUTE = re.compile(r"attribute '([^']*)'|'([^']*)' attribute")
_FACETS = {
    "XsdLengthFacet": "SCHEMAV_CVC_LENGTH_VALID",
    "XsdMinLengthFacet": "SCHEMAV_CVC_MINLENGTH_VALID",
    "XsdMaxLengthFacet": "SCHEMAV_CVC_MAXLENGTH_VALID",
    "XsdMinInclusiveFacet": "SCHEMAV_CVC_MININCLUSIVE_VALID",
    "XsdMinExclusiveFacet": "SCHEMAV_CVC_MINEXCLUSIVE_VALID",
    "XsdMaxInclusiveFacet": "SCHEMAV_CVC_MAXINCLUSIVE_VALID",
    "XsdMaxExclusiveFacet": "SCHEMAV_CVC_MAXEXCLUSIVE_VALID",
    "XsdTotalDigitsFacet": "SCHEMAV_CVC_TOTALDIGITS_VALID",
    "XsdFractionDigitsFacet": "SCHEMAV_CVC_FRACTIONDIGITS_VALID",
    "XsdPatternFacets": "SCHEMAV_CVC_PATTERN_VALID",
    "XsdEnumerationFacets": "SCHEMAV_CVC_ENUMERATION_VALID",
}
"""How libxml2 calls the errors of xmlschema's facets."""


class Explained(NamedTuple):
    """An error that xmlschema has found: the element, and what is wrong with it in Russian."""

    element: Element
    text: str


def explain(path: Path, element: Element, meanings: Mapping[str, str]) -> Iterator[Explained]:
    """The errors of `element` against the schema at `path`; none if it has more than MOST_ELEMENTS elements.

    `meanings` says in words what patterns and types demand.
    """
    if sum(1 for _ in element.iter("*")) > MOST_ELEMENTS:
        return
    with _ONE_AT_A_TIME:
        errors = list(_compiled(path).iter_errors(element, use_location_hints=False))
    for error in errors:
        place: object = error.invalid_child if error.invalid_child is not None else error.elem
        if isinstance(place, etree._Element):
            yield Explained(place, _text(error, meanings))


@cache
def _compiled(path: Path) -> xmlschema.XMLSchema:
    # Schemas refer to nothing but files beside them, and nothing may be fetched, whatever a document says.
    return xmlschema.XMLSchema(str(path), allow="local")


def _text(error: XMLSchemaValidationError, meanings: Mapping[str, str]) -> str:
    if isinstance(error, XMLSchemaChildrenValidationError):
        names = [name for particle in error.expected or () if (name := getattr(particle, "name", None))]
        child = error.invalid_child
        if child is not None:
            return unexpected(names, str(child.tag))
        return missing(names, "" if error.elem is None else str(error.elem.tag))
    reason = error.reason or ""
    value = "" if isinstance(error.obj, etree._Element) else str(error.obj)
    owner = _OF_ATTRIBUTE.match(reason)
    where = f"атрибут {_local(owner[1])}: " if owner else ""
    if isinstance(error.validator, XsdFacet):
        key = _FACETS.get(type(error.validator).__name__, "")
        return where + worded(TEXTS.get(key, reason), value, _bound(error.validator), meanings)
    if named := _ATTRIBUTE.search(reason):
        key = "SCHEMAV_CVC_COMPLEX_TYPE_4" if "missing" in reason else "SCHEMAV_CVC_COMPLEX_TYPE_3_2_1"
        return worded(TEXTS[key], "", "", meanings, attribute=_local(named[1] or named[2]))
    if "character data" in reason:
        return TEXTS["SCHEMAV_CVC_COMPLEX_TYPE_2_3"]
    wanted = _local(getattr(error.validator, "name", None) or "")
    return where + worded(TEXTS["SCHEMAV_CVC_DATATYPE_VALID_1_2_1"], value, wanted, meanings)


def _bound(facet: XsdFacet) -> str:
    match facet:
        case XsdPatternFacets():
            return " или ".join(facet.regexps)
        case XsdEnumerationFacets():
            return ", ".join(str(value) for value in facet.enumeration)
        case _:
            return str(facet.value)


def _local(name: str) -> str:
    return _QUALIFIED.sub("", name)
