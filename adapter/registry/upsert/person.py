"""What is known of a worker as a person: sections and rules of WorkerRegister and WorkerUpdate."""

from collections.abc import Mapping
from datetime import timedelta
from functools import cache
from typing import Any

from sqlalchemy import Connection, Select, Table, bindparam, select

from .. import dictionaries as nsi
from ..check_digits import is_snils, normalised_snils
from ..common_rules import BIRTH_DATE_IN_FUTURE, SNILS_CONTROL
from ..names import compact, folded
from ..periods import years_later
from ..rule import Rule, Severity
from ..schema import (
    addresses,
    alternate_identifiers,
    consents,
    contacts,
    identity_documents,
    persons,
)
from .change import Change, Check, Section
from .fields import INN, Coded, Control, Day, Field, Text, YesNo
from .findings import Findings, found

CITIZEN, FOREIGNER = "1", "2"
"""Codes of the dictionary of kinds of citizenship: of Russia, of another country."""
RUSSIA = "643"
PASSPORT = "1"
"""Code of a citizen's passport in the dictionary of identity documents."""
LEAST_AGE, MOST_AGE = 14, 120
"""Ages between which somebody can be a worker, in years: a labour contract is possible from the first."""
PASSPORT_AGE = 14
"""Age at which a citizen gets a passport, in years."""

AGE_NOT_PLAUSIBLE = Rule(
    "AGE_NOT_PLAUSIBLE",
    "по дате рождения {sent} работнику нет {least} лет или больше {most}",
    "Проверьте дату по документу",
)
COUNTRY_MISSING = Rule(
    "COUNTRY_MISSING", "у иностранного гражданина не указана страна", "Укажите страну гражданства по ОКСМ"
)
COUNTRY_MISMATCH = Rule(
    "COUNTRY_MISMATCH",
    "страна {sent} не соответствует категории гражданства {citizenship}",
    "Исправьте страну или категорию гражданства",
)
SNILS_TAKEN = Rule(
    "SNILS_TAKEN",
    "СНИЛС {sent} в регистре принадлежит другому лицу",
    "Проверьте номер; если это то же лицо, ведущий регистр исправляет прежнюю запись или объединяет две",
)
INN_TAKEN = Rule(
    "INN_TAKEN",
    "ИНН {sent} в регистре принадлежит другому лицу",
    "Проверьте номер; если это то же лицо, ведущий регистр исправляет прежнюю запись или объединяет две",
)
POSSIBLE_TWIN = Rule(
    "POSSIBLE_TWIN",
    "в регистре есть другой работник с такими же именем и датой рождения",
    "Проверьте СНИЛС; если это одно лицо, ведущий регистр объединяет две записи",
    severity=Severity.WARNING,
)
DOCUMENT_TAKEN = Rule(
    "DOCUMENT_TAKEN",
    "документ {sent} в регистре принадлежит другому лицу",
    "Проверьте реквизиты; если это то же лицо, ведущий регистр объединяет две записи",
)
PASSPORT_FORMAT = Rule(
    "PASSPORT_FORMAT",
    "у паспорта гражданина серия из 4 цифр и номер из 6, указано {sent}",
    "Исправьте серию и номер или вид документа",
)
PASSPORT_TOO_EARLY = Rule(
    "PASSPORT_TOO_EARLY",
    "на дату выдачи {sent} владельцу не было {years} лет",
    "Исправьте дату выдачи или вид документа",
)
PASSPORT_OUTDATED = Rule(
    "PASSPORT_OUTDATED",
    "паспорт выдан {sent} и после этого подлежал замене по возрасту",
    "Внесите действующий паспорт",
    severity=Severity.WARNING,
)
ISSUED_BEFORE_BIRTH = Rule(
    "ISSUED_BEFORE_BIRTH", "документ выдан {sent}, раньше рождения владельца", "Исправьте дату выдачи"
)
CONTACT_FORMAT = Rule(
    "CONTACT_FORMAT",
    "значение {sent} не является ни телефоном из десяти цифр, ни адресом электронной почты",
    "Исправьте значение или вид способа связи",
)
IDENTIFIER_TAKEN = Rule(
    "IDENTIFIER_TAKEN",
    "номер {sent} системы {system} в регистре принадлежит другому лицу",
    "Проверьте номер; если это то же лицо, ведущий регистр объединяет две записи",
)


def _birth_date(change: Change, _conn: Connection) -> Findings:
    if change.record["birth_date"] > change.today:
        yield found(change.path("birth_date"), sent=change.record["birth_date"])


