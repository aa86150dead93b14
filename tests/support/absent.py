"""Things that a test needs of the machine and that may be absent from a developer's."""

import os
from typing import NoReturn

import pytest


def absent(what: str) -> NoReturn:
    """Skip the test, saying what is missing; where CI is set it fails instead, so that nothing is left out silently."""
    if os.environ.get("CI"):
        pytest.fail(what)
    pytest.skip(what)
