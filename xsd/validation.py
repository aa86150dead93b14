"""Validation by XML Schema with errors that a person can use: line, readable path and a Russian text for each.

libxml2 names places as `/*/*[2]` and speaks English; exchange partners read neither.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from lxml import etree
from lxml.etree import _Element as Element
from lxml.etree import _LogEntry as LogEntry

_XS = "{http://www.w3.org/2001/XMLSchema}"
_LONGEST_VALUE = 100
_STEP = re.compile(r"(?:[^:/\[]+:)?(\*|[^:/\[]+)(?:\[(\d+)\])?")
_NAMESPACE = re.compile(r"\{[a-z]+:[^}]*\}")
_PREFIX = re.compile(r"^(?:Element|Attribute) '[^']*'(?:, attribute '[^']*')?: ")
_VALUE = re.compile(
    r"[Tt]he value '(.*?)'(?: has| is not an| is not acc| is less| is gre|\.|$)|^'(.*)' is not a valid", re.DOTALL
)
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

    def errors(self, element: Element) -> list[Violation]:
        """All errors of the element, which may stand inside a larger document; empty when it is valid."""
        if self._compiled.validate(element):
            return []
        # The log belongs to the compiled schema, and another thread may be writing to it: errors are rare enough to
        # compile a schema for the occasion.
        schema = self._compile()
        schema.validate(element)
        return violations(schema.error_log, element, _meanings(self.path))


def violations(log: "etree._ListErrorLog", root: Element, meanings: Mapping[str, str]) -> list[Violation]:
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
    shown = _shortened(next((group for group in value.groups() if group is not None), "")) if value else ""
    if template := _TEXTS.get(entry.type_name):
        found = _BOUND.search(rest)
        bound = found.group(1) if found else ", ".join(_SET.findall(rest))
        attribute = _ATTRIBUTE.search(entry.message)
        return template.format(
            value=shown,
            bound=bound,
            meaning=meanings.get(bound, bound),
            attribute=attribute.group(1) if attribute else "",
        )
    if entry.type_name == "SCHEMAV_ELEMENT_CONTENT":
        return _content(message)
    return f"нарушена схема: {message}"


def _content(message: str) -> str:
    expected = _EXPECTED.search(message)
    wanted = f"; ожидается: {expected.group(1).replace(', ', ' или ')}" if expected else ""
    if message.startswith("Missing child"):
        return f"не хватает вложенного элемента{wanted}"
    return f"элемент здесь не ожидается{wanted}"


def _shortened(value: str) -> str:
    return value if len(value) <= _LONGEST_VALUE else f"{value[:_LONGEST_VALUE]}…"


_TEXTS = {
    "SCHEMAV_CVC_PATTERN_VALID": "значение «{value}» не подходит; нужно: {meaning}",
    "SCHEMAV_CVC_ENUMERATION_VALID": "значения «{value}» нет среди допустимых: {bound}",
    "SCHEMAV_CVC_MINLENGTH_VALID": "значение слишком короткое; наименьшая длина {bound}",
    "SCHEMAV_CVC_MAXLENGTH_VALID": "значение слишком длинное; наибольшая длина {bound}",
    "SCHEMAV_CVC_LENGTH_VALID": "неверная длина значения; нужно {bound}",
    "SCHEMAV_CVC_MININCLUSIVE_VALID": "значение «{value}» меньше допустимого {bound}",
    "SCHEMAV_CVC_MINEXCLUSIVE_VALID": "значение «{value}» должно быть больше {bound}",
    "SCHEMAV_CVC_MAXINCLUSIVE_VALID": "значение «{value}» больше допустимого {bound}",
    "SCHEMAV_CVC_MAXEXCLUSIVE_VALID": "значение «{value}» должно быть меньше {bound}",
    "SCHEMAV_CVC_FRACTIONDIGITS_VALID": "слишком много знаков после запятой; допустимо {bound}",
    "SCHEMAV_CVC_TOTALDIGITS_VALID": "слишком много знаков; допустимо {bound}",
    "SCHEMAV_CVC_DATATYPE_VALID_1_2_1": "значение «{value}» не подходит; нужно: {meaning}",
    "SCHEMAV_CVC_COMPLEX_TYPE_3_2_1": "атрибут {attribute} здесь недопустим",
    "SCHEMAV_CVC_COMPLEX_TYPE_4": "не хватает обязательного атрибута {attribute}",
    "SCHEMAV_CVC_COMPLEX_TYPE_2_3": "между вложенными элементами не должно быть текста",
    "SCHEMAV_CVC_TYPE_3_1_1": "атрибут {attribute} здесь недопустим",
    "SCHEMAV_CVC_TYPE_3_1_2": "вложенные элементы здесь недопустимы",
    "SCHEMAV_CVC_ELT_1": "схема не знает такого корневого элемента",
}
