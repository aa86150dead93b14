"""`mezhved answer`: a provider's answer to a request."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..console import Assignments, Config, fail, reporting, settings_for

if TYPE_CHECKING:
    from ..client.building import Answer


def register(app: typer.Typer) -> None:
    """Adds the command to the command line."""

    @app.command(
        epilog="Example: mezhved answer REPLY_TO response.xml --config clients/LICENCE_DEMO.toml\n\n"
        "Example: mezhved answer REPLY_TO --reject 'NO_DATA:Сведений нет' --config clients/LICENCE_DEMO.toml"
    )
    def answer(
        reply_to: Annotated[str, typer.Argument(help="Where the answer goes: what `mezhved fetch` has shown.")],
        file: Annotated[Path | None, typer.Argument(help="Business content of the answer. - is stdin.")] = None,
        *,
        reject: Annotated[
            list[str] | None,
            typer.Option("--reject", metavar="REASON:TEXT", help="Refuse instead; may be repeated."),
        ] = None,
        status: Annotated[
            str | None, typer.Option(metavar="CODE:TEXT", help="Say how far it has come instead; CODE is a number.")
        ] = None,
        message_id: Annotated[
            str | None, typer.Option(help="MessageID to use; that it was sent before is no error then.")
        ] = None,
        attach: Annotated[
            list[Path] | None, typer.Option("--attach", metavar="FILE", help="Attach a file, signed; may be repeated.")
        ] = None,
        upload: Annotated[
            list[Path] | None,
            typer.Option("--upload", metavar="FILE", help="Put a file into the node's store, signed; may be repeated."),
        ] = None,
        keep: Annotated[Path | None, typer.Option(help="Write the signed envelope here before it is sent.")] = None,
        config: Config = None,
        sets: Assignments = None,
    ) -> None:
        """Answer a request with content, with refusals, or with an interim status; prints the answer's MessageID.

        Reasons of a refusal: ACCESS_DENIED, NO_DATA, UNKNOWN_REQUEST_DESCRIPTION, FAILURE. A request may be told any
        number of interim statuses, and is then answered once. It must be acknowledged all the same (`mezhved ack`).
        """
        from ..client_console import connected, files_to_send
        from ..client_console import upload as put

        said = _answer(file, reject or [], status)
        with reporting():
            files = files_to_send(attach or [])
        if (files or upload) and file is None:
            fail("--attach and --upload go with content, not with --reject or --status")
        settings = settings_for(config, sets)
        with connected(settings) as client:
            stored = put(settings, client, upload or [], client.key)
            prepared = client.prepare_response(reply_to, said, message_id=message_id, attachments=files, files=stored)
            if keep is not None:
                keep.write_bytes(prepared.octets)
            accepted = client.send(prepared, sent_before=message_id is not None)
        typer.echo(accepted.message_id)
        if accepted.again:
            typer.echo("mezhved: the node had accepted this answer before; it was not sent twice", err=True)


def _answer(file: Path | None, reject: list[str], status: str | None) -> "Answer":
    from ..client.answers import BusinessStatus, Rejected
    from ..client.building import read_content
    from ..client.errors import ClientFailure
    from ..exchange.rejection import RejectReason

    if sum((file is not None, bool(reject), status is not None)) != 1:
        fail("give either a file with content, or --reject, or --status")
    if file is not None:
        with reporting(ClientFailure):
            return read_content(sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes())
    if status is not None:
        code, text = _split(status, "--status", "CODE:TEXT")
        if not code.isdecimal():
            fail("--status: the code must be a whole number")
        return BusinessStatus(code, text)
    refusals = [_split(one, "--reject", "REASON:TEXT") for one in reject]
    for reason, _ in refusals:
        if reason not in set(RejectReason):
            fail(f"--reject: the reason must be one of {', '.join(RejectReason)}")
    return [Rejected(reason, text) for reason, text in refusals]


def _split(value: str, option: str, form: str) -> tuple[str, str]:
    first, colon, text = value.partition(":")
    if not (first.strip() and colon and text.strip()):
        fail(f"{option}: write {form}")
    return first.strip(), text.strip()
