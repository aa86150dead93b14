"""DictionaryImport on both databases: a version is taken over whole, or not at all."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from lxml.etree import _Element as Element
from mezhved.adapter.exchange.roles import Role
from mezhved.adapter.registry.dictionaries import Dictionary, Item
from mezhved.adapter.registry.dictionary_versions import install, items, versions
from mezhved.adapter.registry.kinds.dictionary_import.rules import RULES
from mezhved.adapter.registry.outcome import Refusal
from mezhved.adapter.store.engine import read, write
from sqlalchemy import Engine
from support.register import KEEPER, SENDER, Register

OID = "2.999.643.901"
ONE = "<Item><Code>1</Code><Name>Первый</Name><EndDate>2020-12-31</EndDate></Item>"
TWO = "<Item><Code>1</Code><Name>Иначе</Name><Parent>0</Parent><BeginDate>2021-01-01</BeginDate></Item>"
ITEMS = (Item("1", "Первый", valid_to=date(2020, 12, 31)), Item("1", "Иначе", date(2021, 1, 1), parent="0"))
AT = datetime(2026, 11, 23, tzinfo=UTC)
OLD_KEEPER = replace(KEEPER, roles=frozenset({Role.AUTHORITY}))


@pytest.fixture
def register(engine: Engine) -> Register:
    return Register(engine)


def content(version: str = "1.0", released: str = "2026-01-01", sent: str = ONE + TWO) -> str:
    return (
        '<DictionaryImportRequest xmlns="urn://x-artefacts-mezhved/frmr/dictionary_import/1.0.0">'
        f"<Dictionary>{OID}</Dictionary><Version>{version}</Version><Title>Слова</Title>"
        f"<ReleaseDate>{released}</ReleaseDate><Items>{sent}</Items></DictionaryImportRequest>"
    )


def done(register: Register, request: str) -> Element:
    found = register.ask(request, KEEPER)
    assert not isinstance(found, Refusal), found
    return found


def refused(register: Register, request: str) -> list[tuple[str, str]]:
    before = stored(register)
    found = register.ask(request, KEEPER)
    assert isinstance(found, Refusal)
    assert stored(register) == before
    return [(one.code, one.path.partition("/")[2]) for one in found.rejections]


def stored(register: Register) -> tuple[Item, ...]:
    with read(register.engine) as conn:
        return items(conn, OID)


def test_a_version_takes_the_place_of_the_one_before(register: Register) -> None:
    assert done(register, content()).findtext("{*}Changed") == "true"
    assert stored(register) == ITEMS
    assert done(register, content()).findtext("{*}Changed") == "false"
    found = done(register, content("1.1", "2026-02-01", ONE))
    assert (found.findtext("{*}Version"), found.findtext("{*}Number")) == ("1.1", "1")
    assert stored(register) == ITEMS[:1]


def test_what_is_there_is_not_replaced_by_something_else_of_its_name_or_by_something_older(register: Register) -> None:
    done(register, content())
    assert refused(register, content(sent=ONE)) == [("VERSION_DIFFERS", "Version")]
    assert refused(register, content("0.9", "2025-12-31")) == [("VERSION_OLDER", "Version")]
    done(register, content("1.1", "2026-01-01", ONE))
    for released in ("2026-01-01", "2026-02-01"):
        assert refused(register, content("1.0", released)) == [("VERSION_OLDER", "Version")]


def test_all_that_is_wrong_is_told_at_once(register: Register) -> None:
    reversed_one = TWO.replace("</BeginDate>", "</BeginDate><EndDate>2020-01-01</EndDate>")
    assert refused(register, content(released="2026-11-24", sent=reversed_one + TWO)) == [
        ("DATE_IN_FUTURE", "ReleaseDate"),
        ("END_BEFORE_BEGIN", "Items/Item[1]/EndDate"),
    ]
    endless = ONE.replace("<EndDate>2020-12-31</EndDate>", "")
    assert refused(register, content(sent=endless + TWO)) == [("PERIODS_OVERLAP", "Items/Item[2]/Code")]


def test_two_who_take_versions_over_at_the_same_moment_do_so_one_after_the_other(register: Register) -> None:
    ready = threading.Barrier(2)

    def take(version: str) -> bool:
        dictionary = Dictionary(OID, version, "Слова", date(2026, 1, 1), (Item(version, "Слово"),))
        ready.wait(timeout=60)
        with write(register.engine) as conn:
            return install(conn, dictionary, AT)

    for race in range(5):
        with ThreadPoolExecutor(2) as pool:
            assert list(pool.map(take, (f"{race}.1", f"{race}.2"))) == [True, True]
    with read(register.engine) as conn:
        assert [one.number for one in versions(conn, OID)] == list(range(1, 11))


def test_only_the_keeper_of_dictionaries_may(register: Register) -> None:
    for sender in (SENDER, OLD_KEEPER):
        found = register.ask(content(), sender)
        assert isinstance(found, Refusal)
        assert [one.code for one in found.rejections] == ["ROLE_NOT_PERMITTED"]


def test_every_rule_has_a_test() -> None:
    assert {rule.code for rule in RULES} == {
        "DATE_IN_FUTURE",
        "END_BEFORE_BEGIN",
        "PERIODS_OVERLAP",
        "VERSION_DIFFERS",
        "VERSION_OLDER",
    }
