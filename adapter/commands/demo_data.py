"""`mezhved demo-data`: a synthetic register in the database."""

from typing import Annotated

import typer

from ..console import Assignments, Config, fail, out, plain, reporting, settings_for


def register(app: typer.Typer) -> None:
    """Adds the command to the command line."""

    @app.command(
        "demo-data",
        epilog="Example: mezhved demo-data --workers 1000\n\n"
        "Example: mezhved demo-data --workers 1000000 --seed 7 --database postgresql+psycopg://mezhved@/register",
    )
    def demo_data(
        workers: Annotated[
            int, typer.Option("--workers", "-n", metavar="NUMBER", min=1, max=10_000_000, help="How many workers.")
        ] = 1000,
        database: Annotated[
            str | None, typer.Option("--database", metavar="URL", help="Database; default: that of the settings.")
        ] = None,
        seed: Annotated[
            int, typer.Option("--seed", metavar="NUMBER", min=0, help="The same seed makes the same register.")
        ] = 1,
        config: Config = None,
        sets: Assignments = None,
    ) -> None:
        """Fill an empty register with synthetic workers, their organisations and sample dictionaries.

        Nobody in it exists: names are put together from common ones, numbers come from ranges not given out. Missing
        tables are made. A register that already holds workers is left as it is. It is all or nothing: one transaction.
        """
        import time

        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
        from sqlalchemy.exc import OperationalError

        from ..migrations import SchemaMismatch, upgrade
        from ..registry.bulk import settle
        from ..registry.generator import RegisterNotEmpty, generate
        from ..store.engine import UnsupportedDatabaseUrl, opened, write

        settings = settings_for(config, sets, {"database": {"url": database}} if database else None)
        columns = TextColumn("workers"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
        began = time.monotonic()
        failures = RegisterNotEmpty, SchemaMismatch, UnsupportedDatabaseUrl
        with reporting(*failures), opened(settings.database.url) as engine:
            place = engine.url.render_as_string(hide_password=True)
            try:
                upgrade(engine)
                with Progress(*columns, console=Console(stderr=True)) as progress, write(engine) as conn:
                    bar = progress.add_task("workers", total=workers)
                    generate(conn, workers, seed=seed, progress=lambda done: progress.update(bar, completed=done))
                settle(engine)
            except OperationalError as error:
                fail(f"{place}: {error.orig}")
        out().print(f"{workers} synthetic workers in {plain(place)}, {time.monotonic() - began:.1f} s")
