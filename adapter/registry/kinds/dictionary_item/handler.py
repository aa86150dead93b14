"""DictionaryItem: the periods of each code that was asked for, all or the one of a day."""

from collections.abc import Iterator, Sequence
from datetime import date

from lxml.etree import SubElement
from sqlalchemy import Connection

from ....exchange.rejection import Rejection
from ...common_rules import CODE_UNKNOWN, DICTIONARY_UNKNOWN
from ...dictionaries import Codes, look_up
from ...dictionary_versions import versions
from ...kind import namespace
from ...lookup.codes import write_item, wrong_codes
from ...markup import answer, leaf, moment
from ...outcome import Answer, KindRequest, Refusal

NAMESPACE = namespace("dictionary_item", "1.0.0")
Q = f"{{{NAMESPACE}}}"
ROOT = "DictionaryItemRequest"


def handle(request: KindRequest, conn: Connection) -> Answer | Refusal:
    """Answers with every code in the order in which they were sent; refuses with all that are not there."""
    content = request.content
    oid, day = content.findtext(f"{Q}Dictionary", ""), content.findtext(f"{Q}Date")
    asked = [one.text or "" for one in content.iterfind(f"{Q}Code")]
    known_versions = versions(conn, oid)
    if not known_versions:
        return Refusal((DICTIONARY_UNKNOWN.rejection(f"{ROOT}/Dictionary", sent=oid),))
    on = None if day is None else date.fromisoformat(day)
    known = look_up(conn, {(oid, code) for code in asked})
    wrong = list(_wrong(known, oid, asked, on))
    if wrong:
        return Refusal(tuple(wrong))
    root = answer(NAMESPACE, "DictionaryItemResponse")
    leaf(root, f"{Q}ActualAt", moment(request.now))
    leaf(root, f"{Q}Dictionary", oid)
    leaf(root, f"{Q}Version", known_versions[-1].version)
    items = SubElement(root, f"{Q}Items")
    for code in asked:
        for item in known.periods(oid, code):
            if on is None or item.holds_on(on):
                write_item(SubElement(items, f"{Q}Item"), item, Q)
    return Answer(root)


def _wrong(known: Codes, oid: str, asked: Sequence[str], on: date | None) -> Iterator[Rejection]:
    for place, code in enumerate(asked, 1):
        path = f"{ROOT}/Code[{place}]"
        if on is not None:
            yield from wrong_codes(known, {path: (oid, code)}, on)
        elif not known.periods(oid, code):
            yield CODE_UNKNOWN.rejection(path, sent=code, dictionary=oid)
