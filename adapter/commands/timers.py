"""`mezhved timers`: work that is due at times, when it was done last and when it is due next."""

from typing import TYPE_CHECKING, Annotated

import typer

from ..console import EXIT_FAILED, Assignments, Config, fail, out, plain, reporting, settings_for

if TYPE_CHECKING:
    from ..timers.running import Timers


def register(app: typer.Typer) -> None:
    """Adds the command to the command line."""

    @app.command(epilog="Examples: mezhved timers --config node.toml; mezhved timers --run archive --config node.toml")
    def timers(
        *,
        run: Annotated[
            str | None, typer.Option("--run", metavar="NAME", help="Do this one now, due or not, in this process.")
        ] = None,
        as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line and timer.")] = False,
        config: Config = None,
        sets: Assignments = None,
    ) -> None:
        """Show what node and worker processes do at times: last run, what it did, next run. Times are UTC.

        `end-of-life` refuses requests whose EOL has passed, `archive` archives finished messages, `certificates` warns
        in the log of certificates that end soon, `audit` seals the audit of the register. --json tells which process
        was at it last, too.
        """
        from ...signing.errors import SigningError
        from ..node import Store
        from ..opening import OPENING_ERRORS, reaching
        from ..timers.running import UnknownTimer
        from ..timing import build_timers

        settings = settings_for(config, sets)
        with reporting(SigningError, UnknownTimer, *OPENING_ERRORS), reaching():
            store = Store.open(settings.database.url)
            try:
                found = build_timers(settings, store)
                found.set_up()
                if run is not None:
                    done = found.run_now(run)
                    if done is None:
                        fail(f"another process is at {run} now; see `mezhved timers`", EXIT_FAILED)
                    out().print(f"{plain(run)}: {done} done")
                else:
                    _show(found, as_json)
            finally:
                store.close()


def _show(found: "Timers", as_json: bool) -> None:
    import json
    from dataclasses import asdict

    from rich.table import Table

    meanings = {job.name: job.meaning for job in found.jobs}
    rows = found.list()
    if as_json:
        for one in rows:
            typer.echo(json.dumps(asdict(one), default=lambda moment: moment.isoformat(), ensure_ascii=False))
        return
    table = Table(box=None)
    for heading in ("Timer", "What it does", "Last run", "Did", "Next run"):
        wraps = heading == "What it does"
        table.add_column(heading, no_wrap=not wraps, min_width=20 if wraps else None)
    for one in rows:
        state = f"{one.done}" if one.began_at else ""
        if one.error:
            state += f" [red]{plain(one.error)}[/]"
        if not one.is_free(found.clock()):
            state += " [yellow]at work[/]"
        began = f"{one.began_at:%m-%d %H:%M:%S}" if one.began_at else "[dim]never[/]"
        meaning = meanings.get(one.name, "[dim]not in this configuration[/]")
        table.add_row(plain(one.name), meaning, began, state, f"{one.due_at:%m-%d %H:%M:%S}")
    out().print(table)
