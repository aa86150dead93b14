"""The pages of docs/reference/kinds: each kind of message of the register, from its declaration and its schema."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import xmlschema
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
INTRODUCED = "Each line: element (`@`: attribute), its type, how often it stands there, what it means.\n\n"


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
        parts.append(f"## {heading}: {element.local_name}\n\n{_meaning(element)}\n\n{INTRODUCED}")
        parts += [f"{line}\n" for line in _inside(element, 0, ())]
        parts.append("\n")
    parts.append(_rules(kind))
    return "".join(parts).rstrip() + "\n"


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
    return "## Who may\n\n" + "\n".join(lines) + "\n\n"


def _inside(element: Any, depth: int, above: tuple[str, ...]) -> Iterator[str]:
    """What stands in an element, as a nested list; a type within itself is only named."""
    for name, attribute in (element.attributes or {}).items():
        if name is not None:
            once = "1" if attribute.use == "required" else "0…1"
            yield f"{'  ' * depth}- `@{name}` {once} {_meaning(attribute)}".rstrip()
    if element.type.is_complex() and isinstance(element.type.content, xmlschema.validators.XsdGroup):
        yield from _particles(element.type.content, depth, above)


def _particles(group: Any, depth: int, above: tuple[str, ...]) -> Iterator[str]:
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
            yield from _particles(child, depth + together, above)
        elif isinstance(child, xmlschema.XsdElement):
            kind = child.type.local_name or ""
            named = f" `{kind}`" if kind else ""
            yield f"{indent}- `{child.local_name}`{named} {_times(child)} {_meaning(child)}".rstrip()
            if not kind or kind not in above:
                yield from _inside(child, depth + 1, (*above, kind))
        else:
            yield f"{indent}- any element of another kind"


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
