"""Rules of CmeBalance beyond its schema."""

from ....exchange.rejection import RejectReason
from ...common_rules import CODE_NOT_VALID_ON_DATE, CODE_UNKNOWN
from ...lookup.subjects import SUBJECT_RULES
from ...rule import Rule

PERIOD_REVERSED = Rule(
    "PERIOD_REVERSED",
    "первый день {sent} позже последнего, {until}",
    "Исправьте Since или Until",
    RejectReason.UNKNOWN_REQUEST_DESCRIPTION,
)

RULES = (*SUBJECT_RULES, CODE_UNKNOWN, CODE_NOT_VALID_ON_DATE, PERIOD_REVERSED)
