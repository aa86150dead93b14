"""Replay of fixtures against a running node, ours or another's: only its URL is known, and plain HTTP is spoken."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from ...signing.errors import KeyUnusable, ProviderUnavailable
from ...signing.keys import SigningKey
from ...signing.policy import SMEV
from ...signing.trust import TrustStore
from ..exchange.contract import Operation, SignatureRole
from . import calls
from .changes import ChangeError, apply, write_envelope
from .expectation import compare_reply, compare_response, kept
from .fixture import Await, Fixture, FixtureError, Http, Resend, Send, Signing
from .judging import judge
from .placeholders import PlaceholderError, Values
from .reading import UnreadableError, read_envelope, recognise
from .reply import Delivered, Reply, read_delivered, read_reply
from .sealing import NothingToSignError, seal
from .wire import Endpoint


class Outcome(StrEnum):
    """How a fixture went. SKIPPED: this machine cannot make its signatures, and the reason says why."""

    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class StepResult:
    """One step: what was done, what came of it, and how that differs from what was expected."""

    number: int
    what: str
    got: str
    differences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FixtureResult:
    """A fixture and how it went; `reason` says why where a step's differences do not."""

    fixture: Fixture
    outcome: Outcome
    steps: tuple[StepResult, ...] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ReplaySettings:
    """`url` is the node's endpoint, or its base, to which the customary path `/smev/v{contract}/ws` is added.

    `patience` bounds the wait for a response, `interval` is the pause between two polls; `trust` (if given) must vouch
    for the signatures of every answer.
    """

    url: str
    patience: timedelta = timedelta(seconds=60)
    interval: timedelta = timedelta(seconds=0.2)
    timeout: float = 30.0
    trust: TrustStore | None = None


@dataclass(frozen=True, slots=True)
class Replayer:
    """Runs fixtures one after another. Each run has its own sub-queue (NodeID), so that runs do not meet."""

    settings: ReplaySettings
    keys: Callable[[Path, str], SigningKey]
    clock: Callable[[], datetime]
    random_bits: Callable[[int], int]
    pause: Callable[[float], None]

    def run(self, fixture: Fixture) -> FixtureResult:
        """Runs all steps, stopping at the first that differs. Raises NodeUnreachableError if the node is gone."""
        scenario = _Scenario(self, fixture)
        results: list[StepResult] = []
        try:
            for number in range(1, len(fixture.steps) + 1):
                results.append(scenario.step(number))
                if results[-1].differences:
                    return FixtureResult(fixture, Outcome.FAILED, tuple(results))
        except ProviderUnavailable as error:
            return FixtureResult(fixture, Outcome.SKIPPED, tuple(results), str(error))
        except (
            FixtureError,
            PlaceholderError,
            ChangeError,
            UnreadableError,
            NothingToSignError,
            KeyUnusable,
            UnicodeError,
        ) as error:
            reason = f"{fixture.path}: step {len(results) + 1}: {error}"
            return FixtureResult(fixture, Outcome.ERROR, tuple(results), reason)
        return FixtureResult(fixture, Outcome.PASSED, tuple(results))


@dataclass(slots=True)
class _Sent:
    """What a step has sent, and what later steps need of it."""

    octets: bytes
    http: Http
    signer: str | None
    message_id: str
    node_id: str | None


