"""The certificate: its fields and its rules."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection

from ... import dictionaries as nsi
from ...names import compact
from ...rule import Rule
from ...schema import certificates
from ...upsert import Change, Check, Coded, Day, Findings, Section, Text, YesNo, found
from ...upsert.terms import last_day, term_checks

YOUNGEST = 17
"""Age below which nobody has passed an examination for a medical profession, in years."""

ISSUED_BEFORE_EXAM = Rule(
    "ISSUED_BEFORE_EXAM", "сертификат выдан {sent}, раньше экзамена {exam}", "Исправьте одну из двух дат"
)


def _issued_before_exam(change: Change, _conn: Connection) -> Findings:
    record = change.record
    if record["valid_from"] < record["exam_date"]:
        yield found(change.path("valid_from"), sent=record["valid_from"], exam=record["exam_date"])


def _term(record: Mapping[str, Any]) -> Mapping[str, Any]:
    begin = record["valid_from"] or record["exam_date"]
    return {"valid_from": begin, "valid_to": record["valid_to"] or last_day(begin)}


CERTIFICATE = Section(
    element="Certificate",
    table=certificates,
    fields=(
        Coded("Specialty", "specialty", dictionary=nsi.SPECIALTIES, days=("exam_date",)),
        Coded("Institution", "institution", dictionary=nsi.INSTITUTIONS, days=("exam_date",)),
        Text("Series", "series", kept=compact),
        Text("Number", "number", kept=compact),
        Day("ExamDate", "exam_date", age=YOUNGEST),
        Day("IssueDate", "valid_from"),
        Day("EndDate", "valid_to", future=True),
        YesNo("Extended", "extended"),
    ),
    natural_keys=(("number", "series", "institution", "exam_date"),),
    number=("number", "institution", "exam_date"),
    checks=(Check(ISSUED_BEFORE_EXAM, _issued_before_exam), *term_checks("exam_date")),
    complete=_term,
)
