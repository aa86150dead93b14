"""The procedure and the accreditation: their fields and rules."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from sqlalchemy import Connection, Select, bindparam, select

from ... import dictionaries as nsi
from ...names import compact
from ...rule import Rule
from ...schema import accreditation_procedures, accreditations
from ...upsert import Action, Change, Check, Coded, Day, Field, Findings, Section, Text, YesNo, found
from ...upsert.terms import last_day, term_checks

PASSED = "PASSED"
"""The outcome that gives an accreditation."""
YOUNGEST = 17
"""Age below which nobody has finished a medical education, in years."""

PASSED_WITHOUT_ACCREDITATION = Rule(
    "PASSED_WITHOUT_ACCREDITATION",
    "процедура пройдена, а сведений об аккредитации нет",
    "Приведите их или исправьте итог процедуры",
)
ACCREDITATION_NOT_PASSED = Rule(
    "ACCREDITATION_NOT_PASSED",
    "приведены сведения об аккредитации, а итог процедуры — {sent}",
    "Уберите их или исправьте итог процедуры",
)
PROTOCOL_BEFORE_PROCEDURE = Rule(
    "PROTOCOL_BEFORE_PROCEDURE",
    "протокол составлен {sent}, раньше начала процедуры {begin}",
    "Исправьте одну из двух дат",
)
REGISTRY_NUMBER_TAKEN = Rule(
    "REGISTRY_NUMBER_TAKEN",
    "номер реестровой записи {sent} уже принадлежит аккредитации другого работника",
    "Проверьте номер и о том ли работнике сведения",
)

_DAYS = ("protocol_date",)


def _protocol_before_procedure(change: Change, _conn: Connection) -> Findings:
    begin, signed = change.record["valid_from"], change.record["protocol_date"]
    if signed < begin:
        yield found(change.path("protocol_date"), sent=signed, begin=begin)


def _held(record: Mapping[str, Any]) -> Mapping[str, Any]:
    begin = record["valid_from"] or record["protocol_date"]
    return {"valid_from": begin, "valid_to": record["valid_to"] or max(begin, record["protocol_date"])}


PROCEDURE = Section(
    element="Procedure",
    table=accreditation_procedures,
    fields=(
        Text("ApplicationNumber", "application_number"),
        Coded("Kind", "accreditation_kind", dictionary=nsi.ACCREDITATION_KINDS, days=_DAYS),
        Coded("Specialty", "specialty", dictionary=nsi.SPECIALTIES, days=_DAYS),
        Coded("Post", "post", dictionary=nsi.POSTS, days=_DAYS),
        Coded("ProfessionalStandard", "professional_standard", dictionary=nsi.PROFESSIONAL_STANDARDS, days=_DAYS),
        Coded("ActivityKind", "activity_kind", dictionary=nsi.ACTIVITY_KINDS, days=_DAYS),
        Coded("EducationLevel", "education_level", dictionary=nsi.EDUCATION_LEVELS, days=_DAYS),
        Coded("Institution", "institution", dictionary=nsi.INSTITUTIONS, days=_DAYS),
        Text("Commission", "commission"),
        Text("Protocol/Number", "protocol_number"),
        Day("Protocol/Date", "protocol_date", age=YOUNGEST),
        Day("HeldFrom", "valid_from"),
        Day("HeldTo", "valid_to"),
        Field("Outcome", "outcome"),
    ),
    natural_keys=(("protocol_number", "protocol_date", "institution", "specialty", "accreditation_kind"),),
    checks=(Check(PROTOCOL_BEFORE_PROCEDURE, _protocol_before_procedure),),
    complete=_held,
)


@cache
def _same_number() -> Select[Any]:
    table = accreditations
    others = table.c.worker_oid != bindparam("worker"), table.c.superseded_at.is_(None)
    return select(table.c.entity_id).where(table.c.registry_number == bindparam("number"), *others).limit(1)


def _registry_number_taken(change: Change, conn: Connection) -> Findings:
    number = change.record["registry_number"]
    values = {"number": number, "worker": change.owner.oid}
    if change.owner.oid is not None and conn.execute(_same_number(), values).first() is not None:
        yield found(change.path("registry_number"), sent=number)


def _term(record: Mapping[str, Any]) -> Mapping[str, Any]:
    begin = record["valid_from"] or record["protocol_date"]
    return {"valid_from": begin, "valid_to": record["valid_to"] or last_day(begin)}


ACCREDITATION = Section(
    element="Procedure",
    table=accreditations,
    fields=(
        # What the procedure has as well, and is judged there.
        Field("Kind/Code", "accreditation_kind"),
        Field("Specialty/Code", "specialty"),
        Field("Post/Code", "post"),
        Field("Institution/Code", "institution"),
        Field("Protocol/Number", "protocol_number"),
        Day("Protocol/Date", "protocol_date", future=True),
        # Its own.
        Text("Accreditation/RegistryNumber", "registry_number", kept=compact),
        Text("Accreditation/DocumentSeries", "document_series", kept=compact),
        Text("Accreditation/DocumentNumber", "document_number", kept=compact),
        Day("Accreditation/BeginDate", "valid_from"),
        Day("Accreditation/EndDate", "valid_to", future=True),
        YesNo("Accreditation/Extended", "extended"),
    ),
    natural_keys=(("registry_number",),),
    checks=(Check(REGISTRY_NUMBER_TAKEN, _registry_number_taken), *term_checks("protocol_date")),
    complete=_term,
)


def outcome_and_accreditation(procedure: Change, *, given: bool) -> tuple[tuple[Rule, Findings], ...]:
    """Whether an accreditation is given where one must be, and only there."""

    def missing() -> Findings:
        if procedure.action is not Action.WITHDRAW and procedure.record["outcome"] == PASSED and not given:
            yield found(procedure.path("outcome"))

    def unexpected() -> Findings:
        if procedure.action is not Action.WITHDRAW and procedure.record["outcome"] != PASSED and given:
            yield found(f"{procedure.sent.path}/Accreditation", sent=procedure.record["outcome"])

    return (PASSED_WITHOUT_ACCREDITATION, missing()), (ACCREDITATION_NOT_PASSED, unexpected())
