"""//MessageTypeSelector: which messages of a queue the caller wants."""

from dataclasses import dataclass

from ...exchange.faults import UnknownMessageType
from ...exchange.ports import KindCatalogue, MessageKind
from ..call import Call


@dataclass(frozen=True, slots=True)
class Selector:
    """A selector as its sender wrote it; `name` is the Clark name of a request or response, None where none is named.

    White space around a value means nothing.
    """

    timestamp: str
    node_id: str | None
    name: str | None

    @classmethod
    def read(cls, call: Call) -> "Selector":
        """Reads the selector of a call that is valid against the contract's schema."""
        fields = {child.tag: (child.text or "").strip() for child in call.body[0]}
        basic = f"{{{call.contract.basic}}}"
        namespace, root = fields.get(f"{basic}NamespaceURI"), fields.get(f"{basic}RootElementLocalName")
        return cls(
            timestamp=fields[f"{basic}Timestamp"],
            node_id=fields.get(f"{basic}NodeID"),
            name=None if namespace is None or root is None else f"{{{namespace}}}{root}",
        )

    def kind(self, kinds: KindCatalogue) -> MessageKind | None:
        """The kind that is meant, by either of its roots and in whatever version; None: any kind.

        Raises UnknownMessageType if no kind of this name is registered.
        """
        if self.name is None:
            return None
        kind = kinds.by_response(self.name) or kinds.by_request(self.name)
        if kind is None:
            raise UnknownMessageType(self.name)
        return kind
