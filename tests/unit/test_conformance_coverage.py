"""The fixtures that come with the package: each operation in each version, and each fault that it may answer with."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from mezhved.adapter.conformance.fixture import Fetch, Resend, Send, find_fixtures
from mezhved.adapter.conformance.fixture_reading import load_fixture
from mezhved.adapter.exchange.contract import CONTRACTS, Contract, Operation
from mezhved.adapter.exchange.faults import ExchangeFault, SignatureProblem, declared

FIXTURES = Path(__file__).parents[2] / "fixtures"
NEVER_PROVOKED = {
    "SMEVFailure": "a node in order never answers it, whatever it is sent",
    "AttachmentSizeLimitExceeded": "more than 5 MB is too much for a fixture; tests of the operations send it",
    "QuoteLimitExceeded": "there is no file store yet, and so no quota of it",
    "PersonalAccessDenied": "officials are judged with the content, by the register: it refuses in its response",
}
"""Faults that the contract declares and that no fixture can show, with the reason."""
NEVER_THERE = {(Operation.GET_STATUS, "UnknownMessageType"): "GetStatus selects nothing, so that nothing is unknown"}
PROBLEMS = set(SignatureProblem) - {SignatureProblem.POOR_SOAP_ENVELOPE_FORMAT}
"""What is no envelope is told by soap:Client or InvalidContent; nothing of it is left for the signature's check."""


def shown() -> Iterator[tuple[Operation, str, str]]:
    """(operation, version, fault or root or problem) of all that some fixture expects."""
    for path in find_fixtures([FIXTURES]):
        for run in load_fixture(path).runs:
            for step in run.steps:
                sent = run.steps[step.step - 1] if isinstance(step, Resend) else step
                if not isinstance(sent, Send) or not isinstance(step, Send | Resend) or sent.operation is None:
                    continue
                for what in (step.expect.fault, step.expect.problem, step.expect.root):
                    if what is not None:
                        yield sent.operation, step.contract.version, what.replace("{{operation}}", sent.operation)


@pytest.fixture(scope="module")
def found() -> set[tuple[Operation, str, str]]:
    return set(shown())


@pytest.mark.parametrize("contract", CONTRACTS.values(), ids=CONTRACTS)
def test_every_declared_fault_has_a_fixture_or_a_reason(
    found: set[tuple[Operation, str, str]], contract: Contract
) -> None:
    def expected(operation: Operation, fault: type[ExchangeFault]) -> bool:
        return fault.name() not in NEVER_PROVOKED and (operation, fault.name()) not in NEVER_THERE

    missing = [
        (operation, fault.name())
        for operation in contract.operations
        for fault in declared(operation, contract)
        if (operation, contract.version, fault.name()) not in found and expected(operation, fault)
    ]
    assert missing == []


def test_what_has_a_reason_has_no_fixture(found: set[tuple[Operation, str, str]]) -> None:
    assert {fault for _, _, fault in found} & set(NEVER_PROVOKED) == set()
    assert {(operation, fault) for operation, _, fault in found} & set(NEVER_THERE) == set()


@pytest.mark.parametrize("contract", CONTRACTS.values(), ids=CONTRACTS)
def test_every_operation_succeeds_in_some_fixture(found: set[tuple[Operation, str, str]], contract: Contract) -> None:
    wanted = {(operation, contract.version, f"{operation}Response") for operation in contract.operations}
    assert wanted - found == set()


@pytest.mark.parametrize("contract", CONTRACTS.values(), ids=CONTRACTS)
def test_every_problem_of_a_signature_has_a_fixture(found: set[tuple[Operation, str, str]], contract: Contract) -> None:
    wanted = {(operation, contract.version, str(one)) for operation in contract.operations for one in PROBLEMS}
    # The contract's schema itself demands a signature of GetStatus.
    wanted.discard((Operation.GET_STATUS, contract.version, str(SignatureProblem.NO_SIGNATURE_FOUND)))
    assert wanted - found == set()


def test_requests_are_fetched_in_every_version_by_those_who_ask_in_any() -> None:
    pairs = {
        (run.steps[step.step - 1].contract.version, step.contract.version)
        for path in find_fixtures([FIXTURES / "scenarios"])
        for run in load_fixture(path).runs
        for step in run.steps
        if isinstance(step, Fetch)
    }
    assert pairs == {(asks, answers) for asks in CONTRACTS for answers in CONTRACTS}
