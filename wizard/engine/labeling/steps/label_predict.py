"""Step 5 for stains: a model and stacks of transmitted light to predicted stains."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from wizard import fileio
from wizard.engine.events import Tell
from wizard.engine.labeling import model as files
from wizard.engine.labeling.outputs import FORMATS, channel_names, opened, save_picture
from wizard.engine.labeling.panels import overlay
from wizard.engine.labeling.tiling import Floats
from wizard.engine.labeling.using import Opened, Predictor, source
from wizard.label_use_plan import LabelPredictPlan
from wizard.project import Project
from wizard.results import LabelPredictResult
from wizard.results_label import PredictedField

PICTURES = "pictures"
COLOURS = ((0.2, 0.5, 1.0), (1.0, 0.55, 0.1), (0.1, 0.85, 0.4), (1.0, 0.3, 0.75), (0.95, 0.9, 0.25), (0.3, 0.9, 0.9))
_BRIGHT, _SEEN = 0.5, 1600


def label_predict(plan: LabelPredictPlan, project: Project, tell: Tell, folder: Path) -> LabelPredictResult:
    """Predict the stains of all fields and write them as pictures.

    Warns of fields that are unlike those of the training. Raises UserError, with the file's name, when a picture
    cannot be used.
    """
    tell.progress(0.0, "Loading the model")
    model = files.load(files.chosen(project.root, plan.model))
    predictor = Predictor(model, plan.tile, plan.all_ways)
    given = predictor.gives if plan.interval else predictor.gives[:1]
    result = LabelPredictResult(
        model=files.chosen(project.root, plan.model).name, labels=model.stains,
        channels=channel_names(model.stains, given),
    )  # fmt: skip
    taken: set[str] = set()
    with source(model, plan.input, project, tell) as fields:
        for number, one in enumerate(fields.each()):
            tell_part = tell.part(0.02 + 0.95 * number / fields.count, 0.02 + 0.95 * (number + 1) / fields.count)
            result.fields.append(_field(one, predictor, plan, folder, taken, tell_part))
            _warn(one, result.fields[-1], model, tell)
            if tell.should_stop():
                result.stopped = number + 1 < fields.count
                break
        result.skipped, result.cues = fields.skipped, fields.cues
    result.engine, result.n_unlike = predictor.engine, sum(bool(one.unlike) for one in result.fields)
    _table(result, folder)
    result.files = {"Predicted fields": "fields.csv"}
    return result


def _field(
    one: Opened,
    predictor: Predictor,
    plan: LabelPredictPlan,
    folder: Path,
    taken: set[str],
    tell: Callable[[float, str], None],
) -> PredictedField:  # fmt: skip
    began = time.monotonic()
    model = predictor.model
    gives, count = len(predictor.gives), len(model.stains)
    keep = [at for at in range(count * gives) if plan.interval or at % gives == 0]
    names = channel_names(model.stains, predictor.gives)
    name = plain_name(one.entry.name, taken)
    path = folder / PICTURES / f"{name}{FORMATS[plan.format]}"
    entry = one.entry
    step = max(1, -(-max(entry.height, entry.width) // _SEEN))
    small = np.zeros((-(-entry.height // step), -(-entry.width // step), count), np.float32)
    bright = np.zeros(count)
    with opened(path, plan.format, (entry.height, entry.width), [names[at] for at in keep], entry.pixel_size) as write:

        def put(top: int, left: int, part: Floats) -> None:
            write(top, left, part[..., keep])
            middle = part[..., ::gives]
            bright[:] += (middle > _BRIGHT).sum(axis=(0, 1))
            first_row, first_column = -top % step, -left % step
            thin = middle[first_row::step, first_column::step]
            row, column = (top + first_row) // step, (left + first_column) // step
            small[row : row + thin.shape[0], column : column + thin.shape[1]] = thin

        predictor.into(one.view.light, one.whole, put, lambda done: tell(done, f"Predicting {entry.name}"))
    found = PredictedField(
        name=entry.name, file=f"{PICTURES}/{path.name}", height=entry.height, width=entry.width,
        unlike=", ".join(model.ranges.outside(one.figures)),
        bright={label: float(bright[at] / (entry.height * entry.width)) for at, label in enumerate(model.stains)},
    )  # fmt: skip
    if plan.overlay:
        light = one.view.light[::step, ::step][..., (model.planes - 1) // 2]
        found.overlay = f"{PICTURES}/{name}.png"
        save_picture(folder / found.overlay, coloured(light, small, model.stains))
    found.seconds = round(time.monotonic() - began, 2)
    return found


def coloured(light: NDArray[np.float32], stains: Floats, labels: Sequence[str]) -> NDArray[np.uint8]:
    """Return stains (y, x, label), each in a colour of its own, on the transmitted light (y, x)."""
    return overlay(light, {label: (stains[..., at], COLOURS[at % len(COLOURS)]) for at, label in enumerate(labels)})


def _warn(one: Opened, found: PredictedField, model: files.StainModel, tell: Tell) -> None:
    if found.unlike:
        tell.notice(
            "warning",
            f"{one.entry.file}: The transmitted light is {found.unlike} than any of the training; the prediction may "
            "be wrong.", one.entry.file,
        )  # fmt: skip


def plain_name(name: str, taken: set[str]) -> str:
    """Return a field's name as a file's name that is not taken yet, and take it."""
    plain = re.sub(r"[^A-Za-z0-9._-]+", "_", name).strip("._")[-120:] or "field"
    made, number = plain, 2
    while made.casefold() in taken:
        made, number = f"{plain}_{number}", number + 1
    taken.add(made.casefold())
    return made


def _table(result: LabelPredictResult, folder: Path) -> None:
    columns = ["field", "file", "overlay", "height", "width", "seconds", "unlike the training pictures"]
    rows = [
        [one.name, one.file, one.overlay, one.height, one.width, one.seconds, one.unlike,
         *(one.bright[label] for label in result.labels)]
        for one in result.fields
    ]  # fmt: skip
    fileio.write_csv(folder / "fields.csv", [*columns, *(f"bright {label}" for label in result.labels)], rows)
