"""Rules of WorkerSearch beyond its schema."""

from ....exchange.rejection import RejectReason
from ...common_rules import BIRTH_DATE_IN_FUTURE, CODE_NOT_VALID_ON_DATE, CODE_UNKNOWN, INN_CONTROL, SNILS_CONTROL
from ...rule import Rule

_WRONG = RejectReason.UNKNOWN_REQUEST_DESCRIPTION

NOTHING_TO_SEARCH_BY = Rule(
    "NOTHING_TO_SEARCH_BY",
    "указанных признаков мало: пришлось бы просматривать весь регистр",
    "Укажите номер, фамилию, организацию, должность, специальность, категорию, регион, состояние или обе границы срока",
    _WRONG,
)
INVALID_CURSOR = Rule(
    "INVALID_CURSOR",
    "указанное место продолжения выдано не этим поиском",
    "Начните поиск сначала или повторите в точности признаки, с которыми выдано продолжение, и дату On",
    _WRONG,
)
WINDOW_REVERSED = Rule(
    "WINDOW_REVERSED", "первый день срока {sent} позже последнего, {until}", "Исправьте From или To", _WRONG
)
KEY_WITHHELD = Rule(
    "KEY_WITHHELD",
    "искать по этому признаку ролям вашей системы нельзя: сам он им не открыт",
    "Ищите по признакам, которые вам открыты",
    RejectReason.ACCESS_DENIED,
)
LICENCE_OF_SEVERAL = Rule(
    "LICENCE_OF_SEVERAL",
    "лицензия {sent} числится за несколькими организациями: {stored}",
    "Укажите в Filters/Organization одну из них",
    _WRONG,
)

RULES = (
    SNILS_CONTROL,
    INN_CONTROL,
    BIRTH_DATE_IN_FUTURE,
    CODE_UNKNOWN,
    CODE_NOT_VALID_ON_DATE,
    WINDOW_REVERSED,
    KEY_WITHHELD,
    NOTHING_TO_SEARCH_BY,
    LICENCE_OF_SEVERAL,
    INVALID_CURSOR,
)
