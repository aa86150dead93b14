"""`mezhved doctor`: what this machine has, what it lacks, and how to get it."""

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..console import EXIT_FAILED, Assignments, Config, mark, out, plain, settings_for

if TYPE_CHECKING:
    from sqlalchemy import URL, Engine

    from ..settings import KeySettings, Settings

OLDEST_PYTHON = (3, 11)
DISTRIBUTION = "mezhved"
CONNECT_SECONDS = 5


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked for. `advice` says how to get it where it is not there."""

    name: str
    works: bool
    needed: bool
    found: str
    advice: str = ""


def register(app: typer.Typer) -> None:
    """Adds the command to the command line."""

    @app.command(
        epilog="Exit status: 0 everything needed is there, 1 something is missing. "
        "Example: mezhved doctor --config node.toml"
    )
    def doctor(
        config: Config = None,
        sets: Assignments = None,
        as_json: Annotated[bool, typer.Option("--json", help="One JSON object instead of a table.")] = False,
    ) -> None:
        """Look at Python, packages, OpenSSL, GOST, database and keys; try each out and say what is missing."""
        import json

        findings = examine(settings_for(config, sets))
        well = all(finding.works for finding in findings if finding.needed)
        if as_json:
            report = {"ok": well, "findings": [asdict(finding) for finding in findings]}
            typer.echo(json.dumps(report, ensure_ascii=False, indent=2))
        else:
            _print(findings)
        raise typer.Exit(0 if well else EXIT_FAILED)


def examine(settings: "Settings") -> list[Finding]:
    """Everything that the node needs of its machine, each tried out."""
    looks: tuple[Callable[[], Iterator[Finding]], ...] = (
        _python,
        _packages,
        _libcrypto,
        _gost,
        _pyca,
        _libgcrypt,
        lambda: _database(settings.database.url),
        lambda: _key("Key of the node", settings.node),
        lambda: _key("Key of the register", settings.registry),
        lambda: _kinds(settings.exchange.kinds),
    )
    return [finding for look in looks for finding in look()]


def _print(findings: list[Finding]) -> None:
    from rich.table import Table

    table = Table("", "What", box=None, pad_edge=False)
    table.add_column("Found", overflow="fold")
    if any(finding.advice for finding in findings):
        table.add_column("How to get it", overflow="fold")
    for finding in findings:
        sign = mark(finding.works) if finding.works or finding.needed else "[yellow]–[/]"
        name = plain(finding.name) + ("" if finding.needed else " (optional)")
        table.add_row(*[sign, name, plain(finding.found), plain(finding.advice)][: len(table.columns)])
    out().print(table)


def _python() -> Iterator[Finding]:
    import platform
    import sys

    yield Finding(
        "Python",
        sys.version_info >= OLDEST_PYTHON,
        True,
        f"{platform.python_version()} ({sys.executable})",
        "" if sys.version_info >= OLDEST_PYTHON else "install Python 3.11 or newer",
    )


def _packages() -> Iterator[Finding]:
    from importlib.metadata import PackageNotFoundError, requires, version

    try:
        wanted = [name for line in requires(DISTRIBUTION) or () if (name := _wanted_package(line))]
    except PackageNotFoundError:
        yield Finding("Packages", False, True, f"{DISTRIBUTION} is not installed", "pip install .")
        return
    there, missing = [], []
    for name in wanted:
        try:
            there.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            missing.append(name)
    yield Finding(
        "Packages",
        not missing,
        True,
        f"{there} of {len(wanted)}" + (f"; missing: {', '.join(missing)}" if missing else ""),
        f"pip install {' '.join(missing)}" if missing else "",
    )


def _wanted_package(requirement: str) -> str | None:
    """The name in a requirement of ours, unless it is for an extra or for a newer Python."""
    import re
    import sys

    text, _, marker = requirement.partition(";")
    newer = re.search(r'python_version >= "3\.(\d+)"', marker)
    if "extra" in marker or (newer and sys.version_info < (3, int(newer[1]))):
        return None
    found = re.match(r"[A-Za-z0-9._-]+", text.strip())
    return found[0] if found else None


def _libcrypto() -> Iterator[Finding]:
    from ...signing.errors import ProviderUnavailable
    from ...signing.providers.libcrypto import INSTALL_LIBCRYPTO, load_libcrypto

    try:
        crypto = load_libcrypto()
    except ProviderUnavailable as error:
        yield Finding("OpenSSL", False, True, str(error), INSTALL_LIBCRYPTO)
    else:
        yield Finding("OpenSSL", True, True, f"{crypto.version} ({crypto.file_name})")


def _gost() -> Iterator[Finding]:
    from ...signing.providers import openssl_gost
    from ...signing.providers.libcrypto import INSTALL_ENGINE

    found = openssl_gost().availability()
    if found.works:
        package = _debian_version("libengine-gost-openssl")
        yield Finding("GOST", True, True, found.detail + (f" (package {package})" if package else ""))
    else:
        reason = found.detail.removesuffix(f"; {INSTALL_ENGINE}")
        yield Finding("GOST", False, True, reason, f"{INSTALL_ENGINE}; RSA and ECDSA work without it")


def _pyca() -> Iterator[Finding]:
    from ...signing.providers import pyca

    found = pyca().availability()
    yield Finding("RSA, ECDSA", found.works, True, found.detail, "" if found.works else "pip install cryptography")


def _libgcrypt() -> Iterator[Finding]:
    import ctypes.util

    name = ctypes.util.find_library("gcrypt")
    if name is None:
        advice = "for the tests of GOST only: apt-get install libgcrypt20"
        yield Finding("libgcrypt", False, False, "not found", advice)
        return
    library = ctypes.CDLL(name)
    library.gcry_check_version.restype = ctypes.c_char_p
    yield Finding("libgcrypt", True, False, f"{library.gcry_check_version(None).decode()} ({name})")


def _debian_version(package: str) -> str | None:
    """The version of an installed package, where the system is Debian's kin."""
    import shutil
    import subprocess

    program = shutil.which("dpkg-query")
    if program is None:
        return None
    done = subprocess.run(  # noqa: S603 – our own arguments
        [program, "--show", "--showformat=${Version}", package], capture_output=True, text=True, check=False
    )
    return done.stdout.strip() or None


