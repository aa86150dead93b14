"""The state of the right to practise in each specialty on a day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Row

from ...lookup.warnings import CREDENTIALS, SOON, Rows
from ...projection import Section

_SUSPENSION, _ANNULMENT = "1", "4"
"""Codes of restrictions: dictionary 2.999.643.5."""


@dataclass(frozen=True, slots=True)
class SpecialtyState:
    """State, and the record that decides: the credential of this period, or the restriction."""

    specialty: str
    state: str
    valid_from: date | None
    valid_to: date | None
    entity_id: str


def states(rows: Rows, day: date) -> list[SpecialtyState]:
    """The state of each specialty in which there is or was a credential, in the order of the specialties' codes."""
    by_specialty: dict[str, list[Row[Any]]] = {}
    for section in CREDENTIALS:
        for row in rows.get(section, ()):
            by_specialty.setdefault(row.specialty, []).append(row)
    limits = [row for row in rows.get(Section.RESTRICTIONS, ()) if _in_force(row, day)]
    return [_state(code, by_specialty[code], limits, day) for code in sorted(by_specialty)]


def _state(specialty: str, credentials: Sequence[Row[Any]], limits: Sequence[Row[Any]], day: date) -> SpecialtyState:
    begun = [row for row in credentials if row.valid_from is None or row.valid_from <= day]
    if not begun:
        first = min(credentials, key=lambda row: (row.valid_from, row.entity_id))
        return SpecialtyState(specialty, "NOT_YET", first.valid_from, first.valid_to, first.entity_id)
    last = max(begun, key=lambda row: (row.valid_to or date.max, row.entity_id))
    state = "VALID"
    if last.valid_to is not None and last.valid_to < day:
        state = "EXPIRED"
    elif limit := next((row for row in limits if _takes_away(row, last)), None):
        name = "ANNULLED" if limit.restriction_kind == _ANNULMENT else "SUSPENDED"
        return SpecialtyState(specialty, name, last.valid_from, last.valid_to, limit.entity_id)
    elif last.valid_to is not None and last.valid_to <= day + SOON:
        state = "EXPIRING"
    return SpecialtyState(specialty, state, last.valid_from, last.valid_to, last.entity_id)


def _in_force(row: Row[Any], day: date) -> bool:
    lifted = getattr(row, "lifted_on", None)
    held = (row.valid_from is None or row.valid_from <= day) and (row.valid_to is None or day <= row.valid_to)
    return held and row.restriction_kind in (_SUSPENSION, _ANNULMENT) and (lifted is None or day < lifted)


def _takes_away(limit: Row[Any], credential: Row[Any]) -> bool:
    """A limit to one post leaves the specialty as it is; an annulment takes what was there before it."""
    specialty = getattr(limit, "specialty", None)
    if getattr(limit, "post", None) is not None or specialty not in (None, credential.specialty):
        return False
    after = None not in (limit.valid_from, credential.valid_from) and credential.valid_from > limit.valid_from
    return limit.restriction_kind == _SUSPENSION or not after
