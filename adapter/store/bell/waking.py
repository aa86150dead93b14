"""Waiting for a file descriptor, with a pipe by which another thread or a signal handler can end the wait."""

import os
import selectors
from contextlib import suppress

_CHUNK = 4096


class Waking:
    """One waiter. The pipe never blocks: full means that the waiter is as good as awake."""

    def __init__(self) -> None:
        self._reader, self._writer = os.pipe()
        os.set_blocking(self._reader, False)
        os.set_blocking(self._writer, False)

    def wake(self) -> None:
        """Ends the wait that is going on, or the next one."""
        with suppress(BlockingIOError):
            os.write(self._writer, b"!")

    def wait(self, descriptor: int | None, seconds: float) -> bool:
        """Returns whether the descriptor can be read: when it can, when `wake` was called, or after so many seconds."""
        with selectors.DefaultSelector() as selector:
            selector.register(self._reader, selectors.EVENT_READ)
            if descriptor is not None:
                selector.register(descriptor, selectors.EVENT_READ)
            ready = {key.fd for key, _ in selector.select(max(seconds, 0))}
        if self._reader in ready:
            with suppress(BlockingIOError):
                os.read(self._reader, _CHUNK)
        return descriptor in ready

    def close(self) -> None:
        """Gives the pipe back."""
        os.close(self._reader)
        os.close(self._writer)
