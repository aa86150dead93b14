"""What the documentation tells people to type works and shows what it says: each page, as a reader goes through it."""

from pathlib import Path

import pytest
from support.pages import PageError, Reader, commands_of, shown
from support.processes import free_port

ROOT = Path(__file__).resolve().parents[2]
PAGES = [
    path
    for path in sorted([ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")])
    if "reference" not in path.parts and any(commands_of(path.read_text("utf-8")))
]
POSTGRESQL = "postgresql+psycopg://mezhved@localhost/mezhved"
"""The URL that the pages use; the reader has a database of the tests in its place."""


@pytest.fixture
def reader(tmp_path: Path) -> Reader:
    """A reader in an empty folder, with the repository's fixtures beside them."""
    (tmp_path / "fixtures").symlink_to(ROOT / "fixtures")
    return Reader(tmp_path, {})


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_page_can_be_followed(path: Path, reader: Reader, request: pytest.FixtureRequest) -> None:
    page = path.read_text("utf-8").replace("8080", str(free_port()))
    if POSTGRESQL in page:
        with request.getfixturevalue("databases").fresh("postgresql", migrated=False) as url:
            follow(page.replace(POSTGRESQL, url), reader)
    else:
        follow(page, reader)


def follow(page: str, reader: Reader) -> None:
    with reader:
        for typed in commands_of(page):
            reader.type(typed)


def test_a_block_that_is_not_run_says_why() -> None:
    with pytest.raises(PageError):
        list(commands_of("Text\n```sh not-run\nrm -rf /\n```\n"))
    assert not list(commands_of("<!-- not run by the tests: it runs them -->\n```sh not-run\nmake test\n```\n"))


def test_a_wrong_page_is_found_out(reader: Reader) -> None:
    (good, bad) = commands_of("\n```console\n$ printf 'one\\ntwo\\nthree\\n'\none\n…\nthree\n$ echo no\nyes\n```\n")
    reader.type(good)
    with pytest.raises(AssertionError, match="should show"):
        reader.type(bad)
    (failing,) = commands_of("\n```sh\nfalse\n```\n")
    with pytest.raises(AssertionError, match="ended with 1"):
        reader.type(failing)
    (meant_to,) = commands_of("\n```console fails\n$ false\n```\n")
    reader.type(meant_to)


@pytest.mark.parametrize(
    ("expected", "output", "holds"),
    [
        ("accepted …\n", "accepted 3c1ab0f2 at 10:00\n", True),
        ("one\ntwo\n", "zero\none\n  two\n", True),
        ("two\none\n", "one\ntwo\n", False),
        ("a.c\n", "abc\n", False),
    ],
)
def test_what_is_shown_may_have_gaps(expected: str, output: str, holds: bool) -> None:
    assert shown(expected, output) is holds
