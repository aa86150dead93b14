"""Rules of EmploymentEvent beyond its schema: code, text, remedy, reason, severity. How each is judged: checks.py."""

from ....exchange.rejection import RejectReason
from ...common_rules import (
    BIRTH_DATE_IN_FUTURE,
    CODE_NAME_MISMATCH,
    CODE_NOT_VALID_ON_DATE,
    CODE_UNKNOWN,
    INN_CONTROL,
    OGRN_CONTROL,
    ORG_NOT_FOUND,
    PERSON_MISMATCH,
    SNILS_CONTROL,
    WORKER_NOT_ACTIVE,
    WORKER_NOT_FOUND,
)
from ...rule import Rule, Severity
from ...upsert.rules import VERSION_CONFLICT

_NO_DATA = RejectReason.NO_DATA
_WARNING = Severity.WARNING


CONTRACT_DATE_IN_FUTURE = Rule(
    "CONTRACT_DATE_IN_FUTURE",
    "дата трудового договора {sent} ещё не наступила",
    "Подайте событие после заключения договора или исправьте дату",
)
ORDER_DATE_IN_FUTURE = Rule(
    "ORDER_DATE_IN_FUTURE",
    "дата приказа {sent} ещё не наступила",
    "Подайте событие после издания приказа или исправьте дату",
)
DATE_TOO_FAR_AHEAD = Rule(
    "DATE_TOO_FAR_AHEAD",
    "дата события {sent} отстоит от сегодняшней больше чем на {days} дней вперёд",
    "Исправьте дату или подайте событие позже",
)
BEGIN_BEFORE_CONTRACT = Rule(
    "BEGIN_BEFORE_CONTRACT",
    "работа начинается {sent}, раньше трудового договора от {contract}",
    "Исправьте дату начала работы или дату договора",
)
WORKER_TOO_YOUNG = Rule(
    "WORKER_TOO_YOUNG",
    "на дату {sent} работнику, родившемуся {born}, нет {years} лет",
    "Исправьте дату события или дату рождения",
)

ORG_NOT_OPEN = Rule(
    "ORG_NOT_OPEN",
    "организация {sent} на дату {day} не действует; по данным регистра она действует {period}",
    "Исправьте OID организации или дату события",
)
ORG_OGRN_MISMATCH = Rule(
    "ORG_OGRN_MISMATCH",
    "ОГРН {sent} не совпадает с ОГРН организации в регистре: {stored}",
    "Исправьте ОГРН или OID организации",
)
SUBDIVISION_NOT_FOUND = Rule(
    "SUBDIVISION_NOT_FOUND",
    "подразделения {sent} в организации {organisation} нет",
    "Проверьте OID подразделения по реестру ФРМО",
    _NO_DATA,
)
SUBDIVISION_NOT_OPEN = Rule(
    "SUBDIVISION_NOT_OPEN",
    "подразделение {sent} на дату {day} не действует; по данным регистра оно действует {period}",
    "Исправьте OID подразделения или дату события",
)


EMPLOYMENT_NOT_FOUND = Rule(
    "EMPLOYMENT_NOT_FOUND",
    "места работы {sent} у этого работника в этой организации нет",
    "Возьмите идентификатор из ответа на приём или из карточки работника",
    _NO_DATA,
)
EMPLOYMENT_CONTINUED = Rule(
    "EMPLOYMENT_CONTINUED",
    "место работы {sent} после перевода или изменения ставки с {day} продолжается как запись {stored}",
    "Укажите её идентификатор",
)
EMPLOYMENT_CLOSED = Rule(
    "EMPLOYMENT_CLOSED",
    "место работы {sent} уже закрыто {stored}",
    "Проверьте идентификатор; закрытое место работы не изменяется",
)
END_BEFORE_BEGIN = Rule(
    "END_BEFORE_BEGIN",
    "последний день работы {sent} раньше первого: {stored}",
    "Исправьте дату увольнения",
)
CHANGE_NOT_AFTER_BEGIN = Rule(
    "CHANGE_NOT_AFTER_BEGIN",
    "первый день новых условий {sent} должен быть позже первого дня места работы: {stored}",
    "Исправьте дату события",
)
TRANSFER_CHANGES_NOTHING = Rule(
    "TRANSFER_CHANGES_NOTHING",
    "подразделение, должность, вид занятости и ставка остаются прежними",
    "Укажите, что изменилось, или не подавайте событие",
)
RATE_UNCHANGED = Rule("RATE_UNCHANGED", "ставка и так {sent}", "Укажите новую ставку или не подавайте событие")
DUPLICATE = Rule(
    "DUPLICATE",
    "такое место работы уже есть: та же организация, должность {post}, вид занятости и первый день {begin}"
    " (запись {stored})",
    "Не подавайте событие повторно",
)
MAIN_POST_TAKEN = Rule(
    "MAIN_POST_TAKEN",
    "у работника уже есть основное место работы: {organisation}, {period}",
    "Дождитесь увольнения с него или укажите совместительство",
)

