"""The file store in a folder of this machine.

A file is written under a name that nobody looks at, made durable, and then renamed into its place in one step. Whoever
writes holds a lock on it, so that what a killed process has left can be told from what is still being written.
"""

import errno
import fcntl
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO
from urllib.parse import unquote

from .naming import checked_file_id, checked_name, folder_name
from .storage import Area, DirectoryTaken, FileTooLarge, StoredFile

_PARTIAL = "partial"
_LOCK = "lock"


class LocalStorage:
    """See `storage.Storage`. All processes that share the store must share this folder, on one file system."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @contextmanager
    def receive(self, area: Area, file_id: str, name: str, room: int) -> Iterator["LocalUpload"]:
        """Begins to put a file into the store."""
        target = self.path(area) / checked_file_id(file_id) / checked_name(name)
        _check_free(target)
        upload = LocalUpload(self, area, target, room)
        try:
            yield upload
        finally:
            upload.drop()

    def find(self, area: Area, file_id: str) -> StoredFile | None:
        """The file in this directory."""
        with suppress(FileNotFoundError, NotADirectoryError):
            for path in sorted((self.path(area) / checked_file_id(file_id)).iterdir()):
                return _described(file_id, path)
        return None

    def open(self, area: Area, file_id: str) -> BinaryIO:
        """The octets of a file."""
        found = self.find(area, file_id)
        if found is None:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), file_id)
        return (self.path(area) / file_id / found.name).open("rb")

    def files(self, area: Area) -> Iterator[StoredFile]:
        """All files of an area."""
        with suppress(FileNotFoundError):
            for directory in sorted(self.path(area).iterdir()):
                if (found := self.find(area, directory.name)) is not None:
                    yield found

    def used(self, area: Area, *, besides: str = "") -> int:
        """How many octets an area holds, without the file in the directory `besides`."""
        return sum(found.size for found in self.files(area) if found.file_id != besides)

    def move(self, source: Area, file_id: str, target: Area) -> StoredFile | None:
        """Moves a file to another area."""
        moved = self.path(target) / checked_file_id(file_id)
        self.make(moved.parent)
        # A directory with a file in it: it is there as a whole or not at all, and so is renaming it.
        if self.find(target, file_id) is None:
            if self.find(source, file_id) is None:
                return None
            with suppress(FileNotFoundError):  # another process was quicker
                (self.path(source) / file_id).rename(moved)
                _make_durable(self.path(source))
            _make_durable(moved.parent)
        return self.find(target, file_id)

    def remove(self, area: Area, file_id: str) -> None:
        """Removes a file, if it is there."""
        self._drop(self.path(area) / checked_file_id(file_id))

    def clear(self, area: Area) -> None:
        """Removes an area with everything in it."""
        self._drop(self.path(area))

    def areas(self, kind: str) -> Iterator[Area]:
        """All areas of a kind."""
        with suppress(FileNotFoundError):
            for folder in sorted((self._folder / kind).iterdir()):
                yield Area(kind, unquote(folder.name))

    def sweep(self) -> int:
        """Removes what ended uploads have left."""
        swept = 0
        for path in sorted(self.partial_folder().iterdir()):
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
                swept += 1
                continue
            with suppress(FileNotFoundError), path.open("rb") as opened:
                try:
                    fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    continue  # somebody is writing it
                path.unlink()
                swept += 1
        return swept

    def sweep_empty(self, before: datetime) -> int:
        """Removes directories without a file that nobody has touched since then."""
        swept = 0
        with self.locked():
            for path in sorted(self._folder.glob("uploads/*/*")):
                with suppress(OSError):  # not empty, or gone
                    if datetime.fromtimestamp(path.stat().st_mtime, UTC) < before:
                        path.rmdir()
                        swept += 1
        return swept

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Nobody else puts a file into its place meanwhile, in any process."""
        self._folder.mkdir(parents=True, exist_ok=True)
        with (self._folder / _LOCK).open("wb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def make(self, folder: Path) -> None:
        """Makes a folder inside the store so that it survives a crash."""
        missing = [one for one in (folder, *folder.parents) if one.is_relative_to(self._folder) and not one.exists()]
        folder.mkdir(parents=True, exist_ok=True)
        for one in missing:
            _make_durable(one.parent)

    def path(self, area: Area) -> Path:
        """The folder of an area."""
        return self._folder / area.kind / folder_name(area.owner)

    def _drop(self, folder: Path) -> None:
        """Removes a folder so that nobody ever sees half of it."""
        gone = self.partial_folder() / secrets.token_hex(16)
        with suppress(FileNotFoundError):
            folder.rename(gone)
            shutil.rmtree(gone, ignore_errors=True)

    def partial_folder(self) -> Path:
        """Where uploads that are going on lie."""
        folder = self._folder / _PARTIAL
        folder.mkdir(parents=True, exist_ok=True)
        return folder


class LocalUpload:
    """See `storage.Upload`."""

    def __init__(self, storage: LocalStorage, area: Area, target: Path, room: int) -> None:
        self._storage, self._area, self._target = storage, area, target
        self._most = max(0, room - storage.used(area, besides=target.parent.name))
        self._room = room
        self._size = 0
        partial = self._partial = storage.partial_folder() / secrets.token_hex(16)
        self._file = partial.open("xb")
        fcntl.flock(self._file, fcntl.LOCK_EX)

    def write(self, octets: bytes) -> None:
        """Takes the next octets."""
        self._size += len(octets)
        if self._size > self._most:
            raise FileTooLarge(f"файл больше допустимого: сейчас не более {self._most} байт")
        self._file.write(octets)

    def commit(self) -> None:
        """The file is whole."""
        self._file.flush()
        os.fsync(self._file.fileno())
        directory = self._target.parent
        with self._storage.locked():
            if self._size + self._storage.used(self._area, besides=directory.name) > self._room:
                raise FileTooLarge(f"для файла не осталось места: всего его {self._room} байт")
            _check_free(self._target)
            self._storage.make(directory)
            self._partial.rename(self._target)
        self._file.close()
        _make_durable(directory)

    def drop(self) -> None:
        """Forgets a file that was not committed; does nothing for others."""
        if not self._file.closed:
            self._partial.unlink(missing_ok=True)
            self._file.close()


def _check_free(target: Path) -> None:
    with suppress(FileNotFoundError):
        if any(path.name != target.name for path in target.parent.iterdir()):
            raise DirectoryTaken("в каталоге уже лежит файл с другим именем: для каждого файла нужен свой каталог")


def _described(file_id: str, path: Path) -> StoredFile:
    status = path.stat()
    return StoredFile(file_id, path.name, status.st_size, datetime.fromtimestamp(status.st_mtime, UTC))


def _make_durable(folder: Path) -> None:
    """What was renamed into a folder survives a crash only once the folder itself is on the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
