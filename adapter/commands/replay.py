"""`mezhved replay`: fixtures against a running node."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..console import EXIT_FAILED, EXIT_USAGE, fail, out, plain, reporting

if TYPE_CHECKING:
    from ..conformance.replay import FixtureResult


_WIDE = 160
"""Columns of the table where nobody says how many there are: in a file, in a pipe."""


def register(app: typer.Typer) -> None:
    """Adds the command to the command line."""

    @app.command(
        epilog="Exit status: 0 all as expected, 1 some not, 2 a fixture or the node cannot be used. "
        "Example: mezhved replay fixtures --url http://127.0.0.1:8080"
    )
    def replay(
        paths: Annotated[list[Path], typer.Argument(metavar="PATH...", help="Fixtures, or folders of them.")],
        *,
        url: Annotated[str, typer.Option(help="The node: its base URL, or the endpoint of one contract version.")],
        trust: Annotated[
            list[Path] | None,
            typer.Option(metavar="PEM", help="Also verify every signature of the answers, by these authorities."),
        ] = None,
        patience: Annotated[float, typer.Option(help="Longest wait for a response, in seconds.")] = 60.0,
        timeout: Annotated[float, typer.Option(help="Longest wait for an answer to a call, in seconds.")] = 30.0,
        json_lines: Annotated[bool, typer.Option("--json", help="One JSON object a line and fixture.")] = False,
    ) -> None:
        """Replay fixtures against a node, ours or another's, and compare what comes of it with what is expected."""
        import json
        import secrets
        import time
        from datetime import UTC, datetime, timedelta

        from ...signing.certificates import load_pem_or_der
        from ...signing.errors import SigningError
        from ...signing.trust import TrustStore
        from ..conformance.fixture import FixtureError, find_fixtures, load_fixture
        from ..conformance.key_ring import KeyRing
        from ..conformance.replay import Replayer, ReplaySettings
        from ..conformance.wire import NodeUnreachableError

        with reporting(FixtureError, SigningError):
            fixtures = [load_fixture(path) for path in find_fixtures(paths)]
            anchors = [certificate for path in trust or () for certificate in load_pem_or_der(path.read_bytes())]
        replayer = Replayer(
            settings=ReplaySettings(
                url=url,
                patience=timedelta(seconds=patience),
                timeout=timeout,
                trust=TrustStore(anchors=anchors) if anchors else None,
            ),
            keys=KeyRing().key,
            clock=lambda: datetime.now(UTC),
            random_bits=secrets.randbits,
            pause=time.sleep,
        )
        results: list[FixtureResult] = []
        unreachable = None
        for fixture in fixtures:
            try:
                results.append(replayer.run(fixture))
            except NodeUnreachableError as error:
                unreachable = f"{fixture.path}: {error}"
                break
            if json_lines:
                typer.echo(json.dumps(_as_json(results[-1]), ensure_ascii=False))
        if results and not json_lines:
            _print(results)
        if unreachable is not None:
            fail(unreachable)
        raise typer.Exit(_exit_status(results))


def _exit_status(results: "list[FixtureResult]") -> int:
    outcomes = {result.outcome.value for result in results}
    if outcomes == {"skipped"}:
        return EXIT_USAGE  # nothing has been shown
    return EXIT_USAGE if "error" in outcomes else EXIT_FAILED if "failed" in outcomes else 0


def _as_json(result: "FixtureResult") -> dict[str, Any]:
    return {
        "fixture": str(result.fixture.path),
        "title": result.fixture.title,
        "outcome": result.outcome.value,
        "reason": result.reason or None,
        "steps": [
            {"step": step.number, "did": step.what, "got": step.got, "differences": list(step.differences)}
            for step in result.steps
        ],
    }


def _print(results: "list[FixtureResult]") -> None:
    from collections import Counter

    from rich.table import Table

    colours = {"passed": "green", "failed": "red", "skipped": "yellow", "error": "red"}
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("Outcome", no_wrap=True)
    table.add_column("Fixture", no_wrap=True)
    table.add_column("Last answer", overflow="fold")
    base = _base(results)
    for result in results:
        outcome = result.outcome.value
        answer = result.steps[-1].got.partition(": ")[0] if result.steps else ""
        name = str(result.fixture.path.relative_to(base)).removesuffix(".fixture.toml")
        table.add_row(f"[{colours[outcome]}]{outcome}[/]", plain(name), plain(answer))
    console = out()
    if not console.is_terminal:
        console.width = _WIDE
    console.print(table, soft_wrap=False)
    for result in results:
        if result.outcome.value != "passed":
            console.print(f"\n[bold]{plain(result.fixture.path)}[/]: {plain(result.fixture.title)}")
            for line in _differences(result):
                console.print(f"  {plain(line)}")
    counts = Counter(result.outcome.value for result in results)
    console.print("\n" + ", ".join(f"{counts[outcome]} {outcome}" for outcome in colours if counts[outcome]))


def _base(results: "list[FixtureResult]") -> Path:
    """The folder that all fixtures have in common."""
    import os

    return Path(os.path.commonpath([result.fixture.path.parent for result in results]))


def _differences(result: "FixtureResult") -> list[str]:
    lines = [f"step {step.number}, {step.what}: {text}" for step in result.steps for text in step.differences]
    return [*lines, result.reason] if result.reason else lines
