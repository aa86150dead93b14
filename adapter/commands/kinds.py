"""`mezhved kinds`: the kinds of messages that the register answers."""

from typing import Annotated

import typer

from ..console import out, plain


def register(app: typer.Typer) -> None:
    """Adds the command to the command line."""

    @app.command(epilog="Example: mezhved kinds --rules")
    def kinds(
        rules: Annotated[bool, typer.Option("--rules", help="Also the rules of each kind, with their codes.")] = False,
        as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line and kind.")] = False,
    ) -> None:
        """List the kinds of messages: namespace, root elements, what each does, and by which rules it refuses."""
        import json

        from ..registry.kinds import Kind, load_kinds

        def as_object(kind: Kind) -> dict[str, object]:
            return {
                "name": kind.name,
                "version": kind.version,
                "title": kind.description.title,
                "purpose": kind.description.purpose,
                "writes": kind.writes,
                "request": kind.request_root,
                "response": kind.response_root,
                "schema": str(kind.schema_path),
                "rules": [
                    {
                        "code": rule.code,
                        "severity": rule.severity,
                        "reason": rule.reason,
                        "text": rule.text,
                        "remedy": rule.remedy,
                    }
                    for rule in kind.rules
                ],
            }

        def show(kind: Kind) -> None:
            console = out()
            does = "changes the register" if kind.writes else "reads only"
            console.print(
                f"[bold]{plain(kind.name)}[/] {plain(kind.version)}: {plain(kind.description.title)} ({does})"
            )
            console.print(f"  {plain(kind.description.purpose)}")
            console.print(f"  namespace  {plain(kind.namespace)}")
            console.print(f"  request    {plain(_local(kind.request_root))}")
            console.print(f"  response   {plain(_local(kind.response_root))}")
            console.print(f"  schema     {plain(kind.schema_path)}")
            for rule in kind.rules if rules else ():
                console.print(
                    f"  {plain(rule.severity):8} [bold]{plain(rule.code)}[/] {plain(rule.text)}. {plain(rule.remedy)}"
                )

        for kind in load_kinds():
            if as_json:
                typer.echo(json.dumps(as_object(kind), ensure_ascii=False))
            else:
                show(kind)


def _local(clark: str) -> str:
    return clark.rpartition("}")[2]
