"""`mezhved verify`: every signature of an envelope, at its place in the contract."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..conformance.command_line import SeveralValues
from ..console import EXIT_FAILED, EXIT_USAGE, mark, out, plain, reporting

if TYPE_CHECKING:
    from ..conformance.judging import Judgement


class Profile(StrEnum):
    """What a signature must look like."""

    SMEV = "smev"
    XMLDSIG = "xmldsig"


def register(app: typer.Typer) -> None:
    """Adds the command to the command line."""

    @app.command(
        cls=SeveralValues,
        epilog="Exit status: 0 all signatures are valid, 1 some are not, 2 a file is unreadable. "
        "Example: mezhved verify answer.xml --trust ca.pem --at 2026-12-01T09:00:00Z",
    )
    def verify(
        files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Envelopes; - is standard input.")],
        *,
        trust: Annotated[
            list[Path], typer.Option(metavar="PEM...", help="Certificates of the authorities that are trusted.")
        ],
        crl: Annotated[list[Path] | None, typer.Option(metavar="PEM...", help="Certificate revocation lists.")] = None,
        at: Annotated[
            str | None, typer.Option(metavar="TIME", help="Judge by this moment (ISO 8601); default: now.")
        ] = None,
        profile: Annotated[
            Profile, typer.Option(help="smev demands both transforms; xmldsig also takes plain c14n and enveloped.")
        ] = Profile.SMEV,
        json_lines: Annotated[bool, typer.Option("--json", help="One JSON object a line and file.")] = False,
    ) -> None:
        """Verify every signature of SMEV envelopes: caller, person, node, sender, routing and record."""
        import json
        from datetime import UTC, datetime

        from ...signing.certificates import load_pem_or_der
        from ...signing.crls import load_crls
        from ...signing.errors import SigningError
        from ...signing.policy import SMEV, XMLDSIG
        from ...signing.trust import TrustStore
        from ..conformance.command_line import read_moment
        from ..conformance.judging import judge
        from ..conformance.reading import UnreadableError, read_envelope, read_file

        moment = datetime.now(UTC) if at is None else read_moment(at)
        with reporting(SigningError):
            store = TrustStore(
                anchors=[certificate for path in trust for certificate in load_pem_or_der(path.read_bytes())],
                crls=[one for path in crl or () for one in load_crls(path.read_bytes())],
            )
        policy = SMEV if profile is Profile.SMEV else XMLDSIG
        worst = 0
        for file in files:
            judgements: list[Judgement] = []
            unreadable = None
            try:
                judgements = judge(read_envelope(read_file(file)), policy=policy, trust=store, at=moment)
            except UnreadableError as error:
                unreadable = str(error)
            valid = unreadable is None and all(one.valid for one in judgements)
            worst = max(worst, EXIT_USAGE if unreadable else 0 if valid else EXIT_FAILED)
            if json_lines:
                typer.echo(json.dumps(_as_json(file, valid, judgements, unreadable), ensure_ascii=False))
            else:
                _print(file, valid, judgements, unreadable)
        raise typer.Exit(worst)


def _as_json(file: Path, valid: bool, judgements: "list[Judgement]", unreadable: str | None) -> dict[str, Any]:
    from dataclasses import asdict

    line: dict[str, Any] = {"file": str(file), "valid": valid, "signatures": [asdict(one) for one in judgements]}
    return line if unreadable is None else line | {"error": unreadable}


def _print(file: Path, valid: bool, judgements: "list[Judgement]", unreadable: str | None) -> None:
    console = out()
    if unreadable is not None:
        console.print(f"[bold]{plain(file)}[/]: [red]unreadable:[/] {plain(unreadable)}")
        return
    verdict = "no signature is demanded" if not judgements else "valid" if valid else "[red]not valid[/]"
    console.print(f"[bold]{plain(file)}[/]: {verdict}")
    for one in judgements:
        what = f"{one.element or '?'}" + (f" #{one.id}" if one.id else "")
        console.print(f"  {mark(one.valid)} {one.role or 'stray'} signature over {plain(what)}")
        if one.signer is not None:
            console.print(f"    signer     {plain(one.signer)}")
        if one.algorithm is not None:
            console.print(f"    algorithm  {plain(one.algorithm)}")
        if not one.valid:
            console.print(f"    [red]{one.code}[/]: {plain(one.reason)}")
