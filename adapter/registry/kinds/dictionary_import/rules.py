"""Rules of DictionaryImport beyond its schema."""

from ...rule import Rule
from ...upsert.rules import DATE_IN_FUTURE, END_BEFORE_BEGIN

PERIODS_OVERLAP = Rule(
    "PERIODS_OVERLAP",
    "код {sent} на те же дни приведён уже в элементе {stored}",
    "Исправьте код или периоды: на каждую дату у кода одно наименование",
)
VERSION_DIFFERS = Rule(
    "VERSION_DIFFERS",
    "версия {sent} справочника {dictionary} уже загружена с другим содержанием",
    "Дайте новому содержанию новый номер версии",
)
VERSION_OLDER = Rule(
    "VERSION_OLDER",
    "версия {sent} справочника {dictionary} старше загруженной: {stored}",
    "Загрузите действующую версию",
)
RULES = (DATE_IN_FUTURE, END_BEFORE_BEGIN, PERIODS_OVERLAP, VERSION_DIFFERS, VERSION_OLDER)
