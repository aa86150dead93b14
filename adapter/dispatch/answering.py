"""What a provider answers, as messages: //SenderProvidedResponseData in canonical octets, signed by its system.

The register answers just as any other provider would, through the body of a SendResponse, and so does the node itself
when it has found out later that a message cannot be delivered. What is delivered does not depend on who made it.
"""

from collections.abc import Sequence
from datetime import datetime

from lxml.etree import _Element as Element

from ...signing.canonical import exclusive_c14n
from ...signing.keys import SigningKey
from ...signing.xmldsig import sign_octets
from ..exchange.contract import SOAP_ENVELOPE, Contract
from ..exchange.copies import original_id
from ..exchange.faults import ExchangeFault
from ..exchange.lifecycle import MessageType, State
from ..exchange.rejection import Rejection
from ..exchange.writing import element, escape_attribute
from ..store.messages import Message

_SIGNED_ID = "SIGNED_BY_PROVIDER"
_DESCRIPTION_LIMIT = 4000
"""Longest RejectionReasonDescription of the contract, in characters."""
_DETAILS_LIMIT = 500
"""Longest StatusDetails of the contract, in characters."""


def answered(content: Element) -> bytes:
    """The business part of a response that answers: the content of the kind."""
    return b"<b:MessagePrimaryContent>%s</b:MessagePrimaryContent>" % exclusive_c14n(content)


def rejected(rejections: Sequence[Rejection]) -> bytes:
    """The business part of a response that refuses: one RequestRejected for each error (protocol §4)."""
    return "".join(
        "<t:RequestRejected>"
        + element("t:RejectionReasonCode", rejection.reason)
        + element("t:RejectionReasonDescription", rejection.description[:_DESCRIPTION_LIMIT])
        + "</t:RequestRejected>"
        for rejection in rejections
    ).encode()


def processing_status(
    message_id: str, category: str, details: str, fault: ExchangeFault | None = None, *, routing: str = ""
) -> bytes:
    """//AsyncProcessingStatus: what became of a message, as the business part of a system response (MR 2.6.3).

    `routing` is a //RoutingStatus in canonical form, where there is one (1.3).
    """
    why = (
        ""
        if fault is None
        else "<t:SmevFault>"
        + element("b:Code", fault.code)
        + element("b:Description", f"{fault.code}:{fault.description}")
        + "</t:SmevFault>"
    )
    return (
        "<t:AsyncProcessingStatus>"
        + element("t:OriginalMessageId", original_id(message_id))
        + element("t:StatusCategory", category)
        + element("t:StatusDetails", details[:_DETAILS_LIMIT])
        + routing
        + why
        + "</t:AsyncProcessingStatus>"
    ).encode()


def write_response(contract: Contract, message_id: str, to: str, business: bytes, key: SigningKey) -> bytes:
    """The envelope of a SendResponse: what the provider says, and its signature over it."""
    types = contract.types.encode()
    data = b"".join(
        (
            b'<t:SenderProvidedResponseData xmlns:b="%s" xmlns:t="%s" Id="%s">'
            % (contract.basic.encode(), types, escape_attribute(_SIGNED_ID).encode()),
            element("t:MessageID", message_id).encode(),
            element("t:To", to).encode(),
            business,
            b"</t:SenderProvidedResponseData>",
        )
    )
    return (
        b'<S:Envelope xmlns:S="%s"><S:Body><t:SendResponseRequest xmlns:t="%s">%s<t:CallerInformationSystemSignature>%s'
        b"</t:CallerInformationSystemSignature></t:SendResponseRequest></S:Body></S:Envelope>"
    ) % (SOAP_ENVELOPE.encode(), types, data, sign_octets(data, _SIGNED_ID, key))


def response_to(request: Message, message_id: str, provider: str, contract: Contract, now: datetime) -> Message:
    """The response to a request, as the log and the queue see it: for the sub-queue of the node that asked."""
    return Message(
        message_id=message_id,
        message_type=MessageType.RESPONSE,
        kind=request.kind,
        sender=provider,
        recipient=request.sender,
        contract=contract.version,
        accepted_at=now,
        state=State.RESPONSE_IS_ACCEPTED_BY_SMEV,
        original_message_id=original_id(request.message_id),
        # The first message of the chain, which may be the request itself (MR 3.5.1).
        reference_message_id=request.reference_message_id or request.message_id,
        transaction_code=request.transaction_code,
        node_id=request.node_id,
        test=request.test,
    )


def write_notice(contract: Contract, status: bytes) -> bytes:
    """A notice for the status queue: `status` (of `processing_status`) with its namespaces, kept until it is read."""
    opening = f'<t:AsyncProcessingStatus xmlns:b="{contract.basic}" xmlns:t="{contract.types}">'
    return opening.encode() + status.removeprefix(b"<t:AsyncProcessingStatus>")
