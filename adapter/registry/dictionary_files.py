"""Reading a whole dictionary from a file: CSV, XLSX or XML. All that is wrong with it is told at once, by row.

The forms differ by publisher, so the caller names the columns; case does not count. In XML a record is an element whose
children hold nothing but text, and their names are the columns: `<entry><ID>1</ID><NAME>…</NAME></entry>`. The first
one that has a code says by its own name which elements are the rows; a head of the file is none.
"""

import csv
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from zipfile import BadZipFile

from lxml import etree
from lxml.etree import QName
from openpyxl import load_workbook

from .dictionaries import SINCE_EVER, Item, overlaps

MOST_TOLD = 100
"""Mistakes told of one file."""
_DATES = ("%Y-%m-%d", "%d.%m.%Y")

Row = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Columns:
    """Names of the columns that hold an item's parts; a part whose column a file lacks is empty for all its rows."""

    code: str = "code"
    name: str = "name"
    parent: str = "parent"
    valid_from: str = "from"
    valid_to: str = "to"


class DictionaryFileUnusable(Exception):  # noqa: N818  named for what is wrong
    """The file is no dictionary; `mistakes` are all that were found, at most MOST_TOLD."""

    code = "DICTIONARY_FILE_UNUSABLE"

    def __init__(self, path: Path, mistakes: Sequence[str]) -> None:
        more = "" if len(mistakes) <= MOST_TOLD else f"\n… and {len(mistakes) - MOST_TOLD} more"
        super().__init__(f"{path}: " + "\n".join(mistakes[:MOST_TOLD]) + more)
        self.mistakes = tuple(mistakes[:MOST_TOLD])


class _ColumnMissing(ValueError):  # noqa: N818  named for what is wrong
    """A column that must be there is not; the text says which, and what there is."""


class _Wrong(ValueError):  # noqa: N818  named for what is wrong
    """A value that cannot be read; the text says which and why."""


def read_items(path: Path, columns: Columns, on_row: Callable[[], None] = lambda: None) -> tuple[Item, ...]:
    """The items of a file, in its order. `on_row` is called after each row. Raises DictionaryFileUnusable, OSError."""
    reader = _READERS.get(path.suffix.lower())
    if reader is None:
        raise DictionaryFileUnusable(path, [f"its name must end in one of {', '.join(_READERS)}"])
    names = Columns(*(getattr(columns, field).lower() for field in Columns.__slots__))
    items: list[Item] = []
    numbers: list[int] = []
    mistakes: list[str] = []
    try:
        for number, row in reader(path, names.code):
            if not numbers and not mistakes:
                _check_columns(row, names, given=reader is not _xml)
            try:
                items.append(_item(row, names))
                numbers.append(number)
            except _Wrong as error:
                mistakes.append(f"row {number}: {error}")
            on_row()
    except _ColumnMissing as error:
        mistakes.append(str(error))
    except UnicodeDecodeError:
        mistakes.append("it is not UTF-8; convert it first, for example: iconv -f cp1251 -t utf-8 words.csv > utf8.csv")
    except (csv.Error, etree.XMLSyntaxError, BadZipFile, KeyError) as error:
        mistakes.append(f"it cannot be read: {error}")
    mistakes += _overlaps(items, numbers)
    if not items and not mistakes:
        mistakes.append("it has no rows")
    if mistakes:
        raise DictionaryFileUnusable(path, mistakes)
    return tuple(items)


def _check_columns(row: Row, names: Columns, *, given: bool) -> None:
    """Whether the first row has the columns at all: else no other need be looked at. Raises _ColumnMissing.

    `given`: a column that was named must be there too; in XML what is empty may be left out.
    """
    wanted = {"--code": names.code, "--name": names.name}
    if given:
        usual = Columns()
        others = {"--parent": "parent", "--from": "valid_from", "--to": "valid_to"}
        wanted |= {
            option: getattr(names, field)
            for option, field in others.items()
            if getattr(names, field) != getattr(usual, field)
        }
    missing = [f"no column {column!r} ({option} names it)" for option, column in wanted.items() if column not in row]
    if missing:
        there = ", ".join(row) or "none"
        raise _ColumnMissing(f"it has {' and '.join(missing)}; its columns are: {there}")


