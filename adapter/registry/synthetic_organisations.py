"""Organisations of the synthetic register, each with a few subdivisions. None of them exists."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from random import Random
from typing import Any

from sqlalchemy import Table

from .check_digits import inn_check_digits, ogrn_check_digit
from .schema import licence_activities, licences, organisations, staff_plans, staff_positions, subdivisions
from .synthetic_people import AS_OF

Row = dict[str, Any]

OPENED = date(1960, 1, 1)
WORKERS_PER_ORGANISATION = 60
FEWEST = 3
"""Organisations of even the smallest register."""

_ARC = "1.2.643.5.1.13.13.12.2"
_REGIONS = ("16", "23", "38", "54", "66", "77", "78")
_TOWNS = ("Примерск", "Образцово", "Заречный", "Загорье", "Новоград", "Светлогорье", "Приозёрный", "Верхний Бор")
_KINDS = (
    ("Городская больница", "ГБ"),
    ("Городская поликлиника", "ГП"),
    ("Районная больница", "РБ"),
    ("Детская городская поликлиника", "ДГП"),
    ("Станция скорой медицинской помощи", "ССМП"),
    ("Стоматологическая поликлиника", "СП"),
)
_STAFF = ("109", "110", "111", "113", "114", "115", "118", "119", "201", "202", "203", "204", "206", "208")
_SUBDIVISIONS = (
    "Терапевтическое отделение",
    "Хирургическое отделение",
    "Приёмное отделение",
    "Отделение функциональной диагностики",
    "Клинико-диагностическая лаборатория",
    "Процедурный кабинет",
    "Педиатрическое отделение",
    "Стоматологическое отделение",
    "Аптека",
)


@dataclass(frozen=True, slots=True)
class Organisation:
    """An organisation and its subdivisions as rows of their tables; what workers need, so it is kept small."""

    index: int
    row: Row
    subdivisions: tuple[Row, ...]

    @property
    def oid(self) -> str:
        """OID of the organisation."""
        return str(self.row["entity_id"])

    def facts(self, seed: int) -> Iterator[tuple[Table, Sequence[Row]]]:
        """All rows of all tables about it."""
        random = Random(f"licences {seed} {self.index}")  # noqa: S311  nothing secret
        yield organisations, [self.row]
        yield subdivisions, self.subdivisions
        yield from _licence(self.row, self.index, random)
        yield from _staff_plan(self.row, self.index, self.subdivisions, random)


def organisation_count(workers: int) -> int:
    """How many organisations there are for so many workers."""
    return FEWEST + workers // WORKERS_PER_ORGANISATION


def organisation(index: int, seed: int) -> Organisation:
    """The organisation of this index, the same in a register of any size."""
    random = Random(f"organisation {seed} {index}")  # noqa: S311  nothing secret
    region = random.choice(_REGIONS)
    kind, letters = random.choice(_KINDS)
    town = random.choice(_TOWNS)
    oid = f"{_ARC}.{region}.{900_000 + index}"
    number = index + 1
    inn = f"00{number:07}"
    ogrn = f"1{random.randrange(2, 25):02}00{number:07}"
    row = {
        "entity_id": oid,
        "full_name": f"Государственное бюджетное учреждение здравоохранения «{kind} № {number}», {town}",
        "short_name": f"ГБУЗ {letters} № {number}",
        "inn": inn + inn_check_digits(inn),
        "kpp": f"00{random.randrange(10_000_000):07}",
        "ogrn": ogrn + ogrn_check_digit(ogrn),
        "region": region,
        "valid_from": OPENED,
        "valid_to": None,
    }
    names = random.sample(_SUBDIVISIONS, random.randrange(4, len(_SUBDIVISIONS) + 1))
    parts = tuple(_subdivision(oid, number, name) for number, name in enumerate(names, 1))
    row |= {
        "ogrn_date": date(2002, 11, 1),
        "legal_address": f"г. {town}, ул. Больничная, д. {number}",
        "actual_address": f"г. {town}, ул. Больничная, д. {number}",
        "ownership": "1",
    }
    return Organisation(index, row, parts)


def _licence(row: Row, index: int, random: Random) -> tuple[tuple[Table, list[Row]], ...]:
    """Its licence; of some the status is no longer that of a valid one."""
    oid, begin = row["entity_id"], date(random.randrange(2008, 2022), random.randrange(1, 13), 15)
    status = "VALID" if index < FEWEST or random.random() < 0.97 else random.choice(("SUSPENDED", "CEASED"))
    licence = {
        "entity_id": _uuid(index, 1, 0),
        "organisation_oid": oid,
        "number": f"ЛО-{row['region']}-01-{index + 1:06}",
        "status": status,
        "issued_on": begin,
        "licenser": "Орган по надзору в сфере здравоохранения",
        "valid_from": begin,
        "valid_to": AS_OF if status == "CEASED" else None,
    }
    activities = [
        {
            "entity_id": _uuid(index, 2, number),
            "organisation_oid": oid,
            "licence_id": licence["entity_id"],
            "activity": activity,
            "address": row["actual_address"],
            "valid_from": begin,
            "valid_to": licence["valid_to"],
        }
        for number, activity in enumerate(("MEDICAL", "PHARMACEUTICAL") if random.random() < 0.3 else ("MEDICAL",))
    ]
    return (licences, [licence]), (licence_activities, activities)


def _staff_plan(row: Row, index: int, parts: tuple[Row, ...], random: Random) -> tuple[tuple[Table, list[Row]], ...]:
    oid, begin = row["entity_id"], date(AS_OF.year, 1, 1)
    plan = {
        "entity_id": _uuid(index, 3, 0),
        "organisation_oid": oid,
        "number": f"{AS_OF.year}-{index + 1}",
        "created_on": begin,
        "valid_from": begin,
        "valid_to": None,
    }
    positions = [
        {
            "entity_id": _uuid(index, 4, 100 * part + number),
            "organisation_oid": oid,
            "plan_id": plan["entity_id"],
            "subdivision_oid": subdivision["entity_id"],
            "post": post,
            "rate": random.choice((50, 100, 100, 200, 300, 500)),
            "valid_from": begin,
            "valid_to": None,
        }
        for part, subdivision in enumerate(parts)
        for number, post in enumerate(random.sample(_STAFF, 5))
    ]
    return (staff_plans, [plan]), (staff_positions, positions)


def _uuid(index: int, kind: int, number: int) -> str:
    return f"{index:08x}-0000-4000-8000-{kind:04x}{number:08x}"


def _subdivision(oid: str, number: int, name: str) -> Row:
    return {
        "entity_id": f"{oid}.0.{number}",
        "organisation_oid": oid,
        "name": name,
        "valid_from": OPENED,
        "valid_to": None,
    }
