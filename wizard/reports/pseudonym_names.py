"""Collects every name in a project that a pseudonymised report must not show."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from wizard import fileio
from wizard.plan import LABEL, step_settings
from wizard.reports import pseudonym_fields
from wizard.reports.pseudonyms import KEY, Names, distinct
from wizard.reports.tables import csv_columns, is_text
from wizard.results import (
    EvaluateResult,
    LabelParseResult,
    LabelPredictResult,
    ParseResult,
    PredictResult,
    StepResult,
    TrainResult,
    VisualizeResult,
)

NO_TAGS = frozenset(
    "cell_id source field object height width flags digest fold split true predicted confidence unsure unfamiliar "
    "right box_top box_left box_height box_width placed cluster pseudotime file tag value class".split()
)
"""Columns of tables with one row per cell that are no tags, unless the data set has a tag of that name."""
_MOST_PARTS = 100_000
"""With more sources than this only their whole names are looked for in texts."""
_MODEL_FIELDS = ("model", "second_model", "start", "imagenet")


def names_of(root: Path, project: str, results: Iterable[StepResult]) -> Names:
    """Return the pseudonyms for a project, with all its names known; new ones are written into its key."""
    results = list(results)
    trained = [result for result in results if isinstance(result, (TrainResult, EvaluateResult))]
    classes = {name for result in [*trained, *_predicted(results)] for name in result.classes}
    classes |= pseudonym_fields.stains(results)
    parsed = next((result for result in results if isinstance(result, ParseResult)), None)
    targets = {result.target for result in trained if result.target}
    if not trained and parsed is not None and parsed.target:
        targets.add(parsed.target)
        classes |= set(parsed.classes)
    names = Names(root / KEY, classes, targets)
    tags = _result_tags(results)
    entries = pseudonym_fields.entries(root) if any(result.step.startswith(LABEL) for result in results) else []
    for tag, value in ((tag, value) for entry in entries for tag, value in entry["tags"].items()):
        tags.setdefault(tag, set()).add(value)
    tags, sources = _of_tables(root, tags)
    _add_tags(names, tags, classes)
    _add_sources(names, sources | {entry["file"] for entry in entries} - {""})
    pseudonym_fields.add(names, results, entries)
    _add_settings(names, results)
    _add_results(names, results)
    names.everywhere(str(root), "the project folder", always=True)
    if len(project) > 1:
        names.everywhere(project, "Project", always=True)
    names.everywhere(f"{project}:", "Project:", always=True)
    names.save()
    return names


def _predicted(results: Iterable[StepResult]) -> Iterator[PredictResult]:
    return (result for result in results if isinstance(result, PredictResult))


def _result_tags(results: Iterable[StepResult]) -> dict[str, set[str]]:
    """Return tag → values as the results have them."""
    tags: dict[str, set[str]] = {}
    for result in results:
        if isinstance(result, ParseResult):
            for tag, values in result.tags.items():
                tags.setdefault(tag, set()).update(values)
        elif isinstance(result, EvaluateResult):
            for tag, rows in result.by_tag.items():
                tags.setdefault(tag, set()).update(row.value for row in rows)
        elif isinstance(result, PredictResult):
            for row in result.samples:
                tags.setdefault(row.tag, set()).add(row.value)
        elif isinstance(result, VisualizeResult):
            for tag in result.tags:
                tags.setdefault(tag, set())
    for name in ("source", "cluster", "pseudotime", "placed"):
        # Columns of our own that maps can be coloured by; a tag of that name comes from the data set.
        tags.pop(name, None)
    return tags


def _of_tables(root: Path, tags: dict[str, set[str]]) -> tuple[dict[str, set[str]], set[str]]:
    """Return tag → values and all sources, from the data sets and from the tables of the steps."""
    sources: set[str] = set()
    for place in sorted((root / "data").glob("*.cells")):
        info = _info(place)
        sources |= {str(one.get("path", "")) for one in info.get("sources", []) if isinstance(one, dict)}
        for tag in info.get("tags", []):
            tags.setdefault(tag, set())
        _read_parquet(place / "cells.parquet", tags, sources)
    for path in sorted((root / "results").glob("*/*")):
        if path.suffix == ".parquet":
            _read_parquet(path, tags, sources)
        elif path.suffix == ".csv" and path.parent.name != "report" and not path.with_suffix(".parquet").is_file():
            _read_csv(path, tags, sources)
    return tags, sources - {""}


def _info(place: Path) -> dict[str, Any]:
    try:
        found = fileio.read_json(place / "dataset.json")
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _read_parquet(path: Path, tags: dict[str, set[str]], sources: set[str]) -> None:
    """Add the sources and the texts of a table with one row per cell."""
    try:
        schema = pq.read_schema(path)
        texts = [field.name for field in schema if is_text(field.type)]
        table = pq.read_table(path, columns=[name for name in texts if name != "cell_id"])
    except (OSError, pa.ArrowException):
        return
    for name in table.column_names:
        values = {str(value) for value in table.column(name).unique().to_pylist() if value}
        if name == "source":
            sources |= values
        elif name in tags or name not in NO_TAGS:
            tags.setdefault(name, set()).update(values)


def _read_csv(path: Path, tags: dict[str, set[str]], sources: set[str]) -> None:
    """Add the sources and the values of known tags of a table with one row per cell."""
    found = csv_columns(path, lambda name: name == "source" or name in tags)
    if "source" in found:
        sources |= found.pop("source")
        for name, values in found.items():
            tags[name] |= values


def _add_tags(names: Names, tags: Mapping[str, set[str]], classes: set[str]) -> None:
    names.tags = set(tags)
    for tag, values in tags.items():
        if values and values <= classes:
            names.keep(tag)
    for tag, values in tags.items():
        stand_in = names.tag(tag)
        if stand_in != tag:
            names.everywhere(tag, stand_in)
            names.everywhere(f"group {tag}", f"group {stand_in}", always=True)
        if names.kept(tag):
            continue
        names.add(f"value of {tag}", values, names.before(tag))
        for value in values:
            other = names.value(tag, value)
            for joint in (" ", " = ", "=", ": ", "-", "_"):
                names.everywhere(f"{tag}{joint}{value}", other, always=True)
            names.everywhere(value, other)


def _add_sources(names: Names, sources: set[str]) -> None:
    """Give a number to every source, and one to each folder on the way to it."""
    names.add("file", sources, "File ")
    folders = {part for source in sources for part in parts_of(source)[:-1]}
    names.add("folder", (part for part in folders if distinct(part)), "Folder ")
    for source in sources:
        stand_in = names.source(source)
        names.everywhere(source, stand_in, always=len(source) > 2 and not source.isdigit())
        if len(sources) > _MOST_PARTS:
            continue
        last = parts_of(source)[-1]
        names.everywhere(last, stand_in)
        names.everywhere(last.rsplit(".", 1)[0], stand_in)
    for folder in folders:
        if distinct(folder):
            names.everywhere(folder, names.folder(folder))


def parts_of(path: str) -> list[str]:
    """Return the parts of a path of any system; the path itself when it has none."""
    return [part for part in PurePosixPath(path.replace("\\", "/")).parts if part not in ("/", "..")] or [path]


def add_place(names: Names, path: str) -> None:
    """Let a path that the user chose be replaced: as a whole, and each of its parts."""
    parts = parts_of(path)
    names.everywhere(path, names.folder(path), always=True)
    for part in parts:
        if distinct(part):
            names.everywhere(part, names.folder(part))


def _add_model(names: Names, path: str) -> None:
    parts = parts_of(path)
    stand_in = names.model(parts[-1])
    names.everywhere(path, stand_in, always=True)
    names.everywhere(parts[-1], stand_in, always=True)
    names.everywhere(parts[-1].rsplit(".", 1)[0], stand_in)
    for part in parts[:-1]:
        if distinct(part):
            names.everywhere(part, names.folder(part))


def _add_settings(names: Names, results: Iterable[StepResult]) -> None:
    """Add the paths among the settings of all steps."""
    for result in results:
        for key, value in result.settings.items():
            if key in _MODEL_FIELDS and isinstance(value, str) and value not in ("", "auto", "newest"):
                _add_model(names, value)
    for item in (item for result in results for item in step_settings(result.step)):
        if item.kind not in ("paths", "file") or item.name in _MODEL_FIELDS:
            continue
        for result in results:
            value = result.settings.get(item.name) if result.step == item.step else None
            for path in value if isinstance(value, list) else [value]:
                if isinstance(path, str) and path:
                    add_place(names, path)


def _add_results(names: Names, results: Iterable[StepResult]) -> None:
    """Add the names that only the results hold: model files, files left out, pictures."""
    for result in results:
        model = getattr(result, "model", "")
        if model:
            _add_model(names, model)
        if isinstance(result, EvaluateResult) and result.rival is not None and result.rival.model:
            _add_model(names, result.rival.model)
        data_set = parts_of(getattr(result, "data_set", "") or "data")[-1].removesuffix(".cells")
        if data_set != "main":
            names.everywhere(data_set, "data set", always=len(data_set) > 2)
        files = [item.file for item in result.notices]
        if isinstance(result, (LabelParseResult, LabelPredictResult)):
            files += [item.file for item in result.skipped]
            files += [name for cue in result.cues for name in cue.files]
        if isinstance(result, ParseResult):
            files += [item.file for item in result.skipped]
            files += [name for cue in result.cues for name in cue.files]
        if isinstance(result, PredictResult):
            files += list(result.maps)
            files += [row.value for row in result.samples if row.tag in ("source", "file")]
        _add_sources(names, {name for name in files if name})
