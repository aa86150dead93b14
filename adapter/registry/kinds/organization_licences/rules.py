"""Rules of OrganizationLicences beyond its schema."""

from ...lookup.organisations import ORGANISATION_RULES

RULES = ORGANISATION_RULES
