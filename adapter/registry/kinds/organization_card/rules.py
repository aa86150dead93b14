"""Rules of OrganizationCard beyond its schema."""

from ....exchange.rejection import RejectReason
from ...common_rules import INN_CONTROL, OGRN_CONTROL
from ...lookup.organisations import ORGANISATION_RULES
from ...rule import Rule

ORG_AMBIGUOUS = Rule(
    "ORG_AMBIGUOUS",
    "номер {sent} есть у нескольких организаций: {stored}",
    "Запросите карточку по OID",
    RejectReason.UNKNOWN_REQUEST_DESCRIPTION,
)

RULES = (*ORGANISATION_RULES, INN_CONTROL, OGRN_CONTROL, ORG_AMBIGUOUS)
