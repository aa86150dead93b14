"""One run of a fixture: what was sent, and what came back, step by step."""

import re
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit, urlunsplit

from ...signing.keys import SigningKey
from ...signing.policy import SMEV
from ...signing.trust import TrustStore
from ..exchange.contract import Contract, Operation, SignatureRole
from . import calls
from .changes import apply, write_envelope
from .expectation import compare_delivery, compare_reply, kept
from .fixture import Await, Fetch, Fixture, FixtureError, Http, Resend, Run, Send, Signing
from .judging import judge
from .placeholders import Values
from .reading import UnreadableError, read_envelope, recognise
from .reply import Delivered, FaultReply, Reply, read_delivered, read_reply
from .sealing import seal
from .wire import Endpoint

Differences = list[str]


class Tools(Protocol):
    """What a run works with; `conformance.replay` explains the settings."""

    @property
    def keys(self) -> Callable[[Path, str], SigningKey]:
        """The key of a name, for a fixture."""

    @property
    def clock(self) -> Callable[[], datetime]:
        """Now."""

    @property
    def random_bits(self) -> Callable[[int], int]:
        """That many random bits."""

    @property
    def pause(self) -> Callable[[float], None]:
        """Waits for so many seconds."""

    @property
    def settings(self) -> "ReplaySettings":
        """Where the node is, and how long to wait for it."""


@dataclass(frozen=True, slots=True)
class ReplaySettings:
    """`url` is the node's endpoint, or its base, to which the customary path `/smev/v{contract}/ws` is added.

    `patience` bounds the wait for a message, `interval` is the pause between two polls; `trust` (if given) must vouch
    for the signatures of every answer.
    """

    url: str
    patience: timedelta = timedelta(seconds=60)
    interval: timedelta = timedelta(seconds=0.2)
    timeout: float = 30.0
    trust: TrustStore | None = None


@dataclass(frozen=True, slots=True)
class StepResult:
    """One step: what was done, what came of it, and how that differs from what was expected.

    `operation` is the one that was called (None: none of the contract), `fault` the refusal if it was refused.
    """

    number: int
    contract: Contract
    operation: Operation | None
    what: str
    got: str
    differences: tuple[str, ...]
    fault: FaultReply | None = None


@dataclass(slots=True)
class _Sent:
    """What a step has sent, and what later steps need of it."""

    step: Send
    octets: bytes
    http: Http
    message_id: str
    node_id: str | None

    @property
    def signer(self) -> str:
        """Key of the system that has sent it. Raises FixtureError."""
        for one in self.step.sign:
            if one.role is SignatureRole.CALLER:
                return one.key
        raise FixtureError("a step whose response is awaited must be signed: with `verbatim` nobody can poll")


@dataclass(frozen=True, slots=True)
class _Queue:
    """Where a message is polled for: whose queue, of which operation, in which version of the contract."""

    contract: Contract
    operation: Operation
    key: str
    node_id: str | None


