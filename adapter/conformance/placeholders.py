"""What makes a template live: fresh MessageIDs, moments near now, values of earlier steps.

`{{name}}` in a template, in a value or in an expectation is replaced by the value of that name; values may hold
placeholders themselves. Built in: `message_id`, `now`, `today` (each takes an offset: `{{now:-10m}}`), `any_day` (a
random one of a period: `{{any_day:1990-01-01..2019-12-31}}`), `digits` (so many random ones: `{{digits:6}}`),
`contract`, and `node_id` and `run`, both new for each run. `{{2.message_id}}` is a value of step 2; `{{name?}}` is
nothing where no value of that name is given, `{{name:+1d}}` the day after the one that is given. A given value goes
before a built-in one of the same name. Nothing is escaped: a value may be a piece of XML.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from ..exchange.message_id import MessageIds
from ..exchange.times import moscow_day
from ..exchange.writing import timestamp

_PLACEHOLDER = re.compile(r"\{\{\s*([\w.]+)(\?)?(?::([^{}]*))?\s*\}\}")
_OFFSET = re.compile(r"([+-]\d+)([smhdy])")
_UNITS = {
    "s": timedelta(seconds=1),
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
    "y": timedelta(days=365),
}
_DEEPEST = 10
"""How many values may stand inside one another."""


class PlaceholderError(Exception):
    """A placeholder that nothing gives a value to, or an offset that is none."""


@dataclass(slots=True)
class Values:
    """The values of one step: `given` by the fixture, `earlier` from the steps before, built-in ones made as needed.

    `random_bits` gives that many random bits (`secrets.randbits`).
    """

    now: datetime
    random_bits: Callable[[int], int]
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
        name, optional, argument = match.groups()
        if name in _BUILT_IN and not (argument is None and name in self.given):
            return _BUILT_IN[name](self, argument)
        for values in (self.given, self.earlier):
            if name in values:
                return values[name] if argument is None else _another_day(values[name], argument)
        if optional:
            return ""
        known = ", ".join(sorted({*_BUILT_IN, *self.given, *self.earlier}))
        raise PlaceholderError(f"nothing gives {match.group()} a value; known: {known}")


def _message_id(values: Values, offset: str | None) -> str:
    if values.message_id is None:
        moment = values.now + _offset(offset)
        values.message_id = MessageIds(lambda: moment, values.random_bits)()
    return values.message_id


def _now(values: Values, offset: str | None) -> str:
    return timestamp(values.now + _offset(offset))


def _today(values: Values, offset: str | None) -> str:
    return moscow_day(values.now + _offset(offset)).isoformat()


def _any_day(values: Values, period: str | None) -> str:
    try:
        first, last = map(date.fromisoformat, (period or "").split(".."))
    except ValueError as error:
        raise PlaceholderError(f"{period!r} is no period: write 1990-01-01..2019-12-31") from error
    return (first + timedelta(days=values.random_bits(32) % ((last - first).days + 1))).isoformat()


def _digits(values: Values, number: str | None) -> str:
    if number is None or not number.isdecimal() or not int(number):
        raise PlaceholderError(f"{number!r} is no number of digits: write {{{{digits:6}}}}")
    return f"{values.random_bits(4 * int(number)) % 10 ** int(number):0{number}}"


def _another_day(value: str, offset: str) -> str:
    """The day that lies `offset` from the day `value`."""
    if "{{" in value:
        raise PlaceholderError(f"{value!r} is to be moved by {offset}: give it at the top of the fixture")
    try:
        return (date.fromisoformat(value) + _offset(offset)).isoformat()
    except ValueError as error:
        raise PlaceholderError(f"{value!r} is no day, so it cannot be moved by {offset}") from error


_BUILT_IN: dict[str, Callable[[Values, str | None], str]] = {
    "message_id": _message_id,
    "now": _now,
    "today": _today,
    "any_day": _any_day,
    "digits": _digits,
}


def _offset(argument: str | None) -> timedelta:
    if argument is None:
        return timedelta()
    match = _OFFSET.fullmatch(argument.strip())
    if match is None:
        raise PlaceholderError(f"{argument!r} is no offset: write a sign, a number and one of s, m, h, d, y: -25h")
    return int(match.group(1)) * _UNITS[match.group(2)]
