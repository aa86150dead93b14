"""`mezhved send`: a request to the node, signed, and its response if it is waited for."""

import sys
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..console import EXIT_FAILED, Assignments, Config, fail, out, reporting, settings_for

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

    from ..client.answers import Accepted, Response
    from ..client.building import Prepared
    from ..client.smev import SmevClient


def register(app: typer.Typer) -> None:
    """Adds the command to the command line."""

    @app.command(
        epilog="Exit status: 0 accepted (with --wait: answered), 1 refused or not answered in time, 2 not done. "
        "Example: mezhved send worker.xml --config clients/RMIS_DEMO.toml --wait"
    )
    def send(
        file: Annotated[
            Path | None,
            typer.Argument(help="Business content, to be sent in a signed request; or a signed envelope. - is stdin."),
        ] = None,
        *,
        config: Config = None,
        sets: Assignments = None,
        wait: Annotated[bool, typer.Option("--wait", help="Poll for the response and show it.")] = False,
        ack: Annotated[bool, typer.Option(help="Whether --wait acknowledges the response.")] = True,
        message_id: Annotated[
            str | None, typer.Option(help="MessageID to use; that it was sent before is no error then.")
        ] = None,
        node_id: Annotated[
            str | None, typer.Option(help="Sub-queue for the response; default with --wait: one of its own.")
        ] = None,
        personal: Annotated[
            bool, typer.Option("--personal", help="Have the official of the settings sign the content too.")
        ] = False,
        test: Annotated[bool, typer.Option("--test", help="Mark the message as a test: it changes no data.")] = False,
        attach: Annotated[
            list[Path] | None, typer.Option("--attach", metavar="FILE", help="Attach a file, signed; may be repeated.")
        ] = None,
        upload: Annotated[
            list[Path] | None,
            typer.Option("--upload", metavar="FILE", help="Put a file into the node's store, signed; may be repeated."),
        ] = None,
        record: Annotated[
            list[Path] | None,
            typer.Option(help="Content of one record of a registry request (1.3), instead of FILE; may be repeated."),
        ] = None,
        to: Annotated[
            list[str] | None, typer.Option(help="Mnemonic of a system that shall have it (1.3); may be repeated.")
        ] = None,
        route: Annotated[
            list[str] | None,
            typer.Option(help="Value that the node's operator has assigned to a system (1.3); may be repeated."),
        ] = None,
        keep: Annotated[Path | None, typer.Option(help="Write the signed envelope here before it is sent.")] = None,
        output: Annotated[
            Path | None, typer.Option("--output", "-o", help="Write the response's envelope here.")
        ] = None,
        save: Annotated[
            Path | None, typer.Option(metavar="FOLDER", help="Write the response's attachments here.")
        ] = None,
        json: Annotated[bool, typer.Option("--json", help="One JSON object instead of lines for people.")] = False,
    ) -> None:
        """Send a request and print its MessageID.

        After a lost answer the same message goes out again, and the node's "already sent" counts as success: nothing is
        sent twice. Keep the envelope (--keep) to be able to send the very same message after a crash.

        With --record the request holds a record for each file, numbered from 1 and signed; the answer tells of each.
        """
        from ..client.building import is_envelope, prepared_before, read_content
        from ..client.errors import ClientFailure
        from ..client_console import connected, files_to_send, official_key, refused, save_files
        from ..client_console import upload as put

        settings = settings_for(config, sets)
        with reporting(ClientFailure):
            content: Element | list[Element] = [read_content(path.read_bytes()) for path in record or ()]
            prepared = None
            if file is not None:
                octets = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
                content = read_content(octets)
                prepared = prepared_before(octets, settings.client.contract) if is_envelope(content) else None
            files = files_to_send(attach or [])
        if (file is None) is not bool(record):
            fail("name either a FILE or, for a registry request, its records (--record)")
        changes = (message_id, node_id, test, personal, to, route, files, upload)
        if prepared is not None and any(changes):
            fail(
                "the file is a whole envelope, already signed: --message-id, --node-id, --test, --personal, --attach, "
                "--upload, --to and --route cannot change it"
            )
        signer = official_key(settings) if personal else None
        with connected(settings, json=json) as client:
            sent_before = prepared is not None or message_id is not None
            if prepared is None:
                node_id = node_id or (_own_queue() if wait else None)
                prepared = client.prepare(
                    content,
                    message_id=message_id,
                    node_id=node_id,
                    test=test,
                    personal=signer,
                    attachments=files,
                    files=put(settings, client, upload or [], signer or client.key),
                    to=to or (),
                    route=route or (),
                )
            if keep is not None:
                keep.write_bytes(prepared.octets)
            accepted = _send(client, prepared, sent_before=sent_before, json=json)
            response = _response(client, node_id, settings.client.wait_seconds) if wait else None
            _print(accepted, response, json=json)
            if response is None:
                return
            if output is not None:
                output.write_bytes(response.octets)
            if save is not None:
                save_files(settings, save, response)
            if ack:
                client.ack(response.message_id)
        if refused(response):
            raise typer.Exit(EXIT_FAILED)


def _own_queue() -> str:
    """A NodeID that nobody else reads, so that waiting takes no other message out of the system's queue."""
    import secrets

    return f"cli-{secrets.token_hex(4)}"


def _send(client: "SmevClient", prepared: "Prepared", *, sent_before: bool, json: bool) -> "Accepted":
    accepted = client.send(prepared, sent_before=sent_before)
    if not json:
        typer.echo(accepted.message_id)
    if accepted.again:
        typer.echo("mezhved: the node had accepted this message before; it was not sent twice", err=True)
    return accepted


def _response(client: "SmevClient", node_id: str | None, seconds: float) -> "Response":
    from ..client.smev import Selector

    response = client.wait_for_response(timedelta(seconds=seconds), Selector(node_id=node_id))
    if response is None:
        again = "mezhved poll" + (f" --node-id {node_id}" if node_id else "")
        fail(f"no response within {seconds:g} s; ask again with: {again}", EXIT_FAILED)
    return response


def _print(accepted: "Accepted", response: "Response | None", *, json: bool) -> None:
    from ..client_console import as_json, json_line, show

    if json:
        told = None if response is None else as_json(response)
        typer.echo(json_line({"message_id": accepted.message_id, "again": accepted.again, "response": told}))
    elif response is not None:
        show(out(), response)
