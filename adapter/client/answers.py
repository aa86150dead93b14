"""What the node's answers say, as typed values. All of them come out of elements whose signature was verified."""

from dataclasses import dataclass, field
from datetime import datetime

from lxml.etree import _Element as Element

from ...signing.certificates import Certificate
from .storing import WaitingFile


@dataclass(frozen=True, slots=True)
class Metadata:
    """//MessageMetadata: what the node knows of a message. Times are aware, in UTC, by the node's clock."""

    message_id: str
    message_type: str
    sender: str
    sent_at: datetime
    recipient: str | None = None
    delivered_at: datetime | None = None
    status: str | None = None


@dataclass(frozen=True, slots=True)
class Accepted:
    """A message that the node has accepted.

    `metadata` is None when the node has told it before and the answer was lost on the way (`again` is true then).
    """

    message_id: str
    metadata: Metadata | None
    again: bool = False


@dataclass(frozen=True, slots=True)
class Rejected:
    """One RequestRejected. The register's own errors have a code and a path; others have only a text."""

    reason: str
    text: str
    code: str = ""
    path: str = ""

    @classmethod
    def read(cls, reason: str, description: str) -> "Rejected":
        """Splits a description `CODE|path|text` on its first two bars (protocol §4)."""
        parts = description.split("|", 2)
        if len(parts) < 3:
            return cls(reason, description)
        code, path, text = parts
        return cls(reason, text, code, path)

    @property
    def description(self) -> str:
        """The description as it stands in the message."""
        return f"{self.code}|{self.path}|{self.text}" if self.code else self.text


@dataclass(frozen=True, slots=True)
class BusinessStatus:
    """//RequestStatus: an interim word of the provider before its answer. `code` is a whole number."""

    code: str
    description: str
    parameters: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Notice:
    """//AsyncProcessingStatus: what happened to an earlier message on its way. `code` is that of SmevFault.

    `routing` is what has become of each value and each record (`RecordId=7`) by which the sender named recipients, with
    its RoutingStatusCode (1.3).
    """

    message_id: str
    status: str
    details: str | None = None
    code: str | None = None
    description: str | None = None
    routing: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class ReceivedFile:
    """An attachment of a received message. `signer` is the certificate of its PKCS#7 signature, verified by the client;
    `content_id` is the sender's name for it within the message.
    """

    content_id: str
    mime_type: str
    octets: bytes = field(repr=False)
    signer: Certificate


@dataclass(frozen=True, slots=True)
class Response:
    """A response fetched from the queue. It comes again unless it is acknowledged (`SmevClient.ack`).

    Exactly one of `content`, `rejections`, `status` and `notice` is there. `content` is the very element that the
    sender's signature covers. `sender` is the certificate of that signature, `node` that of the node's; `octets` is the
    envelope as it arrived, for keeping, without the contents of its `attachments`. `sender` is None where the sender
    speaks another version of the contract: its signature cannot survive the translation, and the node alone vouches for
    what it delivers. `files` are to be fetched from the store before the message is acknowledged.
    """

    message_id: str
    original_message_id: str
    metadata: Metadata
    node: Certificate
    octets: bytes
    sender: Certificate | None = None
    content: Element | None = None
    rejections: tuple[Rejected, ...] = ()
    status: BusinessStatus | None = None
    notice: Notice | None = None
    attachments: tuple[ReceivedFile, ...] = ()
    files: tuple[WaitingFile, ...] = ()


@dataclass(frozen=True, slots=True)
class Request:
    """A request fetched from the queue, to be answered with `SmevClient.send_response` and then acknowledged.

    `content` is the very element that the sender's signature covers. `reply_to` is the address of the answer, to be
    copied as it is; None for a broadcast, which nobody answers. `sender`, `node` and `octets` are as in Response.
    `test` marks a request that must never change data.
    """

    message_id: str
    metadata: Metadata
    node: Certificate
    octets: bytes
    content: Element
    reply_to: str | None = None
    sender: Certificate | None = None
    reference: str | None = None
    transaction_code: str | None = None
    node_id: str | None = None
    end_of_life: datetime | None = None
    test: bool = False
    attachments: tuple[ReceivedFile, ...] = ()
    files: tuple[WaitingFile, ...] = ()


@dataclass(frozen=True, slots=True)
class QueueStatistics:
    """How many messages wait in one queue of the caller (contract 1.1)."""

    queue: str
    waiting: int
