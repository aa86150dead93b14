"""Wrong settings as values and as an error; apart, so that commands without settings need not load their models."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SettingProblem:
    """One wrong setting: its name (`node.port`), where its value came from, and what is wrong."""

    name: str
    source: str
    text: str

    def __str__(self) -> str:
        return f"{self.name} ({self.source}): {self.text}"


class SettingsError(Exception):
    """Settings that cannot be used; `problems` holds every one of them."""

    code = "SETTINGS"

    def __init__(self, problems: Iterable[SettingProblem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))
