"""Careers of the synthetic register: what people learned, what they may do, where they work, in an order that fits."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Any

from .schema import MAIN_POST
from .synthetic_organisations import Organisation
from .synthetic_people import AS_OF

Row = dict[str, Any]

_FIVE_YEARS = 5
_FIRST_ACCREDITATIONS = 2021
"""From this year on the people here are accredited; before it they were examined for a certificate."""


@dataclass(frozen=True, slots=True)
class Profession:
    """What people of a profession learn and are: codes of posts, specialties and institutions; share in a thousand."""

    share: int
    women: float
    posts: tuple[str, ...]
    diploma: str
    specialty: str
    education_type: str
    institutions: tuple[str, ...]
    graduates_at: int
    postgraduate: bool


_PART_TIME_ELSEWHERE = "4"
_UNIVERSITIES, _COLLEGES = ("1", "2", "3", "4", "5"), ("21", "22")
_POSTGRADUATE_ACADEMY = "41"


def _doctor(share: int, posts: tuple[str, ...], specialty: str, diploma: str = "31") -> Profession:
    return Profession(share, 0.68, posts, diploma, specialty, "2", _UNIVERSITIES, 24, postgraduate=True)


def _nurse(share: int, posts: tuple[str, ...], specialty: str) -> Profession:
    return Profession(share, 0.92, posts, specialty, specialty, "1", _COLLEGES, 20, postgraduate=False)


PROFESSIONS = (
    _doctor(100, ("109", "110"), "37"),
    _doctor(60, ("111", "112"), "32", "32"),
    _doctor(50, ("113",), "38"),
    _doctor(25, ("114",), "39"),
    _doctor(25, ("115",), "40"),
    _doctor(15, ("116",), "41"),
    _doctor(15, ("117",), "42"),
    _doctor(40, ("118",), "43"),
    _doctor(30, ("119",), "44"),
    _doctor(15, ("120",), "45"),
    _doctor(15, ("121",), "46"),
    _doctor(40, ("122",), "171", "180"),
    _doctor(20, ("124",), "47"),
    _doctor(20, ("125",), "48"),
    _nurse(300, ("201", "202"), "201"),
    _nurse(40, ("203",), "202"),
    _nurse(80, ("204", "205"), "206"),
    _nurse(40, ("206",), "203"),
    _nurse(20, ("207",), "204"),
    _nurse(30, ("208",), "205"),
    Profession(20, 0.88, ("302",), "301", "301", "1", ("23",), 20, postgraduate=False),
)
_SHARES = [profession.share for profession in PROFESSIONS]


def choose_profession(random: Random) -> Profession:
    """A profession, by how many people it has."""
    return random.choices(PROFESSIONS, _SHARES)[0]


@dataclass(frozen=True, slots=True)
class Career:
    """All facts of one worker but those about the person, as rows of their tables without the common columns."""

    education: list[Row]
    certificates: list[Row]
    accreditations: list[Row]
    qualifications: list[Row]
    employments: list[Row]


def career(
    profession: Profession, born: date, random: Random, organisation: Callable[[Random], Organisation]
) -> Career:
    """A career of somebody born on that day; `organisation` chooses an employer."""
    graduated = date(born.year + profession.graduates_at, 6, random.randrange(20, 31))
    education = [_diploma(profession, graduated, random)]
    ready = graduated + timedelta(days=random.randrange(20, 70))
    if profession.postgraduate:
        internship = _postgraduate(profession, graduated, random)
        education.append(internship)
        ready = internship["document_date"] + timedelta(days=random.randrange(5, 40))
    renewals = _renewals(profession, ready, random, education)
    return Career(
        education,
        [_certificate(profession, day, random) for day in renewals if day.year < _FIRST_ACCREDITATIONS][-2:],
        [_accreditation(profession, day, random) for day in renewals if day.year >= _FIRST_ACCREDITATIONS],
        _categories(profession, ready, random),
        _employments(profession, ready, random, organisation),
    )


def _diploma(profession: Profession, graduated: date, random: Random) -> Row:
    years = 6 if profession.postgraduate else 3
    return {
        "stage": "PROFESSIONAL",
        "education_type": profession.education_type,
        "institution": random.choice(profession.institutions),
        "specialty": profession.diploma,
        "theme": None,
        "hours": None,
        "document_series": f"{random.randrange(100, 999)}{random.choice('АБВ')}",
        "document_number": f"{random.randrange(1_000_000, 9_999_999)}",
        "document_date": graduated,
        "valid_from": date(graduated.year - years, 9, 1),
        "valid_to": graduated,
    }


def _postgraduate(profession: Profession, graduated: date, random: Random) -> Row:
    long = random.random() < 0.4
    finished = date(graduated.year + (2 if long else 1), 8, random.randrange(1, 29))
    return {
        "stage": "POSTGRADUATE",
        "education_type": "4" if long else "3",
        "institution": random.choice(_UNIVERSITIES),
        "specialty": profession.specialty,
        "theme": None,
        "hours": None,
        "document_series": None,
        "document_number": f"П-{random.randrange(10_000, 99_999)}",
        "document_date": finished,
        "valid_from": date(graduated.year, 9, 1),
        "valid_to": finished,
    }


def _renewals(profession: Profession, ready: date, random: Random, education: list[Row]) -> list[date]:
    """Days on which the right to practise was renewed, every five years; some let the last one pass."""
    days = []
    day = ready
    while day < AS_OF:
        days.append(day)
        day = _years_on(day, _FIVE_YEARS) - timedelta(days=random.randrange(1, 60))
        if day < AS_OF:
            education.append(_course(profession, day - timedelta(days=random.randrange(20, 200)), random))
    del education[2:-2]  # courses long ago are of no interest to anybody
    return days[:-1] if len(days) > 2 and random.random() < 0.06 else days


def _course(profession: Profession, finished: date, random: Random) -> Row:
    return {
        "stage": "ADDITIONAL",
        "education_type": "6",
        "institution": _POSTGRADUATE_ACADEMY,
        "specialty": profession.specialty,
        "theme": "Актуальные вопросы специальности",
        "hours": random.choice((72, 144, 144, 216)),
        "document_series": None,
        "document_number": f"У-{random.randrange(100_000, 999_999)}",
        "document_date": finished,
        "valid_from": finished - timedelta(days=30),
        "valid_to": finished,
    }


def _years_on(day: date, years: int) -> date:
    return date(day.year + years, day.month, min(day.day, 28))


def _certificate(profession: Profession, day: date, random: Random) -> Row:
    return {
        "specialty": profession.specialty,
        "institution": _POSTGRADUATE_ACADEMY,
        "series": None,
        "number": f"{random.randrange(10**12, 10**13)}",
        "exam_date": day,
        "extended": False,
        "valid_from": day,
        "valid_to": _years_on(day, _FIVE_YEARS),
    }


def _accreditation(profession: Profession, day: date, random: Random) -> Row:
    return {
        "accreditation_kind": "3",
        "specialty": profession.specialty,
        "institution": _POSTGRADUATE_ACADEMY,
        "registry_number": f"{random.randrange(10**11, 10**12)}",
        "protocol_number": f"{random.randrange(1, 400)}",
        "protocol_date": day,
        "valid_from": day,
        "valid_to": _years_on(day, _FIVE_YEARS),
    }


def _categories(profession: Profession, ready: date, random: Random) -> list[Row]:
    worked = (AS_OF - ready).days // 365
    if worked < 4 or random.random() < 0.5:
        return []
    given = AS_OF - timedelta(days=random.randrange(30, 1_700))
    category = "3" if worked > 12 and random.random() < 0.6 else random.choice(("1", "2"))
    row = {"category": category, "specialty": profession.specialty}
    return [{**row, "valid_from": given, "valid_to": _years_on(given, _FIVE_YEARS)}]


def _employments(
    profession: Profession, ready: date, random: Random, organisation: Callable[[Random], Organisation]
) -> list[Row]:
    """One to three main posts one after another, the last without end for most; a second job for some."""
    if ready >= AS_OF:
        return []
    days = max((AS_OF - ready).days - 1, 1)
    breaks = sorted(random.sample(range(1, days), min(random.randrange(3), days // 800))) if days > 800 else []
    begins = [ready + timedelta(days=offset) for offset in (0, *breaks)]
    found = []
    for begin, following in zip(begins, [*begins[1:], None], strict=True):
        end = following - timedelta(days=random.randrange(1, 60)) if following else None
        if end is not None and end <= begin:
            end = begin + timedelta(days=1)
        found.append(_employment(profession, random, organisation(random), begin, end, main=True))
    if random.random() < 0.06:
        last = found[-1]
        _end(last, max(last["valid_from"], AS_OF - timedelta(days=random.randrange(30, 900))), random)
    elif random.random() < 0.12:
        begin = max(begins[-1], AS_OF - timedelta(days=random.randrange(60, 2_000)))
        found.append(_employment(profession, random, organisation(random), begin, None, main=False))
    return found


def _employment(
    profession: Profession, random: Random, employer: Organisation, begin: date, end: date | None, *, main: bool
) -> Row:
    subdivisions: Sequence[Row] = employer.subdivisions
    row: Row = {
        "organisation_oid": employer.oid,
        "subdivision_oid": random.choice(subdivisions)["entity_id"],
        "region": employer.row["region"],
        "post": random.choice(profession.posts),
        "position_type": MAIN_POST if main else _PART_TIME_ELSEWHERE,
        "rate": 100 if main else 50,
        "service_number": f"{random.randrange(1, 100_000):05}",
        "contract_number": f"{random.randrange(1, 2_000)}/{begin.year % 100:02}",
        "contract_date": begin,
        "begin_order_number": f"{random.randrange(1, 900)}-л",
        "begin_order_date": begin,
        "end_type": None,
        "dismissal_reason": None,
        "end_order_number": None,
        "end_order_date": None,
        "previous_id": None,
        "valid_from": begin,
        "valid_to": None,
    }
    if end is not None:
        _end(row, end, random)
    return row


def _end(row: Row, end: date, random: Random) -> None:
    row["valid_to"] = end
    row["end_type"] = "1"
    row["dismissal_reason"] = random.choice(("1", "3", "3", "5"))
    row["end_order_number"] = f"{random.randrange(1, 900)}-л"
    row["end_order_date"] = end
