"""What the audit costs many writers: changes a second by N processes, with it and without, in turns.

    PYTHONPATH=tests python tests/bench/audit_writers.py [ROUNDS]

Each process adds a fact to the record of a worker of its own, a transaction each, on both databases. With the audit it
also writes an entry, and another process seals all the while. Ratios of medians go into docs/benchmarks.md.
"""

import multiprocessing
import statistics
import sys
import tempfile
import time
import uuid
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from mezhved.adapter.registry.audit import AuditOutcome, AuditRecord, record
from mezhved.adapter.registry.facts import Provenance, add
from mezhved.adapter.registry.schema import awards, workers
from mezhved.adapter.registry.sealing import seal
from mezhved.adapter.store.engine import opened, write
from mezhved.signing.authority import create_authority
from sqlalchemy import insert
from support.databases import KINDS, Databases

SECONDS = 2.0
WRITERS = (1, 2, 4)
NOW = datetime(2026, 11, 23, tzinfo=UTC)
SPAWN = multiprocessing.get_context("spawn")


def writer(url: str, number: int, audited: bool, ready: Any, done: Any) -> None:
    oid, count = f"2024.{number:07}", 0
    with opened(url) as engine:
        with write(engine):
            pass
        ready.wait()
        end = time.monotonic() + SECONDS
        while time.monotonic() < end:
            message_id = str(uuid.uuid4())
            with write(engine) as conn:
                fact = {
                    "entity_id": str(uuid.uuid4()),
                    "worker_oid": oid,
                    "award_kind": "1",
                    "award": "Грамота",
                    "number": message_id[:8],
                    "awarded_on": date(2026, 1, 1),
                }
                add(conn, awards, Provenance("BENCH", message_id, NOW), fact)
                if audited:
                    entry = AuditRecord(
                        NOW,
                        "BENCH",
                        "0f" * 32,
                        "192.0.2.7",
                        "award_upsert",
                        True,
                        (oid,),
                        None,
                        AuditOutcome.ANSWERED,
                        (),
                        message_id,
                    )
                    record(conn, entry)
            count += 1
    done.put(count)


def sealer(url: str, ready: Any) -> None:
    begin, end = datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
    key = create_authority("p256", "CN=Node", valid_from=begin, valid_to=end).signing_key()
    with opened(url) as engine:
        ready.wait()
        stop = time.monotonic() + SECONDS
        while time.monotonic() < stop:
            with write(engine) as conn:
                seal(conn, key, NOW)
            time.sleep(0.5)


def changes_a_second(url: str, writers: int, audited: bool) -> float:
    ready, done = SPAWN.Barrier(writers + audited), SPAWN.Queue()
    crew = [SPAWN.Process(target=writer, args=(url, n, audited, ready, done)) for n in range(writers)]
    if audited:
        crew.append(SPAWN.Process(target=sealer, args=(url, ready)))
    for one in crew:
        one.start()
    total = sum(done.get() for _ in range(writers))
    for one in crew:
        one.join()
    return total / SECONDS


def main(rounds: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        databases = Databases(Path(folder))
        for kind in KINDS:
            with databases.fresh(kind) as url:
                with opened(url) as engine, write(engine) as conn:
                    rows = [{"oid": f"2024.{n:07}", "registered_at": NOW} for n in range(max(WRITERS))]
                    conn.execute(insert(workers), rows)
                for writers in WRITERS:
                    found: dict[bool, list[float]] = {False: [], True: []}
                    for _ in range(rounds):
                        for audited in (False, True):
                            found[audited].append(changes_a_second(url, writers, audited))
                    without, along = (statistics.median(found[audited]) for audited in (False, True))
                    print(
                        f"{kind:10} {writers} writers: {without:6.0f} without, {along:6.0f} with: {along / without:.2f}"
                    )
        databases.close()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
