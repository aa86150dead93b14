"""Bringing the facts of two records of one person together under one number.

Each current fact of the second record gets a next version that is the first one's. What the first one has already is
withdrawn instead, and what referred to it refers to the first one's. History stays where it was: as known before the
merge, there were two records.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Table

from ...facts import Provenance, revise, withdraw
from ...reading import NOW, statement
from ...schema import (
    WORKER_FACTS,
    absences,
    accreditation_procedures,
    accreditations,
    attestations,
    cme_points,
    employments,
)

Fact = Mapping[str, Any]

_OF_EVERY_FACT = frozenset(
    ("entity_id", "version", "worker_oid", "recorded_at", "superseded_at", "source", "message_id", "withdrawn")
)
_KEYS: Mapping[Table, tuple[str, ...]] = {
    employments: ("organisation_oid", "post", "position_type", "valid_from"),
    cme_points: ("activity_number",),
}
"""Columns in which a worker's facts differ (the unique indexes of the schema): who agrees in them is the same fact."""
_REFERENCES: Mapping[Table, tuple[str, Table]] = {
    absences: ("employment_id", employments),
    accreditation_procedures: ("accreditation_id", accreditations),
}
_FIRST = (employments, accreditations)
"""What others refer to."""
_ORDER = (*_FIRST, *(table for table in WORKER_FACTS if table not in (*_FIRST, attestations)))
"""An attestation was of the record as it was: it does not go over."""


@dataclass(slots=True)
class Merged:
    """How many facts were moved, and how many withdrawn since they were there already."""

    moved: int = 0
    withdrawn: int = 0


def merge(conn: Connection, provenance: Provenance, second: str, first: str) -> Merged:
    """Brings the facts of `second` to `first` (OIDs of workers, both locked)."""
    counts = Merged()
    replaced: dict[str, str] = {}
    for table in _ORDER:
        twins = {_key(table, fact): fact["entity_id"] for fact in _facts(conn, table, first)}
        for fact in _facts(conn, table, second):
            moved = {**fact, "worker_oid": first, **_referring(table, fact, replaced)}
            twin = twins.get(_key(table, moved))
            if twin is not None:
                replaced[fact["entity_id"]] = twin
                withdraw(conn, table, provenance, fact)
                counts.withdrawn += 1
            else:
                revise(conn, table, provenance, fact, moved)
                counts.moved += 1
    return counts


def _facts(conn: Connection, table: Table, worker: str) -> list[Fact]:
    query = statement(table, NOW.shape, ("worker_oid",))
    return [dict(row) for row in conn.execute(query, {"worker_oid": worker}).mappings()]


def _key(table: Table, fact: Fact) -> tuple[Any, ...]:
    columns = _KEYS.get(table) or tuple(column.name for column in table.c if column.name not in _OF_EVERY_FACT)
    return tuple(fact[column] for column in columns)


def _referring(table: Table, fact: Fact, replaced: Mapping[str, str]) -> dict[str, Any]:
    """The columns that refer to facts that were there already."""
    columns = [_REFERENCES[table][0]] if table in _REFERENCES else []
    columns += ["previous_id"] if "previous_id" in table.c else []
    return {column: replaced[fact[column]] for column in columns if fact[column] in replaced}
