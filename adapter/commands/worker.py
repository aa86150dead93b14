"""`mezhved worker`: the register's worker as a process."""

import typer

from ..console import Assignments, Config, reporting, settings_for


def register(app: typer.Typer) -> None:
    """Adds the command to the command line."""

    @app.command(epilog="Example: mezhved worker --config node.toml --set worker.batch=50")
    def worker(config: Config = None, sets: Assignments = None) -> None:
        """Process the register's queue until SIGTERM or Ctrl-C. Any number of workers may run on one database.

        The line `ready` on standard output says that it works.
        """
        import signal
        import threading

        from ...signing.errors import SigningError
        from .. import logs
        from ..materials import MissingKey
        from ..node import Store, build_worker
        from ..opening import OPENING_ERRORS, reaching
        from ..stand.processes import READY

        settings = settings_for(config, sets)
        logs.set_up(settings.log)
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        with reporting(SigningError, MissingKey, *OPENING_ERRORS), reaching():
            process = build_worker(settings, Store.open(settings.database.url))
        typer.echo(f"{READY} {settings.registry.mnemonic}")
        process.run(stop)
