"""The bell between processes that share an SQLite file, and so a machine: datagrams to sockets in a folder beside it.

Whoever listens has a socket in the folder, named after the queue that he listens to; whoever rings sends an empty
datagram to each of them. The socket of a process that was killed refuses it, and is removed by the next who rings.
"""

import logging
import os
import secrets
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from .place import Place
from .waking import Waking

_LOG = logging.getLogger(__name__)
_OWN_DESCRIPTORS = Path("/proc/self/fd")


class SocketBell:
    """Rings for one queue."""

    def __init__(self, database: Path, place: Place) -> None:
        """`database` is the SQLite file."""
        self._folder = _folder(database)
        self._place = place

    def ring(self, recipient: str, channel: str) -> None:
        """Wakes everybody who listens to the queue."""
        if (recipient, channel) != (self._place.recipient, self._place.channel):
            return
        with suppress(OSError):  # nobody has ever listened, or it is not for us to see who does
            names = [path.name for path in self._folder.glob(f"{self._place.digest}-*")]
            if names:
                self._ring(names)

    def close(self) -> None:
        """There is nothing to close."""

    def _ring(self, names: list[str]) -> None:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as rope, _short(self._folder) as folder:
            rope.setblocking(False)
            for name in names:
                try:
                    rope.sendto(b"", str(folder / name))
                except BlockingIOError:
                    pass  # rung often enough already
                except ConnectionRefusedError:
                    with suppress(OSError):
                        (self._folder / name).unlink()
                except OSError:
                    _LOG.debug("a listener did not hear the bell", exc_info=True)


class SocketListener:
    """Hears the bells of one queue."""

    def __init__(self, database: Path, place: Place) -> None:
        """`database` is the SQLite file. Where no socket can be made beside it, nothing is ever heard."""
        self._waking = Waking()
        self._path = _folder(database) / f"{place.digest}-{os.getpid()}-{secrets.token_hex(4)}"
        self._socket: socket.socket | None = None
        made = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        try:
            self._path.parent.mkdir(exist_ok=True)
            with _short(self._path.parent) as folder:
                made.bind(str(folder / self._path.name))
            made.setblocking(False)
        except OSError as error:
            _LOG.warning("no bell can be heard (%s): the queue is only looked at now and then", error)
            made.close()
        else:
            self._socket = made

    def wait(self, seconds: float) -> None:
        """Returns when the bell has rung since the last call, or `wake` was called, or after so many seconds."""
        if self._waking.wait(None if self._socket is None else self._socket.fileno(), seconds):
            self._forget()

    def wake(self) -> None:
        """Ends the wait that is going on, or the next one."""
        self._waking.wake()

    def close(self) -> None:
        """Hears no more."""
        if self._socket is not None:
            self._socket.close()
            with suppress(OSError):
                self._path.unlink()
        self._waking.close()

    def _forget(self) -> None:
        # All rings until now are one.
        with suppress(BlockingIOError):
            while self._socket is not None:
                self._socket.recv(1)


def _folder(database: Path) -> Path:
    return database.with_name(f"{database.name}-bells")


@contextmanager
def _short(folder: Path) -> Iterator[Path]:
    """A path to the folder that is short enough for the name of a socket (107 characters), where the system has one."""
    if not _OWN_DESCRIPTORS.is_dir():
        yield folder
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield _OWN_DESCRIPTORS / str(descriptor)
    finally:
        os.close(descriptor)
