"""`mezhved replay`: fixtures against a running node."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..console import EXIT_FAILED, EXIT_USAGE, fail, out, plain, reporting
from ..exchange.contract import CONTRACTS, Operation

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from ..conformance.fixture import Fixture, Run
    from ..conformance.replay import RunResult
    from ..conformance.reply import FaultReply


_WIDE = 160
"""Columns of the tables where nobody says how many there are: in a file, in a pipe."""
_COLOURS = {"passed": "green", "failed": "red", "skipped": "yellow", "error": "red"}


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
        contract: Annotated[
            list[str] | None, typer.Option(metavar="VERSION", help="Only what needs no other version than these.")
        ] = None,
        operation: Annotated[
            list[Operation] | None, typer.Option(help="Of fixtures for several operations, only these.")
        ] = None,
        trust: Annotated[
            list[Path] | None,
            typer.Option(metavar="PEM", help="Also verify every signature of the answers, by these authorities."),
        ] = None,
        patience: Annotated[float, typer.Option(help="Longest wait for a message, in seconds.")] = 60.0,
        timeout: Annotated[float, typer.Option(help="Longest wait for an answer to a call, in seconds.")] = 30.0,
        json_lines: Annotated[bool, typer.Option("--json", help="One JSON object a line and run.")] = False,
    ) -> None:
        """Replay fixtures against a node, ours or another's, and compare what comes of it with what is expected.

        Every refusal that came is explained: what it means, and what a client does about it.
        """
        import json
        import secrets
        import time
        from datetime import UTC, datetime, timedelta

        from ...signing.certificates import load_pem_or_der
        from ...signing.errors import SigningError
        from ...signing.trust import TrustStore
        from ..conformance.fixture import FixtureError, find_fixtures
        from ..conformance.fixture_reading import load_fixture
        from ..conformance.key_ring import KeyRing
        from ..conformance.replay import Replayer
        from ..conformance.scenario import ReplaySettings
        from ..conformance.wire import NodeUnreachableError

        if unknown := sorted(set(contract or ()) - set(CONTRACTS)):
            raise typer.BadParameter(f"{', '.join(unknown)}: known versions are {', '.join(CONTRACTS)}")
        wanted = set(contract or CONTRACTS)
        with reporting(FixtureError, SigningError):
            fixtures = [load_fixture(path) for path in find_fixtures(paths)]
            anchors = [certificate for path in trust or () for certificate in load_pem_or_der(path.read_bytes())]
        runs = [
            (fixture, run)
            for fixture in fixtures
            for run in fixture.runs
            if run.contracts <= wanted and (not operation or run.parameters.get("operation") in {None, *operation})
        ]
        if not runs:
            fail("none of these fixtures can be run in the versions and operations that are asked for")
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
        results: list[RunResult] = []
        unreachable = None
        for fixture, run in runs if json_lines else _with_progress(runs):
            try:
                results.append(replayer.run(fixture, run))
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


def _with_progress(runs: "Sequence[tuple[Fixture, Run]]") -> "Iterable[tuple[Fixture, Run]]":
    """The runs one by one, with a line on a terminal that says how many are done: thousands take minutes."""
    from rich.console import Console
    from rich.progress import track

    console = Console(stderr=True)
    return track(runs, "replaying", console=console, transient=True, disable=not console.is_terminal)


def _exit_status(results: "list[RunResult]") -> int:
    outcomes = {result.outcome.value for result in results}
    if outcomes == {"skipped"}:
        return EXIT_USAGE  # nothing has been shown
    return EXIT_USAGE if "error" in outcomes else EXIT_FAILED if "failed" in outcomes else 0


def _as_json(result: "RunResult") -> dict[str, Any]:
    return {
        "fixture": str(result.fixture.path),
        "title": result.fixture.title,
        "run": dict(result.run.parameters),
        "outcome": result.outcome.value,
        "reason": result.reason or None,
        "steps": [
            {
                "step": step.number,
                "did": step.what,
                "contract": step.contract.version,
                "operation": step.operation,
                "got": step.got,
                "fault": None if step.fault is None else _fault_as_json(step.fault),
                "differences": list(step.differences),
            }
            for step in result.steps
        ],
    }


def _fault_as_json(fault: "FaultReply") -> dict[str, Any]:
    return {"name": fault.name, "code": fault.number, "problem": fault.problem, "advice": fault.kind.advice.value}


def _print(results: "list[RunResult]") -> None:
    from collections import Counter

    console = out()
    if not console.is_terminal:
        console.width = _WIDE
    console.print(_runs(results), soft_wrap=False)
    for result in results:
        if result.outcome.value != "passed":
            console.print(f"\n[bold]{plain(result.fixture.path)}[/] {result.run.name}: {plain(result.fixture.title)}")
            for line in _differences(result):
                console.print(f"  {plain(line)}")
    _print_refusals(console, results)
    operations = _operations(results)
    if operations.row_count:
        console.print()
        console.print(operations, soft_wrap=False)
    counts = Counter(result.outcome.value for result in results)
    console.print("\n" + ", ".join(f"{counts[outcome]} {outcome}" for outcome in _COLOURS if counts[outcome]))


def _table(*columns: str) -> "Table":
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns[:-1]:
        table.add_column(column, no_wrap=True)
    table.add_column(columns[-1], overflow="fold")
    return table


def _runs(results: "list[RunResult]") -> "Table":
    table = _table("Outcome", "Fixture", "For", "Last answer")
    base = _base(results)
    for result in results:
        outcome = result.outcome.value
        answer = result.steps[-1].got.partition(": ")[0] if result.steps else ""
        name = str(result.fixture.path.relative_to(base)).removesuffix(".fixture.toml")
        table.add_row(f"[{_COLOURS[outcome]}]{outcome}[/]", plain(name), plain(result.run.name), plain(answer))
    return table


def _base(results: "list[RunResult]") -> Path:
    """The folder that all fixtures have in common."""
    import os

    return Path(os.path.commonpath([result.fixture.path.parent for result in results]))


def _differences(result: "RunResult") -> list[str]:
    from ..conformance.summary import explained

    lines = []
    for step in result.steps:
        lines += [f"step {step.number}, {step.what} ({step.contract.version}): {text}" for text in step.differences]
        if step.differences and step.fault is not None:
            refusal = explained(step.fault)
            lines.append(f"{refusal.label} means: {refusal.meaning} What to do: {refusal.advice}.")
    return [*lines, result.reason] if result.reason else lines


def _print_refusals(console: "Console", results: "list[RunResult]") -> None:
    from rich.padding import Padding

    from ..conformance.summary import refusals

    found = refusals(results)
    if found:
        console.print("\n[bold]Refusals that came, what a client does and what each means[/]", soft_wrap=False)
    for refusal, count in found.items():
        name = " ".join(filter(None, (refusal.label, refusal.number)))
        console.print(f"{plain(name)} × {count}: {plain(refusal.advice)}", soft_wrap=False)
        console.print(Padding(plain(refusal.meaning), (0, 0, 0, 4)), soft_wrap=False)


def _operations(results: "list[RunResult]") -> "Table":
    """Steps that went as expected of all steps, by operation and version."""
    from ..conformance.summary import answers

    found = answers(results)
    versions = sorted({version for _, version in found})
    table = _table("Steps as expected", *versions)
    for name in sorted({name for name, _ in found}, key=[*Operation, "—"].index):
        cells = []
        for version in versions:
            good, bad = found.get((name, version), (0, 0))
            text = f"{good} of {good + bad}" if good + bad else "—"
            cells.append(f"[red]{text}[/]" if bad else text)
        table.add_row(name, *cells)
    return table
