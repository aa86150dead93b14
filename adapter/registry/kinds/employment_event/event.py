"""The event as it was sent, read from content that is valid against the kind's schema."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from lxml.etree import _Element as Element

from ... import dictionaries as nsi
from ...check_digits import normalised_snils
from ...kind import namespace

NAMESPACE = namespace("employment_event", "1.0.0")
Q = f"{{{NAMESPACE}}}"
ROOT = "EmploymentEventRequest"


class EventKind(StrEnum):
    """What happened; the value is the element's name."""

    HIRE = "Hire"
    TRANSFER = "Transfer"
    RATE_CHANGE = "RateChange"
    ABSENCE = "Absence"
    ABSENCE_END = "AbsenceEnd"
    DISMISSAL = "Dismissal"


_DAY = {
    EventKind.HIRE: "BeginDate",
    EventKind.TRANSFER: "TransferDate",
    EventKind.RATE_CHANGE: "ChangeDate",
    EventKind.ABSENCE: "BeginDate",
    EventKind.ABSENCE_END: "EndDate",
    EventKind.DISMISSAL: "EndDate",
}
_POST, _POSITION_TYPE = {"Post": nsi.POSTS}, {"PositionType": nsi.POSITION_TYPES}
_CODED = {
    EventKind.HIRE: _POST | _POSITION_TYPE,
    EventKind.TRANSFER: _POST | _POSITION_TYPE,
    EventKind.ABSENCE: {"Reason": nsi.ABSENCE_REASONS},
    EventKind.DISMISSAL: {"Reason": nsi.DISMISSAL_REASONS},
}


@dataclass(frozen=True, slots=True)
class CodedValue:
    """A code with the dictionary it is from, the name that came with it, and the path of its element."""

    dictionary: str
    code: str
    name: str | None
    path: str


@dataclass(frozen=True, slots=True)
class Worker:
    """Who it is about: the key, and what is compared with the register."""

    snils: str
    last_name: str
    first_name: str
    patronymic: str | None
    birth_date: date
    inn: str | None


@dataclass(frozen=True, slots=True)
class Place:
    """Where and how the worker works after the event; `rate` in hundredths of a full post."""

    subdivision_oid: str
    post: str
    position_type: str
    rate: int


@dataclass(frozen=True, slots=True)
class Contract:
    """The labour contract, and the worker's number in the organisation."""

    number: str
    signed_on: date
    service_number: str | None


@dataclass(frozen=True, slots=True)
class Target:
    """The record that an event changes, and the version of it that the sender has seen (None: not told)."""

    element: str
    entity_id: str
    version: int | None


@dataclass(frozen=True, slots=True)
class Event:
    """One event. `day` is the first one of what begins (hire, transfer, rate, absence), or the last one of what ends.

    `place` is what the worker does afterwards: None where that is nothing new, and until the employment is known whose
    rate changes (`placed`). `rate`: the new one of a change, in hundredths. `contract` is that of a hire, `last_day`
    the expected end of an absence.
    """

    kind: EventKind
    worker: Worker
    organisation_oid: str
    ogrn: str | None
    day: date
    order_number: str | None
    order_date: date | None
    codes: tuple[CodedValue, ...]
    place: Place | None
    rate: int | None
    contract: Contract | None
    last_day: date | None
    target: Target | None

    @classmethod
    def read(cls, content: Element) -> "Event":
        """The event of a request."""
        worker, organisation, body = content
        kind = EventKind(body.tag[len(Q) :])
        return cls(
            kind=kind,
            worker=_worker(worker),
            organisation_oid=_text(organisation, "Oid"),
            ogrn=organisation.findtext(f"{Q}Ogrn"),
            day=_date(body, _DAY[kind]),
            order_number=body.findtext(f"{Q}OrderNumber"),
            order_date=_optional_date(body, "OrderDate"),
            codes=tuple(_codes(kind, body)),
            place=_place(body) if kind in (EventKind.HIRE, EventKind.TRANSFER) else None,
            rate=_rate(body) if kind is EventKind.RATE_CHANGE else None,
            contract=_contract(body) if kind is EventKind.HIRE else None,
            last_day=_optional_date(body, "EndDate") if kind is EventKind.ABSENCE else None,
            target=_target(body),
        )

    def placed(self, employment: Mapping[str, Any]) -> "Event":
        """The same event where the rate of this employment changes: the place is its own, with another rate."""
        if self.rate is None:
            return self
        place = Place(employment["subdivision_oid"], employment["post"], employment["position_type"], self.rate)
        return replace(self, place=place)

    @property
    def employment_id(self) -> str | None:
        """The employment that the event changes or interrupts, if it names one."""
        return self.target.entity_id if self.target and self.target.element == "EmploymentId" else None

    @property
    def absence_id(self) -> str | None:
        """The absence that ends."""
        return self.target.entity_id if self.target and self.target.element == "AbsenceId" else None

    def path(self, name: str) -> str:
        """Path of an element of the event's own part."""
        return f"{ROOT}/{self.kind}/{name}"

    @property
    def day_path(self) -> str:
        """Path of the event's date."""
        return self.path(_DAY[self.kind])

    @property
    def target_path(self) -> str:
        """Path of the element that names the record which is changed."""
        return self.path(self.target.element if self.target else "")


def _text(parent: Element, name: str) -> str:
    return parent.findtext(f"{Q}{name}", "")


def _date(parent: Element, name: str) -> date:
    return date.fromisoformat(_text(parent, name))


def _optional_date(parent: Element, name: str) -> date | None:
    text = parent.findtext(f"{Q}{name}")
    return None if text is None else date.fromisoformat(text)


def _worker(element: Element) -> Worker:
    return Worker(
        snils=normalised_snils(_text(element, "Snils")),
        last_name=_text(element, "LastName"),
        first_name=_text(element, "FirstName"),
        patronymic=element.findtext(f"{Q}Patronymic"),
        birth_date=_date(element, "BirthDate"),
        inn=element.findtext(f"{Q}Inn"),
    )


def _place(body: Element) -> Place:
    return Place(
        subdivision_oid=_text(body, "SubdivisionOid"),
        post=_text(body, f"Post/{Q}Code"),
        position_type=_text(body, f"PositionType/{Q}Code"),
        rate=_rate(body),
    )


def _rate(body: Element) -> int:
    return int(Decimal(_text(body, "Rate")) * 100)


def _target(body: Element) -> Target | None:
    for name in ("EmploymentId", "AbsenceId"):
        element = body.find(f"{Q}{name}")
        if element is not None:
            version = element.get("version")
            return Target(name, element.text or "", None if version is None else int(version))
    return None


def _contract(body: Element) -> Contract:
    return Contract(
        number=_text(body, "ContractNumber"),
        signed_on=_date(body, "ContractDate"),
        service_number=body.findtext(f"{Q}ServiceNumber"),
    )


def _codes(kind: EventKind, body: Element) -> list[CodedValue]:
    found = []
    for name, dictionary in _CODED.get(kind, {}).items():
        element = body.find(f"{Q}{name}")
        if element is not None:
            path = f"{ROOT}/{kind}/{name}"
            found.append(CodedValue(dictionary, _text(element, "Code"), element.findtext(f"{Q}Name"), path))
    return found
