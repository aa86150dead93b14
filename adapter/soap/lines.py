"""Exact lines of long envelopes. libxml2 keeps 16 bits for a line and guesses the rest from neighbouring texts."""

import re
from dataclasses import replace
from xml.parsers import expat

from lxml.etree import QName
from lxml.etree import _Element as Element

from ..exchange.faults import InvalidContent
from .envelope import ParsedEnvelope

_KEPT = 65535
"""The last line that libxml2 keeps exactly."""
_STEP = re.compile(r"([^\[]+)(?:\[(\d+)\])?")


def with_exact_lines(fault: InvalidContent, parsed: ParsedEnvelope) -> InvalidContent:
    """The same fault with the lines that its errors have in the envelope as received."""
    if parsed.octets.count(b"\n") < _KEPT or all(error.line < _KEPT for error in fault.errors):
        return fault
    places = [_resolve(parsed.body, error.path) for error in fault.errors]
    numbers = [None if place is None else _number(place) for place in places]
    lines = _lines(parsed.octets, {number for number in numbers if number is not None})
    return InvalidContent(
        tuple(
            error if number is None else replace(error, line=lines.get(number, error.line))
            for error, number in zip(fault.errors, numbers, strict=True)
        )
    )


def _resolve(body: Element, path: str) -> Element | None:
    """The element that an error's path names; it starts at the operation's element or at the root of the content."""
    first, *steps = path.split("/")
    start: Element | None = body
    if first != QName(body).localname:
        start = next((child for child in body.iterdescendants("*") if QName(child).localname == first), None)
    for step in steps:
        match = _STEP.fullmatch(step)
        if start is None or match is None:
            return None
        twins = [child for child in start.iterchildren("*") if QName(child).localname == match[1]]
        position = int(match[2] or 1) - 1
        start = twins[position] if position < len(twins) else None
    return start


def _number(element: Element) -> int:
    """How many elements begin before this one."""
    return int(str(element.xpath("count(preceding::*) + count(ancestor::*)")).partition(".")[0])


def _lines(octets: bytes, wanted: set[int]) -> dict[int, int]:
    found: dict[int, int] = {}
    count = 0

    def start(_name: str, _attributes: dict[str, str]) -> None:
        nonlocal count
        if count in wanted:
            found[count] = parser.CurrentLineNumber
        count += 1

    parser = expat.ParserCreate()
    parser.StartElementHandler = start
    parser.Parse(octets, True)
    return found
