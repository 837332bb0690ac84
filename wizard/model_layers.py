"""Which layers of the chosen model can be read, found without loading its network."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import ValidationError

from wizard.results_extract import ExtractResult, LayerShape

if TYPE_CHECKING:
    from wizard.project import Project
    from wizard.results_train import TrainResult

STAGES = ("stage 4", "stage 5", "pool")
"""Deepometry's names, which every network understands."""
_LARGEST = 16 * 2**20


def known_layers(project: Project) -> list[LayerShape]:
    """Return the layers of the model that Extract would use, in the order of the network; none if they are not known.

    Looks into the model file, into the last extraction with this model, and into the training that made it.
    """
    wanted = str(project.plan.extract.model)
    models = [Path(wanted).expanduser()] if wanted else project.models()
    if not models:
        return []
    listed = in_file(models[0])
    if listed:
        return listed
    extracted: ExtractResult | None = project.result("extract")
    if extracted is not None and extracted.layers and _same(project, extracted.model, models[0]):
        return extracted.layers
    trained: TrainResult | None = project.result("train")
    if trained is None or trained.folds or not _same(project, trained.model, models[0]):
        return []
    names = {"pool": "pool"}
    return [LayerShape(name=one.name, stage=names.get(one.name, ""), shape=one.shape) for one in trained.layers]


def in_file(path: Path) -> list[LayerShape]:
    """Return the layers that a model file lists; none for older files, and for what is no model file."""
    try:
        with zipfile.ZipFile(path) as archive:
            if archive.getinfo("manifest.json").file_size > _LARGEST:
                return []
            manifest = json.loads(archive.read("manifest.json"))
        return [LayerShape.model_validate(one) for one in manifest.get("layers", [])]
    except (OSError, KeyError, AttributeError, TypeError, ValueError, ValidationError, zipfile.BadZipFile):
        return []


def find(layers: Sequence[LayerShape], wanted: str) -> LayerShape | None:
    """Return the layer that a text means: a stage, or a layer's own name in any case."""
    text = wanted.strip().casefold()
    named = [one for one in layers if text in (one.stage.casefold(), one.name.casefold()) and text]
    return next((one for one in named if one.stage.casefold() == text), named[0] if named else None)


def shape_text(shape: Sequence[int]) -> str:
    """Return a shape for the eye, e.g. `5 × 5 × 192`."""
    return " \u00d7 ".join(str(side) for side in shape)


def _same(project: Project, stored: str, model: Path) -> bool:
    return bool(stored) and (project.root / stored).resolve() == model.resolve()
