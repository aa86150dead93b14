"""The licence: its fields, the states that it goes through, and its rules."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, bindparam, select

from ...names import compact
from ...rule import Rule
from ...schema import licence_activities, licences
from ...upsert import Change, Check, Day, Field, Findings, Section, Text, YesNo, found
from ...upsert.fields import INN, OGRN

FINAL = ("ANNULLED", "CEASED")
"""States that a licence does not leave."""

BEGINS_BEFORE_ISSUE = Rule(
    "BEGINS_BEFORE_ISSUE",
    "лицензия действует с {sent}, раньше выдачи {issued}",
    "Исправьте одну из двух дат",
)
END_MISSING = Rule(
    "END_MISSING",
    "у аннулированной или прекращённой лицензии не указан последний день действия",
    "Укажите последний день действия",
)
ENDED_IN_FUTURE = Rule(
    "ENDED_IN_FUTURE",
    "лицензия аннулирована или прекращена, но действует по {sent}",
    "Укажите последний день не позже сегодняшнего или подайте сведения после него",
)
LICENCE_ENDED = Rule(
    "LICENCE_ENDED",
    "действие лицензии закончено, её состояние {stored}; другого у неё не будет",
    "Внесите новую лицензию; если состояние внесено ошибочно, отзовите запись и внесите её заново",
)
LICENCE_IN_USE = Rule(
    "LICENCE_IN_USE",
    "к лицензии внесены разрешённые виды деятельности",
    "Сначала отзовите их; если лицензия была, не отзывайте её, а измените её состояние",
)


def _begins_before_issue(change: Change, _conn: Connection) -> Findings:
    begin, issued = change.record["valid_from"], change.record["issued_on"]
    if begin < issued:
        yield found(change.path("valid_from"), sent=begin, issued=issued)


def _end_missing(change: Change, _conn: Connection) -> Findings:
    if change.record["status"] in FINAL and change.record["valid_to"] is None:
        yield found(change.path("valid_to"))


def _ended_in_future(change: Change, _conn: Connection) -> Findings:
    last = change.record["valid_to"]
    if change.record["status"] in FINAL and last is not None and last > change.today:
        yield found(change.path("valid_to"), sent=last)


def _ended(change: Change, _conn: Connection) -> Findings:
    current = change.current
    if current is not None and current["status"] in FINAL and change.record["status"] != current["status"]:
        yield found(change.path("status"), stored=current["status"])


_ACTIVITIES = (
    select(licence_activities.c.entity_id)
    .where(licence_activities.c.licence_id == bindparam("licence"), licence_activities.c.superseded_at.is_(None))
    .limit(1)
)


def _in_use(change: Change, conn: Connection) -> Findings:
    if change.current is not None and conn.execute(_ACTIVITIES, {"licence": change.sent.entity_id}).first():
        yield found(change.sent.path)


def _begin(record: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"valid_from": record["valid_from"] or record["issued_on"]}


LICENCE = Section(
    element="Licence",
    table=licences,
    fields=(
        Text("Series", "series", kept=compact),
        Text("Number", "number", kept=compact),
        Field("Status", "status"),
        YesNo("Notification", "notification"),
        Day("IssueDate", "issued_on"),
        Field("Licenser", "licenser"),
        Text("LicenserInn", "licenser_inn", control=INN),
        Text("LicenserOgrn", "licenser_ogrn", control=OGRN),
        Day("BeginDate", "valid_from", future=True),
        Day("EndDate", "valid_to", future=True),
    ),
    natural_keys=(("number", "series", "issued_on"),),
    number=("number", "issued_on"),
    checks=(
        Check(BEGINS_BEFORE_ISSUE, _begins_before_issue),
        Check(END_MISSING, _end_missing),
        Check(ENDED_IN_FUTURE, _ended_in_future),
        Check(LICENCE_ENDED, _ended),
        Check(LICENCE_IN_USE, _in_use, withdrawal=True),
    ),
    complete=_begin,
)
