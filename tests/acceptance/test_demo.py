"""`mezhved demo` as a newcomer types it: real processes, each step told, everything ended."""

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mezhved.signing.providers import openssl_gost

MEZHVED = [sys.executable, "-c", "from mezhved.adapter.cli import main; main()"]
ENVIRONMENT = {**os.environ, "NO_COLOR": "1", "COLUMNS": "200"}


def demo(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [*MEZHVED, "demo", *arguments]
    return subprocess.run(command, cwd=cwd, env=ENVIRONMENT, capture_output=True, text=True, timeout=120, check=False)


def processes(output: str) -> list[int]:
    return [int(number) for number in re.findall(r"process (\d+)", output)]


def running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_the_demonstration_goes_through_and_leaves_nothing_behind(tmp_path):
    result = demo(cwd=tmp_path)
    assert result.returncode == 0, result.stdout + result.stderr
    told = result.stdout
    assert ("GOST R 34.10-2012" in told) == openssl_gost().availability().works
    for step in (
        "WorkerCard",
        "LicenceCard",
        "licence УЧЕБНАЯ",
        "broadcast",
        "EmploymentEvent",
        "employments on record",
        "MAIN_POST_TAKEN",
        "SMEV-100",
        "SMEV-301",
    ):
        assert step in told
    assert told.count("Ack:") == 6
    assert "ended in order" in told
    assert result.stderr == ""
    assert len(processes(told)) == 3
    assert not any(running(pid) for pid in processes(told))
    folder = re.search(r"A stand in (\S+)", told)
    assert folder is not None
    assert not Path(folder[1]).exists()
    assert list(tmp_path.iterdir()) == []


def test_with_ecdsa_it_says_so_and_a_kept_stand_can_be_used_again(tmp_path):
    first = demo("--ecdsa", "--directory", "stand", "--workers", "100", cwd=tmp_path)
    assert first.returncode == 0, first.stdout + first.stderr
    assert "ECDSA P-256, as asked" in first.stdout
    second = demo("--directory", "stand", cwd=tmp_path)
    assert second.returncode == 0, second.stdout + second.stderr
    assert "made earlier" in second.stdout
    for log in ("node.log", "worker.log", "provider.log"):
        assert "Traceback" not in (tmp_path / "stand" / log).read_text("utf-8")


def test_a_folder_that_holds_something_else_is_left_alone(tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    result = demo("--directory", str(tmp_path), cwd=tmp_path)
    assert result.returncode == 2
    assert result.stderr.strip() == f"mezhved: {tmp_path} is not empty: name another folder, or remove it first"
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_a_port_that_is_taken_is_told_without_a_traceback(tmp_path):
    with serving(tmp_path, "one") as (port, _):
        result = demo("--ecdsa", "--workers", "50", "--directory", "two", "--port", str(port), cwd=tmp_path)
    assert result.returncode == 1
    assert f"127.0.0.1 port {port}: Address already in use" in result.stderr
    assert 'File "' not in result.stderr


def test_a_stand_made_earlier_takes_another_port_when_it_is_told_one(tmp_path):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    assert demo("--ecdsa", "--workers", "100", "--directory", "stand", cwd=tmp_path).returncode == 0
    again = demo("--directory", "stand", "--port", str(port), cwd=tmp_path)
    assert again.returncode == 0, again.stdout + again.stderr
    assert f"node at http://127.0.0.1:{port}," in again.stdout
    assert f":{port}" in (tmp_path / "stand" / "clients" / "RMIS_DEMO.toml").read_text("utf-8")


def test_a_stand_that_is_kept_running_ends_in_order_on_sigterm(tmp_path):
    with serving(tmp_path, "stand") as (_, demonstration):
        pass
    assert demonstration.returncode == 0


@contextmanager
def serving(folder: Path, name: str) -> Iterator[tuple[int, subprocess.Popen[str]]]:
    """A stand that was kept running: the node's port, and the process of the demonstration."""
    command = [*MEZHVED, "demo", "--ecdsa", "--workers", "50", "--directory", name, "--serve"]
    told: list[str] = []
    with subprocess.Popen(command, cwd=folder, env=ENVIRONMENT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            for line in process.stdout:
                told.append(line)
                if "WSDL:" in line:
                    break
            found = re.search(r"http://127\.0\.0\.1:(\d+)", "".join(told))
            assert found is not None, "".join(told)
            yield int(found[1]), process
        finally:
            process.send_signal(signal.SIGTERM)
            told.append(process.stdout.read())
            process.wait(60)
    assert not any(running(pid) for pid in processes("".join(told)))
