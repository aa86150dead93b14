"""`mezhved dictionaries` on both databases: full dictionaries from CSV, XLSX and XML files."""

from datetime import date
from pathlib import Path

import pytest
from mezhved.adapter.cli import build_app
from mezhved.adapter.registry.dictionaries import Item
from mezhved.adapter.registry.dictionary_versions import items
from mezhved.adapter.store.engine import read
from openpyxl import Workbook
from sqlalchemy import Engine
from typer.testing import CliRunner, Result

OID = "2.999.643.900"
ITEMS = (
    Item("01", "Врач", valid_to=date(2020, 12, 31)),
    Item("01", "Врач; специалист", date(2021, 1, 1)),
    Item("1.1", "Часть", date(2022, 1, 1), parent="01"),
)
CSV = 'ID;Name;Parent;From;To\n01;Врач;;;31.12.2020\n01;"Врач; специалист";;2021-01-01;\n1.1;Часть;01;2022-01-01;\n'
XML = """<?xml version="1.0" encoding="windows-1251"?><!-- НСИ -->
<data><head><oid>2.999</oid><version>1</version></head><records>
<row><ID>01</ID><Name>Врач</Name><To>2020-12-31T00:00:00</To></row>
<row><ID>01</ID><Name>Врач; специалист</Name><From>2021-01-01</From></row>
<row><ID>1.1</ID><Name>Часть</Name><Parent>01</Parent><From>2022-01-01</From></row></records></data>"""


class Console:
    """The command line on a database."""

    def __init__(self, folder: Path, engine: Engine) -> None:
        self.folder, self.engine = folder, engine
        self.config = folder / "node.toml"
        self.config.write_text(f"[database]\nurl = '{engine.url.render_as_string(hide_password=False)}'\n")

    def run(self, *arguments: str) -> Result:
        given = ["dictionaries", *arguments, "--config", str(self.config)]
        return CliRunner().invoke(build_app(), given, env={"COLUMNS": "160"})

    def take(self, file: Path, version: str = "1.0", since: str = "2026-01-01") -> Result:
        what = ("--oid", OID, "--version", version, "--title", "Слова", "--since", since, "--code", "ID")
        return self.run("import", str(file), *what)

    def csv(self, text: str) -> Path:
        file = self.folder / "words.csv"
        file.write_text(text, "utf-8-sig")
        return file

    def items(self) -> tuple[Item, ...]:
        with read(self.engine) as conn:
            return items(conn, OID)


@pytest.fixture
def console(tmp_path: Path, engine: Engine) -> Console:
    return Console(tmp_path, engine)


def spreadsheet(file: Path) -> Path:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["ID", "Name", "Parent", "From", "To"])
    sheet.append(["01", "Врач", None, None, date(2020, 12, 31)])
    sheet.append(["01", "Врач; специалист", None, date(2021, 1, 1)])
    sheet.append([])
    sheet.append(["1.1", "Часть", "01", date(2022, 1, 1)])
    book.save(file)
    return file


def test_a_dictionary_is_taken_over_from_each_form_of_file(console: Console) -> None:
    document = console.folder / "words.xml"
    document.write_bytes(XML.encode("windows-1251"))
    files = (console.csv(CSV), spreadsheet(console.folder / "words.xlsx"), document)
    for number, file in enumerate(files):
        done = console.take(file, f"1.{number}")
        assert (done.exit_code, "3 items taken over" in done.output) == (0, True), done.output
        assert console.items() == ITEMS
    listed = console.run("list").output
    assert OID in listed
    assert "1.2" in listed
    shown = console.run("show", OID, "--code", "01").output
    assert "Врач; специалист" in shown
    assert "Часть" not in shown


def test_the_same_version_again_changes_nothing_and_with_other_items_is_refused(console: Console) -> None:
    assert console.take(console.csv(CSV)).exit_code == 0
    again = console.take(console.csv(CSV))
    assert (again.exit_code, "nothing changed" in again.output) == (0, True)
    other = console.take(console.csv(CSV.replace("Часть", "Доля")))
    assert (other.exit_code, "give what has changed a version of its own" in other.output) == (1, True)
    earlier = console.take(console.csv(CSV), "0.9", "2025-01-01")
    assert (earlier.exit_code, "released on 2026-01-01: versions are taken over in the order" in earlier.output) == (
        1,
        True,
    )
    assert console.items() == ITEMS


