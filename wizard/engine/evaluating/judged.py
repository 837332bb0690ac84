"""The judged cells with what the model says of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wizard.engine.data.dataset import DataSet
from wizard.engine.evaluating.redraw import Redraw

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Judged:
    """Rows of the data set, true and predicted class numbers, probabilities (cell, class), and how to redraw them."""

    data: DataSet
    rows: NDArray[np.int64]
    true: NDArray[np.int64]
    predicted: NDArray[np.int64]
    shares: Floats
    """After temperature scaling."""
    plain: Floats
    """Without temperature scaling."""
    classes: list[str]
    redraw: Redraw
    group: str = ""
    """Tag over whose values is redrawn; empty for none."""

    @property
    def right(self) -> NDArray[np.bool_]:
        """Which cells were predicted right."""
        return np.asarray(self.true == self.predicted)

    @property
    def confidence(self) -> Floats:
        """Probability of the predicted class of every cell."""
        return np.asarray(self.shares.max(axis=1))

    @property
    def support(self) -> NDArray[np.int64]:
        """Cells of each class."""
        return np.bincount(self.true, minlength=len(self.classes)).astype(np.int64)

    def name(self, place: int | np.integer[Any]) -> str:
        """Return where the place-th judged cell comes from."""
        row = self.rows[place]
        return f"{self.data.cells['source'][row]} ({int(self.data.cells['object'][row])})"

    def origin(self, place: int | np.integer[Any]) -> list[object]:
        """Return cell id, source and object of the place-th judged cell, as tables begin."""
        row = self.rows[place]
        cells = self.data.cells
        return [cells["cell_id"][row], cells["source"][row], int(cells["object"][row])]
