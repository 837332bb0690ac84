"""Predictions for other programs: RT-DC copies, FCS, object numbers for IDEAS, folders of pictures."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import numpy as np
from numpy.typing import NDArray

from wizard import __version__, fileio
from wizard.engine.cells import Chosen
from wizard.engine.data.dataset import DataSet
from wizard.engine.events import Tell
from wizard.engine.predicting import class_folders, fcs, rtdc_copies, table
from wizard.engine.predicting.keeping import Chunks
from wizard.engine.predicting.origins import Names, file_of, sources
from wizard.engine.predicting.table import Decision, Predicted
from wizard.predict_plan import PredictPlan
from wizard.project import Project

_MOST_MEASUREMENTS = 150
_ALONE = "single_cells"


@dataclass(frozen=True)
class _Work:
    """What every output needs."""

    folder: Path
    data: DataSet
    found: Predicted
    chunks: Chunks
    how: Decision
    inputs: list[str]
    tell: Tell

    def scores(self, rows: NDArray[np.int64]) -> Iterator[tuple[NDArray[np.int64], NDArray[np.float64]]]:
        """Yield positions in sorted `rows` and their probabilities (cell, class), piece by piece."""
        for part, shares in table.scores(self.chunks, self.how.temperature):
            first, last = np.searchsorted(rows, (part.start, part.stop))
            if last > first:
                yield np.arange(first, last), shares[rows[first:last] - part.start]


def write(
    plan: PredictPlan, folder: Path, chosen: Chosen, found: Predicted, chunks: Chunks, how: Decision,
    project: Project, tell: Tell,
) -> dict[str, str]:  # fmt: skip
    """Write what was asked for; return title → file beside result.json."""
    inputs = list(plan.input or project.plan.parse.input)
    work = _Work(folder, chosen.data, found, chunks, how, inputs, tell)
    files = {}
    for name, title, act in (
        ("rtdc", "RT-DC files with class and scores (folder)", _rtdc),
        ("fcs", "FCS files with class and scores (folder)", _fcs),
        ("ideas", "Object numbers of each class for IDEAS (folder)", _ideas),
    ):
        if name in plan.outputs:
            tell.progress(0.93, f"Writing: {title}")
            place = act(work)
            if place:
                files[title] = place
    if "folders" in plan.outputs:
        class_folders.write(folder, chosen.data, found, plan.picture, tell)
        files["Pictures of the cells by class (folder)"] = class_folders.FOLDER
    return files


def _rtdc(work: _Work) -> str:
    names, written = Names(), 0
    kept: set[str] = set()
    for source, rows in sources(work.data):
        path = file_of(source, work.inputs) if source.casefold().endswith(".rtdc") else None
        if path is None:
            if source.casefold().endswith(".rtdc"):
                work.tell.notice("warning", "No copy was written: the original file is not there any more.", source)
            continue
        scores = np.empty((len(rows), len(work.found.classes)))
        for places, shares in work.scores(rows):
            scores[places] = shares
        events = work.data.cells["object"][rows].astype(np.int64)
        target = work.folder / "rtdc" / names.take(source.removesuffix(path.suffix) + "_predicted", ".rtdc")
        try:
            kept |= set(rtdc_copies.write(path, target, events, work.found.number[rows], scores))
        except (OSError, ValueError, RuntimeError, KeyError) as error:
            work.tell.notice("warning", f"No copy was written: {error}.", source)
            continue
        written += 1
    if kept:
        listed = ", ".join(sorted(kept))
        work.tell.notice("info", f"The RT-DC files had these features before; they were kept: {listed}.")
    if not written:
        work.tell.notice("warning", "No .rtdc copy was written: the cells do not come from .rtdc files.")
        return ""
    _legend(work, work.folder / "rtdc")
    return "rtdc"


def _legend(work: _Work, folder: Path) -> None:
    """Write which number and which score column belongs to which class."""
    fileio.write_csv(folder / "classes.csv", ["number", "class", "score", "ml_score"], (
        [number, name, f"userdef{number + 1}" if number < 9 else "", rtdc_copies.score_name(number)]
        for number, name in enumerate(work.found.classes)
    ))  # fmt: skip


def _fcs(work: _Work) -> str:
    data, found = work.data, work.found
    names = Names()
    figures, left_out = _measurements(data)
    if left_out:
        text = f"{left_out} measurements are not in the FCS files: those with gaps, and those beyond the first"
        work.tell.notice("info", f"{text} {_MOST_MEASUREMENTS}.")
    columns = [("Object", "Object number", 0.0), ("Class", "Class number", float(len(found.classes)))]
    columns += [("Confidence", "Probability of the class", 1.0), ("Unsure", "Unsure", 1.0),
                ("Unfamiliar", "Unlike the training cells", 1.0)]  # fmt: skip
    columns += [(f"P_{index + 1}", f"p {name}", 1.0) for index, name in enumerate(found.classes)]
    for name, rows in _by_file(data):
        own = [*columns, *((name, name, float(values[rows].max())) for name, values in figures.items())]
        own[0] = ("Object", "Object number", float(data.cells["object"][rows].max()) + 1)
        keywords = {"$FIL": name, "CREATOR": f"CytoWizard {__version__}"}
        keywords |= {f"CYTOWIZARD CLASS {index + 1}": title for index, title in enumerate(found.classes)}
        target = work.folder / "fcs" / names.take(name, ".fcs")
        fcs.write(target, own, len(rows), _events(work, rows, list(figures.values())), keywords)
    return "fcs"


def _events(
    work: _Work, rows: NDArray[np.int64], figures: list[NDArray[np.float64]]
) -> Iterator[NDArray[np.float32]]:  # fmt: skip
    found = work.found
    for places, shares in work.scores(rows):
        own = rows[places]
        fixed = [
            work.data.cells["object"][own], found.number[own] + 1, found.confidence[own], found.unsure[own],
            found.unfamiliar[own],
        ]  # fmt: skip
        columns = [*fixed, *shares.T, *(values[own] for values in figures)]
        yield np.stack([np.asarray(column, np.float64) for column in columns], axis=1).astype(np.float32)


def _measurements(data: DataSet) -> tuple[dict[str, NDArray[np.float64]], int]:
    """Return the instrument's measurements without gaps, in the order of the cells, and how many are left out."""
    table_ = data.measurements()
    ids = table_.pop("cell_id", None)
    if ids is None or not np.array_equal(ids.astype(str), data.cells["cell_id"].astype(str)):
        return {}, len(table_)
    whole = {name: values.astype(float) for name, values in table_.items() if np.isfinite(values.astype(float)).all()}
    kept = dict(list(whole.items())[:_MOST_MEASUREMENTS])
    return kept, len(table_) - len(kept)


