"""Kinds declared by the operator: a folder for each, with `kind.toml` and one schema for each version.

```
kinds/licence_card/kind.toml
kinds/licence_card/1.0.0.xsd        the name of the file is the version, its target namespace is the version's own
kinds/licence_card/types.xsd        what they include or import stands beside them
```
"""

import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Self

from lxml.etree import _Element as Element
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from ...xsd.validation import Schema, SchemaUnusable
from ..exchange.ports import SchemaError
from .errors import KindUnusable
from .schema_files import declared_roots, read_schemas

DESCRIPTION_FILE = "kind.toml"
_NAME = re.compile(r"[a-z][a-z0-9_]{0,49}")
_VERSION = re.compile(r"\d+(\.\d+)*")

_Text = Annotated[str, Field(min_length=1)]
_LocalName = Annotated[str, Field(pattern=r"^[^\W\d][\w.-]*$")]


class Description(BaseModel):
    """What `kind.toml` says of a kind.

    `title` is Russian, for exchange partners; `purpose` is English, for operators. `request` and `response` are the
    local names of the root elements; a broadcast has no response.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: _Text
    purpose: _Text
    request: _LocalName
    response: _LocalName | None = None
    broadcast: bool = False

    @model_validator(mode="after")
    def _answered_or_not(self) -> Self:
        if self.broadcast and self.response is not None:
            raise ValueError("nobody answers a broadcast: leave out the response")
        if not self.broadcast and self.response is None:
            raise ValueError("response is missing: name the root element of the answer")
        if self.request == self.response:
            raise ValueError("request and response need root elements of different names")
        return self


@dataclass(frozen=True, slots=True)
class DeclaredKind:
    """One version of a kind that another system provides."""

    name: str
    version: str
    namespace: str
    description: Description
    schema: Schema

    @property
    def broadcast(self) -> bool:
        """Whether its request goes to every subscriber, and nobody answers."""
        return self.description.broadcast

    @property
    def request_root(self) -> str:
        """Clark name of the request's root element."""
        return f"{{{self.namespace}}}{self.description.request}"

    @property
    def response_root(self) -> str | None:
        """Clark name of the response's root element; None for a broadcast."""
        response = self.description.response
        return None if response is None else f"{{{self.namespace}}}{response}"

    def validate(self, content: Element) -> Sequence[SchemaError]:
        """All errors of `content` against the kind's schema; empty when it is valid."""
        return [SchemaError(error.line, error.path, error.text) for error in self.schema.errors(content)]

    def is_valid(self, content: Element) -> bool:
        """Whether `content` follows the kind's schema."""
        return self.schema.is_valid(content)

    def order_key(self, content: Element) -> str | None:  # noqa: ARG002
        """The node does not know what a request to another provider is about."""
        return None


def declared_kinds(folder: Path) -> Iterator[DeclaredKind]:
    """All versions of all kinds of a folder, by name and version; compiles their schemas. Raises KindUnusable or
    OSError.
    """
    for place in sorted(folder.iterdir()):
        if place.is_dir() and not place.name.startswith("."):
            yield from _kinds(place)


def _kinds(place: Path) -> Iterator[DeclaredKind]:
    if not _NAME.fullmatch(place.name):
        raise KindUnusable(f"{place}: the folder's name is the kind's: small letters, digits and _, as licence_card")
    description = _description(place / DESCRIPTION_FILE)
    versions = sorted((path for path in place.glob("*.xsd") if _VERSION.fullmatch(path.stem)), key=_number)
    if not versions:
        raise KindUnusable(f"{place}: there is no schema; name it after its version, as 1.0.0.xsd")
    for path in versions:
        yield _kind(path, place, description)


def _number(path: Path) -> list[int]:
    return [int(part) for part in path.stem.split(".")]


def _description(path: Path) -> Description:
    if not path.is_file():
        raise KindUnusable(f"{path} is not there: every folder of a kind needs one")
    try:
        return Description.model_validate(tomllib.loads(path.read_text("utf-8")))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise KindUnusable(f"{path}: not a TOML file: {error}") from error
    except ValidationError as error:
        problems = (f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors(include_url=False))
        raise KindUnusable("\n".join(f"{path}: {problem.removeprefix(': ')}" for problem in problems)) from error


def _kind(path: Path, folder: Path, description: Description) -> DeclaredKind:
    schemas = read_schemas(path, folder)
    namespace = schemas[0].get("targetNamespace")
    if not namespace:
        raise KindUnusable(f"{path}: the schema needs a targetNamespace: a message is known by it")
    declared = declared_roots(schemas, namespace)
    for root in (description.request, description.response):
        if root is not None and root not in declared:
            raise KindUnusable(f"{path}: declares no element {root}, which {folder / DESCRIPTION_FILE} names")
    try:
        return DeclaredKind(folder.name, path.stem, namespace, description, Schema(path))
    except SchemaUnusable as error:
        raise KindUnusable(str(error)) from error
