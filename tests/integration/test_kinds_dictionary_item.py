"""DictionaryItem on both databases: what codes mean, on a day or at any time."""

from datetime import UTC, date, datetime

import pytest
from lxml.etree import _Element as Element
from mezhved.adapter.registry.dictionaries import Dictionary, Item
from mezhved.adapter.registry.dictionary_versions import install
from mezhved.adapter.registry.kinds.dictionary_item.rules import RULES
from mezhved.adapter.registry.outcome import Refusal
from mezhved.adapter.store.engine import write
from sqlalchemy import Engine
from support.register import Register

OID = "2.999.643.900"
WORDS = Dictionary(
    OID,
    "7.1",
    "Слова",
    date(2026, 1, 1),
    (
        Item("1", "Первое", valid_to=date(2020, 12, 31)),
        Item("1", "Первое, иначе", date(2021, 1, 1)),
        Item("1.1", "Часть", date(2022, 1, 1), date(2022, 12, 31), parent="1"),
    ),
)


@pytest.fixture
def register(engine: Engine) -> Register:
    with write(engine) as conn:
        install(conn, WORDS, datetime(2026, 1, 1, tzinfo=UTC))
    return Register(engine)


def ask(register: Register, *codes: str, on: str | None = None, oid: str = OID) -> Element | Refusal:
    asked = "".join(f"<Code>{code}</Code>" for code in codes) + (f"<Date>{on}</Date>" if on else "")
    namespace = "urn://x-artefacts-mezhved/frmr/dictionary_item/1.0.0"
    content = f"<Dictionary>{oid}</Dictionary>{asked}"
    return register.ask(f'<DictionaryItemRequest xmlns="{namespace}">{content}</DictionaryItemRequest>')


def told(register: Register, *codes: str, on: str | None = None) -> list[list[str | None]]:
    found = ask(register, *codes, on=on)
    assert not isinstance(found, Refusal), found
    assert found.findtext("{*}Version") == "7.1"
    names = ("Code", "Name", "Parent", "BeginDate", "EndDate")
    return [[one.findtext(f"{{*}}{name}") for name in names] for one in found.iterfind("{*}Items/{*}Item")]


def refused(register: Register, *codes: str, on: str | None = None, oid: str = OID) -> list[tuple[str, str]]:
    found = ask(register, *codes, on=on, oid=oid)
    assert isinstance(found, Refusal)
    return [(one.code, one.path.partition("/")[2]) for one in found.rejections]


def test_all_periods_of_a_code_or_that_of_a_day(register: Register) -> None:
    before, since = ["1", "Первое", None, None, "2020-12-31"], ["1", "Первое, иначе", None, "2021-01-01", None]
    part = ["1.1", "Часть", "1", "2022-01-01", "2022-12-31"]
    assert told(register, "1") == [before, since]
    assert told(register, "1", on="2020-12-31") == [before]
    assert told(register, "1.1", "1", on="2022-06-01") == [part, since]


def test_all_that_is_wrong_is_told_at_once(register: Register) -> None:
    assert refused(register, "1", "8", "9") == [("CODE_UNKNOWN", "Code[2]"), ("CODE_UNKNOWN", "Code[3]")]
    assert refused(register, "8", "1.1", on="2023-01-01") == [
        ("CODE_UNKNOWN", "Code[1]"),
        ("CODE_NOT_VALID_ON_DATE", "Code[2]"),
    ]
    assert refused(register, "1", oid="2.999.1") == [("DICTIONARY_UNKNOWN", "Dictionary")]


def test_every_rule_has_a_test() -> None:
    assert {rule.code for rule in RULES} == {"DICTIONARY_UNKNOWN", "CODE_UNKNOWN", "CODE_NOT_VALID_ON_DATE"}
