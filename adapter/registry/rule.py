"""Rules of the register as data: each has a stable code, a Russian text and what to do about it.

A kind declares its rules in one module, from which both its refusals and its documentation are made.
"""

from dataclasses import dataclass
from enum import StrEnum

from ..exchange.rejection import Rejection, RejectReason


class Severity(StrEnum):
    """Whether a broken rule refuses the message or is only told in the response."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Warned:
    """A broken rule that does not stop the message: it stands in the response's content."""

    code: str
    path: str
    text: str


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule.

    `text` says what is wrong, with the sent and the stored value as {placeholders} where they help; `remedy` says what
    to do. Both are Russian, without a full stop at the end. `reason` is what RequestRejected bears.
    """

    code: str
    text: str
    remedy: str
    reason: RejectReason = RejectReason.FAILURE
    severity: Severity = Severity.ERROR

    def rejection(self, path: str, **values: object) -> Rejection:
        """The refusal of a message that breaks this rule at `path`."""
        return Rejection(self.reason, self.code, path, self._written(values))

    def warning(self, path: str, **values: object) -> Warned:
        """The warning to a message that breaks this rule at `path`."""
        return Warned(self.code, path, self._written(values))

    def _written(self, values: dict[str, object]) -> str:
        return f"{self.text.format_map(values)}. {self.remedy}"
