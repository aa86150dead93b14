"""What a page tells of each worker found: who it is, the posts held, the rights to practise, the categories.

One query a table for the whole page, of visible columns only.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from lxml.etree import SubElement
from lxml.etree import _Element as Element
from sqlalchemy import Connection, Row, Table

from ... import dictionaries as nsi
from ...dictionaries import Codes, look_up
from ...lookup.owned import facts_of
from ...markup import leaf
from ...projection import Projection, Section
from ...reading import NOW, Moment
from ...schema import accreditations, certificates, employments, persons, qualifications
from .asked import Q

_PERSON = {
    "Status": "status",
    "LastName": "last_name",
    "FirstName": "first_name",
    "Patronymic": "patronymic",
    "BirthDate": "birth_date",
    "Snils": "snils",
}
_POST = ("post", "organisation_oid", "region", "valid_from")
_CERTIFICATE = ("specialty", "number", "valid_from", "valid_to")
_ACCREDITATION = ("specialty", "registry_number", "valid_from", "valid_to")
_CATEGORY = ("category", "specialty", "valid_to")
_CREDENTIALS = (
    ("ACCREDITATION", Section.ACCREDITATIONS, "registry_number"),
    ("CERTIFICATE", Section.CERTIFICATES, "number"),
)
_READ: Mapping[Section, tuple[Table, tuple[str, ...], str]] = {
    Section.PERSON: (persons, tuple(_PERSON.values()), "entity_id"),
    Section.EMPLOYMENTS: (employments, _POST, "worker_oid"),
    Section.ACCREDITATIONS: (accreditations, _ACCREDITATION, "worker_oid"),
    Section.CERTIFICATES: (certificates, _CERTIFICATE, "worker_oid"),
    Section.QUALIFICATIONS: (qualifications, _CATEGORY, "worker_oid"),
}
_ON_THE_DAY = frozenset({Section.EMPLOYMENTS, Section.QUALIFICATIONS})
_CODED = {"post": nsi.POSTS, "specialty": nsi.SPECIALTIES, "category": nsi.CATEGORIES}

_Rows = Mapping[Section, Mapping[str, Sequence[Row[Any]]]]


@dataclass(frozen=True, slots=True)
class _Names:
    """The names that codes have on a day."""

    codes: Codes
    day: date

    def of(self, column: str, code: str) -> str | None:
        """The name of a code of the dictionary that belongs to a column."""
        item = self.codes.on(_CODED[column], code, self.day)
        return None if item is None else item.name


def write_workers(parent: Element, conn: Connection, views: Mapping[str, Projection], on: date) -> None:
    """Writes the workers in their order, of each what its projection shows."""
    groups: dict[int, tuple[Projection, list[str]]] = {}
    for oid, view in views.items():
        groups.setdefault(id(view), (view, []))[1].append(oid)
    written: dict[str, tuple[_Rows, _Names]] = {}
    for view, workers in groups.values():
        rows = _read(conn, view, workers, on)
        written |= dict.fromkeys(workers, (rows, _Names(_codes(conn, rows), on)))
    for oid in views:
        rows, names = written[oid]
        _write(SubElement(parent, f"{Q}Worker"), oid, rows, names)


def _read(conn: Connection, view: Projection, workers: Sequence[str], on: date) -> _Rows:
    found: dict[Section, Mapping[str, Sequence[Row[Any]]]] = {}
    for section, (table, columns, owner) in _READ.items():
        at = Moment(on) if section in _ON_THE_DAY else NOW
        if visible := view.visible(section, columns):
            found[section] = facts_of(conn, table, workers, visible, at, owner=owner)
    return found


def _codes(conn: Connection, rows: _Rows) -> Codes:
    codes = {
        (dictionary, code)
        for facts in rows.values()
        for owned in facts.values()
        for row in owned
        for column, dictionary in _CODED.items()
        if (code := _value(row, column)) is not None
    }
    return look_up(conn, codes) if codes else Codes({})


def _write(element: Element, oid: str, rows: _Rows, names: _Names) -> None:
    on = names.day
    leaf(element, f"{Q}Oid", oid)
    for row in rows.get(Section.PERSON, {}).get(oid, ()):
        for tag, column in _PERSON.items():
            _plain(element, tag, row, column)
    for row in rows.get(Section.EMPLOYMENTS, {}).get(oid, ()):
        post = SubElement(element, f"{Q}Post")
        _coded(post, "Post", row, "post", names)
        _plain(post, "OrganizationOid", row, "organisation_oid")
        _plain(post, "Region", row, "region")
        _plain(post, "BeginDate", row, "valid_from")
    for kind, number, row in _credentials(oid, rows, on):
        credential = SubElement(element, f"{Q}Credential")
        end = _value(row, "valid_to")
        if end is not None and end < on:
            credential.set("expired", "true")
        leaf(credential, f"{Q}Kind", kind)
        _coded(credential, "Specialty", row, "specialty", names)
        _plain(credential, "Number", row, number)
        _plain(credential, "BeginDate", row, "valid_from")
        _plain(credential, "EndDate", row, "valid_to")
    for row in rows.get(Section.QUALIFICATIONS, {}).get(oid, ()):
        category = SubElement(element, f"{Q}Category")
        _coded(category, "Category", row, "category", names)
        _coded(category, "Specialty", row, "specialty", names)
        _plain(category, "EndDate", row, "valid_to")


def _credentials(oid: str, rows: _Rows, on: date) -> Sequence[tuple[str, str, Row[Any]]]:
    """Those that hold on the day; if there are none, the one that ended last."""
    begun = [
        (kind, number, row)
        for kind, section, number in _CREDENTIALS
        for row in rows.get(section, {}).get(oid, ())
        if (_value(row, "valid_from") or on) <= on
    ]
    ends = {id(one): _value(one[2], "valid_to") or date.max for one in begun}
    held = [one for one in begun if ends[id(one)] >= on]
    return held or sorted(begun, key=lambda one: ends[id(one)])[-1:]


def _value(row: Row[Any], column: str) -> Any:
    """The value of a column; None where it may not be seen, and so was not read."""
    return getattr(row, column, None)


def _plain(parent: Element, tag: str, row: Row[Any], column: str) -> None:
    value = _value(row, column)
    if value not in (None, ""):
        leaf(parent, f"{Q}{tag}", str(value))


def _coded(parent: Element, tag: str, row: Row[Any], column: str, names: _Names) -> None:
    code = _value(row, column)
    if code is None:
        return
    element = SubElement(parent, f"{Q}{tag}")
    leaf(element, f"{Q}Code", code)
    name = names.of(column, code)
    if name is not None:
        leaf(element, f"{Q}Name", name)
