"""Instance documents made from a model of schemas: valid ones, and copies of them with one fault each.

Every global element is written with as little as may stand in it, with all that may stand in it, and once for every
branch of a choice. Then, at every element, attribute and text of such a document, everything that can be wrong there is
done to a copy of it. What is a fault in one schema may be none in another: verdicts are for schemas to give.
"""

import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count

from lxml import etree
from lxml.etree import QName
from lxml.etree import _Element as Element

from .schema_model import Complex, Name, Particle, SchemaModel, Simple, particles

XSI = "http://www.w3.org/2001/XMLSchema-instance"
DS = "http://www.w3.org/2000/09/xmldsig#"
SAMPLES = {
    "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}": "f81d4fae-7dec-11d0-a765-00a0c91e6bf6",
    r"(text|image|audio|video|application)/[a-zA-Z0-9\-+.]*": "text/xml",
}
"""A value for each pattern of the contract."""
VALUES = {
    "string": "x",
    "int": "1",
    "long": "1",
    "boolean": "true",
    "dateTime": "2026-01-01T00:00:00Z",
    "anyURI": "urn:x",
    "NCName": "a",
    "base64Binary": "Wg==",
}
PROBES = (
    *(
        "",
        " ",
        "x",
        "Я",
        "\U0001f600",
        " x ",
        "a\tb",
        "a b",
        "a:b",
        "-a",
        "1a",
        "_a",
        "urn:x",
        "%%",
        "http://[",
        "1",
        "-1",
    ),
    *("0", "+1", "01", " 5\n", "1.0", "1e3", "2147483647", "2147483648", "-2147483648", "-2147483649", "NaN"),
    *("9223372036854775807", "9223372036854775808", "-9223372036854775809", "true", "false", "TRUE", " true ", "yes"),
    *("2026-01-01T00:00:00", "2026-01-01T00:00:00.123+03:00", "2026-13-01T00:00:00", "2026-02-30T00:00:00Z"),
    *("2026-01-01", "2026-01-01T24:00:00Z", "2026-01-01T25:00:00", "2026-01-01 00:00:00", "-0001-01-01T00:00:00"),
    *("Wg==", "W g = =", "Wg=", "Wg", "Z", "Wh==", "QUJD"),
)
"""Texts that some type of the contract takes and another does not."""


@dataclass
class Document:
    """A document, and the particle that each of its elements, in document order, was made from."""

    label: str
    root: Element
    made_from: list[Particle] = field(default_factory=list)


@dataclass
class _Writer:
    """Writes one document. `branch` is the branch to be taken of a choice, the last one where there are fewer."""

    full: bool
    branch: int
    made_from: list[Particle] = field(default_factory=list)
    numbers: Iterator[int] = field(default_factory=count)

    def element(self, particle: Particle, parent: Element | None = None) -> Element:
        tag = QName(*particle.name)
        made = etree.Element(tag) if parent is None else etree.SubElement(parent, tag)
        self.made_from.append(particle)
        kind = particle.type
        if isinstance(kind, Simple):
            made.text = self.value(kind)
        elif kind is not None:
            for attribute in kind.attributes:
                if attribute.required or self.full:
                    made.set(attribute.name, self.value(attribute.type))
            if kind.text is not None:
                made.text = self.value(kind.text)
            self.content(kind.content, made)
        return made

    def content(self, particle: Particle | None, parent: Element) -> None:
        if particle is None:
            return
        wanted = max(particle.least, 1 if self.full else 0)
        if self.full and (particle.most is None or particle.most > 1):
            wanted = max(wanted, 2)
        for _ in range(wanted):
            match particle.kind:
                case "element":
                    self.element(particle, parent)
                case "any":
                    namespace = "urn:business" if particle.namespace.startswith("##") else particle.namespace
                    etree.SubElement(parent, QName(namespace, "Any"))
                    self.made_from.append(particle)
                case "choice":
                    self.content(particle.children[min(self.branch, len(particle.children) - 1)], parent)
                case "sequence":
                    for child in particle.children:
                        self.content(child, parent)

    def value(self, kind: Simple) -> str:
        if kind.base == "ID":
            return f"ID{next(self.numbers)}"
        if kind.values:
            return kind.values[0]
        return SAMPLES[kind.patterns[0]] if kind.patterns else VALUES[kind.base]


