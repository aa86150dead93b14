"""Alembic migrations of the whole database."""

from .running import DatabaseMissing, SchemaMismatch, check, current, differences, newest, pending, upgrade

__all__ = ["DatabaseMissing", "SchemaMismatch", "check", "current", "differences", "newest", "pending", "upgrade"]
