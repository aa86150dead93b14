"""All tables of the database, as the rooms declare them."""

from sqlalchemy import MetaData

from ...queue import schema as queue
from ..store import schema as store

METADATA: tuple[MetaData, ...] = (queue.metadata, store.metadata)
"""What a database of this version of the program must hold."""
