"""Which cells a step works on: the project's own, or others parsed to fit the model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wizard.engine.data.dataset import DataSet
from wizard.engine.errors import UserError
from wizard.engine.events import Tell
from wizard.engine.model import Model, load, newest
from wizard.engine.parse import parse_for_model
from wizard.frame_size import sides
from wizard.project import Project


@dataclass(frozen=True)
class Chosen:
    """A model with the cells to send through it; `start` is the share of the bar that is used up."""

    model: Model
    model_file: Path
    data: DataSet
    words: str
    own: bool
    """True for the project's own data set."""
    start: float


def choose(model: str, inputs: Sequence[str], project: Project, name: str, tell: Tell) -> Chosen:
    """Load the model and the cells: `inputs` parsed into data/`name`.cells, else the project's data set.

    Raises UserError when the project's cells do not fit the model.
    """
    path = newest(project.models(), model)
    tell.progress(0.0, "Loading the model")
    loaded = load(path)
    if inputs:
        data = parse_for_model(inputs, loaded.manifest, project, name, tell, 0.5)
        return Chosen(loaded, path, data, f"{len(data)} cells of {', '.join(inputs)}", False, 0.5)
    place = project.data_set(project.plan.parse.name)
    if not place.exists():
        raise UserError("There are no cells yet.", "", "Parse your images first, or choose a folder of images.")
    data = of_model(DataSet.open(place), loaded.manifest)
    check_fit(data, loaded)
    return Chosen(loaded, path, data, f"{len(data)} cells of this project", True, 0.05)


def of_model(data: DataSet, manifest: dict[str, Any]) -> DataSet:
    """Return the cells with the part of their frame that a model was trained on."""
    cropped = sides(manifest.get("settings", {}).get("crop", 0))
    fits = cropped and all(
        whole >= part and (whole - part) % 2 == 0 for whole, part in zip(data.frame, cropped, strict=True)
    )
    return data.middle(cropped) if fits else data


def check_fit(data: DataSet, model: Model) -> None:
    """Raise UserError when channels or frame of the cells are not the model's."""
    manifest = model.manifest
    has = [(channel.name, channel.number) for channel in data.channels]
    needs = [(channel["name"], channel["number"]) for channel in manifest["channels"]]
    if has != needs or list(data.frame) != list(manifest["frame"]):
        shown = [
            f"{', '.join(name for name, _ in channels)} at {frame[1]}×{frame[0]} px"
            for channels, frame in ((has, data.frame), (needs, manifest["frame"]))
        ]
        raise UserError(
            "The cells of this project do not fit the model.",
            f"They are {shown[0]}; the model needs {shown[1]}.",
            "Train a new model on these cells, or give the original image folders as input.",
        )


def model_name(chosen: Chosen, project: Project) -> str:
    """Return the model's path as results store it: from the project where it lies in it."""
    path = chosen.model_file.resolve()
    return path.relative_to(project.root).as_posix() if path.is_relative_to(project.root) else str(path)


def class_numbers(data: DataSet, model: Model) -> NDArray[np.int64]:
    """Return the model's class number for every cell's target tag, -1 where the model does not know it."""
    number_of = {name: index for index, name in enumerate(model.classes)}
    values = data.values(model.manifest["target"])
    return np.array([number_of.get(value, -1) for value in values])
