"""Alembic migrations of the whole database."""

from .running import SchemaMismatch, check, current, differences, newest, pending, upgrade

__all__ = ["SchemaMismatch", "check", "current", "differences", "newest", "pending", "upgrade"]
