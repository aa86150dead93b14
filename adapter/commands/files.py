"""`mezhved files`: the file store for what is too large for a message."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..console import EXIT_FAILED, Assignments, Config, fail, out, plain, reporting, settings_for

if TYPE_CHECKING:
    from ..files.local import LocalStorage
    from ..settings import Settings


def register(app: typer.Typer) -> None:
    """Adds the commands to the command line."""
    files = typer.Typer(no_args_is_help=True, help="The file store for what is too large for a message.")
    app.add_typer(files, name="files")

    @files.command(epilog="Example: mezhved files ftp --config node.toml")
    def ftp(config: Config = None, sets: Assignments = None) -> None:
        """Serve the store by FTP until SIGTERM or Ctrl-C. Over HTTP it is served by `mezhved serve`.

        The line `ready ftp://ADDRESS:PORT` on standard output says that connections are taken.
        """
        import signal
        import threading
        from contextlib import closing

        from .. import logs
        from ..files.ftp import serving
        from ..filing import ftp_settings, gate_of
        from ..node import Store
        from ..opening import OPENING_ERRORS, reaching
        from ..stand.processes import READY

        settings = settings_for(config, sets)
        logs.set_up(settings.log)
        storage = _storage(settings)
        stop = threading.Event()
        with reporting(*OPENING_ERRORS), reaching(), closing(Store.open(settings.database.url, threads=8)) as store:
            storage.sweep()
            with serving(ftp_settings(settings.files), storage, gate_of(settings, store)) as (host, port):
                for number in (signal.SIGTERM, signal.SIGINT):
                    signal.signal(number, lambda *_: stop.set())
                typer.echo(f"{READY} ftp://{host}:{port}")
                stop.wait()

    @files.command(epilog="Example: mezhved files password RMIS_DEMO --output rmis.password --config node.toml")
    def password(
        mnemonic: Annotated[str, typer.Argument(help="The system that is to put files into the store.")],
        *,
        output: Annotated[
            Path | None, typer.Option("--output", "-o", help="Write it here, for nobody else to read; default: print.")
        ] = None,
        config: Config = None,
        sets: Assignments = None,
    ) -> None:
        """Give a system a new password for the store; an older one ends at once.

        It is shown once: the database keeps only what it can be recognised by.
        """
        import secrets

        from ..opening import OPENING_ERRORS, opened
        from ..store.engine import write
        from ..store.files import new_token, set_password
        from ..store.participants import ParticipantStore

        settings = settings_for(config, sets)
        with reporting(*OPENING_ERRORS), opened(settings.database.url) as engine, write(engine) as conn:
            if mnemonic not in {one.mnemonic for one in ParticipantStore().list(conn)}:
                fail(f"{mnemonic}: no such participant; see mezhved participants list")
            made = new_token()
            set_password(conn, mnemonic, made, secrets.token_bytes(16))
            if output is not None:
                _write_secret(output, made)
        typer.echo(output or made)

    @files.command("list", epilog="Example: mezhved files list --config node.toml")
    def list_(config: Config = None, sets: Assignments = None) -> None:
        """List what is in the store: of participants what they have not sent yet, then of messages."""
        storage = _storage(settings_for(config, sets))
        found = False
        for kind in ("uploads", "messages"):
            for area in storage.areas(kind):
                for one in storage.files(area):
                    found = True
                    out().print(
                        f"{kind} {plain(area.owner)} {one.file_id} {plain(one.name)} {one.size} bytes, "
                        f"{one.stored_at:%Y-%m-%d %H:%M} UTC"
                    )
        if not found:
            fail("the store is empty", EXIT_FAILED)


def _write_secret(path: Path, secret: str) -> None:
    """Writes a line that only its owner may read."""
    import os

    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(f"{secret}\n")


def _storage(settings: "Settings") -> "LocalStorage":
    from ..filing import storage_of

    storage = storage_of(settings.files)
    if storage is None:
        fail("files.folder: not set; name the folder of the store in the settings, then it is there")
    return storage