def _database(url: str) -> Iterator[Finding]:
    from sqlalchemy import make_url
    from sqlalchemy.exc import ArgumentError

    try:
        parsed = make_url(url)
    except ArgumentError:
        yield Finding("Database", False, True, "its URL cannot be read", "set database.url, see `mezhved settings`")
        return
    found = _sqlite(parsed) if parsed.get_backend_name() == "sqlite" else _postgresql(parsed)
    yield found
    if found.works:
        yield from _tables(parsed)


def _sqlite(url: "URL") -> Finding:
    import os
    import sqlite3

    version = f"SQLite {sqlite3.sqlite_version}"
    if url.database in {None, "", ":memory:"}:
        return Finding("Database", True, True, f"{version}, in memory")
    file = Path(str(url.database)).absolute()
    folder = next(parent for parent in file.parents if parent.exists())
    can_write = os.access(file if file.exists() else folder, os.W_OK)
    state = "" if file.exists() else ", not made yet (mezhved migrate)"
    return Finding(
        "Database",
        can_write,
        True,
        f"{version}, {file}{state}" if can_write else f"{file} cannot be written",
        "" if can_write else f"let this user write to {folder}, or set database.url",
    )


def _postgresql(url: "URL") -> Finding:
    import sqlalchemy
    from sqlalchemy.exc import SQLAlchemyError

    from ..store.engine import create_engine

    shown = url.render_as_string(hide_password=True)
    impatient = url.update_query_dict({"connect_timeout": str(CONNECT_SECONDS)})
    engine = create_engine(impatient.render_as_string(hide_password=False))
    try:
        with engine.connect() as conn:
            version = conn.execute(sqlalchemy.text("SHOW server_version")).scalar_one()
    except SQLAlchemyError as error:
        reason = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
        return Finding(
            "Database",
            False,
            True,
            f"{shown} is not reachable: {reason}",
            "start PostgreSQL (apt-get install postgresql), make the database (createdb), or set database.url",
        )
    finally:
        engine.dispose()
    return Finding("Database", True, True, f"PostgreSQL {version}, {shown}")


def _tables(url: "URL") -> Iterator[Finding]:
    """Whether a database that answers has the tables of this version."""
    from ..migrations import SchemaMismatch, newest
    from ..opening import DatabaseUnavailable, opened

    if url.get_backend_name() == "sqlite" and not Path(url.database or "").is_file():
        return  # looking must not make it
    try:
        with opened(url.render_as_string(hide_password=False)) as engine:
            yield Finding("Tables", True, True, f"revision {newest()}")
            yield _dictionaries(engine)
    except SchemaMismatch as error:
        found = f"revision {error.found or 'none'}; this version of Mezhved needs {error.wanted}"
        yield Finding("Tables", False, True, found, "mezhved migrate")
    except DatabaseUnavailable as error:
        yield Finding("Tables", False, True, str(error))


def _dictionaries(engine: "Engine") -> Finding:
    """Whether the register can judge codes. A node that only passes messages on needs none."""
    from ..registry.dictionary_versions import needed
    from ..store.engine import read

    with read(engine) as conn:
        wanted = needed(conn)
    there = sum(wanted.values())
    missing = len(wanted) - there
    return Finding(
        "Dictionaries",
        not missing,
        False,
        f"{there} of {len(wanted)}" + ("; without the others the register fails at requests" if missing else ""),
        "mezhved dictionaries import, or mezhved dictionaries samples for a trial" if missing else "",
    )


def _key(name: str, settings: "KeySettings") -> Iterator[Finding]:
    """Whether a key that is named can be read, signs, and has a certificate that is valid now."""
    from ...signing.errors import SigningError
    from ..exchange.times import utc_now
    from ..materials import load_signing_key
    from ..observing.readiness import key_check

    if not settings.has_key:
        return
    try:
        key = load_signing_key(settings)
    except (SigningError, OSError) as error:
        yield Finding(name, False, True, str(error), "see docs/howto/run-a-node.md")
        return
    wrong, until = key_check(key, utc_now, name.lower())(), key.certificate.not_after
    found = f"{key.certificate.subject}, certified until {until:%Y-%m-%d}"
    yield Finding(name, wrong is None, True, found if wrong is None else f"{found}: {wrong}")


def _kinds(folder: Path | None) -> Iterator[Finding]:
    from ..catalogue.catalogue import load_catalogue
    from ..catalogue.errors import CatalogueError
    from ..registry.kinds import load_kinds

    if folder is None:
        return
    try:
        catalogue = load_catalogue(load_kinds(), folder)
    except (CatalogueError, OSError) as error:
        yield Finding("Kinds", False, True, str(error), f"see docs/howto/add-a-provider.md; the node reads {folder}")
        return
    declared = sum(kind.name not in catalogue.own for kind in catalogue)
    yield Finding("Kinds", True, True, f"{declared} declared in {folder}, schemas compiled")
