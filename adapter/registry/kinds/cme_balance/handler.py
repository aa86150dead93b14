"""CmeBalance: the entries asked for, the balance of all of them, and what the cycles still lack."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from lxml import etree
from lxml.etree import SubElement
from lxml.etree import _Element as Element
from sqlalchemy import Connection, Row

from ....exchange.rejection import Rejection
from ... import dictionaries as nsi
from ...dictionaries import look_up
from ...kind import namespace
from ...lookup.answers import begun_answer
from ...lookup.codes import read_codes, wrong_codes
from ...lookup.sections import RECORDS, points
from ...lookup.subjects import Subject, asked_moment, subject, today_of
from ...lookup.warnings import CREDENTIALS, history_of
from ...markup import leaf
from ...outcome import Answer, KindRequest, Refusal
from ...projection import Section
from .cycles import Cycle, balance, cycles
from .rules import PERIOD_REVERSED

NAMESPACE = namespace("cme_balance", "1.0.0")
Q = f"{{{NAMESPACE}}}"
_ROOT = "CmeBalanceRequest"


def handle(request: KindRequest, conn: Connection) -> Answer | Refusal:
    """Answers with balance, cycles and entries; refuses with all that is wrong with the question."""
    found = subject(request, conn, Section.CME_POINTS, also=_wrong(request, conn))
    if isinstance(found, Refusal):
        return found
    asked = found.on_its_day()
    root = begun_answer(request, asked)
    total = SubElement(root, f"{Q}Balance")
    rows = RECORDS[Section.CME_POINTS].write(root, Q, conn, asked)
    confirmed, pending = balance(rows)
    leaf(total, f"{Q}Confirmed", points(confirmed))
    leaf(total, f"{Q}Pending", points(pending))
    listed = root[-1]
    for element, row in zip(list(listed), rows, strict=True):
        if not _chosen(request.content, row):
            listed.remove(element)
    for cycle in _cycles(conn, asked, rows):
        listed.addprevious(cycle)
    return Answer(root, (asked.oid,))


def _wrong(request: KindRequest, conn: Connection) -> Iterator[Rejection]:
    content = request.content
    since, until = (content.findtext(f"{Q}{name}") for name in ("Since", "Until"))
    if since is not None and until is not None and since > until:
        yield PERIOD_REVERSED.rejection(f"{_ROOT}/Since", sent=since, until=until)
    activity = content.findtext(f"{Q}Activity")
    if activity is not None:
        sent = {f"{_ROOT}/Activity": (nsi.CME_ACTIVITIES, activity)}
        at, _ = asked_moment(content, today_of(request))
        yield from wrong_codes(read_codes(conn, sent), sent, at.as_of or today_of(request))


def _chosen(content: Element, row: Row[Any]) -> bool:
    since, until, activity, confirmation = (
        content.findtext(f"{Q}{name}") for name in ("Since", "Until", "Activity", "Confirmation")
    )
    held = row.valid_from
    return (
        (since is None or (held is not None and held >= date.fromisoformat(since)))
        and (until is None or (held is not None and held <= date.fromisoformat(until)))
        and activity in (None, row.activity_kind)
        and confirmation in (None, row.confirmation)
    )


def _cycles(conn: Connection, asked: Subject, rows: Sequence[Row[Any]]) -> Iterator[Element]:
    shown = [section for section in CREDENTIALS if asked.projection.shows(section)]
    known = history_of(conn, replace(asked, at=replace(asked.at, as_of=None)), shown)
    found = cycles([row for owned in known.values() for row in owned], rows, asked.day)
    codes = {(nsi.SPECIALTIES, one.specialty) for one in found if one.specialty is not None}
    names = look_up(conn, codes) if codes else None
    for one in found:
        item = one.specialty and names and names.on(nsi.SPECIALTIES, one.specialty, asked.day)
        yield _cycle(one, item.name if item else None)


def _cycle(cycle: Cycle, name: str | None) -> Element:
    holder = etree.Element(f"{Q}Cycle")
    if cycle.specialty is not None:
        specialty = SubElement(holder, f"{Q}Specialty")
        leaf(specialty, f"{Q}Code", cycle.specialty)
        if name is not None:
            leaf(specialty, f"{Q}Name", name)
    leaf(holder, f"{Q}BeginDate", cycle.begin.isoformat())
    leaf(holder, f"{Q}EndDate", cycle.end.isoformat())
    for tag, required, done in (
        ("Hours", cycle.required, cycle.hours),
        ("InSpecialty", cycle.required_in_specialty, cycle.in_specialty),
    ):
        element = SubElement(holder, f"{Q}{tag}")
        leaf(element, f"{Q}Required", str(required))
        leaf(element, f"{Q}Done", points(done))
        leaf(element, f"{Q}Remaining", points(max(100 * required - done, 0)))
    return holder
