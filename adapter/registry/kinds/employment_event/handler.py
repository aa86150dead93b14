"""EmploymentEvent: all rules at once, then the change."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from lxml.etree import SubElement
from lxml.etree import _Element as Element
from sqlalchemy import Connection

from ....exchange.rejection import Rejection
from ....exchange.times import MOSCOW
from ...check_digits import is_snils
from ...facts import Provenance, add, revise
from ...markup import answer, leaf, moment
from ...outcome import Answer, KindRequest, Refusal
from ...rule import Severity, Warned
from ...schema import employments
from .checks import CHECKS
from .event import NAMESPACE, Event, EventKind, Q
from .known import Known, read

_IDS = uuid.uuid5(uuid.NAMESPACE_URL, NAMESPACE)
"""Identifiers are made of the MessageID, so that a message processed again (after a crash) makes the same ones."""
_DISMISSED, _TRANSFERRED = "1", "2"
"""Codes of the dictionary of ends of employment (2.999.643.1)."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """A version of an employment that the event has made."""

    entity_id: str
    version: int


def handle(request: KindRequest, conn: Connection) -> Answer | Refusal:
    """Records the event and tells what became of it, or refuses with every rule that it breaks.

    Locks the worker's record (registry.kinds.employment_event.known); the caller commits, or rolls back on a refusal.
    """
    event = Event.read(request.content)
    today = request.now.astimezone(MOSCOW).date()
    known = read(event, conn, today, worker=is_snils(event.worker.snils))
    about = (event.organisation_oid,) if known.worker is None else (event.organisation_oid, known.worker["entity_id"])
    rejections, warnings = _judge(event, known)
    if rejections:
        return Refusal(tuple(rejections), about)
    return Answer(_answer(request, known, warnings, _record(request, event, known, conn)), about)


def _judge(event: Event, known: Known) -> tuple[list[Rejection], list[Warned]]:
    rejections: list[Rejection] = []
    warnings: list[Warned] = []
    for check in CHECKS:
        if event.kind in check.events:
            for finding in check.judge(event, known):
                if check.rule.severity is Severity.ERROR:
                    rejections.append(check.rule.rejection(finding.path, **finding.values))
                else:
                    warnings.append(check.rule.warning(finding.path, **finding.values))
    return rejections, warnings


def _record(request: KindRequest, event: Event, known: Known, conn: Connection) -> list[Recorded]:
    """Writes the change; the first of the versions returned is the event's own, the second one it has closed."""
    provenance = Provenance(request.sender.mnemonic, request.message_id, request.now)
    found = known.employment(event)
    current = None if found is None else {column.name: found[column.name] for column in employments.columns}
    recorded = []
    if current is not None:
        ending = _dismissal(event) if event.kind is EventKind.DISMISSAL else _ending_by_transfer(event)
        recorded.append(Recorded(current["entity_id"], revise(conn, employments, provenance, current, ending)))
    if event.place is not None and known.worker is not None:
        entity_id = _identifier(request, "employment")
        fact = {
            "entity_id": entity_id,
            "worker_oid": known.worker["entity_id"],
            "region": known.organisation["region"] if known.organisation else None,
            **_employment(event, current),
        }
        add(conn, employments, provenance, fact)
        recorded.insert(0, Recorded(entity_id, 1))
    return recorded


def _employment(event: Event, previous: Mapping[str, Any] | None) -> dict[str, Any]:
    """The employment that begins: of a hire by its own contract, of a transfer by that of the one before."""
    place, contract = event.place, event.contract
    assert place is not None
    return {
        "organisation_oid": event.organisation_oid,
        "subdivision_oid": place.subdivision_oid,
        "post": place.post,
        "position_type": place.position_type,
        "rate": place.rate,
        "service_number": contract.service_number if contract else previous and previous["service_number"],
        "contract_number": contract.number if contract else previous and previous["contract_number"],
        "contract_date": contract.signed_on if contract else previous and previous["contract_date"],
        "begin_order_number": event.order_number,
        "begin_order_date": event.order_date,
        "previous_id": event.employment_id,
        "valid_from": event.day,
        "valid_to": None,
    }


def _dismissal(event: Event) -> dict[str, Any]:
    reason = event.codes[0].code
    return {"valid_to": event.day, "end_type": _DISMISSED, "dismissal_reason": reason, **_end_order(event)}


def _ending_by_transfer(event: Event) -> dict[str, Any]:
    return {"valid_to": event.day - timedelta(days=1), "end_type": _TRANSFERRED, **_end_order(event)}


def _end_order(event: Event) -> dict[str, Any]:
    return {"end_order_number": event.order_number, "end_order_date": event.order_date}


def _identifier(request: KindRequest, role: str) -> str:
    return str(uuid.uuid5(_IDS, f"{request.message_id}/{role}"))


def _answer(request: KindRequest, known: Known, warnings: list[Warned], recorded: list[Recorded]) -> Element:
    assert known.worker is not None
    root = answer(NAMESPACE, "EmploymentEventResponse")
    leaf(root, f"{Q}EventId", _identifier(request, "event"))
    leaf(root, f"{Q}WorkerOid", known.worker["entity_id"])
    for name, record in zip(("Employment", "ClosedEmployment"), recorded, strict=False):
        element = SubElement(root, f"{Q}{name}")
        leaf(element, f"{Q}EntityId", record.entity_id)
        leaf(element, f"{Q}Version", str(record.version))
    leaf(root, f"{Q}RecordedAt", moment(request.now))
    if warnings:
        container = SubElement(root, f"{Q}Warnings")
        for warned in warnings:
            element = SubElement(container, f"{Q}Warning")
            leaf(element, f"{Q}Code", warned.code)
            leaf(element, f"{Q}Path", warned.path)
            leaf(element, f"{Q}Text", warned.text)
    return root
