"""The film strip of a progression: typical cells of each step, from first to last."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from wizard.engine import gallery
from wizard.engine.analysing.progression import parts
from wizard.engine.data.dataset import DataSet
from wizard.engine.errors import UserError
from wizard.engine.events import Tell
from wizard.results_base import Gallery
from wizard.results_visualize import Progression

if TYPE_CHECKING:
    from wizard.engine.embeddings.space import Space

EACH = 4
"""Cells of a step."""
FOLDER = "film"


def strip(
    progression: Progression,
    pseudotime: NDArray[np.float32],
    space: Space,
    columns: Mapping[str, Sequence[Any] | NDArray[Any]],
    data: DataSet,
    rows: NDArray[np.int64],
    folder: Path,
    tell: Tell,
) -> Gallery:
    """Write the pictures of the film into `folder`/film and return them; a cell's label is its step from 1.

    Of each of the 12 equal parts of the row the four cells nearest to its middle in the features are shown, in the
    order of their pseudotime. `rows` gives the row of each laid-out cell in `data`. Raises UserError when no cell has
    a pseudotime.
    """
    labels: list[str] = []
    captions: list[str] = []
    chosen: list[int] = []
    values = np.asarray(columns[progression.tag]).tolist()
    for step, members in enumerate(parts(pseudotime), 1):
        for cell in typical(space.scores, members, pseudotime):
            row = int(rows[cell])
            origin = f"{data.cells['source'][row]} ({int(data.cells['object'][row])})"
            said = f"{progression.tag}: {values[cell]}" if values[cell] else f"no {progression.tag}"
            labels.append(str(step))
            captions.append(f"{said}; pseudotime {pseudotime[cell]:.2f}; {origin}")
            chosen.append(row)
    tell.check_cancel()
    own = folder / FOLDER
    own.mkdir(parents=True, exist_ok=True)
    made = gallery.write_gallery(own, data, np.asarray(chosen, np.int64), labels, captions)
    if made is None:
        raise UserError(
            "No cell could be put in a row.", "None is joined to the start.", "Choose another start of the progression."
        )
    return made.model_copy(update={"sheets": {name: f"{FOLDER}/{file}" for name, file in made.sheets.items()}})


def typical(
    scores: NDArray[np.float32], members: NDArray[np.int64], pseudotime: NDArray[np.float32]
) -> NDArray[np.int64]:
    """Return up to four of `members` nearest to their middle, in the order of their pseudotime."""
    inside = scores[members]
    off = ((inside - np.median(inside, axis=0)) ** 2).sum(axis=1)
    nearest = members[np.argsort(off, kind="stable")[:EACH]]
    return nearest[np.argsort(pseudotime[nearest], kind="stable")]
