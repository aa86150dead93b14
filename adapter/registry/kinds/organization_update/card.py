"""The organisation's own record: its fields and its rules."""

from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import Connection, Select, bindparam, or_, select

from ....exchange.roles import Role
from ... import dictionaries as nsi
from ...rule import Rule, Severity
from ...schema import employments, organisations
from ...upsert import Change, Check, Coded, Day, Field, Findings, Section, Text, found
from ...upsert.fields import INN, OGRN

RESERVED = ("inn", "ogrn", "ogrn_date", "head_oid", "old_oid", "valid_from", "valid_to", "closing_reason")
"""Columns that only an authority changes: which legal entity it is, and whether it exists."""
_HIGHEST = 10
"""Organisations above one another, at most."""

REQUISITES_RESERVED = Rule(
    "REQUISITES_RESERVED",
    "в регистре это значение {stored}; сама организация его не меняет",
    "Оставьте прежнее значение; исправить его может ведущий регистр",
)
INN_OGRN_MISMATCH = Rule(
    "INN_OGRN_MISMATCH",
    "ИНН {inn} и ОГРН {sent} разных видов лиц: у организации в них 10 и 13 цифр, у предпринимателя 12 и 15",
    "Исправьте один из номеров",
)
KPP_MISMATCH = Rule(
    "KPP_MISMATCH",
    "КПП бывает у организации и обязателен для неё; у предпринимателя его нет",
    "Укажите КПП организации или уберите КПП предпринимателя",
)
OGRN_ELSEWHERE = Rule(
    "OGRN_ELSEWHERE",
    "ОГРН {sent} есть и у организации {stored}, с которой эта не связана как филиал",
    "Проверьте ОГРН и головную организацию",
    severity=Severity.WARNING,
)
HEAD_NOT_FOUND = Rule(
    "HEAD_NOT_FOUND", "головной организации {sent} в регистре нет", "Проверьте её OID по реестру ФРМО"
)
HEAD_CYCLE = Rule(
    "HEAD_CYCLE", "организация {sent} сама подчинена этой организации", "Исправьте OID головной организации"
)
CLOSING_INCOMPLETE = Rule(
    "CLOSING_INCOMPLETE",
    "последний день организации и причина закрытия указываются вместе",
    "Укажите и то и другое или ничего",
)
STILL_EMPLOYS = Rule(
    "STILL_EMPLOYS",
    "после {sent} в организации или подразделении числятся работники",
    "Внесите их увольнение или перевод",
    severity=Severity.WARNING,
)


def _reserved(change: Change, _conn: Connection) -> Findings:
    current = change.current
    if current is None or Role.AUTHORITY in change.owner.roles:
        return
    for column in RESERVED:
        if change.record[column] != current[column]:
            yield found(change.path(column), stored=current[column] or "не указано")


def _entrepreneur(change: Change) -> bool:
    return len(change.record["ogrn"]) == 15


def _inn_ogrn(change: Change, _conn: Connection) -> Findings:
    inn, ogrn = change.record["inn"], change.record["ogrn"]
    if (len(inn) == 12) != _entrepreneur(change):
        yield found(change.path("ogrn"), inn=inn, sent=ogrn)


def _kpp(change: Change, _conn: Connection) -> Findings:
    if (change.record["kpp"] is None) != _entrepreneur(change):
        yield found(change.path("kpp"))


_SAME_OGRN = (
    select(organisations.c.entity_id, organisations.c.head_oid)
    .where(organisations.c.ogrn == bindparam("ogrn"), organisations.c.superseded_at.is_(None))
    .where(organisations.c.entity_id != bindparam("oid"))
    .order_by(organisations.c.entity_id)
)
_HEAD = select(organisations.c.entity_id, organisations.c.head_oid).where(
    organisations.c.entity_id == bindparam("oid"), organisations.c.superseded_at.is_(None)
)


def _ogrn_elsewhere(change: Change, conn: Connection) -> Findings:
    if change.owner.oid is None:
        return
    oid, ogrn, head = change.owner.oid, change.record["ogrn"], change.record["head_oid"]
    for other, its_head in conn.execute(_SAME_OGRN, {"ogrn": ogrn, "oid": oid}):
        if other != head and its_head not in (oid, head or oid):
            yield found(change.path("ogrn"), sent=ogrn, stored=other)
            return


