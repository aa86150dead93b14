"""Rules of WorkerBatchVerify: all but the first two are of one question, whose answer tells them."""

from ....exchange.rejection import RejectReason
from ...common_rules import CODE_NOT_VALID_ON_DATE, CODE_UNKNOWN, SNILS_CONTROL
from ...lookup.subjects import KNOWN_ON_IN_FUTURE
from ...rule import Rule

ITEM_REPEATED = Rule(
    "ITEM_REPEATED",
    "обозначение {sent} дано нескольким вопросам",
    "Обозначьте каждый вопрос по-своему",
    RejectReason.UNKNOWN_REQUEST_DESCRIPTION,
)
WORKER_OID_FORMAT = Rule(
    "WORKER_OID_FORMAT", "{sent} не похоже на номер работника в регистре", "Укажите номер вида NNNN.NNNNNNN"
)

RULES = (KNOWN_ON_IN_FUTURE, ITEM_REPEATED, SNILS_CONTROL, WORKER_OID_FORMAT, CODE_UNKNOWN, CODE_NOT_VALID_ON_DATE)
