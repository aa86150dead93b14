"""`mezhved poll`: the next response, or notice, from the node."""

from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from ..console import EXIT_FAILED, Assignments, Config, fail, out, plain, settings_for


def register(app: typer.Typer) -> None:
    """Adds the command to the command line."""

    @app.command(
        epilog="Exit status: 0 something came, 1 nothing came or the response is a refusal, 2 it could not be done. "
        "Example: mezhved poll --config clients/RMIS_DEMO.toml --wait 30 --ack"
    )
    def poll(
        *,
        config: Config = None,
        sets: Assignments = None,
        kind: Annotated[
            str | None,
            typer.Option(metavar="{NAMESPACE}NAME", help="Only responses with this root element; default: any."),
        ] = None,
        node_id: Annotated[str | None, typer.Option(help="Only the sub-queue of this NodeID.")] = None,
        wait: Annotated[float, typer.Option(help="How long to go on asking, in seconds.")] = 0,
        ack: Annotated[bool, typer.Option("--ack", help="Acknowledge the response once it was shown.")] = False,
        status: Annotated[
            bool, typer.Option("--status", help="A notice of the status queue (GetStatus) instead.")
        ] = False,
        output: Annotated[
            Path | None, typer.Option("--output", "-o", help="Write the response's envelope here.")
        ] = None,
        save: Annotated[
            Path | None, typer.Option(metavar="FOLDER", help="Write the response's attachments here.")
        ] = None,
        json: Annotated[bool, typer.Option("--json", help="One JSON object instead of lines for people.")] = False,
    ) -> None:
        """Fetch the next response, verify its signatures and show it.

        A response that is not acknowledged (--ack, or `mezhved ack`) comes again after the lease.
        """
        from ..client.smev import Selector
        from ..client_console import as_json, connected, json_line, refused, save_files, show

        if kind is not None and not (kind.startswith("{") and "}" in kind):
            fail("--kind: write the qualified name of the response's root element: {NAMESPACE}NAME")
        settings = settings_for(config, sets)
        with connected(settings, json=json) as client:
            if status:
                notice = client.get_status()
                if notice is None:
                    fail("no notice is waiting", EXIT_FAILED)
                out().print(plain(f"{notice.message_id} {notice.status}: {notice.description or notice.details or ''}"))
                return
            response = client.wait_for_response(timedelta(seconds=wait), Selector(kind, node_id))
            if response is None:
                fail("no response is waiting", EXIT_FAILED)
            if json:
                typer.echo(json_line(as_json(response)))
            else:
                show(out(), response)
            if output is not None:
                output.write_bytes(response.octets)
            if save is not None:
                save_files(settings, save, response)
            if ack:
                client.ack(response.message_id)
            if refused(response):
                raise typer.Exit(EXIT_FAILED)
