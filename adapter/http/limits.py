"""What callers may cost the node before their calls are even read."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class HttpLimits:
    """Limits of HTTP.

    `body_bytes` is the longest body; `body_seconds` the longest time for the whole of it; `header_bytes` and
    `header_seconds` the same for the head of a request; an idle connection is kept for `idle_seconds`. `concurrent`
    calls are worked on at once, each in a thread; `waiting` calls more may be read and wait for one. `buffered_bytes`
    bounds the memory of all bodies together; the first `free_bytes` of each body do not count, so that large ones, sent
    slowly, do not keep out small ones.
    """

    body_bytes: int = 8 * 1024 * 1024
    body_seconds: float = 30
    header_bytes: int = 64 * 1024
    header_seconds: float = 15
    idle_seconds: int = 15
    concurrent: int = 4
    waiting: int = 256
    buffered_bytes: int = 256 * 1024 * 1024
    free_bytes: int = 64 * 1024


DEFAULT_LIMITS = HttpLimits()
