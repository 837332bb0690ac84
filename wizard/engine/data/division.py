"""Chooses which cells are held out: the group that stays whole, the share or the fold, and copies left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wizard.engine.data import splits
from wizard.engine.data import tags as folder_tags
from wizard.engine.errors import UserError
from wizard.parse_plan import ParsePlan

_WEAK_GROUPS = ("file", "picture")
"""Tags that are groups only where every class has several of them: often the file is the class."""


@dataclass(frozen=True)
class Division:
    """`split` per cell is train, holdout or excluded; `fold` from 1, or None; `group` "" = single cells."""

    split: NDArray[np.str_]
    fold: NDArray[np.int64] | None
    group: str

    @property
    def words(self) -> str:
        """What was drawn: `group TAG`, `source file` or `cell`."""
        if self.group == "file":
            return "source file"
        return f"group {self.group}" if self.group else "cell"


def choose_group(tags: Mapping[str, Sequence[str]], wanted: str, target: str) -> str:
    """Return the tag whose values are not divided, "" for single cells.

    Raises UserError for an unknown tag and for the target itself.
    """
    counts = {name: dict.fromkeys(values, 1) for name, values in tags.items()}
    group = folder_tags.choose_group(counts, wanted, target)
    if wanted in ("auto", "") and group in _WEAK_GROUPS and not _several_in_each(tags, group, target):
        return ""
    if group and group not in tags:
        raise UserError(
            f"The cells have no tag called {group!r}.",
            f"Their tags are: {', '.join(tags) or 'none'}.",
            "Choose one of these as group, or auto.",
        )
    if group and group == target:
        raise UserError(
            f"{group!r} cannot be both the target and the group.",
            "Whole groups are held out, so the network would never see some of the classes.",
            "Choose another group, or none.",
        )
    return group


def _several_in_each(tags: Mapping[str, Sequence[str]], group: str, target: str) -> bool:
    if target not in tags:
        return True
    groups: dict[str, set[str]] = {}
    for name, value in set(zip(tags[target], tags[group], strict=True)):
        groups.setdefault(name, set()).add(value)
    return all(len(values) > 1 for values in groups.values())


def divide(
    tags: Mapping[str, Sequence[str]], keys: Sequence[str], digests: Sequence[str], plan: ParsePlan, target: str
) -> Division:
    """Divide the cells by the settings of Parse; `keys` name the cells, `digests` tell copies.

    Raises UserError when the group or the number of folds does not fit the cells.
    """
    group = choose_group(tags, plan.group, target)
    groups = tags[group] if group else digests
    classes = tags.get(target, [""] * len(keys))
    fold = None
    if plan.folds > 1:
        fold = _folds(groups, classes, keys, plan, group)
        held = fold == plan.fold
    else:
        held = splits.holdout_mask(groups, classes, keys, plan.holdout, plan.seed)
    left_out = splits.straddling(digests, held)
    return Division(np.where(left_out, "excluded", np.where(held, "holdout", "train")), fold, group)


def _folds(
    groups: Sequence[str], classes: Sequence[str], keys: Sequence[str], plan: ParsePlan, group: str
) -> NDArray[np.int64]:
    if plan.fold > plan.folds:
        raise UserError(
            f"There is no fold {plan.fold}.", f"The cells are divided into {plan.folds} folds.",
            f"Choose a hold-out fold from 1 to {plan.folds}.",
        )  # fmt: skip
    try:
        return splits.fold_numbers(groups, classes, keys, plan.folds, plan.seed)
    except ValueError as error:
        what = f"groups by {group}" if group else "cells"
        raise UserError(
            f"The cells cannot be divided into {plan.folds} folds.", f"There are too few {what}: {error}",
            "Choose fewer folds, or another group.",
        ) from None  # fmt: skip
