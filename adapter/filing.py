"""The file store, put together from settings."""

import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

from sqlalchemy import Connection, Engine
from starlette.routing import Route

from ..queue.store import MessageQueue
from .dispatch.posting import PostOffice
from .dispatch.refusing import NodeVoice
from .exchange.filed import FileLimits
from .exchange.message_id import MessageIds
from .exchange.ports import Bell
from .exchange.times import utc_now
from .files.clerk import ClerkSettings, FileClerk
from .files.filing import DatabaseGate, ExchangeFiles
from .files.ftp import FtpSettings
from .files.local import LocalStorage
from .files.sweeping import Sweeper
from .http.files import file_routes
from .materials import load_signing_key
from .settings import FilesSettings, Settings
from .store.files import new_token
from .store.messages import MessageLog
from .store.participants import CachedParticipants
from .timers.job import Batch, Progress


class Opened(Protocol):
    """An open database with what reads and writes it (`node.Store`)."""

    @property
    def engine(self) -> Engine:
        """The database."""

    @property
    def queue(self) -> MessageQueue:
        """Its queues."""

    @property
    def messages(self) -> MessageLog:
        """Its log."""


_FIRST_PAUSE = timedelta(seconds=5)


def storage_of(settings: FilesSettings) -> LocalStorage | None:
    """The store in the folder that the settings name."""
    return None if settings.folder is None else LocalStorage(Path(settings.folder))


def exchange_files(settings: FilesSettings) -> ExchangeFiles | None:
    """The store as the operations see it."""
    storage = storage_of(settings)
    return None if storage is None else ExchangeFiles(storage, FileLimits(settings.message_bytes, settings.kind_bytes))


def gate_of(settings: Settings, store: Opened, clock: Callable[[], datetime] = utc_now) -> DatabaseGate:
    """Who may enter the store."""
    lifetime = timedelta(seconds=settings.exchange.participants_cache_seconds)
    participants = CachedParticipants(store.engine, clock, lifetime)
    return DatabaseGate(store.engine, participants, settings.files.participant_bytes)


def store_routes(settings: Settings, store: Opened, clock: Callable[[], datetime]) -> list[Route]:
    """The routes by which the store is reached over HTTP. What a killed process has left in it is removed."""
    storage = storage_of(settings.files)
    if storage is None:
        return []
    storage.sweep()
    return file_routes(storage, gate_of(settings, store, clock), file_bytes=settings.files.message_bytes)


def ftp_settings(settings: FilesSettings) -> FtpSettings:
    """How FTP is served."""
    ports = None
    if settings.ftp_passive is not None:
        first, _, last = settings.ftp_passive.partition("-")
        ports = range(int(first), int(last) + 1)
    return FtpSettings(
        settings.ftp_host, settings.ftp_port, ports, settings.ftp_address, file_bytes=settings.message_bytes
    )


def build_clerk(
    settings: Settings, store: Opened, bell: Bell, clock: Callable[[], datetime] = utc_now
) -> FileClerk | None:
    """Who looks at the files of accepted messages; None without a store, or without the node's key, which signs what
    is refused. Raises SigningError or OSError.
    """
    storage = storage_of(settings.files)
    if storage is None or not settings.node.has_key:
        return None
    voice = NodeVoice(
        PostOffice(store.queue, store.messages),
        settings.node.mnemonic,
        load_signing_key(settings.node),
        MessageIds(clock, secrets.randbits),
    )
    files = settings.files
    return FileClerk(
        engine=store.engine,
        messages=store.messages,
        voice=voice,
        storage=storage,
        bell=bell,
        clock=clock,
        token=new_token,
        settings=ClerkSettings(files.check, files.check_attempts, _FIRST_PAUSE, files.poll_seconds),
    )


def sweeping(settings: FilesSettings) -> Callable[[], Batch] | None:
    """The job that removes what nobody needs any more; None without a store."""
    storage = storage_of(settings)
    if storage is None:
        return None
    sweeper = Sweeper(storage, settings.keep)

    def begin() -> Batch:
        def batch(conn: Connection, now: datetime) -> Progress:
            return Progress(sweeper.sweep(conn, now), False)

        return batch

    return begin