def _item(row: Row, names: Columns) -> Item:
    code, name = row.get(names.code, ""), row.get(names.name, "")
    for column, value in ((names.code, code), (names.name, name)):
        if not value:
            raise _Wrong(f"column {column!r} is empty")
    first, last = _day(row, names.valid_from) or SINCE_EVER, _day(row, names.valid_to)
    if last is not None and last < first:
        raise _Wrong(f"code {code} ends on {last}, before it begins on {first}")
    return Item(code, name, first, last, row.get(names.parent) or None)


def _day(row: Row, column: str) -> date | None:
    text = row.get(column, "").partition("T")[0].partition(" ")[0]
    for form in _DATES if text else ():
        try:
            return datetime.strptime(text, form).date()  # noqa: DTZ007  a day has no zone
        except ValueError:
            continue
    if text:
        raise _Wrong(f"column {column!r} holds {text!r}, which is no date: write 2026-01-31 or 31.01.2026")
    return None


def _overlaps(items: Sequence[Item], numbers: Sequence[int]) -> Iterator[str]:
    """`numbers` are those of the items' rows."""
    for one, following in overlaps(items):
        day = items[following].valid_from
        since = "" if day == SINCE_EVER else f" on {day}"
        yield f"row {numbers[following]}: code {items[one].code} stands in row {numbers[one]} already{since}"


def _csv(path: Path, _code: str) -> Iterator[tuple[int, Row]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        head = file.readline()
        file.seek(0)
        delimiter = max(";,\t", key=head.count)
        for row in (reader := csv.DictReader(file, delimiter=delimiter, restval="")):
            yield reader.line_num, {key.strip().lower(): (value or "").strip() for key, value in row.items() if key}


def _xlsx(path: Path, _code: str) -> Iterator[tuple[int, Row]]:
    book = load_workbook(path, read_only=True, data_only=True)
    try:
        rows = book.worksheets[0].iter_rows(values_only=True)
        head = [_text(value).lower() for value in next(rows, ())]
        for number, row in enumerate(rows, 2):
            if any(value is not None for value in row):
                yield number, dict(zip(head, map(_text, row), strict=False))
    finally:
        book.close()


def _text(value: object) -> str:
    if isinstance(value, float) and value.is_integer():
        value = int(value)  # a code that a spreadsheet has taken for a number
    return "" if value is None else str(value).strip()


def _xml(path: Path, code: str) -> Iterator[tuple[int, Row]]:
    with path.open("rb") as file:
        open_ones: list[_Open] = []
        rows: str | None = None
        other: tuple[int, Row] | None = None
        for event, element in etree.iterparse(
            file, events=("start", "end"), resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True
        ):
            if event == "start":
                open_ones.append(_Open())
                continue
            one = open_ones.pop()
            if open_ones:
                open_ones[-1].children = True
                open_ones[-1].grandchildren |= one.children
            if one.children and not one.grandchildren:
                row = {QName(part).localname.lower(): (part.text or "").strip() for part in element.iterchildren("*")}
                name = QName(element).localname
                if rows is None and code in row:
                    rows = name
                if name == rows:
                    yield element.sourceline or 0, row
                else:
                    other = element.sourceline or 0, row
                element.clear()  # what is read takes no memory; the empty elements that stay are small
        if rows is None and other is not None:
            yield other


@dataclass(slots=True)
class _Open:
    """An element that has begun: whether others were in it, and in these."""

    children: bool = False
    grandchildren: bool = False


_READERS: Mapping[str, Callable[[Path, str], Iterator[tuple[int, Row]]]] = {".csv": _csv, ".xlsx": _xlsx, ".xml": _xml}
