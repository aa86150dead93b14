"""EducationList: the stages of education that had begun by a day."""

from collections.abc import Collection
from dataclasses import replace
from functools import cache

from lxml.etree import _Element as Element
from sqlalchemy import Connection

from ...kind import namespace
from ...lookup.answers import begun_answer
from ...lookup.records import Records
from ...lookup.sections import RECORDS
from ...lookup.subjects import Subject, subject
from ...lookup.warnings import warnings, write_warnings
from ...outcome import Answer, KindRequest, Refusal
from ...projection import Section

NAMESPACE = namespace("education_list", "1.0.0")
Q = f"{{{NAMESPACE}}}"


def handle(request: KindRequest, conn: Connection) -> Answer | Refusal:
    """Answers with the stages asked for, all if none is named."""
    found = subject(request, conn, Section.EDUCATION)
    if isinstance(found, Refusal):
        return found
    root = begun_answer(request, found)
    stages = frozenset(one.text or "" for one in request.content.iterfind(f"{Q}Stage"))
    _write(root, conn, found.on_its_day(), stages)
    return Answer(root, (found.oid,))


def _write(root: Element, conn: Connection, asked: Subject, stages: Collection[str]) -> None:
    rows = _records(frozenset(stages)).write(root, Q, conn, asked)
    if not stages:
        warned = write_warnings(Q, list(warnings({Section.EDUCATION: rows}, asked.day)))
        if warned is not None:
            root.insert(len(root) - 1, warned)


@cache
def _records(stages: frozenset[str]) -> Records:
    """The section, narrowed to stages; one for each set of them, so that its statements are made once."""
    return replace(RECORDS[Section.EDUCATION], among=("stage", tuple(sorted(stages))) if stages else None)
