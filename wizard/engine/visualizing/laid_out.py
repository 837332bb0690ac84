"""Draws the chosen maps, or takes those that an earlier run drew from the same features and settings."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from wizard.engine.embeddings import METHODS
from wizard.engine.embeddings.placing import Placement
from wizard.engine.embeddings.quality import Judge, judge_of
from wizard.engine.embeddings.space import Floats
from wizard.engine.events import Tell
from wizard.engine.visualizing.naming import free
from wizard.engine.visualizing.prepared import Prepared
from wizard.results import Map, VisualizeResult

_SHAPING = ("standardize", "most", "seed", "features", "correct", "batch")
_OF_METHOD = {"pca": (), "tsne": ("perplexity",), "umap": ("neighbours", "min_dist"), "phate": ("knn",)}


def key_of(prepared: Prepared, method: str, dimensions: int) -> str:
    """Return what changes when the map would."""
    plan = prepared.plan.model_dump()
    if plan["correct"] == "none":
        plan["batch"] = ""
    settings = {name: plan[name] for name in (*_SHAPING, *_OF_METHOD[method])}
    text = json.dumps([prepared.extracted.id, method, dimensions, settings], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


class Earlier:
    """The maps of the run before, as far as they are of the same cells."""

    def __init__(self, result: VisualizeResult | None, folder: Path, cells: Any) -> None:
        self._maps = {one.key: one for one in result.maps if one.key} if result else {}
        self._table: pa.Table | None = None
        path = folder / "maps.parquet"
        if not self._maps or not path.is_file():
            return
        try:
            table = pq.read_table(path)
            if "placed" in table.column_names:
                table = table.filter(pa.compute.invert(table.column("placed")))
            if table.column("cell_id").to_pylist() == list(cells):
                self._table = table
        except (OSError, KeyError, pa.ArrowException):
            # A damaged table of an older run only means that the maps are drawn anew.
            self._table = None

    def find(self, key: str) -> tuple[Map, Floats] | None:
        """Return the map with this key and its coordinates (cell, dimensions), or None."""
        found = self._maps.get(key)
        if found is None or self._table is None or not set(found.columns) <= set(self._table.column_names):
            return None
        columns = [self._table.column(name).to_numpy() for name in found.columns]
        return found, np.stack(columns, axis=1).astype(np.float32)


_WORK = {"pca": 0.05, "phate": 0.6}
"""What a map takes, for the bar; the others take 1."""
_TAKEN_OVER = 0.05


def draw(
    prepared: Prepared, others: Placement | None, earlier: Earlier, tell: Tell
) -> tuple[list[Map], dict[str, Floats], Judge]:
    """Return the maps, the coordinates of every cell by column, and the judge of their quality.

    `others` places the cells that are not laid out.
    """
    plan = prepared.plan
    dimensions = tuple(sorted(int(number) for number in plan.dimensions))
    judge = judge_of(np.ascontiguousarray(prepared.scores[prepared.rows]), plan.seed)
    maps: list[Map] = []
    columns: dict[str, Floats] = {}
    found_before = {
        method: {number: earlier.find(key_of(prepared, method, number)) for number in dimensions}
        for method in plan.methods
    }
    work = [_WORK.get(method, 1.0) if None in found_before[method].values() else _TAKEN_OVER for method in plan.methods]
    for place, method in enumerate(plan.methods):
        if maps and tell.should_stop():
            left = ", ".join(METHODS[other].title for other in plan.methods[place:])
            tell.notice("info", f"Stopped before these maps were drawn: {left}.")
            break
        part = tell.within(sum(work[:place]) / sum(work), sum(work[: place + 1]) / sum(work))
        part.progress(0.0, METHODS[method].title)
        known = found_before[method]
        missing = tuple(number for number, found in known.items() if found is None)
        began = time.monotonic()
        made = METHODS[method].make(prepared.space, missing, plan, part.progress) if missing else {}
        seconds = (time.monotonic() - began) / max(1, len(missing))
        for number in dimensions:
            found = known[number]
            if found is not None:
                one, coordinates = found
                one = one.model_copy(update={"columns": _columns(prepared, method, number)})
            else:
                one = _described(prepared, method, number, made[number], seconds, judge)
                coordinates = _with_others(prepared, made[number], others)
            maps.append(one)
            columns |= {name: coordinates[:, axis] for axis, name in enumerate(one.columns)}
    return maps, columns, judge


def _columns(prepared: Prepared, method: str, dimensions: int) -> list[str]:
    return [free(f"{method}_{dimensions}d_{axis + 1}", prepared.columns) for axis in range(dimensions)]


def _described(prepared: Prepared, method: str, dimensions: int, made: Floats, seconds: float, judge: Judge) -> Map:
    entry = METHODS[method]
    trust, kept = judge.judge(made)
    note = entry.note(prepared.space, dimensions, prepared.plan)
    if method == "pca":
        shares = ", ".join(f"{100 * share:.0f} %" for share in prepared.reduction.explained[:dimensions])
        note = f"Share of the variance: {shares}."
    return Map(
        method=method,
        title=f"{entry.title} {dimensions}-D",
        dimensions=dimensions,
        columns=_columns(prepared, method, dimensions),
        figure=f"{method}_{dimensions}d.png",
        seconds=round(seconds, 2),
        note=note,
        trustworthiness=round(trust, 4),
        preservation=round(kept, 4),
        key=key_of(prepared, method, dimensions),
    )


def _with_others(prepared: Prepared, made: Floats, others: Placement | None) -> Floats:
    if others is None:
        return made
    every = np.empty((len(prepared.scores), made.shape[1]), np.float32)
    every[prepared.rows] = made
    every[rest(prepared)] = others.mean(made)
    return every


def rest(prepared: Prepared) -> Any:
    """Return the cells that are not laid out, ascending."""
    return np.setdiff1d(np.arange(len(prepared.scores)), prepared.rows, assume_unique=True)


def of_laid_out(prepared: Prepared, columns: Mapping[str, Floats], one: Map) -> Floats:
    """Return the coordinates (cell, dimensions) of the cells that were laid out."""
    return np.stack([columns[name][prepared.rows] for name in one.columns], axis=1)
