"""What a licence permits: its fields and its rules."""

from datetime import date

from sqlalchemy import Connection, RowMapping, bindparam, select

from ... import dictionaries as nsi
from ...rule import Rule
from ...schema import licence_activities, licences
from ...upsert import Change, Check, Coded, Day, Field, Findings, Section, found
from .licence import FINAL

LICENCE_NOT_FOUND = Rule(
    "LICENCE_NOT_FOUND",
    "лицензии {sent} у организации нет",
    "Возьмите идентификатор из ответа на внесение лицензии или из карточки организации",
)
LICENCE_NOT_IN_FORCE = Rule(
    "LICENCE_NOT_IN_FORCE",
    "лицензия аннулирована или прекращена: её состояние {stored}",
    "Новый вид деятельности внесите к действующей лицензии",
)
OUTSIDE_LICENCE = Rule(
    "OUTSIDE_LICENCE",
    "срок разрешения выходит за срок лицензии",
    "Исправьте даты или сначала измените лицензию",
)
_LICENCE = select(licences).where(
    licences.c.entity_id == bindparam("licence"),
    licences.c.organisation_oid == bindparam("organisation"),
    licences.c.superseded_at.is_(None),
)


def _licence(change: Change, conn: Connection) -> RowMapping | None:
    values = {"licence": change.record["licence_id"], "organisation": change.owner.oid}
    return conn.execute(_LICENCE, values).mappings().first()


def _not_found(change: Change, conn: Connection) -> Findings:
    if change.owner.oid is not None and _licence(change, conn) is None:
        yield found(change.path("licence_id"), sent=change.record["licence_id"])


def _not_in_force(change: Change, conn: Connection) -> Findings:
    licence = _licence(change, conn)
    if licence is not None and change.current is None and licence["status"] in FINAL:
        yield found(change.path("licence_id"), stored=licence["status"])


def _outside(change: Change, conn: Connection) -> Findings:
    licence, record = _licence(change, conn), change.record
    if licence is None:
        return
    first, last = licence["valid_from"] or date.min, licence["valid_to"] or date.max
    begin = record["valid_from"]
    if begin < first or max(begin, record["valid_to"] or begin) > last:
        yield found(change.sent.path)


ACTIVITY = Section(
    element="Activity",
    table=licence_activities,
    fields=(
        Field("LicenceId", "licence_id"),
        Field("Kind", "activity"),
        Coded("Work", "work", dictionary=nsi.MEDICAL_SERVICES, days=("valid_from",)),
        Coded("Specialty", "specialty", dictionary=nsi.SPECIALTIES, days=("valid_from",)),
        Field("Address", "address"),
        Day("BeginDate", "valid_from", future=True),
        Day("EndDate", "valid_to", future=True),
    ),
    natural_keys=(("licence_id", "activity", "work", "specialty", "address", "valid_from"),),
    checks=(
        Check(LICENCE_NOT_FOUND, _not_found),
        Check(LICENCE_NOT_IN_FORCE, _not_in_force),
        Check(OUTSIDE_LICENCE, _outside),
    ),
)