def _head_not_found(change: Change, conn: Connection) -> Findings:
    head = change.record["head_oid"]
    if head is not None and conn.execute(_HEAD, {"oid": head}).first() is None:
        yield found(change.path("head_oid"), sent=head)


def _head_cycle(change: Change, conn: Connection) -> Findings:
    head = above = change.record["head_oid"]
    for _ in range(_HIGHEST):
        if above is None:
            return
        if above == change.owner.oid:
            break
        row = conn.execute(_HEAD, {"oid": above}).first()
        above = None if row is None else row.head_oid
    if above is not None:
        yield found(change.path("head_oid"), sent=head)


def _closing(change: Change, _conn: Connection) -> Findings:
    if (change.record["valid_to"] is None) != (change.record["closing_reason"] is None):
        yield found(change.path("closing_reason"))


@cache
def _employed(column: str) -> Select[Any]:
    end = employments.c.valid_to
    return (
        select(employments.c.entity_id)
        .where(employments.c.organisation_oid == bindparam("organisation"), employments.c[column] == bindparam("oid"))
        .where(employments.c.superseded_at.is_(None), or_(end.is_(None), end > bindparam("last", type_=end.type)))
        .limit(1)
    )


def still_employs(conn: Connection, organisation: str, column: str, oid: str | None, last: date) -> bool:
    """Whether anybody works after the day `last` where the column of the employments says `oid`."""
    values = {"organisation": organisation, "oid": oid, "last": last}
    return conn.execute(_employed(column), values).first() is not None


def _still_employs(change: Change, conn: Connection) -> Findings:
    oid, last = change.owner.oid, change.record["valid_to"]
    if oid is not None and last is not None and still_employs(conn, oid, "organisation_oid", oid, last):
        yield found(change.path("valid_to"), sent=last)


CARD = Section(
    element="Card",
    table=organisations,
    fields=(
        Field("FullName", "full_name"),
        Field("ShortName", "short_name"),
        Text("Inn", "inn", control=INN),
        Field("Kpp", "kpp"),
        Text("Ogrn", "ogrn", control=OGRN),
        Day("OgrnDate", "ogrn_date"),
        Coded("Region", "region", dictionary=nsi.REGIONS),
        Field("HeadOid", "head_oid"),
        Field("OldOid", "old_oid"),
        Field("LegalAddress", "legal_address"),
        Field("ActualAddress", "actual_address"),
        Coded("Type", "organisation_type", dictionary=nsi.ORGANISATION_TYPES),
        Coded("Ownership", "ownership", dictionary=nsi.OWNERSHIP_FORMS),
        Field("LegalForm", "legal_form"),
        Coded("Department", "department", dictionary=nsi.DEPARTMENTS),
        Coded("AgencyKind", "agency_kind", dictionary=nsi.AGENCY_KINDS),
        Coded("AgencyProfile", "agency_profile", dictionary=nsi.AGENCY_PROFILES),
        Coded("Level", "level", dictionary=nsi.CARE_LEVELS),
        Field("Founder", "founder"),
        Field("Phone", "phone"),
        Field("Email", "email"),
        Field("Site", "site"),
        Day("BeginDate", "valid_from", future=True),
        Day("EndDate", "valid_to", future=True),
        Field("ClosingReason", "closing_reason"),
    ),
    natural_keys=(),
    checks=(
        Check(REQUISITES_RESERVED, _reserved),
        Check(INN_OGRN_MISMATCH, _inn_ogrn),
        Check(KPP_MISMATCH, _kpp),
        Check(OGRN_ELSEWHERE, _ogrn_elsewhere),
        Check(HEAD_NOT_FOUND, _head_not_found),
        Check(HEAD_CYCLE, _head_cycle),
        Check(CLOSING_INCOMPLETE, _closing),
        Check(STILL_EMPLOYS, _still_employs),
    ),
    own=True,
)
