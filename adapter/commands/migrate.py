"""`mezhved migrate`: makes the tables of the database, or brings them to this version of the program."""

import typer

from ..console import Assignments, Config, out, reporting, settings_for


def register(app: typer.Typer) -> None:
    """Adds the command to the command line."""

    @app.command(epilog="Example: mezhved migrate --config node.toml")
    def migrate(config: Config = None, sets: Assignments = None) -> None:
        """Make or upgrade the tables of the database. May be repeated; stop nodes and workers before an upgrade."""
        from ..migrations import SchemaMismatch, current, pending, upgrade
        from ..store.engine import UnsupportedDatabaseUrl, opened

        settings = settings_for(config, sets)
        with reporting(SchemaMismatch, UnsupportedDatabaseUrl), opened(settings.database.url) as engine:
            steps = pending(engine)
            upgrade(engine)
            done = f"applied {', '.join(steps)}" if steps else "nothing to do"
            out().print(f"database at revision {current(engine)}: {done}")
