"""Measuring small pieces of work fairly: CPU of this process, in rounds that take turns, medians."""

import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from time import process_time_ns

Work = Callable[[], object]
"""A piece of work; what it returns is thrown away."""

_SAMPLE_NS = 10_000_000
"""One sample lasts about this long, so that the clock's own steps do not matter."""


@dataclass(frozen=True, slots=True)
class Figure:
    """CPU of one piece of work, in microseconds: the median of the rounds, and the least and the most of them."""

    median: float
    least: float
    most: float

    @classmethod
    def of(cls, samples: Sequence[float]) -> "Figure":
        """The figure of some samples, in microseconds; raises ValueError if there are none."""
        if not samples:
            raise ValueError("a figure needs at least one sample")
        return cls(statistics.median(samples), min(samples), max(samples))


def measure(
    works: Mapping[str, Work], rounds: int, *, clock: Callable[[], int] = process_time_ns, sample_ns: int = _SAMPLE_NS
) -> dict[str, Figure]:
    """The figure of each of `works`, by its name.

    They take turns, `rounds` times, so that whatever else the machine does falls on all of them alike. How often a work
    is repeated in one sample is found out beforehand, which also warms it up. `clock` tells nanoseconds of CPU.
    """
    repeats = {name: _repeats(work, clock, sample_ns) for name, work in works.items()}
    samples: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(rounds):
        for name, work in works.items():
            samples[name].append(_sample(work, repeats[name], clock) / repeats[name] / 1000)
    return {name: Figure.of(found) for name, found in samples.items()}


def _repeats(work: Work, clock: Callable[[], int], sample_ns: int) -> int:
    repeats = 1
    while (spent := _sample(work, repeats, clock)) < sample_ns // 2 and repeats < sample_ns:
        # A clock with coarse steps may have seen nothing at all.
        repeats = max(repeats * 2, repeats * sample_ns // max(spent, 1_000_000))
    return repeats


def _sample(work: Work, repeats: int, clock: Callable[[], int]) -> int:
    start = clock()
    for _ in range(repeats):
        work()
    return clock() - start
