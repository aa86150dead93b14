"""Replay of fixtures against a running node, ours or another's: only its URL is known, and plain HTTP is spoken."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from ...signing.errors import KeyUnusable, ProviderUnavailable
from ...signing.keys import SigningKey
from .changes import ChangeError
from .fixture import Fixture, FixtureError, Run
from .placeholders import PlaceholderError
from .reading import UnreadableError
from .scenario import ReplaySettings, Scenario, StepResult
from .sealing import NothingToSignError


class Outcome(StrEnum):
    """How a fixture went. SKIPPED: this machine cannot make its signatures, and the reason says why."""

    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class RunResult:
    """One run of a fixture and how it went; `reason` says why where a step's differences do not."""

    fixture: Fixture
    run: Run
    outcome: Outcome
    steps: tuple[StepResult, ...] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Replayer:
    """Runs fixtures one after another. Each run has its own sub-queue (NodeID), so that runs do not meet."""

    settings: ReplaySettings
    keys: Callable[[Path, str], SigningKey]
    clock: Callable[[], datetime]
    random_bits: Callable[[int], int]
    pause: Callable[[float], None]

    def run(self, fixture: Fixture, run: Run) -> RunResult:
        """Does all steps, stopping at the first that differs. Raises NodeUnreachableError if the node is gone."""
        scenario = Scenario(self, fixture, run)
        results: list[StepResult] = []
        try:
            for number in range(1, len(run.steps) + 1):
                results.append(scenario.step(number))
                if results[-1].differences:
                    return RunResult(fixture, run, Outcome.FAILED, tuple(results))
        except ProviderUnavailable as error:
            return RunResult(fixture, run, Outcome.SKIPPED, tuple(results), str(error))
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
            return RunResult(fixture, run, Outcome.ERROR, tuple(results), reason)
        return RunResult(fixture, run, Outcome.PASSED, tuple(results))
