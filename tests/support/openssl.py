"""The command line of OpenSSL as another writer and reader of the same formats."""

import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from .absent import absent


def openssl(*arguments: str | Path, octets: bytes = b"", env: Mapping[str, str] | None = None) -> bytes:
    """What the command writes; an assertion fails with its error text if it does not end well."""
    program = shutil.which("openssl")
    if program is None:
        absent("needs the command openssl (apt-get install openssl)")
    done = subprocess.run(
        [program, *map(str, arguments)], input=octets, capture_output=True, check=False, env=env, timeout=60
    )
    assert done.returncode == 0, done.stderr.decode(errors="replace") + done.stdout.decode(errors="replace")
    return done.stdout


def engine_for(kind: str) -> tuple[str, ...]:
    """The options that GOST needs."""
    return ("-engine", "gost") if kind.startswith("gost") else ()
