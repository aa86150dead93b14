"""What `mezhved participants` and `mezhved routes` share: the store opened for an operator, and changes shown."""

import getpass
import os
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from sqlalchemy import Connection, Engine

from ..queue.model import Channel
from ..queue.store import queue_for
from ..signing.certificates import Certificate
from ..signing.errors import SigningError
from .catalogue.catalogue import Catalogue, load_catalogue
from .catalogue.errors import CatalogueError
from .console import EXIT_FAILED, fail, plain, reporting
from .exchange.participants import Participant
from .exchange.routing import Route
from .opening import OPENING_ERRORS, opened
from .participants_file import ParticipantsFileError, read_certificates
from .registry.kinds import load_kinds
from .settings import Settings
from .store.administration import Administration
from .store.changes import Author, Change, Changed
from .store.engine import read, write
from .store.participants import ParticipantError, ParticipantStore, StoredCertificate
from .store.routes import RouteStore

_COUNTED = 1_000_000
_SHOWN = 12
"""Digits of a fingerprint: enough to tell certificates apart, and to name one to `remove-certificate`."""


@dataclass(frozen=True, slots=True)
class Operating:
    """An operator's access to a node's store, within one transaction."""

    engine: Engine
    conn: Connection
    administration: Administration
    catalogue: Catalogue

    def existing(self, mnemonic: str) -> Participant:
        """The system of this mnemonic; ends the command if there is none."""
        return existing(self.conn, mnemonic)

    def waiting(self, mnemonic: str) -> dict[str, int]:
        """How many messages wait for a system, by channel."""
        queue = queue_for(self.engine)
        counted = {channel.value: queue.depth(self.conn, mnemonic, channel, _COUNTED) for channel in Channel}
        return {channel: count for channel, count in counted.items() if count}

    def checked_route(self, route: Route) -> Route:
        """The route itself; ends the command if its kind or version is not in the catalogue, or if it leads to the
        register, which answers its own kinds only.
        """
        versions = self.catalogue.versions(route.kind)
        if not versions:
            fail(f"there is no kind {route.kind}; see `mezhved kinds`", EXIT_FAILED)
        if route.version is not None and route.version not in versions:
            fail(f"{route.kind} has no version {route.version}, but {', '.join(versions)}", EXIT_FAILED)
        if route.provider == self.administration.routes.register and route.kind not in self.catalogue.own:
            fail(f"{route.provider} is the register, and {route.kind} is none of its kinds", EXIT_FAILED)
        return route

    def unknown_kinds(self, participant: Participant) -> list[str]:
        """Names of kinds that the participant has something to do with, and that are not in the catalogue."""
        named = participant.sends | participant.provides | participant.subscriptions
        return sorted(named - self.catalogue.names - {"*"})


@contextmanager
def operating(settings: Settings, by: str | None = None, *, dry_run: bool = False) -> Iterator[Operating]:
    """The store of the configured node for changes, which are checked at the end, and undone if only to be shown."""
    with reporting_mistakes(), reporting(CatalogueError, *OPENING_ERRORS), opened(settings.database.url) as engine:
        catalogue = load_catalogue(load_kinds(), settings.exchange.kinds)
        routes = RouteStore(settings.registry.mnemonic, catalogue.own)
        author = Author(by or user(), datetime.now(UTC))
        with write(engine) as conn:
            administration = Administration(author, routes)
            yield Operating(engine, conn, administration, catalogue)
            administration.check(conn)
            if dry_run:
                conn.rollback()


@contextmanager
def looking(settings: Settings) -> Iterator[Connection]:
    """The store of the configured node for reading."""
    with reporting(*OPENING_ERRORS), opened(settings.database.url) as engine, read(engine) as conn:
        yield conn


@contextmanager
def reporting_mistakes() -> Iterator[None]:
    """Mistakes in files, certificates and participants end in lines for a person."""
    with reporting(SigningError, ParticipantsFileError), reporting(ParticipantError, code=EXIT_FAILED):
        yield


def existing(conn: Connection, mnemonic: str) -> Participant:
    """The system of this mnemonic; ends the command if there is none."""
    found = ParticipantStore().by_mnemonic(conn, mnemonic)
    if found is None:
        fail(f"there is no system {mnemonic}; see `mezhved participants list`", EXIT_FAILED)
    return found


def certificates_in(files: Iterable[Path]) -> list[Certificate]:
    """The certificates in the files; ends the command if they cannot be read."""
    with reporting_mistakes():
        return [certificate for path in files for certificate in read_certificates(path)]


