"""Rules of RecordRollback beyond its schema."""

from ....exchange.rejection import RejectReason
from ...rule import Rule
from ...upsert import Workers
from ...upsert.rules import RECORD_NOT_FOUND, RECORD_UNCHANGED, VERSION_CONFLICT

OWNER = Workers(own=False)
VERSION_UNKNOWN = Rule(
    "VERSION_UNKNOWN",
    "версии {sent} у записи {entity} нет; последняя версия {stored}",
    "Возьмите номер версии из ответа об изменении записи или из ленты изменений",
    RejectReason.NO_DATA,
)
VERSION_OF_WITHDRAWAL = Rule(
    "VERSION_OF_WITHDRAWAL",
    "версией {sent} запись {entity} была отозвана: сведений, к которым можно вернуться, в ней нет",
    "Укажите одну из версий до отзыва; чтобы отозвать запись, подайте отзыв",
)
RULES = (
    *OWNER.rules,
    RECORD_NOT_FOUND,
    VERSION_CONFLICT,
    VERSION_UNKNOWN,
    VERSION_OF_WITHDRAWAL,
    RECORD_UNCHANGED,
)
