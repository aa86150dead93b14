"""Rules of RestrictionList beyond its schema."""

from ...lookup.subjects import SUBJECT_RULES

RULES = SUBJECT_RULES
