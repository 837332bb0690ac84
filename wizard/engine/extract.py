"""Step 6: a model and cells to a table of features."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wizard import fileio
from wizard.engine import cells
from wizard.engine.data.dataset import DataSet
from wizard.engine.errors import UserError
from wizard.engine.events import Tell
from wizard.engine.extracting import formats, layers, naming
from wizard.engine.extracting.classical import Classical
from wizard.engine.extracting.measured import Measured
from wizard.engine.extracting.summary import Summary
from wizard.engine.extracting.table import Writer, cell_count, memory, stretches
from wizard.engine.inference import Inference, prepare, stream
from wizard.engine.run import versions
from wizard.extract_plan import ExtractPlan
from wizard.feature_lines import FILE
from wizard.project import Project
from wizard.results import ExtractResult

_MOST_COLUMNS = 16000
_MOST_MEMORY = 1.5 * 2**30
_TABLE = "features.parquet"


def extract(plan: ExtractPlan, project: Project, tell: Tell, folder: Path) -> ExtractResult:
    """Read a layer's output for every cell into features.parquet, and into the further files of the plan.

    Columns: cell_id, source, object, the tags, split, then f0000, f0001 … and classical features (float32) and the
    instrument's measurements. Cells are not augmented; few of them are in memory at a time. features_summary.csv
    describes every feature. When the user stops, the cells up to then are kept.
    """
    chosen = cells.choose(plan.model, plan.input, project, "extract", tell)
    data, model = chosen.data, chosen.model
    name, output = layers.find(model, plan.layer)
    work = _plan_work(plan, data, output)
    _say(work, data, tell)
    inference = prepare(model, [layers.read(output, plan.layout)], plan.engine, project, len(data), tell)
    target = str(model.manifest["target"])
    target = target if target in data.tags else ""
    seconds = _fill(work, chosen, inference, target, folder, tell)
    done = cell_count(folder / _TABLE)
    _say_lost(work, done, tell)
    about = {
        "model": cells.model_name(chosen, project), "layer": plan.layer, "layer in the network": name,
        "layout": plan.layout, "cells": chosen.words, "target": target,
        **{f"version {key}": text for key, text in versions().items()},
    }  # fmt: skip
    source = formats.Source(folder / _TABLE, work.columns, data, about)
    wanted = formats.chosen(plan.formats, done, len(work.columns.features))
    files = {"Features (Parquet)": _TABLE, "What each feature is like (CSV)": FILE}
    files |= formats.write(wanted, source, folder, tell, 0.88)
    stopped = done < len(data)
    return ExtractResult(
        stopped=stopped,
        model=about["model"],
        data=chosen.words,
        data_set=data.path.relative_to(project.root).as_posix(),
        layer=plan.layer,
        layer_in_network=name,
        layout=plan.layout,
        shape=[int(side) for side in output.shape[1:]],
        n_cells=done,
        n_features=work.width,
        classical=work.columns.of("classical"),
        measured=work.columns.of("measured"),
        layers=layers.readable(model),
        engine=inference.engine,
        images_per_second=done / max(seconds, 1e-9),
        target=target,
        found=work.classical.counts if work.classical and not stopped else {},
        renamed=work.columns.renamed,
        files=files,
    )


def _fill(work: _Work, chosen: cells.Chosen, inference: Inference, target: str, folder: Path, tell: Tell) -> float:
    """Write the table and its summary; return how many seconds it took to read the cells."""
    data, constants = chosen.data, chosen.model.manifest["normalisation"]
    summary = Summary(work.columns, *_classes(data, target))
    report = tell.part(chosen.start, 0.85)
    began = time.monotonic()

    def fill(path: Path) -> None:
        with Writer(path, work.columns, data) as writer:
            found = stream(inference, data, np.arange(len(data)), constants, report)
            # What reads ahead ends at once when a stop or an error ends this.
            with closing(found):  # type: ignore[type-var]
                for part, blocks in work.blocks(found, len(data), tell.should_stop):
                    summary.add(part, blocks)
                    writer.write(part, blocks)

    fileio.write_with(folder / _TABLE, fill)
    seconds = time.monotonic() - began
    tell.progress(0.86, "Describing the features")
    summary.write(folder, folder / _TABLE)
    return seconds


@dataclass(frozen=True)
class _Work:
    """What is read for every cell: `width` features of the network, and what comes beside them."""

    cells: int
    width: int
    columns: naming.Columns
    classical: Classical | None
    measured: Measured | None

    def blocks(
        self, found: Iterator[Any], cells: int, stop: Callable[[], bool]
    ) -> Iterator[tuple[slice, list[NDArray[Any]]]]:
        """Yield stretches of cells with their features (cell, feature), kind by kind, until the user stops."""
        parts = stretches(cells, len(self.columns.features))
        beside: list[Iterator[NDArray[Any]]] = []
        if self.classical is not None:
            beside.append(self.classical.measure(parts))
        if self.measured is not None:
            beside.append(self.measured.read(parts))
        for part, features in zip(parts, _regrouped(found, parts, self.width, stop), strict=False):
            done = slice(part.start, part.start + len(features))
            yield done, [features, *(next(more)[: len(features)] for more in beside)]


def _regrouped(
    found: Iterator[Any], parts: Sequence[slice], width: int, stop: Callable[[], bool]
) -> Iterator[NDArray[np.float32]]:
    """Put the batches of a network together to stretches of cells; the last is shorter when the user stops."""
    left = np.empty((0, width), np.float32)
    for part in parts:
        features = np.empty((part.stop - part.start, width), np.float32)
        done = 0
        while done < len(features):
            if not len(left):
                if part.start + done and stop():
                    if done:
                        yield features[:done]
                    return
                _, (output,) = next(found)
                left = output.reshape(len(output), -1)
            piece = left[: len(features) - done]
            features[done : done + len(piece)] = piece
            left, done = left[len(piece) :], done + len(piece)
        yield features


def _plan_work(plan: ExtractPlan, data: DataSet, output: Any) -> _Work:
    width = int(output.shape[-1]) if plan.layout == "average" else layers.width(output)
    if width > _MOST_COLUMNS:
        raise UserError(
            f"Layer {plan.layer} kept flat has {width} columns per cell.",
            f"More than {_MOST_COLUMNS} cannot be handled in a table.",
            "Choose the layout Average, or the layer pool.",
        )
    classical = Classical(data, float(data.info.get("pixel_size") or 0.0) * _shrunk(data)) if plan.classical else None
    measured = Measured(data) if plan.measurements else None
    if measured is not None and not measured.names:
        measured = None
    columns = naming.columns(
        data.tags, width, classical.features if classical else (), measured.names if measured else ()
    )
    if memory(len(data), len(columns.features)) > _MOST_MEMORY:
        raise UserError(
            f"The table of {len(data):,} cells with {len(columns.features):,} columns is too large.",
            "Writing it would take more memory than most computers have to spare.",
            "Choose the layout Average, or the layer pool.",
        )
    return _Work(len(data), width, columns, classical, measured)


def _shrunk(data: DataSet) -> float:
    """Return the factor by which a pixel of the frames is larger than one of the file; 0 where cells differ in it."""
    framing = data.info.get("parse", {})
    scale = float(framing.get("scale", 1.0))
    if framing.get("larger") == "shrink":
        whole = np.array(data.info["frame"])
        sides = np.stack([data.cells["height"], data.cells["width"]], axis=1).astype(float)
        if (np.rint(sides * scale) > whole).any():
            return 0.0
    return 1 / scale


def _classes(data: DataSet, target: str) -> tuple[NDArray[np.int64], list[str]]:
    """Return every cell's class number of the target tag, -1 for none, and the names."""
    if not target:
        return np.full(len(data), -1, np.int64), []
    names, numbers = np.unique(data.values(target), return_inverse=True)
    if "" not in names:
        return numbers.astype(np.int64), names.tolist()
    # "" sorts first.
    return numbers.astype(np.int64) - 1, names[1:].tolist()


def _say(work: _Work, data: DataSet, tell: Tell) -> None:
    for tag, column in work.columns.renamed.items():
        tell.notice(
            "warning", f"The tag {tag!r} is in the column {column!r}: the table has a column {tag!r} of its own."
        )
    if work.classical is not None and len(data.channels) > naming.MOST_PAIRED:
        tell.notice(
            "info", f"Correlations between channels are left out: there are more than {naming.MOST_PAIRED} channels."
        )


def _say_lost(work: _Work, done: int, tell: Tell) -> None:
    counts = work.classical.counts if work.classical else {}
    whole = sum(counts.values())
    if lost := counts.get("nothing"):
        tell.notice(
            "warning", f"In {lost} of {whole} cells nothing stands out from the background; their classical features "
            "are missing.",
        )  # fmt: skip
    if done < work.cells:
        tell.notice("warning", f"Stopped: the table holds the first {done} of {work.cells} cells.")
