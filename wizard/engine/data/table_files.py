"""Reads a CSV or Excel table into columns of text, each different text kept once."""

from __future__ import annotations

import contextlib
import csv
import datetime
import io
import re
import warnings
import zipfile
import zlib
from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice, zip_longest
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
from defusedxml.ElementTree import ParseError
from numpy.typing import NDArray
from openpyxl.utils.exceptions import InvalidFileException

from wizard.engine.errors import UserError

MOST_ROWS, MOST_COLUMNS, _MOST_VALUES = 2_000_000, 500, 100_000_000
_EXCEL_ROWS = 2**20
_MOST_BYTES, _BLOCK = 2 * 2**30, 4096
_MOST_PART, _MOST_UNPACKED, _MOST_RATIO, _MOST_GAP = 8 * 2**20, 2**30, 200, 8 * 2**20
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_BROKEN = (zipfile.BadZipFile, zlib.error, ParseError, OSError, ValueError, KeyError, TypeError,
           IndexError, AttributeError, EOFError, NotImplementedError, RuntimeError, OverflowError, ArithmeticError,
           AssertionError, MemoryError, InvalidFileException)  # fmt: skip


@dataclass(frozen=True)
class Column:
    """A column: its heading, its different texts, and for every row which of them it holds."""

    name: str
    values: NDArray[np.object_]
    codes: NDArray[np.int32]


def read_columns(path: Path) -> tuple[list[Column], list[str]]:
    """Return the columns of a table (one entry per row) and remarks for the user.

    Text files may be UTF-8, UTF-16 or Windows text, with commas, semicolons or tabs. Of a workbook the
    first sheet with content is read; whole numbers lose their `.0`, dates are written as ISO 8601.
    Raises UserError, naming the file, when it cannot be read, is empty or is too large.
    """
    try:
        with path.open("rb") as stream:
            head = stream.read(65536)
        size = path.stat().st_size
    except OSError as error:
        raise _refused(path, f"{error.strerror}.", "Check its name, or whether another program has it open.") from None
    if not head.strip():
        raise _refused(path, "It is empty.")
    if size > _MOST_BYTES:
        raise _refused(path, f"It is larger than {_MOST_BYTES // 2**30} GB.")
    if head[:4] == b"\xd0\xcf\x11\xe0":
        raise _refused(path, "It is an old Excel file (.xls) or has a password.", "Save it as .xlsx or as CSV.")
    if head[:2] == b"PK":
        return _from_workbook(path)
    return _from_text(path, head)


def _refused(path: Path, why: str, action: str = "Choose another table, or leave it out.") -> UserError:
    return UserError(f"The label table {path.name} cannot be used.", why, action)


def _from_text(path: Path, head: bytes) -> tuple[list[Column], list[str]]:
    for encoding in _encodings(head):
        try:
            with path.open(encoding=encoding, newline="") as stream:
                return _gather(path, _text_rows(path, stream))
        except UnicodeError:
            continue
        except csv.Error as error:
            raise _refused(path, f"Its columns cannot be told apart: {error}.") from None
        except OSError as error:
            raise _refused(path, f"{error.strerror}.") from None
    raise _refused(path, "It is no text, or in an unknown character set.", "Save it as CSV (UTF-8).")


