"""From the octets of an answer to its element, and from verified elements to typed answers."""

import copy
from collections.abc import Iterator
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from lxml.etree import _Element as Element

from ..exchange.contract import SOAP_ENVELOPE, Contract, Operation
from ..exchange.faults import Fault
from ..soap.fault_xml import parse_fault
from .answers import BusinessStatus, Metadata, Notice, QueueStatistics, Rejected, Request, Response
from .checking import Checked
from .description import ServiceDescription
from .errors import AnswerNotUnderstood, NodeUnreachable
from .parsing import NotXml, parse

_SOAP = f"{{{SOAP_ENVELOPE}}}"


def answered(contract: Contract, operation: Operation, status: int, octets: bytes) -> Element:
    """The operation's answer in soap:Body, not verified yet.

    Raises the fault that the node answers with; AnswerNotUnderstood; NodeUnreachable where an HTTP 500 is no SOAP,
    since then something in front of the node answered.
    """
    try:
        root = parse(octets)
    except NotXml as error:
        if status != HTTPStatus.OK:
            raise NodeUnreachable(f"HTTP {status} without SOAP") from error
        raise AnswerNotUnderstood(f"the answer: {error}") from error
    if root.tag != f"{_SOAP}Envelope":
        raise AnswerNotUnderstood(f"the answer is no SOAP 1.1 envelope but {root.tag}")
    children = [child for body in root.iterchildren(f"{_SOAP}Body") for child in body.iterchildren("*")]
    if len(children) != 1:
        raise AnswerNotUnderstood(f"soap:Body of the answer holds {len(children)} elements instead of one")
    if children[0].tag == f"{_SOAP}Fault":
        raise _fault(octets)
    if children[0].tag != contract.response_root(operation):
        raise AnswerNotUnderstood(f"{operation} is answered with {children[0].tag}")
    return children[0]


def _fault(octets: bytes) -> Fault:
    try:
        return parse_fault(octets)
    except ValueError as error:
        raise AnswerNotUnderstood(f"the node answers with a fault that cannot be read: {error}") from error


def read_metadata(description: ServiceDescription, element: Element) -> Metadata:
    """//MessageMetadata, verified before."""
    return _metadata(description.read(element))


def read_notice(description: ServiceDescription, element: Element) -> Notice:
    """//AsyncProcessingStatusData, verified before."""
    return _notice(description.read(element).AsyncProcessingStatus)


def read_response(contract: Contract, description: ServiceDescription, checked: Checked, octets: bytes) -> Response:
    """//Response, verified before, with what the sender put into it."""
    value = description.read(_skeleton(contract, checked.signed))
    data = value.SenderProvidedResponseData
    status, notice = data.RequestStatus, data.AsyncProcessingStatus
    return Response(
        message_id=data.MessageID,
        original_message_id=value.OriginalMessageId or "",
        metadata=_metadata(value.MessageMetadata),
        node=checked.node,
        octets=octets,
        sender=checked.sender,
        content=_content(contract, checked, "SenderProvidedResponseData"),
        rejections=tuple(
            Rejected.read(one.RejectionReasonCode, one.RejectionReasonDescription or "")
            for one in data.RequestRejected or ()
        ),
        status=None if status is None else _status(status),
        notice=None if notice is None else _notice(notice),
        attachments=checked.attachments,
        files=checked.files,
    )


def read_request(contract: Contract, description: ServiceDescription, checked: Checked, octets: bytes) -> Request:
    """//Request, verified before, with what the sender put into it. Raises AnswerNotUnderstood."""
    content = _content(contract, checked, "SenderProvidedRequestData")
    if content is None:
        raise AnswerNotUnderstood("what the node delivers is no request with content")
    value = description.read(_skeleton(contract, checked.signed))
    data = value.SenderProvidedRequestData
    # zeep reads an empty element as nothing.
    test = checked.signed.find(f"{{{contract.types}}}SenderProvidedRequestData/{{{contract.types}}}TestMessage")
    return Request(
        message_id=data.MessageID,
        metadata=_metadata(value.MessageMetadata),
        node=checked.node,
        octets=octets,
        content=content,
        reply_to=value.ReplyTo or None,
        sender=checked.sender,
        reference=data.ReferenceMessageID,
        transaction_code=data.TransactionCode,
        node_id=data.NodeID,
        end_of_life=None if data.EOL is None else _utc(data.EOL),
        test=test is not None,
        attachments=checked.attachments,
        files=checked.files,
    )


def read_statistics(description: ServiceDescription, element: Element) -> tuple[QueueStatistics, ...]:
    """//GetIncomingQueueStatisticsResponse."""
    found = description.read(element)
    return tuple(
        QueueStatistics(one.queueName or "", one.pendingMessageNumber or 0) for one in found.QueueStatistics or ()
    )


def _skeleton(contract: Contract, signed: Element) -> Element:
    """A copy without what is the business's own: zeep reads the contract's part only, and cannot know other types.

    Headers of attachments go too: zeep takes nothing after the content that is missing then.
    """
    skeleton = copy.deepcopy(signed)
    holders = skeleton.iter(
        f"{{{contract.basic}}}MessagePrimaryContent",
        f"{{{contract.basic}}}AttachmentHeaderList",
        f"{{{contract.basic}}}RefAttachmentHeaderList",
        f"{{{contract.types}}}PersonalSignature",
        f"{{{contract.types}}}BusinessProcessMetadata",
    )
    for element in list(holders):
        parent = element.getparent()
        if parent is not None:
            parent.remove(element)
    return skeleton


def _content(contract: Contract, checked: Checked, name: str) -> Element | None:
    """The element under MessagePrimaryContent, of the very part that the sender's signature covers, if there is one."""
    sent = checked.sent
    if sent is None:
        sent = next(checked.signed.iterchildren(f"{{{contract.types}}}{name}"), None)
    if sent is None:
        return None
    primary = next(sent.iterchildren(f"{{{contract.basic}}}MessagePrimaryContent"), None)
    return None if primary is None else next(primary.iterchildren("*"), None)


def _status(value: Any) -> BusinessStatus:
    parameters = tuple((one.Key or "", one.Value or "") for one in value.StatusParameter or ())
    return BusinessStatus(str(value.StatusCode), value.StatusDescription or "", parameters)


def _metadata(value: Any) -> Metadata:
    return Metadata(
        message_id=value.MessageId,
        message_type=value.MessageType,
        sender=(value.Sender is not None and value.Sender.Mnemonic) or "",
        sent_at=_utc(value.SendingTimestamp),
        recipient=value.Recipient.Mnemonic if value.Recipient is not None else None,
        delivered_at=None if value.DeliveryTimestamp is None else _utc(value.DeliveryTimestamp),
        status=value.Status,
    )


def _notice(value: Any) -> Notice:
    fault = value.SmevFault
    return Notice(
        message_id=value.OriginalMessageId,
        status=value.StatusCategory,
        details=value.StatusDetails,
        code=None if fault is None else fault.Code,
        description=None if fault is None else fault.Description,
        routing=tuple(_routing(getattr(value, "RoutingStatus", None))),
    )


def _routing(status: Any) -> Iterator[tuple[str, str]]:
    """What is said of each value and each record (1.3)."""
    if status is None:
        return
    for one in status.DynamicRoutingStatus or ():
        yield one.DynamicValue or "", one.RoutingStatusCode
    for one in status.IdentifierRoutingStatus or ():
        yield one.IdentifierValue or "", one.RoutingStatusCode
    for one in status.RegistryRoutingStatus or ():
        yield f"RecordId={one.RecordId}", one.RoutingStatusCode


def _utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC)
