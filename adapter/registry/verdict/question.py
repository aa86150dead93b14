"""A question about the right to practise, and the verdict on it."""

from dataclasses import dataclass
from datetime import date

from ..lookup.staff import StaffCategory
from .reasons import Outcome, Reason

__all__ = ["Fact", "Finding", "Outcome", "Question", "Verdict"]


@dataclass(frozen=True, slots=True)
class Question:
    """May the worker (OID) work so on the day? What is None is not asked about; a post or a specialty is named.

    `before_hire`: nobody expects that the worker is employed by the organisation already.
    """

    worker: str
    day: date
    post: str | None = None
    specialty: str | None = None
    organisation: str | None = None
    before_hire: bool = False


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact of the register that decides something: its section, its identifier and its business period."""

    section: str
    entity_id: str
    valid_from: date | None
    valid_to: date | None


@dataclass(frozen=True, slots=True)
class Finding:
    """A reason that was found, and the fact that decides; None where it is the absence of one that does."""

    reason: Reason
    fact: Fact | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What follows from all findings. `grounds` are the facts on which a right to work rests, as far as there are any.

    `category` is that of the post: None if it is not known, or no post was asked about.
    """

    findings: tuple[Finding, ...]
    grounds: tuple[Fact, ...]
    category: StaffCategory | None = None

    @property
    def outcome(self) -> Outcome:
        """NOT_ELIGIBLE if any reason says so, else UNKNOWN if anything is missing, else ELIGIBLE."""
        found = {finding.reason.outcome for finding in self.findings}
        return next((one for one in (Outcome.NOT_ELIGIBLE, Outcome.UNKNOWN) if one in found), Outcome.ELIGIBLE)
