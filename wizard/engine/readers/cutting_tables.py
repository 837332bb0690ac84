"""Tables that say where cells lie in pictures: CellProfiler's CSV, and plain `file, x, y` tables."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
from numpy.typing import NDArray

_MOST_BYTES = 512 * 2**20
_FILES = ("file", "filename", "image", "image_file", "image_name", "imagename", "picture", "path", "image_path")
_CLASSES = ("class", "label", "class_name", "cell_type", "type", "category", "phenotype")
_MIDDLES = {axis: (axis, f"center_{axis}", f"centre_{axis}", f"{axis}_center", f"{axis}_centre", f"centroid_{axis}",
                   f"c{axis}") for axis in "yx"}  # fmt: skip
_LOWS = {"y": ("top", "ymin", "y_min", "y1"), "x": ("left", "xmin", "x_min", "x1")}
_HIGHS = {"y": ("bottom", "ymax", "y_max", "y2"), "x": ("right", "xmax", "x_max", "x2")}
_SIZES = {"y": ("height", "h"), "x": ("width", "w")}
_PROFILER = {axis: re.compile(rf"(?:.*_)?(?:location|areashape)_center_{axis}") for axis in "yx"}
_IGNORED = re.compile(r"(?:.*_)?(?:pathname|url|md5digest|scaling|frame|series|index)_.*")
_METADATA = re.compile(r"(?:image_)?metadata_(.+)")


@dataclass
class Marked:
    """Marked cells of a picture (n): `middles` (n, 2) y, x and `sizes` (n, 2) height, width in px.

    Positions count from the picture's top left corner; NaN in `sizes` = only the middle is given, NaN in
    `middles` = no usable position. `size` is that of the picture on which the marks were made.
    """

    middles: NDArray[np.float64]
    sizes: NDArray[np.float64]
    tags: dict[str, list[str]] = field(default_factory=dict)
    figures: dict[str, NDArray[np.float64]] = field(default_factory=dict)
    size: tuple[int, int] | None = None


class Unusable(Exception):
    """A file with marks that cannot be used, with the reason in words for the user."""


@dataclass
class Table:
    """A table of marks: `names` → rows of that picture; empty for a table that only names pictures."""

    marked: dict[str, Marked]
    pictures: dict[str, list[str]] = field(default_factory=dict)
    """CellProfiler's image number → file names."""
    wants_pictures: dict[str, Marked] = field(default_factory=dict)
    """Image number → marks, where the table names no files."""


def read_table(path: Path) -> Table:
    """Read a CSV (comma, semicolon or tab; UTF-8 or Latin-1); raises Unusable with the reason."""
    columns = _columns(path)
    known = {_plain(name): name for name in reversed(columns)}
    files = [known[name] for name in known if name in _FILES or re.fullmatch(r"(?:image_)?filename_.*", name)]
    number = known.get("imagenumber")
    place = _places(columns, known)
    if place is None:
        if number and files:
            return Table({}, _named(columns, number, files))
        raise Unusable("It has no columns x and y, Location_Center_X and _Y, or of boxes (xmin, ymin, xmax, ymax).")
    if not files and not number:
        raise Unusable("It has no column that names the picture (file).")
    middles, sizes, used = place
    others = [name for name in columns if name not in {*used, *files, number}]
    tags, figures = _rest(columns, others)
    groups = _rows_by(columns, files or [known["imagenumber"]])
    marked = {
        name: Marked(
            middles[rows], sizes[rows], {tag: [values[row] for row in rows.tolist()] for tag, values in tags.items()},
            {figure: values[rows] for figure, values in figures.items()},
        )
        for name, rows in groups.items()
    }  # fmt: skip
    return Table(marked) if files else Table({}, {}, marked)


def _columns(path: Path) -> dict[str, pa.ChunkedArray]:
    """Read all columns as text."""
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise Unusable("The table is larger than 512 MB.")
        raw = path.read_bytes()
    except OSError as error:
        raise Unusable(f"It cannot be read: {error.strerror}.") from None
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("latin-1")
    if "\0" in text:
        raise Unusable("It is not a table: it holds characters that no text has.")
    first = text.lstrip("\r\n").splitlines()[:1]
    mark = max(",;\t", key=first[0].count) if first else ","
    try:
        header = next(csv.reader(io.StringIO(first[0]), delimiter=mark)) if first else []
    except csv.Error:
        header = []
    names = [name.strip() for name in header]
    if not any(names):
        raise Unusable("It is empty.")
    unique = [name if name and name not in names[:at] else f"{name or 'column'} {at + 1}"
              for at, name in enumerate(names)]  # fmt: skip
    try:
        table = pacsv.read_csv(
            pa.BufferReader(text.lstrip("\r\n").encode("utf-8")),
            read_options=pacsv.ReadOptions(column_names=unique, skip_rows=1),
            parse_options=pacsv.ParseOptions(delimiter=mark, newlines_in_values=False),
            convert_options=pacsv.ConvertOptions(
                column_types=dict.fromkeys(unique, pa.string()), strings_can_be_null=False
            ),
        )
    except (pa.ArrowException, ValueError, KeyError) as error:
        raise Unusable(f"It is not a plain table: {str(error).splitlines()[0]}") from None
    if mark == ";":
        return {name: _with_points(table.column(name)) for name in unique}
    return {name: table.column(name) for name in unique}


