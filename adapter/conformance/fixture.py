"""Fixtures: what to send to a node, and what must come of it.

A fixture is a TOML file `NAME.fixture.toml` beside the envelopes that it sends (docs/reference/fixtures.md describes
it for its writers; `fixture_reading` reads it). It is run once for each combination of the values that it is for:
versions of the contract, operations.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ..exchange.contract import Contract, Operation, SignatureRole
from .changes import Change

SUFFIX = ".fixture.toml"


class FixtureError(Exception):
    """A fixture that cannot be run as it is written; the text names the file and the place."""


@dataclass(frozen=True, slots=True)
class Signing:
    """One signature to be made: by the key of this name, at the place of this role."""

    key: str
    role: SignatureRole


@dataclass(frozen=True, slots=True)
class Http:
    """How the envelope goes over HTTP; `soap_action` None leaves the header out."""

    method: str = "POST"
    path: str | None = None
    content_type: str = "text/xml; charset=utf-8"
    soap_action: str | None = None


@dataclass(frozen=True, slots=True)
class ReplyExpectation:
    """What the answer to a call must be; None and empty mean that nothing is expected of it.

    `root` is the local name of an answer of the contract; `fault`, `faultcode`, `code` and `problem` describe a fault;
    every one of `text` must occur in the fault's words; `errors` is the least number of ValidationErrors; `holds` are
    XPath conditions on the element in soap:Body.
    """

    status: tuple[int, ...] = ()
    root: str | None = None
    fault: str | None = None
    faultcode: str | None = None
    code: str | None = None
    problem: str | None = None
    text: tuple[str, ...] = ()
    errors: int = 0
    holds: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DeliveryExpectation:
    """What must be delivered: content with this root (local name), or rejections with exactly these codes, or an
    interim status with this code, or what the node itself says with this status (`notice`).

    A rejection is named by its code (`SNILS_CHECK_DIGIT`), or by reason and code (`NO_DATA WORKER_NOT_FOUND`).
    """

    content: str | None = None
    rejected: tuple[str, ...] = ()
    interim: str | None = None
    notice: str | None = None
    holds: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Send:
    """Sends an envelope: a template made live, or (`verbatim`) octets as they lie in the file.

    `operation` is the one that the file calls, None where it calls none. `repeat`: sent anew, each time as another
    message, until the answer is the one expected or patience ends.
    """

    contract: Contract
    envelope: Path
    operation: Operation | None
    verbatim: bool
    values: Mapping[str, str]
    sign: tuple[Signing, ...]
    changes: tuple[Change, ...]
    http: Http
    repeat: bool
    expect: ReplyExpectation


@dataclass(frozen=True, slots=True)
class Resend:
    """Sends the very octets of an earlier step again."""

    contract: Contract
    step: int
    expect: ReplyExpectation


@dataclass(frozen=True, slots=True)
class Await:
    """Polls until the next response to an earlier step's message has arrived, and acknowledges it unless told not to.

    `keep` gives names to strings of the response (XPath), as values for the steps that follow.
    """

    contract: Contract
    step: int
    expect: DeliveryExpectation
    ack: bool
    keep: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Fetch:
    """Polls for requests, as the system with this key, until an earlier step's message has arrived; else as `Await`."""

    contract: Contract
    step: int
    key: str
    expect: DeliveryExpectation
    ack: bool
    keep: Mapping[str, str]


Step = Send | Resend | Await | Fetch


@dataclass(frozen=True, slots=True)
class Run:
    """The steps of a fixture for one combination of values: always a `contract`, often an `operation`."""

    parameters: Mapping[str, str]
    steps: tuple[Step, ...]

    @property
    def contracts(self) -> frozenset[str]:
        """The versions of the contract that its calls are made in."""
        return frozenset(step.contract.version for step in self.steps)

    @property
    def name(self) -> str:
        """The values, in a word: `1.2 Ack`."""
        return " ".join(self.parameters.values())


@dataclass(frozen=True, slots=True)
class Fixture:
    """One scenario: its steps are done in order, and it passes if every one of them goes as expected.

    `values` are filled once, when a run begins, and are the same in all steps.
    """

    path: Path
    title: str
    origin: str
    runs: tuple[Run, ...]
    values: Mapping[str, str] = field(default_factory=dict)


def find_fixtures(paths: list[Path]) -> list[Path]:
    """The fixtures named by `paths`: files as they are, folders with all that lies below. Raises FixtureError."""
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            inside = sorted(path.rglob(f"*{SUFFIX}"))
            if not inside:
                raise FixtureError(f"{path}: no file named *{SUFFIX} in this folder or below it")
            found.extend(inside)
        elif path.is_file():
            found.append(path)
        else:
            raise FixtureError(f"{path}: there is no such file or folder")
    return found