def documents(model: SchemaModel) -> Iterator[Document]:
    """Valid documents: every global element in every form."""
    for name in sorted(model.elements):
        root, seen = model.root(name), set()
        for full in (False, True):
            for branch in range(_branches(root.type)):
                writer = _Writer(full, branch)
                made = writer.element(root)
                octets = etree.tostring(made)
                if octets not in seen:
                    seen.add(octets)
                    label = f"{name[1]} {'full' if full else 'minimal'} {branch}"
                    yield Document(label, made, writer.made_from)


def _branches(kind: Simple | Complex | None) -> int:
    """The most branches of a choice anywhere below."""
    if not isinstance(kind, Complex) or kind.content is None:
        return 1

    def widest(particle: Particle) -> int:
        own = len(particle.children) if particle.kind == "choice" else 1
        below = [widest(child) for child in particle.children]
        return max([own, *below, _branches(particle.type)])

    return widest(kind.content)


Change = Callable[[Element], object]


def mutants(document: Document, others: list[Name]) -> Iterator[tuple[str, Element]]:
    """Copies of a document with one thing changed at one place; `others` are the global elements of the model.

    What is inside of a global element is changed in that element's own documents, not wherever it is referred to.
    """
    sites = dict(zip(document.root.iter("*"), document.made_from, strict=True))
    for number, (place, particle) in enumerate(sites.items()):
        if any(sites[ancestor].referred for ancestor in place.iterancestors()):
            continue
        for label, change in _changes(place, particle, others):
            root = copy.deepcopy(document.root)
            change(next(one for index, one in enumerate(root.iter("*")) if index == number))
            yield f"{label} @ {document.label}: {QName(place).localname}", root


def _changes(place: Element, particle: Particle, others: list[Name]) -> Iterator[tuple[str, Change]]:
    if particle.kind == "any":
        yield from _of_wildcard(place, particle, others)
    elif not particle.referred:
        yield from _of_attributes(place, particle.type)
        yield from _of_content(place, particle.type)
    if place.getparent() is not None:
        yield from _of_place(place, particle)


def _of_place(place: Element, particle: Particle) -> Iterator[tuple[str, Change]]:
    name = QName(place)
    yield "missing", lambda e: e.getparent().remove(e)
    yield "twice", lambda e: _add(e, copy.deepcopy(e), after=True)
    yield "text after", lambda e: setattr(e, "tail", "text")
    yield "unknown before", lambda e: _add(e, etree.Element(QName(name.namespace, "Unknown")))
    yield "unknown after", lambda e: _add(e, etree.Element(QName(name.namespace, "Unknown")), after=True)
    yield "foreign after", lambda e: _add(e, etree.Element("{urn:strange}Unknown"), after=True)
    yield "moved to the front", lambda e: e.getparent().insert(0, e)
    yield "moved to the end", lambda e: e.getparent().append(e)
    if place.getnext() is not None:
        yield "after the next", lambda e: e.getnext().addnext(e)
    if particle.most is not None and particle.most > 1:
        for times in (particle.most, particle.most + 1):
            yield f"{times} times", lambda e, times=times: _repeat(e, times)
    elif particle.most is None:
        yield "many times", lambda e: _repeat(e, 1001)


def _of_content(place: Element, kind: Simple | Complex | None) -> Iterator[tuple[str, Change]]:
    namespace = QName(place).namespace or ""
    yield "misspelt", lambda e: setattr(e, "tag", QName(namespace, f"{QName(e).localname}X"))
    yield "other case", lambda e: setattr(e, "tag", QName(namespace, QName(e).localname.swapcase()))
    for other in ("urn:strange", None, namespace.rpartition("/")[0] + "/9.9"):
        yield f"namespace {other}", lambda e, other=other: setattr(e, "tag", QName(other, QName(e).localname))
    yield "unknown child first", lambda e: e.insert(0, etree.Element(QName(namespace, "Unknown")))
    yield "unknown child last", lambda e: e.append(etree.Element(QName(namespace, "Unknown")))
    yield "foreign child", lambda e: e.append(etree.Element("{urn:strange}Unknown"))
    yield "emptied", lambda e: [e.remove(child) for child in list(e)] + [setattr(e, "text", None)]
    text = kind if isinstance(kind, Simple) else kind.text if kind is not None else None
    if text is None:
        yield "text inside", lambda e: setattr(e, "text", "text")
        yield "white space inside", lambda e: setattr(e, "text", " \n")
        if isinstance(kind, Complex):
            for absent in {one.name for one in particles(kind.content) if one.kind == "element"}:
                yield f"empty {absent[1]} last", lambda e, absent=absent: e.append(etree.Element(QName(*absent)))
    else:
        for value in dict.fromkeys((*PROBES, *_edges(text))):
            yield f"text {value[:20]!r} of {len(value)}", lambda e, value=value: setattr(e, "text", value)


