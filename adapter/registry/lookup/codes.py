"""Codes that a question sends: whether the dictionaries have them, and on the day that is asked about."""

from collections.abc import Iterator, Mapping
from datetime import date

from lxml.etree import _Element as Element
from sqlalchemy import Connection

from ...exchange.rejection import Rejection
from ..common_rules import CODE_NOT_VALID_ON_DATE, CODE_UNKNOWN
from ..dictionaries import SINCE_EVER, Codes, Item, look_up
from ..markup import leaf
from ..periods import period

Sent = Mapping[str, tuple[str, str]]
"""By the path of the element: OID of the dictionary and the code."""


def read_codes(conn: Connection, *sent: Sent) -> Codes:
    """What the dictionaries say of all codes sent, in one query."""
    asked = {pair for one in sent for pair in one.values()}
    return look_up(conn, asked) if asked else Codes({})


def wrong_codes(codes: Codes, sent: Sent, day: date) -> Iterator[Rejection]:
    """A rejection for each code that is not known, or not valid on the day."""
    for path, (oid, code) in sent.items():
        known = codes.periods(oid, code)
        if not known:
            yield CODE_UNKNOWN.rejection(path, sent=code, dictionary=oid)
        elif codes.on(oid, code, day) is None:
            held = ", ".join(period(item.valid_from, item.valid_to) for item in known)
            yield CODE_NOT_VALID_ON_DATE.rejection(path, sent=code, dictionary=oid, day=day, period=held)


def write_item(element: Element, item: Item, q: str) -> None:
    """Fills an element with an item of a dictionary; `q` is the namespace of what is in it, in braces."""
    leaf(element, f"{q}Code", item.code)
    leaf(element, f"{q}Name", item.name)
    if item.parent is not None:
        leaf(element, f"{q}Parent", item.parent)
    if item.valid_from != SINCE_EVER:
        leaf(element, f"{q}BeginDate", item.valid_from.isoformat())
    if item.valid_to is not None:
        leaf(element, f"{q}EndDate", item.valid_to.isoformat())
