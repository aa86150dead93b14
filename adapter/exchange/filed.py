"""Files beside a message: what its sender has signed of them, and what the protocol needs of the store they are in."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class ReferredFile:
    """A file of the store that a message names (RefAttachmentHeader).

    `digest` and `algorithm` (its URI) are those that the file's PKCS#7 signature vouches for; the signature itself was
    verified when the message came.
    """

    file_id: str
    algorithm: str
    digest: bytes


@dataclass(frozen=True, slots=True)
class FileLimits:
    """How many octets the files of one message may have together, and those of all messages of a kind that wait."""

    message: int
    kind: int


class FileStore(Protocol):
    """The store, as the operations see it. May be used by many threads at once."""

    @property
    def limits(self) -> FileLimits:
        """What it takes."""

    def sizes(self, mnemonic: str, file_ids: Sequence[str]) -> Sequence[int]:
        """Octets of those of the files that the system has put into the store so far."""

    def clear(self, message_id: str) -> None:
        """Removes the files of a message that everybody has acknowledged."""
