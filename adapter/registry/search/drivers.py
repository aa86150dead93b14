"""Where a search begins: the index that gives the candidates, of the conditions given the most selective one.

A candidate is a row of the driver's table, or of each of its tables. They come in the order of the pages: by the
worker's number, and by the day of expiry first where a window of expiry drives the search.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import Table

from ..schema import accreditations, certificates, employments, persons, qualifications
from .query import NothingToSearchBy


class Group(StrEnum):
    """Conditions that speak of one and the same fact."""

    PERSON = "PERSON"
    EMPLOYMENT = "EMPLOYMENT"
    CREDENTIAL = "CREDENTIAL"
    CATEGORY = "CATEGORY"
    CERTIFICATE = "CERTIFICATE"
    ACCREDITATION = "ACCREDITATION"


COLUMNS: Mapping[Group, Mapping[str, str]] = {
    Group.PERSON: {
        "oid": "entity_id",
        "snils": "snils",
        "inn": "inn",
        "last_name": "last_folded",
        "first_name": "first_folded",
        "patronymic": "patronymic_folded",
        "birth_date": "birth_date",
        "status": "status",
    },
    Group.EMPLOYMENT: {"organisation": "organisation_oid", "post": "post", "region": "region"},
    Group.CREDENTIAL: {"specialty": "specialty"},
    Group.CATEGORY: {"category": "category"},
    Group.CERTIFICATE: {"certificate": "number"},
    Group.ACCREDITATION: {"accreditation": "registry_number"},
}
"""Which condition is about which column of the group's tables."""

TABLES: Mapping[Group, tuple[Table, ...]] = {
    Group.PERSON: (persons,),
    Group.EMPLOYMENT: (employments,),
    Group.CREDENTIAL: (accreditations, certificates),
    Group.CATEGORY: (qualifications,),
    Group.CERTIFICATE: (certificates,),
    Group.ACCREDITATION: (accreditations,),
}


@dataclass(frozen=True, slots=True)
class Driver:
    """`by` are the conditions that the index serves.

    `few`: they leave a handful of candidates, which need no bound; `expiry`: candidates come by the day of expiry.
    """

    group: Group
    by: tuple[str, ...]
    few: bool = False
    expiry: bool = False


DRIVERS = (
    Driver(Group.PERSON, ("oid",), few=True),
    Driver(Group.PERSON, ("snils",), few=True),
    Driver(Group.PERSON, ("inn",), few=True),
    Driver(Group.CERTIFICATE, ("certificate",), few=True),
    Driver(Group.ACCREDITATION, ("accreditation",), few=True),
    Driver(Group.PERSON, ("last_name", "birth_date"), few=True),
    Driver(Group.EMPLOYMENT, ("organisation",)),
    Driver(Group.PERSON, ("last_name",)),
    Driver(Group.CREDENTIAL, ("expires_from", "expires_to"), expiry=True),
    Driver(Group.EMPLOYMENT, ("post",)),
    Driver(Group.CATEGORY, ("category",)),
    Driver(Group.CREDENTIAL, ("specialty",)),
    Driver(Group.EMPLOYMENT, ("region",)),
    Driver(Group.PERSON, ("status",)),
)
"""The most selective ones first."""


def choose(given: frozenset[str]) -> Driver:
    """The driver for these conditions. Raises NothingToSearchBy."""
    for driver in DRIVERS:
        if given.issuperset(driver.by):
            return driver
    raise NothingToSearchBy("no key or filter that an index serves")
