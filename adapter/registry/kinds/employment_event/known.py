"""What the register knows of an event's worker, organisation, codes, employments and absences: six queries at most."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, Table, and_, bindparam, or_, select

from ...dictionaries import Codes, look_up
from ...schema import absences, accreditations, certificates, employments, organisations, persons, subdivisions, workers
from .event import Event, EventKind
from .staffing import Staffing, staffing


@dataclass(frozen=True, slots=True)
class Known:
    """The current versions of what an event touches; `worker`, `organisation`, `subdivision` None: there is none."""

    worker: RowMapping | None
    organisation: RowMapping | None
    subdivision: RowMapping | None
    employments: Sequence[RowMapping]
    absences: Sequence[RowMapping]
    staffing: Staffing | None
    codes: Codes
    today: date

    def of_nobody(self) -> "Known":
        """The same without the worker, and without all that would tell of the worker."""
        return replace(self, worker=None, employments=(), absences=())

    def employment(self, event: Event) -> RowMapping | None:
        """The employment that the event changes, if it is one of the worker in the event's organisation."""
        for employment in self.employments:
            if employment["entity_id"] == event.employment_id:
                return employment if employment["organisation_oid"] == event.organisation_oid else None
        return None

    def open_employment(self, event: Event) -> RowMapping | None:
        """The employment that the event changes, if nothing has ended it."""
        row = self.employment(event)
        return row if row and row["valid_to"] is None else None

    def continuations(self, employment: RowMapping) -> list[RowMapping]:
        """The employments as which this one goes on after transfers and changes of rate, in order."""
        return _followers(self.employments, employment)

    def absence(self, event: Event) -> RowMapping | None:
        """The absence that ends, if it is one from the event's organisation."""
        here = {row["entity_id"] for row in self.employments if row["organisation_oid"] == event.organisation_oid}
        for absence in self.absences:
            if absence["entity_id"] == event.absence_id:
                return absence if absence["employment_id"] in here else None
        return None

    def interrupted(self, event: Event) -> RowMapping | None:
        """The employment that an absence interrupts, whether it begins or ends."""
        absence = self.absence(event)
        if absence is None:
            return self.employment(event)
        return next((row for row in self.employments if row["entity_id"] == absence["employment_id"]), None)

    def absences_from(self, employment_id: str) -> list[RowMapping]:
        """The absences from an employment."""
        return [absence for absence in self.absences if absence["employment_id"] == employment_id]

    def rest_of(self, absence: RowMapping) -> list[RowMapping]:
        """What of an absence goes on after transfers and changes of rate, in order."""
        return _followers(self.absences, absence)

    def others(self, event: Event) -> list[RowMapping]:
        """The employments that the event does not change; none when the one it should change is not there to change."""
        if event.employment_id is not None and self.open_employment(event) is None:
            return []
        return [employment for employment in self.employments if employment["entity_id"] != event.employment_id]


def _followers(rows: Sequence[RowMapping], first: RowMapping) -> list[RowMapping]:
    """Those of the rows that continue `first`, one after another."""
    following = {row["previous_id"]: row for row in rows if row["previous_id"] is not None}
    found: list[RowMapping] = []
    last = first
    while (row := following.pop(last["entity_id"], None)) is not None:
        found.append(last := row)
    return found


def on_day(row: RowMapping, day: date, prefix: str = "") -> bool:
    """Whether the business period of a fact holds `day`."""
    first, last = row[f"{prefix}valid_from"], row[f"{prefix}valid_to"]
    return (first is None or first <= day) and (last is None or day <= last)


def _valid_for_worker(table: Table) -> ColumnElement[bool]:
    """Whether the worker has a current fact of a table that holds on the day."""
    return (
        select(table.c.entity_id)
        .where(
            table.c.worker_oid == persons.c.entity_id,
            table.c.superseded_at.is_(None),
            or_(table.c.valid_from.is_(None), table.c.valid_from <= bindparam("day")),
            or_(table.c.valid_to.is_(None), table.c.valid_to >= bindparam("day")),
        )
        .exists()
    )


# The worker's row is locked: what is judged here must still be so when the change is written. SQLite, which knows no
# such lock, has one writer at a time.
_WORKER = (
    select(
        persons,
        or_(_valid_for_worker(accreditations), _valid_for_worker(certificates)).label("has_credential"),
    )
    .join(workers, workers.c.oid == persons.c.entity_id)
    .where(persons.c.snils == bindparam("snils"), persons.c.superseded_at.is_(None))
    .with_for_update(of=workers)
)
_ORGANISATION = (
    select(
        organisations.c.entity_id,
        organisations.c.full_name,
        organisations.c.ogrn,
        organisations.c.region,
        organisations.c.valid_from,
        organisations.c.valid_to,
        subdivisions.c.entity_id.label("subdivision_oid"),
        subdivisions.c.valid_from.label("subdivision_valid_from"),
        subdivisions.c.valid_to.label("subdivision_valid_to"),
    )
    .outerjoin(
        subdivisions,
        and_(
            subdivisions.c.organisation_oid == organisations.c.entity_id,
            subdivisions.c.entity_id == bindparam("subdivision"),
            subdivisions.c.superseded_at.is_(None),
        ),
    )
    .where(organisations.c.entity_id == bindparam("organisation"), organisations.c.superseded_at.is_(None))
)
_ABSENCES = (
    select(absences)
    .where(absences.c.worker_oid == bindparam("worker"), absences.c.superseded_at.is_(None))
    .order_by(absences.c.valid_from, absences.c.entity_id)
)
_EMPLOYMENTS = (
    select(employments, organisations.c.full_name.label("organisation_name"))
    .outerjoin(
        organisations,
        and_(
            organisations.c.entity_id == employments.c.organisation_oid,
            organisations.c.superseded_at.is_(None),
        ),
    )
    .where(employments.c.worker_oid == bindparam("worker"), employments.c.superseded_at.is_(None))
    .order_by(employments.c.valid_from, employments.c.entity_id)
)


def read(event: Event, conn: Connection, today: date, *, worker: bool) -> tuple[Event, Known]:
    """Reads it all; locks the worker's record until the end of the transaction. `worker` False: do not look for one.

    The event comes back with its place, also where that follows from the employment (Event.placed).
    """
    found = _first(conn, _WORKER, {"snils": event.worker.snils, "day": event.day}) if worker else None
    subdivision = event.place.subdivision_oid if event.place else ""
    organisation = _first(conn, _ORGANISATION, {"organisation": event.organisation_oid, "subdivision": subdivision})
    known = Known(
        worker=found,
        organisation=organisation,
        subdivision=organisation if organisation and organisation["subdivision_oid"] else None,
        employments=_of_worker(conn, _EMPLOYMENTS, found),
        absences=() if event.kind is EventKind.HIRE else _of_worker(conn, _ABSENCES, found),
        staffing=None,
        codes=look_up(conn, {(value.dictionary, value.code) for value in event.codes}),
        today=today,
    )
    employment = known.employment(event)
    placed = event if employment is None else event.placed(dict(employment))
    return placed, replace(known, staffing=staffing(conn, placed))


def _of_worker(conn: Connection, statement: Any, worker: RowMapping | None) -> Sequence[RowMapping]:
    return () if worker is None else conn.execute(statement, {"worker": worker["entity_id"]}).mappings().all()


def _first(conn: Connection, statement: Any, values: dict[str, Any]) -> RowMapping | None:
    return conn.execute(statement, values).mappings().first()
