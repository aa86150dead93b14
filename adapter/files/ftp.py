"""FTP to the file store, as the contract has it (MR 3.3, section 5): an embedded server on pyftpdlib.

A participant sees what it has put there and not sent yet, a recipient the files of one message. A file can be seen once
its transfer has ended well. There is no renaming, no appending and no going on with a broken upload.
"""

import errno
import logging
import os
import select
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from ._ftpd_compat import (
    AbstractedFS,
    AuthenticationFailed,
    DTPHandler,
    FilesystemError,
    FTPHandler,
    IOLoop,
    ThreadedFTPServer,
)
from .gate import Entry, Gate
from .local import LocalStorage
from .naming import BadName, checked_file_id, checked_name
from .storage import FileTooLarge, StorageError, Upload

_LOG = logging.getLogger(__name__)
_READING = "elr"
_WRITING = "elrdmw"
_BUFFER = 256 * 1024
_LAST_WORDS = 0.2
"""Seconds in which the control connection of a client that died must have closed after its data connection."""
_LOOK = 0.2
"""Seconds between two looks whether to stop."""


@dataclass(frozen=True, slots=True)
class FtpSettings:
    """How FTP is served. `passive_ports` are those of data connections (None: any); `masquerade` is the address that
    clients are told for them, where it is not the one they see; `file_bytes` is the longest file.
    """

    host: str
    port: int
    passive_ports: range | None = None
    masquerade: str | None = None
    file_bytes: int = 1024**3
    connections: int = 256
    connections_of_one: int = 32
    idle_seconds: int = 300


@contextmanager
def serving(settings: FtpSettings, storage: LocalStorage, gate: Gate) -> Iterator[tuple[str, int]]:
    """Serves FTP in threads of this process while the context lasts; gives the address and port it listens on.

    Raises OSError if the address cannot be had.
    """
    handler = _handler(settings, storage, _Authorizer(gate, storage))
    server = ThreadedFTPServer((settings.host, settings.port), handler, ioloop=IOLoop())
    server.max_cons, server.max_cons_per_ip = settings.connections, settings.connections_of_one
    stop = threading.Event()

    def work() -> None:
        while not stop.is_set():
            server.serve_forever(timeout=_LOOK, blocking=False, handle_exit=False)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    try:
        yield server.address[:2]
    finally:
        stop.set()
        thread.join()
        server.close_all()


def _handler(settings: FtpSettings, storage: LocalStorage, authorizer: "_Authorizer") -> type[FTPHandler]:
    class Handler(_Handler):
        """The handler with its settings, which pyftpdlib wants as attributes of a class."""

    Handler.authorizer = authorizer
    Handler.store = storage
    Handler.file_bytes = settings.file_bytes
    Handler.passive_ports = settings.passive_ports
    Handler.masquerade_address = settings.masquerade
    Handler.timeout = settings.idle_seconds
    return Handler


class _Authorizer:
    """Asks the gate. A user stands for the same area as long as it is one."""

    def __init__(self, gate: Gate, storage: LocalStorage) -> None:
        self._gate, self._storage = gate, storage
        self._entries: dict[str, Entry] = {}

    def validate_authentication(self, username: str, password: str, handler: FTPHandler) -> None:  # noqa: ARG002
        entry = self._gate.enter(username, password)
        if entry is None:
            raise AuthenticationFailed("Authentication failed.")
        self._entries[username] = entry

    def entry(self, username: str) -> Entry:
        return self._entries[username]

    def get_home_dir(self, username: str) -> str:
        folder = self._storage.path(self._entries[username].area)
        folder.mkdir(parents=True, exist_ok=True)
        return str(folder)

    def has_user(self, username: str) -> bool:
        return username in self._entries

    def has_perm(self, username: str, perm: str, path: str | None = None) -> bool:  # noqa: ARG002
        return perm in self.get_perms(username)

    def get_perms(self, username: str) -> str:
        return _WRITING if self._entries[username].writes else _READING

    def get_msg_login(self, username: str) -> str:  # noqa: ARG002
        return "Mezhved file store."

    def get_msg_quit(self, username: str) -> str:  # noqa: ARG002
        return "Goodbye."

    def impersonate_user(self, username: str, password: str) -> None:
        """Nothing: the store has no users of the operating system."""

    def terminate_impersonation(self, username: str) -> None:
        """Nothing either."""


class _Area(AbstractedFS):  # type: ignore[misc]
    """An area of the store as FTP shows it: directories named by UUIDs, each with one file."""

    def open(self, filename: str, mode: str) -> Any:
        parts = self._parts(filename)
        if mode == "rb":
            return super().open(filename, mode)
        if mode != "wb" or len(parts) != 2:
            raise FilesystemError("Put the file into a directory named by its UUID, in one transfer")
        with _as_ftp_says():
            return _Incoming(self.cmd_channel, filename, checked_file_id(parts[0]), checked_name(parts[1]))

    def chdir(self, path: str) -> None:
        # Not of the process: that would be the working directory of all its threads.
        if not Path(path).is_dir():
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), path)
        self.cwd = self.fs2ftp(path)

    def mkdir(self, path: str) -> None:
        parts = self._parts(path)
        with _as_ftp_says():
            if len(parts) != 1 or checked_file_id(parts[0]) != parts[0]:
                raise BadName("каталог файла создаётся в корне и называется UUID версии 1")
        super().mkdir(path)

    def _parts(self, path: str) -> tuple[str, ...]:
        return Path(path).relative_to(self.root).parts


