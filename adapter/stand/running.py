"""A stand at work: node and worker as real processes, and its participants' clients."""

from contextlib import ExitStack
from types import TracebackType
from typing import Self

from .configuring import write_client_settings
from .layout import PARTICIPANTS, Layout
from .processes import Service


class Stand:
    """Node and worker of a stand that was made; they work between `start` and `stop`.

    As a context manager it stops them in order, or at once when something went wrong.
    """

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        config = ("--config", str(layout.config))
        self.node = Service(("serve", *config), layout.log("node"))
        self.worker = Service(("worker", *config), layout.log("worker"))
        self.url = ""
        self._running = ExitStack()

    def start(self) -> str:
        """Starts both and returns the node's URL, which is also written into the participants' settings."""
        with ExitStack() as started:
            started.callback(self.node.kill)
            self.url = self.node.start()
            started.callback(self.worker.kill)
            self.worker.start()
            for system in PARTICIPANTS:
                write_client_settings(self.layout, system, self.url)
            self._running = started.pop_all()
        return self.url

    def stop(self) -> None:
        """Stops both in order. Raises ProcessFailed if one of them does not end as it should."""
        with self._running:  # what did not stop in order is killed
            self.worker.stop()
            self.node.stop()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None or issubclass(kind, KeyboardInterrupt):
            self.stop()
        else:
            self._running.close()
