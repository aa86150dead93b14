"""Rules of AccessLog beyond its schema."""

from ...common_rules import SNILS_CONTROL, WORKER_NOT_FOUND
from ...rule import Rule

PERIOD_REVERSED = Rule(
    "PERIOD_REVERSED",
    "первый день {sent} позже последнего, {until}",
    "Исправьте Since или Until",
)

RULES = (SNILS_CONTROL, PERIOD_REVERSED, WORKER_NOT_FOUND)
