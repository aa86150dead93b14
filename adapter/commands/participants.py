"""`mezhved participants`: the systems that take part in the exchange."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..console import EXIT_FAILED, Assignments, By, Config, DryRun, fail, out, settings_for
from ..exchange.roles import Role

if TYPE_CHECKING:
    from ..exchange.participants import Participant
    from ..participants_console import Operating

FEWEST_DIGITS = 8
"""Of a fingerprint that is to name a certificate: an empty variable of a shell must not name the only one."""

Mnemonic = Annotated[str, typer.Argument(help="Mnemonic of the system.")]
CertificateFiles = Annotated[
    list[Path] | None, typer.Option("--certificate", metavar="PEM", help="Certificate it signs with; several are fine.")
]
Name = Annotated[str | None, typer.Option(help="Name for people.")]
Kinds = Annotated[list[str] | None, typer.Option("--sends", metavar="KIND", help="Kind it may send; `*` is all.")]
Provided = Annotated[list[str] | None, typer.Option("--provides", metavar="KIND", help="Kind that it answers.")]
Subscriptions = Annotated[
    list[str] | None, typer.Option("--subscribes", metavar="KIND", help="Broadcast kind that it receives.")
]
Organisations = Annotated[
    list[str] | None, typer.Option("--organisation", metavar="OID", help="Organisation it may change records for.")
]
Roles = Annotated[
    list[str] | None, typer.Option("--role", metavar="ROLE", help=f"What it is to the register: {', '.join(Role)}.")
]
Region = Annotated[
    str | None, typer.Option(metavar="CODE", help="Region where it stands, for routing; empty: of none.")
]
Priority = Annotated[int | None, typer.Option(help="1: its requests are delivered before those of others; else 0.")]
QueueLimit = Annotated[
    str | None,
    typer.Option(metavar="NUMBER", help="Most messages that may wait for it; empty: the node's own limit."),
]


def register(app: typer.Typer) -> None:
    """Adds the commands to the command line."""
    group = typer.Typer(no_args_is_help=True, help="Systems of the exchange: certificates and rights.")
    app.add_typer(group, name="participants")
    _register_reading(group)
    _register_adding(group)
    _register_changing(group)
    _register_removing(group)
    _register_certificates(group)


def _register_reading(group: typer.Typer) -> None:
    @group.command("list", epilog="Example: mezhved participants list --config node.toml")
    def list_(config: Config = None, sets: Assignments = None) -> None:
        """List all systems."""
        from ..participants_console import looking, participants_table
        from ..store.participants import ParticipantStore

        store = ParticipantStore()
        with looking(settings_for(config, sets)) as conn:
            listed = store.list(conn)
            ends = {owner: certificate.not_after for owner, certificate in store.all_certificates(conn)}
        out().print(participants_table(listed, ends) if listed else "no systems", soft_wrap=False)

    @group.command(epilog="Example: mezhved participants show RMIS_DEMO --config node.toml")
    def show(mnemonic: Mnemonic, config: Config = None, sets: Assignments = None) -> None:
        """Show one system with its certificates and rights."""
        from ..participants_console import existing, looking, show_certificate, show_participant
        from ..store.participants import ParticipantStore

        with looking(settings_for(config, sets)) as conn:
            show_participant(out(), existing(conn, mnemonic))
            for certificate in ParticipantStore().certificates(conn, mnemonic):
                show_certificate(out(), certificate)

    @group.command(epilog="Example: mezhved participants history RMIS_DEMO --config node.toml")
    def history(
        mnemonic: Annotated[str | None, typer.Argument(help="Only changes of this system; default: of all.")] = None,
        config: Config = None,
        sets: Assignments = None,
    ) -> None:
        """Show who has changed systems and routes, and what: the newest last."""
        from ..participants_console import looking, show_history
        from ..store.changes import ChangeLog

        with looking(settings_for(config, sets)) as conn:
            show_history(out(), ChangeLog().list(conn, mnemonic))


def _register_adding(group: typer.Typer) -> None:
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
        subscribes: Subscriptions = None,
        organisations: Organisations = None,
        roles: Roles = None,
        region: Region = None,
        priority: Priority = None,
        queue_limit: QueueLimit = None,
        by: By = None,
        config: Config = None,
        sets: Assignments = None,
    ) -> None:
        """Add a system. A running node takes notice of it without being started again."""
        from ..participants_console import certificates_in, operating, reporting_mistakes
        from ..participants_file import checked

        given = certificates_in(certificates or ())
        with reporting_mistakes():
            lists = _lists(sends, provides, subscribes, organisations, roles)
            scalars = _scalars(name=name, region=region, priority=priority, queue_limit=queue_limit)
            participant = checked({"mnemonic": mnemonic, **lists, **scalars}, given)
        with operating(settings_for(config, sets), by) as node:
            if node.administration.participants.by_mnemonic(node.conn, mnemonic) is not None:
                fail(f"{mnemonic} is there already; see `mezhved participants change --help`", EXIT_FAILED)
            node.administration.put(node.conn, participant, given)
            _warn(node, participant)

    @group.command("import", epilog="Example: mezhved participants import participants.toml --config node.toml")
    def import_(
        file: Annotated[
            Path,
            typer.Argument(help="TOML file: a table `participant` for each system, a table `route` for each route."),
        ],
        *,
        dry_run: DryRun = False,
        by: By = None,
        config: Config = None,
        sets: Assignments = None,
    ) -> None:
        """Take over systems and routes from a TOML file: new ones are added, known ones become as the file has them.

        What the file does not speak of stays as it is.
        """
        from ..participants_console import operating, reporting_mistakes, show_change, show_route
        from ..participants_file import read_participants

        with reporting_mistakes():
            listed = read_participants(file)
        console, changed = out(), 0
        with operating(settings_for(config, sets), by, dry_run=dry_run) as node:
            for participant, certificates in listed.participants:
                change = node.administration.put(node.conn, participant, certificates)
                show_change(console, change, participant.mnemonic)
                changed += change is not None
                _warn(node, participant)
            for route in listed.routes:
                change = node.administration.put_route(node.conn, node.checked_route(route))
                show_change(console, change, show_route(route))
                changed += change is not None
        done = "would be taken over" if dry_run else "taken over"
        routes = f", routes: {len(listed.routes)}" if listed.routes else ""
        console.print(f"systems {done}: {len(listed.participants)}{routes}; changes: {changed}")


def _register_changing(group: typer.Typer) -> None:
    @group.command(epilog="Example: mezhved participants change RMIS_DEMO --region 77 --priority 1 --config node.toml")
    def change(
        mnemonic: Mnemonic,
        *,
        name: Name = None,
        sends: Kinds = None,
        provides: Provided = None,
        subscribes: Subscriptions = None,
        organisations: Organisations = None,
        roles: Roles = None,
        region: Region = None,
        priority: Priority = None,
        queue_limit: QueueLimit = None,
        dry_run: DryRun = False,
        by: By = None,
        config: Config = None,
        sets: Assignments = None,
    ) -> None:
        """Change a system: what is named becomes as it is given, the rest stays.

        A list is replaced as a whole; one empty value empties it (--sends '').
        """
        from ..participants_console import operating, reporting_mistakes, show_change
        from ..participants_file import checked
        from ..store.changes import participant_values

        lists = _lists(sends, provides, subscribes, organisations, roles)
        scalars = _scalars(name=name, region=region, priority=priority, queue_limit=queue_limit)
        with operating(settings_for(config, sets), by, dry_run=dry_run) as node:
            one = node.existing(mnemonic)
            values = {**participant_values(one), "mnemonic": mnemonic, **lists, **scalars, "certificates": []}
            with reporting_mistakes():
                changed = replace(checked(values, []), certificates=one.certificates)
            show_change(out(), node.administration.put(node.conn, changed), mnemonic)
            _warn(node, changed)

    @group.command(epilog="Example: mezhved participants switch RMIS_DEMO --off --config node.toml")
    def switch(
        mnemonic: Mnemonic,
        on: Annotated[bool, typer.Option("--on/--off", help="Whether its calls are accepted.")],
        by: By = None,
        config: Config = None,
        sets: Assignments = None,
    ) -> None:
        """Accept a system's calls, or refuse them for the time being. Requests to it are queued all the same."""
        from ..participants_console import operating

        with operating(settings_for(config, sets), by) as node:
            node.administration.put(node.conn, replace(node.existing(mnemonic), active=on))


