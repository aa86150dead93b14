"""The pages of docs/reference/kinds: each kind of message of the register, from its declaration and its schema."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import xmlschema
from examples_of_kinds import examples
from lxml.etree import QName
from mezhved.adapter.registry.access import Scope
from mezhved.adapter.registry.kinds import Kind, load_kinds
from mezhved.adapter.registry.rule import Severity

INDEX = """\
# Kinds of messages of the register

Each is a request and a response. What they have in common: [the register](../../explanation/register.md),
[rights and audit](../../explanation/register-rights.md). The schemas lie in `xsd/frmr/`, examples for a replay in
`fixtures/kinds/`.

"""
FIXTURES = Path(__file__).parents[1] / "fixtures" / "kinds"
XML_SCHEMA = "http://www.w3.org/2001/XMLSchema"
INTRODUCED = (
    "Each line: element (`@`: attribute), its type, how often it stands there, what it means. An element without a "
    "prefix is in the namespace of the kind{}.\n\n"
)


def pages() -> dict[str, str]:
    """Every page by its path below docs/reference."""
    kinds = sorted(load_kinds(), key=lambda kind: kind.name)
    return {"kinds/README.md": _index(kinds), **{f"kinds/{kind.name}.md": _page(kind) for kind in kinds}}


def _index(kinds: list[Kind]) -> str:
    parts = [INDEX]
    for heading, writes in (("Lookups", False), ("Updates", True)):
        parts.append(f"## {heading}\n\n| Kind | Title | What it does |\n|---|---|---|\n")
        parts += [
            f"| [`{kind.name}`]({kind.name}.md) | {kind.description.title} | {kind.description.purpose} |\n"
            for kind in kinds
            if kind.writes is writes
        ]
        parts.append("\n")
    return "".join(parts).rstrip() + "\n"


def _page(kind: Kind) -> str:
    schema = _schema(kind.schema_path)
    parts = [
        f"# {kind.name}: {kind.description.title}\n\n{kind.description.purpose}\n\n",
        f"Version {kind.version}, namespace `{kind.namespace}`, schema `xsd/frmr/{kind.name}/{kind.version}.xsd`, ",
        f"fixtures `fixtures/kinds/{kind.name}/`.\n\n",
        _access(kind),
    ]
    for heading, root in (("Request", kind.request_root), ("Response", kind.response_root)):
        element = schema.elements[QName(root).localname]
        inside = _Inside(kind.namespace, {uri: name for name, uri in schema.namespaces.items() if name})
        lines = [f"{line}\n" for line in inside.lines(element, 0, ())]
        foreign = "".join(f", `{prefix}:` is `{uri}`" for prefix, uri in sorted(inside.foreign))
        parts.append(f"## {heading}: {element.local_name}\n\n{_meaning(element)}\n\n{INTRODUCED.format(foreign)}")
        parts += [*lines, "\n", _limits(inside.simple)]
        if root == kind.request_root:
            parts.append(_examples(kind))
    parts.append(_rules(kind))
    return "".join(parts).rstrip() + "\n"


def _examples(kind: Kind) -> str:
    found = examples(FIXTURES / kind.name, kind)
    heading = "### Example" if len(found) == 1 else "### Examples"
    return f"{heading}\n\n" + "".join(f"```xml\n{example}\n```\n\n" for example in found)


@cache
def _schema(path: Path) -> xmlschema.XMLSchema:
    return xmlschema.XMLSchema(path, allow="local", defuse="always")


def _access(kind: Kind) -> str:
    access = kind.access
    lines = [
        f"- `{role}`" + (" for its own organisations" if scope is Scope.OWN_ORGANISATION else "")
        for role, scope in access.roles.items()
    ]
    if access.organisation:
        lines.append(f"- the organisation on whose behalf it is put stands at `{access.organisation}`")
    lines.append(f"- purpose of use: {'demanded' if access.purpose else 'not asked for'}")
    lines.append(f"- personal signature of an official: {'demanded' if access.signature else 'not demanded'}")
    told = (
        f"A system that sends it needs the kind (`mezhved participants add --sends {kind.name}`), and of the register:"
    )
    return f"## Who may\n\n{told}\n\n" + "\n".join(lines) + "\n\n"


@dataclass(slots=True)
class _Inside:
    """What stands in an element. Gathers the simple types that were met, and the prefixes of other namespaces."""

    namespace: str
    prefixes: Mapping[str, str]
    simple: dict[str, Any] = field(default_factory=dict)
    foreign: set[tuple[str, str]] = field(default_factory=set)

    def lines(self, element: Any, depth: int, above: tuple[str, ...]) -> Iterator[str]:
        """A nested list; a type within itself is only named."""
        for name, attribute in (element.attributes or {}).items():
            if name is not None:
                once = "1" if attribute.use == "required" else "0…1"
                named = self._type(attribute.type)
                yield f"{'  ' * depth}- `@{name}`{named} {once} {_meaning(attribute)}".rstrip()
        if element.type.is_complex() and isinstance(element.type.content, xmlschema.validators.XsdGroup):
            yield from self._particles(element.type.content, depth, above)

    def _particles(self, group: Any, depth: int, above: tuple[str, ...]) -> Iterator[str]:
        """The elements of a group, and those of the groups in it."""
        indent = "  " * depth
        if group.model == "choice":
            yield f"{indent}- one of these, {_times(group)} {_meaning(group)}".rstrip()
            depth, indent = depth + 1, f"{indent}  "
        for child in group:
            if isinstance(child, xmlschema.validators.XsdGroup):
                together = group.model == "choice" and child.model == "sequence"
                if together:
                    yield f"{indent}- these together, {_times(child)}"
                yield from self._particles(child, depth + together, above)
            elif isinstance(child, xmlschema.XsdElement):
                kind = child.type.local_name or ""
                named = f"`{self._name(child)}`{self._type(child.type)}"
                yield f"{indent}- {named} {_times(child)} {_meaning(child)}".rstrip()
                if not kind or kind not in above:
                    yield from self.lines(child, depth + 1, (*above, kind))
            else:
                yield f"{indent}- any element of another kind"

    def _name(self, element: Any) -> str:
        namespace = QName(element.name).namespace
        if namespace in (None, self.namespace):
            return str(element.local_name)
        prefix = self.prefixes[namespace]
        self.foreign.add((prefix, namespace))
        return f"{prefix}:{element.local_name}"

    def _type(self, type_: Any) -> str:
        simple = type_.content if type_.is_complex() and type_.has_simple_content() else type_
        if simple.is_simple() and simple.local_name and simple.target_namespace != XML_SCHEMA:
            self.simple.setdefault(simple.local_name, simple)
        return f" `{type_.local_name}`" if type_.local_name else ""


def _limits(simple: Mapping[str, Any]) -> str:
    """What the simple types of a message demand."""
    rows = [f"| `{name}` | {_cell(_meaning(type_))} | {_facets(type_)} |\n" for name, type_ in sorted(simple.items())]
    return "| Type | What it is | Limits |\n|---|---|---|\n" + "".join(rows) + "\n" if rows else ""


def _facets(type_: Any) -> str:
    """The facets of a simple type, its own and those that it inherits."""
    if type_.is_union():
        return " or ".join(f"`{member.local_name}`" for member in type_.member_types)
    found = []
    if type_.patterns is not None:
        found += [f"`{_cell(pattern)}`" for pattern in type_.patterns.regexps]
    if type_.enumeration is not None:
        found.append(", ".join(f"`{value}`" for value in type_.enumeration))
    least, most = type_.min_length, type_.max_length
    if least is not None or most is not None:
        found.append(
            f"{least} characters" if least == most else f"{least or 0}…{'∞' if most is None else most} characters"
        )
    if type_.min_value is not None or type_.max_value is not None:
        low, high = type_.min_value, type_.max_value
        found.append(f"{'−∞' if low is None else low} to {'∞' if high is None else high}")
    return "; ".join(found) or f"`{type_.root_type.local_name}`"


def _times(particle: Any) -> str:
    most = "∞" if particle.max_occurs is None else particle.max_occurs
    return f"{particle.min_occurs}" if particle.min_occurs == most else f"{particle.min_occurs}…{most}"


def _meaning(component: Any) -> str:
    found = component.annotation
    if found is None or not found.documentation:
        return ""
    return " ".join((found.documentation[0].text or "").split())


def _rules(kind: Kind) -> str:
    rows = [
        f"| `{rule.code}` | {'warning' if rule.severity is Severity.WARNING else rule.reason} | {_cell(rule.text)} | "
        f"{_cell(rule.remedy)} |\n"
        for rule in dict.fromkeys(kind.rules)
    ]
    return "## Rules\n\n| Code | Reason | Text | What to do |\n|---|---|---|---|\n" + "".join(rows)


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())
