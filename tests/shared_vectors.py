"""Test vectors from outside the project, kept beside its checkout and never copied into it."""

from pathlib import Path

import pytest

_FOLDER = Path(__file__).resolve().parents[2] / "shared"


def shared_dir() -> Path:
    """The folder `../shared`, or a skip where it is absent."""
    if not _FOLDER.is_dir():
        pytest.skip(f"needs test vectors from outside the project in {_FOLDER.name}/ beside the checkout")
    return _FOLDER
