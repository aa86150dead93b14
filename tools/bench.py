"""`mezhved bench` on both databases: PostgreSQL in the tests' own throw-away cluster, where its programs are installed.

Arguments are handed on: `python tools/bench.py --rounds 100 --json`.
"""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from support.databases import server  # type: ignore[import-not-found]  # noqa: E402 – found by the line above

COMMAND = (sys.executable, "-c", "from mezhved.adapter.cli import main; main()", "bench")


def main(arguments: list[str]) -> int:
    """Runs the benchmark; returns its exit status."""
    with server() as found:
        database = () if found is None else ("--postgres", found.url("postgres"))
        if found is None:
            sys.stderr.write(
                "PostgreSQL is not measured: its programs are not installed (apt-get install postgresql)\n"
            )
        return subprocess.run([*COMMAND, *database, *arguments], check=False).returncode  # noqa: S603 – our own command


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
