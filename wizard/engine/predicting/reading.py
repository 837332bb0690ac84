"""Which cells are predicted: read from the images, or taken over if an earlier run had read them already."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from wizard import __version__, fileio
from wizard.engine import cells
from wizard.engine.cells import Chosen
from wizard.engine.data.dataset import DataSet
from wizard.engine.errors import UserError
from wizard.engine.events import Tell
from wizard.engine.model import load, newest, read_manifest
from wizard.engine.predicting.keeping import folder_of, read_note
from wizard.predict_plan import PredictPlan
from wizard.project import Project

NAME = "predict"
"""The data set of the cells that are predicted."""


def choose(plan: PredictPlan, project: Project, tell: Tell) -> Chosen:
    """Return the model and the cells; images that did not change since an earlier run are not read again.

    Raises UserError as `wizard.engine.cells.choose` does.
    """
    if not plan.input:
        return cells.choose(plan.model, plan.input, project, NAME, tell)
    path = newest(project.models(), plan.model)
    if not path.is_file():
        raise UserError(f"The model {path} does not exist.", "", "Choose a .cytomodel file.")
    manifest = read_manifest(path)
    key = _key(plan.input, manifest)
    place = folder_of(project) / "read.json"
    note = read_note(place)
    before = _taken_over(note, key, manifest, project)
    if before is not None:
        tell.progress(0.0, "Loading the model")
        for level, text, file in note.get("notices", []):
            tell.notice(level, text, file)
        words = f"{len(before)} cells of {', '.join(plan.input)}"
        return Chosen(load(path), path, before, words, False, 0.05)
    heard = len(tell.notices)
    chosen = cells.choose(plan.model, plan.input, project, NAME, tell)
    said = [[notice.level, notice.text, notice.file] for notice in tell.notices[heard:]]
    fileio.write_json(place, {"key": key, "fingerprint": chosen.data.info["fingerprint"], "notices": said})
    return chosen


def _taken_over(note: dict[str, Any], key: str, manifest: dict[str, Any], project: Project) -> DataSet | None:
    if not note or note.get("key") != key:
        return None
    try:
        data = DataSet.open(project.data_set(NAME)).middle(tuple(manifest["frame"]))
    except UserError:
        return None
    return data if data.info.get("fingerprint") == note.get("fingerprint") else None


def _key(inputs: Sequence[str], manifest: dict[str, Any]) -> str:
    """Return a hash that is the same only for the same model and files of the same sizes and times."""
    digest = hashlib.sha256(json.dumps([__version__, manifest], sort_keys=True, default=str).encode())
    for item in inputs:
        root = Path(item).expanduser()
        digest.update(f"\n{root.resolve()}".encode("utf-8", "surrogateescape"))
        for path in [root] if root.is_file() else _walk(root):
            try:
                found = path.stat()
            except OSError:
                continue
            digest.update(f"\n{path}{found.st_size} {found.st_mtime_ns}".encode("utf-8", "surrogateescape"))
    return digest.hexdigest()


def _walk(root: Path) -> list[Path]:
    return sorted(Path(place) / name for place, _, names in os.walk(root) for name in names)
