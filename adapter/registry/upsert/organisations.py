"""Organisations as owners of records: found by OID, locked."""

from dataclasses import dataclass
from datetime import date

from lxml.etree import QName
from sqlalchemy import Connection, bindparam, select

from ..common_rules import ORG_NOT_FOUND
from ..outcome import KindRequest
from ..rule import Rule
from ..schema import organisations
from .findings import Judged, found
from .owner import Found

_FIRST_VERSION = (
    select(organisations.c.entity_id)
    .where(organisations.c.entity_id == bindparam("oid"), organisations.c.version == 1)
    .with_for_update()
)
"""The row that no change replaces: whoever waits for it finds it again."""
_CURRENT = select(organisations).where(
    organisations.c.entity_id == bindparam("oid"), organisations.c.superseded_at.is_(None)
)


@dataclass(frozen=True, slots=True)
class Organisations:
    """Organisations, named by the element Organization of a request (types.OrganizationKeyType)."""

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The rules by which an organisation is judged."""
        return (ORG_NOT_FOUND,)

    def find(self, request: KindRequest, conn: Connection, today: date) -> Found:  # noqa: ARG002  of an Owner
        """Finds and locks the organisation, be it closed or not. It is read after the lock is held."""
        oid = request.content.findtext("{*}Organization/{*}Oid") or ""
        conn.execute(_FIRST_VERSION, {"oid": oid})
        row = conn.execute(_CURRENT, {"oid": oid}).mappings().first()
        judged = Judged()
        if row is None:
            path = f"{QName(request.content).localname}/Organization/Oid"
            judged.add(ORG_NOT_FOUND, [found(path, sent=oid)])
            return Found("organisation_oid", None, None, (), judged, request.access.roles)
        return Found("organisation_oid", oid, dict(row), (oid,), judged, request.access.roles)


ORGANISATIONS = Organisations()
