"""Rules of closing a record."""

from ...common_rules import (
    BIRTH_DATE_IN_FUTURE,
    INN_CONTROL,
    PERSON_MISMATCH,
    SNILS_CONTROL,
    WORKER_NOT_FOUND,
)
from ...rule import Rule, Severity
from ...upsert.rules import DATE_IN_FUTURE
from ...upsert.workers import WORKER_MERGED

ALREADY_DECEASED = Rule(
    "ALREADY_DECEASED",
    "смерть этого работника уже внесена",
    "Если прежние сведения неверны, их исправляет ведущий регистр возвратом записи к прежней версии",
)
DEATH_BEFORE_BIRTH = Rule("DEATH_BEFORE_BIRTH", "дата смерти {sent} раньше даты рождения", "Исправьте дату")
ACT_BEFORE_DEATH = Rule("ACT_BEFORE_DEATH", "запись акта от {sent} раньше смерти {death}", "Исправьте одну из двух дат")
OPEN_EMPLOYMENTS = Rule(
    "OPEN_EMPLOYMENTS",
    "у работника есть незакрытые места работы: {count}",
    "Работодатели должны внести увольнение",
    severity=Severity.WARNING,
)
SAME_WORKER = Rule("SAME_WORKER", "обе записи — одна и та же", "Укажите две разные записи")
TWO_MAIN_POSTS = Rule(
    "TWO_MAIN_POSTS",
    "в обеих записях есть незакрытое основное место работы",
    "Сначала закройте одно из них или измените вид занятости",
)
BIRTH_DATES_DIFFER = Rule(
    "BIRTH_DATES_DIFFER",
    "даты рождения в двух записях различаются",
    "Убедитесь, что это одно лицо",
    severity=Severity.WARNING,
)

RULES = (
    SNILS_CONTROL,
    INN_CONTROL,
    BIRTH_DATE_IN_FUTURE,
    WORKER_NOT_FOUND,
    PERSON_MISMATCH,
    WORKER_MERGED,
    DATE_IN_FUTURE,
    ALREADY_DECEASED,
    DEATH_BEFORE_BIRTH,
    ACT_BEFORE_DEATH,
    OPEN_EMPLOYMENTS,
    SAME_WORKER,
    TWO_MAIN_POSTS,
    BIRTH_DATES_DIFFER,
)
