"""Rules of ChangesSince beyond its schema."""

from ....exchange.rejection import RejectReason
from ...rule import Rule

CURSOR_UNKNOWN = Rule(
    "CURSOR_UNKNOWN",
    "метку {sent} регистр не выдавал",
    "Передайте метку из последнего ответа; если она утрачена, начните сначала или с Latest",
    RejectReason.UNKNOWN_REQUEST_DESCRIPTION,
)
RULES = (CURSOR_UNKNOWN,)
