"""What the protocol reads of //SenderProvidedRequestData."""

from dataclasses import dataclass

from lxml.etree import _Element as Element

from ...exchange.contract import Contract


@dataclass(frozen=True, slots=True)
class RequestData:
    """The fields of a request as its sender wrote them; `content` is inside what the caller has signed."""

    message_id: str
    reference_message_id: str | None
    transaction_code: str | None
    node_id: str | None
    end_of_life: str | None
    content: Element
    test: bool

    @classmethod
    def read(cls, contract: Contract, data: Element) -> "RequestData":
        """Reads the fields of an element that is valid against the contract's schema."""
        fields = {child.tag: child for child in data}

        def text(name: str) -> str | None:
            field = fields.get(f"{{{contract.types}}}{name}")
            return None if field is None else field.text or ""

        return cls(
            message_id=text("MessageID") or "",
            reference_message_id=text("ReferenceMessageID"),
            transaction_code=text("TransactionCode"),
            # Read as GetResponse reads it; and of white space alone nothing is signed.
            node_id=(text("NodeID") or "").strip() or None,
            end_of_life=text("EOL"),
            content=next(fields[f"{{{contract.basic}}}MessagePrimaryContent"].iterchildren("*")),
            test=f"{{{contract.types}}}TestMessage" in fields,
        )