def _encodings(head: bytes) -> tuple[str, ...]:
    if head.startswith(b"\xef\xbb\xbf"):
        return ("utf-8-sig",)
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return ("utf-16",)
    pairs = head[: len(head) // 2 * 2]
    if pairs and pairs[1::2].count(0) > 0.4 * len(pairs) / 2:
        return ("utf-16-le",)
    if pairs and pairs[::2].count(0) > 0.4 * len(pairs) / 2:
        return ("utf-16-be",)
    return ("utf-8", "cp1252")


def _text_rows(path: Path, stream: io.TextIOBase) -> Iterator[Sequence[str]]:
    sample = stream.read(65536)
    if _CONTROL.search(sample):
        raise _refused(path, "It is neither a text table nor an Excel workbook (.xlsx).")
    stream.seek(0)
    told = re.match(r"sep=(.)\r?\n", sample)
    if told:
        stream.readline()
    delimiter = told.group(1) if told else _delimiter(sample)
    yield from csv.reader(stream, delimiter=delimiter, strict=True)


def _delimiter(sample: str) -> str:
    """Return the sign that cuts most lines into as many parts (at least two) as the first one."""
    lines = sample.splitlines(keepends=True)
    sample = "".join(lines[:-1] if len(lines) > 20 else lines)

    def score(sign: str) -> tuple[float, int]:
        widths: list[int] = []
        # The sample may end inside of a quoted text; the lines before it still count.
        with contextlib.suppress(csv.Error):
            for row in csv.reader(io.StringIO(sample, newline=""), delimiter=sign):
                widths += [len(row)] if any(row) else []
        if not widths or widths[0] < 2:
            return 0.0, 0
        return round(sum(width == widths[0] for width in widths) / len(widths), 1), widths[0]

    return max(",;\t|", key=score)


def _from_workbook(path: Path) -> tuple[list[Column], list[str]]:
    try:
        _check_zip(path)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            # A stream, because of a path the library wants one of its own endings.
            with path.open("rb") as stream:
                book = openpyxl.load_workbook(stream, read_only=True, data_only=True, keep_links=False)
                return _from_sheets(path, book)
    except _BROKEN as error:
        raise _refused(path, f"It is damaged or no Excel workbook: {error}.") from None


def _from_sheets(path: Path, book: Any) -> tuple[list[Column], list[str]]:
    for sheet in book.worksheets:
        # The declared size may be wrong or a trap; the rows tell it themselves.
        sheet.reset_dimensions()
        rows = (["" if value is None else _text(value) for value in row[: MOST_COLUMNS + 1]]
                for row in islice(sheet.iter_rows(values_only=True), _EXCEL_ROWS))  # fmt: skip
        first = next((row for row in rows if any(row)), None)
        if first is None:
            continue
        columns, remarks = _gather(path, chain([first], rows))
        if len(book.worksheets) > 1:
            remarks.append(f"Of {len(book.worksheets)} sheets {sheet.title!r:.60} was read.")
        return columns, remarks
    raise _refused(path, "It is empty.")


def _text(value: Any) -> str:
    """Return a workbook's value as the user sees it."""
    if isinstance(value, str):
        return "" if value in ("#N/A", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#NULL!") else value
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return f"{value:.0f}" if value.is_integer() and abs(value) < 1e15 else f"{value:.15g}"
    if isinstance(value, datetime.datetime):
        plain = value.time() == datetime.time()
        return value.date().isoformat() if plain else value.isoformat(timespec="seconds")
    if isinstance(value, (datetime.date, datetime.time)):
        return value.isoformat()
    return str(value)


def _check_zip(path: Path) -> None:
    """Refuse workbooks that unpack to far more than they are, and XML that declares entities."""
    with zipfile.ZipFile(path) as file:
        parts = file.infolist()
        unpacked = sum(part.file_size for part in parts)
        if len(parts) > 10_000 or unpacked > max(_MOST_PART, min(_MOST_UNPACKED, _MOST_RATIO * path.stat().st_size)):
            raise ValueError("it unpacks to far more than a table would")
        for part in parts:
            if not part.filename.casefold().endswith((".xml", ".rels")):
                continue
            with file.open(part) as stream:
                if b"<!DOCTYPE" in stream.read(8192).replace(b"\0", b""):
                    raise ValueError("it declares entities")
                if part.file_size > _MOST_PART:
                    _check_rows(stream)


def _check_rows(stream: Any) -> None:
    """Refuse a large part that is not made of many rows or texts: it would be held in memory as a whole."""
    gap = 0
    while block := stream.read(2**20):
        pieces = re.split(rb"row|<si", block)
        gap = gap + len(pieces[0]) if len(pieces) == 1 else len(pieces[-1])
        if gap > _MOST_GAP:
            raise ValueError("a row of it is larger than a table's would be")


def _gather(path: Path, rows: Iterable[Sequence[str]]) -> tuple[list[Column], list[str]]:
    """Turn rows into columns block by block; the first row with content holds the headings."""
    filled = (row for row in rows if any(row))
    heading = [" ".join(name.split()) for name in next(filled, [])]
    while heading and not heading[-1]:
        heading.pop()
    width = len(heading)
    if width > MOST_COLUMNS:
        raise _refused(path, f"It has more than {MOST_COLUMNS} columns.")
    lookups: list[defaultdict[str, int]] = []
    for _ in heading:
        lookup: defaultdict[str, int] = defaultdict()
        lookup.default_factory = lookup.__len__
        lookups.append(lookup)
    codes = [array("i") for _ in heading]
    count = odd = 0
    while block := list(islice(filled, _BLOCK)):
        fitting = [row for row in block if len(row) <= width or not any(row[width:])]
        odd += len(block) - len(fitting)
        count += len(fitting)
        if count > MOST_ROWS or count * width > _MOST_VALUES:
            raise _refused(path, f"It has more than {min(MOST_ROWS, _MOST_VALUES // width):,} rows.")
        columns = list(zip_longest(*fitting, fillvalue=""))[:width]
        columns += [("",) * len(fitting)] * (width - len(columns))
        for column, lookup, target in zip(columns, lookups, codes, strict=True):
            target.extend(map(lookup.__getitem__, column))
    if not count:
        raise _refused(path, "It has headings but no rows." if width else "It is empty.")
    remarks = [f"{odd:,} rows have more fields than there are headings and are left out."] if odd else []
    names = _headings(heading)
    return [_column(name, lookup, target) for name, lookup, target in zip(names, lookups, codes, strict=True)], remarks


def _headings(found: Sequence[str]) -> list[str]:
    """Name columns without heading and tell equal headings apart (`x`, `x_2`)."""
    taken: set[str] = set()
    names = []
    for index, heading in enumerate(found, start=1):
        plain = _CONTROL.sub("", heading)[:80] or f"column {index}"
        name, number = plain, 2
        while name.casefold() in taken:
            name, number = f"{plain}_{number}", number + 1
        taken.add(name.casefold())
        names.append(name)
    return names


def _column(name: str, lookup: dict[str, int], codes: array[int]) -> Column:
    """Strip the texts and give equal ones one number; number 0 is the empty text."""
    numbers: dict[str, int] = {"": 0}
    again = np.zeros(len(lookup), np.int32)
    for text, code in lookup.items():
        plain = text.strip()
        if not plain.isprintable():
            plain = " ".join(_CONTROL.sub("", plain).split())
        again[code] = numbers.setdefault(plain, len(numbers))
    return Column(name, np.array(list(numbers), dtype=object), again[np.frombuffer(codes, np.int32)])
