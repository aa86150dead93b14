"""Retention: messages that are finished and old go to the archive."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from ..store.archive import MessageArchive, Place
from ..store.messages import MessageLog
from .job import Batch, Progress


@dataclass(frozen=True, slots=True)
class Retention:
    """Archives what was accepted longer than `keep` ago; looks at `batch` messages at a time."""

    messages: MessageLog
    archive: MessageArchive
    mnemonic: str
    keep: timedelta
    batch: int

    def begin(self) -> Batch:
        """A run, from the oldest message on; what still waits for something is passed over."""
        place: Place | None = None

        def archive(conn: Connection, now: datetime) -> Progress:
            nonlocal place
            window = self.archive.window(conn, now - self.keep, place, self.batch)
            for message_id in window.ready:
                self.archive.put(conn, self.messages, message_id, at=now, actor=self.mnemonic)
            place = window.next
            return Progress(len(window.ready), place is not None)

        return archive
