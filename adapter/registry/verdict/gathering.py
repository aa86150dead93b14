"""Reading what verdicts depend on: one query a table, whether one question is put or a thousand."""

from collections.abc import Collection, Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Connection, Select, Table, bindparam, select

from ..dictionaries import POST_SPECIALTIES
from ..lookup.owned import facts_of
from ..lookup.staff import staff_categories
from ..projection import Projection, Section
from ..reading import NOW, Moment
from ..schema import (
    accreditations,
    certificates,
    dictionary_items,
    employments,
    licence_activities,
    licences,
    organisations,
    persons,
    resolutions,
    restrictions,
)
from .judging import decide
from .known import Known, Rows
from .question import Question, Verdict

_PERIOD = ("entity_id", "valid_from", "valid_to")
_CREDENTIALS: Mapping[Section, tuple[Table, tuple[str, ...]]] = {
    Section.ACCREDITATIONS: (accreditations, (*_PERIOD, "specialty", "post")),
    Section.CERTIFICATES: (certificates, (*_PERIOD, "specialty")),
    Section.RESOLUTIONS: (resolutions, (*_PERIOD, "specialty", "post", "patients")),
}
_PERSON = (*_PERIOD, "status", "death_date")
_EMPLOYMENT = (*_PERIOD, "organisation_oid", "post")
_RESTRICTION = (*_PERIOD, "restriction_kind", "specialty", "post", "lifted_on")
_LICENCE, _ACTIVITY = (*_PERIOD, "status"), (*_PERIOD, "licence_id", "activity")


def judge(
    conn: Connection, questions: Sequence[Question], projection: Projection, at: Moment = NOW
) -> Sequence[Verdict]:
    """The verdicts on the questions, in their order, of workers of whom the projection may be read.

    Of `at` only `known_on` matters: each question says of which day it is.
    """
    known = gather(conn, questions, projection, Moment(known_on=at.known_on))
    return [decide(question, known) for question in questions]


def gather(conn: Connection, questions: Sequence[Question], projection: Projection, at: Moment) -> Known:
    """Everything that these questions may need."""
    workers = {question.worker for question in questions}
    hosts = {question.organisation for question in questions if question.organisation is not None}
    posts = {question.post for question in questions if question.post is not None}
    reader = _Reader(conn, projection, at)
    credentials = {
        section.value: reader.of_workers(section, table, workers, columns)
        for section, (table, columns) in _CREDENTIALS.items()
    }
    persons_found = reader.of_workers(Section.PERSON, persons, workers, _PERSON, "entity_id")
    limits = reader.of_workers(Section.RESTRICTIONS, restrictions, workers, _RESTRICTION)
    cards = reader.of_workers(Section.EMPLOYMENTS, employments, workers, _EMPLOYMENT) if hosts else {}
    return Known(
        persons=persons_found,
        credentials=credentials,
        restrictions=limits,
        employments=cards,
        organisations=facts_of(conn, organisations, hosts, _PERIOD, at, owner="entity_id"),
        licences=facts_of(conn, licences, hosts, _LICENCE, at, owner="organisation_oid"),
        activities=facts_of(conn, licence_activities, hosts, _ACTIVITY, at, owner="organisation_oid"),
        specialties=_specialties(conn, posts),
        categories=staff_categories(conn, posts),
        withheld=tuple(reader.withheld),
    )


class _Reader:
    """Reads what the projection shows of sections, and keeps in mind what it does not."""

    def __init__(self, conn: Connection, projection: Projection, at: Moment) -> None:
        self._conn, self._projection, self._at = conn, projection, at
        self.withheld: list[str] = []

    def of_workers(
        self,
        section: Section,
        table: Table,
        workers: Collection[str],
        columns: tuple[str, ...],
        owner: str = "worker_oid",
    ) -> Rows:
        if not self._projection.shows(section):
            self.withheld.append(section.value)
            return {}
        shown = self._projection.visible(section, columns)
        # Whose fact it is, when, and that it is there follow from seeing the section at all.
        wanted = (*_PERIOD, *(column for column in shown if column not in _PERIOD))
        return facts_of(self._conn, table, workers, wanted, self._at, owner=owner)


@cache
def _of_posts() -> Select[Any]:
    item = dictionary_items.c
    return select(item.parent, item.code, item.holds_from, item.holds_to).where(
        item.dictionary == POST_SPECIALTIES, item.parent.in_(bindparam("posts", expanding=True))
    )


def _specialties(conn: Connection, posts: Collection[str]) -> dict[str, list[tuple[str, Any, Any]]]:
    found: dict[str, list[tuple[str, Any, Any]]] = {}
    if posts:
        for row in conn.execute(_of_posts(), {"posts": sorted(posts)}):
            specialty = row.code.rpartition("-")[2]
            found.setdefault(row.parent, []).append((specialty, row.holds_from, row.holds_to))
    return found
