"""Numbers of workers: NNNN.NNNNNNN, the year of registration and a number within it, without gaps."""

from sqlalchemy import Connection, func, select, text

from ..schema import workers

_MOST = 9_999_999
_LOCK = text("SELECT pg_advisory_xact_lock(6434921170024)")
"""The next one beside the sealer's lock (registry.sealing)."""


class NumbersExhausted(Exception):  # noqa: N818  named for what is wrong
    """Ten million workers were entered in one year: the form of the number allows no more."""


def lock(conn: Connection) -> None:
    """Lets one transaction at a time enter workers, until it ends.

    Whoever comes second sees what the first has entered: the same person twice at once is found, and no number is given
    twice. SQLite has one writer at a time anyway.
    """
    if conn.dialect.name == "postgresql":
        conn.execute(_LOCK)


def following(conn: Connection, year: int) -> str:
    """The next number of a year; the lock must be held. Raises NumbersExhausted."""
    first, behind = f"{year}.", f"{year}/"
    last = conn.scalar(select(func.max(workers.c.oid)).where(workers.c.oid >= first, workers.c.oid < behind))
    number = 1 if last is None else int(last.removeprefix(first)) + 1
    if number > _MOST:
        raise NumbersExhausted(str(year))
    return f"{first}{number:07}"
