"""Officials: who may sign for organisations, kept with their history, and found by the certificate they sign with."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, insert, or_, select

from .access import Official
from .schema.rights import official_organisations, officials


@dataclass(frozen=True, slots=True)
class Appointment:
    """An official's right to sign, as the operator enters it.

    `certificate` is DER, `participant` a mnemonic; `valid_from` to `valid_to` (None: without end) are days by Moscow.
    """

    official: Official
    position: str
    valid_from: date
    valid_to: date | None
    certificate: bytes = field(repr=False)
    added_at: datetime
    removed_at: datetime | None = None

    def in_office(self, day: date) -> bool:
        """Whether the official may sign on that day."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


class OfficialKnown(Exception):  # noqa: N818  named for what is wrong
    """The certificate is an official's already: take that entry back first."""

    code = "OFFICIAL_KNOWN"

    def __init__(self, known: Official) -> None:
        """`known` is the one who has it."""
        super().__init__(f"certificate {known.fingerprint} is that of {known.name}; take that entry back first")
        self.known = known


_AT = bindparam("at", type_=officials.c.added_at.type)
_ALL = select(officials).order_by(officials.c.name, officials.c.number)
_HOLDING = _ALL.where(officials.c.removed_at.is_(None))
_BY_FINGERPRINT = (
    select(officials)
    .where(
        officials.c.fingerprint == bindparam("fingerprint"),
        officials.c.added_at <= _AT,
        or_(officials.c.removed_at.is_(None), officials.c.removed_at > _AT),
    )
    .order_by(officials.c.number.desc())
    .limit(1)
)
_ORGANISATIONS = select(official_organisations).where(
    official_organisations.c.official.in_(bindparam("numbers", expanding=True))
)


def find(conn: Connection, fingerprint: str, at: datetime) -> Appointment | None:
    """Who signed with the certificate of this fingerprint, by what was entered at that time."""
    found = _read(conn, conn.execute(_BY_FINGERPRINT, {"fingerprint": fingerprint, "at": at}).all())
    return found[0] if found else None


def holding(conn: Connection) -> Sequence[Appointment]:
    """Everybody who is entered now, by name."""
    return _read(conn, conn.execute(_HOLDING).all())


def history(conn: Connection) -> Sequence[Appointment]:
    """Everybody who ever was entered, by name."""
    return _read(conn, conn.execute(_ALL).all())


def appoint(conn: Connection, appointment: Appointment) -> None:
    """Enters an official from `added_at` on. Raises OfficialKnown."""
    official = appointment.official
    taken = find(conn, official.fingerprint, appointment.added_at)
    if taken is not None:
        raise OfficialKnown(taken.official)
    number = conn.execute(
        insert(officials).returning(officials.c.number),
        {
            "fingerprint": official.fingerprint,
            "name": official.name,
            "position": appointment.position,
            "participant": official.participant,
            "valid_from": appointment.valid_from,
            "valid_to": appointment.valid_to,
            "certificate": appointment.certificate,
            "added_at": appointment.added_at,
            "removed_at": None,
        },
    ).scalar_one()
    if official.organisations:
        rows = [{"official": number, "organisation_oid": oid} for oid in sorted(official.organisations)]
        conn.execute(insert(official_organisations), rows)


def remove(conn: Connection, fingerprint: str, at: datetime) -> bool:
    """Takes the entry of a certificate back; False if there is none. What was signed before stays signed."""
    statement = officials.update().where(officials.c.fingerprint == fingerprint, officials.c.removed_at.is_(None))
    return bool(conn.execute(statement.values(removed_at=at)).rowcount)


def _read(conn: Connection, rows: Sequence[Row[Any]]) -> list[Appointment]:
    organisations: dict[int, set[str]] = {row.number: set() for row in rows}
    if rows:
        for number, oid in conn.execute(_ORGANISATIONS, {"numbers": list(organisations)}):
            organisations[number].add(oid)
    return [
        Appointment(
            official=Official(row.fingerprint, row.name, row.participant, frozenset(organisations[row.number])),
            position=row.position,
            valid_from=row.valid_from,
            valid_to=row.valid_to,
            certificate=row.certificate,
            added_at=row.added_at,
            removed_at=row.removed_at,
        )
        for row in rows
    ]
