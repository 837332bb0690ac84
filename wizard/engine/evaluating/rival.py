"""A second model on the same cells: which one is right where, and whether the difference is more than chance."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from wizard import fileio
from wizard.engine import calibration, cells, metrics
from wizard.engine.errors import UserError
from wizard.engine.evaluating.judged import Floats, Judged
from wizard.engine.evaluating.redraw import all_or_none
from wizard.engine.events import Tell
from wizard.engine.inference import prepare, run
from wizard.engine.model import Model, load, newest
from wizard.project import Project
from wizard.results_evaluate import Rival

TABLE = "two_models.csv"
_FIGURES: dict[str, Callable[[Floats], Floats]] = {
    "accuracy": metrics.accuracy,
    "balanced_accuracy": metrics.balanced_accuracy,
    "macro_f1": metrics.macro_f1,
}


def open_rival(file: str, chosen: cells.Chosen, project: Project) -> Model:
    """Load the second model; raises UserError when it cannot be compared with the first on these cells."""
    path = newest(project.models(), file)
    model = load(path)
    if path.resolve() == chosen.model_file.resolve():
        raise UserError(
            "Both models are the same file.", f"{path.name} would be compared with itself.",
            "Choose another second model, or leave it empty.",
        )  # fmt: skip
    if model.manifest["target"] != chosen.model.manifest["target"] or set(model.classes) != set(chosen.model.classes):
        told = [f"{', '.join(one.classes)} ({one.manifest['target']})" for one in (chosen.model, model)]
        raise UserError(
            "The two models tell different classes apart.", f"The first: {told[0]}. The second: {told[1]}.",
            "Choose a second model with the same target and the same classes, or leave it empty.",
        )  # fmt: skip
    cells.check_fit(chosen.data, model)
    return model


def shares_of(
    model: Model, classes: list[str], engine: str, chosen: cells.Chosen, rows: NDArray[np.int64], project: Project,
    tell: Tell,
) -> Floats:  # fmt: skip
    """Return the second model's probabilities (cell, class), in the order of the first model's classes."""
    inference = prepare(model, [model.network.layers[-1]], engine, project, len(rows), tell)
    (logits,) = run(inference, chosen.data, rows, model.manifest["normalisation"], tell.part(0.75, 0.88))
    shares = calibration.probabilities(logits, model.manifest["temperature"])
    return np.asarray(shares[:, [model.classes.index(name) for name in classes]])


def compare(judged: Judged, shares: Floats, name: str) -> Rival:
    """Return the second model's figures and the paired differences, from the same redrawn units."""
    number = len(judged.classes)
    second = shares.argmax(axis=1)
    codes = (judged.true * number + judged.predicted) * number + second
    # Only what occurs is counted: with many classes most triples never do.
    kinds, codes = np.unique(codes, return_inverse=True)
    drawn = judged.redraw.over(codes.astype(np.int64), len(kinds), lambda counts: _both(counts, kinds, number))
    whole = _both(np.bincount(codes).astype(float)[None], kinds, number)[0]
    found = Rival(model=name, ece=calibration.calibration_error(shares, judged.true))
    for place, title in enumerate(_FIGURES):
        one = judged.redraw.estimate(float(whole[1, place]), drawn[:, 1, place], "share")
        setattr(found, title, all_or_none(one, len(second)))
        difference = drawn[:, 1, place] - drawn[:, 0, place]
        found.differences[title] = judged.redraw.estimate(float(whole[1, place] - whole[0, place]), difference)
    first_right, second_right = judged.right, second == judged.true
    found.both_right = int((first_right & second_right).sum())
    found.both_wrong = int((~first_right & ~second_right).sum())
    found.only_first_right = int((first_right & ~second_right).sum())
    found.only_second_right = int((~first_right & second_right).sum())
    found.mcnemar_p = mcnemar(found.only_first_right, found.only_second_right)
    return found


def _both(counts: Floats, kinds: NDArray[np.int64], number: int) -> Floats:
    """Return (round, model, figure) from counts (round, kind)."""
    found = np.empty((len(counts), 2, len(_FIGURES)))
    true = kinds // (number * number)
    for model, named in enumerate((kinds // number % number, kinds % number)):
        field = true * number + named
        matrices = np.zeros((number * number, len(counts)))
        np.add.at(matrices, field, counts.T)
        matrix = matrices.T.reshape(-1, number, number)
        for place, figure in enumerate(_FIGURES.values()):
            found[:, model, place] = figure(matrix)
    return found


def mcnemar(only_first: int, only_second: int) -> float:
    """Return the exact two-sided p-value of McNemar's test (1947) from the cells that only one model got right."""
    total = only_first + only_second
    return float(stats.binomtest(min(only_first, only_second), total, 0.5).pvalue) if total else 1.0


def write(folder: Path, judged: Judged, shares: Floats) -> dict[str, str]:
    """Write two_models.csv with every cell that the models name differently; return title → file."""
    second = shares.argmax(axis=1)
    rows = [
        [*judged.origin(place), judged.classes[judged.true[place]], judged.classes[judged.predicted[place]],
         judged.classes[second[place]], f"{judged.confidence[place]:.5f}", f"{shares[place].max():.5f}"]
        for place in np.flatnonzero(second != judged.predicted)
    ]  # fmt: skip
    names = ["cell_id", "source", "object", "true", "first_model", "second_model", "first_confidence",
             "second_confidence"]  # fmt: skip
    fileio.write_csv(folder / TABLE, names, rows)
    return {"Cells that the two models name differently": TABLE}
