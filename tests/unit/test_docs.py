"""The documentation holds together: links lead somewhere, reference pages say what the code says, commands exist."""

import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
import typer
from mezhved.adapter.cli import build_app

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
LINK = re.compile(r"\]\(([^)\s]+)\)")
CODE = re.compile(r"`[^`\n]+`")
FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
COMMAND = re.compile(r"\bmezhved ([a-z]+(?:-[a-z]+)*)\b")


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def anchors(path: Path) -> set[str]:
    """The anchors of a page's headings, as they are made from them in a repository's web pages."""
    headings = re.findall(r"^#+ (.*)$", FENCE.sub("", path.read_text("utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def command_names(app: typer.Typer) -> set[str]:
    found = {info.name or (info.callback.__name__ if info.callback else "") for info in app.registered_commands}
    for group in app.registered_groups:
        found.add(str(group.name or (group.typer_instance and group.typer_instance.info.name)))
    return found


@pytest.mark.parametrize("path", PAGES, ids=name_of)
def test_links_lead_somewhere(path: Path) -> None:
    broken = []
    for link in LINK.findall(CODE.sub("", FENCE.sub("", path.read_text("utf-8")))):
        if "://" in link:
            continue
        target, _, anchor = link.partition("#")
        place = (path.parent / target).resolve() if target else path
        if not place.exists() or (anchor and anchor not in anchors(place)):
            broken.append(link)
    assert broken == []


@pytest.mark.parametrize("path", PAGES, ids=name_of)
def test_every_page_begins_with_its_title(path: Path) -> None:
    text = path.read_text("utf-8")
    assert re.match(r"(<!-- .* -->\n\n)?# \S", text), text[:80]


@pytest.mark.parametrize("path", PAGES, ids=name_of)
def test_commands_that_are_named_exist(path: Path) -> None:
    known = command_names(build_app())
    code = re.findall(r"`mezhved ([a-z]+)", path.read_text("utf-8"))
    code += [name for fence in FENCE.findall(path.read_text("utf-8")) for name in COMMAND.findall(fence)]
    assert set(code) - known - {"mezhved"} == set()  # a database of that name


@pytest.mark.parametrize("path", PAGES, ids=name_of)
def test_make_targets_that_are_named_exist(path: Path) -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    assert set(re.findall(r"(?:`|^|\$ )make ([a-z]+)", path.read_text("utf-8"), re.MULTILINE)) - targets == set()


def test_reference_pages_say_what_the_code_says() -> None:
    """Written anew by `make docs`."""
    tool = [sys.executable, ROOT / "tools" / "reference.py", "--check"]
    done = subprocess.run(tool, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"out of date: {done.stdout}{done.stderr}"


def test_every_page_can_be_reached_from_the_readme() -> None:
    reached, waiting = set(), [ROOT / "README.md"]
    while waiting:
        page = waiting.pop()
        if page in reached or page.suffix != ".md":
            continue
        reached.add(page)
        for link in LINK.findall(page.read_text("utf-8")):
            place = (page.parent / link.partition("#")[0]).resolve()
            if place.is_dir():
                waiting += place.glob("*.md")
            elif "://" not in link and place.is_file():
                waiting.append(place)
    lonely = [name_of(page) for page in PAGES if page not in reached and page.name != "CHANGELOG.md"]
    assert lonely == []


@pytest.mark.parametrize("path", sorted((ROOT / "docs").rglob("*.svg")), ids=name_of)
def test_pictures_are_described_for_those_who_cannot_see_them(path: Path) -> None:
    picture = ElementTree.parse(path).getroot()
    assert picture.find("{http://www.w3.org/2000/svg}title") is not None
    assert picture.find("{http://www.w3.org/2000/svg}desc") is not None


def test_decisions_are_numbered_without_gaps() -> None:
    numbers = sorted(int(path.name[:4]) for path in (ROOT / "docs" / "decisions").glob("*.md"))
    assert numbers == list(range(1, len(numbers) + 1))
