"""A set of schemas as a model that documents can be made from: the parts of XML Schema that the contract uses."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from lxml import etree
from lxml.etree import _Element as Element

XS = "{http://www.w3.org/2001/XMLSchema}"
Name = tuple[str, str]
"""Namespace and local name."""


class UnknownConstruct(Exception):  # noqa: N818  named for what is wrong
    """A schema uses something that the model does not know: it would be left out of the corpus silently."""


@dataclass(frozen=True)
class Simple:
    """A simple type: its built-in base and the facets on the way to it."""

    base: str
    patterns: tuple[str, ...] = ()
    longest: int | None = None
    values: tuple[str, ...] = ()


@dataclass(frozen=True)
class Attribute:
    """A declared attribute."""

    name: str
    type: Simple
    required: bool


@dataclass(frozen=True)
class Particle:
    """What may stand at a place, and how often (`most` None: any number).

    `kind` is `element`, `sequence`, `choice` or `any`; `name` is that of an element; of a wildcard, the namespace of
    its schema. `referred`: it is a reference to a global element, and so described where that is.
    """

    kind: str
    least: int = 1
    most: int | None = 1
    name: Name = ("", "")
    type: "Simple | Complex | None" = None
    children: "tuple[Particle, ...]" = ()
    namespace: str = ""
    referred: bool = False


@dataclass(frozen=True)
class Complex:
    """A complex type: its content (a sequence or a choice; None: empty), or its text, and its attributes."""

    content: Particle | None = None
    text: Simple | None = None
    attributes: tuple[Attribute, ...] = ()


@dataclass
class SchemaModel:
    """All global components of some schema files and of what they import."""

    elements: dict[Name, Element] = field(default_factory=dict)
    types: dict[Name, Element] = field(default_factory=dict)

    @classmethod
    def read(cls, *paths: Path) -> "SchemaModel":
        """The model of the schemas at `paths`."""
        model = cls()
        for path in paths:
            model._load(path)
        return model

    def _load(self, path: Path) -> None:
        root = etree.parse(path).getroot()
        target = root.get("targetNamespace", "")
        for component in root.iterchildren("*"):
            name = (target, component.get("name", ""))
            if component.tag == f"{XS}import":
                self._load(path.parent / component.get("schemaLocation", ""))
            elif component.tag == f"{XS}element":
                self.elements[name] = component
            elif component.tag in (f"{XS}complexType", f"{XS}simpleType"):
                self.types[name] = component
            elif component.tag != f"{XS}annotation":
                raise UnknownConstruct(component.tag)

    def root(self, name: Name) -> Particle:
        """A global element, to stand as the root of a document."""
        return self._element(self.elements[name])

    def _element(self, declared: Element) -> Particle:
        least, most = _occurrence(declared)
        if declared.get("ref"):
            name = _name(declared, "ref")
            return Particle("element", least, most, name, self._type_of(self.elements[name]), referred=True)
        return Particle("element", least, most, (_target(declared), declared.get("name", "")), self._type_of(declared))

    def _type_of(self, declared: Element) -> Simple | Complex:
        for inner in declared.iterchildren(f"{XS}complexType", f"{XS}simpleType"):
            return self.described(inner)
        return self._named(_name(declared, "type"))

    def _named(self, name: Name) -> Simple | Complex:
        return Simple(name[1]) if f"{{{name[0]}}}" == XS else self.described(self.types[name])

    def described(self, declared: Element) -> Simple | Complex:
        """A component that describes a type, global or not."""
        if declared.tag == f"{XS}simpleType":
            return self._restricted(declared.find(f"{XS}restriction"))
        base: Simple | Complex = Complex()
        holder = declared
        for content in declared.iterchildren(f"{XS}simpleContent", f"{XS}complexContent"):
            (holder,) = content.iterchildren(f"{XS}extension")
            base = self._named(_name(holder, "base"))
        attributes = tuple(self._attribute(one) for one in holder.iterchildren(f"{XS}attribute"))
        groups = [self._particle(one) for one in holder.iterchildren(f"{XS}sequence", f"{XS}choice")]
        if isinstance(base, Simple):
            return Complex(None, base, attributes)
        if base.content is not None:
            groups = [base.content, *groups]
        content = Particle("sequence", children=tuple(groups)) if len(groups) > 1 else next(iter(groups), None)
        return Complex(content, None, base.attributes + attributes)

    def _restricted(self, restriction: Element) -> Simple:
        base = self._named(_name(restriction, "base"))
        assert isinstance(base, Simple)
        facets = {
            kind: tuple(one.get("value", "") for one in restriction.iterchildren(f"{XS}{kind}"))
            for kind in ("pattern", "maxLength", "enumeration")
        }
        if len([one for one in restriction.iterchildren("*") if one.tag != f"{XS}annotation"]) != sum(
            map(len, facets.values())
        ):
            raise UnknownConstruct(f"a facet at line {restriction.sourceline}")
        longest = [int(length) for length in facets["maxLength"]]
        return Simple(
            base.base,
            base.patterns + facets["pattern"],
            min([*longest, *([] if base.longest is None else [base.longest])], default=None),
            facets["enumeration"] or base.values,
        )

    def _attribute(self, declared: Element) -> Attribute:
        kind = self._named(_name(declared, "type"))
        assert isinstance(kind, Simple)
        return Attribute(declared.get("name", ""), kind, declared.get("use") == "required")

    def _particle(self, declared: Element) -> Particle:
        least, most = _occurrence(declared)
        kind = etree.QName(declared).localname
        if kind == "element":
            return self._element(declared)
        if kind == "any":
            return Particle("any", least, most, (_target(declared), ""), namespace=declared.get("namespace", "##any"))
        if kind not in ("sequence", "choice"):
            raise UnknownConstruct(kind)
        children = [one for one in declared.iterchildren("*") if one.tag != f"{XS}annotation"]
        return Particle(kind, least, most, children=tuple(map(self._particle, children)))


def particles(particle: Particle | None) -> Iterator[Particle]:
    """The elements and wildcards that may be children under a content model."""
    if particle is None:
        return
    if particle.kind in ("element", "any"):
        yield particle
    for child in particle.children:
        yield from particles(child)


def _target(component: Element) -> str:
    return component.getroottree().getroot().get("targetNamespace", "")


def _name(component: Element, attribute: str) -> Name:
    prefix, _, local = component.get(attribute, "").rpartition(":")
    return component.nsmap.get(prefix or None) or "", local


def _occurrence(component: Element) -> tuple[int, int | None]:
    most = component.get("maxOccurs", "1")
    return int(component.get("minOccurs", "1")), None if most == "unbounded" else int(most)
