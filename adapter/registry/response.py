"""The register's answers as messages: //SenderProvidedResponseData in canonical octets, signed by its system.

The register answers just as any other provider would, through the body of a SendResponse, so that what is delivered
does not depend on who made it.
"""

from collections.abc import Sequence

from lxml.etree import _Element as Element

from ...signing.canonical import exclusive_c14n
from ...signing.keys import SigningKey
from ...signing.xmldsig import sign_octets
from ..exchange.contract import SOAP_ENVELOPE, Contract
from ..exchange.writing import element, escape_attribute
from .outcome import Rejection

_SIGNED_ID = "SIGNED_BY_PROVIDER"
_DESCRIPTION_LIMIT = 4000
"""Longest RejectionReasonDescription of the contract, in characters."""


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


def write_response(contract: Contract, message_id: str, to: str, business: bytes, key: SigningKey) -> bytes:
    """The envelope of a SendResponse: what the register says, and its signature over it."""
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


def write_notice(contract: Contract, original_message_id: str, status: str, details: str) -> bytes:
    """//AsyncProcessingStatus for the sender's status queue."""
    return (
        f'<t:AsyncProcessingStatus xmlns:t="{contract.types}">'
        + element("t:OriginalMessageId", original_message_id)
        + element("t:StatusCategory", status)
        + element("t:StatusDetails", details)
        + "</t:AsyncProcessingStatus>"
    ).encode()
