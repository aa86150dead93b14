"""Dictionaries (НСИ): codes with their names, each valid for a period, judged by the version in force on the day.

The samples shipped in `data/dictionaries` are short and of our own making: enough for the synthetic register and the
tests. Two dictionaries that the real register has under OIDs unknown to us stand under the arc for examples, 2.999.
"""

import tomllib
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, bindparam, or_, select, tuple_

from .schema import dictionaries, dictionary_items

POSTS = "1.2.643.5.1.13.13.11.1002"
POSITION_TYPES = "1.2.643.5.1.13.2.1.1.209"
SPECIALTIES = "1.2.643.5.1.13.13.11.1066"
POST_SPECIALTIES = "2.999.643.40"
"""In which specialties a post may be held: parent is the post, code POST-SPECIALTY."""
INSTITUTIONS = "1.2.643.5.1.13.13.11.1124"
EDUCATION_TYPES = "1.2.643.5.1.13.13.11.1110"
ACCREDITATION_KINDS = "1.2.643.5.1.13.13.11.1100"
CATEGORIES = "1.2.643.5.1.13.2.1.1.202"
IDENTITY_DOCUMENT_TYPES = "1.2.643.5.1.13.13.99.2.48"
GENDERS = "1.2.643.5.1.13.13.11.1040"
CITIZENSHIPS = "1.2.643.5.1.13.13.99.2.315"
REGIONS = "1.2.643.5.1.13.13.99.2.20"
END_TYPES = "2.999.643.1"
DISMISSAL_REASONS = "2.999.643.2"
PURPOSES = "2.999.643.3"
ABSENCE_REASONS = "2.999.643.4"
RESTRICTION_KINDS = "2.999.643.5"
DISCIPLINARY_MEASURES = "2.999.643.6"
AWARDS = "2.999.643.7"
SOCIETIES = "2.999.643.8"
MILITARY_RELATIONS = "2.999.643.10"
DISABILITY_GROUPS = "2.999.643.11"
EDUCATION_LEVELS = "2.999.643.12"
EDUCATION_FORMS = "2.999.643.13"
PROGRAMME_KINDS = "2.999.643.14"
ACADEMIC_DEGREES = "2.999.643.15"
SCIENCE_BRANCHES = "2.999.643.16"
TARGET_TERMINATIONS = "2.999.643.17"
PROFESSIONAL_STANDARDS = "2.999.643.18"
ACTIVITY_KINDS = "2.999.643.19"
CME_ACTIVITIES = "2.999.643.21"
ORGANISATION_TYPES = "2.999.643.22"
OWNERSHIP_FORMS = "2.999.643.23"
DEPARTMENTS = "2.999.643.24"
AGENCY_KINDS = "2.999.643.25"
AGENCY_PROFILES = "2.999.643.26"
CARE_LEVELS = "2.999.643.27"
SUBDIVISION_KINDS = "2.999.643.28"
DIPLOMA_QUALIFICATIONS = "1.2.643.5.1.13.13.11.1103"
ADDRESS_TYPES = "1.2.643.5.1.13.13.99.2.296"
MEDICAL_SERVICES = "1.2.643.5.1.13.13.11.1070"
COUNTRIES = "1.2.643.5.1.13.2.1.1.63"

UNUSED = frozenset(
    {
        "1.2.643.5.1.13.13.11.1102",
        "1.2.643.5.1.13.13.11.1107",
        "1.2.643.5.1.13.13.11.1461",
        "1.2.643.5.1.13.13.99.2.114",
        "1.2.643.5.1.13.13.99.2.181",
        "1.2.643.5.1.13.2.1.1.716",
    }
)
"""Official dictionaries by which nothing is judged here; samples of them ship for those who ask for them."""

SINCE_EVER = date(1900, 1, 1)
"""First day of a code whose dictionary gives none."""

_SAMPLES = Path(__file__).with_name("data") / "dictionaries"


