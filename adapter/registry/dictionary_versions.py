"""Versions of dictionaries: taking one over, what is in the last one, and what has changed between two.

The versions of a dictionary are numbered from 1 as they are taken over, which is the order of their release. An item is
kept once, with the number of the first version that has it and of the first one that has it no more. On a day it holds
if it is valid by its own dates and the version in force on that day has it; the first version kept here also speaks for
the time before its release.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    RowMapping,
    Select,
    and_,
    bindparam,
    delete,
    func,
    insert,
    or_,
    select,
    text,
    update,
)

from .dictionaries import UNUSED, Dictionary, Item, samples
from .schema import dictionaries, dictionary_items

_DAY = timedelta(days=1)
_I = dictionary_items.c


class VersionRefused(Exception):  # noqa: N818  named for what is wrong
    """The version of a dictionary cannot be taken over: a later one is there, or the same one with other content."""

    code = "DICTIONARY_VERSION_REFUSED"

    def __init__(self, sent: Dictionary, stored: "Version", *, later: bool) -> None:
        """`stored` is the version that is there; `later`: it is a later one than the one that was sent."""
        there = (
            f"in version {stored.version}, released on {stored.released_on}: versions are taken over in the order of "
            "their release; check --version and --since"
            if later
            else f"as {stored.version} with other items: give what has changed a version of its own"
        )
        super().__init__(f"{sent.oid} is there {there}")
        self.stored = stored.version
        self.later = later


class VersionUnknown(Exception):  # noqa: N818  named for what is wrong
    """A dictionary has no such version here."""

    code = "DICTIONARY_VERSION_UNKNOWN"

    def __init__(self, oid: str, version: str, known: Sequence[str]) -> None:
        super().__init__(f"{oid} has no version {version} here; there are {', '.join(known) or 'none'}")
        self.version = version


@dataclass(frozen=True, slots=True)
class Version:
    """A version of a dictionary, with its number among those that were taken over."""

    number: int
    version: str
    released_on: date
    sample: bool


@dataclass(frozen=True, slots=True)
class Overview:
    """A dictionary in its last version, with the number of its items and of the versions that are known."""

    oid: str
    version: str
    title: str
    released_on: date
    items: int
    versions: int


@dataclass(frozen=True, slots=True)
class ItemChange:
    """An item that the later of two versions has and the earlier one has not (`added`), or the other way round."""

    item: Item
    added: bool


@dataclass(frozen=True, slots=True)
class Delta:
    """A page of what has changed, by codes: all of a code at once; `after` is the last code of it, None at the end."""

    changes: tuple[ItemChange, ...]
    after: str | None


_ONE_AT_A_TIME = text("LOCK TABLE dictionaries IN SHARE ROW EXCLUSIVE MODE")
"""Versions are numbered in the order of their release; SQLite has one writer at a time anyway."""
_ITEM = (_I.code, _I.name, _I.valid_from, _I.valid_to, _I.parent)
_VERSIONS = (
    select(dictionaries.c.number, dictionaries.c.version, dictionaries.c.released_on, dictionaries.c.sample)
    .where(dictionaries.c.oid == bindparam("oid"))
    .order_by(dictionaries.c.number)
)
_ITEMS = select(*_ITEM).where(_I.dictionary == bindparam("oid"), _I.until.is_(None)).order_by(_I.code, _I.valid_from)
_COUNTED = select(_I.dictionary, func.count().label("items")).where(_I.until.is_(None)).group_by(_I.dictionary)
_END = (
    update(dictionary_items)
    .values(until=bindparam("number"), holds_to=bindparam("last"))
    .where(
        _I.dictionary == bindparam("oid"),
        _I.code == bindparam("of_code"),
        _I.valid_from == bindparam("first"),
        _I.until.is_(None),
    )
)


def versions(conn: Connection, oid: str) -> tuple[Version, ...]:
    """The versions of a dictionary that were taken over, in the order of their release."""
    return tuple(Version(*row) for row in conn.execute(_VERSIONS, {"oid": oid}))


def items(conn: Connection, oid: str) -> tuple[Item, ...]:
    """The items of a dictionary's last version by codes and periods; none if there is no such dictionary."""
    return tuple(Item(*row) for row in conn.execute(_ITEMS, {"oid": oid}))


def overview(conn: Connection) -> list[Overview]:
    """Every dictionary in its last version, by OID."""
    counted: dict[str, int] = {row.dictionary: row.items for row in conn.execute(_COUNTED)}
    last: dict[str, RowMapping] = {}
    for row in conn.execute(select(dictionaries).order_by(dictionaries.c.oid, dictionaries.c.number)).mappings():
        last[row["oid"]] = row
    return [
        Overview(oid, row["version"], row["title"], row["released_on"], counted.get(oid, 0), row["number"])
        for oid, row in last.items()
    ]


