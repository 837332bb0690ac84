"""The map of principal components."""

from __future__ import annotations

import numpy as np

from wizard.engine.embeddings.registry import Report, register
from wizard.engine.embeddings.space import Floats, Space
from wizard.visualize_plan import VisualizePlan


def _note(space: Space, dimensions: int, plan: VisualizePlan) -> str:
    return "Linear: distances on the map are distances in the features, as far as these axes hold them."


@register("pca", "PCA", "PC", _note)
def pca(space: Space, dimensions: tuple[int, ...], plan: VisualizePlan, report: Report) -> dict[int, Floats]:
    """Return the first principal components."""
    made = {}
    for number in dimensions:
        scores = space.scores[:, :number]
        made[number] = np.pad(scores, [(0, 0), (0, number - scores.shape[1])])
    return made
