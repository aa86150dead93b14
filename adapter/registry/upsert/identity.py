"""Identifiers of new records, made of the MessageID: a message processed again after a crash makes the same ones."""

import uuid

from ..kind import NAMESPACE

_IDS = uuid.uuid5(uuid.NAMESPACE_URL, NAMESPACE)


def identifier(message_id: str, part: str = "record") -> str:
    """The identifier of what a message adds; `part` tells several apart."""
    return str(uuid.uuid5(_IDS, f"{message_id}/{part}"))
