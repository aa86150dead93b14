"""MessageID: a UUID of version 1 made by the sender, lower-case hex (protocol §4, RFC 9562 §5.1).

The moment inside it tells how old a message is, whoever delivers it and however often.
"""

import re
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Self
from uuid import UUID

_FORM = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_EPOCH = datetime(1582, 10, 15, tzinfo=UTC)
"""Start of the Gregorian calendar, from which the UUID counts in units of 100 ns (RFC 9562 §5.1)."""
_MICROSECOND = timedelta(microseconds=1)
_TICKS_A_MICROSECOND = 10
_CLOCK_SEQUENCES = 1 << 14
_MULTICAST = 1 << 40
"""The bit of a node that no network card has: it marks a random node (RFC 9562 §6.10)."""


class Defect(StrEnum):
    """Why a text is no MessageID."""

    NOT_A_UUID = "NOT_A_UUID"
    """Not 8-4-4-4-12 hexadecimal digits."""
    UPPER_CASE = "UPPER_CASE"
    """A UUID, but with upper-case digits."""
    WRONG_VARIANT = "WRONG_VARIANT"
    """Not of the variant of RFC 9562: the version means nothing then."""
    WRONG_VERSION = "WRONG_VERSION"
    """Not of version 1: it bears no moment."""


class InvalidMessageId(Exception):  # noqa: N818  named for what is wrong
    """The text is no MessageID."""

    code = "INVALID_MESSAGE_ID"

    def __init__(self, text: str, defect: Defect) -> None:
        """`text` as it was sent, and what is wrong with it."""
        super().__init__(f"{text!r} is no MessageID: {defect}")
        self.text = text
        self.defect = defect


@dataclass(frozen=True, slots=True)
class MessageId:
    """A MessageID of the right form, and the moment inside it (aware, UTC, cut to microseconds)."""

    text: str
    timestamp: datetime

    @classmethod
    def parse(cls, text: str) -> Self:
        """Reads a MessageID; raises InvalidMessageId."""
        if _FORM.fullmatch(text) is None:
            upper = _FORM.fullmatch(text.lower()) is not None
            raise InvalidMessageId(text, Defect.UPPER_CASE if upper else Defect.NOT_A_UUID)
        value = UUID(text)
        if value.variant != "specified in RFC 4122":
            raise InvalidMessageId(text, Defect.WRONG_VARIANT)
        if value.version != 1:
            raise InvalidMessageId(text, Defect.WRONG_VERSION)
        return cls(text, _EPOCH + timedelta(microseconds=value.time // _TICKS_A_MICROSECOND))


class Staleness(StrEnum):
    """How the moment inside a MessageID lies to the node's clock."""

    FRESH = "FRESH"
    STALE = "STALE"
    FUTURE = "FUTURE"


@dataclass(frozen=True, slots=True)
class Freshness:
    """Limits of the moment inside a MessageID: the oldest that is accepted, and how far in the future one may lie.

    24 hours by the methodical recommendations, two days by the contract's own comment; so it is for an operator to set.
    """

    age: timedelta
    skew: timedelta

    def judge(self, message_id: MessageId, now: datetime) -> Staleness:
        """Judges a MessageID by the node's clock. Both limits themselves are fresh."""
        if now - message_id.timestamp > self.age:
            return Staleness.STALE
        if message_id.timestamp - now > self.skew:
            return Staleness.FUTURE
        return Staleness.FRESH


class MessageIds:
    """Makes MessageIDs, never the same twice, also when the clock stands still or goes back. May be shared by threads.

    `clock` gives aware moments; `random_bits` gives that many random bits (`secrets.randbits`, or a seeded
    `Random.getrandbits`): they choose the node and the clock sequence, so that no two makers share both.
    """

    def __init__(self, clock: Callable[[], datetime], random_bits: Callable[[int], int]) -> None:
        """Chooses the node and the clock sequence."""
        self._clock = clock
        self._node = random_bits(48) | _MULTICAST
        self._sequence = random_bits(14)
        self._read = self._last = -1
        self._lock = threading.Lock()

    def __call__(self) -> str:
        """A fresh MessageID of the present moment."""
        with self._lock:
            read = ticks = (self._clock() - _EPOCH) // _MICROSECOND * _TICKS_A_MICROSECOND
            if read < self._read:
                # Only the sequence tells apart what a clock set back gives for the second time (RFC 9562 §5.1).
                self._sequence = (self._sequence + 1) % _CLOCK_SEQUENCES
            else:
                ticks = max(ticks, self._last + 1)
            self._read, self._last, sequence = read, ticks, self._sequence
        return write(ticks, self._node, sequence)


def write(ticks: int, node: int, sequence: int) -> str:
    """The MessageID with these fields: 100 ns since 1582-10-15, 48 bits of node, 14 bits of clock sequence."""
    value = UUID(
        fields=(
            ticks & 0xFFFFFFFF,
            ticks >> 32 & 0xFFFF,
            ticks >> 48 & 0x0FFF | 0x1000,
            sequence >> 8 & 0x3F | 0x80,
            sequence & 0xFF,
            node,
        )
    )
    return str(value)
