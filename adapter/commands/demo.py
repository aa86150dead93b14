"""`mezhved demo`: the whole exchange on this machine, each step as a line to follow."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..console import EXIT_FAILED, fail, out, plain

if TYPE_CHECKING:
    from rich.console import Console

    from ..stand.layout import Layout
    from ..stand.making import Plan
    from ..stand.running import Stand

_MARKS = {"sent": "[cyan]→[/]", "done": "[green]✓[/]", "refused": "[yellow]✗[/]", "note": " "}


def register(app: typer.Typer) -> None:
    """Adds the command to the command line."""

    @app.command(epilog="Examples: mezhved demo; mezhved demo --directory stand --serve --port 8080")
    def demo(
        *,
        directory: Annotated[
            Path | None, typer.Option(help="Folder of the stand, kept afterwards; default: a temporary one, removed.")
        ] = None,
        ecdsa: Annotated[bool, typer.Option("--ecdsa", help="Keys of ECDSA, even where GOST is there.")] = False,
        workers: Annotated[int, typer.Option(min=10, help="Workers in the synthetic register.")] = 1000,
        database: Annotated[
            str | None, typer.Option(metavar="URL", help="Database; default: SQLite in the folder.")
        ] = None,
        port: Annotated[int, typer.Option(help="TCP port of the node; 0 takes a free one.")] = 0,
        serve: Annotated[
            bool, typer.Option("--serve", help="Keep the stand running afterwards, until Ctrl-C.")
        ] = False,
    ) -> None:
        """Make a stand, start node, worker and another provider, and play exchanges between its systems.

        A folder that holds a stand already is used as it is; --port holds for it too.
        """
        from ..stand.making import Plan, own_fixtures
        from ..stand.running import Stand

        console = out()
        with _folder(directory, keep=serve) as folder, _told(), _ended_by_sigterm():
            plan = Plan(folder, ecdsa, workers, port=port, database_url=database, fixtures=own_fixtures())
            layout = _made(console, plan)
            with Stand(layout, port=port, provider=True) as stand:
                others = {"worker": stand.worker, "licence registry": stand.provider}
                told = [f"{name}, process {service.pid}" for name, service in others.items() if service is not None]
                _say(console, f"node at {stand.url}, process {stand.node.pid}; {'; '.join(told)}")
                _play(console, layout)
                if serve:
                    _wait(console, stand)
            _say(console, "node, worker and licence registry have ended in order")


@contextmanager
def _folder(directory: Path | None, *, keep: bool) -> Iterator[Path]:
    import tempfile

    if directory is not None:
        yield directory
    elif keep:
        yield Path(tempfile.mkdtemp(prefix="mezhved-stand-"))
    else:
        with tempfile.TemporaryDirectory(prefix="mezhved-stand-") as folder:
            yield Path(folder)


@contextmanager
def _told() -> Iterator[None]:
    """Whatever goes wrong ends in lines for a person."""
    from ...signing.errors import SigningError
    from ..client.errors import ClientFailure
    from ..client_console import fault_text
    from ..console import reporting
    from ..exchange.faults import Fault
    from ..opening import OPENING_ERRORS
    from ..registry.generator import RegisterNotEmpty
    from ..stand.making import StandExists
    from ..stand.processes import ProcessFailed
    from ..stand.story import StoryFailed

    with (
        reporting(SigningError, StandExists, RegisterNotEmpty, *OPENING_ERRORS),
        reporting(ClientFailure, ProcessFailed, StoryFailed, code=EXIT_FAILED),
    ):
        try:
            yield
        except Fault as fault:
            fail(fault_text(fault), EXIT_FAILED)


@contextmanager
def _ended_by_sigterm() -> Iterator[None]:
    """SIGTERM ends the demonstration as Ctrl-C does, so that the processes it started are stopped."""
    import signal

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _made(console: "Console", plan: "Plan") -> "Layout":
    import secrets
    from datetime import UTC, datetime

    from ..stand.layout import Layout
    from ..stand.making import make

    layout = Layout(plan.folder)
    if layout.config.is_file():
        _say(console, f"stand in {plan.folder}, made earlier")
        return layout
    console.print(f"[bold]A stand in {plain(plan.folder)}[/]")
    return make(plan, now=datetime.now(UTC), random_bits=secrets.randbits, report=lambda line: _say(console, line))


def _play(console: "Console", layout: "Layout") -> None:
    from ..client_console import connect
    from ..exchange.times import moscow_day, utc_now
    from ..materials import load_signing_key
    from ..opening import opened
    from ..settings_sources import load
    from ..stand import contents
    from ..stand.layout import AGENCY, LICENCES, REGION
    from ..stand.story import Cast, Story, StoryFailed
    from ..store.engine import read

    today = moscow_day(utc_now())
    with opened(load(layout.config).database.url) as engine, read(engine) as conn:
        known = contents.somebody(conn, today, with_main_post=True)
        newcomer = contents.somebody(conn, today, with_main_post=False)
        post = contents.some_post(conn)
    if known is None or newcomer is None or post is None:
        raise StoryFailed("the register has nobody left to hire: make a new stand in another folder")
    number = 0

    def headline(text: str) -> None:
        nonlocal number
        number += 1
        console.print(f"\n[bold]{number}. {plain(text)}[/]")

    def tell(outcome: str, name: str, text: str) -> None:
        console.print(f"   {_MARKS[outcome]} {f'[bold]{plain(name)}[/]: ' if name else ''}{plain(text)}")

    with (
        connect(load(layout.client(AGENCY))) as agency,
        connect(load(layout.client(REGION))) as region,
        connect(load(layout.client(LICENCES))) as licences,
    ):
        official = load_signing_key(load(layout.client(REGION)).official)
        Story(Cast(agency, region, licences, known, newcomer, post, today, official), tell, headline).play()
    console.print()


def _wait(console: "Console", stand: "Stand") -> None:
    from ..stand.layout import REGION
    from ..stand.making import own_fixtures

    folder, client = stand.layout.folder, stand.layout.client(REGION)
    request, url = stand.layout.requests / "worker_card.xml", stand.url
    # Whoever reads the first of these lines may end the stand before the last one is written.
    try:
        console.print("[bold]The stand is running; Ctrl-C ends it.[/] Try in another terminal:")
        console.print(f"   mezhved send {plain(request)} --config {plain(client)} --wait")
        console.print(f"   mezhved participants list --config {plain(stand.layout.config)}")
        if (fixtures := own_fixtures()) is not None:
            console.print(f"   mezhved replay {plain(fixtures)} --url {url}")
        console.print(f"   WSDL: {url}/smev/v1.2/ws?wsdl   Files and logs: {plain(folder)}\n")
        stand.node.wait()
    except KeyboardInterrupt:
        console.print()


def _say(console: "Console", text: str) -> None:
    console.print(f" [green]✓[/] {plain(text)}")
