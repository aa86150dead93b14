"""Rules of DictionaryDelta beyond its schema."""

from ....exchange.rejection import RejectReason
from ...common_rules import DICTIONARY_UNKNOWN
from ...rule import Rule

VERSION_UNKNOWN = Rule(
    "VERSION_UNKNOWN",
    "версии {sent} справочника {dictionary} в регистре нет; есть {known}",
    "Укажите одну из этих версий или запросите справочник целиком: без начальной версии",
    RejectReason.NO_DATA,
)
VERSIONS_REVERSED = Rule(
    "VERSIONS_REVERSED", "версия {sent} новее версии {upto}", "Поменяйте версии местами или уберите одну из них"
)
RULES = (DICTIONARY_UNKNOWN, VERSION_UNKNOWN, VERSIONS_REVERSED)
