"""On what this thread works just now, so that every line of the log can say it, whoever writes the line.

The one state here that is not passed in: a line about a message may come from any room, and from libraries.
"""

from collections.abc import Mapping
from contextvars import ContextVar
from typing import Protocol


class Described(Protocol):
    """A record of work that the log can name."""

    def fields(self) -> Mapping[str, str]:
        """Names and values; empty values are left out of the log."""


current: ContextVar[Described | None] = ContextVar("mezhved_current", default=None)
