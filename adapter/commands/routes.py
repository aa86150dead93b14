"""`mezhved routes`: which system answers requests of a kind."""

from typing import Annotated

import typer

from ..console import EXIT_FAILED, Assignments, By, Config, fail, out, plain, settings_for

Kind = Annotated[str, typer.Argument(help="Name of the kind, see `mezhved kinds`.")]
Region = Annotated[str | None, typer.Option(metavar="CODE", help="Only for senders of this region.")]
Value = Annotated[
    str | None,
    typer.Option(metavar="VALUE", help="Only for requests that name this value for routing (DynamicValue, 1.3)."),
]
Version = Annotated[str | None, typer.Option(help="Only for this version of the kind.")]


def register(app: typer.Typer) -> None:
    """Adds the commands to the command line."""
    group = typer.Typer(no_args_is_help=True, help="Which system answers requests of a kind.")
    app.add_typer(group, name="routes")

    @group.command("list", epilog="Example: mezhved routes list --config node.toml")
    def list_(config: Config = None, sets: Assignments = None) -> None:
        """List all routes. A kind without one goes to the system that provides it, the register's to the register."""
        from ..participants_console import looking, show_route
        from ..store.participants import ParticipantStore
        from ..store.routes import RouteStore

        settings = settings_for(config, sets)
        with looking(settings) as conn:
            there = {one.mnemonic for one in ParticipantStore().list(conn)} | {settings.registry.mnemonic}
            found = RouteStore(settings.registry.mnemonic, ()).list(conn)
            for route in found:
                gone = "" if route.provider in there else " [red](no such system)[/]"
                out().print(plain(show_route(route)) + gone)
        if not found:
            out().print("no routes")

    @group.command("set", epilog="Example: mezhved routes set licence_card LICENCES_77 --region 77 --config node.toml")
    def set_(
        kind: Kind,
        provider: Annotated[str, typer.Argument(help="Mnemonic of the system that answers.")],
        *,
        region: Region = None,
        version: Version = None,
        value: Value = None,
        by: By = None,
        config: Config = None,
        sets: Assignments = None,
    ) -> None:
        """Send requests of a kind to a system: those of a region, of a version, or all that no other route is for.

        Version and region go before version, that before region, that before neither. With --value it is for those
        requests alone that name the value; they may name several, and each system gets the request.
        """
        from ..participants_console import operating, reporting_mistakes, show_change, show_route
        from ..participants_file import checked_route

        with reporting_mistakes():
            given = {"kind": kind, "provider": provider, "region": region, "version": version, "value": value}
            route = checked_route(given)
        with operating(settings_for(config, sets), by) as node:
            show_change(out(), node.administration.put_route(node.conn, node.checked_route(route)), show_route(route))

    @group.command(epilog="Example: mezhved routes remove licence_card --region 77 --config node.toml")
    def remove(
        kind: Kind,
        *,
        region: Region = None,
        version: Version = None,
        value: Value = None,
        by: By = None,
        config: Config = None,
        sets: Assignments = None,
    ) -> None:
        """Remove the route for just this region, version and value (none given: for any). Queued messages stay."""
        from ..participants_console import operating

        with operating(settings_for(config, sets), by) as node:
            if node.administration.remove_route(node.conn, kind, region, version, value) is None:
                fail("there is no such route; see `mezhved routes list`", EXIT_FAILED)
