"""The rooms of the house: who may import whom, who alone knows a third-party package, and how large a module may grow.

Read with a few lines of `ast` rather than by importing anything, so that an import inside a function counts as well.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CODE = ("__init__.py", "testing.py", "adapter", "signing", "queue", "xsd", "wsdl")
MOST_LINES = 400

BOTTOM = {"signing", "queue", "xsd", "wsdl"}
PROTOCOL = {"adapter.exchange"}
STORE = {"adapter.store"}
DISPATCH = {"adapter.dispatch"}
MIDDLE = {"adapter.soap", "adapter.registry"}

# Room -> the rooms that it may import. A room that is missing here fails the test: decide where it stands.
MAY_IMPORT: dict[str, set[str]] = {
    "signing": set(),
    "queue": set(),
    "xsd": set(),
    "wsdl": set(),
    "adapter.exchange": set(),
    "adapter.catalogue": {"xsd"} | PROTOCOL,
    "adapter.store": {"queue"} | PROTOCOL,
    "adapter.dispatch": {"signing", "queue"} | PROTOCOL | STORE,
    "adapter.registry": BOTTOM | PROTOCOL | STORE | DISPATCH,
    "adapter.soap": BOTTOM | PROTOCOL | STORE | DISPATCH,
    "adapter.files": {"signing"} | PROTOCOL | STORE | DISPATCH,
    "adapter.client": {"signing", "xsd", "wsdl", "adapter.soap"} | PROTOCOL,
    "adapter.conformance": {"signing", "xsd", "wsdl", "adapter.soap"} | PROTOCOL,
    "adapter.migrations": {"queue", "adapter.registry"} | STORE,
    "adapter.timers": {"signing", "queue"} | PROTOCOL | STORE | DISPATCH,
    "adapter.observing": {"signing", "queue", "adapter.migrations", "adapter.settings"} | PROTOCOL | STORE,
    "adapter.http": {"adapter.files", "adapter.observing", "wsdl", "xsd", "adapter.settings"}
    | MIDDLE
    | PROTOCOL
    | STORE,
}
# What puts the rooms together may import them all, but no room may import it.
ABOVE_ALL = {
    "adapter.node",
    "adapter.filing",
    "adapter.cli",
    "adapter.commands",
    "adapter.bench",
    "adapter.stand",
    "adapter.opening",
    "adapter.timing",
    "adapter.story",
    "adapter.client_console",
    "adapter.participants_console",
    "testing",
}
# Beside the rooms: what settings there are, and how commands speak. They know no room but those named here.
BESIDE: dict[str, set[str]] = {
    "adapter.settings": {"adapter.exchange"},
    "adapter.settings_errors": set(),
    "adapter.settings_sources": {"adapter.settings", "adapter.settings_errors"},
    "adapter.settings_reference": {"adapter.settings", "adapter.settings_sources"},
    "adapter.console": {"adapter.settings", "adapter.settings_errors", "adapter.settings_sources"},
    "adapter.logs": {"adapter.settings", "adapter.observing"},
    "adapter.materials": {"adapter.settings", "signing"},
    "adapter.officials_file": {"signing", "adapter.participants_file", "adapter.registry"},
    "adapter.participants_file": {"signing", "adapter.exchange", "adapter.settings"},
}

# Third-party package -> the only modules that may know it.
ONLY_IN: dict[str, tuple[str, ...]] = {
    "spyne": ("adapter.soap.spyne_bridge", "adapter.soap._spyne_compat"),
    "aiohttp": ("adapter.soap.package",),
    "zeep": ("adapter.client",),
    "cffi": ("signing.providers",),
    "cryptography": ("signing", "adapter.conformance.signature_variants"),
    "sqlalchemy": ("queue", "adapter"),
    "alembic": ("adapter.migrations",),
    "apscheduler": ("adapter.timers",),
    "starlette": ("adapter.http", "adapter.node", "adapter.filing"),
    "uvicorn": ("adapter.http",),
    "pyftpdlib": ("adapter.files._ftpd_compat",),
    "prometheus_client": ("adapter.observing",),
    "opentelemetry": ("adapter.observing.tracing",),
    "typer": ("adapter.cli", "adapter.console", "adapter.commands", "adapter.conformance.command_line"),
    "pydantic_settings": ("adapter.settings", "adapter.settings_sources"),
}

# Revisions are written by Alembic from the declared tables, and run by it as scripts, outside the package.
WRITTEN_BY_ALEMBIC = ("adapter.migrations.versions",)
# Module -> why it may be longer than the rest.
LONG_MODULES: dict[str, str] = {
    "adapter.settings": "one field for each setting, group by group: a table",
    "adapter.exchange.faults": "one class for each fault of the contract, side by side: a table",
}
# Module -> where an unforeseen error ends on purpose, and what becomes of it.
BOUNDARIES: dict[str, str] = {
    "adapter.soap.endpoint": "what nobody has foreseen is logged, and the caller hears SMEVFailure",
    "adapter.soap.spyne_bridge": "carried past spyne, which would answer it itself, and raised again behind it",
    "adapter.registry.worker": "a handler's error undoes its own request, is logged, and the request is tried again",
}


@dataclass(frozen=True)
class Module:
    """A module of the package, by its name below `mezhved`."""

    name: str
    path: Path

    @property
    def text(self) -> str:
        return self.path.read_text("utf-8")

    @property
    def tree(self) -> ast.Module:
        return _parsed(self.path)

    @property
    def package(self) -> list[str]:
        """The package that relative imports start from."""
        parts = self.name.split(".") if self.name else []
        return parts if self.path.name == "__init__.py" else parts[:-1]

    def imports(self) -> Iterator[tuple[int, str]]:
        """Line and name of everything imported; our own modules by their names below `mezhved`, after a leading dot."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                yield from ((node.lineno, alias.name) for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.level:
                base = self.package[: len(self.package) - node.level + 1] + (node.module or "").split(".")
                stem = ".".join(part for part in base if part)
                yield from ((node.lineno, f".{stem}.{alias.name}".replace("..", ".")) for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                yield node.lineno, node.module or ""


@cache
def _parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


@cache
def modules() -> tuple[Module, ...]:
    """Every module that the package ships."""
    found = []
    for start in CODE:
        top = ROOT / start
        for path in [top] if top.is_file() else sorted(top.rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            found.append(Module(".".join(parts[:-1] if parts[-1] == "__init__" else parts), path))
    return tuple(found)


def room_of(name: str) -> str:
    """The room that a module, or something imported from one, stands in."""
    parts = name.lstrip(".").split(".")
    return ".".join(parts[:2]) if parts[0] == "adapter" else parts[0]


def within(name: str, places: tuple[str, ...]) -> bool:
    return any(name == place or name.startswith(f"{place}.") for place in places)


def allowed(importer: str) -> set[str] | None:
    """The rooms that a room may import besides itself; None for one that may import all."""
    if importer in ABOVE_ALL or importer in {"", "adapter"}:
        return None
    return {**MAY_IMPORT, **BESIDE}[importer]


def test_every_room_has_its_place() -> None:
    rooms = {room_of(module.name) for module in modules()} - {"", "adapter", "__init__"}
    assert rooms - ABOVE_ALL - MAY_IMPORT.keys() - BESIDE.keys() == set()


def test_dependencies_point_down_only() -> None:
    wrong = []
    for module in modules():
        importer = room_of(module.name)
        permitted = allowed(importer)
        for line, name in module.imports():
            if not name.startswith("."):
                continue
            imported = room_of(name)
            if permitted is not None and imported != importer and imported not in permitted:
                wrong.append(f"{module.path.relative_to(ROOT)}:{line}: {importer} imports {imported}")
    assert wrong == []


def test_rooms_at_the_bottom_know_nothing_of_each_other() -> None:
    assert all(MAY_IMPORT[room] == set() for room in BOTTOM)


def test_the_table_itself_has_no_circle() -> None:
    seen: set[str] = set()

    def visit(room: str, way: tuple[str, ...]) -> None:
        assert room not in way, f"circle: {' -> '.join((*way, room))}"
        if room not in seen:
            for below in {**MAY_IMPORT, **BESIDE}.get(room, set()):
                visit(below, (*way, room))
            seen.add(room)

    for room in (*MAY_IMPORT, *BESIDE):
        visit(room, ())


def test_our_own_code_is_imported_relatively() -> None:
    """An absolute import of ours would take another copy of the package, if one is installed."""
    tops = {"mezhved", "adapter", "signing", "xsd", "wsdl"}
    wrong = [
        f"{module.name}:{line}: {name}"
        for module in modules()
        for line, name in module.imports()
        if name.split(".")[0] in tops and not within(module.name, WRITTEN_BY_ALEMBIC)
    ]
    assert wrong == []


@pytest.mark.parametrize("package", sorted(ONLY_IN))
def test_a_third_party_package_stays_in_its_room(package: str) -> None:
    users = {module.name for module in modules() for _, name in module.imports() if name.split(".")[0] == package}
    assert {user for user in users if not within(user, ONLY_IN[package])} == set()


def test_modules_are_short() -> None:
    written = [module for module in modules() if not within(module.name, WRITTEN_BY_ALEMBIC)]
    lines = {module.name: len(module.text.splitlines()) for module in written}
    too_long = {name: count for name, count in lines.items() if count > MOST_LINES and name not in LONG_MODULES}
    assert too_long == {}, "split them, or say in LONG_MODULES why not"
    assert {name for name in LONG_MODULES if lines.get(name, 0) <= MOST_LINES} == set(), "no longer long: strike them"


def test_only_commands_write_to_standard_output() -> None:
    # revise.py is run by developers: python -m mezhved.adapter.migrations.revise
    speaking = ("adapter.commands", "adapter.console", "adapter.migrations.revise")
    wrong = []
    for module in modules():
        for node in ast.walk(module.tree):
            is_print = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
            if is_print and not within(module.name, speaking):
                wrong.append(f"{module.path.relative_to(ROOT)}:{node.lineno}")
    assert wrong == []


def test_no_error_is_swallowed() -> None:
    """`except Exception` may note or translate an error, but then it raises; a bare `except:` may not stand at all."""
    wrong = []
    for module in modules():
        for node in ast.walk(module.tree):
            if not isinstance(node, ast.ExceptHandler):
                continue
            broad = node.type is None or (
                isinstance(node.type, ast.Name) and node.type.id in {"Exception", "BaseException"}
            )
            goes_on = not any(isinstance(inner, ast.Raise) for inner in ast.walk(node))
            if node.type is None or (broad and goes_on and module.name not in BOUNDARIES):
                wrong.append(f"{module.path.relative_to(ROOT)}:{node.lineno}")
    assert wrong == []
