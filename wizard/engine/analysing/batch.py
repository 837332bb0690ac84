"""Batch effects: how well the batch of a cell can be told from its features within a class, before and after."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wizard.engine import metrics
from wizard.engine.analysing import folds
from wizard.engine.evaluating.redraw import interval, of_groups
from wizard.results_base import Estimate
from wizard.results_visualize import BatchEffect, BatchRow
from wizard.visualize_plan import VisualizePlan

Scores = NDArray[np.float32]
Codes = NDArray[np.int64]
Texts = NDArray[np.str_]
MOST_CELLS = 5000
"""Cells of a class that are used, drawn by lot evenly over its batches."""
FEWEST = 10
"""A batch with fewer cells of a class is left out there."""
MOST_BATCHES = 100
_ROUNDS = 500
_FEWEST_UNITS = 3
ALL = "all cells"


def compare(
    before: Scores,
    after: Scores | None,
    classes: Sequence[Any] | NDArray[Any],
    batches: Sequence[Any] | NDArray[Any],
    plan: VisualizePlan,
    class_tag: str,
    batch_tag: str,
) -> BatchEffect:
    """Return how well batches are told from scores (n, d), and from those of the same cells after a correction.

    Within each class a linear discriminant analysis learns the batches on four fifths of the cells and is judged on
    the rest, five times; its balanced accuracy is 1 / batches by chance. `classes_before` and `classes_after` are the
    balanced accuracy with which the class is told in batches not learned from: what a correction must not take away.
    A differently shaped effect than a linear one may be missed. `after` is None where nothing was corrected; the same
    cells and the same parts are judged in both. Cells with scores that are not finite are left out. `class_tag` ""
    takes all cells as one class. When nothing can be measured, `why` says so.
    """
    found = BatchEffect(tag=batch_tag, class_tag=class_tag, correction=plan.correct if after is not None else "none")
    kind, lot = _texts(classes) if class_tag else np.full(len(before), ALL), _texts(batches)
    good = np.isfinite(before).all(axis=1) & (lot != "") & (kind != "")
    if after is not None:
        good &= np.isfinite(after).all(axis=1)
    found.why = _why(kind[good], lot[good], class_tag, batch_tag)
    if found.why:
        return found
    found.cautions = cautions(kind[good], lot[good], class_tag, batch_tag, plan.correct)
    pairs = [before[good]] + ([after[good]] if after is not None else [])
    chosen = {name: _drawn(np.flatnonzero(kind[good] == name), lot[good], plan.seed) for name in np.unique(kind[good])}
    _batches(found, pairs, {name: places for name, places in chosen.items() if len(places)}, lot[good], plan.seed)
    places = np.concatenate([_few(kind[good], lot[good], name, plan.seed) for name in np.unique(kind[good])])
    told = [_across(one[places], kind[good][places], lot[good][places], plan.seed) for one in pairs]
    found.classes_before, found.classes_after = told[0], told[1] if len(told) > 1 else None
    return found


def _texts(values: Any) -> Texts:
    return np.asarray(["" if value is None else str(value) for value in np.asarray(values).tolist()], dtype=str)


def _why(classes: Texts, batches: Texts, class_tag: str, batch_tag: str) -> str:
    """Return why nothing can be measured, or ""."""
    number = len(np.unique(batches))
    if class_tag == batch_tag:
        return f"The batches and the classes are the same tag ({batch_tag}): within a class there is one batch only."
    if number < 2:
        return f"All cells are of one batch ({batch_tag})." if number else f"No cell has a value of {batch_tag}."
    if number > MOST_BATCHES:
        return f"The tag {batch_tag} has {number} values; {MOST_BATCHES} are the most that are told apart."
    usable = [name for name in np.unique(classes) if len(_large(batches[classes == name])) > 1]
    if not usable:
        return (
            f"No value of {class_tag or 'the class'} has {FEWEST} cells in each of two batches ({batch_tag}), so "
            "differences between batches cannot be told from differences between classes."
        )
    return ""


def _large(batches: Texts) -> list[str]:
    return [name for name, number in Counter(batches.tolist()).items() if number >= FEWEST]


def cautions(classes: Texts, batches: Texts, class_tag: str, batch_tag: str, correct: str) -> list[str]:
    """Return what of batches and classes cannot be told apart, and which parts were too small."""
    said = []
    names = np.unique(classes)
    pure = [lot for lot in np.unique(batches) if len(names) > 1 and len(np.unique(classes[batches == lot])) == 1]
    if pure:
        more = "; a correction takes out part of the difference between classes, too" if correct != "none" else ""
        some = f"{len(pure)} of {len(np.unique(batches))} batches"
        said.append(f"{some} ({batch_tag}) hold cells of one {class_tag} only: batch and class are mixed up{more}.")
    alone = [str(name) for name in names if len(_large(batches[classes == name])) < 2]
    if alone:
        what = ", ".join(alone[:8]) + (" …" if len(alone) > 8 else "")
        said.append(f"Left out, because fewer than two batches have {FEWEST} cells of them: {what}.")
    return said


def _drawn(places: Codes, batches: Texts, seed: int) -> Codes:
    """Return cells of one class: those of its large batches, as even over them as they last; none for one batch."""
    names = sorted(_large(batches[places]))
    if len(names) < 2:
        return places[:0]
    each = max(FEWEST, MOST_CELLS // len(names))
    rng = np.random.default_rng(seed)
    return np.concatenate([_lot(places[batches[places] == name], each, rng) for name in names])


def _few(classes: Texts, batches: Texts, name: str, seed: int) -> Codes:
    """Return cells of one class from all its batches for telling classes, at most 5000."""
    places = np.flatnonzero(classes == name)
    rng = np.random.default_rng(seed)
    names = np.unique(batches[places])
    each = max(FEWEST, MOST_CELLS // max(1, len(names)))
    return np.concatenate([_lot(places[batches[places] == lot], each, rng) for lot in names])


def _lot(places: Codes, most: int, rng: np.random.Generator) -> Codes:
    return np.sort(rng.choice(places, most, replace=False)) if len(places) > most else places


def _batches(found: BatchEffect, pairs: list[Scores], chosen: dict[str, Codes], batches: Texts, seed: int) -> None:
    """Add a row per class, and their mean."""
    gains: list[list[tuple[float, NDArray[np.float64]]]] = [[] for _ in pairs]
    for turn, (name, places) in enumerate(chosen.items()):
        lots, codes = np.unique(batches[places], return_inverse=True)
        estimates = []
        for which, scores in enumerate(pairs):
            named = folds.held_out(scores[places], codes, seed)
            matrix = metrics.confusion(codes, named, len(lots)).astype(np.float64)
            units = np.arange(len(codes))
            rounds = metrics.bootstrap(codes, named, units, len(lots), _ROUNDS, seed + 1000 * turn)
            estimates.append(metrics.estimate(metrics.balanced_accuracy, matrix, rounds, len(codes)))
            chance = 1 / len(lots)
            above = (float(metrics.balanced_accuracy(matrix)) - chance) / (1 - chance)
            gains[which].append((above, (metrics.balanced_accuracy(rounds) - chance) / (1 - chance)))
        found.rows.append(
            BatchRow(value=str(name), cells=len(places), batches=len(lots), chance=1 / len(lots), before=estimates[0],
                     after=estimates[1] if len(estimates) > 1 else None)
        )  # fmt: skip
    means = [_mean(one) for one in gains]
    found.before, found.after = means[0], means[1] if len(means) > 1 else None


def _mean(gains: list[tuple[float, NDArray[np.float64]]]) -> Estimate:
    value = float(np.mean([one for one, _ in gains]))
    return interval(value, np.mean([rounds for _, rounds in gains], axis=0), 0)


def _across(scores: Scores, classes: Texts, batches: Texts, seed: int) -> Estimate | None:
    """Return the balanced accuracy of the class on batches not learned from; None where no class is in two of them."""
    names, codes = np.unique(classes, return_inverse=True)
    lots, units = np.unique(batches, return_inverse=True)
    table = metrics.confusion(codes, units, max(len(names), len(lots)))[: len(names), : len(lots)]
    shared = (table > 0).sum(axis=1) > 1
    kept = shared[codes]
    if shared.sum() < 2 or len(np.unique(units[kept])) < 2:
        return None
    names, codes = np.unique(classes[kept], return_inverse=True)
    units = units[kept]
    named = folds.left_out(scores[kept], codes, units)
    judged = named >= 0
    if not judged.any():
        return None
    true, named, units = codes[judged], named[judged], units[judged]
    matrix = metrics.confusion(true, named, len(names)).astype(np.float64)
    number = len(np.unique(units))
    drawn = units if number >= _FEWEST_UNITS else np.arange(len(true))
    rounds = metrics.bootstrap(true, named, drawn.astype(np.int64), len(names), _ROUNDS, seed)
    redraw = of_groups(drawn.astype(np.int64), _ROUNDS, seed)
    return metrics.estimate(metrics.balanced_accuracy, matrix, rounds, redraw.number)