def _age(change: Change, _conn: Connection) -> Findings:
    born = change.record["birth_date"]
    old_enough = years_later(born, LEAST_AGE) <= change.today
    if born <= change.today and not (old_enough and change.today < years_later(born, MOST_AGE)):
        yield found(change.path("birth_date"), sent=born, least=LEAST_AGE, most=MOST_AGE)


def _country_missing(change: Change, _conn: Connection) -> Findings:
    if change.record["citizenship"] == FOREIGNER and change.record["country"] is None:
        yield found(change.path("citizenship"))


def _country_mismatch(change: Change, _conn: Connection) -> Findings:
    country, citizenship = change.record["country"], change.record["citizenship"]
    if country is not None and (country == RUSSIA) != (citizenship == CITIZEN):
        yield found(f"{change.path('country')}/Code", sent=country, citizenship=citizenship)


def _taken(column: str) -> Any:
    """Judge of a number of persons that somebody else has; whose it is, is not told."""

    def judge(change: Change, conn: Connection) -> Findings:
        sent = change.record[column]
        if sent is not None and _of_another(conn, persons, change, column):
            yield found(change.path(column), sent=sent)

    return judge


def _of_another(conn: Connection, table: Table, change: Change, *columns: str) -> bool:
    """Whether somebody else has the same; of whom it is not settled who it is, nothing can be said."""
    if change.owner.row is None:
        return False
    owner = "entity_id" if table is persons else "worker_oid"
    values = {column: change.record[column] for column in columns} | {"owner": change.owner.oid or ""}
    return conn.execute(_same(table, columns, owner), values).first() is not None


@cache
def _same(table: Table, columns: tuple[str, ...], owner: str) -> Select[Any]:
    same = (table.c[column] == bindparam(column) for column in columns)
    others = table.c[owner] != bindparam("owner")
    return select(table.c.entity_id).where(*same, others, table.c.superseded_at.is_(None)).limit(1)


def _twin(change: Change, conn: Connection) -> Findings:
    if _of_another(conn, persons, change, "last_folded", "birth_date", "first_folded", "patronymic_folded"):
        yield found(change.sent.path)


def _document_taken(change: Change, conn: Connection) -> Findings:
    if _of_another(conn, identity_documents, change, "number", "series", "type_code"):
        yield found(change.path("number"), sent=f"{change.record['series']} {change.record['number']}".strip())


def _passport_format(change: Change, _conn: Connection) -> Findings:
    series, number = change.record["series"], change.record["number"]
    right = series.isdigit() and number.isdigit() and (len(series), len(number)) == (4, 6)
    if change.record["type_code"] == PASSPORT and not right:
        yield found(change.path("number"), sent=f"{series} {number}".strip())


def _passport_too_early(change: Change, _conn: Connection) -> Findings:
    row, issued = change.owner.row, change.record["valid_from"]
    if row and change.record["type_code"] == PASSPORT and issued < years_later(row["birth_date"], PASSPORT_AGE):
        yield found(change.path("valid_from"), sent=issued, years=PASSPORT_AGE)


def _passport_outdated(change: Change, _conn: Connection) -> Findings:
    """A passport is valid until 90 days after the 20th and the 45th birthday (ПП 1417 of 2023, clause 7)."""
    row, issued = change.owner.row, change.record["valid_from"]
    if row is None or change.record["type_code"] != PASSPORT:
        return
    renewals = [years_later(row["birth_date"], age) for age in (20, 45)]
    if any(issued < renewal and renewal + timedelta(days=90) < change.today for renewal in renewals):
        yield found(change.path("valid_from"), sent=issued)


def _issued_before_birth(change: Change, _conn: Connection) -> Findings:
    row, issued = change.owner.row, change.record["valid_from"]
    if row and change.record["type_code"] != PASSPORT and issued < row["birth_date"]:
        yield found(change.path("valid_from"), sent=issued)


def _contact_format(change: Change, _conn: Connection) -> Findings:
    value = change.record["value"]
    user, _, host = value.partition("@")
    phone = len(value) == 10 and value.isascii() and value.isdigit()
    right = phone if change.record["contact_kind"] == "PHONE" else bool(user) and "." in host and " " not in value
    if not right:
        yield found(change.path("value"), sent=value)


def _identifier_taken(change: Change, conn: Connection) -> Findings:
    if _of_another(conn, alternate_identifiers, change, "system", "value"):
        yield found(change.path("value"), sent=change.record["value"], system=change.record["system"])


def _folded(record: Mapping[str, Any]) -> Mapping[str, Any]:
    return {
        "last_folded": folded(record["last_name"]),
        "first_folded": folded(record["first_name"]),
        "patronymic_folded": folded(record["patronymic"] or ""),
    }


