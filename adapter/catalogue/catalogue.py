"""All kinds of the exchange in one catalogue, by the qualified names that select them."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from ..exchange.ports import MessageKind
from .declared import declared_kinds
from .errors import KindClash


class Catalogue:
    """The kinds of the exchange; implements `exchange.ports.KindCatalogue`."""

    def __init__(self, own: Iterable[MessageKind], declared: Iterable[MessageKind] = ()) -> None:
        """`own` are the register's kinds, `declared` those of other providers. Raises KindClash."""
        registered = list(own)
        self._own = frozenset(kind.name for kind in registered)
        self._kinds: list[MessageKind] = []
        self._by_root: dict[str, MessageKind] = {}
        self._by_request: dict[str, MessageKind] = {}
        self._by_response: dict[str, MessageKind] = {}
        for kind in registered:
            self._add(kind)
        for kind in declared:
            if kind.name in self._own:
                raise KindClash(f"{kind.name} is a kind of the register: give the declared one another name")
            self._add(kind)

    def __iter__(self) -> Iterator[MessageKind]:
        """The register's kinds first; every version is one."""
        return iter(self._kinds)

    @property
    def own(self) -> frozenset[str]:
        """Names of the register's kinds."""
        return self._own

    @property
    def names(self) -> frozenset[str]:
        """Names of all kinds."""
        return frozenset(kind.name for kind in self._kinds)

    def versions(self, name: str) -> list[str]:
        """The versions of a kind; empty if there is none of this name."""
        return [kind.version for kind in self._kinds if kind.name == name]

    def by_request(self, root: str) -> MessageKind | None:
        """The kind whose request has this root (Clark name)."""
        return self._by_request.get(root)

    def by_response(self, root: str) -> MessageKind | None:
        """The kind whose response has this root (Clark name)."""
        return self._by_response.get(root)

    def _add(self, kind: MessageKind) -> None:
        self._kinds.append(kind)
        self._by_request[kind.request_root] = kind
        if kind.response_root is not None:
            self._by_response[kind.response_root] = kind
        for root in filter(None, (kind.request_root, kind.response_root)):
            other = self._by_root.setdefault(root, kind)
            if other is not kind:
                raise KindClash(
                    f"{kind.name} {kind.version} and {other.name} {other.version} have the same root element {root}: "
                    "each version needs a namespace of its own"
                )


def load_catalogue(own: Iterable[MessageKind], folder: Path | None) -> Catalogue:
    """The register's kinds and those declared in `folder`, if one is named. Raises CatalogueError or OSError."""
    return Catalogue(own, () if folder is None else declared_kinds(folder))