RATE_TOTAL_EXCEEDED = Rule(
    "RATE_TOTAL_EXCEEDED",
    "сумма ставок работника на дату {day} составила бы {total}, больше {most}",
    "Исправьте ставку или сначала внесите увольнение с другого места работы",
)

ABSENCE_NOT_FOUND = Rule(
    "ABSENCE_NOT_FOUND",
    "отсутствия {sent} у этого работника в этой организации нет",
    "Возьмите идентификатор отсутствия (не места работы) из ответа на событие или из карточки работника",
    _NO_DATA,
)
ABSENCE_CONTINUED = Rule(
    "ABSENCE_CONTINUED",
    "отсутствие {sent} после {day} продолжается на новом месте работы: запись {stored}",
    "Внесите конец для этой записи",
)
ABSENCE_REVERSED = Rule(
    "ABSENCE_REVERSED", "последний день отсутствия {sent} раньше первого: {begin}", "Исправьте одну из двух дат"
)
ABSENCE_OUTSIDE_EMPLOYMENT = Rule(
    "ABSENCE_OUTSIDE_EMPLOYMENT",
    "отсутствие ({sent}) выходит за срок места работы: {period}",
    "Исправьте даты или идентификатор места работы",
)
ABSENCE_OVERLAPS = Rule(
    "ABSENCE_OVERLAPS",
    "на эти дни у места работы уже есть отсутствие {stored}: {period}",
    "Сначала внесите конец прежнего отсутствия или исправьте даты",
)
ABSENCE_UNCHANGED = Rule(
    "ABSENCE_UNCHANGED", "отсутствие и так кончается {sent}", "Исправьте дату или не подавайте событие"
)

NO_VALID_CREDENTIAL = Rule(
    "NO_VALID_CREDENTIAL",
    "на дату {day} у работника нет ни действующей аккредитации, ни действующего сертификата",
    "Убедитесь, что работник допущен к должности",
    severity=_WARNING,
)
RATE_TOTAL_HIGH = Rule(
    "RATE_TOTAL_HIGH",
    "сумма ставок работника на дату {day} составляет {total}",
    "Убедитесь, что ставки указаны верно",
    severity=_WARNING,
)
NO_MAIN_POST_HERE = Rule(
    "NO_MAIN_POST_HERE",
    "внутреннее совместительство указано, но основного места работы в этой организации на дату {day} нет",
    "Проверьте вид занятости",
    severity=_WARNING,
)

NOT_IN_STAFF_PLAN = Rule(
    "NOT_IN_STAFF_PLAN",
    "в штатном расписании организации на дату {day} нет должности {post} в этом подразделении",
    "Проверьте должность и подразделение или внесите изменение в штатное расписание",
    severity=_WARNING,
)
STAFF_PLAN_EXCEEDED = Rule(
    "STAFF_PLAN_EXCEEDED",
    "по штатному расписанию на дату {day} в подразделении {planned} ставки этой должности, занято {taken};"
    " вместе с этой ({sent}) выйдет больше",
    "Проверьте ставку или внесите изменение в штатное расписание",
    severity=_WARNING,
)

RULES = (
    SNILS_CONTROL,
    INN_CONTROL,
    OGRN_CONTROL,
    BIRTH_DATE_IN_FUTURE,
    CONTRACT_DATE_IN_FUTURE,
    ORDER_DATE_IN_FUTURE,
    DATE_TOO_FAR_AHEAD,
    BEGIN_BEFORE_CONTRACT,
    WORKER_TOO_YOUNG,
    ORG_NOT_FOUND,
    ORG_NOT_OPEN,
    ORG_OGRN_MISMATCH,
    SUBDIVISION_NOT_FOUND,
    SUBDIVISION_NOT_OPEN,
    WORKER_NOT_FOUND,
    PERSON_MISMATCH,
    WORKER_NOT_ACTIVE,
    CODE_UNKNOWN,
    CODE_NOT_VALID_ON_DATE,
    CODE_NAME_MISMATCH,
    EMPLOYMENT_NOT_FOUND,
    EMPLOYMENT_CONTINUED,
    EMPLOYMENT_CLOSED,
    ABSENCE_NOT_FOUND,
    ABSENCE_CONTINUED,
    VERSION_CONFLICT,
    END_BEFORE_BEGIN,
    CHANGE_NOT_AFTER_BEGIN,
    TRANSFER_CHANGES_NOTHING,
    RATE_UNCHANGED,
    DUPLICATE,
    MAIN_POST_TAKEN,
    RATE_TOTAL_EXCEEDED,
    ABSENCE_REVERSED,
    ABSENCE_OUTSIDE_EMPLOYMENT,
    ABSENCE_OVERLAPS,
    ABSENCE_UNCHANGED,
    NO_VALID_CREDENTIAL,
    RATE_TOTAL_HIGH,
    NO_MAIN_POST_HERE,
    NOT_IN_STAFF_PLAN,
    STAFF_PLAN_EXCEEDED,
)
