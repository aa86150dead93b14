"""DictionaryImport: the whole version or nothing of it; the same version again changes nothing."""

from collections.abc import Iterator
from datetime import date

from lxml.etree import _Element as Element
from sqlalchemy import Connection

from ....exchange.rejection import Rejection
from ....exchange.times import moscow_day
from ...dictionaries import SINCE_EVER, Dictionary, Item, overlaps
from ...dictionary_versions import VersionRefused, install
from ...kind import namespace
from ...lookup.fields import yes_or_no
from ...markup import answer, leaf, moment
from ...outcome import Answer, KindRequest, Refusal
from ...upsert.rules import DATE_IN_FUTURE, END_BEFORE_BEGIN
from . import rules

NAMESPACE = namespace("dictionary_import", "1.0.0")
Q = f"{{{NAMESPACE}}}"
ROOT = "DictionaryImportRequest"


def handle(request: KindRequest, conn: Connection) -> Answer | Refusal:
    """Takes the version over and tells whether anything has changed, or refuses with all that is wrong with it."""
    sent = _read(request.content)
    wrong = list(_wrong(sent, moscow_day(request.now)))
    if wrong:
        return Refusal(tuple(wrong))
    try:
        changed = install(conn, sent, request.now)
    except VersionRefused as refused:
        rule = rules.VERSION_OLDER if refused.later else rules.VERSION_DIFFERS
        values = {"sent": sent.version, "dictionary": sent.oid, "stored": refused.stored}
        return Refusal((rule.rejection(f"{ROOT}/Version", **values),))
    root = answer(NAMESPACE, "DictionaryImportResponse")
    leaf(root, f"{Q}Dictionary", sent.oid)
    leaf(root, f"{Q}Version", sent.version)
    leaf(root, f"{Q}Number", str(len(sent.items)))
    leaf(root, f"{Q}Changed", yes_or_no(changed))
    leaf(root, f"{Q}RecordedAt", moment(request.now))
    return Answer(root)


def _read(content: Element) -> Dictionary:
    return Dictionary(
        oid=content.findtext(f"{Q}Dictionary", ""),
        version=content.findtext(f"{Q}Version", ""),
        title=content.findtext(f"{Q}Title", ""),
        released_on=date.fromisoformat(content.findtext(f"{Q}ReleaseDate", "")),
        items=tuple(_item(element) for element in content.iterfind(f"{Q}Items/{Q}Item")),
    )


def _item(element: Element) -> Item:
    first, last = element.findtext(f"{Q}BeginDate"), element.findtext(f"{Q}EndDate")
    return Item(
        code=element.findtext(f"{Q}Code", ""),
        name=element.findtext(f"{Q}Name", ""),
        valid_from=SINCE_EVER if first is None else date.fromisoformat(first),
        valid_to=None if last is None else date.fromisoformat(last),
        parent=element.findtext(f"{Q}Parent"),
    )


def _wrong(sent: Dictionary, today: date) -> Iterator[Rejection]:
    if sent.released_on > today:
        yield DATE_IN_FUTURE.rejection(f"{ROOT}/ReleaseDate", sent=sent.released_on)
    for place, item in enumerate(sent.items, 1):
        if item.valid_to is not None and item.valid_to < item.valid_from:
            path = f"{ROOT}/Items/Item[{place}]/EndDate"
            yield END_BEFORE_BEGIN.rejection(path, sent=item.valid_to, begin=item.valid_from)
    for one, following in overlaps(sent.items):
        path, code = f"{ROOT}/Items/Item[{following + 1}]/Code", sent.items[one].code
        yield rules.PERIODS_OVERLAP.rejection(path, sent=code, stored=f"Item[{one + 1}]")
