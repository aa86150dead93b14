"""How full the queues are, remembered for a moment: to count for every message would cost more than to accept it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from ....queue.model import Channel

_REMEMBERED = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Backlog:
    """Numbers of messages in recipients' queues, at most a second old. May be used by several threads.

    So a queue may grow beyond its limit by what the processes of a node accept within a second.
    """

    _known: dict[tuple[str, Channel], tuple[datetime, int]] = field(default_factory=dict)

    def size(self, recipient: str, channel: Channel, now: datetime, count: Callable[[], int]) -> int:
        """The messages in the recipient's channel; `count` is called when what is remembered is too old."""
        known = self._known.get((recipient, channel))
        if known is not None and abs(now - known[0]) < _REMEMBERED:
            return known[1]
        size = count()
        self._known[recipient, channel] = now, size
        return size
