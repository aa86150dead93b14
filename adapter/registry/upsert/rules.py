"""Rules that hold for every record, whatever it is."""

from ...exchange.rejection import RejectReason
from ..common_rules import CODE_NAME_MISMATCH, CODE_NOT_VALID_ON_DATE, CODE_UNKNOWN
from ..rule import Rule, Severity

RECORD_NOT_FOUND = Rule(
    "RECORD_NOT_FOUND",
    "действующей записи {sent} в этом разделе нет",
    "Возьмите идентификатор из ответа на внесение записи или из карточки",
    RejectReason.NO_DATA,
)
VERSION_CONFLICT = Rule(
    "VERSION_CONFLICT",
    "версия {sent} записи {entity} уже заменена; действует версия {stored}",
    "Прочитайте действующую версию и решите, нужно ли ещё изменение",
)
RECORD_UNCHANGED = Rule(
    "RECORD_UNCHANGED",
    "в записи {entity} ничего не изменится: она уже такова",
    "Укажите, что изменилось, или не подавайте изменение",
)
DUPLICATE = Rule(
    "DUPLICATE",
    "такая запись уже есть: {stored}",
    "Не подавайте её повторно; чтобы исправить прежнюю, подайте изменение",
)
NUMBER_ELSEWHERE = Rule(
    "NUMBER_ELSEWHERE",
    "документ с такими реквизитами внесён ещё одному владельцу",
    "Проверьте реквизиты документа",
    severity=Severity.WARNING,
)
DATE_IN_FUTURE = Rule("DATE_IN_FUTURE", "дата {sent} ещё не наступила", "Исправьте дату или подайте сведения позже")
TOO_YOUNG = Rule(
    "TOO_YOUNG",
    "на дату {sent} работнику не было {years} лет",
    "Исправьте дату или проверьте, о том ли работнике сведения",
)
END_BEFORE_BEGIN = Rule(
    "END_BEFORE_BEGIN", "последний день {sent} раньше первого: {begin}", "Исправьте одну из двух дат"
)

COMMON = (
    RECORD_NOT_FOUND,
    VERSION_CONFLICT,
    RECORD_UNCHANGED,
    DUPLICATE,
    DATE_IN_FUTURE,
    CODE_UNKNOWN,
    CODE_NOT_VALID_ON_DATE,
    CODE_NAME_MISMATCH,
)
"""Rules of every section; the others follow from its fields (Section.rules)."""
