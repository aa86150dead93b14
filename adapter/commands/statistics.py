"""`mezhved statistics`: how many messages wait for this system."""

from typing import Annotated

import typer

from ..console import Assignments, Config, out, plain, settings_for


def register(app: typer.Typer) -> None:
    """Adds the command to the command line."""

    @app.command(epilog="Example: mezhved statistics --config clients/LICENCE_DEMO.toml")
    def statistics(
        config: Config = None,
        sets: Assignments = None,
        node_id: Annotated[str | None, typer.Option(help="Only the sub-queue of this NodeID.")] = None,
        json: Annotated[bool, typer.Option("--json", help="One JSON object a line and queue.")] = False,
    ) -> None:
        """Ask the node how many messages wait in each queue of this system.

        Only contract 1.1 has the operation, so it is asked by that one whatever the settings say. The node does not
        sign this answer.
        """
        from ..client_console import connected, json_line

        asking = settings_for(config, sets, {"client": {"contract": "1.1"}})
        with connected(asking) as client:
            for queue in client.get_statistics(node_id):
                if json:
                    typer.echo(json_line({"queue": queue.queue, "waiting": queue.waiting}))
                else:
                    out().print(f"{queue.waiting:>8} {plain(queue.queue)}")
