"""The names of fields of view that a report without names must not show, and the files that are called after them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from wizard import fileio
from wizard.reports.pseudonyms import Names
from wizard.results import (
    LabelEvaluateResult,
    LabelParseResult,
    LabelPredictResult,
    LabelTrainResult,
    LabelVisualizeResult,
    StepResult,
)

_LISTS = "*.fields/fields.json"
_ENDINGS = (".ome.tif", ".ome.zarr", ".tif", ".png", "_errors.png", "_stains.png")


def entries(root: Path) -> list[dict[str, Any]]:
    """Return name, first file and tags of each field that the project has read."""
    found: list[dict[str, Any]] = []
    for path in sorted((root / "data").glob(_LISTS)):
        try:
            fields = fileio.read_json(path)["fields"]
            found += [{"name": str(one["name"]), "file": str(one["file"]), "tags": dict(one["tags"])} for one in fields]
        except (OSError, ValueError, KeyError, TypeError):
            continue
    return found


def stains(results: Iterable[StepResult]) -> set[str]:
    """Return the names of all stains: they stay, since figures could not be read without them."""
    found: set[str] = set()
    for result in results:
        if isinstance(result, (LabelParseResult, LabelTrainResult, LabelPredictResult)):
            found.update(result.labels)
        elif isinstance(result, LabelEvaluateResult):
            found.update(one.label for one in result.stains)
    return found


def add(names: Names, results: Iterable[StepResult], known: Iterable[dict[str, Any]]) -> None:
    """Give a number to every field, and let its name be replaced in texts, titles and names of files."""
    results = list(results)
    views = {entry["name"] for entry in known} | {name for result in results for name in _views(result)}
    names.add("field", views, "Field ")
    for view in views:
        stand_in = names.view(view)
        names.everywhere(view, stand_in, always=len(view) > 1 and not view.isdigit())
        for title in ("Error panel ", "Stains of "):
            names.everywhere(f"{title}{view}", f"{title}{stand_in}", always=True)
    for result in results:
        taken: set[str] = set()
        for view, files in _files(result):
            stand_in = names.view(view)
            while stand_in in taken:
                stand_in += "+"
            taken.add(stand_in)
            for file in files:
                folder, slash, name = file.rpartition("/")
                ending = next((one for one in sorted(_ENDINGS, key=len, reverse=True) if name.endswith(one)), "")
                names.everywhere(file, f"{folder}{slash}{stand_in}{ending}", always=True)


def _views(result: StepResult) -> Iterator[str]:
    if isinstance(result, LabelParseResult):
        yield from result.names
    elif isinstance(result, LabelEvaluateResult):
        yield from result.fields
    elif isinstance(result, LabelPredictResult):
        yield from (one.name for one in result.fields)
    elif isinstance(result, LabelVisualizeResult):
        yield from (*result.panels, *result.overlays)


def _files(result: StepResult) -> Iterator[tuple[str, list[str]]]:
    """Yield each field with the files that are called after it."""
    if isinstance(result, LabelPredictResult):
        for one in result.fields:
            yield one.name, [file for file in (one.file, one.overlay) if file]
    elif isinstance(result, LabelVisualizeResult):
        for name in dict.fromkeys((*result.panels, *result.overlays)):
            yield name, [files[name] for files in (result.panels, result.overlays) if name in files]
