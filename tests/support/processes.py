"""Nodes and workers as real processes that a test may kill.

They are forked from a server process that has imported the program already, so that two hundred starts do not cost two
hundred imports. Each is a process of its own with its own connections; SIGKILL ends it as it would any other.
"""

import multiprocessing
import os
import random
import signal
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from multiprocessing.process import BaseProcess

from mezhved.adapter.settings import Settings

_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload(["mezhved.adapter.node", "mezhved.adapter.http.server", "support.processes"])


def run_node(settings: Settings) -> None:
    """Body of a node's process."""
    from mezhved.adapter.http.server import serve
    from mezhved.adapter.node import Store, build_app

    serve(build_app(settings, Store.open(settings.database.url)), settings)


def run_worker(settings: Settings) -> None:
    """Body of a worker's process."""
    from mezhved.adapter.node import Store, build_listener, build_worker

    store = Store.open(settings.database.url)
    build_worker(settings, store).run(threading.Event(), build_listener(settings, store))


def free_port() -> int:
    """A TCP port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Mortal:
    """A process that is started again as soon as it dies, and counts its deaths by `kill`."""

    target: Callable[[Settings], None]
    settings: Settings
    kills: int = 0
    _process: BaseProcess | None = field(default=None, repr=False)

    def start(self) -> None:
        """Starts the process, unless it runs."""
        if self._process is None or not self._process.is_alive():
            self._process = _CONTEXT.Process(target=self.target, args=(self.settings,), daemon=True)
            self._process.start()

    def kill(self) -> None:
        """SIGKILL, as the kernel or an operator would, and a new start."""
        assert self._process is not None
        if self._process.pid is not None and self._process.is_alive():
            os.kill(self._process.pid, signal.SIGKILL)
            self.kills += 1
        self._process.join()
        self.start()

    def stop(self) -> None:
        """Ends the process for good."""
        if self._process is not None:
            self._process.kill()
            self._process.join()


def kill_at_random(mortals: list[Mortal], times: int, seed: int, longest: float) -> None:
    """Kills one of `mortals` at `times` random moments, at most `longest` seconds apart."""
    chance = random.Random(seed)
    for _ in range(times):
        time.sleep(chance.uniform(0.02, longest))  # the moment of a kill is random: there is nothing to await
        chance.choice(mortals).kill()
