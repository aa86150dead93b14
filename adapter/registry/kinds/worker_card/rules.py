"""Rules of WorkerCard beyond its schema."""

from ....exchange.rejection import RejectReason
from ...access_rules import CONSENT_ABSENT
from ...common_rules import BIRTH_DATE_IN_FUTURE, SNILS_CONTROL, WORKER_NOT_FOUND
from ...lookup.subjects import KNOWN_ON_IN_FUTURE
from ...rule import Rule

AMBIGUOUS = Rule(
    "AMBIGUOUS",
    "указанным сведениям соответствует больше одного работника",
    "Запросите карточку по СНИЛС",
    RejectReason.UNKNOWN_REQUEST_DESCRIPTION,
)

RULES = (SNILS_CONTROL, BIRTH_DATE_IN_FUTURE, KNOWN_ON_IN_FUTURE, WORKER_NOT_FOUND, AMBIGUOUS, CONSENT_ABSENT)
