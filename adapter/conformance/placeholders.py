"""What makes a template live: fresh MessageIDs, moments near now, values of earlier steps.

`{{name}}` in a template, in a value or in an expectation is replaced by the value of that name; values may hold
placeholders themselves. Built in: `message_id`, `now`, `today` (each takes an offset: `{{now:-10m}}`), `contract`,
`node_id` and `run` (both new for each run). `{{2.message_id}}` is a value of step 2. Nothing is escaped: a value may be
a piece of XML.
"""

import re
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from ..exchange.writing import timestamp

_PLACEHOLDER = re.compile(r"\{\{\s*([\w.]+)(?::([^{}]*))?\s*\}\}")
_OFFSET = re.compile(r"([+-]\d+)([smhdy])")
_UNITS = {
    "s": timedelta(seconds=1),
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
    "y": timedelta(days=365),
}
_GREGORIAN = datetime(1582, 10, 15, tzinfo=UTC)
_DEEPEST = 10
"""How many values may stand inside one another."""


class PlaceholderError(Exception):
    """A placeholder that nothing gives a value to, or an offset that is none."""


def message_id_at(moment: datetime, random: int) -> str:
    """A UUID version 1 (RFC 9562) made at `moment`, with 62 of `random`'s bits for clock sequence and node."""
    ticks = (moment - _GREGORIAN) // timedelta(microseconds=1) * 10
    fields = (ticks & 0xFFFFFFFF, ticks >> 32 & 0xFFFF, ticks >> 48 & 0x0FFF | 0x1000)
    sequence = random & 0x3FFF | 0x8000
    # The multicast bit marks a node number that is no network card's address.
    node = random >> 14 & 0xFFFFFFFFFFFF | 0x010000000000
    return str(uuid.UUID(fields=(*fields, sequence >> 8, sequence & 0xFF, node)))


@dataclass(slots=True)
class Values:
    """The values of one step: `given` by the fixture, `earlier` from the steps before, built-in ones made as needed."""

    now: datetime
    random: Callable[[], int]
    given: Mapping[str, str]
    earlier: Mapping[str, str] = field(default_factory=dict)
    message_id: str | None = None

    def fill(self, template: str) -> str:
        """`template` with every placeholder replaced. Raises PlaceholderError."""
        for _ in range(_DEEPEST):
            filled = _PLACEHOLDER.sub(self._value, template)
            if filled == template:
                return filled
            template = filled
        raise PlaceholderError(f"values refer to one another in a circle, near {template[:80]!r}")

    def _value(self, match: re.Match[str]) -> str:
        name, argument = match.group(1), match.group(2)
        if name == "message_id":
            if self.message_id is None:
                self.message_id = message_id_at(self.now + _offset(argument), self.random())
            return self.message_id
        if name == "now":
            return timestamp(self.now + _offset(argument))
        if name == "today":
            return (self.now + _offset(argument)).date().isoformat()
        for source in (self.given, self.earlier):
            if name in source:
                return source[name]
        raise PlaceholderError(f"nothing gives {match.group()} a value; known: {', '.join(self._known())}")

    def _known(self) -> list[str]:
        return sorted({"message_id", "now", "today", *self.given, *self.earlier})


def _offset(argument: str | None) -> timedelta:
    if argument is None:
        return timedelta()
    match = _OFFSET.fullmatch(argument.strip())
    if match is None:
        raise PlaceholderError(f"{argument!r} is no offset: write a sign, a number and one of s, m, h, d, y: -25h")
    return int(match.group(1)) * _UNITS[match.group(2)]
