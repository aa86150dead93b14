"""People of the synthetic register: names put together from common ones, numbers that are nobody's.

Check digits are right, but the numbers come from ranges that are not given out: СНИЛС from 900-000-000, ИНН of the
region 00, passports of the series 9900 and after.
"""

import tomllib
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

from .check_digits import inn_check_digits, snils_check_digits
from .names import folded

AS_OF = date(2026, 1, 1)
"""The day on which the synthetic register stands: fixed, so that it is the same whenever it is made."""

_HUNDRED_MILLION = 100_000_000
_STRIDE = 61_803_399
"""Odd and not divisible by 5: multiples of it pass through all numbers below a power of ten before one comes again."""


@dataclass(frozen=True, slots=True)
class NameLists:
    """The lists that names are made from."""

    surnames: tuple[str, ...]
    male: tuple[tuple[str, str, str], ...]
    female: tuple[str, ...]


@cache
def name_lists() -> NameLists:
    """The lists shipped with the package; read once, for reading them costs as much as making fifty people."""
    values = tomllib.loads(Path(__file__).with_name("data").joinpath("names.toml").read_text("utf-8"))
    return NameLists(tuple(values["surnames"]), tuple((a, b, c) for a, b, c in values["male"]), tuple(values["female"]))


def feminine(surname: str) -> str:
    """The feminine form of a masculine surname; those in -ко, -ук and -ых have none of their own."""
    if surname.endswith(("ов", "ев", "ёв", "ин", "ын")):
        return f"{surname}а"
    if surname.endswith(("ский", "цкий", "ой")):
        return f"{surname[:-2]}ая"
    return surname


def shuffled(index: int, seed: int, limit: int) -> int:
    """A number below `limit` (a power of ten) for each index: all different, in no visible order."""
    return (index * _STRIDE + seed * 7_919) % limit


def snils(index: int, seed: int) -> str:
    """The СНИЛС of a worker."""
    head = f"9{shuffled(index, seed, _HUNDRED_MILLION):08}"
    return head + snils_check_digits(head)


def inn(index: int, seed: int) -> str:
    """The ИНН of a worker."""
    head = f"00{shuffled(index, seed + 1, _HUNDRED_MILLION):08}"
    return head + inn_check_digits(head)


def worker_oid(index: int) -> str:
    """The worker's number in the register."""
    return f"{2024 + index // 10_000_000}.{index % 10_000_000 + 1:07}"


def person(index: int, seed: int, random: Random, *, female: bool, youngest: int) -> dict[str, Any]:
    """Personal data of a worker of at least `youngest` years."""
    lists = name_lists()
    born = AS_OF - timedelta(days=random.randrange(int(youngest * 365.25), 72 * 365))
    surname = random.choice(lists.surnames)
    if random.random() < 0.01:
        surname = f"{surname}-{random.choice(lists.surnames)}"
    last_name = "-".join(map(feminine, surname.split("-"))) if female else surname
    first_name = random.choice(lists.female) if female else random.choice(lists.male)[0]
    patronymic = None if random.random() < 0.005 else random.choice(lists.male)[2 if female else 1]
    return {
        "entity_id": worker_oid(index),
        "status": "ACTIVE",
        "last_name": last_name,
        "first_name": first_name,
        "patronymic": patronymic,
        "last_folded": folded(last_name),
        "first_folded": folded(first_name),
        "patronymic_folded": folded(patronymic or ""),
        "gender": "2" if female else "1",
        "birth_date": born,
        "snils": snils(index, seed),
        "inn": inn(index, seed),
        "citizenship": "1",
        "valid_from": born,
        "valid_to": None,
    }


def passport(index: int, seed: int, born: date, random: Random) -> dict[str, Any]:
    """The passport: issued anew at 20 and at 45, so the last one of these."""
    age = (AS_OF - born).days // 365
    issued = date(born.year + (45 if age > 46 else 20), born.month, min(born.day, 28))
    return {
        "type_code": "1",
        "series": f"{9900 + index // 1_000_000 % 100}",
        "number": f"{shuffled(index, seed, 1_000_000):06}",
        "issuer": f"Отделом внутренних дел № {random.randrange(1, 60)} города Примерска",
        "issuer_code": f"{random.randrange(100, 999)}-{random.randrange(1, 99):03}",
        "valid_from": issued + timedelta(days=random.randrange(5, 60)),
        "valid_to": None,
    }
