"""The clerk of the file store: looks at the files of accepted messages, and only then has them delivered.

A file is moved out of its sender's reach, its digest is held against the one that its signature vouches for, and in one
transaction the message comes into its recipients' queues, or is refused for good. A clerk that dies is followed by
another: every step may be repeated.
"""

import hmac
import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from ...signing.algorithms import digest_algorithm
from ...signing.detached import chunks_of, file_digest
from ...signing.errors import SigningError
from ..dispatch.refusing import NodeVoice
from ..exchange.faults import AttachmentContentMiscoordination, EndOfLifeReached, ExchangeFault, SMEVFailure
from ..exchange.lifecycle import Event, MessageType
from ..exchange.ports import Bell
from ..exchange.writing import timestamp
from ..store.engine import read, write
from ..store.files import (
    Check,
    MessageFile,
    claim_check,
    end_check,
    files_of,
    forget,
    grant,
    note_found,
    postpone_check,
)
from ..store.messages import Message, MessageLog
from .naming import BadName
from .storage import Area, Storage

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ClerkSettings:
    """How the clerk works. `lease` is how long one message may take before another clerk takes it over; after
    `attempts` at files that cannot be read the message is refused; `pause` goes before the second attempt, and twice as
    long before each further one; `idle` is the pause while nothing is due, in seconds.
    """

    lease: timedelta
    attempts: int
    pause: timedelta
    idle: float


@dataclass(frozen=True, slots=True)
class FileClerk:
    """Any number of clerks may work on one database and one store."""

    engine: Engine
    messages: MessageLog
    voice: NodeVoice
    storage: Storage
    bell: Bell
    clock: Callable[[], datetime]
    token: Callable[[], str]
    settings: ClerkSettings

    def run(self, stop: threading.Event) -> None:
        """Works until `stop` is set; survives failures of the database by trying again later."""
        while not stop.is_set():
            try:
                found = self.run_once()
            except DBAPIError:
                _LOG.exception("the database failed")
                found = False
            if not found:
                stop.wait(self.settings.idle)

    def run_once(self) -> bool:
        """Deals with one message; whether there was any."""
        with write(self.engine) as conn:
            check = claim_check(conn, self.clock(), self.settings.lease)
        if check is None:
            return False
        with read(self.engine) as conn:
            message, files = self.messages.get(conn, check.message_id), files_of(conn, check.message_id)
        expires_at = check.handling.expires_at
        if expires_at is not None and expires_at <= self.clock():
            end = timestamp(expires_at)
            self._refuse(message, EndOfLifeReached(end), f"срок жизни сообщения (EOL) истёк {end}")
            return True
        try:
            found = [self._take(message, one) for one in files]
        except _Unusable as unusable:
            reason = str(unusable)
            self._refuse(message, AttachmentContentMiscoordination(reason), f"файл сообщения не принят: {reason}")
        except (OSError, SigningError):
            _LOG.exception("the files of message %s cannot be read, attempt %d", message.message_id, check.attempts)
            self._try_again(message, check)
        else:
            self._deliver(message, check, found)
        return True

    def _take(self, message: Message, one: MessageFile) -> tuple[int, str, int]:
        """Number, name and size of a file that is the one that was signed; it belongs to the message from now on."""
        area, file_id = Area.of_message(message.message_id), one.file.file_id
        try:
            stored = self.storage.move(Area.of_participant(message.sender), file_id, area)
        except BadName as error:
            raise _Unusable(str(error)) from error
        if stored is None:
            raise _Unusable(f"файла {file_id} в хранилище нет; загрузите его до отправки сообщения")
        with self.storage.open(area, file_id) as opened:
            digest = file_digest(digest_algorithm(one.file.algorithm), chunks_of(opened))
        if not hmac.compare_digest(digest, one.file.digest):
            raise _Unusable(f"хэш файла {file_id} не совпадает с подписанным (Hash): файл другой или повреждён")
        return one.number, stored.name, stored.size

    def _deliver(self, message: Message, check: Check, found: list[tuple[int, str, int]]) -> None:
        with write(self.engine) as conn:
            if not end_check(conn, message.message_id):
                return  # another clerk was quicker
            for number, name, size in found:
                note_found(conn, message.message_id, number, name, size)
            grant(conn, message.message_id, check.recipients, self.token)
            self.voice.office.deliver(conn, message, check.recipients, check.handling, self.clock())
        channel = "RESPONSE" if message.message_type is MessageType.RESPONSE else "REQUEST"
        for recipient in check.recipients:
            self.bell.ring(recipient, channel)

    def _refuse(self, message: Message, fault: ExchangeFault, details: str) -> None:
        now = self.clock()
        with write(self.engine) as conn:
            if not end_check(conn, message.message_id):
                return
            self.messages.move(
                conn, message.message_id, Event.FILES_REFUSED, at=now, actor=self.voice.mnemonic, detail=fault.code
            )
            self.voice.refuse(conn, message, fault, details, now)
            forget(conn, message.message_id)
        self.storage.clear(Area.of_message(message.message_id))

    def _try_again(self, message: Message, check: Check) -> None:
        if check.attempts >= self.settings.attempts:
            fault = SMEVFailure("файловое хранилище узла не смогло прочитать файлы сообщения; отправьте новое")
            self._refuse(message, fault, "файлы сообщения не удалось прочитать")
            return
        pause = self.settings.pause * 2 ** min(check.attempts - 1, 10)
        with write(self.engine) as conn:
            postpone_check(conn, message.message_id, self.clock() + min(pause, self.settings.lease))


class _Unusable(Exception):  # noqa: N818  named for what is wrong
    """A file is not there, or not the one that was signed."""
