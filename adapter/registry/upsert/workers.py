"""Workers as owners of records: found by СНИЛС, compared with what was sent, locked."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from lxml.etree import QName
from lxml.etree import _Element as Element
from sqlalchemy import Connection, bindparam, or_, select

from ...exchange.rejection import RejectReason
from ...exchange.roles import Role
from ..access import Granted
from ..check_digits import is_inn, is_snils, normalised_snils
from ..common_rules import BIRTH_DATE_IN_FUTURE, INN_CONTROL, PERSON_MISMATCH, SNILS_CONTROL, WORKER_NOT_FOUND
from ..names import folded
from ..outcome import KindRequest
from ..rule import Rule
from ..schema import employments, persons, worker_merges, workers
from .findings import Findings, Judged, found
from .owner import Found

WORKER_MERGED = Rule(
    "WORKER_MERGED",
    "эта запись объединена с записью {stored} того же лица",
    "Подайте сведения для той записи, с её СНИЛС",
)
NOT_EMPLOYED_HERE = Rule(
    "NOT_EMPLOYED_HERE",
    "работник в организации {organisation} не работает",
    "Сведения о работнике вносит его работодатель; если приём не внесён, сначала внесите его",
    RejectReason.ACCESS_DENIED,
)

_COLUMN = "worker_oid"

_LOCK = (
    select(workers.c.oid)
    .join(persons, persons.c.entity_id == workers.c.oid)
    .where(persons.c.snils == bindparam("snils"), persons.c.superseded_at.is_(None))
    .with_for_update(of=workers)
)
_PERSON = select(persons).where(persons.c.entity_id == bindparam("worker"), persons.c.superseded_at.is_(None))
_MERGED_INTO = select(worker_merges.c.into_oid).where(
    worker_merges.c.entity_id == bindparam("worker"), worker_merges.c.superseded_at.is_(None)
)
_EMPLOYED = (
    select(employments.c.entity_id)
    .where(
        employments.c.worker_oid == bindparam("worker"),
        employments.c.organisation_oid == bindparam("organisation"),
        employments.c.superseded_at.is_(None),
        or_(employments.c.valid_to.is_(None), employments.c.valid_to >= bindparam("today")),
    )
    .limit(1)
)


@dataclass(frozen=True, slots=True)
class WorkerKey:
    """Who a request is about (types.WorkerKeyType): the key, and what is compared with the register."""

    path: str
    snils: str
    last_name: str
    first_name: str
    patronymic: str | None
    birth_date: date
    inn: str | None

    @classmethod
    def read(cls, element: Element, path: str) -> "WorkerKey":
        """Reads the element that stands at `path`."""
        values = {QName(child).localname: child.text or "" for child in element.iterchildren("*")}
        return cls(
            path=path,
            snils=normalised_snils(values["Snils"]),
            last_name=values["LastName"],
            first_name=values["FirstName"],
            patronymic=values.get("Patronymic"),
            birth_date=date.fromisoformat(values["BirthDate"]),
            inn=values.get("Inn"),
        )

    def judge(self, row: Mapping[str, Any] | None, today: date, judged: Judged) -> None:
        """Whether the key is sound, and whether it is that of the person found."""
        judged.add(SNILS_CONTROL, self._control("Snils", self.snils, is_snils(self.snils)))
        judged.add(INN_CONTROL, self._control("Inn", self.inn, self.inn is None or is_inn(self.inn)))
        judged.add(BIRTH_DATE_IN_FUTURE, self._control("BirthDate", self.birth_date, self.birth_date <= today))
        if row is not None:
            judged.add(PERSON_MISMATCH, self._differences(row, today))
        elif is_snils(self.snils):
            judged.add(WORKER_NOT_FOUND, [found(f"{self.path}/Snils")])

    def _control(self, name: str, sent: object, holds: bool) -> Findings:
        if not holds:
            yield found(f"{self.path}/{name}", sent=sent)

    def _differences(self, stored: Mapping[str, Any], today: date) -> Findings:
        """The stored value is not told: by it, whoever guesses a СНИЛС would learn whose it is."""
        for name, value, column in (
            ("LastName", self.last_name, "last_folded"),
            ("FirstName", self.first_name, "first_folded"),
            ("Patronymic", self.patronymic, "patronymic_folded"),
        ):
            if value is not None and folded(value) != stored[column]:
                yield found(f"{self.path}/{name}", sent=value)
        if self.birth_date != stored["birth_date"] and self.birth_date <= today:
            yield found(f"{self.path}/BirthDate", sent=self.birth_date)
        if self.inn is not None and is_inn(self.inn) and stored["inn"] not in (None, self.inn):
            yield found(f"{self.path}/Inn", sent=self.inn)


def locked(conn: Connection, snils: str) -> dict[str, Any] | None:
    """The person of this СНИЛС, whose record is locked until the end of the transaction; None: there is none.

    The person is read after the lock is held, for whoever held it before may have changed the record. SQLite, which
    knows no such lock, has one writer at a time.
    """
    worker = conn.scalar(_LOCK, {"snils": snils}) if is_snils(snils) else None
    person = None if worker is None else conn.execute(_PERSON, {"worker": worker}).mappings().first()
    return dict(person) if person is not None and person["snils"] == snils else None


@dataclass(frozen=True, slots=True)
class Workers:
    """Workers, named by the element Worker of a request (types.WorkerKeyType).

    `own`: who is admitted only as an employer writes only about whom the organisation employs; that organisation
    stands at Organization/Oid.
    """

    own: bool = True

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The rules by which a worker is judged."""
        always = (SNILS_CONTROL, INN_CONTROL, BIRTH_DATE_IN_FUTURE, WORKER_NOT_FOUND, PERSON_MISMATCH, WORKER_MERGED)
        return (*always, NOT_EMPLOYED_HERE) if self.own else always

    def find(self, request: KindRequest, conn: Connection, today: date) -> Found:
        """Finds, locks and judges the worker."""
        root = QName(request.content).localname
        element = next(child for child in request.content.iterchildren("*") if QName(child).localname == "Worker")
        key = WorkerKey.read(element, f"{root}/Worker")
        row = locked(conn, key.snils)
        judged = Judged()
        key.judge(row, today, judged)
        if row is None:
            return Found(_COLUMN, None, None, (), judged)
        if not judged.rejections:
            judged.add(WORKER_MERGED, _merged(conn, row, key.path))
            if self.own and _only_employer(request.access):
                judged.add(NOT_EMPLOYED_HERE, _not_employed(request, conn, row, today))
        if judged.rejections:
            # Who does not know whose record it is, or has no right to it, learns nothing of what is in it.
            return Found(_COLUMN, None, None, (row["entity_id"],), judged)
        return Found(_COLUMN, row["entity_id"], row, (row["entity_id"],), judged)


def merged_into(conn: Connection, worker: str) -> str | None:
    """The number of the record that a merged one went into."""
    return conn.scalar(_MERGED_INTO, {"worker": worker})


WORKERS = Workers()
"""Workers, of whom an employer may write only about its own."""


def _only_employer(access: Granted) -> bool:
    return access.roles == {Role.EMPLOYER}


def _merged(conn: Connection, row: Mapping[str, Any], path: str) -> Findings:
    if row["status"] == "MERGED":
        yield found(path, stored=merged_into(conn, row["entity_id"]))


def _not_employed(request: KindRequest, conn: Connection, row: Mapping[str, Any], today: date) -> Findings:
    organisation = request.content.findtext("{*}Organization/{*}Oid")
    values = {"worker": row["entity_id"], "organisation": organisation, "today": today}
    if conn.execute(_EMPLOYED, values).first() is None:
        yield found(f"{QName(request.content).localname}/Worker", organisation=organisation)
