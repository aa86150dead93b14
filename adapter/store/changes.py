"""Who changed participants and routes, and what: a journal to which lines are only added."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, insert, select, text

from ..exchange.participants import Participant
from ..exchange.routing import Route
from .schema import participant_changes

Values = Mapping[str, Any]
"""A participant or a route as values of JSON, certificates by their fingerprints."""


class Changed(StrEnum):
    """What a line of the journal is about."""

    PARTICIPANT = "PARTICIPANT"
    ROUTE = "ROUTE"


@dataclass(frozen=True, slots=True)
class Author:
    """Who makes a change, by name, and when (aware)."""

    name: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Change:
    """One line of the journal.

    `subject` is the mnemonic of a participant or the kind of a route. `before` is None for what was not there, `after`
    for what is gone.
    """

    at: datetime
    actor: str
    object: Changed
    subject: str
    before: Values | None
    after: Values | None

    def differences(self) -> list[tuple[str, Any, Any]]:
        """The fields that differ: name, value before, value after; None for a value that was or is not there."""
        before, after = self.before or {}, self.after or {}
        names = [*after, *(name for name in before if name not in after)]
        return [
            (name, before.get(name), after.get(name))
            for name in names
            if (before.get(name) or None) != (after.get(name) or None)
        ]


class ChangeLog:
    """Writes and reads the journal, inside the caller's transaction."""

    def record(self, conn: Connection, change: Change) -> None:
        """Adds a line."""
        conn.execute(
            insert(participant_changes).values(
                at=change.at,
                actor=change.actor,
                object=change.object.value,
                subject=change.subject,
                before=_json(change.before),
                after=_json(change.after),
            )
        )

    def list(self, conn: Connection, subject: str | None = None, at_most: int = 1000) -> Iterable[Change]:
        """The newest lines in the order in which they were written, all or those about one subject."""
        table = participant_changes.c
        newest = select(participant_changes).order_by(table.number.desc()).limit(at_most)
        if subject is not None:
            newest = newest.where(table.subject == subject)
        return [
            Change(row.at, row.actor, Changed(row.object), row.subject, _values(row.before), _values(row.after))
            for row in reversed(conn.execute(newest).all())
        ]

    def lock(self, conn: Connection) -> None:
        """Lets nobody else change anything until the transaction ends, so that what was before is known.

        On SQLite a transaction that writes is alone anyhow.
        """
        if conn.dialect.name == "postgresql":
            conn.execute(text("LOCK TABLE participant_changes IN SHARE ROW EXCLUSIVE MODE"))


def participant_values(participant: Participant) -> Values:
    """A participant for the journal."""
    return {
        "name": participant.name,
        "active": participant.active,
        "region": participant.region,
        "priority": participant.priority,
        "queue_limit": participant.queue_limit,
        "sends": sorted(participant.sends),
        "provides": sorted(participant.provides),
        "subscriptions": sorted(participant.subscriptions),
        "organisations": sorted(participant.organisations),
        "roles": sorted(participant.roles),
        "certificates": sorted(participant.certificates),
    }


def route_values(route: Route) -> Values:
    """A route for the journal."""
    values = {"region": route.region, "version": route.version, "provider": route.provider}
    return values if route.value is None else {**values, "value": route.value}


def _json(values: Values | None) -> str | None:
    return None if values is None else json.dumps(values, ensure_ascii=False)


def _values(written: str | None) -> Values | None:
    if written is None:
        return None
    values: Values = json.loads(written)
    return values
