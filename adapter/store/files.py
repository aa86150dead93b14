"""Files beside messages, as the database knows them: which there are, which are to be looked at, who may fetch them.

All functions work inside the caller's transaction.
"""

import hashlib
import hmac
import json
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, delete, func, insert, select, update

from ...queue.schema import entries
from ..exchange.filed import ReferredFile
from ..exchange.handling import Handling
from .message_schema import file_accounts, file_checks, file_grants, message_files, messages_aside
from .messages import Message

_SCRYPT = {"n": 2**14, "r": 8, "p": 1}


@dataclass(frozen=True, slots=True)
class MessageFile:
    """A file beside a message. `name` and `size` (octets) are known once it was found."""

    number: int
    file: ReferredFile
    name: str | None
    size: int


@dataclass(frozen=True, slots=True)
class Check:
    """A message whose files are to be looked at, and what is to be done with it then."""

    message_id: str
    attempts: int
    recipients: tuple[str, ...]
    handling: Handling


@dataclass(frozen=True, slots=True)
class Grant:
    """A name and a password that open the files of a message to one recipient."""

    user: str
    password: str = field(repr=False)


def await_files(
    conn: Connection, message: Message, files: Sequence[ReferredFile], *, recipients: Sequence[str], handling: Handling
) -> None:
    """Keeps an accepted message out of its recipients' queues until its files were looked at."""
    for number, file in enumerate(files, 1):
        conn.execute(
            _INSERT_FILE,
            {
                "message_id": message.message_id,
                "number": number,
                "file_id": file.file_id,
                "algorithm": file.algorithm,
                "digest": file.digest,
                "kind": message.kind,
                "size": 0,
            },
        )
    conn.execute(
        _INSERT_CHECK,
        {
            "message_id": message.message_id,
            "due_at": message.accepted_at,
            "attempts": 0,
            "recipients": json.dumps(list(recipients)),
            "priority": handling.priority,
            "order_key": handling.order_key,
            "order_keys": json.dumps(sorted(handling.order_keys)),
            "expires_at": handling.expires_at,
        },
    )


def claim_check(conn: Connection, now: datetime, lease: timedelta) -> Check | None:
    """The next message whose files are due; it is due again after `lease`, unless it was dealt with until then."""
    message_id = conn.execute(_DUE, {"now": now}).scalar()
    if message_id is None:
        return None
    row = conn.execute(_CLAIM, {"wanted": message_id, "until": now + lease}).one()
    handling = Handling(row.priority, row.order_key, row.expires_at, frozenset(json.loads(row.order_keys)))
    return Check(row.message_id, row.attempts, tuple(json.loads(row.recipients)), handling)


def postpone_check(conn: Connection, message_id: str, until: datetime) -> None:
    """Has the files of a message looked at later."""
    conn.execute(_POSTPONE, {"wanted": message_id, "until": until})


def end_check(conn: Connection, message_id: str) -> bool:
    """The files of a message need not be looked at any more; False if somebody has said so before."""
    return conn.execute(_END_CHECK, {"wanted": message_id}).rowcount > 0


def files_of(conn: Connection, message_id: str) -> list[MessageFile]:
    """The files beside a message, in its order; none once everybody has acknowledged it."""
    rows = conn.execute(_FILES, {"wanted": message_id})
    return [
        MessageFile(row.number, ReferredFile(row.file_id, row.algorithm, bytes(row.digest)), row.name, row.size)
        for row in rows
    ]


def note_found(conn: Connection, message_id: str, number: int, name: str, size: int) -> None:
    """Writes down under which name a file was found, and how long it is."""
    conn.execute(_FOUND, {"wanted": message_id, "at_number": number, "name": name, "size": size})


def used_by_kind(conn: Connection, kind: str) -> int:
    """Octets of the files beside messages of a kind that are not acknowledged."""
    return int(conn.execute(_USED, {"wanted": kind}).scalar() or 0)


def grant(conn: Connection, message_id: str, recipients: Sequence[str], token: Callable[[], str]) -> None:
    """Opens the files of a message to its recipients; `token` gives what nobody can guess."""
    for recipient in recipients:
        values = {"user": f"m-{token()[:16]}", "password": token(), "message_id": message_id, "recipient": recipient}
        conn.execute(_INSERT_GRANT, values)


def grant_of(conn: Connection, message_id: str, recipient: str) -> Grant | None:
    """What the recipient is told; None where nothing is open to it."""
    row = conn.execute(_GRANT, {"wanted": message_id, "by": recipient}).first()
    return None if row is None else Grant(row.user, row.password)


def granted_message(conn: Connection, user: str, password: str) -> str | None:
    """The message whose files a name and password open."""
    row = conn.execute(_BY_USER, {"wanted": user}).first()
    if row is None or not hmac.compare_digest(row.password.encode(), password.encode()):
        return None
    return str(row.message_id)


