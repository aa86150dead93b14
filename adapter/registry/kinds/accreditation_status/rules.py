"""Rules of AccreditationStatus beyond its schema."""

from ...common_rules import CODE_NOT_VALID_ON_DATE, CODE_UNKNOWN
from ...lookup.subjects import SUBJECT_RULES

RULES = (*SUBJECT_RULES, CODE_UNKNOWN, CODE_NOT_VALID_ON_DATE)
