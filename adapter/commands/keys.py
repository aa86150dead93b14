"""`mezhved keys`: a test authority, certificates, revocation lists, and what stands in such files.

A name NAME stands for two files: NAME.key.pem, the private key, readable by its owner only, and NAME.crt.pem, the
certificate with those above it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from ..console import EXIT_FAILED, fail, out, plain, reporting

if TYPE_CHECKING:
    from ...signing.authority import Authority, Issued
    from ...signing.certificates import Certificate
    from ...signing.contents import Item
    from ...signing.crls import RevocationList

KINDS_HELP = "Kind of key, see `mezhved keys kinds`."
AUTHORITY_DAYS = 3650
CERTIFICATE_DAYS = 365
CRL_DAYS = 30

Name = Annotated[str, typer.Argument(metavar="NAME", help="Path of the files to write, without .key.pem and .crt.pem.")]
Subject = Annotated[str, typer.Option(help="Name in the certificate (RFC 4514): CN=…,O=…,C=RU")]
Kind = Annotated[str, typer.Option("--type", help=KINDS_HELP)]
Ca = Annotated[
    str, typer.Option(metavar="NAME", help="The authority: path of its files without .key.pem and .crt.pem.")
]
From = Annotated[str | None, typer.Option("--from", metavar="TIME", help="Valid from (ISO 8601); default: now.")]
Serial = Annotated[str | None, typer.Option(metavar="HEX", help="Serial number; default: a random one of 120 bits.")]
PasswordFile = Annotated[
    Path | None, typer.Option(help="File whose first line is the password that protects the private key.")
]
CaPasswordFile = Annotated[Path | None, typer.Option(help="The same for the authority's key.")]
Force = Annotated[bool, typer.Option("--force", help="Overwrite files that are there.")]


def register(app: typer.Typer) -> None:
    """Adds the commands to the command line."""
    group = typer.Typer(
        no_args_is_help=True, help="Test authority, certificates, revocation lists; what stands in such files."
    )
    app.add_typer(group, name="keys")
    _register_authority(group)
    _register_certificates(group)
    _register_crl(group)
    _register_showing(group)


def _register_authority(group: typer.Typer) -> None:
    @group.command(
        epilog="Example: mezhved keys authority keys/ca --subject 'CN=Test authority,O=Stand,C=RU' --type gost256"
    )
    def authority(
        name: Name,
        *,
        subject: Subject,
        kind: Kind = "gost256",
        above: Annotated[
            str | None, typer.Option("--ca", metavar="NAME", help="Authority above it; default: none.")
        ] = None,
        valid_from: From = None,
        days: Annotated[int, typer.Option(min=1, help="Valid for so many days.")] = AUTHORITY_DAYS,
        serial: Serial = None,
        password_file: PasswordFile = None,
        ca_password_file: CaPasswordFile = None,
        force: Force = False,
    ) -> None:
        """Make an authority: a root, or with --ca one below another."""
        from ...signing.authority import create_authority

        with _reporting():
            period, number = _period(valid_from, days), _serial(serial)
            pair = _pair(name, force)
            if above is None:
                made = create_authority(kind, subject, serial=number, valid_from=period.begin, valid_to=period.end)
            else:
                made = _authority(above, ca_password_file).issue_authority(
                    subject, key_type=kind, serial=number, valid_from=period.begin, valid_to=period.end
                )
            _write_pair(pair, made, password_file)


def _register_certificates(group: typer.Typer) -> None:
    @group.command(
        epilog="Example: mezhved keys issue keys/rmis --ca keys/ca --subject 'CN=RMIS,O=Hospital,C=RU' --pkcs12 "
        "--password-file secret.txt"
    )
    def issue(
        name: Name,
        *,
        ca: Ca,
        subject: Subject,
        kind: Kind = "gost256",
        valid_from: From = None,
        days: Annotated[int, typer.Option(min=1, help="Valid for so many days.")] = CERTIFICATE_DAYS,
        serial: Serial = None,
        pkcs12: Annotated[bool, typer.Option("--pkcs12", help="Write NAME.p12 too; needs --password-file.")] = False,
        password_file: PasswordFile = None,
        ca_password_file: CaPasswordFile = None,
        force: Force = False,
    ) -> None:
        """Issue a certificate with a fresh key, for signing."""
        from ...signing.keys import dump_pkcs12

        with _reporting():
            password = _password(password_file)
            if pkcs12 and not password:
                raise typer.BadParameter("--pkcs12 needs a --password-file with a password in it")
            period, number = _period(valid_from, days), _serial(serial)
            pair = _pair(name, force)
            container = _free(Path(f"{name}.p12"), force) if pkcs12 else None
            made = _authority(ca, ca_password_file).issue(
                subject, key_type=kind, serial=number, valid_from=period.begin, valid_to=period.end
            )
            _write_pair(pair, made, password_file)
            if container is not None and password:
                _write(container, dump_pkcs12(made.signing_key(), password), secret=True)

    @group.command(epilog="Example: mezhved keys renew keys/rmis --ca keys/ca --to keys/rmis-2027")
    def renew(
        name: Annotated[str, typer.Argument(metavar="NAME", help="Path of the files of the certificate to renew.")],
        *,
        ca: Ca,
        to: Annotated[str, typer.Option(metavar="NAME", help="Path of the files to write.")],
        valid_from: From = None,
        days: Annotated[int, typer.Option(min=1, help="Valid for so many days.")] = CERTIFICATE_DAYS,
        serial: Serial = None,
        password_file: PasswordFile = None,
        ca_password_file: CaPasswordFile = None,
        force: Force = False,
    ) -> None:
        """Issue another certificate for the same subject and key."""
        from ...signing.authority import Issued
        from ...signing.keys import load_pem

        with _reporting():
            period, number = _period(valid_from, days), _serial(serial)
            pair = _pair(to, force)
            key = load_pem(*_read_pair(name), _password(password_file))
            former = Issued(key.certificate, key.private.to_pem(), key.issuers)
            made = _authority(ca, ca_password_file).renew(
                former, serial=number, valid_from=period.begin, valid_to=period.end
            )
            _write_pair(pair, made, password_file)


def _register_crl(group: typer.Typer) -> None:
    @group.command(
        epilog="Example: mezhved keys crl keys/ca.crl.pem --ca keys/ca --revoke keys/rmis.crt.pem --revoke 1a2b"
    )
    def crl(
        file: Annotated[Path, typer.Argument(help="Revocation list to write, PEM.")],
        *,
        ca: Ca,
        revoke: Annotated[
            list[str] | None,
            typer.Option(
                metavar="CERTIFICATE|HEX", help="File of a certificate, or a serial number; several are fine."
            ),
        ] = None,
        revoked_at: Annotated[
            str | None, typer.Option(metavar="TIME", help="When they were revoked (ISO 8601); default: now.")
        ] = None,
        previous: Annotated[Path | None, typer.Option(help="List whose entries are taken over.")] = None,
        valid_from: From = None,
        days: Annotated[int, typer.Option(min=1, help="The next list is due in so many days.")] = CRL_DAYS,
        ca_password_file: CaPasswordFile = None,
        force: Force = False,
    ) -> None:
        """Make a revocation list, from nothing or from the one before it."""
        with _reporting():
            period = _period(valid_from, days)
            target = _free(file, force)
            before = _previous(previous)
            entries = dict(before.revoked) if before else {}
            moment = _moment(revoked_at)
            for one in revoke or ():
                entries.setdefault(_serial_of(one), moment)
            made = _authority(ca, ca_password_file).make_crl(
                sorted(entries.items()),
                number=((before.number if before else None) or 0) + 1,
                this_update=period.begin,
                next_update=period.end,
            )
            _write(target, made.to_pem())


def _register_showing(group: typer.Typer) -> None:
    @group.command(epilog="Example: mezhved keys kinds")
    def kinds() -> None:
        """List the kinds of keys that can be made."""
        from ...signing.authority import KEY_ALIASES, KEY_RECIPES

        console = out()
        for kind in KEY_RECIPES:
            short = [alias for alias, meant in KEY_ALIASES.items() if meant == kind]
            console.print(plain(kind) + (f"  (short: {short[0]})" if short else ""))

    @group.command(epilog="Example: mezhved keys show rmis.p12 --password-file secret.txt")
    def show(
        files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="PEM, DER or PKCS#12.")],
        *,
        password_file: Annotated[Path | None, typer.Option(help="File whose first line opens a PKCS#12 file.")] = None,
        as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line and item.")] = False,
    ) -> None:
        """Show certificates, revocation lists and PKCS#12 files. Private keys are opened and tried, never shown."""
        import json

        from ...signing.contents import read_items

        for file in files:
            with _reporting():
                items = read_items(file.read_bytes(), _password(password_file))
            for item in items:
                lines = _described(item)
                if as_json:
                    typer.echo(json.dumps({"file": str(file), **lines}, ensure_ascii=False))
                else:
                    _print(file, lines)


