"""Business content to try a stand with: requests about people who are in its synthetic register."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, exists, or_, select

from ..exchange.writing import element, optional
from ..registry.kind import NAMESPACE
from ..registry.schema import MAIN_POST, employments, organisations, persons

WORKER_CARD = f"{NAMESPACE}/worker_card/1.0.0"
EMPLOYMENT_EVENT = f"{NAMESPACE}/employment_event/1.0.0"


@dataclass(frozen=True, slots=True)
class Person:
    """A worker of the register, as a request names one."""

    snils: str
    last_name: str
    first_name: str
    patronymic: str | None
    birth_date: date


@dataclass(frozen=True, slots=True)
class Post:
    """A post that the register knows in a subdivision of an organisation."""

    organisation_oid: str
    subdivision_oid: str
    post: str


def organisation_oids(conn: Connection) -> list[str]:
    """OIDs of all organisations of the register."""
    current = organisations.c.superseded_at.is_(None)
    return list(conn.scalars(select(organisations.c.entity_id).where(current).order_by(organisations.c.entity_id)))


def somebody(conn: Connection, today: date, *, with_main_post: bool) -> Person | None:
    """An active worker who has a main post today, or who has none; always the same one of a register."""
    jobs, people = employments.c, persons.c
    held = exists().where(
        jobs.worker_oid == people.entity_id,
        jobs.superseded_at.is_(None),
        jobs.position_type == MAIN_POST,
        or_(jobs.valid_to.is_(None), jobs.valid_to >= today),
    )
    row = conn.execute(
        select(persons)
        .where(people.superseded_at.is_(None), people.status == "ACTIVE", people.snils.is_not(None))
        .where(held if with_main_post else ~held)
        .order_by(people.entity_id)
        .limit(1)
    ).first()
    if row is None:
        return None
    return Person(row.snils, row.last_name, row.first_name, row.patronymic, row.birth_date)


def some_post(conn: Connection) -> Post | None:
    """A post that somebody holds now; always the same one of a register."""
    jobs = employments.c
    row = conn.execute(
        select(jobs.organisation_oid, jobs.subdivision_oid, jobs.post)
        .where(jobs.superseded_at.is_(None), jobs.valid_to.is_(None))
        .order_by(jobs.entity_id)
        .limit(1)
    ).first()
    return None if row is None else Post(row.organisation_oid, row.subdivision_oid, row.post)


def worker_card(snils: str, sections: tuple[str, ...] = ("EMPLOYMENTS",)) -> bytes:
    """A WorkerCardRequest by СНИЛС."""
    wanted = "".join(element("Section", section) for section in sections)
    return (
        f'<WorkerCardRequest xmlns="{WORKER_CARD}"><Purpose code="4"/>{element("Snils", snils)}'
        f"<Sections>{wanted}</Sections>"
        "</WorkerCardRequest>"
    ).encode()


def hire(person: Person, post: Post, begins: date, number: str) -> bytes:
    """An EmploymentEventRequest that hires a person for a main post; `number` is that of contract and order."""
    worker = (
        element("Snils", person.snils)
        + element("LastName", person.last_name)
        + element("FirstName", person.first_name)
        + optional("Patronymic", person.patronymic)
        + element("BirthDate", person.birth_date.isoformat())
    )
    terms = (
        element("SubdivisionOid", post.subdivision_oid)
        + f"<Post>{element('Code', post.post)}</Post><PositionType>{element('Code', MAIN_POST)}</PositionType>"
        + element("Rate", "1.00")
        + element("ContractNumber", number)
        + element("ContractDate", begins.isoformat())
        + element("OrderNumber", number)
        + element("OrderDate", begins.isoformat())
        + element("BeginDate", begins.isoformat())
    )
    return (
        f'<EmploymentEventRequest xmlns="{EMPLOYMENT_EVENT}"><Worker>{worker}</Worker>'
        f"<Organization>{element('Oid', post.organisation_oid)}</Organization><Hire>{terms}</Hire>"
        "</EmploymentEventRequest>"
    ).encode()