def release(conn: Connection, message_id: str, recipient: str) -> bool:
    """Closes the files of a message to a recipient that has acknowledged it; whether they can be removed now."""
    if not conn.execute(_DROP_GRANT, {"wanted": message_id, "by": recipient}).rowcount:
        return False
    if conn.execute(_ANY_GRANT, {"wanted": message_id}).first() is not None:
        return False
    forget(conn, message_id)
    return True


def forget(conn: Connection, message_id: str) -> None:
    """The message has no files any more; nothing opens to anybody."""
    conn.execute(_DROP_GRANTS, {"wanted": message_id})
    conn.execute(_FORGET, {"wanted": message_id})


def is_needed(conn: Connection, message_id: str) -> bool:
    """Whether somebody may still want the files of a message."""
    return any(conn.execute(one, {"wanted": message_id}).first() is not None for one in _NEEDED)


def messages_with_files(conn: Connection) -> list[str]:
    """Messages that have files beside them."""
    return [str(one) for one in conn.execute(_WITH_FILES).scalars()]


def set_password(conn: Connection, mnemonic: str, password: str, salt: bytes) -> None:
    """Gives a system a password for the store, in place of an older one."""
    conn.execute(_DROP_ACCOUNT, {"wanted": mnemonic})
    conn.execute(_INSERT_ACCOUNT, {"mnemonic": mnemonic, "salt": salt, "digest": _digest(password, salt)})


def has_password(conn: Connection, mnemonic: str, password: str) -> bool:
    """Whether this is the system's password. It takes as long for a system that has none."""
    row = conn.execute(_ACCOUNT, {"wanted": mnemonic}).first()
    salt, digest = (b"nobody", b"") if row is None else (bytes(row.salt), bytes(row.digest))
    return hmac.compare_digest(_digest(password, salt), digest)


def new_token() -> str:
    """A word that nobody can guess, fit for a URL."""
    return secrets.token_urlsafe(24)


def _digest(password: str, salt: bytes) -> bytes:
    return hashlib.scrypt(password.encode(), salt=salt, n=_SCRYPT["n"], r=_SCRYPT["r"], p=_SCRYPT["p"])


_INSERT_FILE, _INSERT_CHECK = insert(message_files).inline(), insert(file_checks).inline()
_INSERT_GRANT, _INSERT_ACCOUNT = insert(file_grants).inline(), insert(file_accounts).inline()
_DUE = (
    select(file_checks.c.message_id)
    .where(file_checks.c.due_at <= bindparam("now", type_=file_checks.c.due_at.type))
    .order_by(file_checks.c.due_at)
    .limit(1)
    .with_for_update(skip_locked=True)
)
_CLAIM = (
    update(file_checks)
    .where(file_checks.c.message_id == bindparam("wanted"))
    .values(due_at=bindparam("until"), attempts=file_checks.c.attempts + 1)
    .returning(file_checks)
)
_POSTPONE = update(file_checks).where(file_checks.c.message_id == bindparam("wanted")).values(due_at=bindparam("until"))
_END_CHECK = delete(file_checks).where(file_checks.c.message_id == bindparam("wanted"))
_FILES = select(message_files).where(message_files.c.message_id == bindparam("wanted")).order_by(message_files.c.number)
_FOUND = (
    update(message_files)
    .where(message_files.c.message_id == bindparam("wanted"), message_files.c.number == bindparam("at_number"))
    .values(name=bindparam("name"), size=bindparam("size"))
)
_USED = select(func.sum(message_files.c.size)).where(message_files.c.kind == bindparam("wanted"))
_GRANT = select(file_grants).where(
    file_grants.c.message_id == bindparam("wanted"), file_grants.c.recipient == bindparam("by")
)
_BY_USER = select(file_grants).where(file_grants.c.user == bindparam("wanted"))
_DROP_GRANT = delete(file_grants).where(
    file_grants.c.message_id == bindparam("wanted"), file_grants.c.recipient == bindparam("by")
)
_ANY_GRANT = select(file_grants.c.user).where(file_grants.c.message_id == bindparam("wanted")).limit(1)
_DROP_GRANTS = delete(file_grants).where(file_grants.c.message_id == bindparam("wanted"))
_FORGET = delete(message_files).where(message_files.c.message_id == bindparam("wanted"))
_NEEDED = tuple(
    select(table.c.message_id).where(table.c.message_id == bindparam("wanted")).limit(1)
    for table in (file_checks, entries, messages_aside)
)
_WITH_FILES = select(message_files.c.message_id).distinct()
_DROP_ACCOUNT = delete(file_accounts).where(file_accounts.c.mnemonic == bindparam("wanted"))
_ACCOUNT = select(file_accounts).where(file_accounts.c.mnemonic == bindparam("wanted"))
