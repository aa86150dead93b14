"""What the HTTP side of a node does just now: plain numbers, changed on its event loop only."""

from collections import Counter
from dataclasses import dataclass, field


@dataclass(slots=True)
class Traffic:
    """`calls` are being worked on or wait for one of so many `threads`; `overloaded` and `refused` (by HTTP status)
    count up."""

    threads: int
    calls: int = 0
    overloaded: int = 0
    refused: Counter[int] = field(default_factory=Counter)

    @property
    def in_work(self) -> int:
        """Calls that have a thread."""
        return min(self.calls, self.threads)

    @property
    def waiting(self) -> int:
        """Calls that want one."""
        return self.calls - self.in_work
