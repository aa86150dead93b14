"""Writes the pages of docs/reference that come from the code, or checks that they are up to date.

`python tools/reference.py` writes them; `--check` writes nothing, names those that differ and ends with exit status 1.
"""

import inspect
import re
import sys
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import kinds_reference
import typer
from mezhved.adapter.cli import build_app
from mezhved.adapter.exchange.contract import CONTRACTS, Operation
from mezhved.adapter.exchange.faults import EXCHANGE_FAULTS, ExchangeFault, SignatureProblem
from mezhved.adapter.exchange.faults import declared as faults_of
from mezhved.adapter.exchange.lifecycle import LIFE_CYCLES, Effect, Event, LifeCycle, State
from mezhved.adapter.exchange.roles import Role
from mezhved.adapter.observing.catalogue import CATALOGUE
from mezhved.adapter.registry import access_rules as rules_of_rights
from mezhved.adapter.registry.access import Scope
from mezhved.adapter.registry.kinds import Kind, load_kinds
from mezhved.adapter.registry.projection import Section, views
from mezhved.adapter.registry.rule import Rule
from mezhved.adapter.settings_reference import as_markdown
from mezhved.signing import errors
from typer.models import ArgumentInfo, OptionInfo

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "reference"
WRITTEN = "<!-- Written by `make docs` from the code; do not edit. -->\n\n"


def summary(thing: object) -> str:
    """The first paragraph of a docstring, on one line."""
    return " ".join((inspect.getdoc(thing) or "").split("\n\n")[0].split())


def cell(text: object) -> str:
    """`text` as it may stand in a table."""
    return " ".join(str(text).replace("|", "\\|").split())


FAULTS = """\
# Faults

A call that is refused is answered with `soap:Server` and HTTP 500; its `detail` holds one of these elements of
`…/types/faults/{V}`, with `Code` and a Russian `Description` that begins with the code. Where no fault of the
contract fits (not XML, a DTD, a wrong encoding, a broken MIME part) the answer is `soap:Client` without detail; an
envelope of another version of SOAP is answered with `soap:VersionMismatch`. Codes 901–999 are this node's own.

| Fault | Code | Meaning | What the client does | Fields besides Code and Description |
|---|---|---|---|---|
"""

BY_OPERATION = """
## Which operation may answer with which fault

Those that the WSDL declares for the operation, and no others. Versions of the contract are named where not all of them
know the fault or the operation; `—`: never.

"""

PROBLEMS = """
## Values of SignatureVerificationFault

{problems}

The text says more: a certificate that is not valid yet is reported as `CertificateIsExpired`; one that is revoked,
untrusted or unknown to the node as `CertificateIsNotFound`.

## Codes of signing

`mezhved verify` and `mezhved explain` name what is wrong with a signature by these codes, which do not change.

| Code | Meaning |
|---|---|
"""

STATES = """\
# States of a message

The life of a message is one table, `adapter/exchange/lifecycle.py`; this page is written from it. The names of the
states are the contract's. What a state and an event do not make here cannot happen.
"""

COMMANDS = """\
# Commands

`mezhved --help` and `mezhved COMMAND --help` say the same. Exit status of all commands: 0 done, 1 done and the
answer is no, 2 the command could not be carried out as it was given.
"""

METRICS = """\
# Metrics

What a node answers at `/metrics` and a worker at its own port ([how to watch a node](../howto/watch-a-node.md)), in
Prometheus' text format. Histograms are scraped as `_bucket`, `_sum` and `_count`. Values of labels are names of
operations, faults, kinds, steps and algorithms, and mnemonics of registered systems: never MessageIDs, addresses or
anything else that a caller makes up.

| Metric | Type | Labels | Process | Meaning |
|---|---|---|---|---|
"""

EXTRA_FIELDS = {"SignatureVerificationFault": "`Fault`, below", "InvalidContent": "`ValidationError`, one an error"}
"""Fields that are more than a number or a text."""


