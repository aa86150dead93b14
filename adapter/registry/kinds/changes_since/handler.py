"""ChangesSince: a page of the feed of changes, without the sections that the sender may not see.

Only keys are told: what a record holds now is asked by the other kinds, each of which judges rights and consent anew.
What was loaded in bulk is not in the feed: who keeps a copy takes that over otherwise and begins with Latest.
"""

from collections.abc import Iterator, Sequence

from lxml.etree import SubElement
from lxml.etree import _Element as Element
from sqlalchemy import Connection, RowMapping

from ....exchange.copies import original_id
from ... import changes
from ...kind import namespace
from ...markup import answer, leaf, moment
from ...outcome import Answer, KindRequest, Refusal
from ...projection import Projection, Section
from .rules import CURSOR_UNKNOWN

NAMESPACE = namespace("changes_since", "1.0.0")
Q = f"{{{NAMESPACE}}}"
ROOT = "ChangesSinceRequest"
_OF_PEOPLE = frozenset(Section)
"""The sections that projections speak of: all others are those of organisations, which are open."""
_ELEMENTS = (
    ("Section", "section"),
    ("EntityId", "entity_id"),
    ("WorkerOid", "worker_oid"),
    ("OrganizationOid", "organisation_oid"),
    ("Version", "version"),
    ("Action", "action"),
)


def handle(request: KindRequest, conn: Connection) -> Answer | Refusal:
    """Answers with the next page, which may hold fewer changes than were read, even none, while there are more."""
    content = request.content
    root = answer(NAMESPACE, "ChangesSinceResponse")
    leaf(root, f"{Q}ActualAt", moment(request.now))
    if content.findtext(f"{Q}Latest") is not None:
        _end(root, changes.head(conn), more=False)
        return Answer(root)
    sent = content.findtext(f"{Q}Cursor")
    cursor = changes.START if sent is None else int(sent)
    most = int(content.findtext(f"{Q}PageSize") or changes.MOST)
    organisation = content.findtext(f"{Q}Organization/{{*}}Oid")
    try:
        page = changes.since(conn, cursor, most, organisation_oid=organisation)
    except changes.UnknownCursor:
        return Refusal((CURSOR_UNKNOWN.rejection(f"{ROOT}/Cursor", sent=sent),))
    told = [one for one in page.changes if _visible(request.access.projection, one["section"])]
    container = SubElement(root, f"{Q}Changes")
    for one in told:
        _write(SubElement(container, f"{Q}Change"), one)
    _end(root, page.cursor, more=page.more)
    return Answer(root, tuple(_about(told)))


def _visible(projection: Projection, section: str) -> bool:
    return section not in _OF_PEOPLE or projection.shows(Section(section))


def _write(element: Element, change: RowMapping) -> None:
    for tag, column in _ELEMENTS:
        if change[column] is not None:
            leaf(element, f"{Q}{tag}", str(change[column]))
    leaf(element, f"{Q}RecordedAt", moment(change["recorded_at"]))
    leaf(element, f"{Q}Source", change["source"])
    leaf(element, f"{Q}MessageId", original_id(change["message_id"]))


def _end(root: Element, cursor: int, *, more: bool) -> None:
    leaf(root, f"{Q}Cursor", str(cursor))
    leaf(root, f"{Q}More", "true" if more else "false")


def _about(told: Sequence[RowMapping]) -> Iterator[str]:
    """Whose records the page tells of, each once."""
    yield from dict.fromkeys(one["worker_oid"] or one["organisation_oid"] or one["entity_id"] for one in told)
