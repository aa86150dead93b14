"""`mezhved worker`: the register's worker as a process."""

import logging
from typing import TYPE_CHECKING

import typer

from ..console import Assignments, Config, reporting, settings_for

if TYPE_CHECKING:
    from sqlalchemy import Engine

_LOG = logging.getLogger(__name__)


def register(app: typer.Typer) -> None:
    """Adds the command to the command line."""

    @app.command(epilog="Example: mezhved worker --config node.toml --set worker.batch=50")
    def worker(config: Config = None, sets: Assignments = None) -> None:
        """Process the register's queue until SIGTERM or Ctrl-C. Any number of workers may run on one database.

        The line `ready` on standard output says that it works.
        """
        import signal
        import threading
        from contextlib import ExitStack, closing

        from ... import __version__
        from ...signing.errors import SigningError
        from .. import logs
        from ..filing import build_clerk
        from ..materials import MissingKey
        from ..node import Store, build_listener, build_worker, registers_queue
        from ..observing.exposition import serving
        from ..observing.monitor import TracingUnavailable, monitoring
        from ..opening import OPENING_ERRORS, reaching
        from ..stand.processes import READY
        from ..store.bell import bell_for
        from ..timing import timers_at_work

        settings = settings_for(config, sets)
        logs.set_up(settings.log)
        stop = threading.Event()
        metrics = settings.metrics
        with ExitStack() as until_the_end:
            with reporting(TracingUnavailable, SigningError, MissingKey, *OPENING_ERRORS), reaching():
                mnemonic = settings.registry.mnemonic
                monitor = until_the_end.enter_context(monitoring(settings, mnemonic, __version__))
                store = until_the_end.enter_context(closing(Store.open(settings.database.url)))
                tell_of_missing_dictionaries(store.engine)
                process = build_worker(settings, store, monitor=monitor)
                listener = until_the_end.enter_context(closing(build_listener(settings, store)))
                until_the_end.enter_context(timers_at_work(settings, store))
                bell = until_the_end.enter_context(closing(bell_for(store.engine, registers_queue(settings))))
                clerk = build_clerk(settings, store, bell)

            def end(*_: object) -> None:
                stop.set()
                listener.wake()

            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, end)
            if metrics.worker_port is not None:
                with reporting():
                    server = serving(monitor.registry, metrics.worker_host, metrics.worker_port)
                    until_the_end.enter_context(server)
            if clerk is not None:
                at_files = threading.Thread(target=clerk.run, args=(stop,))
                at_files.start()
                until_the_end.callback(at_files.join)
                until_the_end.callback(stop.set)
            typer.echo(f"{READY} {mnemonic}")
            process.run(stop, listener)


def tell_of_missing_dictionaries(engine: "Engine") -> None:
    """A request for which one is needed is set aside after some attempts: better to hear of it before."""
    from ..registry.dictionary_versions import needed
    from ..store.engine import read

    with read(engine) as conn:
        missing = [oid for oid, there in needed(conn).items() if not there]
    if missing:
        _LOG.warning(
            "dictionaries that the register judges codes by are missing (%s): requests that need them will fail; "
            "mezhved dictionaries import, or mezhved dictionaries samples for a trial",
            ", ".join(missing),
        )
