"""`mezhved dictionaries`: which dictionaries the register has, what is in them, and taking over full ones."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..console import EXIT_FAILED, Assignments, Config, fail, out, plain, reporting, settings_for

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from ..registry.dictionaries import Item
    from ..registry.dictionary_files import Columns

Oid = Annotated[str, typer.Argument(help="OID of the dictionary.")]


def register(app: typer.Typer) -> None:
    """Adds the commands to the command line."""
    group = typer.Typer(no_args_is_help=True, help="Dictionaries (НСИ) by which codes are judged.")
    app.add_typer(group, name="dictionaries")
    _register_reading(group)
    _register_versions(group)
    _register_import(group)


def _register_reading(group: typer.Typer) -> None:
    @group.command("list", epilog="Example: mezhved dictionaries list --config node.toml")
    def list_(config: Config = None, sets: Assignments = None) -> None:
        """List the dictionaries with the version that counts now."""
        from rich.table import Column, Table

        from ..registry.dictionary_versions import overview

        with _database(config, sets, writing=False) as conn:
            found = overview(conn)
        table = Table(Column("OID", no_wrap=True), "Version", "In force since", "Items", "Title", box=None)
        for one in found:
            table.add_row(plain(one.oid), plain(one.version), f"{one.released_on}", str(one.items), plain(one.title))
        out().print(table)

    @group.command(epilog="Example: mezhved dictionaries show 1.2.643.5.1.13.13.11.1002 --code 109 --config node.toml")
    def show(
        oid: Oid,
        code: Annotated[str | None, typer.Option(help="Only this code.")] = None,
        config: Config = None,
        sets: Assignments = None,
    ) -> None:
        """Show the items of a dictionary, each name with its period."""
        from rich.table import Column, Table

        from ..registry.dictionary_versions import items

        with _database(config, sets, writing=False) as conn:
            found = [item for item in items(conn, oid) if code in (None, item.code)]
        if not found:
            fail(f"the register has no dictionary {oid}" + (f" with a code {code}" if code else ""), EXIT_FAILED)
        table = Table(Column("Code", no_wrap=True), "Name", "Above it", "Valid", box=None)
        for item in found:
            table.add_row(plain(item.code), plain(item.name), plain(item.parent or ""), _period(item))
        out().print(table)


def _register_versions(group: typer.Typer) -> None:
    @group.command(
        "versions", epilog="Example: mezhved dictionaries versions 1.2.643.5.1.13.13.11.1002 --config node.toml"
    )
    def versions_(oid: Oid, config: Config = None, sets: Assignments = None) -> None:
        """List the versions of a dictionary that were taken over; each is in force until the next is."""
        from rich.table import Table

        from ..registry.dictionary_versions import versions

        with _database(config, sets, writing=False) as conn:
            found = versions(conn, oid)
        if not found:
            fail(f"the register has no dictionary {oid}", EXIT_FAILED)
        table = Table("Version", "In force since", "", box=None)
        for one in found:
            table.add_row(plain(one.version), f"{one.released_on}", "sample" if one.sample else "")
        out().print(table)

    @group.command(
        epilog="Example: mezhved dictionaries changes 1.2.643.5.1.13.13.11.1002 --since 9.11 --config node.toml"
    )
    def changes(
        oid: Oid,
        since: Annotated[str, typer.Option(help="The earlier version.")],
        upto: Annotated[str | None, typer.Option(help="The later version; the last one, if not given.")] = None,
        config: Config = None,
        sets: Assignments = None,
    ) -> None:
        """Show what has changed between two versions of a dictionary."""
        from ..registry.dictionary_versions import VersionUnknown, delta, find_version

        with reporting(VersionUnknown, code=EXIT_FAILED), _database(config, sets, writing=False) as conn:
            first, last = find_version(conn, oid, since), find_version(conn, oid, upto)
            if first.number > last.number:
                fail(f"version {first.version} follows {last.version}: write them the other way round", EXIT_FAILED)
            after: str | None = ""
            while after is not None:
                page = delta(conn, oid, first.number, last.number, after=after)
                for change in page.changes:
                    sign, item = "+" if change.added else "-", change.item
                    above = f"  above it {plain(item.parent)}" if item.parent else ""
                    out().print(f"{sign} {plain(item.code)}  {plain(item.name)}  {_period(item)}{above}")
                after = page.after

    @group.command(epilog="Example: mezhved dictionaries samples --config node.toml")
    def samples(config: Config = None, sets: Assignments = None) -> None:
        """Install the short samples that ship, where no dictionary is. Genuine versions take their places later."""
        from ..exchange.times import utc_now
        from ..registry.dictionary_versions import install_dictionaries

        with _database(config, sets) as conn:
            number = install_dictionaries(conn, utc_now())
        out().print(f"{number} samples installed")


def _period(item: "Item") -> str:
    from ..registry.dictionaries import SINCE_EVER

    first = "" if item.valid_from == SINCE_EVER else f"{item.valid_from}"
    return f"{first}…{item.valid_to or ''}" if first or item.valid_to else "always"


def _register_import(group: typer.Typer) -> None:
    @group.command(
        "import",
        epilog="Example: mezhved dictionaries import posts.csv --oid 1.2.643.5.1.13.13.11.1002 --version 9.12 "
        "--title 'Должности' --since 2026-01-01 --code ID --name NAME --config node.toml",
    )
    def import_(
        file: Annotated[Path, typer.Argument(help="CSV (UTF-8), XLSX or XML; the first row of a table names columns.")],
        *,
        oid: Annotated[str, typer.Option(help="OID of the dictionary.")],
        version: Annotated[str, typer.Option(help="Its version.")],
        title: Annotated[str, typer.Option(help="Its title.")],
        since: Annotated[
            datetime,
            typer.Option(formats=["%Y-%m-%d"], metavar="YYYY-MM-DD", help="Day on which the version was released."),
        ],
        code: Annotated[str, typer.Option(metavar="COLUMN", help="Column of the codes.")] = "code",
        name: Annotated[str, typer.Option(metavar="COLUMN", help="Column of the names.")] = "name",
        parent: Annotated[str, typer.Option(metavar="COLUMN", help="Column of the codes above them.")] = "parent",
        first: Annotated[str, typer.Option("--from", metavar="COLUMN", help="Column of the first days.")] = "from",
        last: Annotated[str, typer.Option("--to", metavar="COLUMN", help="Column of the last days.")] = "to",
        config: Config = None,
        sets: Assignments = None,
    ) -> None:
        """Take over a full dictionary in the place of the version before; all of it, or nothing if a row is wrong."""
        from ..exchange.times import utc_now
        from ..registry.dictionaries import Dictionary
        from ..registry.dictionary_files import Columns
        from ..registry.dictionary_versions import install

        found = _read(file, Columns(code, name, parent, first, last))
        dictionary = Dictionary(oid, version, title, since.date(), found)
        with _database(config, sets) as conn:
            done = install(conn, dictionary, utc_now())
        said = (
            f"{len(found)} items taken over" if done else "nothing changed: this version is there, with the same items"
        )
        out().print(f"{plain(oid)} {plain(version)}: {said}")


def _read(file: Path, columns: "Columns") -> "tuple[Item, ...]":
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn

    from ..registry.dictionary_files import DictionaryFileUnusable, read_items

    shown = (SpinnerColumn(), TextColumn("{task.description}"), TextColumn("{task.completed:.0f} rows"))
    with (
        reporting(DictionaryFileUnusable, OSError, code=EXIT_FAILED),
        Progress(*shown, console=Console(stderr=True), transient=True) as progress,
    ):
        task = progress.add_task(f"reading {plain(file.name)}", total=None)
        return read_items(file, columns, lambda: progress.advance(task))


@contextmanager
def _database(config: Path | None, sets: list[str] | None, *, writing: bool = True) -> "Iterator[Connection]":
    from ..opening import OPENING_ERRORS, opened
    from ..registry.dictionary_versions import VersionRefused
    from ..store.engine import read, write

    settings = settings_for(config, sets)
    with (
        reporting(*OPENING_ERRORS),
        reporting(VersionRefused, code=EXIT_FAILED),
        opened(settings.database.url) as engine,
        (write if writing else read)(engine) as conn,
    ):
        yield conn
