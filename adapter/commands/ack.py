"""`mezhved ack`: confirms to the node that a message has arrived."""

from typing import Annotated

import typer

from ..console import Assignments, Config, settings_for


def register(app: typer.Typer) -> None:
    """Adds the command to the command line."""

    @app.command(epilog="Example: mezhved ack 3c1ab0f2-c5f1-11f0-8de9-0242ac120002 --config clients/RMIS_DEMO.toml")
    def ack(
        message_ids: Annotated[list[str], typer.Argument(metavar="MESSAGE_ID...", help="Messages that were fetched.")],
        *,
        config: Config = None,
        sets: Assignments = None,
        unusable: Annotated[
            bool, typer.Option("--unusable", help="Say that the message could not be used (accepted=false).")
        ] = False,
    ) -> None:
        """Acknowledge fetched messages: they leave the queue. Others come again after their lease."""
        from ..client_console import connected

        with connected(settings_for(config, sets)) as client:
            for message_id in message_ids:
                client.ack(message_id, accepted=not unusable)
