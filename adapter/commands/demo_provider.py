"""`mezhved demo-provider`: the stand's foreign provider as a process."""

import typer

from ..console import Assignments, Config, settings_for


def register(app: typer.Typer) -> None:
    """Adds the command to the command line."""

    @app.command("demo-provider", epilog="Example: mezhved demo-provider --config stand/clients/LICENCE_DEMO.toml")
    def demo_provider(config: Config = None, sets: Assignments = None) -> None:
        """Answer a stand's requests about licences until SIGTERM or Ctrl-C, as another agency's system would.

        The line `ready` on standard output says that it works.
        """
        import signal
        import threading

        from .. import logs
        from ..client_console import connected
        from ..stand.licences import provide
        from ..stand.processes import READY

        settings = settings_for(config, sets)
        logs.set_up(settings.log)
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        with connected(settings) as client:
            typer.echo(f"{READY} {settings.client.url}")
            provide(client, stop)
