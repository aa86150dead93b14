"""DictionaryDelta: a page of differences, by codes; all of a code stands in one page."""

from collections.abc import Sequence

from lxml.etree import SubElement
from lxml.etree import _Element as Element
from sqlalchemy import Connection

from ....exchange.rejection import Rejection
from ...common_rules import DICTIONARY_UNKNOWN
from ...dictionary_versions import Version, delta, versions
from ...kind import namespace
from ...lookup.codes import write_item
from ...lookup.fields import yes_or_no
from ...markup import answer, leaf, moment
from ...outcome import Answer, KindRequest, Refusal
from .rules import VERSION_UNKNOWN, VERSIONS_REVERSED

NAMESPACE = namespace("dictionary_delta", "1.0.0")
Q = f"{{{NAMESPACE}}}"
ROOT = "DictionaryDeltaRequest"
_MOST = 1000
"""Codes in a page, if the request does not say how many."""


def handle(request: KindRequest, conn: Connection) -> Answer | Refusal:
    """Answers with the next page; refuses a dictionary or a version that is not here."""
    content = request.content
    oid = content.findtext(f"{Q}Dictionary", "")
    known = versions(conn, oid)
    if not known:
        return Refusal((DICTIONARY_UNKNOWN.rejection(f"{ROOT}/Dictionary", sent=oid),))
    wrong: list[Rejection] = []
    since = _version(content, "SinceVersion", known, wrong)
    upto = _version(content, "Version", known, wrong) or known[-1]
    if since is not None and since.number > upto.number:
        values = {"sent": since.version, "upto": upto.version}
        wrong.append(VERSIONS_REVERSED.rejection(f"{ROOT}/SinceVersion", **values))
    if wrong:
        return Refusal(tuple(wrong))
    after, most = content.findtext(f"{Q}After", ""), int(content.findtext(f"{Q}PageSize") or _MOST)
    page = delta(conn, oid, 0 if since is None else since.number, upto.number, after=after, most=most)
    root = answer(NAMESPACE, "DictionaryDeltaResponse")
    leaf(root, f"{Q}ActualAt", moment(request.now))
    leaf(root, f"{Q}Dictionary", oid)
    leaf(root, f"{Q}Version", upto.version)
    leaf(root, f"{Q}ReleaseDate", upto.released_on.isoformat())
    if page.changes:
        container = SubElement(root, f"{Q}Changes")
        for change in page.changes:
            write_item(SubElement(container, f"{Q}{'Added' if change.added else 'Removed'}"), change.item, Q)
    leaf(root, f"{Q}More", yes_or_no(page.after is not None))
    if page.after is not None:
        leaf(root, f"{Q}After", page.after)
    return Answer(root)


def _version(content: Element, name: str, known: Sequence[Version], wrong: list[Rejection]) -> Version | None:
    """The version that an element names; None if it is not there, or if there is no such version."""
    sent = content.findtext(f"{Q}{name}")
    found = next((one for one in known if one.version == sent), None)
    if sent is not None and found is None:
        values = {"sent": sent, "dictionary": content.findtext(f"{Q}Dictionary")}
        there = ", ".join(one.version for one in known)
        wrong.append(VERSION_UNKNOWN.rejection(f"{ROOT}/{name}", known=there, **values))
    return found
