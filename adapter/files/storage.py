"""Where files of the store are, as an interface; `local` keeps them in a folder of this machine."""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO, Protocol


class StorageError(Exception):
    """Base of what this room raises on purpose. The text is Russian, for an exchange partner."""

    code = "STORAGE_ERROR"


class FileTooLarge(StorageError):  # noqa: N818  named for what is wrong
    """More octets than the file may have, or than its owner has room for."""

    code = "FILE_TOO_LARGE"


class DirectoryTaken(StorageError):  # noqa: N818  named for what is wrong
    """The file's directory holds a file of another name: each file has a directory of its own."""

    code = "DIRECTORY_TAKEN"


@dataclass(frozen=True, slots=True)
class Area:
    """A part of the store with files of one owner: what a participant has put there, or what belongs to a message."""

    kind: str
    owner: str

    @classmethod
    def of_participant(cls, mnemonic: str) -> "Area":
        """What a system has put into the store and not sent yet."""
        return cls("uploads", mnemonic)

    @classmethod
    def of_message(cls, message_id: str) -> "Area":
        """The files of an accepted message, for its recipients."""
        return cls("messages", message_id)


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A whole file in the store. `size` counts octets; `stored_at` is when it was put there (aware)."""

    file_id: str
    name: str
    size: int
    stored_at: datetime


class Upload(Protocol):
    """A file that is being put into the store. Nobody sees any of it before `commit`."""

    def write(self, octets: bytes) -> None:
        """Takes the next octets. Raises FileTooLarge or OSError."""

    def commit(self) -> None:
        """The file is whole: it is durable and can be seen from now on. Raises DirectoryTaken or OSError."""


class Storage(Protocol):
    """Keeps files. May be used by many threads and processes at once; a file that can be seen is whole."""

    def receive(self, area: Area, file_id: str, name: str, room: int) -> AbstractContextManager[Upload]:
        """Begins to put a file into an area that may hold `room` octets; it is dropped unless it was committed.

        Of uploads at the same time only as many are taken as there is room for.
        """

    def find(self, area: Area, file_id: str) -> StoredFile | None:
        """The file in this directory."""

    def open(self, area: Area, file_id: str) -> BinaryIO:
        """The octets of a file. Raises FileNotFoundError."""

    def files(self, area: Area) -> Iterator[StoredFile]:
        """All files of an area."""

    def used(self, area: Area, *, besides: str = "") -> int:
        """How many octets an area holds, without the file in the directory `besides`."""

    def move(self, source: Area, file_id: str, target: Area) -> StoredFile | None:
        """Moves a file to another area and returns it; also if it is there already. None: it is in neither."""

    def remove(self, area: Area, file_id: str) -> None:
        """Removes a file, if it is there."""

    def clear(self, area: Area) -> None:
        """Removes an area with everything in it."""

    def areas(self, kind: str) -> Iterator[Area]:
        """All areas of a kind."""

    def sweep_empty(self, before: datetime) -> int:
        """Removes directories without a file that nobody has touched since then, and returns how many."""

    def sweep(self) -> int:
        """Removes what uploads have left that ended without `commit`, and returns how many; others may be going on."""
