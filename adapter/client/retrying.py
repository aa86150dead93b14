"""When and how often a call is tried again."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Backoff:
    """Pauses between attempts: the first in seconds, each next one `factor` times longer, up to the longest.

    `jitter` takes away up to that share of each pause, by chance, so that clients that failed together do not come
    back together.
    """

    first: float = 0.5
    factor: float = 2.0
    longest: float = 30.0
    jitter: float = 0.5

    def pauses(self, chance: Callable[[], float]) -> Iterator[float]:
        """Endless pauses in seconds; `chance` gives numbers from 0 to 1."""
        pause = self.first
        while True:
            yield pause * (1 - self.jitter * chance())
            pause = min(pause * self.factor, self.longest)
