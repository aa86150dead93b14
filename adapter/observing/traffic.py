"""What the HTTP side of a node does just now: plain numbers, changed on its event loop only."""

from collections import Counter
from dataclasses import dataclass, field


@dataclass(slots=True)
class Traffic:
    """Calls `in_work` have a thread, those `waiting` want one; `overloaded` and `refused` (by HTTP status) count up."""

    in_work: int = 0
    waiting: int = 0
    overloaded: int = 0
    refused: Counter[int] = field(default_factory=Counter)
