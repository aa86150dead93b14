"""WorkerSearch: finds the workers of a page and tells of them what the sender may see."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from lxml.etree import SubElement
from lxml.etree import _Element as Element
from sqlalchemy import Connection

from ....exchange.rejection import Rejection
from ...lookup.subjects import today_of
from ...lookup.views import views
from ...markup import answer, leaf, moment
from ...outcome import Answer, KindRequest, Refusal
from ...projection import Projection
from ...search import InvalidCursor, NothingToSearchBy, count, find, organisations_of_licence
from .asked import LICENCE, NAMESPACE, ROOT, Asked, Q
from .found import write_workers
from .rules import INVALID_CURSOR, LICENCE_OF_SEVERAL, NOTHING_TO_SEARCH_BY


def handle(request: KindRequest, conn: Connection) -> Answer | Refusal:
    """Answers with a page; refuses with all that is wrong with the search."""
    today = today_of(request)
    asked = Asked.read(request.content, today)
    wrong = asked.wrong(conn, request.access.projection, today)
    if wrong:
        return Refusal(tuple(wrong))
    narrowed = _by_licence(asked, conn)
    if isinstance(narrowed, Rejection):
        return Refusal((narrowed,))
    root = answer(NAMESPACE, "WorkerSearchResponse")
    leaf(root, f"{Q}ActualAt", moment(request.now))
    leaf(root, f"{Q}On", asked.query.on.isoformat())
    if narrowed is None:
        if asked.count:
            _counted(root, 0, exact=True)
        SubElement(root, f"{Q}Workers")
        return Answer(root)
    try:
        page = find(conn, narrowed.query, limit=asked.size, cursor=asked.cursor)
        if asked.count:
            number = count(conn, narrowed.query)
            _counted(root, number.workers, exact=number.exact)
    except NothingToSearchBy:
        return Refusal((NOTHING_TO_SEARCH_BY.rejection(ROOT),))
    except InvalidCursor:
        return Refusal((INVALID_CURSOR.rejection(f"{ROOT}/Cursor"),))
    told = _views(request, conn, narrowed, page.workers)
    write_workers(SubElement(root, f"{Q}Workers"), conn, told, asked.query.on)
    if page.cursor is not None:
        leaf(root, f"{Q}NextCursor", page.cursor)
    return Answer(root, tuple(told))


def _by_licence(asked: Asked, conn: Connection) -> Asked | Rejection | None:
    """The search among the workers of the organisation that holds the licence; None: nobody can be found."""
    number = asked.given.get(LICENCE)
    if number is None:
        return asked
    holders = organisations_of_licence(conn, number, asked.query.on)
    wanted = asked.query.organisation
    if wanted is not None:
        return asked if wanted in holders else None
    match holders:
        case []:
            return None
        case [holder]:
            return replace(asked, query=replace(asked.query, organisation=holder))
        case _:
            return LICENCE_OF_SEVERAL.rejection(f"{ROOT}/{LICENCE}", sent=number, stored=", ".join(holders))


def _views(request: KindRequest, conn: Connection, asked: Asked, found: Sequence[str]) -> Mapping[str, Projection]:
    """What may be told of each of those found; who has not consented is left out where that is needed.

    So is who could only be found by what may not be seen without the consent.
    """
    told = views(conn, request.access, found, today_of(request))
    return {oid: view for oid, view in told.items() if view and asked.sees(view)}


def _counted(root: Element, number: int, *, exact: bool) -> None:
    counted = SubElement(root, f"{Q}Found")
    leaf(counted, f"{Q}Number", str(number))
    leaf(counted, f"{Q}Exact", "true" if exact else "false")
