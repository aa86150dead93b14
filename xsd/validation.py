"""Validation by XML Schema with errors that a person can use: line, readable path and a Russian text for each.

libxml2 names places as `/*/*[2]` and speaks English; exchange partners read neither.
"""

import re
from collections.abc import Iterable, Mapping
from itertools import islice
from pathlib import Path
from typing import NamedTuple, cast

from lxml import etree
from lxml.etree import _Element as Element
from lxml.etree import _LogEntry as LogEntry

from .explanation import Explained, explain
from .wording import TEXTS, missing, unexpected, worded

_XS = "{http://www.w3.org/2001/XMLSchema}"
_CONTENT = "SCHEMAV_ELEMENT_CONTENT"
_MISSING = "Missing child"
MOST_ERRORS = 100
"""Errors of one document that are reported: a person does not read more, and a hostile document has any number."""
_STEP = re.compile(r"(?:[^:/\[]+:)?(\*|[^:/\[]+)(?:\[(\d+)\])?")
_NAMESPACE = re.compile(r"\{[a-z]+:[^}]*\}")
_PREFIX = re.compile(r"^(?:Element|Attribute) '[^']*'(?:, attribute '[^']*')?: ")
_VALUE = re.compile(
    r"[Tt]he value '(.*?)'(?: has| is not an| is not acc| is less| is gre|\.|$)|^'(.*)' is not a valid", re.DOTALL
)
_ELEMENT = re.compile(r"Element '([^']*)'")
_EXPECTED = re.compile(r"Expected is(?: one of)? \( (.*) \)", re.DOTALL)
_ATTRIBUTE = re.compile(r"attribute '([^']*)'")
_SET = re.compile(r"'([^']*)'[,}]")
_BOUND = re.compile(r"'([^']*)'(?:\)|\.)?\.?$")


class Violation(NamedTuple):
    """One error: 1-based line in the document as parsed, path from the validated element, Russian text."""

    line: int
    path: str
    text: str


class SchemaUnusable(Exception):  # noqa: N818  named for what is wrong
    """A schema that the node ships cannot be read or compiled."""


class Schema:
    """A compiled schema. May be used by several threads at once."""

    def __init__(self, path: Path) -> None:
        """Raises SchemaUnusable."""
        self.path = path
        self._compiled = self._compile()

    def _compile(self) -> etree.XMLSchema:
        try:
            return etree.XMLSchema(file=str(self.path))
        except etree.LxmlError as error:
            raise SchemaUnusable(f"{self.path}: {error}") from error

    def is_valid(self, element: Element) -> bool:
        """Whether the element, which may stand inside a larger document, has no error."""
        return bool(self._compiled.validate(element))

    def errors(self, element: Element) -> list[Violation]:
        """All errors of the element, which may stand inside a larger document; empty when it is valid."""
        if self._compiled.validate(element):
            return []
        # The log belongs to the compiled schema, and another thread may be writing to it: errors are rare enough to
        # compile a schema for the occasion.
        schema = self._compile()
        schema.validate(element)
        meanings = _meanings(self.path)
        log = list(cast(Iterable[LogEntry], schema.error_log))[:MOST_ERRORS]
        found = violations(log, element, meanings)
        if any(entry.type_name == _CONTENT and _MISSING not in entry.message for entry in log):
            found = _completed(found, element, explain(self.path, element, meanings))
        return sorted(found, key=lambda violation: violation.line)[:MOST_ERRORS]


def _completed(found: list[Violation], root: Element, explained: Iterable[Explained]) -> list[Violation]:
    """What libxml2 has found, and what xmlschema has to say of other places."""
    known = {violation.path for violation in found}
    more: dict[tuple[str, str], Violation] = {}
    for place, text in islice(explained, MOST_ERRORS):
        path = _readable(root, place)
        if path not in known:
            more.setdefault((path, text), Violation(cast(int, place.sourceline), path, text))
    return [*found, *more.values()]


def violations(log: Iterable[LogEntry], root: Element, meanings: Mapping[str, str]) -> list[Violation]:
    """The errors that validating `root` has left in `log`; `meanings` of patterns and types make them readable."""
    found: dict[tuple[str, str], Violation] = {}
    for entry in log:
        element = _resolve(root, entry.path or "")
        violation = Violation(entry.line, _readable(root, element), _text(entry, meanings))
        found.setdefault((violation.path, violation.text), violation)
    return list(found.values())


def _resolve(root: Element, path: str) -> Element:
    """The element at a path of libxml2, whose first step is the validated element itself."""
    element = root
    for step in path.strip("/").split("/")[1:]:
        match = _STEP.fullmatch(step)
        if match is None:  # an attribute: its element is the place
            break
        name, number = match.groups()
        children = [child for child in element.iterchildren("*") if name in ("*", etree.QName(child).localname)]
        position = int(number or 1) - 1
        if position >= len(children):
            break
        element = children[position]
    return element


def _readable(root: Element, element: Element) -> str:
    steps: list[str] = []
    while True:
        name = etree.QName(element).localname
        parent = None if element is root else element.getparent()
        if parent is None:
            return "/".join([name, *reversed(steps)])
        twins = [child for child in parent.iterchildren("*") if child.tag == element.tag]
        steps.append(name if len(twins) == 1 else f"{name}[{twins.index(element) + 1}]")
        element = parent


def _meanings(path: Path) -> dict[str, str]:
    """What the patterns and the simple types of a schema and its imports mean, in the words of their documentation."""
    found: dict[str, str] = {}
    root = etree.parse(path).getroot()
    for imported in root.iterchildren(f"{_XS}import", f"{_XS}include"):
        if location := imported.get("schemaLocation"):
            found |= _meanings(path.parent / location)
    for simple in root.iter(f"{_XS}simpleType"):
        meaning = " ".join((simple.findtext(f"{_XS}annotation/{_XS}documentation") or "").split()).rstrip(".")
        if meaning:
            found[simple.get("name", "")] = meaning
            found |= {facet.get("value", ""): meaning for facet in simple.iter(f"{_XS}pattern")}
    return found


def _text(entry: LogEntry, meanings: Mapping[str, str]) -> str:
    """What is wrong, in Russian; the library's own words where there are no better ones."""
    message = _NAMESPACE.sub("", _PREFIX.sub("", entry.message))
    _facet, _, rest = message.partition("] ") if message.startswith("[facet") else ("", "", message)
    value = _VALUE.search(rest)
    shown = next((group for group in value.groups() if group is not None), "") if value else ""
    if template := TEXTS.get(entry.type_name):
        found = _BOUND.search(rest)
        bound = found.group(1) if found else ", ".join(_SET.findall(rest))
        attribute = _ATTRIBUTE.search(entry.message)
        return worded(template, shown, bound, meanings, attribute=attribute.group(1) if attribute else "")
    if entry.type_name == _CONTENT:
        expected, element = _EXPECTED.search(entry.message), _ELEMENT.match(entry.message)
        names = expected.group(1).split(", ") if expected else []
        say = missing if message.startswith(_MISSING) else unexpected
        return say(names, element.group(1) if element else "")
    return f"нарушена схема: {message}"
