"""The audit: every read and change of the register, written in the transaction that did it.

An entry says when, which system and official, from where, what they did, to whose record, what for and how it ended. It
names records by their numbers only: no name, no СНИЛС, and of the purpose the code alone, since people write names into
texts. What was asked and answered word for word stands in the messages that it names.

Writing is an insert by itself: nothing is chained here, so writers do not wait for one another. A trigger of the
database notes that the entry waits for the sealer, which chains what is committed (registry.sealing).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection, insert

from .schema import audit_entries


class AuditOutcome(StrEnum):
    """How a request ended."""

    ANSWERED = "ANSWERED"
    REFUSED = "REFUSED"
    """By a rule of its kind, after the rights were found in order."""
    DENIED = "DENIED"
    """For want of rights: nothing was read."""
    UNDONE = "UNDONE"
    """Answered as a test or a dry run: read, but nothing changed."""


@dataclass(frozen=True, slots=True)
class AuditRecord:
    """What became of one request. `about` are the OIDs of the records concerned; without any the request is recorded
    all the same. `codes` are those of the rules that refused it.
    """

    at: datetime
    system: str
    official: str | None
    address: str | None
    action: str
    writes: bool
    about: tuple[str, ...]
    purpose: str | None
    outcome: AuditOutcome
    codes: tuple[str, ...]
    message_id: str


_INSERT = insert(audit_entries).inline()


def record(conn: Connection, what: AuditRecord) -> None:
    """Adds the entries of a request, one for each record concerned, within the caller's transaction."""
    common = {
        "at": what.at,
        "system": what.system,
        "official": what.official,
        "address": what.address,
        "action": what.action,
        "writes": what.writes,
        "purpose": what.purpose,
        "outcome": what.outcome.value,
        "codes": " ".join(_once(what.codes)),
        "message_id": what.message_id,
    }
    conn.execute(_INSERT, [{**common, "object": oid} for oid in _once(what.about) or (None,)])


def _once(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(values))
