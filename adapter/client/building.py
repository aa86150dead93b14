"""What the client sends: business content read from anywhere, and signed envelopes as exact octets."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import product
from typing import Any

from lxml import etree
from lxml.etree import _Element as Element

from ...signing.detached import sign_file
from ...signing.keys import SigningKey
from ...signing.policy import SignaturePolicy
from ...signing.xmldsig import sign
from ..exchange.contract import CONTRACTS, SOAP_ENVELOPE, Contract, Operation, SignatureRole
from ..exchange.message_id import InvalidMessageId, MessageId
from ..exchange.signature_places import empty_holder, find_scopes, find_signatures, places, targets_of
from ..exchange.writing import new_element_id
from .answers import BusinessStatus, Rejected
from .batching import detached, sign_records, sign_routing
from .errors import ContentUnusable
from .parsing import NotXml, parse
from .storing import SentFile

Answer = Element | Sequence[Rejected] | BusinessStatus
"""What a provider says to a request: content, or why it refuses (one or more), or how far it has come."""
_SENT = {
    Operation.SEND_REQUEST: "SenderProvidedRequestData",
    Operation.SEND_RESPONSE: "SenderProvidedResponseData",
}


@dataclass(frozen=True, slots=True)
class OutgoingFile:
    """A file to be attached to a message, and its media type, such as application/pdf."""

    octets: bytes = field(repr=False)
    mime_type: str = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class Prepared:
    """A signed call, ready to be sent, and to be sent again just as it is.

    `message_id` is that of the message which it carries or names; empty where there is none.
    """

    operation: Operation
    octets: bytes
    message_id: str


def read_content(octets: bytes) -> Element:
    """The root element of business content. Raises ContentUnusable.

    Nothing outside the octets is read. Comments and white space stay as they are.
    """
    try:
        root = parse(octets)
    except NotXml as error:
        raise ContentUnusable(str(error)) from error
    if etree.QName(root).namespace is None:
        raise ContentUnusable(f"<{root.tag}> is in no namespace: a kind of message is known by its namespace")
    return root


def is_envelope(root: Element) -> bool:
    """Whether a document is a whole SOAP envelope rather than business content."""
    return bool(root.tag == f"{{{SOAP_ENVELOPE}}}Envelope")


def prepared_before(octets: bytes, version: str) -> Prepared:
    """The message in an envelope that was signed earlier, to be sent just as it is. Raises ContentUnusable.

    `version` is the contract that the client speaks; an envelope of another is refused.
    """
    root = read_content(octets)
    for contract, (operation, name) in product(CONTRACTS.values(), _SENT.items()):
        data = root.find(f"{{{SOAP_ENVELOPE}}}Body/{contract.request_root(operation)}/{{{contract.types}}}{name}")
        if data is None:
            continue
        if contract.version != version:
            raise ContentUnusable(f"the envelope is of contract {contract.version}, but the client speaks {version}")
        return Prepared(operation, octets, data.findtext(f"{{{contract.types}}}MessageID") or "")
    raise ContentUnusable("the envelope holds no SendRequestRequest or SendResponseRequest of a known contract version")


def checked_message_id(text: str) -> str:
    """A MessageID that somebody has chosen. Raises ContentUnusable where every node would refuse it."""
    try:
        return MessageId.parse(text).text
    except InvalidMessageId as error:
        raise ContentUnusable(f"{error}: it must be a UUID of version 1 in lower case") from error


def attached(
    attachments: Sequence[OutgoingFile], key: SigningKey, at: datetime
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Attachments as fields of the sender's data (their headers, with signatures) and of the operation (contents).

    Each file is signed with `key`: that of an official, or of the system (MR 3.3, section 4.5.4).
    """
    if not attachments:
        return {}, {}
    ids = [new_element_id() for _ in attachments]
    headers = [
        {"contentId": content_id, "MimeType": one.mime_type, "SignaturePKCS7": sign_file([one.octets], key, at=at)}
        for content_id, one in zip(ids, attachments, strict=True)
    ]
    contents = [{"Id": content_id, "Content": one.octets} for content_id, one in zip(ids, attachments, strict=True)]
    return (
        {"AttachmentHeaderList": {"AttachmentHeader": headers}},
        {"AttachmentContentList": {"AttachmentContent": contents}},
    )


def beside(files: Sequence[SentFile]) -> dict[str, Any]:
    """Files of the store as fields of the sender's data."""
    if not files:
        return {}
    headers = [
        {"uuid": one.file_id, "Hash": one.hash, "MimeType": one.mime_type, "SignaturePKCS7": one.signature}
        for one in files
    ]
    return {"RefAttachmentHeaderList": {"RefAttachmentHeader": headers}}


def said(answer: Answer) -> dict[str, Any]:
    """What a provider answers, as fields of //SenderProvidedResponseData."""
    if isinstance(answer, BusinessStatus):
        parameters = [{"Key": key, "Value": value} for key, value in answer.parameters]
        status = {"StatusCode": answer.code, "StatusParameter": parameters, "StatusDescription": answer.description}
        return {"RequestStatus": status}
    if isinstance(answer, Element):
        return {"MessagePrimaryContent": {"_value_1": detached(answer)}}
    return {
        "RequestRejected": [
            {"RejectionReasonCode": one.reason, "RejectionReasonDescription": one.description} for one in answer
        ]
    }


def signed_octets(
    contract: Contract,
    envelope: Element,
    key: SigningKey,
    policy: SignaturePolicy,
    personal: SigningKey | None = None,
) -> bytes:
    """Signs what the operation demands and serialises the envelope; nothing touches the tree in between or after.

    `envelope` has an empty Signature at the caller's place. `personal` is an official's key, which signs the business
    content before the caller signs it all; in a registry request that of each record. The octets are UTF-8 without any
    added white space.
    """
    body = next(envelope.iterchildren(f"{{{SOAP_ENVELOPE}}}Body"))[0]
    if not sign_records(contract, body, (key, personal), policy) and personal is not None:
        _sign_personally(contract, body, personal, policy)
    placed = next(one for one in find_signatures(contract, body) if one.role is SignatureRole.CALLER)
    if placed.target is None or placed.signature is None:
        raise ContentUnusable(f"{etree.QName(body).localname} lacks the element that the caller signs")
    holder = placed.signature.getparent()
    if holder is None:
        raise ContentUnusable("the caller's signature has no place in the envelope")
    holder.replace(placed.signature, sign(placed.target, key, policy=policy))
    sign_routing(contract, body, key, policy)
    return etree.tostring(envelope, encoding="UTF-8", xml_declaration=True)


def _sign_personally(contract: Contract, body: Element, key: SigningKey, policy: SignaturePolicy) -> None:
    place = next((one for one in places(contract, str(body.tag)) or () if one.role is SignatureRole.PERSON), None)
    scopes = [] if place is None else find_scopes(body, place)
    if place is None or len(scopes) != 1 or len(targets := targets_of(place, scopes[0])) != 1:
        raise ContentUnusable(f"{etree.QName(body).localname} holds no content that an official could sign")
    if targets[0].get("Id") is None:
        targets[0].set("Id", new_element_id())
    empty_holder(place, scopes[0]).append(sign(targets[0], key, policy=policy))
