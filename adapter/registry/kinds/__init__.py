"""The register's kinds of messages, one package each. They are found by scanning this folder: there is no list."""

import importlib
import pkgutil

from ..kind import Description, Kind, Kinds, UnknownKind

__all__ = ["Kind", "Kinds", "UnknownKind", "load_kinds"]


class IncompleteKind(Exception):  # noqa: N818  named for what is wrong
    """A package below registry/kinds lacks its constant KIND (a `registry.kind.Description`)."""


def load_kinds() -> Kinds:
    """All kinds, in the order of their names; compiles their schemas. Raises IncompleteKind, or SchemaUnusable."""
    return Kinds(_load(module.name) for module in pkgutil.iter_modules(__path__) if module.ispkg)


def _load(name: str) -> Kind:
    description = getattr(importlib.import_module(f"{__name__}.{name}"), "KIND", None)
    if not isinstance(description, Description):
        raise IncompleteKind(f"{__name__}.{name} declares no KIND")
    return Kind.of(name, description)
