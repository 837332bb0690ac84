"""Galleries of Evaluate: the cells behind the confusion matrix, the wrong ones, and those with suspect labels."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wizard.engine import gallery
from wizard.engine.evaluating.judged import Judged
from wizard.results import Gallery

EACH = 48
"""Most pictures behind one field of the matrix."""
_WRONG_EACH = 24
_MOST_CELLS = 1500
_MOST_BYTES = 150 * 2**20


def label_of(judged: Judged, place: int | np.integer[Any]) -> str:
    """Return `true → predicted` of a cell."""
    return f"{judged.classes[judged.true[place]]} → {judged.classes[judged.predicted[place]]}"


def most_pictures(judged: Judged) -> int:
    """Return how many pictures fit into memory and into a sheet."""
    height, width = judged.data.frame
    each = height * width * len(judged.data.channels) * 4
    return max(16, min(_MOST_CELLS, _MOST_BYTES // each))


def behind_matrix(folder: Path, judged: Judged) -> tuple[Gallery | None, Gallery | None]:
    """Write the pictures of the wrong cells, then of the right ones; return both galleries: wrong ones, and all.

    Each field of the matrix gets the same number at most; the most confident first, and of a field with more cells
    than pictures the least confident, too.
    """
    order = np.argsort(-judged.confidence, kind="stable")
    kinds: dict[tuple[int, int], list[int]] = {}
    for place in order:
        kinds.setdefault((int(judged.true[place]), int(judged.predicted[place])), []).append(int(place))
    each = min(EACH, max(1, most_pictures(judged) // max(1, len(kinds))))
    wrong = [place for kind in sorted(kinds) if kind[0] != kind[1] for place in kinds[kind][: min(each, _WRONG_EACH)]]
    right = [place for kind in sorted(kinds) if kind[0] == kind[1] for place in _ends(kinds[kind], each)]
    rest = [place for kind in sorted(kinds) if kind[0] != kind[1] for place in kinds[kind][_WRONG_EACH:each]]
    every = _write(folder, judged, [*wrong, *rest, *right])
    if every is None or not wrong:
        return None, every
    return every.model_copy(update={"cells": every.cells[: len(wrong)]}), every


def _ends(places: list[int], most: int) -> list[int]:
    """Return at most that many: the first half and the last half of them."""
    if len(places) <= most:
        return places
    first = -(-most // 2)
    return [*places[:first], *places[len(places) - (most - first) :]]


def _write(folder: Path, judged: Judged, places: list[int]) -> Gallery | None:
    labels = [label_of(judged, place) for place in places]
    captions = [
        f"{judged.data.cells['source'][judged.rows[place]]} ({judged.confidence[place]:.0%})" for place in places
    ]
    return gallery.write_gallery(folder, judged.data, judged.rows[places], labels, captions)


def suspects(folder: Path, judged: Judged, places: NDArray[np.int64]) -> Gallery | None:
    """Write the pictures of cells with suspect labels into a folder of their own, the most suspicious first."""
    shown = places[: min(200, most_pictures(judged))]
    if not len(shown):
        return None
    own = folder / "suspects"
    own.mkdir(exist_ok=True)
    labels = [label_of(judged, place) for place in shown]
    captions = [_doubt(judged, place) for place in shown]
    made = gallery.write_gallery(own, judged.data, judged.rows[shown], labels, captions)
    if made is None:
        return None
    return made.model_copy(update={"sheets": {name: f"suspects/{file}" for name, file in made.sheets.items()}})


def _doubt(judged: Judged, place: int | np.integer[Any]) -> str:
    true, named = judged.true[place], judged.predicted[place]
    return (
        f"{judged.name(place)}, {judged.shares[place, true]:.0%} for its label, "
        f"{judged.shares[place, named]:.0%} for {judged.classes[named]}"
    )
