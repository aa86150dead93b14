"""DictionaryDelta on both databases: what has changed between two versions, page by page."""

from datetime import UTC, date, datetime

import pytest
from lxml.etree import QName
from lxml.etree import _Element as Element
from mezhved.adapter.registry.dictionaries import Dictionary, Item
from mezhved.adapter.registry.dictionary_versions import install
from mezhved.adapter.registry.kinds.dictionary_delta.rules import RULES
from mezhved.adapter.registry.outcome import Refusal
from mezhved.adapter.store.engine import write
from sqlalchemy import Engine
from support.register import Register

OID = "2.999.643.900"
SECOND = date(2026, 1, 1)
ONE, TWO, THREE = Item("1", "Первое"), Item("2", "Второе"), Item("3", "Третье", date(2025, 1, 1))
RENAMED = Item("2", "Второе, иначе", parent="1")
VERSIONS = (
    Dictionary(OID, "1.0", "Слова", date(2025, 1, 1), (ONE, TWO)),
    Dictionary(OID, "2.0", "Слова", SECOND, (ONE, RENAMED, THREE)),
    Dictionary(OID, "2.1", "Слова", date(2026, 2, 1), (RENAMED, THREE)),
)


@pytest.fixture
def register(engine: Engine) -> Register:
    with write(engine) as conn:
        for version in VERSIONS:
            install(conn, version, datetime(2026, 3, 1, tzinfo=UTC))
    return Register(engine)


def ask(register: Register, **asked: str) -> Element | Refusal:
    content = "".join(f"<{name}>{value}</{name}>" for name, value in ({"Dictionary": OID} | asked).items())
    namespace = "urn://x-artefacts-mezhved/frmr/dictionary_delta/1.0.0"
    return register.ask(f'<DictionaryDeltaRequest xmlns="{namespace}">{content}</DictionaryDeltaRequest>')


def told(register: Register, **asked: str) -> list[tuple[str, str | None, str | None]]:
    found = ask(register, **asked)
    assert not isinstance(found, Refusal), found
    return [
        (QName(one).localname, one.findtext("{*}Code"), one.findtext("{*}Name"))
        for one in found.iterfind("{*}Changes/*")
    ]


def refused(register: Register, **asked: str) -> list[tuple[str, str]]:
    found = ask(register, **asked)
    assert isinstance(found, Refusal)
    return [(one.code, one.path.partition("/")[2]) for one in found.rejections]


def test_what_two_versions_differ_by(register: Register) -> None:
    renamed = [("Removed", "2", "Второе"), ("Added", "2", "Второе, иначе"), ("Added", "3", "Третье")]
    assert told(register, SinceVersion="1.0", Version="2.0") == renamed
    assert told(register, SinceVersion="1.0") == [("Removed", "1", "Первое"), *renamed]
    assert told(register, SinceVersion="2.0") == [("Removed", "1", "Первое")]
    assert told(register, SinceVersion="2.1") == []


def test_a_version_as_a_whole(register: Register) -> None:
    assert [code for _, code, _ in told(register, Version="2.0")] == ["1", "2", "3"]
    found = ask(register)
    assert not isinstance(found, Refusal)
    assert (found.findtext("{*}Version"), found.findtext("{*}ReleaseDate")) == ("2.1", "2026-02-01")
    assert found.findtext("{*}Changes/{*}Added/{*}Parent") == "1"
    assert found.findtext("{*}Changes/{*}Added[2]/{*}BeginDate") == "2025-01-01"


def test_pages_end_between_codes(register: Register) -> None:
    first = ask(register, SinceVersion="1.0", Version="2.0", PageSize="1")
    assert not isinstance(first, Refusal)
    assert (first.findtext("{*}More"), first.findtext("{*}After")) == ("true", "2")
    assert len(first.findall("{*}Changes/*")) == 2
    last = ask(register, SinceVersion="1.0", Version="2.0", After="2", PageSize="1")
    assert not isinstance(last, Refusal)
    assert (last.findtext("{*}More"), last.findtext("{*}After")) == ("false", None)
    assert [one.text for one in last.iterfind("{*}Changes/{*}Added/{*}Code")] == ["3"]


def test_what_cannot_be_answered(register: Register) -> None:
    assert refused(register, Dictionary="2.999.1") == [("DICTIONARY_UNKNOWN", "Dictionary")]
    unknown = [("VERSION_UNKNOWN", "SinceVersion"), ("VERSION_UNKNOWN", "Version")]
    assert refused(register, SinceVersion="0.9", Version="7.0") == unknown
    assert refused(register, SinceVersion="2.1", Version="1.0") == [("VERSIONS_REVERSED", "SinceVersion")]
    found = ask(register, SinceVersion="0.9")
    assert isinstance(found, Refusal)
    assert "1.0, 2.0, 2.1" in found.rejections[0].text


def test_every_rule_has_a_test() -> None:
    assert {rule.code for rule in RULES} == {"DICTIONARY_UNKNOWN", "VERSION_UNKNOWN", "VERSIONS_REVERSED"}