def _with_points(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Turn the decimal commas of tables with semicolons to points."""
    return pc.replace_substring_regex(column, r"^\s*(-?\d+),(\d+)\s*$", r"\1.\2")


def _plain(name: str) -> str:
    return re.sub(r"[\s.\-]+", "_", name.strip()).casefold()


def _numbers(column: pa.ChunkedArray) -> NDArray[np.float64] | None:
    """Return a column as numbers, NaN where it is empty; None when it holds text or nothing."""
    text = pc.utf8_trim_whitespace(column)
    empty = pc.or_(pc.equal(text, ""), pc.equal(pc.utf8_lower(text), "nan"))
    try:
        values = pc.cast(pc.if_else(empty, pa.scalar(None, pa.string()), text), pa.float64())
    except pa.ArrowInvalid:
        return None
    numbers: NDArray[np.float64] = np.array(values.fill_null(np.nan).to_numpy(), np.float64)
    numbers[~np.isfinite(numbers)] = np.nan
    return numbers if np.isfinite(numbers).any() else None


def _loose_numbers(column: pa.ChunkedArray) -> NDArray[np.float64]:
    """Return a column as numbers, NaN where it is none."""
    strict = _numbers(column)
    if strict is not None:
        return strict
    shape = r"^\s*[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d{1,3})?\s*$"
    fits = pc.match_substring_regex(column, shape)
    kept = _numbers(pc.if_else(fits, column, ""))
    return np.full(len(column), np.nan) if kept is None else kept


def _places(
    columns: dict[str, pa.ChunkedArray], known: dict[str, str]
) -> tuple[NDArray[np.float64], NDArray[np.float64], set[str]] | None:
    """Return middles, sizes and the columns they come from; None when there are no positions."""
    middles, sizes, used = [], [], set()
    for axis in "yx":
        found = _axis(columns, known, axis)
        if found is None:
            return None
        middle, size, names = found
        middles.append(middle)
        sizes.append(size)
        used |= names
    return np.stack(middles, axis=1), np.stack(sizes, axis=1), used


def _axis(
    columns: dict[str, pa.ChunkedArray], known: dict[str, str], axis: str
) -> tuple[NDArray[np.float64], NDArray[np.float64], set[str]] | None:
    def column(names: Sequence[str]) -> tuple[str, NDArray[np.float64]] | None:
        name = next((known[name] for name in names if name in known), None)
        return None if name is None else (name, _loose_numbers(columns[name]))

    low, high, size = column(_LOWS[axis]), column(_HIGHS[axis]), column(_SIZES[axis])
    if low and (high or size):
        length = high[1] - low[1] if high else size[1] if size else low[1]
        return low[1] + length / 2, length, {pair[0] for pair in (low, high or size) if pair}
    # CellProfiler's positions are means of pixel numbers: the middle of the first pixel is 0.
    profiler = [name for name in known if _PROFILER[axis].fullmatch(name)]
    if profiler:
        best = min(profiler, key=lambda name: ("location" not in name, len(name)))
        return _loose_numbers(columns[known[best]]) + 0.5, np.full(len(columns[known[best]]), np.nan), {known[best]}
    middle = column(_MIDDLES[axis])
    if middle is None:
        return None
    used = {middle[0]} | ({size[0]} if size else set())
    return middle[1], size[1] if size else np.full(len(middle[1]), np.nan), used


def _rest(
    columns: dict[str, pa.ChunkedArray], others: Sequence[str]
) -> tuple[dict[str, list[str]], dict[str, NDArray[np.float64]]]:
    """Turn the other columns to tags (classes, metadata, text) and figures (numbers)."""
    tags: dict[str, list[str]] = {}
    figures: dict[str, NDArray[np.float64]] = {}
    for name in others:
        plain = _plain(name)
        if _IGNORED.fullmatch(plain):
            continue
        meta = _METADATA.fullmatch(plain)
        is_class = plain in _CLASSES and "class" not in tags
        numbers = None if is_class or meta else _numbers(columns[name])
        if numbers is not None:
            figures[name] = numbers
            continue
        texts = pc.utf8_trim_whitespace(columns[name]).to_pylist()
        if any(texts):
            tags["class" if is_class else meta[1] if meta else plain] = texts
    return tags, figures


def _rows_by(columns: dict[str, pa.ChunkedArray], names: Sequence[str]) -> dict[str, NDArray[np.int64]]:
    """Group the rows by the texts of some columns; a row belongs to each of its texts."""
    groups: dict[str, NDArray[np.int64]] = {}
    for name in names:
        texts = np.array(pc.utf8_trim_whitespace(columns[name]).to_pylist(), dtype=object)
        if not len(texts):
            continue
        order = np.argsort(texts.astype(str), kind="stable")
        cuts = np.flatnonzero(texts[order][1:] != texts[order][:-1]) + 1
        for rows in np.split(order, cuts):
            if texts[rows[0]]:
                groups.setdefault(str(texts[rows[0]]), rows)
    return groups


def _named(columns: dict[str, pa.ChunkedArray], number: str, files: Sequence[str]) -> dict[str, list[str]]:
    named: dict[str, list[str]] = {}
    for name in files:
        for key, text in zip(columns[number].to_pylist(), columns[name].to_pylist(), strict=True):
            if text.strip():
                named.setdefault(key.strip(), []).append(text.strip())
    return named