def faults_page() -> str:
    """docs/reference/faults.md."""
    rows = [
        row(f"`{name}`", fault.code, summary(fault), fault.advice.words, fields_of(fault))
        for name, fault in sorted(EXCHANGE_FAULTS.items(), key=lambda item: item[1].code)
    ]
    problems = PROBLEMS.format(problems="\n".join(f"- `{problem.value}`" for problem in SignatureProblem))
    codes = [row(f"`{error.code}`", summary(error)) for error in signing_errors()]
    return FAULTS + "".join(rows) + BY_OPERATION + "".join(occurrences()) + problems + "".join(codes)


def occurrences() -> Iterator[str]:
    """The table of faults by operation."""
    heads = [f"`{operation}`" for operation in Operation]
    yield row("Fault", *heads)
    yield "|---" * (len(heads) + 1) + "|\n"
    for name, fault in sorted(EXCHANGE_FAULTS.items(), key=lambda item: item[1].code):
        yield row(f"`{name}`", *(occurrence(fault, operation) for operation in Operation))


def occurrence(fault: type[ExchangeFault], operation: Operation) -> str:
    """In which versions of the contract the operation answers with the fault."""
    offered = [contract for contract in CONTRACTS.values() if operation in contract.operations]
    versions = [contract.version for contract in offered if fault in faults_of(operation, contract)]
    if not versions:
        return "—"
    return "yes" if len(versions) == len(CONTRACTS) else ", ".join(versions)


def fields_of(fault: type[ExchangeFault]) -> str:
    """The typed fields of a fault, by the names of their elements."""
    return ", ".join(f"`{detail.element}`" for detail in fault.details) or EXTRA_FIELDS.get(fault.name(), "")


def metrics_page() -> str:
    """docs/reference/metrics.md."""
    rows = [
        row(f"`{one.scraped}`", one.type, ", ".join(f"`{name}`" for name in one.labels), one.where, one.meaning)
        for one in CATALOGUE
    ]
    return METRICS + "".join(rows)


def signing_errors() -> list[type[errors.SigningError]]:
    """Every class of the family that has a code of its own, in the order of declaration."""
    found: dict[str, type[errors.SigningError]] = {}
    for thing in vars(errors).values():
        if isinstance(thing, type) and issubclass(thing, errors.SigningError) and "code" in vars(thing):
            found.setdefault(thing.code, thing)
    return list(found.values())


def states_page() -> str:
    """docs/reference/states.md: the life of a message, from the table that the node follows."""
    parts = [STATES, f"\nEvents. {meanings(Event)}\n\nEffects. {meanings(Effect)}\n"]
    for message_type, table in LIFE_CYCLES.items():
        drawing = "\n".join(diagram(table))
        parts += [f"\n## {message_type.value}\n\n```mermaid\n{drawing}\n```\n\n"]
        parts += ["| State | Event | New state | Effects |\n|---|---|---|---|\n"]
        for (state, event), step in table.items():
            effects = ", ".join(effect.value for effect in Effect if effect in step.effects)
            parts += [row(named(state), event.value, f"`{step.state.value}`", effects)]
    return "".join(parts)


def meanings(thing: type) -> str:
    """What a docstring says after its first paragraph, on one line."""
    return " ".join((inspect.getdoc(thing) or "").partition("\n\n")[2].split())


def named(state: State | None) -> str:
    """A state's name in a table."""
    return "(new)" if state is None else f"`{state.value}`"


def diagram(table: LifeCycle) -> Iterator[str]:
    """The table as a drawing; several events that lead the same way share an arrow."""
    arrows: dict[tuple[str, str], list[str]] = {}
    for (state, event), step in table.items():
        arrows.setdefault(("[*]" if state is None else state.value, step.state.value), []).append(event.value)
    yield "stateDiagram-v2"
    for (before, after), events in arrows.items():
        yield f"    {before} --> {after}: {', '.join(events)}"


