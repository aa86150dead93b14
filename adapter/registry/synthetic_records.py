"""The rest of a synthetic worker's record: contacts, addresses, consents, points, absences, measures, distinctions.

Drawn from a source of chance of its own, so that a section more does not make other people of the workers there are.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from random import Random
from typing import Any

from sqlalchemy import Table

from .schema import (
    absences,
    accreditation_procedures,
    addresses,
    alternate_identifiers,
    awards,
    cme_points,
    consents,
    contacts,
    disciplinary_measures,
    memberships,
    military_service,
    restrictions,
)
from .synthetic_careers import Career
from .synthetic_people import AS_OF, shuffled

Row = dict[str, Any]
Rows = tuple[Table, list[Row]]

_YEAR = timedelta(days=365)
_STATUSES = ((0.985, "ACTIVE"), (0.99, "SUSPENDED"), (0.993, "REVOKED"), (1.0, "DECEASED"))
_ACTIVITIES = (
    ("1", "Интерактивный образовательный модуль"),
    ("2", "Научно-практическая конференция"),
    ("3", "Вебинар"),
)
_STREETS = ("ул. Садовая", "ул. Школьная", "пр-кт Мира", "пер. Тихий", "ул. Больничная", "ул. Новая")
_TOWNS = ("г. Примерск", "г. Образцово", "г. Заречный", "г. Новоград")


def status(index: int, random: Random) -> str:
    """The state of a record: nearly all are active, and the first ones are, since examples ask about them."""
    chance = random.random()
    return "ACTIVE" if index < 1_000 else next(name for bound, name in _STATUSES if chance < bound)


def records(index: int, seed: int, person: Row, career: Career, random: Random) -> Iterator[Rows]:
    """The rows of each section, without the common columns."""
    yield contacts, _contacts(index, seed, random)
    yield addresses, [_address(person, random)]
    yield consents, _consents(career, random)
    if random.random() < 0.3:
        yield alternate_identifiers, [_population_number(index, seed, person)]
    yield accreditation_procedures, _procedures(person, career, random)
    yield cme_points, _points(index, career, random)
    jobs = career.employments
    if jobs:
        yield absences, _absences(person, jobs[-1], random)
        if random.random() < 0.01:
            yield disciplinary_measures, [_measure(jobs[-1], random)]
    if index >= 1_000 and (person["status"] == "SUSPENDED" or random.random() < 0.004):
        yield restrictions, [_restriction(random)]
    yield from _distinctions(person, career, random)


def after_death(person: Row, career: Career, random: Random) -> Career:
    """What is left of a career when the worker died: the last employments end on that day."""
    last = max((job["valid_from"] for job in career.employments), default=person["birth_date"])
    died = max(last, AS_OF - timedelta(days=random.randrange(1, 900)))
    person["death_date"] = died
    for job in career.employments:
        if job["valid_to"] is None or job["valid_to"] > died:
            job |= {"valid_to": died, "end_type": "1", "dismissal_reason": "7"}
            job |= {"end_order_number": f"{random.randrange(1, 900)}-л", "end_order_date": died}
    return replace(career, employments=career.employments)


def _contacts(index: int, seed: int, random: Random) -> list[Row]:
    phone = {"contact_kind": "PHONE", "value": f"000{shuffled(index, seed, 10_000_000):07}", "preferred": True}
    email = {"contact_kind": "EMAIL", "value": f"w{index}.{seed}@example.org", "preferred": False}
    return [phone, email] if random.random() < 0.4 else [phone]


def _address(person: Row, random: Random) -> Row:
    return {
        "address_type": random.choice("112"),
        "region": random.choice(("16", "23", "38", "54", "66", "77", "78")),
        "gar_id": f"{random.getrandbits(32):08x}-0000-4000-8000-000000000000",
        "area": random.choice(_TOWNS),
        "street": random.choice(_STREETS),
        "house": str(random.randrange(1, 90)),
        "flat": str(random.randrange(1, 200)),
        "valid_from": person["birth_date"] + 20 * _YEAR,
        "valid_to": None,
    }


def _consents(career: Career, random: Random) -> list[Row]:
    chance = random.random()
    if chance < 0.03:
        return []
    given = career.education[0]["document_date"]
    taken_back = AS_OF - timedelta(days=random.randrange(1, 300)) if chance > 0.99 else None
    row = {"consent_kind": "PROCESSING", "document_number": f"С-{random.randrange(1, 99_999)}"}
    return [{**row, "valid_from": given, "valid_to": taken_back}]


def _population_number(index: int, seed: int, person: Row) -> Row:
    number = f"0000{shuffled(index, seed + 2, 100_000_000):08}"
    return {"system": "ERN", "value": number, "valid_from": person["birth_date"], "valid_to": None}


def _procedures(person: Row, career: Career, random: Random) -> list[Row]:
    names = {name: person[name] for name in ("last_name", "first_name", "patronymic")}
    found = []
    for accreditation in career.accreditations:
        day = accreditation["protocol_date"]
        same = ("accreditation_kind", "specialty", "institution", "protocol_number", "protocol_date")
        row = {name: accreditation[name] for name in same}
        row |= {**names, "application_number": f"З-{random.randrange(100_000, 999_999)}", "outcome": "PASSED"}
        row |= {"accreditation": accreditation, "valid_from": day, "valid_to": day}
        found.append(row)
        if random.random() < 0.05:
            before = day - timedelta(days=random.randrange(30, 90))
            failed = {**row, "outcome": "FAILED", "accreditation": None, "protocol_date": before}
            found.append({**failed, "valid_from": before, "valid_to": before})
    return found


def _points(index: int, career: Career, random: Random) -> list[Row]:
    specialty = career.education[-1]["specialty"]
    found = []
    for number in range(random.choice((0, 0, 1, 1, 2, 3))):
        kind, title = random.choice(_ACTIVITIES)
        day = AS_OF - timedelta(days=random.randrange(1, 5 * 365))
        row: Row = {
            "activity_kind": kind,
            "title": title,
            "specialty": specialty,
            "activity_number": f"{index}-{number}",
        }
        row |= {"points": random.choice((100, 200, 600, 3_600)), "hours": random.choice((1, 2, 6, 36))}
        row |= {"confirmation": "CONFIRMED" if random.random() < 0.9 else "PENDING"}
        found.append({**row, "valid_from": day, "valid_to": day})
    return found


def _absences(person: Row, job: Row, random: Random) -> list[Row]:
    if random.random() > 0.2:
        return []
    end = job["valid_to"] or AS_OF
    worked = (end - job["valid_from"]).days
    if worked < 60:
        return []
    begin = job["valid_from"] + timedelta(days=random.randrange(0, worked - 30))
    parental = person["gender"] == "2" and random.random() < 0.3
    last = min(begin + timedelta(days=540 if parental else 27), end)
    order: Row = {"order_number": f"{random.randrange(1, 900)}-о", "order_date": begin}
    return [{"employment": job, "reason": "2" if parental else "1", **order, "valid_from": begin, "valid_to": last}]


def _measure(job: Row, random: Random) -> Row:
    day = max(job["valid_from"], AS_OF - timedelta(days=random.randrange(1, 700)))
    row: Row = {"organisation_oid": job["organisation_oid"], "measure": random.choice("112")}
    row |= {"order_number": f"{random.randrange(1, 900)}-д", "order_date": day, "ground": "Нарушение распорядка"}
    return {**row, "valid_from": day, "valid_to": day + _YEAR}


def _restriction(random: Random) -> Row:
    day = AS_OF - timedelta(days=random.randrange(1, 500))
    row: Row = {"restriction_kind": random.choice("123"), "basis": "Решение уполномоченного органа"}
    row |= {"basis_number": f"Р-{random.randrange(1, 9_999)}", "basis_date": day}
    return {**row, "valid_from": day, "valid_to": None if random.random() < 0.5 else day + _YEAR}


def _distinctions(person: Row, career: Career, random: Random) -> Iterator[Rows]:
    chance = random.random()
    if chance < 0.05:
        kind, award = random.choice((("AWARD", "1"), ("AWARD", "2"), ("TITLE", "11"), ("DEGREE", "21")))
        day = AS_OF - timedelta(days=random.randrange(100, 4_000))
        row: Row = {"award_kind": kind, "award": award, "number": f"{random.randrange(1, 99_999)}", "awarded_on": day}
        yield awards, [{**row, "valid_from": day, "valid_to": None}]
    if chance > 0.9:
        joined = career.education[0]["document_date"] + _YEAR
        yield memberships, [{"society": random.choice("123"), "valid_from": joined, "valid_to": None}]
    if person["gender"] == "1" and chance > 0.5:
        begin = date(person["birth_date"].year + 18, 7, 1)
        yield military_service, [{"served": True, "valid_from": begin, "valid_to": begin + _YEAR}]
