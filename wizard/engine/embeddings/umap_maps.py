"""UMAP, from neighbours that all maps share."""

from __future__ import annotations

import sys
import warnings
from typing import Any

import numpy as np

from wizard.engine.embeddings.registry import Report, register
from wizard.engine.embeddings.space import Floats, Space
from wizard.visualize_plan import VisualizePlan


def import_umap() -> Any:
    """Import umap without its parametric part, which would load TensorFlow again for nothing."""
    name = "umap.parametric_umap"
    hidden = name not in sys.modules
    if hidden:
        sys.modules[name] = None  # type: ignore[assignment]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import umap
    finally:
        if hidden:
            sys.modules.pop(name, None)
    return umap


def _number(space: Space, plan: VisualizePlan) -> int:
    return min(plan.neighbours, space.neighbours.shape[1] + 1)


def _note(space: Space, dimensions: int, plan: VisualizePlan) -> str:
    return f"{_number(space, plan)} neighbours, minimum distance {plan.min_dist:g}."


@register("umap", "UMAP", "UMAP", _note)
def umap_map(space: Space, dimensions: tuple[int, ...], plan: VisualizePlan, report: Report) -> dict[int, Floats]:
    """UMAP (McInnes 2018), seeded; its neighbours include the cell itself, as its authors count."""
    umap = import_umap().umap_
    number = _number(space, plan)
    own = np.arange(len(space), dtype=np.int32)[:, None]
    neighbours = np.hstack([own, space.neighbours[:, : number - 1]])
    distances = np.hstack([np.zeros_like(own, np.float32), space.distances[:, : number - 1]])
    made = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        graph = umap.fuzzy_simplicial_set(
            space.scores, number, np.random.RandomState(plan.seed), "euclidean",
            knn_indices=neighbours, knn_dists=distances,
        )[0]  # fmt: skip
        a, b = umap.find_ab_params(1.0, plan.min_dist)
        for place, one in enumerate(dimensions):
            report(0.1 + 0.9 * place / len(dimensions), f"UMAP {one}-D")
            start = "spectral" if len(space) > 4 * one else "random"
            made[one] = umap.simplicial_set_embedding(
                space.scores, graph, one, 1.0, a, b, 1.0, 5, None, start, np.random.RandomState(plan.seed),
                "euclidean", {}, False, {}, False, parallel=False,
            )[0].astype(np.float32)  # fmt: skip
    return made
