"""`mezhved trace`: a message's whole story."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..console import EXIT_FAILED, Assignments, Config, mark, out, plain, reporting, settings_for

if TYPE_CHECKING:
    from datetime import datetime

    from rich.console import Console

    from ..store.messages import Message
    from ..story import KeptSignature, Story


def register(app: typer.Typer) -> None:
    """Adds the command to the command line."""

    @app.command(
        epilog="Exit status: 0 found, 1 there is no such message, 2 the database cannot be used. "
        "Examples: mezhved trace 11111111-1111-11f0-8000-000000000001 --config node.toml; "
        "mezhved trace 11111111-1111-11f0-8000-000000000001 --out message.xml --config node.toml"
    )
    def trace(
        message_id: Annotated[str, typer.Argument(metavar="MESSAGE_ID", help="MessageID of a request or response.")],
        *,
        octets: Annotated[
            bool, typer.Option("--octets", help="Write the octets as they were received to standard output, alone.")
        ] = False,
        file: Annotated[
            Path | None, typer.Option("--out", "-o", metavar="FILE", help="Write these octets to a file, too.")
        ] = None,
        as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
        config: Config = None,
        sets: Assignments = None,
    ) -> None:
        """Tell a message's whole story: way, states, queues, answers, signatures then and now. Times are UTC.

        The story holds no business content; the octets do.
        """
        import json
        import sys

        from ...queue.errors import UnknownMessage as NeverAccepted
        from ...signing.errors import SigningError
        from ..exchange.times import utc_now
        from ..materials import load_trust
        from ..opening import OPENING_ERRORS, opened
        from ..store.archive import DamagedArchive, octets_of
        from ..store.engine import read
        from ..store.messages import UnknownMessage
        from ..story import tell

        settings, now = settings_for(config, sets), utc_now()
        unknown = (UnknownMessage, NeverAccepted, DamagedArchive)
        with (
            reporting(SigningError, *OPENING_ERRORS),
            reporting(*unknown, code=EXIT_FAILED),
            opened(settings.database.url) as engine,
            read(engine) as conn,
        ):
            story = tell(conn, message_id, load_trust(settings.trust), now)
            kept = octets_of(conn, message_id) if octets or file is not None else b""
            if file is not None:
                file.write_bytes(kept)
        if octets:
            sys.stdout.buffer.write(kept)
        elif as_json:
            typer.echo(json.dumps(_as_json(story), ensure_ascii=False))
        else:
            _print(out(), story, now)


def _print(console: "Console", story: "Story", now: "datetime") -> None:
    message = story.message
    console.print(f"[bold]{message.message_type} {plain(message.message_id)}[/]  {plain(message.kind)}")
    facts = [
        ("from", message.sender),
        ("to", message.recipient or "all subscribers"),
        ("state", message.state),
        ("accepted", f"{_moment(message.accepted_at)} by contract {message.contract}, {story.octets} octets"),
        ("sub-queue", message.node_id),
        ("transaction", message.transaction_code),
        ("first of chain", message.reference_message_id),
        ("test", "yes: changes no data" if message.test else None),
    ]
    for name, value in facts:
        if value is not None:
            console.print(f"  {name:<15}{plain(value)}")
    console.print("\n[bold]What happened[/]")
    for event in story.events:
        again = "" if event.last_at is None else f", {event.times} times, last {_moment(event.last_at)}"
        detail = f" ({plain(event.detail)})" if event.detail else ""
        console.print(
            f"  {_moment(event.at)}  [cyan]{event.event:<13}[/] → {event.state:<24} "
            f"[dim]by[/] {plain(event.actor)}{detail}{again}"
        )
    _print_places(console, story, now)
    _print_family(console, story)
    _print_signatures(console, story)


def _print_places(console: "Console", story: "Story", now: "datetime") -> None:
    console.print("\n[bold]Where it stands[/]")
    for one in story.places:
        state = "waits"
        if one.leased_until is not None:
            state = f"with its reader until {_moment(one.leased_until)}" if one.leased_until > now else "came back"
        elif one.blocked:
            state = "waits for an earlier one, or its EOL has passed"
        where = f"{one.recipient} {one.channel}" + (f" / {one.node_id}" if one.node_id else "")
        end = "" if one.expires_at is None else f", EOL {_moment(one.expires_at)}"
        console.print(f"  {plain(where)}: {state}; given out {one.attempts} times{end}")
    if story.aside is not None:
        console.print(f"  [yellow]set aside[/] since {_moment(story.aside.at)}: {plain(story.aside.reason)}")
    if not story.places and story.aside is None:
        console.print("  in no queue")


def _print_family(console: "Console", story: "Story") -> None:
    shown = {story.message.message_id}

    def line(label: str, one: "Message") -> None:
        shown.add(one.message_id)
        console.print(f"  {label:<10}{one.message_id}  {plain(one.sender)}, {_moment(one.accepted_at)}, {one.state}")

    if story.request is not None or story.responses or story.chain:
        console.print("\n[bold]What belongs to it[/]")
    if story.request is not None:
        line("answers", story.request)
    for one in story.responses:
        line("response", one)
    for one in story.chain:
        if one.message_id not in shown:
            line("chain", one)


def _print_signatures(console: "Console", story: "Story") -> None:
    console.print("\n[bold]Signatures[/]")
    if story.problem is not None:
        console.print(f"  [red]{plain(story.problem)}[/]")
    for one in story.signatures:
        console.print(f"  {mark(one.then is None)} {one.role} signature over {plain(one.element or '?')}")
        if one.certificate is not None:
            certificate = one.certificate
            console.print(f"      {plain(certificate.subject)}, serial {certificate.serial:x}")
            console.print(f"      valid {_moment(certificate.not_before)} to {_moment(certificate.not_after)}")
        console.print(f"      {plain(one.algorithm or '?')}")
        console.print(
            f"      at acceptance: {_verdict(one.then, one.then_text)}; now: {_verdict(one.now, one.now_text)}"
        )


def _verdict(code: str | None, text: str | None) -> str:
    return "[green]valid[/]" if code is None else f"[red]{code}[/] {plain(text or '')}"


def _moment(moment: "datetime") -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S}"


def _as_json(story: "Story") -> dict[str, Any]:
    from dataclasses import asdict

    message = _plain(asdict(story.message))
    # Whoever knows ReplyTo may answer the request.
    message.pop("reply_to")
    return {
        "message": message,
        "octets": story.octets,
        "events": [_plain(asdict(one)) for one in story.events],
        "queues": [_plain(asdict(one)) for one in story.places],
        "answers": None if story.request is None else story.request.message_id,
        "responses": [one.message_id for one in story.responses],
        "chain": [one.message_id for one in story.chain],
        "aside": None if story.aside is None else _plain(asdict(story.aside)),
        "signatures": [_signature(one) for one in story.signatures],
        "problem": story.problem,
    }


def _signature(one: "KeptSignature") -> dict[str, Any]:
    certificate = one.certificate
    return {
        "role": one.role,
        "element": one.element,
        "algorithm": one.algorithm,
        "certificate": None
        if certificate is None
        else {
            "subject": certificate.subject,
            "serial": f"{certificate.serial:x}",
            "fingerprint": certificate.fingerprint,
            "not_before": certificate.not_before.isoformat(),
            "not_after": certificate.not_after.isoformat(),
        },
        "at_acceptance": {"valid": one.then is None, "code": one.then, "reason": one.then_text},
        "now": {"valid": one.now is None, "code": one.now, "reason": one.now_text},
    }


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value.isoformat() if hasattr(value, "isoformat") else value for name, value in values.items()}
