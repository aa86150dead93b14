"""What a replay has shown: how often each operation answered as expected, and what each refusal means."""

import inspect
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from .replay import RunResult
from .reply import FaultReply


@dataclass(frozen=True, slots=True)
class Refusal:
    """One sort of refusal: its label (`AccessDenied`), its Code if it has one, what it means and what a client does."""

    label: str
    number: str | None
    meaning: str
    advice: str


def explained(fault: FaultReply) -> Refusal:
    """What a fault means to the client that gets it."""
    meaning = " ".join((inspect.getdoc(fault.kind) or "").split("\n\n")[0].split())
    return Refusal(fault.label, fault.number, meaning, fault.kind.advice.words)


def refusals(results: Iterable[RunResult]) -> Mapping[Refusal, int]:
    """Every sort of refusal that came, expected or not, with its number, by Code and label."""
    found = Counter(explained(step.fault) for result in results for step in result.steps if step.fault is not None)
    return dict(sorted(found.items(), key=lambda item: (item[0].number or "", item[0].label)))


def answers(results: Iterable[RunResult]) -> Mapping[tuple[str, str], tuple[int, int]]:
    """By operation and version of the contract: steps that went as expected, and steps that went otherwise.

    What calls no operation of the contract counts under `—`.
    """
    found: dict[tuple[str, str], tuple[int, int]] = {}
    for step in (step for result in results for step in result.steps):
        key = (step.operation or "—", step.contract.version)
        good, bad = found.get(key, (0, 0))
        found[key] = (good, bad + 1) if step.differences else (good + 1, bad)
    return found
