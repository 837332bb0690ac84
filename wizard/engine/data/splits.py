"""Honest splits: whole groups on one side, identical images never on both, the same for any folder order."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

_EXHAUSTIVE = 12
"""Up to this many groups all choices are tried; beyond, random ones."""


def holdout_mask(
    groups: Sequence[str], classes: Sequence[str], keys: Sequence[str], share: float, seed: int
) -> NDArray[np.bool_]:
    """Choose the cells to hold out.

    `groups`: cells with the same value stay together (one group per cell for a split by cell);
    `classes`: the shares are balanced over these; `keys`: a stable name per cell that fixes the
    order. Returns True for held-out cells. With fewer than two groups nothing is held out.
    """
    if share <= 0:
        return np.zeros(len(groups), bool)
    names, group_of = np.unique(np.asarray(groups, dtype=str), return_inverse=True)
    labels, class_of = np.unique(np.asarray(classes, dtype=str), return_inverse=True)
    if len(names) < 2:
        return np.zeros(len(groups), bool)
    counts = np.zeros((len(names), len(labels)))
    np.add.at(counts, (group_of, class_of), 1)
    rng = np.random.default_rng(seed)
    if len(names) <= _EXHAUSTIVE:
        choices = _all_choices(len(names))
        # Of equally good choices the seed decides, not the alphabet.
        chosen = _best_of([choices[index] for index in rng.permutation(len(choices))], counts, share)
    elif len(names) > len(groups) // 2:
        chosen = _by_class(counts, _stable_order(names, keys, group_of), share, rng)
    else:
        chosen = _best_of(_random_choices(len(names), counts, share, rng), counts, share)
    return np.isin(group_of, list(chosen))


def _stable_order(names: NDArray[np.str_], keys: Sequence[str], group_of: NDArray[np.int64]) -> NDArray[np.int64]:
    """Order the groups by the smallest key of their cells, so that folder order does not matter."""
    smallest = np.full(len(names), "", dtype=object)
    for key, group in sorted(zip(keys, group_of.tolist(), strict=True), reverse=True):
        smallest[group] = key
    return np.argsort(smallest.astype(str), kind="stable")


def _by_class(
    counts: NDArray[np.float64], order: NDArray[np.int64], share: float, rng: np.random.Generator
) -> set[int]:
    """Draw small groups (mostly single cells) within each class, at least one of a class of two or more."""
    main = counts.argmax(axis=1)
    chosen: set[int] = set()
    for label in range(counts.shape[1]):
        members = order[main[order] == label]
        number = int(round(share * len(members)))
        number = min(max(number, 1), len(members) - 1) if len(members) > 1 else 0
        chosen.update(int(group) for group in rng.permutation(members)[:number])
    return chosen


def _all_choices(number: int) -> list[tuple[int, ...]]:
    return [choice for size in range(1, number) for choice in combinations(range(number), size)]


def _random_choices(
    number: int, counts: NDArray[np.float64], share: float, rng: np.random.Generator
) -> list[tuple[int, ...]]:
    """Draw random orders of the groups and cut each where the share is reached."""
    choices = []
    sizes = counts.sum(axis=1)
    for _ in range(2000):
        order = rng.permutation(number)
        total = np.cumsum(sizes[order]) / sizes.sum()
        cut = int(np.argmin(np.abs(total - share))) + 1
        choices.append(tuple(int(group) for group in order[: min(cut, number - 1)]))
    return choices


def _best_of(choices: list[tuple[int, ...]], counts: NDArray[np.float64], share: float) -> set[int]:
    """Take the choice whose shares, overall and in each class, are closest to the wanted one.

    A class that would be missing from the training cells weighs most, then one missing from the hold-out.
    """
    totals = counts.sum(axis=0)

    def cost(choice: tuple[int, ...]) -> float:
        held = counts[list(choice)].sum(axis=0)
        overall = abs(held.sum() / totals.sum() - share)
        spread = np.abs(held / totals - share).mean()
        return float(4 * overall + spread + 100 * (held == totals).sum() + 10 * (held == 0).sum())

    best: tuple[int, ...] = min(choices, key=cost)
    return set(best)


def fold_numbers(
    groups: Sequence[str], classes: Sequence[str], keys: Sequence[str], folds: int, seed: int
) -> NDArray[np.int64]:
    """Divide the cells into `folds` parts, numbered from 1: whole groups, classes spread evenly.

    The arguments are those of `holdout_mask`. Raises ValueError when there are fewer groups than folds.
    """
    from sklearn.model_selection import StratifiedGroupKFold

    names = np.asarray(groups, dtype=str)
    if len(np.unique(names)) < folds:
        raise ValueError(f"{len(np.unique(names))} groups cannot be divided into {folds} folds.")
    order = np.argsort(np.asarray(keys, dtype=str), kind="stable")
    labels = np.unique(np.asarray(classes, dtype=str), return_inverse=True)[1]
    numbers = np.zeros(len(names), np.int64)
    with warnings.catch_warnings():
        # A class with fewer cells than folds is absent from some of them; the page says which.
        warnings.simplefilter("ignore", UserWarning)
        maker = StratifiedGroupKFold(folds, shuffle=True, random_state=seed)
        for number, (_, part) in enumerate(maker.split(order, labels[order], names[order]), start=1):
            numbers[order[part]] = number
    return numbers


def straddling(digests: Sequence[str], held_out: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Mark the training cells whose image also lies in the hold-out: they must be left out of both."""
    names = np.asarray(digests, dtype=str)
    return ~held_out & np.isin(names, names[held_out])
