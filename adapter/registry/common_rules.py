"""Rules that several kinds share."""

from ..exchange.rejection import RejectReason
from .rule import Rule

SNILS_CONTROL = Rule(
    "SNILS_CONTROL",
    "контрольное число СНИЛС {sent} не сходится",
    "Проверьте номер по документу",
    RejectReason.UNKNOWN_REQUEST_DESCRIPTION,
)
BIRTH_DATE_IN_FUTURE = Rule(
    "BIRTH_DATE_IN_FUTURE",
    "дата рождения {sent} ещё не наступила",
    "Проверьте дату по документу",
    RejectReason.UNKNOWN_REQUEST_DESCRIPTION,
)
WORKER_NOT_FOUND = Rule(
    "WORKER_NOT_FOUND",
    "работник с указанными сведениями в регистре не найден",
    "Проверьте сведения; нового работника сначала нужно внести в регистр",
    RejectReason.NO_DATA,
)
INN_CONTROL = Rule("INN_CONTROL", "контрольное число ИНН {sent} не сходится", "Проверьте номер по документу")
OGRN_CONTROL = Rule("OGRN_CONTROL", "контрольное число ОГРН {sent} не сходится", "Проверьте номер по выписке из ЕГРЮЛ")
PERSON_MISMATCH = Rule(
    "PERSON_MISMATCH",
    "значение «{sent}» не совпадает с данными работника с этим СНИЛС в регистре",
    "Сверьте сведения с документом работника; если ошибка в регистре, сначала исправьте его запись",
)
ORG_NOT_FOUND = Rule(
    "ORG_NOT_FOUND",
    "организации {sent} в регистре нет",
    "Проверьте OID организации по реестру ФРМО",
    RejectReason.NO_DATA,
)
WORKER_NOT_ACTIVE = Rule(
    "WORKER_NOT_ACTIVE",
    "запись работника в регистре не действует: её состояние {stored}",
    "Обратитесь к оператору регистра",
)

DICTIONARY_UNKNOWN = Rule(
    "DICTIONARY_UNKNOWN",
    "справочника {sent} в регистре нет",
    "Проверьте OID по перечню справочников; недостающий справочник загружает оператор",
    RejectReason.NO_DATA,
)
CODE_UNKNOWN = Rule(
    "CODE_UNKNOWN", "кода {sent} нет в справочнике {dictionary}", "Возьмите код из действующей версии справочника"
)
CODE_NOT_VALID_ON_DATE = Rule(
    "CODE_NOT_VALID_ON_DATE",
    "код {sent} справочника {dictionary} не действует на дату {day}; он действует {period}",
    "Возьмите код, действующий на эту дату",
)
CODE_NAME_MISMATCH = Rule(
    "CODE_NAME_MISMATCH",
    "наименование «{sent}» не соответствует коду {code}; в справочнике {dictionary} это «{stored}»",
    "Исправьте код или наименование",
)
