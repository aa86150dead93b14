"""`mezhved serve`: the exchange node as a process."""

from contextlib import ExitStack, closing
from typing import Annotated

import typer

from ..console import Assignments, Config, reporting, settings_for


def register(app: typer.Typer) -> None:
    """Adds the command to the command line."""

    @app.command(epilog="Example: mezhved serve --config node.toml --host 0.0.0.0 --port 8080")
    def serve(
        *,
        config: Config = None,
        sets: Assignments = None,
        host: Annotated[str | None, typer.Option(help="Address to listen on (node.host).")] = None,
        port: Annotated[int | None, typer.Option(help="TCP port; 0 takes a free one (node.port).")] = None,
    ) -> None:
        """Serve the exchange until SIGTERM or Ctrl-C: SOAP endpoints, WSDL, health.

        The line `ready URL` on standard output says that connections are taken.
        """
        from ... import __version__
        from ...signing.errors import SigningError
        from .. import logs
        from ..catalogue.errors import CatalogueError
        from ..http.server import serve as run
        from ..materials import EmptyToken, MissingKey
        from ..node import Store, build_app
        from ..observing.monitor import TracingUnavailable, monitoring
        from ..opening import OPENING_ERRORS, reaching
        from ..soap.endpoint import ContractNotServed
        from ..stand.processes import READY
        from ..timing import timers_at_work

        mistakes = SigningError, MissingKey, EmptyToken, ContractNotServed, CatalogueError, *OPENING_ERRORS
        settings = settings_for(config, sets, {"node": {"host": host, "port": port}})
        logs.set_up(settings.log)

        def started(address: str, number: int) -> None:
            shown = f"[{address}]" if ":" in address else address
            typer.echo(f"{READY} http://{shown}:{number}")

        with ExitStack() as until_the_end:
            with reporting(TracingUnavailable, *mistakes), reaching():
                mnemonic = settings.node.mnemonic
                monitor = until_the_end.enter_context(monitoring(settings, mnemonic, __version__))
                store = Store.open(settings.database.url, threads=settings.limits.concurrent)
                until_the_end.enter_context(closing(store))
                application = build_app(settings, store, monitor=monitor)
            with reporting(SigningError), timers_at_work(settings, store):
                run(application, settings, started=started)
