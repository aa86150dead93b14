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
