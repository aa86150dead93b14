"""What the protocol needs of the rooms around it, as interfaces."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from lxml.etree import _Element as Element


@dataclass(frozen=True, slots=True)
class SchemaError:
    """One error of validation: 1-based line of the envelope as received, path of the element, text for a person."""

    line: int
    path: str
    text: str


class MessageKind(Protocol):
    """A kind of message (вид сведений): one namespace with one request root and one response root."""

    @property
    def name(self) -> str:
        """The one name of the kind, the same for all its versions (`worker_card`)."""

    @property
    def request_root(self) -> str:
        """Clark name of the request's root element."""

    @property
    def response_root(self) -> str:
        """Clark name of the response's root element."""

    def validate(self, content: Element) -> Sequence[SchemaError]:
        """All errors of `content` against the kind's schema; empty when it is valid."""


class KindCatalogue(Protocol):
    """The kinds registered in the exchange, by the qualified names that select them."""

    def by_request(self, root: str) -> MessageKind | None:
        """The kind whose request has this root (Clark name)."""

    def by_response(self, root: str) -> MessageKind | None:
        """The kind whose response has this root (Clark name)."""
