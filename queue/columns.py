"""Column types shared by all tables of the database."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, DateTime, Dialect, Integer, Text, TypeDecorator
from sqlalchemy.types import TypeEngine

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class UtcDateTime(TypeDecorator[datetime]):
    """A moment: an aware `datetime` in UTC on the Python side.

    Stored as `timestamp with time zone` on PostgreSQL and as INTEGER microseconds since 1970 on SQLite, which has no
    type for moments: integers compare as moments do, in any index. A naive `datetime` is refused (ValueError).
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """The type that the database itself knows."""
        return Integer() if dialect.name == "sqlite" else DateTime(timezone=True)

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        """From Python to the database."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a moment must bear its zone: {value!r}")
        return (value - _EPOCH) // _MICROSECOND if dialect.name == "sqlite" else value

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """From the database to Python."""
        if value is None:
            return None
        if isinstance(value, datetime):
            return value.astimezone(UTC)
        return _EPOCH + timedelta(microseconds=value)


class Identifier(TypeDecorator[str]):
    """Text that is compared octet by octet and never by the rules of a language: identifiers, mnemonics, codes."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """The type that the database itself knows."""
        return Text(collation="C") if dialect.name == "postgresql" else Text()


class Serial(TypeDecorator[int]):
    """A number given by the database: 64 bits. SQLite numbers the rows of a table only in a column of type INTEGER."""

    impl = BigInteger
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """The type that the database itself knows."""
        return Integer() if dialect.name == "sqlite" else BigInteger()
