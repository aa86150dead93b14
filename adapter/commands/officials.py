"""`mezhved officials`: the persons whose signature makes an update legally significant."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..console import EXIT_FAILED, Assignments, Config, fail, out, plain, reporting, settings_for

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from ..registry.officials import Appointment


def register(app: typer.Typer) -> None:
    """Adds the commands to the command line."""
    group = typer.Typer(no_args_is_help=True, help="Officials whose personal signature the register accepts.")
    app.add_typer(group, name="officials")
    _register_reading(group)
    _register_writing(group)


def _register_reading(group: typer.Typer) -> None:
    @group.command("list", epilog="Example: mezhved officials list --config node.toml")
    def list_(config: Config = None, sets: Assignments = None) -> None:
        """List the officials who are entered now."""
        from ..registry.officials import holding

        with _database(config, sets, writing=False) as conn:
            found = holding(conn)
        _show(found)

    @group.command(epilog="Example: mezhved officials history --config node.toml")
    def history(config: Config = None, sets: Assignments = None) -> None:
        """List everybody who ever was entered: when, and until when."""
        from ..registry.officials import history as everybody

        with _database(config, sets, writing=False) as conn:
            found = everybody(conn)
        _show(found)


def _register_writing(group: typer.Typer) -> None:
    @group.command(
        epilog="Example: mezhved officials add chief.pem --name 'Иванова Мария Петровна' --position 'Главный врач' "
        "--participant RMIS_DEMO --from 2026-01-01 --config node.toml"
    )
    def add(
        certificate: Annotated[Path, typer.Argument(metavar="PEM", help="Certificate with which the official signs.")],
        *,
        name: Annotated[str, typer.Option(help="The official's name.")],
        position: Annotated[str, typer.Option(help="The official's post.")],
        participant: Annotated[str, typer.Option(metavar="MNEMONIC", help="System through which the official acts.")],
        since: Annotated[
            datetime,
            typer.Option("--from", formats=["%Y-%m-%d"], metavar="YYYY-MM-DD", help="First day, by Moscow."),
        ],
        until: Annotated[
            datetime | None,
            typer.Option("--to", formats=["%Y-%m-%d"], metavar="YYYY-MM-DD", help="Last day; default: without end."),
        ] = None,
        organisations: Annotated[
            list[str] | None,
            typer.Option("--organisation", metavar="OID", help="For which they sign; default: all of the system's."),
        ] = None,
        config: Config = None,
        sets: Assignments = None,
    ) -> None:
        """Enter an official: from now on the signature counts."""
        from ..exchange.times import utc_now
        from ..officials_file import checked

        values = {
            "name": name,
            "position": position,
            "participant": participant,
            "organisations": organisations or [],
            "valid_from": since.date(),
            "valid_to": None if until is None else until.date(),
        }
        with _reporting():
            appointment = checked(values, certificate, utc_now())
        with _database(config, sets) as conn:
            _appoint(conn, appointment)

    @group.command("import", epilog="Example: mezhved officials import officials.toml --config node.toml")
    def import_(
        file: Annotated[Path, typer.Argument(help="TOML file: a table `official` for each.")],
        config: Config = None,
        sets: Assignments = None,
    ) -> None:
        """Enter the officials of a TOML file; all of them or, if one cannot be entered, none."""
        from ..exchange.times import utc_now
        from ..officials_file import read_officials

        with _reporting():
            found = read_officials(file, utc_now())
        with _database(config, sets) as conn:
            for appointment in found:
                _appoint(conn, appointment)
        out().print(f"officials entered: {len(found)}")

    @group.command(epilog="Example: mezhved officials remove 3f5a… --config node.toml")
    def remove(
        fingerprint: Annotated[str, typer.Argument(help="SHA-256 of the certificate, or enough of its beginning.")],
        config: Config = None,
        sets: Assignments = None,
    ) -> None:
        """Take an entry back: the signature counts no more. What was signed before stays signed."""
        from ..exchange.times import utc_now
        from ..registry.officials import holding
        from ..registry.officials import remove as take_back

        with _database(config, sets) as conn:
            known = {one.official.fingerprint for one in holding(conn)}
            meant = [one for one in known if one.startswith(fingerprint.lower())]
            if len(meant) != 1:
                fail(f"there are {len(meant)} officials whose certificate begins with {fingerprint}", EXIT_FAILED)
            take_back(conn, meant[0], utc_now())


def _appoint(conn: "Connection", appointment: "Appointment") -> None:
    from ..registry.officials import appoint
    from ..store.participants import ParticipantStore

    participant = appointment.official.participant
    if ParticipantStore().by_mnemonic(conn, participant) is None:
        fail(f"there is no system {participant}; see `mezhved participants list`", EXIT_FAILED)
    appoint(conn, appointment)


def _show(found: "Sequence[Appointment]") -> None:
    console = out()
    for one in found:
        organisations = ", ".join(sorted(one.official.organisations)) or "all organisations of the system"
        until = f"to {one.valid_to}" if one.valid_to else "without end"
        taken_back = "" if one.removed_at is None else f", [red]taken back {one.removed_at:%Y-%m-%d %H:%M} UTC[/]"
        console.print(f"[bold]{plain(one.official.name)}[/], {plain(one.position)}")
        console.print(f"    signs for {plain(one.official.participant)}: {plain(organisations)}")
        console.print(f"    in office from {one.valid_from} {until}")
        console.print(f"    entered {one.added_at:%Y-%m-%d %H:%M} UTC{taken_back}")
        console.print(f"    certificate {one.official.fingerprint[:16]}…")
    if not found:
        console.print("no officials")


@contextmanager
def _reporting() -> Iterator[None]:
    from ...signing.errors import SigningError
    from ..officials_file import OfficialsFileError
    from ..participants_file import ParticipantsFileError
    from ..registry.officials import OfficialKnown

    with reporting(SigningError, OfficialsFileError, ParticipantsFileError), reporting(OfficialKnown, code=EXIT_FAILED):
        yield


@contextmanager
def _database(config: Path | None, sets: list[str] | None, *, writing: bool = True) -> "Iterator[Connection]":
    from ..opening import OPENING_ERRORS, opened
    from ..store.engine import read, write

    settings = settings_for(config, sets)
    with (
        _reporting(),
        reporting(*OPENING_ERRORS),
        opened(settings.database.url) as engine,
        (write if writing else read)(engine) as conn,
    ):
        yield conn
