"""What a kind's handler receives and what it may answer."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from lxml.etree import _Element as Element
from sqlalchemy import Connection

from ..exchange.participants import Participant


class RejectReason(StrEnum):
    """RejectionReasonCode of the contract, with the sense that MR 2.3.6 gives it."""

    ACCESS_DENIED = "ACCESS_DENIED"
    """The sender has no right to what it asks."""
    UNKNOWN_REQUEST_DESCRIPTION = "UNKNOWN_REQUEST_DESCRIPTION"
    """What the request is about cannot be determined: it must be asked otherwise."""
    NO_DATA = "NO_DATA"
    """The register holds nothing of the kind."""
    FAILURE = "FAILURE"
    """The request is clear, but cannot be carried out as it stands."""


@dataclass(frozen=True, slots=True)
class Rejection:
    """One error of a request.

    `code` is stable and from the kind's catalogue of rules; `path` leads to the element that is wrong
    (`EmploymentEventRequest/Hire/BeginDate`), empty when none is; `text` is Russian, for the person who sent it.
    """

    reason: RejectReason
    code: str
    path: str
    text: str

    @property
    def description(self) -> str:
        """RejectionReasonDescription: readers split it on the first two bars (protocol §4)."""
        return f"{self.code}|{self.path}|{self.text}"


@dataclass(frozen=True, slots=True)
class Answer:
    """The request was carried out; `content` is the response element of the kind."""

    content: Element


@dataclass(frozen=True, slots=True)
class Refusal:
    """The request was not carried out. The caller rolls back whatever the handler may have begun."""

    rejections: tuple[Rejection, ...]


@dataclass(frozen=True, slots=True)
class KindRequest:
    """A request as a handler sees it: `content` is valid against the kind's schema, its sender is known.

    `received_at` is when the node accepted it, `now` when it is being processed; both aware, in UTC.
    """

    content: Element
    message_id: str
    sender: Participant
    received_at: datetime
    now: datetime


Handler = Callable[[KindRequest, Connection], Answer | Refusal]
