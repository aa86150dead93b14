"""Rules of DictionaryItem beyond its schema."""

from ...common_rules import CODE_NOT_VALID_ON_DATE, CODE_UNKNOWN, DICTIONARY_UNKNOWN

RULES = (DICTIONARY_UNKNOWN, CODE_UNKNOWN, CODE_NOT_VALID_ON_DATE)
