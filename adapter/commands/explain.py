"""`mezhved explain`: which octets a signature hashes and why it does not hold; or what a refusal means."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..console import EXIT_FAILED, fail, mark, out, plain, reporting

if TYPE_CHECKING:
    from ..conformance.explaining import Explanation
    from ..conformance.reply import FaultReply


def register(app: typer.Typer) -> None:
    """Adds the command to the command line."""

    @app.command(
        epilog="Exit status: 0 every digest and signature matches (or it is a fault), 1 some do not, 2 the file is "
        "unreadable. "
        "Example: mezhved explain refused.xml --output octets"
    )
    def explain(
        file: Annotated[Path, typer.Argument(help="Envelope; - is standard input.")],
        *,
        output: Annotated[
            Path | None, typer.Option("--output", "-o", metavar="DIR", help="Write the octets to files in this folder.")
        ] = None,
        json_line: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
    ) -> None:
        """Show for each signature the octets hashed after each transform, and what would account for a mismatch.

        Takes envelopes of every operation, calls and answers, in every version of the contract. Certificates are not
        judged here: `mezhved verify` does that. Of a fault it tells what it means and what a client does about it.
        """
        import json

        from ..conformance.explaining import explain as explain_envelope
        from ..conformance.reading import UnreadableError, parse_xml, read_file, recognise
        from ..conformance.reply import find_fault

        try:
            root = parse_xml(read_file(file))
            if (fault := find_fault(root)) is not None:
                _tell(file, fault, json_line=json_line)
                raise typer.Exit(0)
            explanations = explain_envelope(recognise(root))
        except UnreadableError as error:
            fail(f"{file}: {error}")
        written = [] if output is None else _write(output, explanations)
        if json_line:
            found = {"file": str(file), "signatures": [_as_json(one) for one in explanations]}
            typer.echo(json.dumps(found, ensure_ascii=False))
        else:
            for number, one in enumerate(explanations, 1):
                _print(number, one, with_octets=output is None)
            for path in written:
                out().print(f"written: {plain(path)}")
            if not explanations:
                out().print("the envelope has no signature, and its contract demands none")
        raise typer.Exit(0 if all(one.holds for one in explanations) else EXIT_FAILED)


def _tell(file: Path, fault: "FaultReply", *, json_line: bool) -> None:
    import json

    from ..conformance.summary import explained

    refusal = explained(fault)
    if json_line:
        found = {"name": fault.name, "code": fault.number, "problem": fault.problem, "text": fault.text}
        found |= {"meaning": refusal.meaning, "advice": fault.kind.advice.value}
        typer.echo(json.dumps({"file": str(file), "fault": found}, ensure_ascii=False))
        return
    console = out()
    console.print(f"[bold]{plain(' '.join(filter(None, (refusal.label, refusal.number))))}[/]")
    for line in fault.text.splitlines():
        console.print(f"   {plain(line)}")
    console.print(f"   meaning     {plain(refusal.meaning)}\n   what to do  {plain(refusal.advice)}")


def _octets(explanation: "Explanation") -> list[tuple[str, str, bytes]]:
    """What was hashed: a short name for a file, a title, the octets."""
    names = {"http://www.w3.org/2001/10/xml-exc-c14n#": "exclusive-c14n", "urn://smev-gov-ru/xmldsig/transform": "smev"}
    found = [
        (f"{number}-{names.get(step.transform, 'inclusive-c14n')}", f"after {step.transform}", step.octets)
        for number, step in enumerate(explanation.steps, 1)
    ]
    if explanation.signed_info:
        found.append(("signed-info", "canonical SignedInfo", explanation.signed_info))
    return found


def _write(folder: Path, explanations: "list[Explanation]") -> list[Path]:
    written = []
    with reporting():
        folder.mkdir(parents=True, exist_ok=True)
        for number, one in enumerate(explanations, 1):
            for name, _, octets in _octets(one):
                path = folder / f"{number}-{one.role or 'stray'}-{name}.xml"
                path.write_bytes(octets)
                written.append(path)
    return written


def _as_json(one: "Explanation") -> dict[str, Any]:
    return {
        "role": one.role,
        "element": one.element,
        "id": one.id,
        "algorithm": one.algorithm,
        "signer": one.signer,
        "steps": [{"transform": step.transform, "octets": step.octets.decode()} for step in one.steps],
        "digest": {
            "algorithm": one.digest_algorithm,
            "stated": one.digest_stated,
            "computed": one.digest_computed,
            "matches": one.digest_matches,
        },
        "signed_info": one.signed_info.decode(),
        "signature": {"matches": one.signature_matches},
        "causes": [{"subject": cause.subject, "cause": cause.cause, "text": cause.text} for cause in one.causes],
        "notes": one.notes,
        "tried": one.tried,
    }


def _print(number: int, one: "Explanation", *, with_octets: bool) -> None:
    console = out()
    what = f"{one.element or '?'}" + (f" #{one.id}" if one.id else "")
    console.print(f"[bold]{number}. {one.role or 'stray'} signature over {plain(what)}[/]")
    console.print(f"   signer     {plain(one.signer)}\n   algorithm  {plain(one.algorithm)}")
    for _, title, octets in _octets(one):
        console.print(f"   {plain(title)}: {len(octets)} octets")
        if with_octets:
            console.print(octets.decode(), markup=False, style="dim")
    if one.digest_stated is not None:
        console.print(f"   {_mark(one.digest_matches)} digest  {plain(one.digest_algorithm)}")
        console.print(f"       stated    {plain(one.digest_stated)}\n       computed  {plain(one.digest_computed)}")
        console.print(f"   {_mark(one.signature_matches)} signature value over SignedInfo")
    for note in one.notes:
        console.print(f"   [yellow]![/] {plain(note)}")
    for cause in one.causes:
        console.print(f"   [green]→[/] this would match ({cause.subject}): [bold]{cause.cause}[/]: {plain(cause.text)}")
    if one.tried and not one.causes:
        console.print(f"   {one.tried} known mistakes were tried, and none of them would match")


def _mark(matches: bool | None) -> str:
    return "[yellow]?[/]" if matches is None else mark(matches)
