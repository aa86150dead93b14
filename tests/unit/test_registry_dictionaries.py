"""Dictionaries: the samples are sound, and a code is judged by the day."""

import itertools
from collections import defaultdict
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from mezhved.adapter.registry import dictionaries as nsi
from mezhved.adapter.registry.dictionaries import (
    Dictionary,
    DictionaryMissing,
    Item,
    install,
    install_dictionaries,
    look_up,
    samples,
)
from mezhved.adapter.registry.schema import metadata
from mezhved.adapter.store.engine import opened, write
from sqlalchemy import Engine

NOW = datetime(2026, 11, 23, tzinfo=UTC)
OIDS = {value for name, value in vars(nsi).items() if name.isupper() and isinstance(value, str)}


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    with opened(f"sqlite:///{tmp_path}/register.sqlite3") as engine:
        metadata.create_all(engine)
        yield engine


def test_there_is_a_sample_of_every_dictionary_that_the_register_uses() -> None:
    assert {dictionary.oid for dictionary in samples()} == OIDS


@pytest.mark.parametrize("dictionary", list(samples()), ids=lambda dictionary: dictionary.oid)
def test_a_code_has_one_name_on_a_day_and_a_known_parent(dictionary: Dictionary) -> None:
    above = nsi.POSTS if dictionary.oid == nsi.POST_SPECIALTIES else dictionary.oid
    known = {item.code for other in samples() if other.oid == above for item in other.items}
    periods = defaultdict(list)
    for item in dictionary.items:
        assert item.parent is None or item.parent in known
        periods[item.code].append((item.valid_from, item.valid_to or date.max))
    for found in periods.values():
        found.sort()
        assert all(first <= last for first, last in found)
        assert all(before[1] < after[0] for before, after in itertools.pairwise(found))


def test_samples_are_installed_once(engine: Engine) -> None:
    with write(engine) as conn:
        assert install_dictionaries(conn, NOW) == len(OIDS)
        assert install_dictionaries(conn, NOW) == 0


def test_a_code_means_what_it_meant_on_the_day(engine: Engine) -> None:
    with write(engine) as conn:
        install_dictionaries(conn, NOW)
        codes = look_up(conn, {(nsi.INSTITUTIONS, "22"), (nsi.POSTS, "190"), (nsi.POSTS, "no such code")})
    names = [codes.on(nsi.INSTITUTIONS, "22", day) for day in (date(2012, 8, 31), date(2012, 9, 1))]
    assert [item.name for item in names if item] == [
        "Образцовское медицинское училище",
        "Образцовский медицинский колледж",
    ]
    assert codes.on(nsi.POSTS, "190", date(2015, 12, 31)) is not None
    assert codes.on(nsi.POSTS, "190", date(2016, 1, 1)) is None
    assert len(codes.periods(nsi.POSTS, "190")) == 1
    assert codes.periods(nsi.POSTS, "no such code") == ()


def test_a_new_version_takes_the_place_of_the_old_one(engine: Engine) -> None:
    def version(number: str, *codes: str) -> Dictionary:
        return Dictionary("2.999.1", number, "Проба", date(2026, 1, 1), tuple(Item(code, code) for code in codes))

    with write(engine) as conn:
        assert install(conn, version("1", "a", "b"), NOW)
        assert install(conn, version("2", "b", "c"), NOW)
        codes = look_up(conn, {("2.999.1", code) for code in "abc"})
    assert [bool(codes.periods("2.999.1", code)) for code in "abc"] == [False, True, True]


def test_a_dictionary_that_is_not_installed_is_no_error_of_the_sender(engine: Engine) -> None:
    with write(engine) as conn, pytest.raises(DictionaryMissing, match=nsi.POSTS):
        look_up(conn, {(nsi.POSTS, "109")})
