"""The attestation: what was seen, when, and until when that counts."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, exists, select

from ....exchange.times import moscow_day
from ...periods import years_later
from ...projection import Section as Part
from ...rule import Rule
from ...schema import attestations, changes
from ...upsert import Change, Check, Day, Field, Findings, Instant, Section, found

COUNTS = 1
"""Years for which an attestation counts (register requirements: every twelve months)."""

RECORD_CHANGED_SINCE = Rule(
    "RECORD_CHANGED_SINCE",
    "с момента {sent}, на который вы видели запись, она изменилась",
    "Запросите карточку снова, проверьте изменения и подтвердите запись с моментом ActualAt нового ответа",
)
SEEN_AFTER_DATE = Rule(
    "SEEN_AFTER_DATE",
    "момент {sent}, на который вы видели запись, позже дня подтверждения {day} или ещё не наступил",
    "Укажите момент ActualAt из ответа, по которому проверена запись",
)


def _changed(change: Change, conn: Connection) -> Findings:
    """What has changed since is not what was seen; attestations themselves do not count."""
    oid, seen, part = change.owner.oid, change.record["seen_at"], change.record["attested_section"]
    if oid is None:
        return
    later = select(changes.c.sequence).where(changes.c.worker_oid == oid, changes.c.recorded_at > seen)
    later = later.where(changes.c.section == part) if part else later.where(changes.c.section != Part.ATTESTATIONS)
    if conn.scalar(select(exists(later))):
        yield found(change.path("seen_at"), sent=seen.isoformat())


def _seen_later(change: Change, _conn: Connection) -> Findings:
    seen, day = change.record["seen_at"], change.record["valid_from"]
    if moscow_day(seen) > day:
        yield found(change.path("seen_at"), sent=seen.isoformat(), day=day)


def _term(record: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"valid_to": years_later(record["valid_from"], COUNTS) - timedelta(days=1)}


ATTESTATION = Section(
    element="Attestation",
    table=attestations,
    fields=(
        Field("Section", "attested_section"),
        Field("../../Organization/Oid", "attester"),
        Instant("SeenAt", "seen_at"),
        Day("Date", "valid_from"),
    ),
    natural_keys=(("attester", "valid_from", "attested_section"),),
    checks=(Check(RECORD_CHANGED_SINCE, _changed), Check(SEEN_AFTER_DATE, _seen_later)),
    complete=_term,
)
