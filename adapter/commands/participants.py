"""`mezhved participants`: the systems that take part in the exchange."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..console import EXIT_FAILED, Assignments, Config, fail, out, plain, reporting, settings_for

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from ...signing.certificates import Certificate
    from ..exchange.participants import Participant
    from ..store.participants import ParticipantStore

Mnemonic = Annotated[str, typer.Argument(help="Mnemonic of the system.")]
CertificateFiles = Annotated[
    list[Path] | None, typer.Option("--certificate", metavar="PEM", help="Certificate it signs with; several are fine.")
]
Kinds = Annotated[list[str] | None, typer.Option("--sends", metavar="KIND", help="Kind it may send; `*` is all.")]
Provided = Annotated[list[str] | None, typer.Option("--provides", metavar="KIND", help="Kind that it answers.")]
Organisations = Annotated[
    list[str] | None, typer.Option("--organisation", metavar="OID", help="Organisation it may change records for.")
]
Roles = Annotated[
    list[str] | None, typer.Option("--role", metavar="ROLE", help="What it is to the register, such as EMPLOYER.")
]


def register(app: typer.Typer) -> None:
    """Adds the commands to the command line."""
    group = typer.Typer(no_args_is_help=True, help="Systems of the exchange: certificates and rights.")
    app.add_typer(group, name="participants")
    _register_reading(group)
    _register_writing(group)
    _register_certificates(group)


def _register_reading(group: typer.Typer) -> None:
    @group.command("list", epilog="Example: mezhved participants list --config node.toml")
    def list_(config: Config = None, sets: Assignments = None) -> None:
        """List all systems."""
        from rich.table import Table

        with _store(config, sets, writing=False) as (store, conn):
            table = Table(box=None)
            table.add_column("Mnemonic", no_wrap=True)  # it is what the other commands want to be told
            for heading in ("Name", "Roles", "Sends", "Provides", "Organisations", "Certificates"):
                table.add_column(heading, overflow="fold")
            for one in store.list(conn):
                table.add_row(
                    plain(one.mnemonic) + ("" if one.active else " [red](off)[/]"),
                    plain(one.name),
                    plain(", ".join(sorted(one.roles))),
                    plain(", ".join(sorted(one.sends))),
                    plain(", ".join(sorted(one.provides))),
                    str(len(one.organisations)),
                    str(len(one.certificates)),
                )
        out().print(table)

    @group.command(epilog="Example: mezhved participants show RMIS_DEMO --config node.toml")
    def show(mnemonic: Mnemonic, config: Config = None, sets: Assignments = None) -> None:
        """Show one system with its certificates and rights."""
        console = out()
        with _store(config, sets, writing=False) as (store, conn):
            one = _existing(store, conn, mnemonic)
            console.print(
                f"[bold]{plain(one.mnemonic)}[/] {plain(one.name)}" + ("" if one.active else " [red](off)[/]")
            )
            for label, values in (
                ("role", one.roles),
                ("sends", one.sends),
                ("provides", one.provides),
                ("organisation", one.organisations),
            ):
                for value in sorted(values):
                    console.print(f"  {label} {plain(value)}")
            for certificate in store.certificates(conn, mnemonic):
                console.print(f"  certificate {certificate.fingerprint}")
                console.print(f"    {plain(certificate.subject)}")
                console.print(f"    valid {certificate.not_before:%Y-%m-%d} to {certificate.not_after:%Y-%m-%d}")


def _register_writing(group: typer.Typer) -> None:
    @group.command(
        epilog="Example: mezhved participants add RMIS_DEMO --name 'Региональная МИС' --certificate rmis.pem "
        "--sends worker_card --organisation 1.2.643.5.1.13.13.12.2.77.1 --config node.toml"
    )
    def add(
        mnemonic: Mnemonic,
        *,
        name: Annotated[str, typer.Option(help="Name for people.")],
        certificates: CertificateFiles = None,
        sends: Kinds = None,
        provides: Provided = None,
        organisations: Organisations = None,
        roles: Roles = None,
        config: Config = None,
        sets: Assignments = None,
    ) -> None:
        """Add a system. To change one, write it into a file and `import` that."""
        from ..participants_file import checked

        given = [certificate for path in certificates or () for certificate in _certificates(path)]
        with _reporting():
            values = {
                "mnemonic": mnemonic,
                "name": name,
                "sends": sends or [],
                "provides": provides or [],
                "organisations": organisations or [],
                "roles": roles or [],
            }
            participant = checked(values, given)
        with _store(config, sets) as (store, conn):
            if store.by_mnemonic(conn, mnemonic) is not None:
                fail(f"{mnemonic} is there already; see `mezhved participants show {mnemonic}`", EXIT_FAILED)
            store.put(conn, participant, given)

    @group.command("import", epilog="Example: mezhved participants import participants.toml --config node.toml")
    def import_(
        file: Annotated[Path, typer.Argument(help="TOML file with [[participant]] tables.")],
        config: Config = None,
        sets: Assignments = None,
    ) -> None:
        """Take over systems from a TOML file: new ones are added, known ones become as the file has them."""
        from ..participants_file import read_participants

        with _reporting():
            found = read_participants(file)
        with _store(config, sets) as (store, conn):
            for participant, certificates in found:
                store.put(conn, participant, certificates)
        out().print(f"systems taken over: {len(found)}")

    @group.command(epilog="Example: mezhved participants remove RMIS_DEMO --config node.toml")
    def remove(mnemonic: Mnemonic, config: Config = None, sets: Assignments = None) -> None:
        """Remove a system with its certificates and rights. Its messages stay."""
        with _store(config, sets) as (store, conn):
            if not store.remove(conn, mnemonic):
                fail(f"there is no system {mnemonic}", EXIT_FAILED)

    @group.command(epilog="Example: mezhved participants switch RMIS_DEMO --off --config node.toml")
    def switch(
        mnemonic: Mnemonic,
        on: Annotated[bool, typer.Option("--on/--off", help="Whether its calls are accepted.")],
        config: Config = None,
        sets: Assignments = None,
    ) -> None:
        """Accept a system's calls, or refuse them for the time being."""
        with _store(config, sets) as (store, conn):
            store.put(conn, replace(_existing(store, conn, mnemonic), active=on))


