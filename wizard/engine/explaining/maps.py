"""The maps of all chosen cells and of the classes on average."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wizard.engine.backend import keras
from wizard.engine.events import Tell
from wizard.engine.explaining.gradients import GradCam, Integrated, cam_layer
from wizard.engine.explaining.judged import Judged, Stopped, heedful, pick
from wizard.engine.explaining.occlusion import occlusion, patch_side
from wizard.engine.explaining.score import Floats, baselines, centred
from wizard.evaluate_plan import EvaluatePlan
from wizard.results import ExplainResult
from wizard.results_explain import Average, ExplainedCell

Maps = dict[str, NDArray[Any]]

_MOST, _FEWEST = 150, 3
"""Shown cells in all; of each class at least."""
_BYTES = 96 * 2**20
"""About the most that the maps may take in memory and in maps.npz."""
_MORE = 16
"""Further right cells of each class that go only into its average."""


@dataclass
class Sums:
    """Sums of maps over the cells of a class."""

    cells: int = 0
    occluded: int = 0
    total: dict[str, NDArray[np.float64]] = field(default_factory=dict)

    def add(self, maps: dict[str, Floats], cell: NDArray[Any]) -> None:
        """Count a cell (channel, y, x) with its maps."""
        self.cells += 1
        self.occluded += "occlusion" in maps
        for name, one in {**maps, "cell": cell}.items():
            self.total[name] = self.total.get(name, 0.0) + one.astype(np.float64)

    def mean(self, name: str) -> Floats:
        """Return a mean map."""
        return np.asarray(self.total[name] / (self.occluded if name == "occlusion" else self.cells), np.float32)


class Mapper:
    """Makes the wished maps of one cell after the other."""

    def __init__(self, plan: EvaluatePlan, judged: Judged, result: ExplainResult, tell: Tell) -> None:
        model = judged.chosen.model
        self._judged, self._wished = judged, list(plan.explain_methods)
        self._gradcam: GradCam | None = None
        self._integrated: Integrated | None = None
        if keras.backend.backend() != "tensorflow" and {"gradcam", "gradients"} & set(self._wished):
            tell.notice("warning", "Grad-CAM and integrated gradients need TensorFlow, which is not in use here; "
                        "occlusion does not.")  # fmt: skip
            self._wished = [name for name in self._wished if name == "occlusion"]
        if "gradcam" in self._wished:
            result.layer = cam_layer(model)
            if result.layer:
                self._gradcam = GradCam(model, result.layer)
            else:
                tell.notice("info", "This network has no layer with places, so there is no Grad-CAM of it.")
                self._wished.remove("gradcam")
        if "gradients" in self._wished:
            self._integrated = Integrated(model.network)
        self.side = patch_side(judged.chosen.data.frame, plan.explain_patch)
        self.methods = self._wished
        self.gaps: list[float] = []

    def __call__(
        self, image: Floats, empty: Floats, number: int, with_occlusion: bool, report: Callable[[], None]
    ) -> dict[str, Floats]:
        """Return the maps of a cell of network input (y, x, channel) for a class, by method."""
        found: dict[str, Floats] = {}
        if self._gradcam is not None:
            found["gradcam"] = self._gradcam(image, number)
            report()
        if self._integrated is not None:
            found["gradients"], gap = self._integrated(image, empty, number, report)
            self.gaps.append(gap)
        if "occlusion" in self.methods and with_occlusion:
            found["occlusion"] = occlusion(image, empty, number, self.side, self._judged.ask, report)
        return found


def draw_maps(
    plan: EvaluatePlan, judged: Judged, result: ExplainResult, tell: Tell, stretch: tuple[float, float]
) -> Maps:
    """Make the maps of cells of every class and their averages, and note them in `result`.

    Stop ends them with the cells mapped so far.
    """
    if not plan.explain_methods:
        return {}
    mapper = Mapper(plan, judged, result, tell)
    result.methods, result.patch = list(mapper.methods), mapper.side if "occlusion" in mapper.methods else 0
    if not mapper.methods:
        return {}
    data, classes = judged.chosen.data, judged.classes
    shown, further = pick(judged.true, judged.predicted, judged.confidence, len(classes), _each(plan, judged), _MORE)
    sums = [Sums() for _ in classes]
    maps: Maps = {}
    report = heedful(tell.part(*stretch), tell)
    for done, place in enumerate(np.concatenate([shown, further]).tolist()):
        share = done / (len(shown) + len(further))
        label = f"Maps of cell {done + 1} of {len(shown) + len(further)}"
        images = judged.images(np.array([place]))
        empty = baselines(images, plan.explain_baseline, judged.chosen.model.manifest["normalisation"])
        number = int(judged.predicted[place])
        try:
            made = mapper(images[0], empty[0], number, done < len(shown), partial(report, share, label))
        except Stopped:
            break
        stored = data.load(judged.rows[[place]])[0]
        if done < len(shown):
            maps |= {f"{name}_{done}": one for name, one in made.items()} | {f"cell_{done}": stored}
            result.cells.append(_cell(judged, place, made))
        if judged.true[place] == number and centred(images)[0]:
            sums[number].add(made, stored)
    result.gap = max(mapper.gaps) if mapper.gaps else None
    return maps | _averages(sums, classes, result)


def _each(plan: EvaluatePlan, judged: Judged) -> int:
    """Return how many cells of each class are shown, so that all fit in memory."""
    height, width = judged.chosen.data.frame
    bytes_each = height * width * 4 * (3 * len(judged.chosen.data.channels) + 2)
    most = max(1, min(_MOST, _BYTES // bytes_each) // len(judged.classes))
    return min(plan.explain_cells, max(_FEWEST, most) if bytes_each < 2**20 else most)


def _cell(judged: Judged, place: int, made: dict[str, Floats]) -> ExplainedCell:
    columns, row = judged.chosen.data.cells, judged.rows[place]
    return ExplainedCell(
        cell_id=str(columns["cell_id"][row]), source=str(columns["source"][row]), object=int(columns["object"][row]),
        label=judged.classes[judged.true[place]], predicted=judged.classes[judged.predicted[place]],
        confidence=round(float(judged.confidence[place]), 5),
        channels=added(made["gradients"]) if "gradients" in made else [],
    )  # fmt: skip


def added(gradients: Floats) -> list[float]:
    """Return what each channel adds to the log-odds by a map (channel, y, x)."""
    return [round(float(one), 5) for one in gradients.sum(axis=(1, 2), dtype=np.float64)]


def _averages(sums: list[Sums], classes: list[str], result: ExplainResult) -> Maps:
    maps: Maps = {}
    known: list[NDArray[np.float64]] = []
    for label, one in zip(classes, sums, strict=True):
        if not one.cells:
            continue
        place = len(result.averages)
        maps |= {f"mean_{name}_{place}": one.mean(name) for name in one.total}
        own = [cell.channels for cell in result.cells if cell.label == label and cell.right and cell.channels]
        sizes = np.abs(own).mean(axis=0) if own else np.zeros(0)
        known += [sizes] if own else []
        result.averages.append(Average(label=label, n_cells=one.cells, occluded=one.occluded, channels=_shares(sizes)))
    result.shares = _shares(np.mean(known, axis=0)) if known else []
    return maps


def _shares(sizes: NDArray[np.float64]) -> list[float]:
    return [round(float(size), 5) for size in sizes / max(float(sizes.sum()), 1e-12)]