def _by_file(data: DataSet) -> Iterator[tuple[str, NDArray[np.int64]]]:
    """Yield each source of several cells with its rows; the sources of one cell come together, folder by folder."""
    alone: dict[str, list[NDArray[np.int64]]] = {}
    for name, rows in sources(data):
        if len(rows) > 1:
            yield name, rows
        else:
            alone.setdefault(PurePosixPath(name).parent.as_posix(), []).append(rows)
    for folder, parts in alone.items():
        yield _ALONE if folder == "." else folder, np.sort(np.concatenate(parts))


def _ideas(work: _Work) -> str:
    """Write one text file per source and class: the object numbers, one per line."""
    names, written = Names(), 0
    for name, rows in _by_file(work.data):
        numbers = _object_numbers(work.data, rows)
        if numbers is None:
            continue
        marks = {"unsure": work.found.unsure[rows], "unfamiliar": work.found.unfamiliar[rows]}
        marks = {f"class {title}": work.found.number[rows] == number
                 for number, title in enumerate(work.found.classes)} | marks  # fmt: skip
        for title, chosen in marks.items():
            if chosen.any():
                lines = "\r\n".join(str(number) for number in np.sort(numbers[chosen]).tolist())
                place = work.folder / "ideas" / names.take(f"{name[-50:]} {title}"[-79:], ".txt")
                fileio.write_text(place, lines + "\r\n")
                written += 1
    if not written:
        work.tell.notice("warning", "No object numbers were written: the cells have none from an instrument.")
        return ""
    return "ideas"


def _object_numbers(data: DataSet, rows: NDArray[np.int64]) -> NDArray[np.int64] | None:
    """Return the instrument's object numbers; those of exported pictures are their names. None without them."""
    numbers = data.cells["object"][rows].astype(np.int64)
    alone = len(np.unique(data.cells["source"][rows])) == 1
    if alone and len(numbers) > 1 and len(np.unique(numbers)) == len(numbers):
        return numbers
    stems = [PurePosixPath(str(name)).name.split(".")[0] for name in data.cells["source"][rows]]
    if not all(stem.isascii() and stem.isdigit() and len(stem) < 16 for stem in stems):
        return None
    return np.array([int(stem) for stem in stems], np.int64)
