"""`mezhved bench` as a user runs it: every figure is there. How large they are is nobody's business here."""

import json
import os
import subprocess
import sys

from mezhved.adapter.bench.exchange import STEPS
from mezhved.adapter.bench.primitives import COMMIT, NAMES, SIGN, VERIFY
from support.databases import Databases
from support.gost import gost_provider

COMMAND = (sys.executable, "-c", "from mezhved.adapter.cli import main; main()", "bench")


def test_every_figure_is_there(databases: Databases) -> None:
    gost_provider()
    with databases.fresh("postgresql", migrated=False) as url:
        done = subprocess.run(
            [*COMMAND, "--rounds", "1", "--json", "--postgres", url], capture_output=True, text=True, check=False
        )
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["document"]["elements"] == 240
    named = " ".join(row["name"] for row in report["document"]["rows"])
    assert all(name in named for name in NAMES)
    assert report["document"]["transform_ratio"] > 0
    assert report["http"]["figure"]["median"] > 0
    found = {(exchange["key"], exchange["database"]): exchange for exchange in report["exchanges"]}
    assert set(found) == {(key, database) for key in ("GOST", "RSA") for database in ("SQLite", "PostgreSQL")}
    for exchange in found.values():
        assert [row["name"] for row in exchange["steps"]] == list(STEPS)
        counts = {row["name"]: row["count"] for row in exchange["primitives"]}
        assert set(counts) == set(NAMES)
        assert counts[VERIFY] == 3, "SendRequest, GetResponse and Ack are signed by the caller"
        assert counts[SIGN] == 3, "the node signs two answers, the register its response; AckResponse is not signed"
        assert counts[COMMIT] >= 4, "accepted, answered, handed out, acknowledged: each must outlive a crash"
        assert exchange["ratio"] > 0


def test_tables_for_people() -> None:
    done = subprocess.run([*COMMAND, "--rounds", "1", "--no-gost"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    for text in ("SMEV transform / exclusive c14n", "whole / primitives", "spyne apart", "HTTP apart"):
        assert text in done.stdout
    assert "GOST" not in done.stdout


def test_a_deep_queue_is_measured_on_both_databases(databases: Databases) -> None:
    with databases.fresh("postgresql", migrated=False) as url:
        done = subprocess.run(
            [*COMMAND, "--depth", "2000", "--octets", "100", "--rounds", "2", "--json", "--postgres", url],
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert [one["database"] for one in report["databases"]] == ["SQLite", "PostgreSQL"]
    for one in report["databases"]:
        assert {"claim one", "acknowledge one"} <= {step["name"] for step in one["steps"]}
        assert all(step["ratio"] > 0 for step in one["steps"])


def test_several_workers_are_measured_against_one(databases: Databases) -> None:
    with databases.fresh("postgresql", migrated=False) as url:
        done = subprocess.run(
            [*COMMAND, "--workers", "2", "--requests", "400", "--rounds", "1", "--no-gost", "--postgres", url],
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 0, done.stderr
    for words in ("1 worker ", "2 workers", "gain: "):
        assert words in done.stdout


def test_several_workers_need_a_database_on_which_they_can_write_side_by_side() -> None:
    done = subprocess.run(
        [*COMMAND, "--workers", "2"],
        capture_output=True,
        text=True,
        check=False,
        env={name: value for name, value in os.environ.items() if name != "MEZHVED_TEST_POSTGRES"},
    )
    assert done.returncode == 2
    assert "--postgres" in done.stderr


def test_packages_are_read_or_refused() -> None:
    done = subprocess.run(
        [*COMMAND, "--packages", "1", "--rounds", "1", "--json"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    rows = json.loads(done.stdout)["packages"]
    assert {row["outcome"] for row in rows if row["legal"]} == {"read"}
    assert {"read", "refused"} == {row["outcome"] for row in rows if not row["legal"]}
    assert all(row["microseconds"] > 0 and row["memory"] > 0 for row in rows)
    # Memory is counted, not timed: what is hostile takes no more of it than twice what is legal.
    assert max(row["memory"] for row in rows) <= 2 * max(row["memory"] for row in rows if row["legal"])
