"""What the audit is told of a request: put together from the message, its kind, its rights and its outcome."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from ..exchange.copies import original_id
from ..exchange.rejection import Rejection
from ..store.messages import Message
from .access import Denied, Granted
from .audit import AuditOutcome, AuditRecord
from .outcome import Answer, Refusal


class AuditedKind(Protocol):
    """What the audit wants to know of a kind."""

    @property
    def name(self) -> str:
        """Its name."""

    @property
    def writes(self) -> bool:
        """Whether it changes the register."""


@dataclass(frozen=True, slots=True)
class AuditNote:
    """A request that is being processed at the moment `now`."""

    message: Message
    kind: AuditedKind
    now: datetime

    def denied(self, denied: Denied) -> AuditRecord:
        """It had no right to what it asks. Nothing was read, so nobody's record is named."""
        return self._record(AuditOutcome.DENIED, None, (), denied.rejections)

    def carried_out(self, granted: Granted, outcome: Answer | Refusal) -> AuditRecord:
        """It was answered, or refused by a rule of its kind."""
        match outcome:
            case Answer():
                done = AuditOutcome.UNDONE if self.message.test else AuditOutcome.ANSWERED
                return self._record(done, granted, outcome.about, ())
            case Refusal():
                return self._record(AuditOutcome.REFUSED, granted, outcome.about, outcome.rejections)

    def _record(
        self,
        outcome: AuditOutcome,
        granted: Granted | None,
        about: tuple[str, ...],
        rejections: tuple[Rejection, ...],
    ) -> AuditRecord:
        signer = None if granted is None else granted.signer
        purpose = None if granted is None else granted.purpose
        return AuditRecord(
            at=self.now,
            system=self.message.sender,
            official=None if signer is None else signer.fingerprint,
            address=self.message.peer,
            action=self.kind.name,
            writes=self.kind.writes,
            about=about,
            purpose=None if purpose is None else purpose.code,
            outcome=outcome,
            codes=tuple(rejection.code for rejection in rejections),
            message_id=original_id(self.message.message_id),
        )
