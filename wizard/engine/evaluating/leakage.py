"""What the judged cells share with the cells that a model was trained on: exact copies and groups."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from wizard import fileio, runs
from wizard.engine import cells
from wizard.engine.data.dataset import DataSet
from wizard.engine.errors import UserError
from wizard.engine.evaluating.judged import Judged
from wizard.engine.evaluating.redraw import share
from wizard.engine.training.keeping import kept_parts
from wizard.project import Project
from wizard.results_evaluate import Leakage

TABLE = "leakage.csv"
_NAMED = 20


@dataclass(frozen=True)
class Learned:
    """The training cells as far as they are known here: digest → where from, their groups, and which they are."""

    words: str = ""
    twins: dict[str, str] = field(default_factory=dict)
    groups: set[str] = field(default_factory=set)


def learned(chosen: cells.Chosen, project: Project, group: str) -> Learned:
    """Find the cells that the model was trained and validated on; those of its manifest's groups at least."""
    manifest = chosen.model.manifest
    groups = set(manifest["data_set"]["training_groups"])
    data = _training_data(chosen, project)
    if data is None:
        return Learned(groups=groups)
    rows, words = _training_rows(manifest, project, data)
    names = data.cells["source"][rows].astype(str), data.cells["object"][rows]
    twins = {
        digest: f"{source} ({number})"
        for digest, source, number in zip(data.cells["digest"][rows].astype(str), *names, strict=True)
    }
    if group in data.tags:
        groups |= set(data.values(group)[rows].tolist())
    return Learned(f"{len(rows):,} {words}", twins, groups)


def _training_data(chosen: cells.Chosen, project: Project) -> DataSet | None:
    """Return the data set on which the model was trained, when this project still has it."""
    wanted = chosen.model.manifest["data_set"]["fingerprint"]
    if chosen.own:
        return chosen.data if chosen.data.info["fingerprint"] == wanted and "digest" in chosen.data.cells else None
    place = project.data_set(project.plan.parse.name)
    if not place.exists():
        return None
    try:
        data = DataSet.open(place)
    except UserError:
        return None
    return data if data.info["fingerprint"] == wanted and "digest" in data.cells else None


def _training_rows(manifest: dict[str, object], project: Project, data: DataSet) -> tuple[NDArray[np.int64], str]:
    run = runs.load(project, str(manifest.get("run") or ""))
    if run is not None:
        try:
            parts = kept_parts(project, run, data)
            return np.concatenate([parts.train, parts.validation]), "cells of the model's training and validation"
        except (OSError, ValueError, UserError):
            pass
    return data.where("train"), "training cells of this project"


def check(judged: Judged, known: Learned) -> Leakage:
    """Compare the judged cells with the training cells."""
    twin = copies(judged, known)
    shared = in_groups(judged, known)
    names = judged.data.values(judged.group)[judged.rows[shared]].tolist() if judged.group else []
    found = Leakage(
        checked=known.words,
        n_duplicates=int(twin.sum()),
        duplicates=[
            f"{judged.name(place)} = {known.twins[_digests(judged)[place]]}" for place in np.flatnonzero(twin)[:_NAMED]
        ],
        group=judged.group,
        shared_groups=sorted(set(names)),
        n_in_shared_groups=int(shared.sum()),
    )
    clean = np.flatnonzero(~(twin | shared))
    if 0 < len(clean) < len(twin):
        found.accuracy_without, found.n_without = share(judged.right[clean], judged.redraw.part(clean)), len(clean)
    return found


def copies(judged: Judged, known: Learned) -> NDArray[np.bool_]:
    """Return which judged cells have the same pixels as a training cell."""
    if not known.twins:
        return np.zeros(len(judged.rows), bool)
    return np.array([digest in known.twins for digest in _digests(judged)], bool)


def in_groups(judged: Judged, known: Learned) -> NDArray[np.bool_]:
    """Return which judged cells are of a group that has training cells."""
    if not judged.group or not known.groups:
        return np.zeros(len(judged.rows), bool)
    return np.isin(judged.data.values(judged.group)[judged.rows], sorted(known.groups))


def _digests(judged: Judged) -> list[str]:
    if "digest" not in judged.data.cells:
        return [""] * len(judged.rows)
    found: list[str] = judged.data.cells["digest"][judged.rows].astype(str).tolist()
    return found


def write(folder: Path, judged: Judged, known: Learned) -> dict[str, str]:
    """Write leakage.csv with every judged cell that shares something; return title → file, {} when there is none."""
    twin, shared = copies(judged, known), in_groups(judged, known)
    places = np.flatnonzero(twin | shared)
    if not len(places):
        return {}
    digests = _digests(judged)
    values = judged.data.values(judged.group)[judged.rows] if judged.group else np.full(len(twin), "")
    rows = [
        [*judged.origin(place), known.twins.get(digests[place], "") if twin[place] else "",
         values[place] if shared[place] else ""]
        for place in places
    ]  # fmt: skip
    fileio.write_csv(folder / TABLE, ["cell_id", "source", "object", "copy_of", "shared_group"], rows)
    return {"Cells shared with the training": TABLE}