def user() -> str:
    """The name of the user that runs this process; its number where it has no name."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return str(os.getuid())


def participants_table(listed: Sequence[Participant], ends: dict[str, datetime]) -> Table:
    """All systems at a glance, within 80 columns; `ends` says until when the last certificate of each is valid."""
    table = Table(box=None)
    table.add_column("Mnemonic", no_wrap=True)  # it is what the other commands want to be told
    for heading in ("Name", "Rights"):
        table.add_column(heading, overflow="fold")
    table.add_column("Certified until", no_wrap=True)
    for one in listed:
        rights = (
            _few("role" if len(one.roles) == 1 else "has", one.roles, "roles"),
            _few("sends", one.sends, "kinds"),
            _few("answers", one.provides, "kinds"),
            _few("receives", one.subscriptions, "kinds"),
        )
        end = ends.get(one.mnemonic)
        table.add_row(
            plain(one.mnemonic) + ("" if one.active else " [red](off)[/]"),
            plain(one.name),
            plain("\n".join(line for line in rights if line)),
            "[red]no certificate[/]" if end is None else f"{end:%Y-%m-%d}",
        )
    return table


def _few(label: str, names: Collection[str], what: str) -> str:
    """The one name, or how many there are: `mezhved participants show` has them all."""
    if not names:
        return ""
    return f"{label} {next(iter(names))}" if len(names) == 1 else f"{label} {len(names)} {what}"


def show_participant(console: Console, one: Participant) -> None:
    """A system with its rights, a line for each."""
    console.print(f"[bold]{plain(one.mnemonic)}[/] {plain(one.name)}" + ("" if one.active else " [red](off)[/]"))
    limit = "the node's own" if one.queue_limit is None else str(one.queue_limit)
    region = "" if one.region is None else f"region {one.region}, "
    console.print(f"  {plain(region)}priority {one.priority}, queue limit {limit}")
    for label, values in (
        ("role", one.roles),
        ("sends", one.sends),
        ("provides", one.provides),
        ("subscribed to", one.subscriptions),
        ("organisation", one.organisations),
    ):
        for value in sorted(values):
            console.print(f"  {label} {plain(value)}")


def show_certificate(console: Console, certificate: StoredCertificate) -> None:
    """A certificate of a system, in full."""
    console.print(f"  certificate {certificate.fingerprint}")
    console.print(f"    {plain(certificate.subject)}")
    console.print(f"    valid {certificate.not_before:%Y-%m-%d} to {certificate.not_after:%Y-%m-%d}")


def certificates_table(found: Iterable[tuple[str, StoredCertificate]], now: datetime) -> Table:
    """Certificates with their owners, and how long they are still good."""
    table = Table(box=None)
    table.add_column("Mnemonic", no_wrap=True)
    table.add_column("Fingerprint", no_wrap=True)
    table.add_column("Subject", overflow="fold")
    table.add_column("Valid until", no_wrap=True)
    table.add_column("Days", justify="right", no_wrap=True)
    for owner, certificate in found:
        left = (certificate.not_after - now).days
        days = "[red]ended[/]" if certificate.not_after < now else str(left)
        start = certificate.fingerprint[:_SHOWN]
        table.add_row(plain(owner), start, plain(certificate.subject), f"{certificate.not_after:%Y-%m-%d}", days)
    return table


def show_route(route: Route) -> str:
    """A route as one line: what goes where."""
    version = "every version" if route.version is None else f"version {route.version}"
    region = "all regions" if route.region is None else f"region {route.region}"
    named = "" if route.value is None else f", named “{route.value}”"
    return f"{route.kind}, {version}, from {region}{named} → {route.provider}"


def show_change(console: Console, change: Change | None, subject: str) -> None:
    """What a change has done: a line for each field that differs."""
    if change is None:
        console.print(f"{plain(subject)}: unchanged")
        return
    what = "new" if change.before is None else "removed" if change.after is None else "changed"
    console.print(f"[bold]{plain(subject)}[/]: {what}")
    for name, before, after in change.differences() if change.after is not None else ():
        console.print(f"  {plain(name)}: {plain(_difference(before, after))}")


def show_history(console: Console, changes: Iterable[Change]) -> None:
    """Lines of the journal with what each has changed."""
    for change in changes:
        console.print(f"{change.at:%Y-%m-%d %H:%M:%S} UTC  {plain(change.actor)}")
        kind = "route of " if change.object is Changed.ROUTE else ""
        show_change(console, change, f"{kind}{change.subject}")
        if change.after is None:
            for name, before, _ in change.differences():
                console.print(f"  {plain(name)}: {plain(_difference(before, None))}")


def _difference(before: Any, after: Any) -> str:
    if isinstance(before, list) or isinstance(after, list):
        gone = [f"−{one}" for one in before or () if one not in (after or ())]
        come = [f"+{one}" for one in after or () if one not in (before or ())]
        return " ".join([*gone, *come])
    if before is None:
        return str(after)
    return f"{before} → {'none' if after is None else after}"
