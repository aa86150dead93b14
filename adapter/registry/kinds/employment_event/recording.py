"""How an event changes the register: the employments that it ends and begins, and the absences from them."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Connection, Table

from ...facts import Provenance, add, revise, withdraw
from ...outcome import KindRequest
from ...schema import absences, employments
from .event import NAMESPACE, Event, EventKind
from .known import Known

_IDS = uuid.uuid5(uuid.NAMESPACE_URL, NAMESPACE)
"""Identifiers are made of the MessageID, so that a message processed again (after a crash) makes the same ones."""
_DISMISSED, _TRANSFERRED = "1", "2"
"""Codes of the dictionary of ends of employment (2.999.643.1)."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """A version of a record that the event has made; `element` is its name in the answer.

    `previous`: the record which this one continues, where that is not told elsewhere in the answer.
    """

    element: str
    entity_id: str
    version: int
    previous: str | None = None


def record(request: KindRequest, event: Event, known: Known, conn: Connection) -> list[Recorded]:
    """Writes the change; the first of the versions returned is the event's own, then comes what followed from it."""
    change = _Change(request, event, known, conn, Provenance(request.sender.mnemonic, request.message_id, request.now))
    match event.kind:
        case EventKind.HIRE:
            return [change.begin(None)]
        case EventKind.TRANSFER | EventKind.RATE_CHANGE:
            return change.go_on()
        case EventKind.DISMISSAL:
            return change.dismiss()
        case EventKind.ABSENCE:
            return [change.begin_absence()]
        case EventKind.ABSENCE_END:
            return change.end_absence()


@dataclass(frozen=True, slots=True)
class _Change:
    request: KindRequest
    event: Event
    known: Known
    conn: Connection
    provenance: Provenance

    def begin(self, previous: Mapping[str, Any] | None) -> Recorded:
        """The employment that begins: of a hire by its own contract, otherwise by that of the one before."""
        event, known, place, contract = self.event, self.known, self.event.place, self.event.contract
        assert place is not None
        assert known.worker is not None
        before = previous or {}
        begun = {
            "entity_id": identifier(self.request, "employment"),
            "worker_oid": known.worker["entity_id"],
            "organisation_oid": event.organisation_oid,
            "subdivision_oid": place.subdivision_oid,
            "region": known.organisation["region"] if known.organisation else None,
            "post": place.post,
            "specialty": before.get("specialty") if before.get("post") == place.post else None,
            "position_type": place.position_type,
            "rate": place.rate,
            "service_number": contract.service_number if contract else before.get("service_number"),
            "personal_file_number": before.get("personal_file_number"),
            "contract_number": contract.number if contract else before.get("contract_number"),
            "contract_date": contract.signed_on if contract else before.get("contract_date"),
            "begin_order_number": event.order_number,
            "begin_order_date": event.order_date,
            "previous_id": event.employment_id,
            "valid_from": event.day,
            "valid_to": None,
        }
        add(self.conn, employments, self.provenance, begun)
        return Recorded("Employment", begun["entity_id"], 1)

    def go_on(self) -> list[Recorded]:
        """One employment ends the day before, the next goes on from it; so do absences from it."""
        current, last = self._employment(), self.event.day - timedelta(days=1)
        closed = self._end(current, "ClosedEmployment", last, end_type=_TRANSFERRED)
        begun = self.begin(current)
        later = self._absences_after(current["entity_id"], last)
        return [begun, closed, *(self._carry_over(absence, begun.entity_id, last) for absence in later)]

    def dismiss(self) -> list[Recorded]:
        """The employment ends, and with it what interrupts it."""
        current, last = self._employment(), self.event.day
        ended = [self._end_absence(absence, last) for absence in self._absences_after(current["entity_id"], last)]
        reason = self.event.codes[0].code
        return [self._end(current, "Employment", last, end_type=_DISMISSED, dismissal_reason=reason), *ended]

    def begin_absence(self) -> Recorded:
        """An absence is entered."""
        event, current = self.event, self._employment()
        begun = {
            "entity_id": identifier(self.request, "absence"),
            "worker_oid": current["worker_oid"],
            "employment_id": current["entity_id"],
            "reason": event.codes[0].code,
            "order_number": event.order_number,
            "order_date": event.order_date,
            "previous_id": None,
            "valid_from": event.day,
            "valid_to": event.last_day,
        }
        add(self.conn, absences, self.provenance, begun)
        return Recorded("Absence", begun["entity_id"], 1)

    def end_absence(self) -> list[Recorded]:
        """An absence has its last day, or another one; what went on after that day from later employments was none."""
        absence = self.known.absence(self.event)
        assert absence is not None
        version: int = absence["version"]
        if absence["valid_to"] != self.event.day:
            version = self._revise(absences, dict(absence), {"valid_to": self.event.day})
        rest = [self._end_absence(dict(one), self.event.day) for one in self.known.rest_of(absence)]
        return [Recorded("Absence", absence["entity_id"], version), *rest]

    def _absences_after(self, employment_id: str, last: date) -> list[dict[str, Any]]:
        """The absences from an employment of which some part lies after `last`."""
        found = self.known.absences_from(employment_id)
        return [dict(absence) for absence in found if absence["valid_to"] is None or absence["valid_to"] > last]

    def _end_absence(self, absence: Mapping[str, Any], last: date) -> Recorded:
        """Nothing of an absence lies after `last`: it ends then, or never was."""
        if absence["valid_from"] is not None and absence["valid_from"] > last:
            version = withdraw(self.conn, absences, self.provenance, absence)
        else:
            version = self._revise(absences, absence, {"valid_to": last})
        return Recorded("EndedAbsence", absence["entity_id"], version)

    def _employment(self) -> dict[str, Any]:
        current = self.known.employment(self.event)
        assert current is not None
        return {column.name: current[column.name] for column in employments.columns}

    def _end(self, current: Mapping[str, Any], element: str, last: date, **how: str) -> Recorded:
        order = {"end_order_number": self.event.order_number, "end_order_date": self.event.order_date}
        version = self._revise(employments, current, {"valid_to": last, **how, **order})
        return Recorded(element, current["entity_id"], version)

    def _carry_over(self, absence: Mapping[str, Any], employment_id: str, last: date) -> Recorded:
        """What of an absence lies after `last` is from the new employment."""
        if absence["valid_from"] is not None and absence["valid_from"] > last:
            version = self._revise(absences, absence, {"employment_id": employment_id})
            return Recorded("ContinuedAbsence", absence["entity_id"], version)
        self._revise(absences, absence, {"valid_to": last})
        rest = {name: absence[name] for name in ("worker_oid", "reason", "order_number", "order_date", "valid_to")}
        of_new = {
            "entity_id": identifier(self.request, f"absence/{absence['entity_id']}"),
            "employment_id": employment_id,
            "previous_id": absence["entity_id"],
        }
        add(self.conn, absences, self.provenance, {**rest, **of_new, "valid_from": last + timedelta(days=1)})
        return Recorded("ContinuedAbsence", of_new["entity_id"], 1, absence["entity_id"])

    def _revise(self, table: Table, current: Mapping[str, Any], changed: Mapping[str, Any]) -> int:
        return revise(self.conn, table, self.provenance, current, changed)


def identifier(request: KindRequest, role: str) -> str:
    """The identifier of what a message makes."""
    return str(uuid.uuid5(_IDS, f"{request.message_id}/{role}"))