@dataclass(slots=True)
class _Scenario:
    """One run of a fixture: what was sent, and what came back, step by step."""

    replayer: Replayer
    fixture: Fixture
    sent: dict[int, _Sent] = field(default_factory=dict)
    values: dict[str, str] = field(default_factory=dict)
    unclaimed: dict[str, Delivered] = field(default_factory=dict)

    def step(self, number: int) -> StepResult:
        if not self.values:
            run = f"{self.replayer.random_bits(40):010x}"
            self.values.update(contract=self.fixture.contract.version, run=run, node_id=f"replay-{run}")
            for name, value in self.fixture.values.items():
                self.values[name] = self._values().fill(value)
        match self.fixture.steps[number - 1]:
            case Send() as step:
                return self._send(number, step)
            case Resend() as step:
                return self._resend(number, step)
            case Await() as step:
                return self._await(number, step)

    def _send(self, number: int, step: Send) -> StepResult:
        values = self._values(step)
        octets = step.envelope.read_bytes()
        if not step.verbatim:
            octets = self._sign(values.fill(octets.decode()).encode(), step.sign)
            for change in step.changes:
                filled = {name: values.fill(part) if isinstance(part, str) else part for name, part in change.items()}
                octets = apply(filled, octets, self.fixture.contract)
        signer = next((one.key for one in step.sign if one.role is SignatureRole.CALLER), None)
        message_id = values.fill("{{message_id}}")
        self.sent[number] = _Sent(octets, step.http, signer, message_id, _node_id(octets))
        self.values[f"{number}.message_id"] = message_id
        reply = self._call(octets, step.http)
        differences = compare_reply(step.expect, reply, self.fixture.contract, values.fill)
        return StepResult(number, f"send {step.envelope.name}", reply.summary, (*differences, *self._distrust(reply)))

    def _resend(self, number: int, step: Resend) -> StepResult:
        sent = self.sent[step.step]
        reply = self._call(sent.octets, sent.http)
        differences = compare_reply(step.expect, reply, self.fixture.contract, self._values().fill)
        return StepResult(number, f"send step {step.step} again", reply.summary, tuple(differences))

    def _await(self, number: int, step: Await) -> StepResult:
        sent = self.sent[step.step]
        what = f"await the response to step {step.step}"
        delivered, differences = self._poll(sent)
        if delivered is None:
            return StepResult(number, what, "no response", tuple(differences))
        self.values[f"{number}.message_id"] = delivered.message_id
        differences += compare_response(step.expect, delivered, self.fixture.contract, self._values().fill)
        if step.ack:
            differences += self._acknowledge(delivered, sent)
        if not differences:
            self.values |= {name: kept(path, delivered, self.fixture.contract) for name, path in step.keep.items()}
        return StepResult(number, what, delivered.summary, tuple(differences))

    def _poll(self, sent: _Sent) -> tuple[Delivered | None, list[str]]:
        """The response to what was sent, and what is wrong with the way it came."""
        clock, settings = self.replayer.clock, self.replayer.settings
        deadline = clock() + settings.patience
        while (found := self.unclaimed.pop(sent.message_id, None)) is None:
            if clock() > deadline:
                return None, [f"no response within {settings.patience.total_seconds():.0f} s"]
            reply = self._signed_call(calls.get_response(self.fixture.contract, clock(), sent.node_id), sent)
            if reply.body is None or reply.fault is not None:
                return None, [f"GetResponse answered {reply.summary}"]
            delivered = read_delivered(self.fixture.contract, reply.body)
            if delivered is None:
                self.replayer.pause(settings.interval.total_seconds())
            elif distrust := self._distrust(reply):
                return delivered, distrust
            else:
                # What was sent before this one may be answered before it; what another run has sent is not ours to ack.
                self.unclaimed[delivered.original_message_id] = delivered
        return found, []

    def _acknowledge(self, delivered: Delivered, sent: _Sent) -> list[str]:
        reply = self._signed_call(calls.ack(self.fixture.contract, delivered.message_id), sent)
        expected = self.fixture.contract.response_root(Operation.ACK)
        if reply.body is not None and reply.body.tag == expected:
            return []
        return [f"Ack of the response answered {reply.summary}"]

    def _signed_call(self, octets: bytes, sent: _Sent) -> Reply:
        if sent.signer is None:
            raise FixtureError("a step whose response is awaited must be signed: with `verbatim` nobody can poll")
        return self._call(self._sign(octets, (Signing(sent.signer, SignatureRole.CALLER),)), Http())

    def _sign(self, octets: bytes, signings: tuple[Signing, ...]) -> bytes:
        if not signings:
            return octets
        envelope = read_envelope(octets)
        for signing in signings:
            seal(envelope, signing.role, self.replayer.keys(self.fixture.path, signing.key))
        return write_envelope(envelope.body.getroottree().getroot())

    def _call(self, octets: bytes, how: Http) -> Reply:
        settings = self.replayer.settings
        url = endpoint_url(
            settings.url, how.path or f"/smev/v{self.fixture.contract.version}/ws", replace=how.path is not None
        )
        headers = {"Content-Type": how.content_type}
        if how.soap_action is not None:
            headers["SOAPAction"] = how.soap_action
        return read_reply(Endpoint(url, settings.timeout).call(octets, headers, how.method))

    def _values(self, step: Send | None = None) -> Values:
        given = {} if step is None else step.values
        return Values(self.replayer.clock(), self.replayer.random_bits, given, self.values)

    def _distrust(self, reply: Reply) -> list[str]:
        """What is wrong with the signatures of an answer, if they are to be checked at all."""
        trust = self.replayer.settings.trust
        if trust is None or reply.body is None or reply.fault is not None:
            return []
        try:
            envelope = recognise(reply.body.getroottree().getroot())
        except UnreadableError as error:
            return [f"the answer cannot be judged: {error}"]
        judgements = judge(envelope, policy=SMEV, trust=trust, at=self.replayer.clock())
        return [f"{one.role} signature: {one.code}: {one.reason}" for one in judgements if not one.valid]


def endpoint_url(url: str, path: str, *, replace: bool = False) -> str:
    """Where to call: `url` itself if it names a path, else `path` on it; `replace` takes `path` in any case."""
    parts = urlsplit(url)
    if parts.path.strip("/") and not replace:
        return url
    return urlunsplit(parts._replace(path=path))


_NODE_ID = re.compile(rb"<(?:[\w-]+:)?NodeID>([^<]{1,50})</")


def _node_id(octets: bytes) -> str | None:
    """The sub-queue that a request asks its response to be put into, read as leniently as fixtures are written."""
    match = _NODE_ID.search(octets)
    return None if match is None else match.group(1).decode()
