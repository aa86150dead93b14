"""`mezhved queue`: what waits in the queues, and requests that the register's worker has set aside."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ...queue.model import Channel
from ..console import EXIT_FAILED, Assignments, Config, fail, out, plain, reporting, settings_for

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

    from ..exchange.handling import Handling
    from ..node import Store

MessageIdentifier = Annotated[str, typer.Argument(metavar="MESSAGE_ID", help="MessageID of the request.")]
Name = Annotated[
    str | None, typer.Option("--by", metavar="NAME", help="Who decides, for the log; default: the user of this system.")
]


def register(app: typer.Typer) -> None:
    """Adds the commands to the command line."""
    group = typer.Typer(no_args_is_help=True, help="Queues: what waits, and what was set aside.")
    app.add_typer(group, name="queue")
    _register_looking(group)
    aside = typer.Typer(no_args_is_help=True, help="Requests that the register's worker has given up.")
    group.add_typer(aside, name="aside")
    _register_aside(aside)
    _register_deciding(aside)


def _register_looking(group: typer.Typer) -> None:
    @group.command("list", epilog="Example: mezhved queue list --recipient FRMR --config node.toml")
    def list_(
        *,
        recipient: Annotated[str | None, typer.Option(help="Only the queues of this system.")] = None,
        config: Config = None,
        sets: Assignments = None,
    ) -> None:
        """List all queues that are not empty. Counts every entry: takes a while where there are millions."""
        from rich.table import Table

        from ..exchange.times import utc_now
        from ..store.inspection import sub_queues

        now = utc_now()
        with _store(config, sets) as (_, conn):
            found = sub_queues(conn, now, recipient)
        table = Table("Recipient", "Channel", "Sub-queue", box=None)
        for heading in ("Waiting", "With a reader", "Oldest", "Most fetched"):
            table.add_column(heading, justify="right")
        for one in found:
            figures = (str(one.waiting), str(one.leased), _age(one.oldest, now), f"{one.most_attempts} ×")
            table.add_row(plain(one.recipient), one.channel, plain(one.node_id), *figures)
        out().print(table if found else "all queues are empty")

    @group.command(epilog="Example: mezhved queue peek FRMR --limit 20 --config node.toml")
    def peek(
        recipient: Annotated[str, typer.Argument(help="Mnemonic of the system whose queue it is.")],
        *,
        channel: Annotated[Channel, typer.Option(help="Which of its queues.", case_sensitive=False)] = Channel.REQUEST,
        node_id: Annotated[str, typer.Option(metavar="NODE_ID", help="Sub-queue; default: the main one.")] = "",
        limit: Annotated[int, typer.Option(min=1, help="How many.")] = 10,
        config: Config = None,
        sets: Assignments = None,
    ) -> None:
        """Show the first entries of a queue without taking them: no content, nothing changes."""
        from rich.table import Column, Table

        from ..exchange.times import utc_now
        from ..store.inspection import head

        now = utc_now()
        with _store(config, sets) as (_, conn):
            found = head(conn, recipient, channel, node_id, limit)
        table = Table(Column("MessageID", no_wrap=True), "Kind", "Age", "Fetched", "State", box=None)
        for one in found:
            state = "waiting"
            if one.leased_until is not None:
                state = (
                    f"with a reader until {one.leased_until:%H:%M:%S} UTC" if one.leased_until > now else "came back"
                )
            elif one.blocked:
                state = "waits for an earlier one, or its EOL has passed"
            table.add_row(one.message_id, plain(one.kind), _age(one.enqueued_at, now), f"{one.attempts} ×", state)
        out().print(table if found else f"the {channel} queue of {plain(recipient)} is empty")


def _register_aside(group: typer.Typer) -> None:
    @group.command("list", epilog="Example: mezhved queue aside list --config node.toml")
    def list_(config: Config = None, sets: Assignments = None) -> None:
        """List the requests that are set aside, the longest first. Times are UTC."""
        from ..store.aside import AsideStore

        with _store(config, sets) as (_, conn):
            found = AsideStore().list(conn)
        console = out()
        for one in found:
            console.print(f"[bold]{plain(one.message_id)}[/] {plain(one.kind)} from {plain(one.sender)}")
            console.print(f"    {one.at:%Y-%m-%d %H:%M:%S}, after {one.attempts} tries: {plain(one.reason)}")
        if not found:
            console.print("nothing is set aside")

    @group.command(epilog="Example: mezhved queue aside show 11111111-1111-11f0-8000-000000000001 --config node.toml")
    def show(message_id: MessageIdentifier, config: Config = None, sets: Assignments = None) -> None:
        """Show one of them. Its whole story and its octets: `mezhved trace`."""
        from ..store.aside import AsideStore

        with _store(config, sets) as (_, conn):
            one = AsideStore().find(conn, message_id)
        if one is None:
            fail(f"NOT_ASIDE: no message {message_id} is set aside", EXIT_FAILED)
        console = out()
        console.print(
            f"[bold]{plain(one.message_id)}[/] {plain(one.kind)}: {plain(one.sender)} → {plain(one.recipient)}"
        )
        console.print(f"  accepted   {one.accepted_at:%Y-%m-%d %H:%M:%S} UTC")
        console.print(f"  set aside  {one.at:%Y-%m-%d %H:%M:%S} UTC after {one.attempts} tries")
        console.print(f"  error      {plain(one.reason)} (see the worker's log)")


def _register_deciding(group: typer.Typer) -> None:
    @group.command("put-back", epilog="Example: mezhved queue aside put-back 11111111-1111-11f0-8000-000000000001")
    def put_back(
        message_id: MessageIdentifier, by: Name = None, config: Config = None, sets: Assignments = None
    ) -> None:
        """Put a request back into its queue, once the cause is mended. Its sender, told FAILURE, gets an answer now."""
        from ..dispatch import aside
        from ..exchange.times import utc_now

        with _store(config, sets, writing=True) as (store, conn):
            handling = _handling(conn, message_id)
            aside.put_back(store.queue, store.messages, conn, message_id, handling, who=_operator(by), now=utc_now())
        out().print(f"{plain(message_id)} is in its queue again")

    @group.command(epilog="Example: mezhved queue aside drop 11111111-1111-11f0-8000-000000000001 --by 'A. Ivanova'")
    def drop(message_id: MessageIdentifier, by: Name = None, config: Config = None, sets: Assignments = None) -> None:
        """Leave a request refused, as its sender was told. Its octets and its story stay."""
        from ..dispatch import aside
        from ..exchange.times import utc_now

        with _store(config, sets, writing=True) as (store, conn):
            aside.drop(store.messages, conn, message_id, who=_operator(by), now=utc_now())
        out().print(f"{plain(message_id)} stays refused")


@contextmanager
def _store(
    config: Path | None, sets: list[str] | None, *, writing: bool = False
) -> "Iterator[tuple[Store, Connection]]":
    """The store of the configured node, within one transaction."""
    from ..dispatch.aside import TooLate
    from ..node import Store
    from ..opening import OPENING_ERRORS, reaching
    from ..store.aside import NotAside
    from ..store.engine import read, write

    settings = settings_for(config, sets)
    with reporting(*OPENING_ERRORS), reporting(NotAside, TooLate, code=EXIT_FAILED), reaching():
        store = Store.open(settings.database.url)
        try:
            with (write if writing else read)(store.engine) as conn:
                yield store, conn
        finally:
            store.close()


def _handling(conn: "Connection", message_id: str) -> "Handling":
    """How the request is to be handled, read from its octets again. Raises NotAside."""
    from ..exchange.contract import CONTRACTS
    from ..exchange.handling import Handling
    from ..exchange.kept import sender_part
    from ..exchange.registry_records import is_registry, records_of
    from ..exchange.times import read_date_time
    from ..registry.kinds import load_kinds
    from ..soap.operations.request_data import RequestData
    from ..store.archive import octets_of
    from ..store.aside import AsideStore, NotAside
    from ..store.messages import MessageLog

    if AsideStore().find(conn, message_id) is None:
        raise NotAside(message_id)
    message = MessageLog().get(conn, message_id)
    request = RequestData.read(CONTRACTS[message.contract], sender_part(octets_of(conn, message_id))[0])
    end = request.end_of_life
    expires_at = None if end is None else read_date_time(end)
    kind, contract = load_kinds().by_name(message.kind), CONTRACTS[message.contract]
    if is_registry(contract, request.content):
        keys = {kind.order_key(record.content) for record in records_of(contract, request.content)}
        return Handling(expires_at=expires_at, order_keys=frozenset(key for key in keys if key is not None))
    return Handling(order_key=kind.order_key(request.content), expires_at=expires_at)


def _operator(name: str | None) -> str:
    import getpass

    return f"operator {name or getpass.getuser()}"


def _age(moment: "datetime", now: "datetime") -> str:
    seconds = max(0, int((now - moment).total_seconds()))
    for unit, length in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds >= 2 * length:
            return f"{seconds // length} {unit}"
    return f"{seconds} s"
