"""Rules of WorkerVerify beyond its schema. Why somebody may not work is no refusal: see registry.verdict.reasons."""

from ...common_rules import CODE_NOT_VALID_ON_DATE, CODE_UNKNOWN
from ...lookup.subjects import SUBJECT_RULES

RULES = (*SUBJECT_RULES, CODE_UNKNOWN, CODE_NOT_VALID_ON_DATE)
