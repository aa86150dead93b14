"""The SOAP endpoint: octets of a call in, octets of an answer out. Every error becomes a fault here, nowhere else."""

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from ..exchange.contract import CONTRACTS, SOAP_ENVELOPE, Contract, Operation
from ..exchange.faults import ExchangeFault, Fault, InvalidContent, OperationIsNotOffered, SMEVFailure
from ..exchange.observing import NOBODY, CallRecord, Observer, Step, StepRecord
from .call import Call, Handler, Reply
from .envelope import ParsedEnvelope, parse
from .fault_xml import render
from .limits import DEFAULT_LIMITS, Limits
from .lines import with_exact_lines
from .outgoing import Outgoing
from .package import Part
from .schemas import SchemaSet, contract_schema_path
from .spyne_bridge import SpyneBridge
from .validation import validate
from .xop import resolve

_LOG = logging.getLogger(__name__)
_OK = 200
_FAULT = 500
_BEFORE = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    f'<soap:Envelope xmlns:soap="{SOAP_ENVELOPE}"><soap:Header></soap:Header><soap:Body>'
).encode()
_AFTER = b"</soap:Body></soap:Envelope>"


@dataclass(frozen=True, slots=True)
class _Arrived:
    """What came over HTTP, and what of the answer is to go beside its envelope."""

    octets: bytes
    parts: Sequence[Part]
    outgoing: Outgoing


class ContractNotServed(ValueError):  # noqa: N818  named for what is wrong
    """A version of the contract that this node has no schemas for."""

    def __init__(self, version: str) -> None:
        served = ", ".join(known for known in CONTRACTS if contract_schema_path(known).is_file())
        super().__init__(f"contract version {version} is not served; this node can serve {served}")


class SoapEndpoint:
    """Serves the operations that have a handler, in the given versions of the contract. May be used by several threads.

    `clock` gives aware moments in UTC. An operation of the contract without a handler is answered with soap:Client,
    not with SMEVFailure: that would ask the caller to try again for ever. Raises ContractNotServed.
    """

    def __init__(
        self,
        handlers: Mapping[Operation, Handler],
        *,
        clock: Callable[[], datetime],
        contracts: Iterable[str] = tuple(CONTRACTS),
        limits: Limits = DEFAULT_LIMITS,
        observer: Observer = NOBODY,
    ) -> None:
        self._handlers = dict(handlers)
        self._clock = clock
        self._limits = limits
        self._observer = observer
        self._schemas = SchemaSet()
        self._contracts = {version: _served(version) for version in sorted(contracts)}
        self._bridges = {version: SpyneBridge(found, self._handlers) for version, found in self._contracts.items()}

    @property
    def contracts(self) -> tuple[str, ...]:
        """The versions of the contract that are served."""
        return tuple(self._contracts)

    def handle(
        self,
        octets: bytes,
        contract_version: str | None = None,
        peer: str = "",
        *,
        parts: Sequence[Part] = (),
        takes_parts: bool = False,
    ) -> Reply:
        """Answers a call. `contract_version` is the version that its address serves; None serves all.

        `octets` are the envelope's, `parts` what came beside it; `takes_parts` says that the caller understands an
        answer with parts beside its envelope (MTOM). `peer` is the caller's network address, for logs only. Never
        raises: what nobody has foreseen is logged, and the caller hears SMEVFailure, which says nothing of what
        happened inside.
        """
        contract = self._contract(contract_version)
        record = CallRecord(contract.version, peer, len(octets) + sum(part.size for part in parts))
        arrived = _Arrived(octets, parts, Outgoing(takes_parts))
        with self._observer.watch(record):
            return self._answered(record, arrived, contract, contract_version)

    def _answered(
        self, record: CallRecord, arrived: "_Arrived", contract: Contract, contract_version: str | None
    ) -> Reply:
        received_at = self._clock()
        try:
            served = self._contracts.values() if contract_version is None else (contract,)
            with self._observer.watch(StepRecord(Step.PARSE)):
                resolved = resolve(arrived.octets, arrived.parts, most=self._limits.octets)
                parsed = parse(resolved.envelope, tuple(served), self._limits)
            contract = parsed.contract
            record.contract, record.operation = contract.version, parsed.operation
            answer = self._process(parsed, resolved.contents, received_at, record, arrived.outgoing)
        except Fault as fault:
            return self._refused(fault, contract, record)
        except Exception:  # noqa: BLE001  the boundary: the caller hears SMEVFailure, the log has the traceback
            _LOG.exception("a call from %s failed for a reason that nobody has foreseen", record.peer)
            return self._refused(SMEVFailure(), contract, record)
        return _reply(_OK, b"".join((_BEFORE, answer, _AFTER)), record, arrived.outgoing)

    def _process(
        self,
        parsed: ParsedEnvelope,
        contents: tuple[Part, ...],
        received_at: datetime,
        record: CallRecord,
        outgoing: Outgoing,
    ) -> bytes:
        try:
            with self._observer.watch(StepRecord(Step.VALIDATE)):
                validate(parsed, self._schemas)
            if parsed.operation not in self._handlers:
                raise OperationIsNotOffered(parsed.operation, ", ".join(self._handlers))
            call = Call(
                parsed.contract,
                parsed.operation,
                parsed.body,
                parsed.octets,
                received_at,
                record.peer,
                contents,
                outgoing,
                record,
                self._observer,
            )
            return self._bridges[parsed.contract.version].call(call)
        except InvalidContent as fault:
            raise with_exact_lines(fault, parsed) from None

    def refuse(self, fault: Fault, contract_version: str | None = None, peer: str = "") -> Reply:
        """The answer to a call that ends before it is read: overload, a media type that is not taken."""
        contract = self._contract(contract_version)
        record = CallRecord(contract.version, peer)
        with self._observer.watch(record):
            return self._refused(fault, contract, record)

    def _contract(self, version: str | None) -> Contract:
        return self._contracts[max(self._contracts) if version is None else version]

    @staticmethod
    def _refused(fault: Fault, contract: Contract, record: CallRecord) -> Reply:
        # The description stays out of the record: it may repeat what the caller has sent, which may be personal data.
        record.fault, record.code = type(fault).__name__, fault.code if isinstance(fault, ExchangeFault) else ""
        return _reply(_FAULT, render(fault, contract), record)


def _reply(status: int, octets: bytes, record: CallRecord, outgoing: Outgoing | None = None) -> Reply:
    parts = () if outgoing is None else outgoing.parts
    record.octets_out = len(octets) + sum(len(part.octets) for part in parts)
    return Reply(status, octets, record.call_id, parts)


def _served(version: str) -> Contract:
    if version not in CONTRACTS or not contract_schema_path(version).is_file():
        raise ContractNotServed(version)
    return CONTRACTS[version]
