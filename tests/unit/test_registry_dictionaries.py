"""Dictionaries: the samples are sound, and a code is judged by the day."""

import itertools
from collections import defaultdict
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from mezhved.adapter.registry import dictionaries as nsi
from mezhved.adapter.registry.dictionaries import Dictionary, DictionaryMissing, Item, look_up, samples
from mezhved.adapter.registry.dictionary_versions import install, install_dictionaries, items, versions
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


LISTED = {
    *(f"1.2.643.5.1.13.13.11.{number}" for number in (1002, 1040, 1066, 1100, 1102, 1103, 1107, 1110, 1124, 1461)),
    *(f"1.2.643.5.1.13.13.99.2.{number}" for number in (20, 48, 114, 181, 296)),
    *(f"1.2.643.5.1.13.2.1.1.{number}" for number in (202, 209, 716)),
}
"""OIDs of the official dictionaries that a register of this kind is known to speak of."""


def test_there_is_a_sample_of_every_dictionary_that_the_register_uses_or_speaks_of() -> None:
    assert {dictionary.oid for dictionary in samples()} == OIDS | LISTED


@pytest.mark.parametrize("dictionary", list(samples()), ids=lambda dictionary: dictionary.oid)
def test_a_code_has_one_name_on_a_day_and_a_known_parent(dictionary: Dictionary) -> None:
    elsewhere = {nsi.POST_SPECIALTIES: nsi.POSTS, "1.2.643.5.1.13.13.99.2.114": "1.2.643.5.1.13.13.11.1461"}
    above = elsewhere.get(dictionary.oid, dictionary.oid)
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
        assert install_dictionaries(conn, NOW) == len(OIDS | LISTED)
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


def version(number: str, released: date, *codes: str, sample: bool = False) -> Dictionary:
    return Dictionary("2.999.1", number, "Проба", released, tuple(Item(code, code) for code in codes), sample)


def test_a_code_is_judged_by_the_version_in_force_on_the_day(engine: Engine) -> None:
    before, since = date(2026, 5, 31), date(2026, 6, 1)
    with write(engine) as conn:
        assert install(conn, version("1", date(2026, 1, 1), "a", "b"), NOW)
        assert install(conn, version("2", since, "b", "c"), NOW)
        codes = look_up(conn, {("2.999.1", code) for code in "abc"})
        assert [item.code for item in items(conn, "2.999.1")] == ["b", "c"]
    held = {
        code: [codes.on("2.999.1", code, day) is not None for day in (date(1999, 1, 1), before, since)]
        for code in "abc"
    }
    assert held == {"a": [True, True, False], "b": [True, True, True], "c": [False, False, True]}


def test_a_genuine_version_takes_the_place_of_a_sample_and_never_the_other_way_round(engine: Engine) -> None:
    sample = version("0.1", date(2026, 1, 1), "a", "b", sample=True)
    with write(engine) as conn:
        assert install(conn, sample, NOW)
        assert install(conn, version("9", date(2020, 1, 1), "b"), NOW)
        assert not install(conn, sample, NOW)
        codes = look_up(conn, {("2.999.1", "a"), ("2.999.1", "b")})
        assert [one.version for one in versions(conn, "2.999.1")] == ["9"]
    assert codes.periods("2.999.1", "a") == ()
    assert codes.on("2.999.1", "b", date(2026, 3, 1)) is not None


def test_a_version_that_never_was_in_force_gave_no_code_a_meaning(engine: Engine) -> None:
    """Two versions were released on one day: the second one was in force from the beginning."""
    with write(engine) as conn:
        for number, codes in (("1", "a"), ("2", "ab"), ("3", "a")):
            install(conn, version(number, date(2026, 1, 1), *codes), NOW)
        assert look_up(conn, {("2.999.1", "b")}).periods("2.999.1", "b") == ()


def test_a_dictionary_that_is_not_installed_is_no_error_of_the_sender(engine: Engine) -> None:
    with write(engine) as conn, pytest.raises(DictionaryMissing, match=nsi.POSTS):
        look_up(conn, {(nsi.POSTS, "109")})
