"""Reads the tables that a step has written, row by row or column by column."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from wizard.reports.blocks import Column, Kind, Value

_NUMBER = re.compile(r"-?(0|[1-9]\d{0,14})(\.\d{1,15})?")
_YES = {"true", "1", "yes"}
_FLAGS = ("unsure", "unfamiliar", "right")
_TEXTS = ("cell_id", "source", "true", "predicted", "split")
_GUARDED = ("=", "+", "-", "@", "\t", "\r")


def unguarded(text: str) -> str:
    """Undo `fileio.safe_cell`: remove the apostrophe put before a text that looks like a formula."""
    return text[1:] if text[:1] == "'" and text[1:2] in _GUARDED else text


def plain_number(text: str) -> Value:
    """Return a number when the text is exactly how that number is written (`7`, `0.5`), else the text (`007`)."""
    if not _NUMBER.fullmatch(text):
        return text
    number = float(text) if "." in text else int(text)
    return number if repr(number) == text else text


def is_yes(text: str) -> bool:
    """Return True for `True`, `1`, `yes` in any case."""
    return text.strip().lower() in _YES


class CellTable:
    """A step's CSV with one row per cell; `classes` tells its probability columns from tags."""

    def __init__(self, path: Path, classes: Sequence[str]) -> None:
        self._path = path
        chances = {f"p_{name}" for name in classes}
        header = next(self._lines(), [])
        self.header = header
        self._kinds = [_cell_kind(name, chances) for name in header]
        self._flags = [name in _FLAGS for name in header]

    @property
    def columns(self) -> list[Column]:
        """The columns as a report shows them."""
        return [Column(name, kind) for name, kind in zip(self.header, self._kinds, strict=True)]

    def rows(self) -> Iterator[list[Value]]:
        """Walk through the table with numbers as numbers and flags as booleans."""
        lines = self._lines()
        next(lines, None)
        for line in lines:
            if len(line) == len(self.header):
                yield [self._value(place, text) for place, text in enumerate(line)]

    def _value(self, place: int, text: str) -> Value:
        if self._flags[place]:
            return is_yes(text)
        kind = self._kinds[place]
        if kind in ("number", "whole"):
            return _number(text)
        plain = unguarded(text)
        return plain_number(plain) if kind == "any" else plain

    def _lines(self) -> Iterator[list[str]]:
        with self._path.open(encoding="utf-8-sig", newline="") as stream:
            for place, line in enumerate(csv.reader(stream)):
                yield [unguarded(name) for name in line] if place == 0 else line


def _cell_kind(name: str, chances: set[str]) -> Kind:
    if name in _TEXTS:
        return "text"
    return "number" if name == "confidence" or name in chances else "any"


def _number(text: str) -> Value:
    try:
        return float(text)
    except ValueError:
        return None


@dataclass
class ClassTally:
    """What the predictions of one class amount to."""

    cells: int = 0
    unsure: int = 0
    unfamiliar: int = 0
    confidence: float = 0.0

    @property
    def mean_confidence(self) -> float | None:
        """Mean of the cells' confidence; None without cells."""
        return self.confidence / self.cells if self.cells else None


@dataclass
class Tally:
    """Counts over a whole predictions table."""

    rows: int = 0
    classes: dict[str, ClassTally] = field(default_factory=dict)


def tally(table: CellTable) -> Tally:
    """Walk once through the predictions and count per predicted class."""
    where = {name: place for place, name in enumerate(table.header)}
    found = Tally()
    for row in table.rows():
        found.rows += 1
        one = found.classes.setdefault(str(row[where["predicted"]]), ClassTally())
        one.cells += 1
        one.unsure += bool(row[where["unsure"]]) if "unsure" in where else 0
        one.unfamiliar += bool(row[where["unfamiliar"]]) if "unfamiliar" in where else 0
        confidence = row[where["confidence"]] if "confidence" in where else None
        one.confidence += float(confidence) if isinstance(confidence, (int, float)) else 0.0
    return found


def map_table(path: Path) -> Any:
    """Return maps.parquet as an Arrow table, memory-mapped."""
    return pq.read_table(path, memory_map=True)


def arrow_columns(table: Any) -> list[Column]:
    """Return the columns of an Arrow table as a report shows them."""
    kinds: list[Kind] = ["number" if pa.types.is_floating(item.type) else "any" for item in table.schema]
    kinds = ["text" if item.name in _TEXTS else kind for item, kind in zip(table.schema, kinds, strict=True)]
    return [Column(item.name, kind) for item, kind in zip(table.schema, kinds, strict=True)]


def arrow_rows(table: Any) -> Iterator[list[Value]]:
    """Walk through an Arrow table in batches, so that memory stays bounded; numbers in tags become numbers."""
    for batch in table.to_batches(max_chunksize=4096):
        columns = [
            values if name in _TEXTS else [plain_number(v) if isinstance(v, str) else v for v in values]
            for name, values in zip(batch.schema.names, (c.to_pylist() for c in batch.columns), strict=True)
        ]
        yield from (list(row) for row in zip(*columns, strict=True))


def values(table: Any, name: str) -> list[str]:
    """Return a tag of an Arrow table as text; "" where it is missing."""
    return ["" if value is None else str(value) for value in table.column(name).to_pylist()]


def count_values(names: Sequence[str]) -> Counter[str]:
    """Return value → number of cells."""
    return Counter(names)


def csv_columns(path: Path, wanted: Callable[[str], bool]) -> dict[str, set[str]]:
    """Return the distinct values of the columns of a CSV whose names are `wanted`."""
    with path.open(encoding="utf-8-sig", newline="") as stream:
        lines = csv.reader(stream)
        header = [unguarded(name) for name in next(lines, [])]
        places = [(place, set[str]()) for place, name in enumerate(header) if wanted(name)]
        for line in lines:
            if len(line) == len(header):
                for place, values in places:
                    values.add(line[place])
    return {header[place]: {unguarded(value) for value in values} for place, values in places}


def is_text(kind: Any) -> bool:
    """Tell whether an Arrow type holds texts."""
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_dictionary(kind))
