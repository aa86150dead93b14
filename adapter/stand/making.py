"""A stand from nothing: keys, settings, store, register, participants. A folder with something in it is refused."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection

from ..catalogue.catalogue import load_catalogue
from ..exchange.times import moscow_day
from ..migrations import upgrade
from ..officials_file import read_officials
from ..opening import reaching
from ..participants_file import read_participants
from ..registry.generator import generate
from ..registry.kinds import load_kinds
from ..registry.officials import appoint
from ..settings import Settings
from ..settings_sources import load
from ..store.administration import Administration
from ..store.changes import Author
from ..store.engine import create_engine, read, write
from ..store.routes import RouteStore
from . import contents
from .configuring import write_node_settings, write_officials, write_participants
from .keys import customary_key_type, make_keys
from .layout import NODE, PARTICIPANTS, REGISTER, Layout
from .licences import KINDS, licence_card

Report = Callable[[str], None]


class StandExists(Exception):  # noqa: N818 – named for what is wrong
    """The folder holds a stand, or something else, already."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What stand to make.

    `port` 0 lets the node take a free one at every start; `fixtures` is a folder of fixtures whose participants,
    kinds and authorities the stand takes in, so that they can be replayed against it; `database_url` None means SQLite.
    `key_type` is a kind of `signing.authority.KEY_RECIPES`; None takes the customary one.
    """

    folder: Path
    ecdsa: bool = False
    workers: int = 1000
    seed: int = 1
    port: int = 0
    database_url: str | None = None
    fixtures: Path | None = None
    key_type: str | None = None


def own_fixtures() -> Path | None:
    """The fixtures that came with the package, if they did."""
    folder = Path(__file__).parents[2] / "fixtures"
    return folder if (folder / "participants.toml").is_file() else None


def make(plan: Plan, *, now: datetime, random_bits: Callable[[int], int], report: Report = lambda _: None) -> Layout:
    """Makes the stand, telling each step; what fails leaves nothing behind in the folder.

    Raises StandExists, SettingsError, SigningError, OSError, one of OPENING_ERRORS, or RegisterNotEmpty.
    """
    layout = Layout(plan.folder)
    if plan.folder.exists() and any(plan.folder.iterdir()):
        raise StandExists(f"{plan.folder} is not empty: name another folder, or remove it first")
    plan.folder.mkdir(parents=True, exist_ok=True)
    try:
        _make(plan, layout, now, random_bits, report)
    except BaseException:
        for path in plan.folder.iterdir():
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        raise
    return layout


def _make(plan: Plan, layout: Layout, now: datetime, random_bits: Callable[[int], int], report: Report) -> None:
    key_type, why = (plan.key_type, "as asked") if plan.key_type else customary_key_type(ecdsa=plan.ecdsa)
    systems = [NODE, REGISTER, *PARTICIPANTS]
    officials = [system for system in systems if system.official]
    holders = [(system.mnemonic, system.subject) for system in systems]
    holders += [(layout.official(system).name, system.official_subject) for system in officials]
    make_keys(layout.keys, key_type, holders, now, random_bits)
    report(f"test authority and keys of {len(systems)} systems and {len(officials)} official: {why}")
    shutil.copytree(KINDS, layout.kinds)
    if plan.fixtures is not None:
        shutil.copytree(plan.fixtures / "declared", layout.kinds, dirs_exist_ok=True)
    trusted = _trusted(plan.fixtures)
    write_node_settings(layout, database_url=plan.database_url, port=plan.port, trusted=trusted)
    settings = load(layout.config)
    with reaching():
        _fill(plan, layout, settings, now, report)


def _trusted(fixtures: Path | None) -> dict[str, list[Path]]:
    keys = None if fixtures is None else fixtures / "keys"
    return {
        "anchors": [] if keys is None else sorted(keys.glob("ca-*.crt.pem")),
        "crls": [] if keys is None else sorted(keys.glob("ca-*.crl.pem")),
    }


def _fill(plan: Plan, layout: Layout, settings: Settings, now: datetime, report: Report) -> None:
    engine = create_engine(settings.database.url)
    try:
        upgrade(engine)
        report(f"store: {engine.url.render_as_string(hide_password=True)}")
        with write(engine) as conn:
            generate(conn, plan.workers, seed=plan.seed)
        with read(engine) as conn:
            organisations = contents.organisation_oids(conn)
        report(f"register: {plan.workers} synthetic workers of {len(organisations)} organisations")
        write_participants(layout, PARTICIPANTS, organisations)
        files = [layout.participants]
        if plan.fixtures is not None:
            files.append(plan.fixtures / "participants.toml")
        catalogue = load_catalogue(load_kinds(), settings.exchange.kinds)
        with write(engine) as conn:
            office = Administration(Author("mezhved demo", now), RouteStore(REGISTER.mnemonic, catalogue.own))
            listed = [read_participants(file) for file in files]
            found = [one for file in listed for one in file.participants]
            for participant, certificates in found:
                office.put(conn, participant, certificates)
            for route in (one for file in listed for one in file.routes):
                office.put_route(conn, route)
            office.check(conn)
        report(f"participants: {', '.join(participant.mnemonic for participant, _ in found)}")
        write_officials(layout, PARTICIPANTS, moscow_day(now))
        files = [layout.officials, *([] if plan.fixtures is None else [plan.fixtures / "officials.toml"])]
        with write(engine) as conn:
            for appointment in (one for file in files for one in read_officials(file, now)):
                appoint(conn, appointment)
        with read(engine) as conn:
            _write_requests(layout, conn, now)
    finally:
        engine.dispose()


def _write_requests(layout: Layout, conn: Connection, now: datetime) -> None:
    """Example requests about people of this very register, for `mezhved send`."""
    layout.requests.mkdir()
    today = moscow_day(now)
    known = contents.somebody(conn, today, with_main_post=True)
    free = contents.somebody(conn, today, with_main_post=False)
    post = contents.some_post(conn)
    if known is not None:
        (layout.requests / "worker_card.xml").write_bytes(contents.worker_card(known.snils))
    if post is not None:
        (layout.requests / "licence_card.xml").write_bytes(licence_card(post.organisation_oid))
    if free is not None and post is not None:
        hire = contents.hire(free, post, today, f"{today:%Y%m%d}-1")
        (layout.requests / "employment_event.xml").write_bytes(hire)
