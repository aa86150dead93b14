"""docs/reference/register-coverage.md: every row of the requirements, and no kind that does not exist."""

import re
from pathlib import Path

import pytest
from mezhved.adapter.registry.kinds import load_kinds

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "reference" / "register-coverage.md"
REQUIREMENTS = ROOT.parent / "shared" / "docs" / "register-requirements.md"
ROWS = {
    "A": 11,
    "P": 19,
    "E": 12,
    "Q": 9,
    "C": 13,
    "W": 11,
    "O": 2,
    "D": 20,
    "V": 37,
    "T": 18,
    "S": 23,
    "F": 20,
    "I": 20,
    "G": 22,
    "K": 12,
    "X": 12,
    "N": 11,
    "B": 9,
    "⚡C": 25,
}
"""How many rows each part of the requirements has."""


def rows() -> list[str]:
    found = re.findall(r"^\| (⚡?[A-Z]\d+(?:, ⚡?[A-Z]\d+)*) \|", PAGE.read_text("utf-8"), re.MULTILINE)
    return [one for cell in found for one in cell.split(", ")]


def test_every_row_is_there_once() -> None:
    expected = [f"{part}{number}" for part, most in ROWS.items() for number in range(1, most + 1)]
    assert sorted(rows()) == sorted(expected)


def test_the_rows_are_those_of_the_requirements() -> None:
    if not REQUIREMENTS.is_file():
        pytest.skip(f"the requirements are not beside the project: {REQUIREMENTS}")
    listed, marked = re.split(r"^## 15\.", REQUIREMENTS.read_text("utf-8"), flags=re.MULTILINE)
    found = re.findall(r"^\| ([A-Z]\d+) \|", listed, re.MULTILINE)
    found += [f"⚡{one}" for one in re.findall(r"^\| (C\d+) \|", marked, re.MULTILINE)]
    assert sorted(rows()) == sorted(found)


def test_the_kinds_that_it_names_exist() -> None:
    named = set(re.findall(r"`([a-z]+_[a-z_]+)`", PAGE.read_text("utf-8")))
    assert named - {kind.name for kind in load_kinds()} == set()
