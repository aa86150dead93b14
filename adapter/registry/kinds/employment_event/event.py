"""The event as it was sent, read from content that is valid against the kind's schema."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

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
    DISMISSAL = "Dismissal"


_DAY = {EventKind.HIRE: "BeginDate", EventKind.TRANSFER: "TransferDate", EventKind.DISMISSAL: "EndDate"}
_CODED = {"Post": nsi.POSTS, "PositionType": nsi.POSITION_TYPES, "Reason": nsi.DISMISSAL_REASONS}


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
class Event:
    """One event. `day` is its first day of work (hire, transfer) or the last one (dismissal).

    `place` is None for a dismissal, `contract` for anything but a hire, `employment_id` for a hire.
    """

    kind: EventKind
    worker: Worker
    organisation_oid: str
    ogrn: str | None
    day: date
    order_number: str
    order_date: date
    codes: tuple[CodedValue, ...]
    place: Place | None
    contract: Contract | None
    employment_id: str | None

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
            order_number=_text(body, "OrderNumber"),
            order_date=_date(body, "OrderDate"),
            codes=tuple(_codes(kind, body)),
            place=None if kind is EventKind.DISMISSAL else _place(body),
            contract=_contract(body) if kind is EventKind.HIRE else None,
            employment_id=body.findtext(f"{Q}EmploymentId"),
        )

    def path(self, name: str) -> str:
        """Path of an element of the event's own part."""
        return f"{ROOT}/{self.kind}/{name}"

    @property
    def day_path(self) -> str:
        """Path of the event's date."""
        return self.path(_DAY[self.kind])


def _text(parent: Element, name: str) -> str:
    return parent.findtext(f"{Q}{name}", "")


def _date(parent: Element, name: str) -> date:
    return date.fromisoformat(_text(parent, name))


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
        rate=int(Decimal(_text(body, "Rate")) * 100),
    )


def _contract(body: Element) -> Contract:
    return Contract(
        number=_text(body, "ContractNumber"),
        signed_on=_date(body, "ContractDate"),
        service_number=body.findtext(f"{Q}ServiceNumber"),
    )


def _codes(kind: EventKind, body: Element) -> list[CodedValue]:
    found = []
    for name, dictionary in _CODED.items():
        element = body.find(f"{Q}{name}")
        if element is not None:
            path = f"{ROOT}/{kind}/{name}"
            found.append(CodedValue(dictionary, _text(element, "Code"), element.findtext(f"{Q}Name"), path))
    return found
