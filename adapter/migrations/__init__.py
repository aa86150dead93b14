"""Alembic migrations of the whole database."""
