"""What the protocol reads of //SenderProvidedResponseData."""

from dataclasses import dataclass
from typing import cast

from lxml.etree import _Element as Element

from ...exchange.contract import Contract
from ...exchange.faults import InvalidContent, ValidationError
from ...exchange.lifecycle import Event


@dataclass(frozen=True, slots=True)
class ResponseData:
    """The fields of a response as its provider wrote them.

    `content` is inside what the caller has signed; None where it refuses (RequestRejected) or tells how far it has come
    (RequestStatus). `event` is what this is in the life of the request.
    """

    message_id: str
    to: str
    content: Element | None
    event: Event

    @classmethod
    def read(cls, contract: Contract, data: Element) -> "ResponseData":
        """Reads the fields of an element that is valid against the contract's schema.

        Raises InvalidContent for an AsyncProcessingStatus: only the node itself may say it (MR 3.4.1).
        """
        fields = {child.tag: child for child in data}
        status = fields.get(f"{{{contract.types}}}AsyncProcessingStatus")
        if status is not None:
            path = "SendResponseRequest/SenderProvidedResponseData/AsyncProcessingStatus"
            text = "этот элемент передаёт только узел; откажите через RequestRejected или сообщите RequestStatus"
            raise InvalidContent((ValidationError(cast(int, status.sourceline), path, text),))
        primary = fields.get(f"{{{contract.basic}}}MessagePrimaryContent")
        return cls(
            message_id=fields[f"{{{contract.types}}}MessageID"].text or "",
            to=fields[f"{{{contract.types}}}To"].text or "",
            content=None if primary is None else next(primary.iterchildren("*")),
            event=Event.REPORTED if f"{{{contract.types}}}RequestStatus" in fields else Event.ANSWERED,
        )
