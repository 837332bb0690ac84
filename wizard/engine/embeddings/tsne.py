"""t-SNE in two dimensions (openTSNE) and in three (exact, of at most some thousand cells)."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from wizard.engine import processors
from wizard.engine.embeddings import tsne_space
from wizard.engine.embeddings.placing import place
from wizard.engine.embeddings.registry import Report, register
from wizard.engine.embeddings.space import Floats, Space, build
from wizard.visualize_plan import VisualizePlan

Said = Callable[[float], None]
_EVERY = 10
_SMALL, _LARGE = 10_000, 50_000
"""Between so many cells fewer rounds do: trustworthiness stays within 0.001 at a third of the time."""

MOST_IN_SPACE = 6000
"""Cells that are laid out in 3-D; the others are placed among them."""


def perplexity_of(cells: int, plan: VisualizePlan) -> float:
    """Return the perplexity that so many cells allow."""
    return min(plan.perplexity, max(1.0, (cells - 1) / 3))


def _note(space: Space, dimensions: int, plan: VisualizePlan) -> str:
    text = f"Perplexity {perplexity_of(len(space), plan):.0f}."
    if dimensions == 3 and len(space) > MOST_IN_SPACE:
        text += f" {MOST_IN_SPACE:,} cells were laid out, the others placed among them."
    return text


@register("tsne", "t-SNE", "t-SNE", _note)
def tsne(space: Space, dimensions: tuple[int, ...], plan: VisualizePlan, report: Report) -> dict[int, Floats]:
    """t-SNE (van der Maaten 2008; Poličar 2024 in two dimensions), from the principal components on."""
    makers = {2: _flat, 3: _in_space}
    made = {}
    for turn, number in enumerate(dimensions):

        def said(share: float, turn: int = turn, number: int = number) -> None:
            report((turn + share) / len(dimensions), f"t-SNE {number}-D")

        made[number] = makers[number](space, plan, said)
    return made


def affinities(space: Space, plan: VisualizePlan) -> object:
    """Return openTSNE's affinities of the nearest cells, of which they share the search."""
    from openTSNE.affinity import PerplexityBasedNN
    from openTSNE.nearest_neighbors import PrecomputedNeighbors

    perplexity = perplexity_of(len(space), plan)
    number = min(space.neighbours.shape[1], max(1, int(3 * perplexity)))
    known = PrecomputedNeighbors(space.neighbours[:, :number], space.distances[:, :number].astype(np.float64))
    return PerplexityBasedNN(perplexity=perplexity, knn_index=known, n_jobs=processors.count(), random_state=plan.seed)


def _start(space: Space, dimensions: int) -> Floats:
    start = np.pad(space.scores[:, :dimensions], [(0, 0), (0, max(0, dimensions - space.scores.shape[1]))])
    made: Floats = (start / max(float(start[:, 0].std()), 1e-12) * 1e-4).astype(np.float32)
    return made


def _flat(space: Space, plan: VisualizePlan, said: Said) -> Floats:
    import openTSNE

    early, late = (150, 250) if _SMALL <= len(space) <= _LARGE else (250, 500)
    done = 0

    def heard(*_: object) -> bool:
        nonlocal done
        done += _EVERY
        said(min(1.0, done / (early + late)))
        return False

    model = openTSNE.TSNE(
        2, early_exaggeration_iter=early, n_iter=late, ints_in_interval=2, random_state=plan.seed,
        n_jobs=processors.count(), callbacks=heard, callbacks_every_iters=_EVERY,
    )  # fmt: skip
    made = model.fit(affinities=affinities(space, plan), initialization=_start(space, 2).astype(np.float64))
    return np.asarray(made, np.float32)


def _in_space(space: Space, plan: VisualizePlan, said: Said) -> Floats:
    if len(space) <= MOST_IN_SPACE:
        joint = affinities(space, plan).P  # type: ignore[attr-defined]
        return tsne_space.lay_out(joint, _start(space, 3), said)
    rows = np.sort(np.random.default_rng(plan.seed).choice(len(space), MOST_IN_SPACE, replace=False))
    some = build(space.scores[rows], space.neighbours.shape[1], plan.seed)
    laid_out = _in_space(some, plan, said)
    made = place(some.scores, space.scores, plan.seed).mean(laid_out)
    made[rows] = laid_out
    return made
