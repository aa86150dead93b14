"""Rules of education, and how each is judged."""

from sqlalchemy import Connection

from ...rule import Rule, Severity
from ...upsert import Change, Check, Findings, found

RUSSIA = "643"
"""Code of the country in ОКСМ."""
LEAST_HOURS = {"1": 16, "2": 250}
"""Least hours of a programme by its kind (dictionary 2.999.643.14): upgrading, retraining (273-ФЗ, приказ 499)."""

DOCUMENT_BEFORE_BEGIN = Rule(
    "DOCUMENT_BEFORE_BEGIN", "документ выдан {sent}, раньше начала обучения {begin}", "Исправьте одну из двух дат"
)
STUDYING_IS_OVER = Rule(
    "STUDYING_IS_OVER",
    "обучение окончено {sent}, но указано как продолжающееся",
    "Приведите документ об образовании или исправьте последний день обучения",
    severity=Severity.WARNING,
)
FOREIGN_IN_RUSSIA = Rule(
    "FOREIGN_IN_RUSSIA",
    "образование указано как зарубежное, а страна {sent} — Россия",
    "Укажите образовательную организацию по справочнику или исправьте страну",
)
RECOGNITION_ABSENT = Rule(
    "RECOGNITION_ABSENT",
    "у зарубежного образования нет свидетельства о признании",
    "Внесите его реквизиты, если признание требуется",
    severity=Severity.WARNING,
)
RECOGNISED_BEFORE_DOCUMENT = Rule(
    "RECOGNISED_BEFORE_DOCUMENT",
    "свидетельство о признании выдано {sent}, раньше документа об образовании {document}",
    "Исправьте одну из двух дат",
)
TARGET_AFTER_STUDIES = Rule(
    "TARGET_AFTER_STUDIES",
    "договор о целевом обучении заключён {sent}, позже его окончания {end}",
    "Исправьте дату договора или период обучения",
)
TERMINATED_BEFORE_CONTRACT = Rule(
    "TERMINATED_BEFORE_CONTRACT", "договор расторгнут {sent}, раньше его заключения {contract}", "Исправьте даты"
)
HOURS_TOO_FEW = Rule(
    "HOURS_TOO_FEW",
    "программа такого вида не короче {least} часов, указано {sent}",
    "Проверьте вид программы и число часов",
    severity=Severity.WARNING,
)


def _document_before_begin(change: Change, _conn: Connection) -> Findings:
    begin, issued = change.record["valid_from"], change.record["document_date"]
    if begin is not None and issued is not None and issued < begin:
        yield found(change.path("document_date"), sent=issued, begin=begin)


def _studying_is_over(change: Change, _conn: Connection) -> Findings:
    end = change.record["valid_to"]
    if change.record["studying"] and end is not None and end < change.today:
        yield found(change.path("studying"), sent=end)


def _foreign_in_russia(change: Change, _conn: Connection) -> Findings:
    if change.record["foreign_country"] == RUSSIA:
        yield found(f"{change.path('foreign_country')}/Code", sent=RUSSIA)


def _recognition_absent(change: Change, _conn: Connection) -> Findings:
    if change.record["foreign"] and not change.record["recognised"] and not change.record["studying"]:
        yield found(change.path("foreign"))


def _recognised_before_document(change: Change, _conn: Connection) -> Findings:
    recognised, issued = change.record["recognition_date"], change.record["document_date"]
    if recognised is not None and issued is not None and recognised < issued:
        yield found(change.path("recognition_date"), sent=recognised, document=issued)


def _target_after_studies(change: Change, _conn: Connection) -> Findings:
    signed, end = change.record["target_contract_date"], change.record["valid_to"] or change.record["document_date"]
    if signed is not None and end is not None and signed > end:
        yield found(change.path("target_contract_date"), sent=signed, end=end)


def _terminated_before_contract(change: Change, _conn: Connection) -> Findings:
    ended, signed = change.record["target_terminated_on"], change.record["target_contract_date"]
    if ended is not None and ended < signed:
        yield found(change.path("target_terminated_on"), sent=ended, contract=signed)


def _hours_too_few(change: Change, _conn: Connection) -> Findings:
    least = LEAST_HOURS.get(change.record["programme_kind"], 0)
    if change.record["hours"] < least:
        yield found(change.path("hours"), sent=change.record["hours"], least=least)


DOCUMENT = (Check(DOCUMENT_BEFORE_BEGIN, _document_before_begin),)
STUDIES = (Check(STUDYING_IS_OVER, _studying_is_over),)
ABROAD = (
    Check(FOREIGN_IN_RUSSIA, _foreign_in_russia),
    Check(RECOGNITION_ABSENT, _recognition_absent),
    Check(RECOGNISED_BEFORE_DOCUMENT, _recognised_before_document),
)
TARGET = (
    Check(TARGET_AFTER_STUDIES, _target_after_studies),
    Check(TERMINATED_BEFORE_CONTRACT, _terminated_before_contract),
)
HOURS = (Check(HOURS_TOO_FEW, _hours_too_few),)
