"""EmploymentHistory: the employments that had begun by a day, and the medical seniority that they come to."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from lxml.etree import SubElement
from lxml.etree import _Element as Element
from sqlalchemy import Connection, Row

from ...kind import namespace
from ...lookup.answers import begun_answer
from ...lookup.sections import RECORDS
from ...lookup.staff import StaffCategory, staff_categories
from ...lookup.subjects import Subject, subject
from ...markup import leaf
from ...outcome import Answer, KindRequest, Refusal
from ...projection import Section
from .seniority import Seniority, seniority

NAMESPACE = namespace("employment_history", "1.0.0")
Q = f"{{{NAMESPACE}}}"
_T = "{urn://x-artefacts-mezhved/frmr/types/1.0.0}"
_MEDICAL = frozenset({StaffCategory.DOCTORS, StaffCategory.NURSES})
_EMPLOYMENTS, _ABSENCES = (
    replace(RECORDS[section], accumulates=True) for section in (Section.EMPLOYMENTS, Section.ABSENCES)
)


def handle(request: KindRequest, conn: Connection) -> Answer | Refusal:
    """Answers with the employments and what they come to."""
    found = subject(request, conn, Section.EMPLOYMENTS)
    if isinstance(found, Refusal):
        return found
    asked = found.on_its_day()
    root = begun_answer(request, asked)
    total = SubElement(root, f"{Q}MedicalSeniority")
    jobs = _EMPLOYMENTS.write(root, Q, conn, asked)
    _total(total, conn, asked, jobs)
    if asked.projection.shows(Section.ABSENCES):
        _ABSENCES.write(root, Q, conn, asked)
    return Answer(root, (asked.oid,))


def _total(element: Element, conn: Connection, asked: Subject, jobs: Sequence[Row[Any]]) -> None:
    categories = staff_categories(conn, {job.post for job in jobs})
    medical = [job for job in jobs if categories.get(job.post) in _MEDICAL]
    counted = [(job.valid_from, job.valid_to) for job in medical if job.valid_from is not None]
    unknown = sum(job.post not in categories for job in jobs)
    _write(element, seniority(counted, asked.day), len(medical) - len(counted) + unknown)


def _write(element: Element, total: Seniority, not_counted: int) -> None:
    leaf(element, f"{Q}Years", str(total.years))
    leaf(element, f"{Q}Months", str(total.months))
    leaf(element, f"{Q}Days", str(total.days))
    for first, last in total.periods:
        period = SubElement(element, f"{Q}Period")
        leaf(period, f"{_T}BeginDate", first.isoformat())
        leaf(period, f"{_T}EndDate", last.isoformat())
    if not_counted:
        leaf(element, f"{Q}NotCounted", str(not_counted))
