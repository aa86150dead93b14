"""Writing facts: every change adds a version, nothing is overwritten (registry.schema), and the feed tells of it.

A version is replaced only by who has seen it: of several that change one fact at the same time one wins, and the others
learn which version is current now.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, Insert, Table, Update, bindparam, func, insert, literal_column, select

from .schema import changes, section_of


@dataclass(frozen=True, slots=True)
class Provenance:
    """Who tells something, by which message, and when the register learns it (aware, UTC)."""

    source: str
    message_id: str
    recorded_at: datetime


class Action(StrEnum):
    """What a change did to a fact."""

    ADDED = "ADDED"
    REVISED = "REVISED"
    WITHDRAWN = "WITHDRAWN"
    REINSTATED = "REINSTATED"


class VersionSuperseded(Exception):  # noqa: N818  named for what is wrong
    """The version to be replaced is no longer the current one: somebody has changed the record in between."""

    code = "VERSION_CONFLICT"

    def __init__(self, table: Table, entity_id: str, version: int, current: int | None) -> None:
        """`current` is the version that is current now; None: the fact was withdrawn, or there never was one."""
        super().__init__(f"{table.name} {entity_id} version {version}: current is {current or 'none'}")
        self.table = table
        self.entity_id = entity_id
        self.version = version
        self.current = current


def add(conn: Connection, table: Table, provenance: Provenance, *facts: Mapping[str, Any]) -> None:
    """Adds new entities, each in its version 1."""
    if facts:
        rows = [versioned(fact, 1, provenance) for fact in facts]
        for _, alike in groupby(rows, key=dict.keys):  # many at once are inserted with the columns of the first
            conn.execute(insert(table), list(alike))
        _tell(conn, table, Action.ADDED, rows)


def revise(
    conn: Connection, table: Table, provenance: Provenance, current: Mapping[str, Any], changed: Mapping[str, Any]
) -> int:
    """Puts a new version, `current` with `changed`, in the place of the current one; returns its number.

    `current` must hold every column of the table. Raises VersionSuperseded.
    """
    _close(conn, table, provenance, current)
    return _next(conn, table, Action.REVISED, current["version"], versioned({**current, **changed}, 0, provenance))


def withdraw(conn: Connection, table: Table, provenance: Provenance, current: Mapping[str, Any]) -> int:
    """Takes a fact back: it has no current version any more, and its last one says who did it; returns its number.

    `current` must hold every column of the table. Raises VersionSuperseded.
    """
    _close(conn, table, provenance, current)
    row = versioned(current, 0, provenance)
    row |= {"withdrawn": True, "superseded_at": provenance.recorded_at}
    return _next(conn, table, Action.WITHDRAWN, current["version"], row)


def reinstate(
    conn: Connection, table: Table, provenance: Provenance, last: Mapping[str, Any], wanted: Mapping[str, Any]
) -> int:
    """Brings a withdrawn fact back as the version `wanted` had it (registry.reading.history); returns the new number.

    `last` is its last version, the one that took it back; both must hold every column of the table. Raises
    VersionSuperseded if it is not the last one any more.
    """
    seen = conn.execute(_last(table), {"entity": last["entity_id"]}).one()
    if not last["withdrawn"] or seen.version != last["version"]:
        raise VersionSuperseded(table, last["entity_id"], last["version"], None if seen.withdrawn else seen.version)
    return _next(conn, table, Action.REINSTATED, last["version"], versioned(wanted, 0, provenance))


def versioned(fact: Mapping[str, Any], version: int, provenance: Provenance) -> dict[str, Any]:
    """A row of a table of facts: `fact` as a version that is current since now."""
    return {
        **fact,
        "version": version,
        "recorded_at": provenance.recorded_at,
        "superseded_at": None,
        "source": provenance.source,
        "message_id": provenance.message_id,
        "withdrawn": False,
    }


def _close(conn: Connection, table: Table, provenance: Provenance, current: Mapping[str, Any]) -> None:
    entity_id, version = current["entity_id"], current["version"]
    values = {"at": provenance.recorded_at, "entity": entity_id, "current_version": version}
    if conn.execute(_closing(table), values).rowcount != 1:
        raise VersionSuperseded(table, entity_id, version, conn.scalar(_current(table), {"entity": entity_id}))


def _next(conn: Connection, table: Table, action: Action, version: int, row: dict[str, Any]) -> int:
    row["version"] = version + 1
    conn.execute(insert(table), row)
    _tell(conn, table, action, [row])
    return version + 1


@cache
def _closing(table: Table) -> Update:
    return (
        table.update()
        .values(superseded_at=bindparam("at"))
        .where(
            table.c.entity_id == bindparam("entity"),
            table.c.version == bindparam("current_version"),
            table.c.superseded_at.is_(None),
        )
    )


@cache
def _current(table: Table) -> Any:
    return select(table.c.version).where(table.c.entity_id == bindparam("entity"), table.c.superseded_at.is_(None))


@cache
def _last(table: Table) -> Any:
    last = select(func.max(table.c.version)).where(table.c.entity_id == bindparam("entity")).scalar_subquery()
    return select(table.c.version, table.c.withdrawn).where(
        table.c.entity_id == bindparam("entity"), table.c.version == last
    )


def _tell(conn: Connection, table: Table, action: Action, rows: list[dict[str, Any]]) -> None:
    """Adds to the feed. Which order its readers see, and why nothing escapes them: registry.changes."""
    conn.execute(_telling(conn.dialect.name), [_change(table, action, row) for row in rows])


@cache
def _telling(dialect: str) -> Insert:
    xact = "pg_current_xact_id()::text::bigint" if dialect == "postgresql" else "0"
    return insert(changes).values(xact=literal_column(xact))


def _change(table: Table, action: Action, row: Mapping[str, Any]) -> dict[str, Any]:
    section = section_of(table)
    own = section in ("PERSON", "WORKER_MERGES")
    return {
        "worker_oid": row["entity_id"] if own else row.get("worker_oid"),
        "organisation_oid": row["entity_id"] if section == "ORGANISATIONS" else row.get("organisation_oid"),
        "section": section,
        "entity_id": row["entity_id"],
        "version": row["version"],
        "action": action.value,
        "recorded_at": row["recorded_at"],
        "source": row["source"],
        "message_id": row["message_id"],
    }
