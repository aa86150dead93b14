"""The client's side of the file store, over HTTP: files go there before a message names them and are fetched after."""

import base64
import hmac
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus
from pathlib import Path
from urllib.parse import quote

import requests
from requests.auth import HTTPBasicAuth

from ...signing.algorithms import DigestAlgorithm
from ...signing.certificates import Certificate
from ...signing.detached import chunks_of, file_digest, message_digest, sign_file
from ...signing.keys import SigningKey
from .errors import AnswerNotTrusted, CallRefused, NodeUnreachable
from .transport import is_loopback

_CHUNK = 1024 * 1024


@dataclass(frozen=True, slots=True)
class SentFile:
    """A file in the store that a message is to name: its directory there, its signature in DER, its media type."""

    file_id: str
    signature: bytes = field(repr=False)
    mime_type: str = "application/octet-stream"

    @property
    def hash(self) -> str:
        """//RefAttachmentHeader/Hash."""
        return base64.b64encode(message_digest(self.signature)).decode()


@dataclass(frozen=True, slots=True)
class WaitingFile:
    """A file beside a received message, which waits in the store. `signer` is the certificate of its PKCS#7 signature
    over `digest`, verified by the client; the rest is the node's word.
    """

    file_id: str
    name: str
    mime_type: str
    signer: Certificate
    algorithm: DigestAlgorithm
    digest: bytes
    user: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class FileStoreClient:
    """Puts files into the store of the node at `url`, and fetches them. `timeout` is the longest silence in seconds."""

    url: str
    timeout: float = 60

    def upload(
        self, path: Path, file_id: str, key: SigningKey, *, login: tuple[str, str], at: datetime, mime_type: str
    ) -> SentFile:
        """Signs a file and puts it into the store under its own name. Raises NodeUnreachable, CallRefused, OSError."""
        with path.open("rb") as file:
            signature = sign_file(chunks_of(file), key, at=at)
        with path.open("rb") as file:
            response = self._call("PUT", file_id, path.name, login, chunks_of(file))
        response.close()
        return SentFile(file_id, signature, mime_type)

    def download(self, waiting: WaitingFile, target: Path) -> None:
        """Fetches a file; it is there under its name once it was found to be the one that was signed.

        Raises NodeUnreachable, CallRefused, AnswerNotTrusted, OSError.
        """
        partial = target.with_name(f"{target.name}.partial")
        login = (waiting.user, waiting.password)
        with self._call("GET", waiting.file_id, waiting.name, login) as response:
            try:
                with partial.open("wb") as file:
                    for chunk in response.iter_content(_CHUNK):
                        file.write(chunk)
            except requests.RequestException as error:
                raise NodeUnreachable(f"the file {waiting.file_id} broke off: {error}") from error
        with partial.open("rb") as file:
            digest = file_digest(waiting.algorithm, chunks_of(file))
        if not hmac.compare_digest(digest, waiting.digest):
            raise AnswerNotTrusted(
                f"the file {waiting.file_id} is not the one that was signed; it is left in {partial}"
            )
        partial.replace(target)

    def _call(
        self,
        method: str,
        file_id: str,
        name: str,
        login: tuple[str, str],
        data: Iterator[bytes] | None = None,
    ) -> requests.Response:
        address = f"{self.url.rstrip('/')}/files/{file_id}/{quote(name, safe='')}"
        session = requests.Session()
        session.trust_env = not is_loopback(address)
        # As bytes: else names outside Latin-1 could not be told.
        user, password = (part.encode() for part in login)
        try:
            response = session.request(
                method,
                address,
                auth=HTTPBasicAuth(user, password),
                data=data,
                stream=True,
                timeout=self.timeout,
                allow_redirects=False,
            )
        except requests.RequestException as error:
            raise NodeUnreachable(f"{address}: {error}") from error
        if response.status_code not in (HTTPStatus.OK, HTTPStatus.CREATED):
            text = response.text[:500].strip()
            response.close()
            raise CallRefused(f"the file store answers HTTP {response.status_code}: {text}")
        return response
