"""`mezhved audit`: who asked and who changed, sealed and verified."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..console import EXIT_FAILED, Assignments, Config, fail, out, plain, reporting, settings_for

if TYPE_CHECKING:
    from sqlalchemy import Row

    from ...signing.certificates import Certificate
    from ..registry.audit_check import Checked, Trusted
    from ..settings import Settings

_MOST_SHOWN = 100


def register(app: typer.Typer) -> None:
    """Adds the commands to the command line."""
    group = typer.Typer(no_args_is_help=True, help="The audit of the register: show, seal, verify.")
    app.add_typer(group, name="audit")
    _register_show(group)
    _register_seal(group)
    _register_verify(group)


def _register_show(group: typer.Typer) -> None:
    @group.command(epilog="Example: mezhved audit show --about 2024.0000001 --config node.toml")
    def show(
        about: Annotated[str | None, typer.Option(metavar="OID", help="Of this worker or organisation only.")] = None,
        message: Annotated[str | None, typer.Option(metavar="MESSAGE_ID", help="Of this request only.")] = None,
        most: Annotated[int, typer.Option(min=1, help="How many, newest first.")] = _MOST_SHOWN,
        config: Config = None,
        sets: Assignments = None,
    ) -> None:
        """Show entries: when, who, from where, what, about whom, what for, how it ended."""
        from ..opening import OPENING_ERRORS, opened
        from ..registry.audit_reading import AuditQuery, entries
        from ..store.engine import read

        settings = settings_for(config, sets)
        with reporting(*OPENING_ERRORS), opened(settings.database.url) as engine, read(engine) as conn:
            found = entries(conn, AuditQuery(about=about, message_id=message), most)
        for one in found:
            _show(one)
        if not found:
            out().print("no entries")


def _register_seal(group: typer.Typer) -> None:
    @group.command(epilog="Example: mezhved audit seal --config node.toml")
    def seal(config: Config = None, sets: Assignments = None) -> None:
        """Seal what waits for it, as the timer does, and print the head: keep it elsewhere, for `verify --head`."""
        from ...signing.errors import SigningError
        from ..exchange.times import utc_now
        from ..materials import MissingKey, load_signing_key
        from ..opening import OPENING_ERRORS, opened
        from ..registry.sealing import last_seal
        from ..registry.sealing import seal as seal_some
        from ..store.engine import read, write

        settings = settings_for(config, sets)
        with reporting(SigningError, MissingKey, *OPENING_ERRORS), opened(settings.database.url) as engine:
            key = load_signing_key(settings.node)
            while True:
                with write(engine) as conn:
                    made = seal_some(conn, key, utc_now())
                if made is None:
                    break
                out().print(f"seal {made.number}: {made.last - made.first + 1} entries")
            with read(engine) as conn:
                last = last_seal(conn)
        out().print("nothing was ever sealed" if last is None else f"head {last.number}:{last.head.hex()}")


def _register_verify(group: typer.Typer) -> None:
    @group.command(
        epilog="Exit status: 0 in order, 1 something was found, 2 not done. "
        "Example: mezhved audit verify --config node.toml"
    )
    def verify(
        head: Annotated[
            str | None, typer.Option(metavar="NUMBER:HEX", help="Head of a seal, kept elsewhere since it was made.")
        ] = None,
        config: Config = None,
        sets: Assignments = None,
    ) -> None:
        """Verify everything that is sealed; name what was altered, taken out, moved or put in."""
        from ...signing.errors import SigningError
        from ..materials import MissingKey
        from ..opening import OPENING_ERRORS, opened
        from ..registry.audit_check import check
        from ..store.engine import read

        settings = settings_for(config, sets)
        kept = None if head is None else _head(head)
        with reporting(SigningError, MissingKey, *OPENING_ERRORS), opened(settings.database.url) as engine:
            trusted = _own_seals(settings)
            with read(engine) as conn:
                _tell(check(conn, trusted, kept))


def _show(entry: "Row[Any]") -> None:
    console = out()
    console.print(
        f"{entry.number}  {entry.at:%Y-%m-%d %H:%M:%S} UTC  [bold]{plain(entry.system)}[/]"
        + (f" at {plain(entry.address)}" if entry.address else "")
    )
    console.print(
        f"    {plain(entry.action)}"
        + (f" about {plain(entry.object)}" if entry.object else "")
        + (f", purpose {plain(entry.purpose)}" if entry.purpose else "")
        + f": {plain(f'{entry.outcome} {entry.codes}'.strip())}"
    )
    if entry.official:
        console.print(f"    signed by the official {plain(entry.official[:16])}…")


def _head(text: str) -> tuple[int, bytes]:
    number, _, digest = text.partition(":")
    try:
        return int(number), bytes.fromhex(digest)
    except ValueError:
        fail(f"{text!r} is no head; `mezhved audit seal` prints one as NUMBER:HEX")


def _own_seals(settings: "Settings") -> "Trusted":
    """Certificates that may seal: the node's own, and those that its name had before and that were trusted then."""
    from ...signing.errors import CertificateUntrusted
    from ..materials import load_signing_key, load_trust

    own, trust = load_signing_key(settings.node).certificate, load_trust(settings.trust)

    def trusted(certificate: "Certificate", at: datetime) -> None:
        if certificate.fingerprint == own.fingerprint:
            return
        if certificate.subject != own.subject:
            raise CertificateUntrusted(f"sealed by {certificate.subject}, not by the node {own.subject}")
        trust.check(certificate, at)

    return trusted


def _tell(checked: "Checked") -> None:
    console = out()
    for found in checked.findings:
        console.print(f"[red]✗[/] {plain(found)}")
    console.print(
        f"seals {checked.seals}, entries under them {checked.entries}, waiting to be sealed {checked.pending}"
    )
    if checked.last is not None:
        console.print(f"head {checked.last.number}:{checked.last.head.hex()}")
    if checked.findings:
        raise typer.Exit(EXIT_FAILED)
    console.print("[green]✓[/] nothing was altered, taken out, moved or put in")
