"""The queue that a bell is about."""

from dataclasses import dataclass
from hashlib import sha256


@dataclass(frozen=True, slots=True)
class Place:
    """A recipient's channel, all its sub-queues together."""

    recipient: str
    channel: str

    @property
    def digest(self) -> str:
        """A short name for it that may be part of any other name."""
        return sha256(f"{self.recipient}\n{self.channel}".encode()).hexdigest()[:16]
