"""Kinds of messages (виды сведений): what one is, and the catalogue of those there are."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from lxml.etree import _Element as Element

from ... import xsd
from ...xsd.validation import Schema
from ..exchange.ports import SchemaError
from .access import Access
from .ordering import OrderKey
from .outcome import Handler
from .rule import Rule

NAMESPACE = "urn://x-artefacts-mezhved/frmr"


class UnknownKind(LookupError):  # noqa: N818  named for what is wrong
    """The register has no kind of this name."""


@dataclass(frozen=True, slots=True)
class Description:
    """What a package below `registry.kinds` says of its kind, as its constant KIND; the rest follows from its name.

    `title` is Russian, for exchange partners; `purpose` is English, for operators. `writes` tells whether the kind
    changes the register, `access` who may use it. `rules` are the kind's own: those of rights follow from `access`.
    `order_key` names what a request is about, if requests about the same are to take effect in the order of acceptance.
    """

    version: str
    title: str
    purpose: str
    writes: bool
    access: Access
    handler: Handler
    rules: tuple[Rule, ...]
    order_key: OrderKey | None = None


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of message: its names, its schema and its handler."""

    name: str
    description: Description
    schema: Schema

    @classmethod
    def of(cls, name: str, description: Description) -> "Kind":
        """The kind of this name (that of its package); compiles its schema."""
        return cls(name, description, Schema(schema_path(name, description.version)))

    @property
    def version(self) -> str:
        """Version of the kind, the last part of its namespace."""
        return self.description.version

    @property
    def broadcast(self) -> bool:
        """The register answers every request: none of its kinds is a broadcast."""
        return False

    @property
    def namespace(self) -> str:
        """Namespace of the request and the response."""
        return namespace(self.name, self.version)

    @property
    def request_root(self) -> str:
        """Clark name of the request's root element."""
        return f"{{{self.namespace}}}{_camel(self.name)}Request"

    @property
    def response_root(self) -> str:
        """Clark name of the response's root element."""
        return f"{{{self.namespace}}}{_camel(self.name)}Response"

    @property
    def schema_path(self) -> Path:
        """The file of the kind's schema."""
        return self.schema.path

    @property
    def writes(self) -> bool:
        """Whether the kind changes the register."""
        return self.description.writes

    @property
    def access(self) -> Access:
        """Who may put its requests."""
        return self.description.access

    @property
    def handler(self) -> Handler:
        """What answers the requests; refuses or answers, and leaves the transaction to its caller."""
        return self.description.handler

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The rules of the kind beyond its schema: those of its rights, then its own."""
        return (*self.access.rules, *self.description.rules)

    def validate(self, content: Element) -> list[SchemaError]:
        """All errors of `content` against the kind's schema; empty when it is valid."""
        return [SchemaError(error.line, error.path, error.text) for error in self.schema.errors(content)]

    def is_valid(self, content: Element) -> bool:
        """Whether `content` follows the kind's schema."""
        return self.schema.is_valid(content)

    def order_key(self, content: Element) -> str | None:
        """What the request is about, if requests about the same must take effect in the order of acceptance."""
        return None if self.description.order_key is None else self.description.order_key(content)


class Kinds:
    """The kinds of the register, by name and by the qualified names that select them."""

    def __init__(self, kinds: Iterable[Kind]) -> None:
        self._by_name = {kind.name: kind for kind in kinds}
        self._by_request = {kind.request_root: kind for kind in self}
        self._by_response = {kind.response_root: kind for kind in self}

    def __iter__(self) -> Iterator[Kind]:
        return iter(self._by_name.values())

    def __len__(self) -> int:
        return len(self._by_name)

    def by_request(self, root: str) -> Kind | None:
        """The kind whose request has this root (Clark name)."""
        return self._by_request.get(root)

    def by_response(self, root: str) -> Kind | None:
        """The kind whose response has this root (Clark name)."""
        return self._by_response.get(root)

    def by_name(self, name: str) -> Kind:
        """The kind of this name; raises UnknownKind."""
        try:
            return self._by_name[name]
        except KeyError:
            raise UnknownKind(name) from None


def namespace(name: str, version: str) -> str:
    """Namespace of a kind."""
    return f"{NAMESPACE}/{name}/{version}"


def schema_path(name: str, version: str) -> Path:
    """Where the schema of a kind stands."""
    return Path(xsd.__path__[0], "frmr", name, f"{version}.xsd")


def _camel(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("_"))
