"""Processes of their own that talk with a test through a pipe."""

import multiprocessing
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess

_PROCESSES = multiprocessing.get_context("spawn")
PATIENCE = 60.0
"""Seconds that anything another process does may take."""


@contextmanager
def child(target: object, *arguments: object, **named: object) -> Iterator[tuple[BaseProcess, Connection]]:
    """A process and our end of the pipe to it; it does not outlive the test."""
    ours, theirs = _PROCESSES.Pipe()
    process = _PROCESSES.Process(target=target, args=(*arguments, theirs), kwargs=named)  # type: ignore[arg-type]
    process.start()
    try:
        yield process, ours
    finally:
        process.kill()
        process.join()
        ours.close()
        theirs.close()


def receive(pipe: Connection) -> object:
    """What the process says next."""
    assert pipe.poll(PATIENCE), "the other process said nothing"
    return pipe.recv()