def commands_page() -> str:
    """docs/reference/commands.md: the command line, with every argument and option."""
    parts = [COMMANDS]
    for names, command in commands_of(build_app(), ()):
        parts.append(f"\n## mezhved {' '.join(names)}\n\n{described(command)}")
    return "".join(parts)


def commands_of(app: typer.Typer, above: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every command below `app`, with its names, in alphabetical order."""
    found: list[tuple[tuple[str, ...], Any]] = []
    for info in app.registered_commands:
        name = info.name or (info.callback.__name__.replace("_", "-") if info.callback else "")
        found.append(((*above, name), info))
    for group in app.registered_groups:
        if group.typer_instance is not None:
            group_name = group.name or group.typer_instance.info.name
            found.extend(commands_of(group.typer_instance, (*above, str(group_name))))
    yield from sorted(found, key=lambda item: item[0])


def described(command: Any) -> str:
    """A command's description, its arguments and options, and its example."""
    text = [" ".join((command.help or inspect.getdoc(command.callback) or "").split("\f")[0].split()), ""]
    rows = []
    for name, parameter in inspect.signature(command.callback, eval_str=True).parameters.items():
        info, default, kind = declared(parameter)
        if isinstance(info, ArgumentInfo):
            rows.append(row(f"`{info.metavar or name.upper()}`", shown_default(default), info.help or ""))
        elif info is not None:
            rows.append(row(f"`{option(name, info, kind)}`", shown_default(default), info.help or ""))
    if rows:
        text += ["| Argument or option | Default | Meaning |\n|---|---|---|\n" + "".join(rows)]
    if command.epilog:
        note, *examples = re.split(r"Examples?: |; (?=mezhved )", command.epilog)
        text += [note.strip() + "\n"] if note.strip() else []
        text += [f"Example: `{example.strip()}`\n" for example in examples]
    return "\n".join(text)


def option(name: str, info: OptionInfo, kind: Any) -> str:
    """An option's names and what stands for its value."""
    words = [str(word) for word in (info.default, *(info.param_decls or ())) if str(word).startswith("-")]
    long_name = name.replace("_", "-")
    if kind is bool:
        return ", ".join(words) or f"--{long_name}/--no-{long_name}"
    return f"{', '.join(words) or f'--{long_name}'} {info.metavar or metavar(kind)}"


def row(*cells: object) -> str:
    """A line of a table."""
    return f"| {' | '.join(cell(text) for text in cells)} |\n"


def declared(parameter: inspect.Parameter) -> tuple[ArgumentInfo | OptionInfo | None, Any, Any]:
    """How a parameter of a command was declared: typer's information, its default and its type."""
    kind, default, info = parameter.annotation, parameter.default, None
    if get_origin(kind) is Annotated:
        kind, *notes = get_args(kind)
        info = next((note for note in notes if isinstance(note, (ArgumentInfo, OptionInfo))), None)
    if isinstance(default, (ArgumentInfo, OptionInfo)):
        info, default = default, default.default
    return info, default, plain_type(kind)


def plain_type(kind: Any) -> Any:
    """`X | None` and `list[X]` as X."""
    if get_origin(kind) in (UnionType, Union, list, tuple):
        return plain_type(next(part for part in get_args(kind) if part is not type(None)))
    return kind


def metavar(kind: Any) -> str:
    """What stands for the value of an option."""
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return "|".join(kind)
    if get_origin(kind) is Literal:
        return "|".join(map(str, get_args(kind)))
    return {int: "NUMBER", float: "NUMBER", Path: "FILE"}.get(kind, "TEXT")


def shown_default(default: Any) -> str:
    """A default as it stands in the table: nothing for one that is empty."""
    if default is inspect.Parameter.empty or default is ...:
        return "required"
    if default is None or default is False or default in ([], ()):
        return ""
    return f"`{cell(getattr(default, 'value', default))}`"


ACCESS = """\
# Access

Which kinds of messages and which parts of a record are open to whom. The sense of it:
[rights and audit](../explanation/register-rights.md).

## Roles

| Role | Meaning | Needs the person's consent |
|---|---|---|
"""
KINDS_HEAD = """
## Kinds

`own` means: only on behalf of the sender's own organisations, whose OID stands at the path given.

| Kind | Who may | Organisation | Purpose | Personal signature |
|---|---|---|---|---|
"""
SECTIONS_HEAD = """
## Sections of a record

`part`: the columns that are listed below; empty: nothing. What is not visible is not read.

"""
RULES_HEAD = """
## Rules of rights

Each stands in a RequestRejected with the reason `ACCESS_DENIED`.

| Code | Text | Remedy |
|---|---|---|
"""


def access_page() -> str:
    """Rights to the register."""
    known = views().items()
    roles = "".join(row(f"`{role}`", role_meanings()[role], "yes" if view.consent else "") for role, view in known)
    kinds = "".join(kind_rights(kind) for kind in load_kinds())
    rules = "".join(row(f"`{rule.code}`", rule.text, rule.remedy) for rule in access_rules())
    return ACCESS + roles + KINDS_HEAD + kinds + SECTIONS_HEAD + "\n".join(sections_table()) + "\n" + RULES_HEAD + rules


def role_meanings() -> dict[str, str]:
    """What stands below each member of Role."""
    return dict(re.findall(r'^    (\w+) = "\w+"\n    """(.*?)"""', inspect.getsource(Role), re.MULTILINE))


def kind_rights(kind: Kind) -> str:
    """The line of a kind."""
    access = kind.access
    roles = ", ".join(
        f"`{role}`" + (" own" if scope is Scope.OWN_ORGANISATION else "") for role, scope in access.roles.items()
    )
    path = f"`{access.organisation}`" if access.organisation else ""
    return row(f"`{kind.name}`", roles, path, "yes" if access.purpose else "", "yes" if access.signature else "")


def sections_table() -> Iterator[str]:
    """What each role sees of each section, and below it the columns of those who see a part."""
    yield f"| Section | {' | '.join(f'`{role}`' for role in Role)} |"
    yield "|---|" + "---|" * len(Role)
    parts: list[str] = []
    for section in Section:
        cells = []
        for role in Role:
            columns = views()[role].projection.sections.get(section, frozenset())
            cells.append("all" if columns is None else "part" if columns else "")
            if columns:
                parts.append(f"- `{role}`, `{section}`: {', '.join(f'`{column}`' for column in sorted(columns))}")
        yield f"| `{section}` | {' | '.join(cells)} |"
    yield ""
    yield from sorted(parts)


def access_rules() -> list[Rule]:
    """All rules of rights, in the order of their module."""
    return [one for one in vars(rules_of_rights).values() if isinstance(one, Rule)]


PAGES = {
    "settings.md": as_markdown,
    "commands.md": commands_page,
    "faults.md": faults_page,
    "states.md": states_page,
    "metrics.md": metrics_page,
    "access.md": access_page,
}


def main(arguments: list[str]) -> int:
    """Writes the pages, or with `--check` names those that are not as the code says."""
    stale = []
    written = {name: write() for name, write in PAGES.items()} | kinds_reference.pages()
    for name, page in written.items():
        path, text = FOLDER / name, (WRITTEN if name != "settings.md" else "") + page
        if not path.is_file() or path.read_text("utf-8") != text:
            stale.append(name)
            if "--check" not in arguments:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, "utf-8")
    for path in sorted((FOLDER / "kinds").glob("*.md")):
        if f"kinds/{path.name}" not in written:  # of a kind that is gone
            stale.append(f"kinds/{path.name}")
            if "--check" not in arguments:
                path.unlink()
    for name in stale:
        sys.stdout.write(f"docs/reference/{name}\n")
    return 1 if stale and "--check" in arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
