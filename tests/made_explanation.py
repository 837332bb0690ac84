"""An explanation as the engine leaves it, made up, for tests of the window and of the reports."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tests.made_results import CHANNELS, CLASSES
from wizard import results
from wizard.results import Estimate, ExplainResult
from wizard.results_explain import Ablation, Average, ExplainedCell

SIDE = 24


def estimate(value: float) -> Estimate:
    """Return a figure with an interval of 5 points to both sides."""
    return Estimate(value=value, low=value - 0.05, high=value + 0.05)


def explanation(**more: object) -> ExplainResult:
    """Return an explanation in which channel 2 suffices."""
    values = {(0, 1, 2): 0.9, (0, 1): 0.88, (1, 2): 0.89, (0, 2): 0.5, (0,): 0.4, (1,): 0.87, (2,): 0.3}
    rows = [
        Ablation(channels=list(subset), how=how, accuracy=estimate(value), balanced_accuracy=estimate(value - 0.02),
                 change=estimate(value - 0.9))
        for how in ("mean", "permuted") for subset, value in values.items()
    ]  # fmt: skip
    cells = [
        ExplainedCell(cell_id=f"{place}", source=f"{name}.tif", object=0, label=name, predicted=named, confidence=0.9,
                      channels=[0.1, 2.0, -0.2])
        for place, (name, named) in enumerate([*((name, name) for name in CLASSES), (CLASSES[0], CLASSES[1])])
    ]  # fmt: skip
    made = ExplainResult(
        step="explain", id="1", created="2026-11-21T12:00:00+00:00", model="models/a.cytomodel",
        data="the hold-out of this project", engine="Keras", target="class", classes=CLASSES,
        channels=CHANNELS, frame=(SIDE, SIDE), methods=["gradcam", "gradients", "occlusion"], layer="stage5_out",
        baseline="the cell's own background", patch=3, gap=0.01, cells=cells,
        averages=[Average(label=name, n_cells=9, occluded=3, channels=[0.2, 0.7, 0.1]) for name in CLASSES],
        shares=[0.2, 0.7, 0.1], n_cells=60, interval_by="cell", ablation=rows, suggested=[1], suggested_by="quick",
        suggestion="Ch4 alone keeps the accuracy.", caveats=["Maps show where the network is sensitive, not why."],
    )  # fmt: skip
    return made.model_copy(update=more)


def write(folder: Path, **more: object) -> ExplainResult:
    """Write result.json and maps.npz into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    made = explanation(**more)
    rng = np.random.default_rng(0)
    count, frame = len(made.channels), (SIDE, SIDE)
    arrays = {}
    for before, number in (("", len(made.cells)), ("mean_", len(made.averages))):
        for place in range(number):
            arrays[f"{before}cell_{place}"] = rng.integers(0, 900, (count, *frame)).astype(np.uint16)
            arrays[f"{before}gradcam_{place}"] = rng.random(frame).astype(np.float32)
            arrays[f"{before}gradients_{place}"] = rng.normal(0, 1, (count, *frame)).astype(np.float32)
            arrays[f"{before}occlusion_{place}"] = rng.normal(0, 1, (count + 1, *frame)).astype(np.float32)
    np.savez_compressed(folder / "maps.npz", **arrays)
    results.save(made, folder)
    return made
