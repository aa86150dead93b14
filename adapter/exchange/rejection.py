"""A provider's refusal of a request: //RequestRejected (MR 2.3.6)."""

from dataclasses import dataclass
from enum import StrEnum


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
