"""The timers of a node or worker, put together from settings."""

import os
import secrets
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta

from sqlalchemy import Connection

from ..signing.certificates import Certificate
from ..signing.keys import SigningKey
from .dispatch.posting import PostOffice
from .dispatch.refusing import NodeVoice
from .exchange.message_id import MessageIds
from .exchange.times import utc_now
from .filing import sweeping
from .materials import load_signing_key
from .node import Store
from .registry.sealing import seal
from .settings import KeySettings, Settings
from .store.archive import MessageArchive
from .timers.certificates import CertificateNotices
from .timers.end_of_life import EndOfLife
from .timers.job import Batch, Job, Progress, daily, every
from .timers.retention import Retention
from .timers.running import Pace, Timers


def build_timers(settings: Settings, store: Store, clock: Callable[[], datetime] = utc_now) -> Timers:
    """The jobs that this process can do: without the node's key, nothing that the node has to sign.

    Raises SigningError or OSError for keys that cannot be read.
    """
    times = settings.timers
    jobs = [
        Job(
            "certificates",
            "warns of certificates that end soon",
            daily(times.certificates_at),
            CertificateNotices(own_certificates(settings), timedelta(days=times.certificates_days)).begin,
        )
    ]
    if settings.retention.days:
        archive = Retention(
            store.messages, MessageArchive(), settings.node.mnemonic, settings.retention.keep, times.batch
        )
        jobs.append(Job("archive", "archives finished messages", daily(settings.retention.at), archive.begin))
    swept = sweeping(settings.files)
    if swept is not None:
        jobs.append(Job("files", "removes files that nobody needs any more", every(timedelta(hours=1)), swept))
    if settings.node.has_key:
        key = load_signing_key(settings.node)
        voice = NodeVoice(
            PostOffice(store.queue, store.messages),
            settings.node.mnemonic,
            key,
            MessageIds(clock, secrets.randbits),
        )
        late = EndOfLife(store.queue, store.messages, voice, times.batch)
        when = every(timedelta(seconds=times.end_of_life_seconds))
        jobs.append(Job("end-of-life", "refuses requests whose EOL has passed", when, late.begin))
        when = every(timedelta(seconds=times.audit_seconds))
        jobs.append(Job("audit", "seals the audit of the register", when, lambda: _sealing(key)))
    return Timers(
        engine=store.engine,
        jobs=jobs,
        who=f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}",
        clock=clock,
        pace=Pace(timedelta(seconds=times.look_seconds), timedelta(seconds=times.claim_seconds)),
    )


def _sealing(key: SigningKey) -> Batch:
    """A run of the sealer: a seal a transaction, until nothing waits."""

    def batch(conn: Connection, now: datetime) -> Progress:
        made = seal(conn, key, now)
        return Progress(0, False) if made is None else Progress(made.last - made.first + 1, True)

    return batch


@contextmanager
def timers_at_work(settings: Settings, store: Store) -> Iterator[None]:
    """Does what is due beside the process's own work, unless the settings say otherwise."""
    if not settings.timers.enabled:
        yield
        return
    with build_timers(settings, store).at_work():
        yield


def own_certificates(settings: Settings) -> Mapping[str, Certificate]:
    """The certificates of this configuration's keys, by the mnemonics of their systems."""
    groups: Mapping[str, KeySettings] = {
        settings.registry.mnemonic: settings.registry,
        settings.node.mnemonic: settings.node,
    }
    return {name: load_signing_key(group).certificate for name, group in groups.items() if group.has_key}
