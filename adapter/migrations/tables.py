"""All tables of the database, as the rooms declare them."""

from sqlalchemy import MetaData

from ...queue import schema as queue
from ..registry import schema as registry
from ..store import message_schema as messages
from ..store import schema as store

METADATA: tuple[MetaData, ...] = (queue.metadata, messages.metadata, store.metadata, registry.metadata)
"""What a database of this version of the program must hold."""
