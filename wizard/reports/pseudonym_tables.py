"""Copies of the files of all steps in which every name has its stand-in."""

from __future__ import annotations

import contextlib
import csv
import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from wizard import fileio
from wizard.reports.pseudonym_results import without_names
from wizard.reports.pseudonyms import Names
from wizard.reports.tables import is_text, unguarded
from wizard.results import ParseResult, StepResult

_PICTURES = (".png", ".npz")
_BATCH = 16_384
_BYTES = 4_000_000


def stage(root: Path, results: Iterable[StepResult], names: Names, target: Path) -> list[StepResult]:
    """Copy what the reports of all steps read from `root` to `target` without names; return the results without names.

    `target` becomes a project folder with `results/STEP` alone. Files that no report reads are not copied.
    """
    results = list(results)
    parsed = next((result for result in results if isinstance(result, ParseResult)), None)
    group = parsed.group if parsed is not None else ""
    made = [without_names(result, names, group) for result in results]
    for result in results:
        source, place = root / "results" / result.step, target / "results" / result.step
        place.mkdir(parents=True, exist_ok=True)
        for path in sorted(source.rglob("*")) if source.is_dir() else []:
            if path.is_file() and not _twice(path):
                _copy(path, place / names.text(path.relative_to(source).as_posix()), names)
    names.save()
    return made


def _twice(path: Path) -> bool:
    """Tell whether a table is there as Parquet too, which is what reports read; they read predictions as CSV."""
    return path.suffix == ".csv" and path.stem != "predictions" and path.with_suffix(".parquet").is_file()


def _copy(path: Path, target: Path, names: Names) -> None:
    if path.suffix == ".csv":
        fileio.write_with(target, lambda place: _csv(path, place, names))
    elif path.suffix == ".parquet":
        fileio.write_with(target, lambda place: _parquet(path, place, names))
    elif path.suffix == ".md":
        text = path.read_text(encoding="utf-8", errors="replace")
        fileio.write_text(target, "\n".join(names.text(line) for line in text.split("\n")))
    elif path.suffix in _PICTURES and path.stat().st_size > 0:
        target.parent.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(OSError):
            os.link(path, target)
            return
        shutil.copyfile(path, target)


def _replacer(column: str, names: Names, per_cell: bool) -> Callable[[str], str] | None:
    """Return what replaces the values of a column; None leaves them."""
    if column == "cell_id":
        return names.cell
    if column in ("source", "file", "picture") and column not in names.tags:
        return lambda text: names.source(text) if text else text
    if column == "field" and column not in names.tags:
        return lambda text: names.view(text) if text else text
    if column in names.tags and per_cell:
        return None if names.kept(column) else lambda text: names.value(column, text)
    return names.text


def _csv(path: Path, target: Path, names: Names) -> None:
    """Copy a CSV without names; a column `value` holds values of the tag in the column `tag`."""
    with (
        path.open(encoding="utf-8-sig", newline="") as stream,
        target.open("w", encoding="utf-8-sig", newline="") as out,
    ):
        lines, sink = csv.reader(stream), csv.writer(out)
        header = [unguarded(name) for name in next(lines, [])]
        sink.writerow([fileio.safe_cell(_heading(name, names)) for name in header])
        sink.writerows(_rows(lines, header, names))


def _heading(name: str, names: Names) -> str:
    return names.tag(name) if name in names.tags else names.text(name)


def _rows(lines: Iterable[list[str]], header: list[str], names: Names) -> Iterator[list[object]]:
    per_cell = "cell_id" in header
    replace = [_replacer(name, names, per_cell) for name in header]
    of_tag = (header.index("tag"), header.index("value")) if {"tag", "value"} <= set(header) else None
    for line in lines:
        if len(line) != len(header):
            continue
        made = [one(unguarded(text)) if one is not None else unguarded(text)
                for one, text in zip(replace, line, strict=True)]  # fmt: skip
        if of_tag is not None:
            tag, value = unguarded(line[of_tag[0]]), unguarded(line[of_tag[1]])
            made[of_tag[0]] = names.tag(tag)
            made[of_tag[1]] = names.source(value) if tag in ("source", "file") else names.value(tag, value)
        yield [fileio.safe_cell(text) for text in made]


def _parquet(path: Path, target: Path, names: Names) -> None:
    """Copy a Parquet file without names, batch by batch."""
    with pq.ParquetFile(path) as source:
        old = source.schema_arrow
        schema = pa.schema([pa.field(_heading(field.name, names), _type(field.type)) for field in old])
        per_cell = "cell_id" in old.names
        with pq.ParquetWriter(target, schema, compression="zstd") as sink:
            for batch in source.iter_batches(batch_size=max(256, min(_BATCH, _BYTES // max(1, len(old))))):
                columns = [_column(batch.column(place), old.field(place), names, per_cell) for place in range(len(old))]
                sink.write_batch(pa.record_batch(columns, schema=schema))


def _type(kind: Any) -> Any:
    return pa.string() if is_text(kind) else kind


def _column(values: Any, field: Any, names: Names, per_cell: bool) -> Any:
    if not is_text(field.type):
        return values
    replace = _replacer(field.name, names, per_cell)
    texts = values.to_pylist()
    if replace is None:
        return pa.array(texts, pa.string())
    known: dict[str, str] = {}
    for text in texts:
        if text and text not in known:
            known[text] = replace(text)
    return pa.array([known.get(text, text) if text is not None else None for text in texts], pa.string())
