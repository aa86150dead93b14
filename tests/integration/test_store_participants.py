"""Participants as the operator stores them and as every call looks them up."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from mezhved.adapter.exchange.participants import Participant
from mezhved.adapter.store.engine import read, write
from mezhved.adapter.store.participants import (
    CachedParticipants,
    CertificateNotGiven,
    CertificateTaken,
    ParticipantStore,
    StoredCertificate,
)
from sqlalchemy import Engine
from support.queue import NOON, UsedQueue

STORE = ParticipantStore()


def certificate(name: str, years: int = 1) -> StoredCertificate:
    return StoredCertificate(
        der=f"DER of {name}".encode(),
        fingerprint=name * 8,
        subject=f"CN={name}",
        not_before=NOON,
        not_after=NOON + timedelta(days=365 * years),
    )


OLD, NEW = certificate("old"), certificate("new", years=2)
REGION = Participant(
    mnemonic="REGION",
    name="Региональная медицинская система",
    certificates=frozenset({OLD.fingerprint, NEW.fingerprint}),
    sends=frozenset({"worker_card", "*"}),
    provides=frozenset({"other_kind"}),
    organisations=frozenset({"1.2.643.5.1.13.13.12.2.77.1", "1.2.643.5.1.13.13.12.2.77.2"}),
    roles=frozenset({"EMPLOYER", "REGULATOR"}),
)
BARE = Participant("BARE", "Система без всего", frozenset(), active=False)


@pytest.fixture
def stored(engine: Engine) -> Engine:
    with write(engine) as conn:
        STORE.put(conn, REGION, [OLD, NEW])
        STORE.put(conn, BARE)
    return engine


def test_a_participant_is_found_by_mnemonic_and_by_each_of_its_certificates(stored: Engine) -> None:
    with read(stored) as conn:
        assert STORE.by_mnemonic(conn, "REGION") == REGION
        assert STORE.by_fingerprint(conn, OLD.fingerprint) == REGION
        assert STORE.by_fingerprint(conn, NEW.fingerprint) == REGION
        assert STORE.by_mnemonic(conn, "BARE") == BARE
        assert STORE.by_mnemonic(conn, "region") is None
        assert STORE.by_fingerprint(conn, "unknown") is None
        assert STORE.list(conn) == [BARE, REGION]


def test_certificates_are_kept_whole(stored: Engine) -> None:
    with read(stored) as conn:
        assert STORE.certificates(conn, "REGION") == [OLD, NEW]
        assert STORE.certificates(conn, "BARE") == []


def test_putting_again_replaces_and_needs_only_new_certificates(stored: Engine) -> None:
    third = certificate("third")
    renewed = replace(
        REGION,
        name="Другое название",
        certificates=frozenset({NEW.fingerprint, third.fingerprint}),
        sends=frozenset(),
        active=False,
    )
    with write(stored) as conn:
        STORE.put(conn, renewed, [third])
        assert STORE.by_mnemonic(conn, "REGION") == renewed
        assert STORE.by_fingerprint(conn, OLD.fingerprint) is None
        assert STORE.certificates(conn, "REGION") == [third, NEW]


def test_a_certificate_that_was_never_given_cannot_be_named(stored: Engine) -> None:
    changed = replace(REGION, certificates=REGION.certificates | {"unknown"})
    with pytest.raises(CertificateNotGiven, match="unknown"), write(stored) as conn:
        STORE.put(conn, changed, [OLD])
    with read(stored) as conn:
        assert STORE.by_mnemonic(conn, "REGION") == REGION


def test_a_certificate_belongs_to_one_system(stored: Engine) -> None:
    thief = replace(BARE, certificates=frozenset({OLD.fingerprint}))
    with pytest.raises(CertificateTaken, match="REGION"), write(stored) as conn:
        STORE.put(conn, thief, [OLD])
    with read(stored) as conn:
        assert STORE.by_fingerprint(conn, OLD.fingerprint) == REGION


def test_a_removed_participant_is_gone_with_its_certificates(stored: Engine) -> None:
    with write(stored) as conn:
        assert STORE.remove(conn, "REGION")
        assert not STORE.remove(conn, "REGION")
        assert STORE.by_fingerprint(conn, OLD.fingerprint) is None
        assert STORE.list(conn) == [BARE]
        STORE.put(conn, replace(BARE, certificates=frozenset({OLD.fingerprint})), [OLD])


def test_two_operators_that_put_the_same_system_leave_one_of_the_two_states(stored: Engine) -> None:
    versions = [replace(REGION, name=f"{number}", sends=frozenset({f"kind{number}"})) for number in range(6)]

    def put(version: Participant) -> None:
        with write(stored) as conn:
            STORE.put(conn, version)

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(put, versions))
    with read(stored) as conn:
        assert STORE.by_mnemonic(conn, "REGION") in versions


def test_the_cache_remembers_for_its_lifetime_and_no_longer(stored: Engine) -> None:
    clock = UsedQueue(stored)
    cached = CachedParticipants(stored, lambda: clock.now, timedelta(seconds=2))
    assert cached.by_fingerprint(OLD.fingerprint) == cached.by_mnemonic("REGION") == REGION
    blocked = replace(REGION, active=False)
    with write(stored) as conn:
        STORE.put(conn, blocked)
    clock.pass_time(seconds=1)
    assert cached.by_fingerprint(OLD.fingerprint) == cached.by_mnemonic("REGION") == REGION
    clock.pass_time(seconds=1)
    assert cached.by_fingerprint(OLD.fingerprint) == cached.by_mnemonic("REGION") == blocked


def test_the_cache_does_not_outlast_a_clock_set_back(stored: Engine) -> None:
    clock = UsedQueue(stored)
    cached = CachedParticipants(stored, lambda: clock.now, timedelta(seconds=2))
    cached.by_fingerprint(OLD.fingerprint)
    with write(stored) as conn:
        STORE.remove(conn, "REGION")
    clock.pass_time(hours=-1)
    assert cached.by_fingerprint(OLD.fingerprint) is None


def test_a_new_system_is_known_at_once(stored: Engine) -> None:
    cached = CachedParticipants(stored, lambda: NOON, timedelta(hours=1))
    third = certificate("third")
    assert cached.by_fingerprint(third.fingerprint) is None
    with write(stored) as conn:
        STORE.put(conn, replace(BARE, certificates=frozenset({third.fingerprint})), [third])
    found = cached.by_fingerprint(third.fingerprint)
    assert found is not None
    assert found.mnemonic == "BARE"
