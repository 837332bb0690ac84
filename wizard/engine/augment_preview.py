"""A look at the augmentation: some training cells, and what the network would be shown of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wizard import fileio
from wizard.engine.data import augmentation, normalisation
from wizard.engine.data import tags as tag_rules
from wizard.engine.data.dataset import DataSet, cut
from wizard.engine.errors import UserError
from wizard.engine.events import Tell
from wizard.frame_size import sides
from wizard.project import Project
from wizard.results import AugmentPreviewResult, PreviewCell
from wizard.train_plan import TrainPlan

COPIES = 6
"""Augmented copies of each cell."""
_MOST, _PER_CLASS, _PER_ONE = 24, 3, 8
"""Cells in all, of each of several classes, of a single one."""
_BYTES = 64 * 2**20
"""About the most that preview.npz may hold."""
_FIT = 2000
"""Cells from which the normalisation is taken: enough for a picture."""


def augment_preview(plan: TrainPlan, project: Project, tell: Tell, folder: Path) -> AugmentPreviewResult:
    """Write preview.npz: cells as they are stored and their augmented copies, in the instrument's grey levels.

    Cells go the way that they go in training: normalised, augmented; then the normalisation is undone, so that
    original and copies can be shown on one grey scale. Raises UserError when there are no training cells.
    """
    tell.progress(0.0, "Opening the cells")
    data = DataSet.open(project.data_set(project.plan.parse.name)).middle(sides(plan.crop))
    target, labels = _labels(data, plan)
    usable = data.where("train")
    if not len(usable):
        raise UserError("There are no training cells to show.", "All cells are held out.", "Parse with fewer of them.")
    each = int(np.prod(data.images.shape[1:])) * data.images.dtype.itemsize
    rows = _choose(usable, labels, max(1, min(_MOST, _BYTES // ((COPIES + 1) * each))), plan.seed)
    tell.progress(0.1, "Learning the grey levels")
    constants = normalisation.fit(plan.normalisation, data.load(usable[:: max(1, len(usable) // _FIT)]))
    how = augmentation.of(plan, data.channels, constants)
    tell.progress(0.6, "Augmenting some cells")
    whole = data.middle(None).load(rows)
    copies = [cut(some, data.frame) for some in augmented_copies(whole, how, constants, plan.seed)]
    cells = cut(whole, data.frame)
    if remark := augmentation.remark(plan):
        tell.notice("info", remark)
    arrays: dict[str, Any] = {f"cell_{index}": cell for index, cell in enumerate(cells)}
    arrays |= {f"copies_{index}": some for index, some in enumerate(copies)}
    folder.mkdir(parents=True, exist_ok=True)
    fileio.write_with(folder / "preview.npz", lambda path: np.savez(path, **arrays))
    return AugmentPreviewResult(
        augmentation=augmentation.preset_of(plan, data.channels),
        normalisation=plan.normalisation,
        target=target,
        channels=data.channels,
        cells=[
            PreviewCell(label=str(labels[row]), source=str(data.cells["source"][row]),
                        object=int(data.cells["object"][row]))
            for row in rows
        ],
    )  # fmt: skip


def augmented_copies(
    cells: NDArray[Any], how: augmentation.Augmentation | None, constants: normalisation.Constants, seed: int
) -> NDArray[Any]:
    """Return copies (cell, copy, channel, y, x) of cells (cell, channel, y, x), in their own type and grey levels.

    What leaves the range of the type ends at its border, as it would in the instrument.
    """
    made = []
    for number, cell in enumerate(cells):
        originals = np.repeat(cell[None], COPIES, axis=0)
        shown = augmentation.augment(
            normalisation.apply(originals, constants), how, np.random.default_rng((seed, number))
        )
        made.append(_as_type(normalisation.undo(shown, constants, originals), cells.dtype))
    return np.stack(made)


def _as_type(greys: NDArray[np.float32], dtype: np.dtype[Any]) -> NDArray[Any]:
    if dtype.kind not in "ui":
        return greys.astype(dtype)
    limits = np.iinfo(dtype)
    return np.rint(greys.astype(np.float64)).clip(limits.min, limits.max).astype(dtype)


def _labels(data: DataSet, plan: TrainPlan) -> tuple[str, NDArray[np.str_]]:
    """Return the target, "" when the cells have none, and its value for every cell."""
    counts = {tag: dict.fromkeys(set(data.values(tag).tolist()), 1) for tag in data.tags}
    target = tag_rules.choose_target(counts, plan.target)
    if target in data.tags:
        return target, data.values(target)
    return "", np.full(len(data), "")


def _choose(usable: NDArray[np.int64], labels: NDArray[np.str_], most: int, seed: int) -> NDArray[np.int64]:
    """Draw cells of every class, in the order of the classes; with many classes fewer of each."""
    order = np.random.default_rng(seed).permutation(usable)
    classes: dict[str, list[int]] = {}
    for row in order.tolist():
        classes.setdefault(str(labels[row]), []).append(row)
    each = _PER_CLASS if len(classes) > 1 else _PER_ONE
    turns = [classes[name][turn] for turn in range(each) for name in sorted(classes) if turn < len(classes[name])]
    taken = set(turns[:most])
    return np.array([row for name in sorted(classes) for row in classes[name][:each] if row in taken], np.int64)