def _print(file: Path, lines: dict[str, Any]) -> None:
    console = out()
    console.print(f"[bold]{plain(file)}[/]: {plain(lines['what'])}")
    for label, value in lines.items():
        if label == "revoked":
            for entry in value:
                console.print(f"  revoked       {entry['serial']} at {entry['at']}")
        elif label == "issuers":
            for issuer in value:
                console.print(f"  certified by  {plain(issuer)}")
        elif label != "what":
            console.print(f"  {label.replace('_', ' '):13} {plain(value)}")


def _described(item: "Item") -> dict[str, Any]:
    from ...signing.certificates import Certificate
    from ...signing.crls import RevocationList
    from ...signing.keys import SigningKey

    match item:
        case Certificate():
            return {"what": "certificate"} | _certificate(item)
        case SigningKey():
            opened = {"what": "private key with its certificate", "signs_by": item.algorithm.uri}
            return opened | _certificate(item.certificate) | {"issuers": [one.subject for one in item.issuers]}
        case RevocationList():
            return {
                "what": "revocation list",
                "issuer": item.issuer,
                "number": item.number,
                "this_update": item.this_update.isoformat(),
                "next_update": item.next_update.isoformat() if item.next_update else None,
                "revoked": [{"serial": f"{serial:x}", "at": at.isoformat()} for serial, at in item.revoked],
            }
        case _:
            return {"what": "private key without a certificate", "key_type": item.key_type.value}


