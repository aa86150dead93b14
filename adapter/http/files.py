"""HTTP to the file store, the modern way: PUT to upload, GET to fetch, in pieces, by the store's names and passwords.

A file can be seen once the whole of it has come; what breaks off leaves nothing.
"""

import base64
import binascii
import logging
from collections.abc import AsyncIterator, Mapping
from functools import partial
from http import HTTPStatus
from types import MappingProxyType
from typing import BinaryIO

from anyio import CancelScope, CapacityLimiter, fail_after, to_thread
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from ..files.gate import Entry, Gate
from ..files.naming import BadName, checked_file_id, checked_name
from ..files.storage import DirectoryTaken, FileTooLarge, Storage, StoredFile, Upload
from .refusal import Refused

_LOG = logging.getLogger(__name__)
_CHUNK = 1024 * 1024
_SILENCE = 60
"""Seconds for which a sender may send nothing."""
_DIGITS = 20
"""No length has more."""
_BINARY = "application/octet-stream"
_ASK = {"WWW-Authenticate": 'Basic realm="file store", charset="UTF-8"'}
_METHODS = ["GET", "PUT", "DELETE"]


def file_routes(storage: Storage, gate: Gate, *, file_bytes: int, threads: int = 4) -> list[Route]:
    """The routes of the store: `/files/{file_id}/{name}`. A file has at most `file_bytes`; so many `threads` do its
    reading and writing, apart from those of the exchange."""
    return [Route("/files/{file_id}/{name}", _Files(storage, gate, file_bytes, threads).answer, methods=_METHODS)]


class _Files:
    """The store over HTTP."""

    def __init__(self, storage: Storage, gate: Gate, file_bytes: int, threads: int) -> None:
        self._storage, self._gate, self._file_bytes = storage, gate, file_bytes
        self._threads = CapacityLimiter(threads)

    async def answer(self, request: Request) -> Response:
        """What a request hears."""
        try:
            file_id = checked_file_id(request.path_params["file_id"])
            name = checked_name(request.path_params["name"])
            entry = await self._entry(request)
            if request.method == "PUT":
                return await self._put(request, entry, file_id, name)
            found = await to_thread.run_sync(self._storage.find, entry.area, file_id, limiter=self._threads)
            if found is None or found.name != name:
                raise Refused(404, "такого файла нет")
            if request.method == "DELETE":
                return await self._delete(entry, file_id)
            return await self._get(request, entry, found)
        except BadName as error:
            return _told(400, str(error))
        except Refused as refused:
            return _told(refused.status, refused.text, _headers_of(refused))
        except ClientDisconnect:
            return Response(status_code=400)  # nobody is there to read it

    async def _entry(self, request: Request) -> Entry:
        scheme, _, written = request.headers.get("authorization", "").partition(" ")
        try:
            user, _, password = base64.b64decode(written, validate=True).decode("utf-8").partition(":")
        except (binascii.Error, UnicodeDecodeError):
            user = password = ""
        entry = None
        if scheme.lower() == "basic" and user:
            entry = await to_thread.run_sync(self._gate.enter, user, password, limiter=self._threads)
        if entry is None:
            raise Refused(401, "имя или пароль не подходят; пароль выдаёт оператор узла или сообщение с файлом")
        if not entry.writes and request.method not in {"GET", "HEAD"}:
            raise Refused(403, "файлы этого сообщения можно только читать")
        return entry

    async def _put(self, request: Request, entry: Entry, file_id: str, name: str) -> Response:
        used = await to_thread.run_sync(partial(self._storage.used, entry.area, besides=file_id), limiter=self._threads)
        most = max(0, min(self._file_bytes, entry.room - used))
        announced = request.headers.get("content-length", "")
        if announced.isdecimal() and (len(announced) > _DIGITS or int(announced) > most):
            raise Refused(413, f"файл больше допустимого: сейчас не более {most} байт")
        try:
            receiving = self._storage.receive(entry.area, file_id, name, entry.room)
            upload = await to_thread.run_sync(receiving.__enter__, limiter=self._threads)
            try:
                await self._receive(request, upload, most)
            finally:
                # To remove what has come of a large file takes a while; and nobody who goes away may prevent it.
                with CancelScope(shield=True):
                    await to_thread.run_sync(receiving.__exit__, None, None, None, limiter=self._threads)
        except FileTooLarge as error:
            raise Refused(413, str(error)) from error
        except DirectoryTaken as error:
            raise Refused(409, str(error)) from error
        except OSError as error:
            _LOG.exception("a file could not be put into the store")
            raise Refused(507, "хранилище не может принять файл; повторите позже") from error
        return PlainTextResponse("файл принят\n", 201)

    async def _receive(self, request: Request, upload: Upload, most: int) -> None:
        size = 0
        async for piece in _pieces(request):
            size += len(piece)
            if size > most:
                raise FileTooLarge(f"файл больше допустимого: сейчас не более {most} байт")
            await to_thread.run_sync(upload.write, piece, limiter=self._threads)
        await to_thread.run_sync(upload.commit, limiter=self._threads)

    async def _delete(self, entry: Entry, file_id: str) -> Response:
        await to_thread.run_sync(self._storage.remove, entry.area, file_id, limiter=self._threads)
        return Response(status_code=204)

    async def _get(self, request: Request, entry: Entry, found: StoredFile) -> Response:
        first, last = _range(request.headers.get("range"), found.size)
        headers = {"Accept-Ranges": "bytes", "Content-Length": str(last - first + 1)}
        status = 200
        if last - first + 1 != found.size:
            status, headers["Content-Range"] = 206, f"bytes {first}-{last}/{found.size}"
        if request.method == "HEAD":
            return Response(status_code=status, headers=headers, media_type=_BINARY)
        file = await to_thread.run_sync(self._storage.open, entry.area, found.file_id, limiter=self._threads)
        return StreamingResponse(self._read(file, first, last + 1), status, headers, _BINARY)

    async def _read(self, file: BinaryIO, at: int, end: int) -> AsyncIterator[bytes]:
        with file:
            file.seek(at)
            while at < end:
                piece = await to_thread.run_sync(file.read, min(_CHUNK, end - at), limiter=self._threads)
                if not piece:
                    return
                at += len(piece)
                yield piece


