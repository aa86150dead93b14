"""What each role may see of a record: sections, and within them columns. What is not visible is not selected at all.

`data/projections.toml` declares it; the union over a sender's roles holds. A role with `consent = true` sees nothing of
a person who has not consented (register requirements P16, G20); the law gives the others their right.
"""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any

from ..exchange.roles import Role


class Section(StrEnum):
    """Parts of a worker's record, by the names under which the tables are known (registry.schema.section_of)."""

    PERSON = "PERSON"
    ALTERNATE_IDENTIFIERS = "ALTERNATE_IDENTIFIERS"
    CONTACTS = "CONTACTS"
    IDENTITY_DOCUMENTS = "IDENTITY_DOCUMENTS"
    ADDRESSES = "ADDRESSES"
    CONSENTS = "CONSENTS"
    EMPLOYMENTS = "EMPLOYMENTS"
    ABSENCES = "ABSENCES"
    EDUCATION = "EDUCATION"
    CERTIFICATES = "CERTIFICATES"
    ACCREDITATIONS = "ACCREDITATIONS"
    ACCREDITATION_PROCEDURES = "ACCREDITATION_PROCEDURES"
    QUALIFICATIONS = "QUALIFICATIONS"
    CME_POINTS = "CME_POINTS"
    RESOLUTIONS = "RESOLUTIONS"
    RESTRICTIONS = "RESTRICTIONS"
    DISCIPLINE = "DISCIPLINE"
    AWARDS = "AWARDS"
    MEMBERSHIPS = "MEMBERSHIPS"
    MILITARY_SERVICE = "MILITARY_SERVICE"
    ATTESTATIONS = "ATTESTATIONS"
    WORKER_MERGES = "WORKER_MERGES"


@dataclass(frozen=True, slots=True)
class Projection:
    """What may be seen. `sections` holds the visible columns of each visible section; None: all of them."""

    sections: Mapping[Section, frozenset[str] | None]

    def __bool__(self) -> bool:
        """Whether anything may be seen at all."""
        return bool(self.sections)

    def shows(self, section: Section) -> bool:
        """Whether the section is visible, be it in part."""
        return section in self.sections

    def sees(self, section: Section, column: str) -> bool:
        """Whether a column of the section's table is visible."""
        columns = self.sections.get(section, frozenset())
        return columns is None or column in columns

    def visible(self, section: Section, columns: Iterable[str]) -> tuple[str, ...]:
        """Those of the columns that are visible, in their order: a key by which statements can be kept."""
        return tuple(column for column in columns if self.sees(section, column))


@dataclass(frozen=True, slots=True)
class RoleView:
    """What one role sees, and whether it needs the person's consent for it."""

    consent: bool
    projection: Projection


@cache
def views() -> Mapping[Role, RoleView]:
    """The declared views of all roles. Raises ValueError for a name that is not known, KeyError for a missing role."""
    text = files(__package__).joinpath("data/projections.toml").read_text("utf-8")
    tables: dict[str, Any] = tomllib.loads(text)
    if unknown := sorted(tables.keys() - set(Role)):
        raise ValueError(f"projections.toml: unknown role {', '.join(unknown)}")
    return {role: _view(tables[role]) for role in Role}


def _view(table: Mapping[str, Any]) -> RoleView:
    sections = {
        Section(name): None if columns == "*" else frozenset(columns)
        for name, columns in table.items()
        if name != "consent"
    }
    return RoleView(bool(table["consent"]), Projection(sections))


@cache
def projection_of(roles: frozenset[Role], *, consent: bool = True) -> Projection:
    """What all these roles together may see of a person who has (`consent`) or has not consented."""
    merged: dict[Section, frozenset[str] | None] = {}
    for role in roles:
        view = views()[role]
        if view.consent and not consent:
            continue
        for section, columns in view.projection.sections.items():
            known = merged.get(section, frozenset())
            merged[section] = None if columns is None or known is None else known | columns
    return Projection(merged)


def consent_matters(roles: frozenset[Role]) -> bool:
    """Whether the person's consent changes anything of what these roles may see."""
    return projection_of(roles) != projection_of(roles, consent=False)
