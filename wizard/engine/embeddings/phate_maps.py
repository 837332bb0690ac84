"""PHATE; its diffusion is computed once for all dimensions."""

from __future__ import annotations

import warnings

import numpy as np

from wizard.engine.embeddings.registry import Report, register
from wizard.engine.embeddings.space import Floats, Space
from wizard.visualize_plan import VisualizePlan

_LANDMARKS, _MANY = 1000, 50_000
"""PHATE's own 2,000 landmarks only for more cells: below, 1,000 give maps that are trusted as far, sooner."""


def _number(space: Space, plan: VisualizePlan) -> int:
    return min(plan.knn, len(space) - 1)


def _note(space: Space, dimensions: int, plan: VisualizePlan) -> str:
    return f"{_number(space, plan)} neighbours."


@register("phate", "PHATE", "PHATE", _note)
def phate_map(space: Space, dimensions: tuple[int, ...], plan: VisualizePlan, report: Report) -> dict[int, Floats]:
    """PHATE (Moon 2019), seeded, with its own landmarks for many cells."""
    import phate

    made = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = phate.PHATE(
            n_components=dimensions[0],
            knn=_number(space, plan),
            n_pca=None,
            random_state=plan.seed,
            n_jobs=-1,
            verbose=-1,
            n_landmark=_LANDMARKS if len(space) <= _MANY else 2 * _LANDMARKS,
        )
        model.fit(space.scores)
        for place, one in enumerate(dimensions):
            report(0.7 + 0.3 * place / len(dimensions), f"PHATE {one}-D")
            model.set_params(n_components=one)
            made[one] = np.asarray(model.transform(), np.float32)
    return made