def install(conn: Connection, dictionary: Dictionary, now: datetime) -> bool:
    """Takes a version of a dictionary over as its last one; False if that version is already there.

    A genuine version takes the place of a sample altogether, as if that had never been; a sample never that of a
    genuine one (False). Raises VersionRefused if the version is there with other items, if another has followed it
    already, or if one that was released later is there.
    """
    if conn.dialect.name == "postgresql":
        conn.execute(_ONE_AT_A_TIME)
    known = versions(conn, dictionary.oid)
    if known and dictionary.sample and not known[-1].sample:
        return False
    if known and known[-1].sample and not dictionary.sample:
        conn.execute(delete(dictionary_items).where(_I.dictionary == dictionary.oid))
        conn.execute(delete(dictionaries).where(dictionaries.c.oid == dictionary.oid))
        known = ()
    stored = set(items(conn, dictionary.oid))
    if known and known[-1].version == dictionary.version:
        if stored != set(dictionary.items):
            raise VersionRefused(dictionary, known[-1], later=False)
        return False
    if known and (known[-1].released_on > dictionary.released_on or dictionary.version in {v.version for v in known}):
        raise VersionRefused(dictionary, known[-1], later=True)
    _add(conn, dictionary, len(known) + 1, stored, now)
    return True


def _add(conn: Connection, dictionary: Dictionary, number: int, stored: set[Item], now: datetime) -> None:
    oid, released = dictionary.oid, dictionary.released_on
    conn.execute(
        insert(dictionaries),
        {
            "oid": oid,
            "number": number,
            "version": dictionary.version,
            "title": dictionary.title,
            "released_on": released,
            "sample": dictionary.sample,
            "installed_at": now,
        },
    )
    last = released - _DAY
    ended = [
        {
            "oid": oid,
            "of_code": item.code,
            "first": item.valid_from,
            "number": number,
            "last": last if item.valid_to is None else min(item.valid_to, last),
        }
        for item in stored - set(dictionary.items)
    ]
    begun = [
        {
            "dictionary": oid,
            "code": item.code,
            "valid_from": item.valid_from,
            "valid_to": item.valid_to,
            "since": number,
            "until": None,
            "holds_from": item.valid_from if number == 1 else max(item.valid_from, released),
            "holds_to": item.valid_to,
            "name": item.name,
            "parent": item.parent,
        }
        for item in dictionary.items
        if item not in stored
    ]
    for statement, rows in ((_END, ended), (insert(dictionary_items), begun)):
        if rows:
            conn.execute(statement, rows)


def install_dictionaries(conn: Connection, now: datetime) -> int:
    """Installs the samples; returns how many were not there yet."""
    return sum(install(conn, dictionary, now) for dictionary in samples())


def needed(conn: Connection) -> dict[str, bool]:
    """The dictionaries by which the register judges codes, by OID: whether each is there."""
    there = set(conn.scalars(select(dictionaries.c.oid)))
    return {dictionary.oid: dictionary.oid in there for dictionary in samples() if dictionary.oid not in UNUSED}


def find_version(conn: Connection, oid: str, version: str | None) -> Version:
    """A version of a dictionary, the last one if None. Raises VersionUnknown."""
    known = versions(conn, oid)
    for one in reversed(known):
        if version in (None, one.version):
            return one
    raise VersionUnknown(oid, version or "", [one.version for one in known])


def delta(conn: Connection, oid: str, since: int, upto: int, *, after: str = "", most: int = 1000) -> Delta:
    """What has changed between two versions, by their numbers; `since` 0: everything that the later one has.

    `after` is the code with which the page before has ended, `most` the number of codes in a page.
    """
    values = {"oid": oid, "since_number": since, "upto_number": upto, "after": after, "most": most + 1}
    codes: Sequence[str] = conn.scalars(_CHANGED_CODES, values).all()
    more = len(codes) > most
    if not codes:
        return Delta((), None)
    last = codes[most - 1] if more else codes[-1]
    rows = conn.execute(_CHANGES, {**values, "last": last})
    return Delta(tuple(ItemChange(Item(*fields), bool(added)) for *fields, added in rows), last if more else None)


_SINCE: ColumnElement[int] = bindparam("since_number")
_UPTO: ColumnElement[int] = bindparam("upto_number")
_ADDED: ColumnElement[bool] = and_(_I.since > _SINCE, _I.since <= _UPTO, or_(_I.until.is_(None), _I.until > _UPTO))
_REMOVED: ColumnElement[bool] = and_(_I.since <= _SINCE, _I.until > _SINCE, _I.until <= _UPTO)


def _changed(*columns: ColumnElement[Any]) -> Select[Any]:
    changed = or_(_ADDED, _REMOVED)
    wanted: Select[Any] = select(*columns)
    return wanted.where(_I.dictionary == bindparam("oid"), _I.code > bindparam("after"), changed)


_CHANGED_CODES = _changed(_I.code).distinct().order_by(_I.code).limit(bindparam("most"))
_CHANGES = (
    _changed(*_ITEM, (_I.since > _SINCE).label("added"))
    .where(_I.code <= bindparam("last"))
    .order_by(_I.code, _I.valid_from, _I.since)
)
