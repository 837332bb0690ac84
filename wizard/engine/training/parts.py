"""Which cells a training learns from, and which it validates on."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, replace
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


def fold_parts(data: DataSet, whole: Parts, folds: int, seed: int) -> tuple[list[Parts], str]:
    """Divide all cells of a training into folds, each the validation cells of one, and say how in words.

    The folds of Parse are taken where just as many hold training cells. Else whole groups are divided; single
    cells where there are fewer groups than folds, or where a class would be missing from what a fold learns.
    Copies of an image that lie in the validation cells of a fold are left out of what it learns. Raises
    UserError when there are fewer cells than folds.
    """
    usable = np.sort(np.concatenate([whole.train, whole.validation]))
    labels, digests = whole.class_of[usable], data.cells["digest"][usable].astype(str)
    keys = data.cells["cell_id"][usable].astype(str).tolist()
    group = data.info["group"]
    groups = data.values(group)[usable] if group else digests
    words = ""
    numbers = _parsed_folds(data, usable, folds)
    if numbers is not None and _all_learned(numbers, labels):
        by, words = f"group {group}" if group else "cell", f"The {folds} networks are validated on the folds of Parse."
    else:
        numbers, by = _divided(groups, labels, keys, folds, seed), f"group {group}" if group else "cell"
        if group and (numbers is None or not _all_learned(numbers, labels)):
            why = f"There are fewer values of {group} than networks"
            why = why if numbers is None else f"One class occurs in one value of {group} only"
            numbers, by = _divided(digests, labels, keys, folds, seed), "cell"
            words = (
                f"{why}, so the cells were divided one by one: figures of the cross-validation look better "
                "than those of new groups would. The hold-out is not affected."
            )
    if numbers is None:
        raise UserError(
            f"There are too few cells for {folds} networks.", "Each is validated on a part of its own.",
            "Choose fewer networks, or add cells and parse again.",
        )  # fmt: skip
    made = []
    for number in range(1, folds + 1):
        held = numbers == number
        learned = ~held & ~splits.straddling(digests.tolist(), held)
        made.append(replace(whole, train=usable[learned], validation=usable[held], validation_by=by))
    return made, words


def _divided(
    groups: NDArray[np.str_], labels: NDArray[np.int64], keys: list[str], folds: int, seed: int
) -> NDArray[np.int64] | None:
    try:
        numbers = splits.fold_numbers(groups.tolist(), labels.astype(str).tolist(), keys, folds, seed)
    except ValueError:
        return None
    return numbers if len(np.unique(numbers)) == folds else None


def _parsed_folds(data: DataSet, rows: NDArray[np.int64], folds: int) -> NDArray[np.int64] | None:
    """Return the folds of Parse renumbered from 1, None unless `folds` of them hold cells of `rows`."""
    if "fold" not in data.cells:
        return None
    present, numbers = np.unique(data.cells["fold"][rows], return_inverse=True)
    return numbers + 1 if len(present) == folds else None


def _all_learned(numbers: NDArray[np.int64], labels: NDArray[np.int64]) -> bool:
    """Tell whether every class lies in at least two folds, so that each network learns it."""
    return all(len(np.unique(numbers[labels == label])) > 1 for label in np.unique(labels))
