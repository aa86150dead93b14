"""Copies of one request for several recipients (contract 1.3): each lives, is answered and ends by itself.

The message as it was sent stays under its MessageID and is in no queue. Each recipient has a copy: a request of its own
in the log, under an id that is never shown. Outside, all of them bear the sender's MessageID: recipients acknowledge by
it, and responses tell it as the one that they answer (docs/decisions/0014).
"""

_MARK = "~"
_RECORD = "#"
"""No MessageID has them: the contract knows UUIDs only."""


def copy_id(message_id: str, recipient: str) -> str:
    """The id under which the node keeps the copy for `recipient`."""
    return f"{message_id}{_MARK}{recipient}"


def record_id(message_id: str, number: int) -> str:
    """The id of one record of a registry request: what the register makes of it must differ from its neighbours'."""
    return f"{message_id}{_RECORD}{number}"


def original_id(message_id: str) -> str:
    """The MessageID that the sender has given, if this is the id of a copy or of a record."""
    return message_id.partition(_MARK)[0].partition(_RECORD)[0]


def is_copy(message_id: str) -> bool:
    """Whether this is the id of a copy."""
    return _MARK in message_id