def _register_removing(group: typer.Typer) -> None:
    @group.command(epilog="Example: mezhved participants remove RMIS_DEMO --config node.toml")
    def remove(
        mnemonic: Mnemonic,
        *,
        force: Annotated[bool, typer.Option("--force", help="Although messages wait for it.")] = False,
        by: By = None,
        config: Config = None,
        sets: Assignments = None,
    ) -> None:
        """Remove a system with its certificates and rights. Its messages stay, and so do routes to it."""
        from ..participants_console import operating

        with operating(settings_for(config, sets), by) as node:
            if node.administration.remove(node.conn, mnemonic) is None:
                fail(f"there is no system {mnemonic}", EXIT_FAILED)
            waiting = node.waiting(mnemonic)
            if waiting and not force:
                counts = ", ".join(f"{count} of {channel}" for channel, count in waiting.items())
                fail(f"{mnemonic} has messages waiting ({counts}); nobody could fetch them: --force", EXIT_FAILED)
            for route in node.administration.routes.list(node.conn):
                if route.provider == mnemonic:
                    typer.echo(f"mezhved: a route of {route.kind} leads to {mnemonic} still", err=True)


def _register_certificates(group: typer.Typer) -> None:
    @group.command(epilog="Example: mezhved participants certificates --config node.toml")
    def certificates(
        mnemonic: Annotated[str | None, typer.Argument(help="Only those of this system; default: of all.")] = None,
        config: Config = None,
        sets: Assignments = None,
    ) -> None:
        """List certificates by the end of their validity, the first to end first."""
        from datetime import UTC, datetime

        from ..participants_console import certificates_table, existing, looking
        from ..store.participants import ParticipantStore

        with looking(settings_for(config, sets)) as conn:
            found = ParticipantStore().all_certificates(conn)
            if mnemonic is not None:
                existing(conn, mnemonic)
                found = [(owner, certificate) for owner, certificate in found if owner == mnemonic]
        out().print(certificates_table(found, datetime.now(UTC)), soft_wrap=False)

    @group.command(epilog="Example: mezhved participants renew RMIS_DEMO renewed.pem --config node.toml")
    def renew(
        mnemonic: Mnemonic,
        files: Annotated[list[Path], typer.Argument(metavar="PEM...", help="Certificates it signs with from now on.")],
        by: By = None,
        config: Config = None,
        sets: Assignments = None,
    ) -> None:
        """Add certificates to a system, beside those that it has: a renewal leaves no gap."""
        from ..participants_console import certificates_in, operating, show_change

        given = certificates_in(files)
        with operating(settings_for(config, sets), by) as node:
            one = node.existing(mnemonic)
            known = one.certificates | {certificate.fingerprint for certificate in given}
            change = node.administration.put(node.conn, replace(one, certificates=known), given)
            show_change(out(), change, mnemonic)

    @group.command(epilog="Example: mezhved participants remove-certificate RMIS_DEMO 3f5a… --config node.toml")
    def remove_certificate(
        mnemonic: Mnemonic,
        fingerprint: Annotated[str, typer.Argument(help="SHA-256 of the certificate, or its first 8 digits or more.")],
        by: By = None,
        config: Config = None,
        sets: Assignments = None,
    ) -> None:
        """Take a certificate from a system: calls signed with it are refused."""
        from ..participants_console import operating, show_change

        if len(fingerprint) < FEWEST_DIGITS:
            fail(f"{fingerprint!r} is too little of a fingerprint: give at least {FEWEST_DIGITS} digits")
        with operating(settings_for(config, sets), by) as node:
            one = node.existing(mnemonic)
            meant = {known for known in one.certificates if known.startswith(fingerprint.lower())}
            if len(meant) != 1:
                fail(
                    f"{mnemonic} has {len(meant)} certificates whose fingerprint begins with {fingerprint}", EXIT_FAILED
                )
            changed = replace(one, certificates=one.certificates - meant)
            show_change(out(), node.administration.put(node.conn, changed), mnemonic)

    @group.command(epilog="Example: mezhved participants drop-expired --config node.toml")
    def drop_expired(
        mnemonic: Annotated[str | None, typer.Argument(help="Only those of this system; default: of all.")] = None,
        *,
        dry_run: DryRun = False,
        by: By = None,
        config: Config = None,
        sets: Assignments = None,
    ) -> None:
        """Take from systems the certificates whose validity has ended. What they have signed can still be checked."""
        from ..participants_console import operating, show_change

        with operating(settings_for(config, sets), by, dry_run=dry_run) as node:
            store, now = node.administration.participants, node.administration.author.at
            listed = store.list(node.conn) if mnemonic is None else [node.existing(mnemonic)]
            for one in listed:
                held = store.certificates(node.conn, one.mnemonic)
                ended = {certificate.fingerprint for certificate in held if certificate.not_after < now}
                if ended:
                    changed = replace(one, certificates=one.certificates - ended)
                    show_change(out(), node.administration.put(node.conn, changed), one.mnemonic)


def _lists(
    sends: list[str] | None,
    provides: list[str] | None,
    subscriptions: list[str] | None,
    organisations: list[str] | None,
    roles: list[str] | None,
) -> dict[str, list[str]]:
    """The lists that were given, by their names in a file."""
    named = {
        "sends": sends,
        "provides": provides,
        "subscriptions": subscriptions,
        "organisations": organisations,
        "roles": roles,
    }
    return {name: [one for one in values if one] for name, values in named.items() if values is not None}


def _scalars(**values: str | int | None) -> dict[str, Any]:
    """The other values that were given, by their names in a file; an empty one stands for none."""
    return {name: None if value == "" else value for name, value in values.items() if value is not None}


def _warn(node: "Operating", participant: "Participant") -> None:
    for kind in node.unknown_kinds(participant):
        typer.echo(f"mezhved: {participant.mnemonic}: there is no kind {kind} yet; see `mezhved kinds`", err=True)