def _of_attributes(place: Element, kind: Simple | Complex | None) -> Iterator[tuple[str, Change]]:
    for attribute in kind.attributes if isinstance(kind, Complex) else ():
        name = attribute.name
        if name in place.attrib:
            yield f"without {name}", lambda e, name=name: e.attrib.pop(name)
        for value in dict.fromkeys((*PROBES, *_edges(attribute.type))):
            yield f"{name}={value[:20]!r} of {len(value)}", lambda e, name=name, value=value: e.set(name, value)
        yield f"{name} of a namespace", lambda e, name=name: e.set(QName("urn:strange", name), "a")
        if attribute.type.base == "ID":
            yield f"{name} of another", lambda e, name=name: _same_id(e, name)
    yield "unknown attribute", lambda e: e.set("unknown", "1")
    yield "Id", lambda e: e.set("Id", "FREE")
    yield "xml:lang", lambda e: e.set("{http://www.w3.org/XML/1998/namespace}lang", "ru")
    yield "xsi:nil", lambda e: e.set(QName(XSI, "nil"), "true")
    yield "xsi:type unknown", lambda e: e.set(QName(XSI, "type"), "Unknown")
    yield "schemaLocation", lambda e: e.set(QName(XSI, "schemaLocation"), "urn:a a.xsd")


def _of_wildcard(place: Element, particle: Particle, others: list[Name]) -> Iterator[tuple[str, Change]]:
    own = [("urn:strange", "Any"), ("", "Any"), (DS, "Signature"), (particle.name[0], "Unknown")]
    for namespace, name in (*own, *others):
        tag = QName(namespace or None, name)
        yield f"replaced by {tag}", lambda e, tag=tag: setattr(e, "tag", tag)
    yield "anything inside", lambda e: e.append(etree.fromstring('<a xmlns="urn:a" Id="x" b="1">t<c/></a>'))
    yield "xsi:type unknown", lambda e: e.set(QName(XSI, "type"), "Unknown")


def _edges(kind: Simple) -> Iterator[str]:
    """Values at the edge of what the facets allow, on both sides."""
    if kind.longest is not None:
        for length in (kind.longest - 1, kind.longest, kind.longest + 1):
            yield from ("x" * length, "Я" * length, "\U0001f600" * length)
    for value in kind.values:
        yield from (value, f"{value} ", f"{value}x", value[:-1], value.swapcase())
    for pattern in kind.patterns:
        value = SAMPLES[pattern]
        yield from (
            value.upper(),
            value[1:],
            value[:-1],
            f"{value}0",
            f" {value}",
            f"{value}\n",
            value.replace("-", ""),
        )
        yield from (value.replace("f", "g"), value.replace("/", "_"), value.replace("text", "model"), f"{value}-+.Z9")
        yield from (f"{value};q=1", value.replace("xml", ""))


def _add(place: Element, new: Element, *, after: bool = False) -> None:
    """addnext and addprevious would take the tail with them."""
    parent = place.getparent()
    assert parent is not None
    parent.insert(parent.index(place) + after, new)


def _repeat(place: Element, times: int) -> None:
    parent = place.getparent()
    assert parent is not None
    for twin in [one for one in parent.iterchildren(place.tag) if one is not place]:
        parent.remove(twin)
    for number in range(times - 1):
        twin = copy.deepcopy(place)
        for one in twin.iter("*"):
            if "Id" in one.attrib:
                one.set("Id", f"{one.get('Id')}-{number}")
            if QName(one).localname == "Id":
                one.text = f"{one.text}-{number}"
        place.addnext(twin)


def _same_id(place: Element, name: str) -> None:
    root = place.getroottree().getroot()
    other = next((one.get(name) for one in root.iter("*") if one is not place and name in one.attrib), "FREE")
    place.set(name, other)