class _NoSuchRange(Refused):
    """A range that the file does not have."""

    def __init__(self, size: int) -> None:
        super().__init__(416, f"в файле {size} байт")
        self.size = size


async def _pieces(request: Request) -> AsyncIterator[bytes]:
    """The body in pieces of some size: a change of threads for each packet would cost more than the writing."""
    waiting, arriving = bytearray(), request.stream()
    while True:
        try:
            with fail_after(_SILENCE):
                chunk = await anext(arriving, None)
        except TimeoutError:
            raise Refused(408, f"отправитель молчит дольше {_SILENCE} с; начните загрузку заново") from None
        if chunk is None:
            break
        waiting += chunk
        if len(waiting) >= _CHUNK:
            yield bytes(waiting)
            waiting.clear()
    yield bytes(waiting)


def _range(written: str | None, size: int) -> tuple[int, int]:
    """First and last octet of a single range (RFC 9110, section 14.2); of the whole file where none is asked for."""
    unit, _, spec = (written or "").partition("=")
    first, dash, last = spec.strip().partition("-")
    if unit.strip() != "bytes" or not dash or "," in spec or len(spec) > 2 * _DIGITS:
        return 0, size - 1
    if not first and last.isdecimal():
        begin, end = max(0, size - int(last)), size - 1
    elif first.isdecimal() and (not last or last.isdecimal()):
        begin, end = int(first), min(int(last), size - 1) if last else size - 1
    else:
        return 0, size - 1
    if begin > end:
        raise _NoSuchRange(size)
    return begin, end


def _headers_of(refused: Refused) -> Mapping[str, str]:
    """What a refusal says beside its text: how to enter, how long the file is."""
    if isinstance(refused, _NoSuchRange):
        return {"Content-Range": f"bytes */{refused.size}"}
    return _ASK if refused.status == HTTPStatus.UNAUTHORIZED else {}


def _told(status: int, text: str, headers: Mapping[str, str] = MappingProxyType({})) -> Response:
    return PlainTextResponse(f"{text}\n", status, headers)
