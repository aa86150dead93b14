"""`mezhved fetch`: the next request to a provider."""

from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from ..console import EXIT_FAILED, Assignments, Config, fail, out, settings_for


def register(app: typer.Typer) -> None:
    """Adds the command to the command line."""

    @app.command(
        epilog="Exit status: 0 a request came, 1 none came, 2 it could not be done. "
        "Example: mezhved fetch --config clients/LICENCE_DEMO.toml --wait 30 --content request.xml"
    )
    def fetch(
        *,
        config: Config = None,
        sets: Assignments = None,
        kind: Annotated[
            str | None,
            typer.Option(metavar="{NAMESPACE}NAME", help="Only requests of the kind with this root; default: any."),
        ] = None,
        wait: Annotated[float, typer.Option(help="How long to go on asking, in seconds.")] = 0,
        ack: Annotated[bool, typer.Option("--ack", help="Acknowledge the request once it was shown.")] = False,
        content: Annotated[Path | None, typer.Option(help="Write the request's business content here.")] = None,
        output: Annotated[
            Path | None, typer.Option("--output", "-o", help="Write the request's envelope here.")
        ] = None,
        save: Annotated[
            Path | None, typer.Option(metavar="FOLDER", help="Write the request's attachments here.")
        ] = None,
        json: Annotated[bool, typer.Option("--json", help="One JSON object instead of lines for people.")] = False,
    ) -> None:
        """Fetch the next request to this system as a provider, verify its signatures and show it.

        Answer it with `mezhved answer`, then acknowledge it with `mezhved ack`: until then it comes again after the
        lease. A broadcast is only acknowledged.
        """
        from lxml import etree

        from ..client.smev import Selector
        from ..client_console import connected, json_line, request_as_json, save_files, show_request

        if kind is not None and not (kind.startswith("{") and "}" in kind):
            fail("--kind: write the qualified name of the request's root element: {NAMESPACE}NAME")
        settings = settings_for(config, sets)
        with connected(settings) as client:
            request = client.wait_for_request(timedelta(seconds=wait), Selector(kind))
            if request is None:
                fail("no request is waiting", EXIT_FAILED)
            if json:
                typer.echo(json_line(request_as_json(request)))
            else:
                show_request(out(), request)
            if content is not None:
                content.write_bytes(etree.tostring(request.content, encoding="UTF-8", with_tail=False))
            if output is not None:
                output.write_bytes(request.octets)
            if save is not None:
                save_files(settings, save, request)
            if ack:
                client.ack(request.message_id)
