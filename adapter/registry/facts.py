"""Writing facts: every change adds a version, nothing is overwritten (registry.schema)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Table, bindparam, insert


@dataclass(frozen=True, slots=True)
class Provenance:
    """Who tells something, by which message, and when the register learns it (aware, UTC)."""

    source: str
    message_id: str
    recorded_at: datetime


class VersionSuperseded(Exception):  # noqa: N818  named for what is wrong
    """The version to be replaced is no longer the current one: somebody has changed the record in between."""


def add(conn: Connection, table: Table, provenance: Provenance, *facts: Mapping[str, Any]) -> None:
    """Adds new entities, each in its version 1."""
    conn.execute(insert(table), [_row(fact, 1, provenance) for fact in facts])


def revise(
    conn: Connection, table: Table, provenance: Provenance, current: Mapping[str, Any], changes: Mapping[str, Any]
) -> int:
    """Puts a new version, `current` with `changes`, in the place of the current one; returns its number.

    `current` must hold every column of the table. Raises VersionSuperseded.
    """
    closed = conn.execute(
        _closing(table),
        {"at": provenance.recorded_at, "entity": current["entity_id"], "current_version": current["version"]},
    )
    if closed.rowcount != 1:
        raise VersionSuperseded(f"{table.name} {current['entity_id']} version {current['version']}")
    version: int = current["version"] + 1
    conn.execute(insert(table), _row({**current, **changes}, version, provenance))
    return version


def _row(fact: Mapping[str, Any], version: int, provenance: Provenance) -> dict[str, Any]:
    return {
        **fact,
        "version": version,
        "recorded_at": provenance.recorded_at,
        "superseded_at": None,
        "source": provenance.source,
        "message_id": provenance.message_id,
    }


def _closing(table: Table) -> Any:
    return (
        table.update()
        .values(superseded_at=bindparam("at"))
        .where(
            table.c.entity_id == bindparam("entity"),
            table.c.version == bindparam("current_version"),
            table.c.superseded_at.is_(None),
        )
    )
