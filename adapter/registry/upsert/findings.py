"""Where rules are broken, and what becomes of it: refusals, and warnings."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from ...exchange.rejection import Rejection
from ..rule import Rule, Severity, Warned


@dataclass(frozen=True, slots=True)
class Finding:
    """A place where a rule is broken, and the values for its text."""

    path: str
    values: dict[str, object]


Findings = Iterator[Finding]


def found(path: str, **values: object) -> Finding:
    """A rule is broken at `path`."""
    return Finding(path, values)


@dataclass(slots=True)
class Judged:
    """Everything that is wrong with a message."""

    rejections: list[Rejection] = field(default_factory=list)
    warnings: list[Warned] = field(default_factory=list)

    def add(self, rule: Rule, findings: Iterable[Finding]) -> None:
        """Adds what was found of one rule."""
        for finding in findings:
            if rule.severity is Severity.ERROR:
                self.rejections.append(rule.rejection(finding.path, **finding.values))
            else:
                self.warnings.append(rule.warning(finding.path, **finding.values))