@dataclass(slots=True)
class Scenario:
    """One run of a fixture. `values` are what its steps know by name."""

    tools: Tools
    fixture: Fixture
    run: Run
    sent: dict[int, _Sent] = field(default_factory=dict)
    values: dict[str, str] = field(default_factory=dict)
    unclaimed: defaultdict[tuple[_Queue, str], list[Delivered]] = field(default_factory=lambda: defaultdict(list))

    def step(self, number: int) -> StepResult:
        """Does the step of this number (from 1 on), all steps before it having been done."""
        if not self.values:
            run = f"{self.tools.random_bits(40):010x}"
            self.values.update(self.run.parameters, run=run, node_id=f"replay-{run}")
            for name, value in self.fixture.values.items():
                self.values[name] = self._values(self.run.steps[0].contract).fill(value)
        match self.run.steps[number - 1]:
            case Send() as step:
                return self._send(number, step)
            case Resend() as step:
                return self._resend(number, step)
            case Await() as step:
                sent = self.sent[step.step]
                queue = _Queue(step.contract, Operation.GET_RESPONSE, sent.signer, sent.node_id)
                return self._take(number, step, queue, f"await a response to step {step.step}")
            case Fetch() as step:
                queue = _Queue(step.contract, Operation.GET_REQUEST, step.key, None)
                return self._take(number, step, queue, f"fetch what step {step.step} has sent")

    def _send(self, number: int, step: Send) -> StepResult:
        deadline = self.tools.clock() + self.tools.settings.patience
        while True:
            reply, differences = self._send_once(number, step)
            if not (step.repeat and differences) or self.tools.clock() > deadline:
                break
            self.tools.pause(self.tools.settings.interval.total_seconds())
        what = f"send {step.envelope.name}"
        return StepResult(number, step.contract, step.operation, what, reply.summary, tuple(differences), reply.fault)

    def _send_once(self, number: int, step: Send) -> tuple[Reply, Differences]:
        values = self._values(step.contract, step)
        octets = step.envelope.read_bytes()
        if not step.verbatim:
            octets = self._sign(values.fill(octets.decode()).encode(), step.sign)
            for change in step.changes:
                filled = {name: values.fill(part) if isinstance(part, str) else part for name, part in change.items()}
                octets = apply(filled, octets, step.contract)
        action = step.http.soap_action
        http = replace(step.http, soap_action=None if action is None else values.fill(action))
        self.sent[number] = _Sent(step, octets, http, values.fill("{{message_id}}"), _node_id(octets))
        self.values[f"{number}.message_id"] = self.sent[number].message_id
        reply = self._call(step.contract, octets, http)
        differences = compare_reply(step.expect, reply, step.contract, values.fill)
        return reply, differences + self._distrust(reply)

    def _resend(self, number: int, step: Resend) -> StepResult:
        sent = self.sent[step.step]
        reply = self._call(step.contract, sent.octets, sent.http)
        differences = compare_reply(step.expect, reply, step.contract, self._values(step.contract).fill)
        what = f"send step {step.step} again"
        operation = sent.step.operation
        return StepResult(number, step.contract, operation, what, reply.summary, tuple(differences), reply.fault)

    def _take(self, number: int, step: Await | Fetch, queue: _Queue, what: str) -> StepResult:
        delivered, differences, fault = self._poll(queue, self.sent[step.step].message_id)
        got = "nothing" if delivered is None else delivered.summary
        if delivered is not None:
            self.values[f"{number}.message_id"] = delivered.message_id
            fill = self._values(step.contract).fill
            differences += compare_delivery(step.expect, delivered, step.contract, fill)
            if step.ack:
                differences += self._acknowledge(delivered, queue)
            if not differences:
                self.values |= {name: kept(path, delivered, step.contract) for name, path in step.keep.items()}
        return StepResult(number, step.contract, queue.operation, what, got, tuple(differences), fault)

    def _poll(self, queue: _Queue, request_id: str) -> tuple[Delivered | None, Differences, FaultReply | None]:
        """The next message of this request in the queue, what is wrong with the way it came, and the refusal."""
        clock, settings = self.tools.clock, self.tools.settings
        deadline = clock() + settings.patience
        while not self.unclaimed[queue, request_id]:
            if clock() > deadline:
                return None, [f"nothing came within {settings.patience.total_seconds():.0f} s"], None
            reply = self._signed_call(queue, calls.poll(queue.contract, queue.operation, clock(), queue.node_id))
            if reply.body is None or reply.fault is not None:
                return None, [f"{queue.operation} answered {reply.summary}"], reply.fault
            delivered = read_delivered(queue.contract, reply.body)
            if delivered is None:
                self.tools.pause(settings.interval.total_seconds())
            elif distrust := self._distrust(reply):
                return delivered, distrust, None
            else:
                # What was sent before this one may come before it; what another run has sent is not ours to ack.
                self.unclaimed[queue, delivered.request_id].append(delivered)
        return self.unclaimed[queue, request_id].pop(0), [], None

    def _acknowledge(self, delivered: Delivered, queue: _Queue) -> Differences:
        reply = self._signed_call(queue, calls.ack(queue.contract, delivered.message_id))
        if reply.body is not None and reply.body.tag == queue.contract.response_root(Operation.ACK):
            return []
        return [f"Ack of the message answered {reply.summary}"]

    def _signed_call(self, queue: _Queue, octets: bytes) -> Reply:
        return self._call(queue.contract, self._sign(octets, (Signing(queue.key, SignatureRole.CALLER),)), Http())

    def _sign(self, octets: bytes, signings: tuple[Signing, ...]) -> bytes:
        if not signings:
            return octets
        envelope = read_envelope(octets)
        for signing in signings:
            seal(envelope, signing.role, self.tools.keys(self.fixture.path, signing.key))
        return write_envelope(envelope.body.getroottree().getroot())

    def _call(self, contract: Contract, octets: bytes, how: Http) -> Reply:
        settings = self.tools.settings
        path = how.path or f"/smev/v{contract.version}/ws"
        url = endpoint_url(settings.url, path, replace=how.path is not None)
        headers = {"Content-Type": how.content_type}
        if how.soap_action is not None:
            headers["SOAPAction"] = how.soap_action
        return read_reply(Endpoint(url, settings.timeout).call(octets, headers, how.method))

    def _values(self, contract: Contract, step: Send | None = None) -> Values:
        given = {} if step is None else step.values
        known = {**self.values, "contract": contract.version}
        return Values(self.tools.clock(), self.tools.random_bits, given, known)

    def _distrust(self, reply: Reply) -> Differences:
        """What is wrong with the signatures of an answer, if they are to be checked at all."""
        trust = self.tools.settings.trust
        if trust is None or reply.body is None or reply.fault is not None:
            return []
        try:
            envelope = recognise(reply.body.getroottree().getroot())
        except UnreadableError as error:
            return [f"the answer cannot be judged: {error}"]
        judgements = judge(envelope, policy=SMEV, trust=trust, at=self.tools.clock())
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
