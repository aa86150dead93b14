"""What a system is to the registers behind the exchange, given to it by the operator. A system may be several."""

from enum import StrEnum


class Role(StrEnum):
    """A consumer or supplier of the register's data."""

    EMPLOYER = "EMPLOYER"
    """Tells of its own organisations' workers, and asks about anybody whom they might employ."""
    ACCREDITATION_BODY = "ACCREDITATION_BODY"
    """Accredits specialists."""
    EDUCATION_BODY = "EDUCATION_BODY"
    """Educates: diplomas, certificates, points of continuing education."""
    AUTHORITY = "AUTHORITY"
    """Keeps the register and answers for it."""
    DICTIONARY_KEEPER = "DICTIONARY_KEEPER"
    """Keeps the dictionaries."""
    PORTAL = "PORTAL"
    """Acts for the worker, who is logged in there: one's own record and nobody else's."""
    INSURER = "INSURER"
    """Pays for treatment, and must know who may give it."""
    REGULATOR = "REGULATOR"
    """Supervises."""
    AUDITOR = "AUDITOR"
    """Looks at who has done what, not at what is recorded."""
    PUBLIC = "PUBLIC"
    """Publishes what everybody may know."""
