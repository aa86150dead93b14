"""RecordRollback: the earlier version is written once more, as a new one; a withdrawn record comes back by it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from lxml.etree import QName
from sqlalchemy import Connection, RowMapping, Table

from ....exchange.times import moscow_day
from ...facts import Provenance, VersionSuperseded, reinstate, revise
from ...kind import namespace
from ...outcome import Answer, KindRequest, Refusal
from ...reading import history
from ...schema import WORKER_FACTS, section_of
from ...upsert import Judged, Recorded, found
from ...upsert.answer import answer
from ...upsert.handler import superseded
from ...upsert.rules import RECORD_NOT_FOUND, RECORD_UNCHANGED, VERSION_CONFLICT
from .rules import OWNER, RULES, VERSION_OF_WITHDRAWAL, VERSION_UNKNOWN

__all__ = ["RULES", "handle"]

Q = f"{{{namespace('record_rollback', '1.0.0')}}}"
PATH = "RecordRollbackRequest/Record"
_TABLES = {section_of(table): table for table in WORKER_FACTS}
_OF_VERSIONS = frozenset({"version", "recorded_at", "superseded_at", "source", "message_id", "withdrawn"})
"""Columns in which versions differ that say the same."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """The record, its version that the sender takes for the last one, and the one to go back to."""

    table: Table
    entity_id: str
    version: int
    to: int


def handle(request: KindRequest, conn: Connection) -> Answer | Refusal:
    """Goes back and tells the number of the new version, or refuses with every rule that is broken."""
    owner = OWNER.find(request, conn, moscow_day(request.now))
    asked = _read(request)
    versions = [] if owner.oid is None else history(conn, asked.table, asked.entity_id)
    if versions and versions[-1]["worker_oid"] != owner.oid:
        versions = []
    judged = owner.judged
    if owner.oid is not None:
        _judge(asked, versions, judged)
    if judged.rejections:
        return Refusal(tuple(judged.rejections), owner.about)
    try:
        version = _write(asked, versions, request, conn)
    except VersionSuperseded as conflict:
        return Refusal((superseded(f"{PATH}/Version", conflict),), owner.about)
    return Answer(answer(request, owner, Recorded(asked.entity_id, version), judged.warnings), owner.about)


def _read(request: KindRequest) -> _Asked:
    [record] = request.content.iterfind(f"{Q}Record")
    sent = {QName(child).localname: child.text or "" for child in record.iterchildren("*")}
    return _Asked(_TABLES[sent["Section"]], sent["EntityId"], int(sent["Version"]), int(sent["ToVersion"]))


def _judge(asked: _Asked, versions: Sequence[RowMapping], judged: Judged) -> None:
    if not versions:
        judged.add(RECORD_NOT_FOUND, [found(f"{PATH}/EntityId", sent=asked.entity_id)])
        return
    last, values = versions[-1], {"entity": asked.entity_id, "stored": versions[-1]["version"]}
    if asked.version != last["version"]:
        judged.add(VERSION_CONFLICT, [found(f"{PATH}/Version", sent=asked.version, **values)])
    target = _version(versions, asked.to)
    place = f"{PATH}/ToVersion"
    if target is None:
        judged.add(VERSION_UNKNOWN, [found(place, sent=asked.to, **values)])
    elif target["withdrawn"]:
        judged.add(VERSION_OF_WITHDRAWAL, [found(place, sent=asked.to, entity=asked.entity_id)])
    elif not last["withdrawn"] and _said(target) == _said(last):
        judged.add(RECORD_UNCHANGED, [found(place, entity=asked.entity_id)])


def _version(versions: Sequence[RowMapping], number: int) -> RowMapping | None:
    return next((one for one in versions if one["version"] == number), None)


def _said(version: RowMapping) -> dict[str, Any]:
    return {name: value for name, value in version.items() if name not in _OF_VERSIONS}


def _write(asked: _Asked, versions: Sequence[RowMapping], request: KindRequest, conn: Connection) -> int:
    provenance = Provenance(request.sender.mnemonic, request.message_id, request.now)
    last, target = dict(versions[-1]), _version(versions, asked.to)
    assert target is not None  # judged above
    if last["withdrawn"]:
        return reinstate(conn, asked.table, provenance, last, dict(target))
    return revise(conn, asked.table, provenance, last, _said(target))