PERSON = Section(
    element="Person",
    table=persons,
    fields=(
        Text("Snils", "snils", kept=normalised_snils, control=Control(is_snils, SNILS_CONTROL)),
        Field("LastName", "last_name"),
        Field("FirstName", "first_name"),
        Field("Patronymic", "patronymic"),
        Coded("Gender", "gender", dictionary=nsi.GENDERS),
        Day("BirthDate", "birth_date", future=True),
        Text("BirthPlace", "birth_place"),
        Text("Inn", "inn", control=INN),
        Coded("Citizenship", "citizenship", dictionary=nsi.CITIZENSHIPS),
        Coded("Country", "country", dictionary=nsi.COUNTRIES),
        Coded("MilitaryRelation", "military_relation", dictionary=nsi.MILITARY_RELATIONS),
        Coded("Disability/Group", "disability_group", dictionary=nsi.DISABILITY_GROUPS, days=("disability_date",)),
        Day("Disability/Date", "disability_date"),
        YesNo("Student", "student"),
    ),
    natural_keys=(),
    checks=(
        Check(BIRTH_DATE_IN_FUTURE, _birth_date),
        Check(AGE_NOT_PLAUSIBLE, _age),
        Check(COUNTRY_MISSING, _country_missing),
        Check(COUNTRY_MISMATCH, _country_mismatch),
        Check(SNILS_TAKEN, _taken("snils")),
        Check(INN_TAKEN, _taken("inn")),
        Check(POSSIBLE_TWIN, _twin),
    ),
    complete=_folded,
    own=True,
)

IDENTITY_DOCUMENT = Section(
    element="IdentityDocument",
    table=identity_documents,
    fields=(
        Coded("Type", "type_code", dictionary=nsi.IDENTITY_DOCUMENT_TYPES, days=("valid_from",)),
        Text("Series", "series", absent="", kept=compact),
        Text("Number", "number", kept=compact),
        Day("IssueDate", "valid_from"),
        Text("Issuer", "issuer"),
        Text("IssuerCode", "issuer_code"),
        Day("EndDate", "valid_to", future=True),
    ),
    natural_keys=(("type_code", "series", "number"),),
    checks=(
        Check(DOCUMENT_TAKEN, _document_taken),
        Check(PASSPORT_FORMAT, _passport_format),
        Check(PASSPORT_TOO_EARLY, _passport_too_early),
        Check(ISSUED_BEFORE_BIRTH, _issued_before_birth),
        Check(PASSPORT_OUTDATED, _passport_outdated),
    ),
)

ADDRESS = Section(
    element="Address",
    table=addresses,
    fields=(
        Coded("Type", "address_type", dictionary=nsi.ADDRESS_TYPES),
        Coded("Region", "region", dictionary=nsi.REGIONS),
        Text("PostalCode", "postal_code"),
        Text("Area", "area"),
        Text("Street", "street"),
        Text("House", "house"),
        Text("Building", "building"),
        Text("Structure", "structure"),
        Text("Flat", "flat"),
        Text("GarId", "gar_id"),
        Text("AreaId", "area_id"),
        Text("StreetId", "street_id"),
        Text("HouseId", "house_id"),
        Day("BeginDate", "valid_from"),
        Day("EndDate", "valid_to", future=True),
    ),
    natural_keys=(
        (
            "address_type",
            "region",
            "area",
            "street",
            "house",
            "building",
            "structure",
            "flat",
            "house_id",
            "gar_id",
            "valid_from",
        ),
    ),
)

CONTACT = Section(
    element="Contact",
    table=contacts,
    fields=(Field("Kind", "contact_kind"), Text("Value", "value", kept=str.strip), YesNo("Preferred", "preferred")),
    natural_keys=(("contact_kind", "value"),),
    checks=(Check(CONTACT_FORMAT, _contact_format),),
)

CONSENT = Section(
    element="Consent",
    table=consents,
    fields=(
        Field("Kind", "consent_kind"),
        Text("DocumentNumber", "document_number"),
        Day("BeginDate", "valid_from"),
        Day("EndDate", "valid_to"),
    ),
    natural_keys=(("consent_kind", "valid_from"),),
)

ALTERNATE_IDENTIFIER = Section(
    element="AlternateIdentifier",
    table=alternate_identifiers,
    fields=(Field("System", "system"), Text("Value", "value", kept=compact)),
    natural_keys=(("system", "value"),),
    checks=(Check(IDENTIFIER_TAKEN, _identifier_taken),),
)

OF_A_NEW_WORKER = (IDENTITY_DOCUMENT, ADDRESS, CONTACT, CONSENT)
"""The sections that are told of a worker at once with the personal data."""
