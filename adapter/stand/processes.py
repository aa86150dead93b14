"""Node and worker as processes of their own: started, awaited until they work, and stopped."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

_COMMAND = (sys.executable, "-c", "from mezhved.adapter.cli import main; main()")
READY = "ready"
"""First word of the line by which `mezhved serve` and `mezhved worker` say that they work."""
_TAIL = 20


class ProcessFailed(Exception):  # noqa: N818 – named for what happened
    """A process did not start, or did not end as it should. The text has the end of its log."""


class Service:
    """One `mezhved` command that runs until it is told to stop. Its log goes to a file."""

    def __init__(self, arguments: Sequence[str], log: Path, environment: dict[str, str] | None = None) -> None:
        """`arguments` are those of the `mezhved` command; `environment` is added to that of this process."""
        self._arguments = tuple(arguments)
        self._log = log
        self._environment = environment or {}
        self._process: subprocess.Popen[str] | None = None
        self._said: list[str] = []
        self._reader: threading.Thread | None = None
        self._ready = threading.Event()

    @property
    def pid(self) -> int | None:
        """The process, while it runs."""
        return None if self._process is None else self._process.pid

    def start(self, within: float = 60) -> str:
        """Starts the process and waits until it says that it works; returns what it says, after `ready`.

        Raises ProcessFailed if it ends before, or has not got so far after `within` seconds.
        """
        with self._log.open("a", encoding="utf-8") as log:
            # A session of its own: Ctrl-C in a terminal is for the one who started it, who then stops it in order.
            self._process = subprocess.Popen(  # noqa: S603  our own command
                [*_COMMAND, *self._arguments],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                start_new_session=True,
                env={**os.environ, **self._environment},
            )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        if not self._ready.wait(within):
            self.kill()
            raise ProcessFailed(f"{self._name} was not ready after {within:g} s\n{self._tail()}")
        if not self._said:
            status = self._process.wait()
            self._finish()
            raise ProcessFailed(f"{self._name} ended with status {status} before it was ready\n{self._tail()}")
        return self._said[0]

    def wait(self) -> None:
        """Waits until the process ends, which nobody asked it to do. Raises ProcessFailed when it has."""
        if self._process is None:
            raise ProcessFailed(f"{self._name} is not running")
        status = self._process.wait()
        self._finish()
        raise ProcessFailed(f"{self._name} ended with status {status}\n{self._tail()}")

    def stop(self, within: float = 30) -> None:
        """Asks the process to end (SIGTERM) and waits for it. Raises ProcessFailed if it does not end, or badly."""
        process = self._process
        if process is None:
            return
        process.send_signal(signal.SIGTERM)
        try:
            status = process.wait(within)
        except subprocess.TimeoutExpired:
            self.kill()
            raise ProcessFailed(f"{self._name} did not end within {within:g} s\n{self._tail()}") from None
        self._finish()
        if status != 0:
            raise ProcessFailed(f"{self._name} ended with status {status}\n{self._tail()}")

    def kill(self) -> None:
        """Ends the process at once (SIGKILL), as a crash would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._finish()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.stop()
        else:
            self.kill()

    def _read(self) -> None:
        process = self._process
        if process is None or process.stdout is None:
            return
        for line in process.stdout:
            word, _, rest = line.strip().partition(" ")
            if word == READY and not self._ready.is_set():
                self._said.append(rest)
                self._ready.set()
        self._ready.set()

    def _finish(self) -> None:
        if self._reader is not None:
            self._reader.join()
        if self._process is not None and self._process.stdout is not None:
            self._process.stdout.close()
        self._process = None
        self._reader = None
        self._said.clear()
        self._ready.clear()

    @property
    def _name(self) -> str:
        return f"mezhved {self._arguments[0]}"

    def _tail(self) -> str:
        lines = self._log.read_text(encoding="utf-8", errors="replace").splitlines()
        return "\n".join(lines[-_TAIL:])
