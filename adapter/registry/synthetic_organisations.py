"""Organisations of the synthetic register, each with a few subdivisions. None of them exists."""

from dataclasses import dataclass
from datetime import date
from random import Random
from typing import Any

from .check_digits import inn_check_digits, ogrn_check_digit

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
    """An organisation and its subdivisions as rows of their tables."""

    row: dict[str, Any]
    subdivisions: tuple[dict[str, Any], ...]

    @property
    def oid(self) -> str:
        """OID of the organisation."""
        return str(self.row["entity_id"])


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
    return Organisation(row, tuple(_subdivision(oid, number, name) for number, name in enumerate(names, 1)))


def _subdivision(oid: str, number: int, name: str) -> dict[str, Any]:
    return {
        "entity_id": f"{oid}.0.{number}",
        "organisation_oid": oid,
        "name": name,
        "valid_from": OPENED,
        "valid_to": None,
    }