def test_all_that_is_wrong_with_a_file_is_told_at_once_and_nothing_is_taken_over(console: Console) -> None:
    wrong = "ID;Name;From;To\n;A;;\n2;;;\n3;B;soon;\n4;C;2026-01-02;2026-01-01\n5;D;;\n5;E;2020-01-01;\n"
    done = console.take(console.csv(wrong))
    assert done.exit_code == 1
    for told in (
        "row 2: column 'id' is empty",
        "row 3: column 'name' is empty",
        "row 4: column 'from' holds 'soon'",
        "row 5: code 4 ends",
        "row 7: code 5 stands in row 6 already on 2020-01-01",
    ):
        assert told in done.output, told
    assert console.items() == ()


def test_a_column_that_is_not_there_is_told_once_with_those_that_are(console: Console) -> None:
    done = console.take(console.csv("Number;Title\n1;A\n2;B\n"))
    assert done.exit_code == 1
    assert "no column 'id' (--code names it) and no column 'name' (--name names it)" in done.output
    assert done.output.count("number, title") == 1


def test_a_column_that_was_named_must_be_there(console: Console) -> None:
    file = console.csv("ID;Name\n1;A\n")
    what = ("--oid", OID, "--version", "1.0", "--title", "Слова", "--since", "2026-01-01", "--code", "ID")
    done = console.run("import", str(file), *what, "--parent", "above")
    assert (done.exit_code, "no column 'above' (--parent names it)" in done.output) == (1, True)


def test_a_code_twice_is_told_with_both_rows_and_no_day_that_nobody_wrote(console: Console) -> None:
    done = console.take(console.csv("ID;Name\n1;A\n2;B\n1;C\n"))
    assert "row 4: code 1 stands in row 2 already\n" in done.output
    assert "1900" not in done.output


def test_a_file_in_another_encoding_is_refused_with_the_way_to_convert_it(console: Console) -> None:
    file = console.folder / "words.csv"
    file.write_bytes("ID;Name\n1;Врач\n".encode("cp1251"))
    done = console.take(file)
    assert (done.exit_code, "iconv -f cp1251" in done.output) == (1, True)


def test_what_is_no_dictionary_is_refused_without_a_traceback(console: Console) -> None:
    broken = console.folder / "broken.xml"
    broken.write_text("<data><row>")
    packed = console.folder / "broken.xlsx"
    packed.write_text("no archive")
    bomb = console.folder / "bomb.xml"
    bomb.write_text('<!DOCTYPE d [<!ENTITY e SYSTEM "file:///etc/hostname">]><d><r><ID>1</ID><Name>&e;</Name></r></d>')
    for file, told in (
        (console.csv("ID;Name\n"), "it has no rows"),
        (broken, "cannot be read"),
        (packed, "cannot be read"),
        (bomb, "row 1"),
        (console.folder / "words.txt", "must end in"),
    ):
        done = console.take(file)
        assert (done.exit_code, told in done.output) == (1, True), (file, done.output)
    assert console.take(console.folder / "absent.csv").exit_code == 2
    assert console.run("show", "2.999.1").exit_code == 1


def test_what_has_changed_between_two_versions(console: Console) -> None:
    console.take(console.csv(CSV))
    console.take(console.csv(CSV.replace("Часть", "Иначе") + "2;Новое;;;\n"), "1.1", "2026-02-01")
    done = console.run("changes", OID, "--since", "1.0")
    assert (done.exit_code, done.output.splitlines()) == (
        0,
        ["- 1.1  Часть  2022-01-01…  above it 01", "+ 1.1  Иначе  2022-01-01…  above it 01", "+ 2  Новое  always"],
    )
    listed = [line.split() for line in console.run("versions", OID).output.splitlines()[1:]]
    assert listed == [["1.0", "2026-01-01"], ["1.1", "2026-02-01"]]
    assert console.run("versions", "2.999.1").exit_code == 1
    assert console.run("changes", OID, "--since", "1.0", "--upto", "1.0").output == ""
    unknown = console.run("changes", OID, "--since", "0.9")
    assert (unknown.exit_code, "there are 1.0, 1.1" in unknown.output) == (1, True)
    reversed_one = console.run("changes", OID, "--since", "1.1", "--upto", "1.0")
    assert (reversed_one.exit_code, "the other way round" in reversed_one.output) == (1, True)


def test_samples_give_way_to_what_is_genuine(console: Console) -> None:
    assert "samples installed" in console.run("samples").output
    assert console.run("samples").output == "0 samples installed\n"
    posts = "1.2.643.5.1.13.13.11.1002"
    file = console.csv("code;name\n1;Врачи\n")
    what = ("--oid", posts, "--version", "9.1", "--title", "Должности", "--since", "2020-01-01")
    assert console.run("import", str(file), *what).exit_code == 0
    assert console.run("samples").output == "0 samples installed\n"
    with read(console.engine) as conn:
        assert items(conn, posts) == (Item("1", "Врачи"),)
