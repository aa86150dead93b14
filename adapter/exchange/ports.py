"""What the protocol needs of the rooms around it, as interfaces."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from lxml.etree import _Element as Element

from .participants import Participant


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
    def version(self) -> str:
        """Version of the kind, by which its roots differ."""

    @property
    def broadcast(self) -> bool:
        """Whether its request goes to every subscriber, and nobody answers (MR 2.3.3)."""

    @property
    def request_root(self) -> str:
        """Clark name of the request's root element."""

    @property
    def response_root(self) -> str | None:
        """Clark name of the response's root element; None for a broadcast, which nobody answers."""

    def validate(self, content: Element) -> Sequence[SchemaError]:
        """All errors of `content` against the kind's schema; empty when it is valid."""

    def is_valid(self, content: Element) -> bool:
        """Whether `content` follows the kind's schema: as `validate`, without finding words for what is wrong."""

    def order_key(self, content: Element) -> str | None:
        """What the request is about, where requests about the same take effect in the order of acceptance; else None.

        Not readable by people: a digest, since it is kept in the queue.
        """


class KindCatalogue(Protocol):
    """The kinds registered in the exchange, by the qualified names that select them."""

    def by_request(self, root: str) -> MessageKind | None:
        """The kind whose request has this root (Clark name)."""

    def by_response(self, root: str) -> MessageKind | None:
        """The kind whose response has this root (Clark name)."""


class Routes(Protocol):
    """Who provides which kind, and who has subscribed to it."""

    def provider(self, kind: MessageKind, sender: Participant) -> str | None:
        """Mnemonic of the system that answers this sender's requests of `kind`; None where nobody does."""

    def of_value(self, kind: MessageKind, value: str, sender: Participant) -> str | None:
        """Mnemonic of the system that stands for `value`, which this sender names (1.3); None where none does."""

    def answers(self, mnemonic: str, kind: MessageKind) -> bool:
        """Whether the system is there and answers requests of the kind, in this version, to some sender."""

    def provides(self, mnemonic: str, kind: str) -> bool:
        """Whether requests of the kind of this name may reach the system, as its provider or subscriber."""

    def subscribers(self, kind: str) -> Sequence[str]:
        """Mnemonics of the systems that receive the broadcast kind of this name."""


class Attached(Protocol):
    """The content of an attachment that came inside a message, where its header and its signature fit it."""

    @property
    def content_id(self) -> str:
        """What the header calls it, the Id of its AttachmentContent."""

    @property
    def size(self) -> int:
        """How many octets it has."""

    def octets(self) -> bytes:
        """The content itself."""


class Bell(Protocol):
    """Wakes those who wait for messages, in other processes too. A lost ring costs a pause, never a message."""

    def ring(self, recipient: str, channel: str) -> None:
        """Something has come into a queue; called after the transaction's end."""

    def close(self) -> None:
        """Rings no more; to be called before the database is closed."""


class NoBell:
    """A bell that nobody hears: where everybody polls."""

    def ring(self, recipient: str, channel: str) -> None:
        """Does nothing."""

    def close(self) -> None:
        """Does nothing."""
