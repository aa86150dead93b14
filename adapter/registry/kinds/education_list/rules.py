"""Rules of EducationList beyond its schema."""

from ...lookup.subjects import SECTION_WITHHELD, SUBJECT_RULES

RULES = (SECTION_WITHHELD, *SUBJECT_RULES)