def _certificate(certificate: "Certificate") -> dict[str, Any]:
    return {
        "subject": certificate.subject,
        "issuer": certificate.issuer,
        "serial": f"{certificate.serial:x}",
        "valid_from": certificate.not_before.isoformat(),
        "valid_to": certificate.not_after.isoformat(),
        "key_type": certificate.key_type.value,
        "sha256": certificate.fingerprint,
    }


# -- what the commands share -------------------------------------------------------------------------------------------


class _Period(NamedTuple):
    begin: datetime
    end: datetime


class _Pair(NamedTuple):
    key: Path
    certificate: Path


@contextmanager
def _reporting() -> Iterator[None]:
    from ...signing.errors import SigningError

    with reporting(SigningError, ValueError):
        yield


def _moment(text: str | None) -> datetime:
    from datetime import UTC

    from ..conformance.command_line import read_moment

    return datetime.now(UTC).replace(microsecond=0) if text is None else read_moment(text)


def _period(valid_from: str | None, days: int) -> _Period:
    begin = _moment(valid_from)
    try:
        return _Period(begin, begin + timedelta(days=days))
    except OverflowError:
        raise typer.BadParameter(f"{days} days from {begin:%Y-%m-%d} is after the year 9999") from None


def _serial(text: str | None) -> int:
    import secrets

    if text is None:
        return secrets.randbits(119) | 1 << 119
    try:
        return int(text, 16)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is no hexadecimal serial number") from None


def _serial_of(text: str) -> int:
    from ...signing.certificates import load_pem_or_der

    return load_pem_or_der(Path(text).read_bytes())[0].serial if Path(text).is_file() else _serial(text)


def _password(file: Path | None) -> str | None:
    return None if file is None else file.read_text("utf-8").partition("\n")[0].rstrip("\r")


def _previous(file: Path | None) -> "RevocationList | None":
    from ...signing.crls import load_crls

    return None if file is None else load_crls(file.read_bytes())[0]


def _authority(name: str, password_file: Path | None) -> "Authority":
    from ...signing.authority import load_authority

    return load_authority(*_read_pair(name), _password(password_file))


def _read_pair(name: str) -> tuple[bytes, bytes]:
    return Path(f"{name}.key.pem").read_bytes(), Path(f"{name}.crt.pem").read_bytes()


def _pair(name: str, force: bool) -> _Pair:
    """The files to write; checked before anything is made, so that never one is written and the other not."""
    return _Pair(_free(Path(f"{name}.key.pem"), force), _free(Path(f"{name}.crt.pem"), force))


def _free(file: Path, force: bool) -> Path:
    if file.exists() and not force:
        fail(f"{file} is there already; --force overwrites it", EXIT_FAILED)
    return file


def _write_pair(pair: _Pair, made: "Issued", password_file: Path | None) -> None:
    password = _password(password_file)
    key_pem = made.signing_key().private.to_pem(password.encode()) if password else made.key_pem
    _write(pair.key, key_pem, secret=True)
    _write(pair.certificate, b"".join(one.to_pem() for one in (made.certificate, *made.issuers)))


def _write(file: Path, octets: bytes, *, secret: bool = False) -> None:
    """A whole file or none; a secret one is never readable by others, not for a moment."""
    import os

    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_name(f"{file.name}.{os.getpid()}.new")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600 if secret else 0o644)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(octets)
        draft.replace(file)
    except OSError:
        draft.unlink(missing_ok=True)
        raise
    out().print(f"{plain(file)} written" + (" (private: keep it secret)" if secret else ""))
