"""What may be noticed of the work on messages, for whoever watches a node: calls, batches of the worker, their steps.

Whoever does a piece of work makes its record, opens `Observer.watch` around the work, and writes down in the record
what becomes known meanwhile. A record holds what an operator may see and keep: never business content, never the text
of a fault, which may repeat it.
"""

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol


class Step(StrEnum):
    """A part of the work on a call or a request that is worth its own time."""

    PARSE = "parse"
    VALIDATE = "validate"
    VERIFY = "verify"
    READ = "read"
    STORE = "store"
    SIGN = "sign"
    HANDLE = "handle"


class Outcome(StrEnum):
    """What became of an attempt of the register's worker at a request.

    `gone`: somebody else has it meanwhile, or has answered it. `failed`: an error of the register; it is tried again.
    `given_up`: tried too often, and the sender has been told. `undone`: the database failed; it is tried again.
    """

    ANSWERED = "answered"
    REFUSED = "refused"
    GIVEN_UP = "given_up"
    FAILED = "failed"
    GONE = "gone"
    UNDONE = "undone"


@dataclass(slots=True)
class CallRecord:
    """A call of an operation. Empty strings: not known (yet).

    `call_id` is given by the observer; `sender` is the mnemonic of the system that signed the call; `message_id`,
    `message_type` and `kind` are those of the message that was accepted, delivered or confirmed; `fault` and `code`
    say why the call was refused; `peer` is the network address; octets are those of the two envelopes.
    """

    contract: str = ""
    peer: str = ""
    octets_in: int = 0
    octets_out: int = 0
    call_id: str = ""
    operation: str = ""
    sender: str = ""
    message_id: str = ""
    message_type: str = ""
    kind: str = ""
    fault: str = ""
    code: str = ""

    def concerns(self, message_id: str, message_type: str, kind: str) -> None:
        """Notes which message the call is about."""
        self.message_id, self.message_type, self.kind = message_id, message_type, kind

    def fields(self) -> Mapping[str, str]:
        """What a line of the log about this call says, by name."""
        return {
            "call_id": self.call_id,
            "operation": self.operation,
            "contract": self.contract,
            "sender": self.sender,
            "message_id": self.message_id,
            "kind": self.kind,
            "fault": self.fault,
            "code": self.code,
        }


@dataclass(slots=True)
class RequestRecord:
    """One attempt of the register's worker at a request. Empty strings: not known (yet).

    `attempt` counts from 1; `seconds` is filled in by the observer.
    """

    message_id: str
    kind: str
    attempt: int
    sender: str = ""
    contract: str = ""
    outcome: Outcome = Outcome.UNDONE
    seconds: float = 0.0

    def fields(self) -> Mapping[str, str]:
        """What a line of the log about this request says, by name."""
        return {
            "contract": self.contract,
            "sender": self.sender,
            "message_id": self.message_id,
            "kind": self.kind,
        }


@dataclass(slots=True)
class BatchRecord:
    """Requests that the worker answers in one transaction: what their records say holds once it has ended well."""

    size: int
    requests: list[RequestRecord] = field(default_factory=list)


@dataclass(slots=True)
class StepRecord:
    """A step; `algorithm` is the URI of a signature's algorithm, as soon as it is known."""

    step: Step
    algorithm: str = ""


Work = CallRecord | BatchRecord | RequestRecord | StepRecord


class Observer(Protocol):
    """Notices work: how long it took, and what its record says at the end. It never raises and never blocks."""

    def watch(self, work: Work) -> AbstractContextManager[object]:
        """Opened before the work begins, closed when it has ended, in whatever way; errors pass through."""


class Nobody:
    """An observer that looks away."""

    def watch(self, work: Work) -> AbstractContextManager[object]:  # noqa: ARG002  the interface's
        """Does nothing."""
        return _NOTHING


_NOTHING = nullcontext()
NOBODY = Nobody()