def _register_certificates(group: typer.Typer) -> None:
    @group.command(epilog="Example: mezhved participants add-certificate RMIS_DEMO renewed.pem --config node.toml")
    def add_certificate(
        mnemonic: Mnemonic,
        files: Annotated[list[Path], typer.Argument(metavar="PEM...", help="Certificates it signs with from now on.")],
        config: Config = None,
        sets: Assignments = None,
    ) -> None:
        """Add certificates to a system, beside those that it has: a renewal leaves no gap."""
        given = [certificate for path in files for certificate in _certificates(path)]
        with _store(config, sets) as (store, conn):
            one = _existing(store, conn, mnemonic)
            known = one.certificates | {certificate.fingerprint for certificate in given}
            store.put(conn, replace(one, certificates=known), given)

    @group.command(epilog="Example: mezhved participants remove-certificate RMIS_DEMO 3f5a… --config node.toml")
    def remove_certificate(
        mnemonic: Mnemonic,
        fingerprint: Annotated[str, typer.Argument(help="SHA-256 of the certificate, or enough of its beginning.")],
        config: Config = None,
        sets: Assignments = None,
    ) -> None:
        """Take a certificate from a system: calls signed with it are refused."""
        with _store(config, sets) as (store, conn):
            one = _existing(store, conn, mnemonic)
            meant = {known for known in one.certificates if known.startswith(fingerprint.lower())}
            if len(meant) != 1:
                fail(
                    f"{mnemonic} has {len(meant)} certificates whose fingerprint begins with {fingerprint}", EXIT_FAILED
                )
            store.put(conn, replace(one, certificates=one.certificates - meant))


@contextmanager
def _reporting() -> Iterator[None]:
    from ...signing.errors import SigningError
    from ..participants_file import ParticipantsFileError
    from ..store.participants import ParticipantError

    with reporting(SigningError, ParticipantsFileError), reporting(ParticipantError, code=EXIT_FAILED):
        yield


@contextmanager
def _store(
    config: Path | None, sets: list[str] | None, *, writing: bool = True
) -> "Iterator[tuple[ParticipantStore, Connection]]":
    """The participants of the configured node, within one transaction."""
    from ..opening import OPENING_ERRORS, opened
    from ..store.engine import read, write
    from ..store.participants import ParticipantStore

    settings = settings_for(config, sets)
    with (
        _reporting(),
        reporting(*OPENING_ERRORS),
        opened(settings.database.url) as engine,
        (write if writing else read)(engine) as conn,
    ):
        yield ParticipantStore(), conn


def _existing(store: "ParticipantStore", conn: "Connection", mnemonic: str) -> "Participant":
    found = store.by_mnemonic(conn, mnemonic)
    if found is None:
        fail(f"there is no system {mnemonic}; see `mezhved participants list`", EXIT_FAILED)
    return found


def _certificates(path: Path) -> "list[Certificate]":
    from ..participants_file import read_certificates

    with _reporting():
        return read_certificates(path)
