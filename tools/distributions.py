"""Builds the source archive and, from that archive alone, the wheel: `python tools/distributions.py FOLDER`.

Works on a copy of the checkout, without a build environment of its own: setuptools is part of the `dev` extra.
"""

import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
NOT_COPIED = shutil.ignore_patterns(
    ".git", ".venv*", ".mezhved*", "build", "dist", "*.egg-info", "__pycache__", ".*_cache", ".hypothesis"
)
FILTER: dict[str, Any] = {"filter": "data"} if hasattr(tarfile, "data_filter") else {}
BUILD = "import sys; from setuptools import build_meta; getattr(build_meta, sys.argv[1])(sys.argv[2])"


def build(hook: str, source: Path, folder: Path) -> None:
    """Calls one hook of PEP 517, `build_sdist` or `build_wheel`, in `source`; its result is put into `folder`."""
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    done = subprocess.run(  # noqa: S603 - our own interpreter, our own words
        [sys.executable, "-c", BUILD, hook, str(folder)],
        cwd=source,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        sys.exit(f"{hook} failed:\n{done.stdout}\n{done.stderr}")


def build_both(folder: Path, root: Path = ROOT) -> tuple[Path, Path]:
    """Writes both archives into `folder`; returns the paths of the source archive and of the wheel."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        checkout, made = work / "checkout", work / "made"
        shutil.copytree(root, checkout, symlinks=True, ignore=NOT_COPIED)
        made.mkdir()
        build("build_sdist", checkout, made)
        (archive,) = made.glob("*.tar.gz")
        with tarfile.open(archive) as tar:
            # Python 3.11.2, which Debian 12 has, knows no filters yet; the archive is our own.
            tar.extractall(work / "unpacked", **FILTER)  # noqa: S202
        (unpacked,) = (work / "unpacked").iterdir()
        build("build_wheel", unpacked, made)
        (wheel,) = made.glob("*.whl")
        return Path(shutil.copy(archive, folder)), Path(shutil.copy(wheel, folder))


if __name__ == "__main__":
    for path in build_both(Path(sys.argv[1])):
        sys.stdout.write(f"{path}\n")
