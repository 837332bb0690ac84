"""CSV and TSV of a table of features."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from wizard import fileio
from wizard.engine.extracting.table import cell_count, groups

_BOM = "\ufeff"


def write(source: Path, target: Path, delimiter: str, report: Callable[[float, str], None]) -> None:
    """Write a table of features as text (UTF-8 with byte-order mark, quoted where needed), group by group.

    Missing numbers are empty; texts that a spreadsheet would take for a formula get an apostrophe.
    """

    def fill(place: Path) -> None:
        cells, done = max(1, cell_count(source)), 0
        with place.open("wb") as stream:
            for group in groups(source):
                if not done:
                    stream.write(_header(group.column_names, delimiter))
                plain = _plain(group)
                options = pyarrow.csv.WriteOptions(include_header=False, delimiter=delimiter)
                pyarrow.csv.write_csv(plain, stream, options)
                done += group.num_rows
                report(done / cells, f"Writing {target.suffix[1:].upper()}: cell {done} of {cells}")

    fileio.write_with(target, fill)


def _header(names: list[str], delimiter: str) -> bytes:
    lines: list[str] = []

    class Line:
        def write(self, text: str) -> None:
            lines.append(text)

    csv.writer(Line(), delimiter=delimiter, lineterminator="\n").writerow([fileio.safe_cell(name) for name in names])
    return (_BOM + "".join(lines)).encode("utf-8")


def _plain(group: pa.Table) -> pa.Table:
    columns = []
    for column in group.columns:
        if pa.types.is_floating(column.type):
            columns.append(pc.if_else(pc.is_finite(column), column, pa.scalar(None, column.type)))
        elif pa.types.is_integer(column.type):
            columns.append(column)
        else:
            columns.append(pa.array([None if text is None else fileio.safe_cell(text) for text in column.to_pylist()],
                                    pa.string()))  # fmt: skip
    return pa.table(columns, names=group.column_names)
