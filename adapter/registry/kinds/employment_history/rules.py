"""Rules of EmploymentHistory beyond its schema. Nobody who may ask needs the worker's consent."""

from ...access_rules import CONSENT_ABSENT
from ...lookup.subjects import SUBJECT_RULES

RULES = tuple(rule for rule in SUBJECT_RULES if rule is not CONSENT_ABSENT)
