"""Which cells a training learns from, and which it validates on."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wizard.engine.data import splits
from wizard.engine.data import tags as tag_rules
from wizard.engine.data.dataset import DataSet
from wizard.engine.errors import UserError
from wizard.train_plan import TrainPlan

FEWEST = 2
"""Training cells that a class needs: one to learn from, one to validate."""


@dataclass(frozen=True)
class Parts:
    """The cells of a training: class names, rows and class numbers, and how the validation was drawn."""

    target: str
    classes: list[str]
    train: NDArray[np.int64]
    validation: NDArray[np.int64]
    class_of: NDArray[np.int64]
    """Class number of every cell of the data set, -1 for none."""
    validation_by: str


def choose_parts(data: DataSet, plan: TrainPlan) -> Parts:
    """Choose target, classes, training and validation cells; raises UserError when they do not suffice."""
    counts = {tag: dict(Counter(data.values(tag).tolist())) for tag in data.tags}
    target = tag_rules.choose_target(counts, plan.target)
    if not target:
        raise UserError(
            "There is nothing to tell apart.",
            "The cells have no tag with two different values.",
            "Sort the images into one folder per class (or day, or dose) and parse again.",
        )
    values = data.values(target)
    if target == data.info["group"]:
        raise UserError(
            f"{target!r} cannot be the target: it is the group by which the hold-out was split.",
            "Some of its values would never be seen in training.",
            "Choose another group (or none) and parse again.",
        )
    usable = data.where("train")
    usable = usable[values[usable] != ""]
    present = Counter(values[usable].tolist())
    classes = sorted((name for name, number in present.items() if number >= FEWEST), key=_natural)
    if len(classes) < 2:
        found = ", ".join(f"{name} ({number})" for name, number in sorted(present.items())) or "none"
        raise UserError(
            f"The target {target!r} has only one class to learn from.",
            f"Training cells found: {found}.",
            "Add cells of a second class and parse again, or choose another target.",
        )
    number_of = {name: index for index, name in enumerate(classes)}
    class_of = np.array([number_of.get(value, -1) for value in values])
    usable = usable[class_of[usable] >= 0]
    held, by = _validation(data, usable, class_of, plan)
    return Parts(target, classes, usable[~held], usable[held], class_of, by)


def _natural(name: str) -> list[tuple[int, Any]]:
    """Sort `day 2` before `day 10`."""
    return [(0, int(part)) if part.isdigit() else (1, part.casefold()) for part in re.split(r"(\d+)", name) if part]


def _validation(
    data: DataSet, usable: NDArray[np.int64], class_of: NDArray[np.int64], plan: TrainPlan
) -> tuple[NDArray[np.bool_], str]:
    """Draw the validation cells: by group where three or more are left, else by single images."""
    group = data.info["group"]
    keys = data.cells["cell_id"][usable].astype(str).tolist()
    labels = class_of[usable].astype(str).tolist()
    digests = data.cells["digest"][usable].astype(str)
    if group and len(set(data.values(group)[usable])) >= 3:
        held = splits.holdout_mask(data.values(group)[usable].tolist(), labels, keys, plan.validation, plan.seed)
        every_class = all(len(set(class_of[usable][part])) == len(set(labels)) for part in (held, ~held))
        if every_class:
            return held, f"group {group}"
    return splits.holdout_mask(digests.tolist(), labels, keys, plan.validation, plan.seed), "cell"


def is_weak(target: str) -> bool:
    """Tell whether a target is a circumstance (day, dose, batch) and not a class of cells."""
    circumstances = {"time", "timepoint", "hour", "dose", "concentration", "treatment", "condition"}
    return target in circumstances or target in tag_rules.GROUP_TAGS
