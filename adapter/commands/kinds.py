"""`mezhved kinds`: the kinds of messages of the exchange, and who answers them."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..console import Assignments, Config, fail, out, plain, reporting, settings_for

if TYPE_CHECKING:
    from ..catalogue.catalogue import Catalogue
    from ..catalogue.declared import DeclaredKind
    from ..exchange.ports import MessageKind
    from ..exchange.routing import KindRouting
    from ..registry.kinds import Kind
    from ..settings import Settings


def register(app: typer.Typer) -> None:
    """Adds the command to the command line."""

    @app.command(epilog="Examples: mezhved kinds employment_event --rules; mezhved kinds --config node.toml")
    def kinds(
        names: Annotated[list[str] | None, typer.Argument(metavar="KIND...", help="Only these; default: all.")] = None,
        *,
        rules: Annotated[bool, typer.Option("--rules", help="Also the rules of each kind, with their codes.")] = False,
        as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line, kind and version.")] = False,
        config: Config = None,
        sets: Assignments = None,
    ) -> None:
        """List the kinds of messages: who answers, namespace, root elements, what each does, by which rules it refuses.

        Those of other providers than the register (exchange.kinds) are read and their schemas compiled as the node does
        it, so what is wrong with them is told here too.
        """
        import json

        from ..catalogue.catalogue import load_catalogue
        from ..catalogue.errors import CatalogueError
        from ..registry.kinds import load_kinds

        settings = settings_for(config, sets)
        own = {kind.name: kind for kind in load_kinds()}
        with reporting(CatalogueError):
            catalogue = load_catalogue(own.values(), settings.exchange.kinds)
        if unknown := sorted(set(names or ()) - set(catalogue.names)):
            fail(f"there is no kind {', '.join(unknown)}; `mezhved kinds` lists all")
        routings = _routings(settings, catalogue)
        for kind in (one for one in catalogue if not names or one.name in names):
            told = _as_object(kind, own.get(kind.name), routings.get(kind.name))
            if as_json:
                typer.echo(json.dumps(told, ensure_ascii=False))
            else:
                _show(told, rules=rules)


def _routings(settings: "Settings", catalogue: "Catalogue") -> "dict[str, KindRouting]":
    """Who gets what, by kind; without a database only what is known without one: the register answers its kinds."""
    from ..exchange.routing import KindRouting
    from ..migrations import DatabaseMissing
    from ..opening import OPENING_ERRORS, opened
    from ..store.engine import read
    from ..store.routes import RouteStore

    register = settings.registry.mnemonic
    with reporting(*OPENING_ERRORS):
        try:
            with opened(settings.database.url) as engine, read(engine) as conn:
                store = RouteStore(register, catalogue.own)
                return {name: store.routing(conn, name) for name in catalogue.names}
        except DatabaseMissing:
            pass
    return {name: KindRouting.of((), [register], [register], (), register) for name in catalogue.own}


def _as_object(kind: "MessageKind", own: "Kind | None", routing: "KindRouting | None") -> dict[str, Any]:
    described = _own(own) if own is not None else _declared(kind)
    return {
        "name": kind.name,
        "version": kind.version,
        "broadcast": kind.broadcast,
        "request": kind.request_root,
        "response": kind.response_root,
        **described,
        "provider": None if routing is None or kind.broadcast else routing.provider(None, kind.version),
        "routes": []
        if routing is None
        else [
            {"region": route.region, "version": route.version, "provider": route.provider}
            for route in routing.routes
            if route.version in (None, kind.version)
        ],
        "subscribers": [] if routing is None or not kind.broadcast else list(routing.subscribers),
    }


def _own(kind: "Kind") -> dict[str, Any]:
    rules = [
        {"code": one.code, "severity": one.severity, "reason": one.reason, "text": one.text, "remedy": one.remedy}
        for one in kind.rules
    ]
    return {
        "title": kind.description.title,
        "purpose": kind.description.purpose,
        "writes": kind.writes,
        "schema": str(kind.schema_path),
        "rules": rules,
    }


def _declared(kind: "MessageKind | DeclaredKind") -> dict[str, Any]:
    from ..catalogue.declared import DeclaredKind

    if not isinstance(kind, DeclaredKind):
        raise TypeError(f"{kind.name} is neither the register's nor declared")
    said = kind.description
    return {"title": said.title, "purpose": said.purpose, "writes": None, "schema": str(kind.schema.path), "rules": []}


def _show(kind: dict[str, Any], *, rules: bool) -> None:
    console = out()
    does = {True: " (changes the register)", False: " (reads only)", None: ""}[kind["writes"]]
    console.print(f"[bold]{plain(kind['name'])}[/] {plain(kind['version'])}: {plain(kind['title'])}{does}")
    console.print(f"  {plain(kind['purpose'])}")
    console.print(f"  namespace  {plain(kind['request'][1:].partition('}')[0])}")
    console.print(f"  request    {plain(_local(kind['request']))}")
    if kind["response"] is not None:
        console.print(f"  response   {plain(_local(kind['response']))}")
    console.print(f"  schema     {plain(kind['schema'])}")
    for line in _recipients(kind):
        console.print(f"  {plain(line)}")
    for rule in kind["rules"] if rules else ():
        meaning = f"{plain(rule['text'])}. {plain(rule['remedy'])}"
        console.print(f"  {plain(rule['severity']):8} [bold]{plain(rule['code'])}[/] {meaning}")


def _recipients(kind: dict[str, Any]) -> Iterable[str]:
    if kind["broadcast"]:
        yield f"broadcast  to {', '.join(kind['subscribers']) or 'nobody'}"
        return
    yield f"provider   {kind['provider'] or 'nobody'}"
    for route in kind["routes"]:
        if route["region"] is not None:
            yield f"           {route['provider']} for region {route['region']}"


def _local(clark: str) -> str:
    return clark.rpartition("}")[2]