@contextmanager
def _as_ftp_says() -> Iterator[None]:
    try:
        yield
    except (BadName, StorageError) as error:
        raise FilesystemError(str(error)) from error


class _Incoming:
    """A file on its way into the store, in the form that pyftpdlib writes to."""

    def __init__(self, handler: "_Handler", filename: str, file_id: str, name: str) -> None:
        entry = handler.authorizer.entry(handler.username)
        self.name = filename
        self.closed = False
        self._kept = ExitStack()
        self._upload: Upload = self._kept.enter_context(handler.store.receive(entry.area, file_id, name, entry.room))
        self._left = handler.file_bytes

    def write(self, octets: bytes) -> None:
        self._left -= len(octets)
        try:
            if self._left < 0:
                raise FileTooLarge("файл больше, чем узел принимает")
            self._upload.write(octets)
        except StorageError as error:
            raise OSError(errno.EFBIG, str(error)) from error

    def commit(self) -> None:
        self._upload.commit()

    def close(self) -> None:
        self.closed = True
        self._kept.close()


class _Transfer(DTPHandler):  # type: ignore[misc]
    """A data connection whose file becomes visible only if all of it has come."""

    ac_in_buffer_size = ac_out_buffer_size = _BUFFER
    transfer_finished: bool
    _broken = False

    def recv(self, buffer_size: int) -> bytes:
        """pyftpdlib takes a connection that was reset for one that has ended."""
        self._broken = self._broken or bool(self.socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR))
        octets: bytes = super().recv(buffer_size)
        return octets

    def close(self) -> None:
        file = self.file_obj
        if isinstance(file, _Incoming) and not file.closed and self.receive and self.transfer_finished:
            if self._broken or self._is_abandoned():
                self.transfer_finished = False
                self._resp = ("426 Connection closed; transfer aborted.", _LOG.info)
            else:
                try:
                    file.commit()
                except (StorageError, OSError) as error:
                    self.transfer_finished = False
                    self._resp = (f"452 {error}.", _LOG.warning)
        super().close()

    def _is_abandoned(self) -> bool:
        """Whether the client itself has gone: then the end of the data is not the end of the file. FTP does not say.

        A program that dies closes both connections, one a moment after the other: so it is waited for. What the client
        says on the control connection meanwhile is another matter (ABOR comes with urgent data, which ends the wait).
        """
        control: socket.socket = self.cmd_channel.socket
        try:
            readable, _, urgent = select.select([control], [], [control], _LAST_WORDS)
            return bool(urgent) or (bool(readable) and not control.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT))
        except BlockingIOError:
            return False
        except (OSError, ValueError):  # closed already
            return True

    def handle_error(self) -> None:
        """Says why a file was not taken, and that sending it again is of no use."""
        reason = sys.exc_info()[1]
        while reason is not None and not isinstance(reason, StorageError):
            reason = reason.__cause__
        if reason is None:
            super().handle_error()
            return
        self._resp = (f"552 {reason}.", _LOG.info)
        self.close()


class _Handler(FTPHandler):  # type: ignore[misc]
    """A control connection."""

    abstracted_fs = _Area
    dtp_handler = _Transfer
    banner = "Mezhved file store."
    use_sendfile = False
    use_gmt_times = True
    max_login_attempts = 3
    auth_failed_timeout = 1
    store: LocalStorage
    file_bytes: int
    _restart_position: int
    _current_type: str
    proto_cmds: ClassVar[dict[str, Any]] = {
        name: command
        for name, command in FTPHandler.proto_cmds.items()
        if name not in {"APPE", "RNFR", "RNTO", "STOU", "MFMT"} and not name.startswith("SITE")
    }

    def ftp_STOR(self, file: str, mode: str = "w") -> Any:  # noqa: N802  pyftpdlib's name
        if self._restart_position:
            self._restart_position = 0
            self.respond("554 An upload that broke off is begun anew.")
            return None
        return super().ftp_STOR(file, mode) if self._is_binary() else None

    def ftp_RETR(self, file: str) -> Any:  # noqa: N802  pyftpdlib's name
        return super().ftp_RETR(file) if self._is_binary() else None

    def _is_binary(self) -> bool:
        """FTP begins in a mode that changes the ends of lines, and with them a file's digest (RFC 959, 3.1.1.1)."""
        if self._current_type == "i":
            return True
        self.respond("550 Say TYPE I first: files of the store are never changed on their way.")
        return False