@dataclass(frozen=True, slots=True)
class Item:
    """A code with its name in one period, both days included; `valid_to` None: without end."""

    code: str
    name: str
    valid_from: date = SINCE_EVER
    valid_to: date | None = None
    parent: str | None = None

    def holds_on(self, day: date) -> bool:
        """Whether the code has this name on `day`."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


@dataclass(frozen=True, slots=True)
class Dictionary:
    """One version of a dictionary, in force since `released_on`. A `sample` gives way to whatever is genuine."""

    oid: str
    version: str
    title: str
    released_on: date
    items: tuple[Item, ...]
    sample: bool = False


class DictionaryMissing(Exception):  # noqa: N818  named for what is wrong
    """A dictionary that a rule needs is not installed: the operator's error, not the sender's."""

    def __init__(self, oid: str) -> None:
        super().__init__(f"dictionary {oid} is not installed; `mezhved demo-data` installs the samples")
        self.oid = oid


def samples() -> Iterator[Dictionary]:
    """The dictionaries shipped with the package."""
    for path in sorted(_SAMPLES.glob("*.toml")):
        yield _read(tomllib.loads(path.read_text("utf-8")))


def _read(values: Mapping[str, Any]) -> Dictionary:
    items = (
        Item(item["code"], item["name"], item.get("from", SINCE_EVER), item.get("to"), item.get("parent"))
        for item in values["items"]
    )
    return Dictionary(
        values["oid"], values["version"], values["title"], values["released_on"], tuple(items), sample=True
    )


def overlaps(found: Sequence[Item]) -> Iterator[tuple[int, int]]:
    """Pairs of places (from 0) at which a code is listed twice for a day, the first day of the second one."""
    places: defaultdict[str, list[int]] = defaultdict(list)
    for place, item in enumerate(found):
        places[item.code].append(place)
    for same in places.values():
        for one, following in pairwise(sorted(same, key=lambda place: found[place].valid_from)):
            end = found[one].valid_to
            if end is None or end >= found[following].valid_from:
                yield one, following


_KNOWN = select(dictionaries.c.oid).where(dictionaries.c.oid == bindparam("oid")).limit(1)
_CODES = select(
    dictionary_items.c.dictionary,
    dictionary_items.c.code,
    dictionary_items.c.name,
    dictionary_items.c.holds_from,
    dictionary_items.c.holds_to,
    dictionary_items.c.parent,
).where(
    tuple_(dictionary_items.c.dictionary, dictionary_items.c.code).in_(bindparam("codes", expanding=True)),
    or_(dictionary_items.c.holds_to.is_(None), dictionary_items.c.holds_to >= dictionary_items.c.holds_from),
)


class Codes:
    """Codes of dictionaries as the register knows them: each name in the days on which a version in force has it."""

    def __init__(self, items: Mapping[tuple[str, str], tuple[Item, ...]]) -> None:
        self._items = items

    def periods(self, oid: str, code: str) -> tuple[Item, ...]:
        """All periods of a code, earliest first; empty when the dictionary has no such code."""
        return self._items.get((oid, code), ())

    def on(self, oid: str, code: str, day: date) -> Item | None:
        """What the code means on `day`; None when it is not valid then."""
        return next((item for item in self.periods(oid, code) if item.holds_on(day)), None)


def look_up(conn: Connection, codes: Collection[tuple[str, str]]) -> Codes:
    """What the dictionaries say of these (OID, code) pairs, in one query. Raises DictionaryMissing."""
    found: dict[tuple[str, str], list[Item]] = {}
    for oid, code, *fields in conn.execute(_CODES, {"codes": list(codes)}):
        found.setdefault((oid, code), []).append(Item(code, *fields))
    for oid, code in codes:
        if (oid, code) not in found and conn.execute(_KNOWN, {"oid": oid}).first() is None:
            raise DictionaryMissing(oid)
    return Codes({key: tuple(sorted(items, key=lambda item: item.valid_from)) for key, items in found.items()})
