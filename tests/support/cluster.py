"""A PostgreSQL cluster of a test's own: started, crashed, started again, followed by a standby, promoted."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import psycopg
from sqlalchemy import URL

_START_SECONDS = 60.0
_SETTINGS = {
    "listen_addresses": "",
    "max_connections": "200",
    "lock_timeout": "60s",  # a test that waits for itself fails instead of hanging
}


def find_programs() -> Path | None:
    """The folder of initdb and postgres: on the PATH, or the newest of the distribution's."""
    if found := shutil.which("initdb"):
        return Path(found).resolve().parent
    installed = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: float(path.parent.parent.name)
    )
    return installed[-1].parent if installed else None


class Cluster:
    """A cluster in a folder, reached by a Unix socket there. initdb refuses root, so there it is another user's."""

    def __init__(self, programs: Path, folder: Path, settings: dict[str, str] | None = None) -> None:
        """`folder` must be empty, and its path short: a Unix socket's is limited to 107 characters."""
        self._programs = programs
        self._folder = folder
        self._owner = _owner(folder)
        self._settings = {**_SETTINGS, "unix_socket_directories": str(folder), **(settings or {})}
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def folder(self) -> Path:
        """Where it lies, socket and data."""
        return self._folder

    @property
    def url(self) -> URL:
        """Its database `postgres`, as a user who may do everything."""
        return URL.create("postgresql+psycopg", "postgres", database="postgres", query={"host": str(self._folder)})

    def create(self) -> None:
        """Makes the files of an empty cluster."""
        self._run("initdb", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "-N")

    def follow(self, primary: "Cluster", name: str) -> None:
        """Makes the files of a standby of a running primary, which sees it as `name`."""
        conninfo = f"host={primary.folder} user=postgres application_name={name}"
        self._run("pg_basebackup", "-d", conninfo, "-R", "-X", "stream", "-c", "fast")

    def start(self) -> None:
        """Starts the server and waits until it takes connections."""
        options = [part for name, value in self._settings.items() for part in ("-c", f"{name}={value}")]
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [self._programs / "postgres", "-D", self._folder / "data", *options],
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=self._folder,
                **self._owner,
            )
        self._await_connections()

    def stop(self) -> None:
        """Ends the server in order, ending its connections."""
        self._end(signal.SIGINT)

    def crash(self) -> None:
        """Ends the server at once: what is not in its log is lost, and the next start recovers."""
        self._end(signal.SIGQUIT)

    def promote(self) -> None:
        """Makes a standby a primary."""
        self._run("pg_ctl", "promote", "-w")

    def _end(self, number: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(number)
            self._process.wait()
            self._process = None

    def _run(self, program: str, *arguments: str) -> None:
        _run([self._programs / program, "-D", self._folder / "data", *arguments], self._owner)

    def _await_connections(self) -> None:
        deadline = time.monotonic() + _START_SECONDS
        dsn = self.url.set(drivername="postgresql").render_as_string(hide_password=False)
        while True:
            try:
                psycopg.connect(dsn).close()
            except psycopg.OperationalError as error:
                if self._process is None or self._process.poll() is not None or time.monotonic() > deadline:
                    log = (self._folder / "log").read_text(errors="replace")
                    raise RuntimeError(f"PostgreSQL did not start:\n{log}") from error
                time.sleep(0.05)
            else:
                return


@contextmanager
def clusters(programs: Path, *settings: dict[str, str], within: Path | None = None) -> Iterator[Sequence[Cluster]]:
    """Clusters whose files are not made yet, one for each of `settings`; stopped and removed at the end.

    They lie in a new folder `within` another one, or where temporary files do.
    """
    made: list[Cluster] = []
    with tempfile.TemporaryDirectory(prefix="mezhved-pg-", ignore_cleanup_errors=True, dir=within) as name:
        Path(name).chmod(0o755)
        try:
            for number, chosen in enumerate(settings):
                folder = Path(name, str(number))
                folder.mkdir()
                made.append(Cluster(programs, folder, chosen))
            yield made
        finally:
            for cluster in made:
                cluster.stop()


def _owner(folder: Path) -> dict[str, object]:
    """Arguments of subprocess by which a program runs as a user that PostgreSQL accepts, and owns `folder`."""
    if os.geteuid() != 0:
        return {}
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    user = known.get("postgres") or known["nobody"]
    os.chown(folder, user.pw_uid, user.pw_gid)
    folder.chmod(0o755)
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def _run(command: Sequence[Path | str], owner: dict[str, object]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, cwd="/", check=False, **owner)
    if done.returncode:
        raise RuntimeError(f"{command[0]} failed:\n{done.stdout}{done.stderr}")
