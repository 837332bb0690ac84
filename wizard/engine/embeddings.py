"""Maps of features: PCA, t-SNE, UMAP, PHATE; each a function registered by name."""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wizard.plan import VisualizePlan

Floats = NDArray[np.float32]

PCA_FIRST = 50
"""Components to which features are reduced before the neighbour maps: faster, and less noise."""


class Features:
    """Features of cells, prepared once for all maps.

    `scores` (cell, k) are the first principal components, k up to 50, `explained` their shares of
    the variance; the neighbour maps start from the scores.
    """

    def __init__(self, raw: Floats, plan: VisualizePlan) -> None:
        from sklearn.decomposition import PCA

        prepared = prepare(raw, plan.standardize)
        self.n_features = prepared.shape[1]
        number = min(PCA_FIRST, *prepared.shape)
        model = PCA(number, random_state=plan.seed)
        self.scores: Floats = np.ascontiguousarray(model.fit_transform(prepared))
        self.explained: Floats = model.explained_variance_ratio_


Method = Callable[[Features, int, VisualizePlan], tuple[Floats, str]]


@dataclass(frozen=True)
class Entry:
    """A method: its title, axis name and function (features, dimensions, plan) → (coordinates, note)."""

    title: str
    axis: str
    make: Method


METHODS: dict[str, Entry] = {}


def register(name: str, title: str, axis: str) -> Callable[[Method], Method]:
    """Add a method to the registry."""

    def add(method: Method) -> Method:
        METHODS[name] = Entry(title, axis, method)
        return method

    return add


FLAT = 1e-8
"""Features with a smaller spread are constant."""


def prepare(features: Floats, standardize: bool) -> Floats:
    """Centre the features, give them one spread if asked, and drop the constant ones; (cell, d) float32."""
    spread = features.std(axis=0)
    kept = spread > FLAT
    centred = features[:, kept] - features[:, kept].mean(axis=0)
    return (centred / spread[kept] if standardize else centred).astype(np.float32)


@register("pca", "PCA", "PC")
def pca(features: Features, dimensions: int, plan: VisualizePlan) -> tuple[Floats, str]:
    """Principal components; the note tells the share of variance."""
    shares = ", ".join(f"{share:.0%}" for share in features.explained[:dimensions])
    scores = features.scores[:, :dimensions]
    return np.pad(scores, [(0, 0), (0, dimensions - scores.shape[1])]), f"Share of the variance: {shares}."


@register("tsne", "t-SNE", "t-SNE")
def tsne(features: Features, dimensions: int, plan: VisualizePlan) -> tuple[Floats, str]:
    """t-SNE: openTSNE in two dimensions; Barnes-Hut of scikit-learn in three, which openTSNE lacks."""
    reduced = features.scores
    perplexity = min(plan.perplexity, max(2.0, (len(reduced) - 1) / 3))
    note = f"Perplexity {perplexity:.0f}."
    if dimensions == 2:
        import openTSNE

        jobs = os.cpu_count() or 1
        made = openTSNE.TSNE(2, perplexity=perplexity, random_state=plan.seed, n_jobs=jobs).fit(reduced)
        return np.asarray(made, np.float32), note
    from sklearn.manifold import TSNE

    start = reduced[:, :dimensions]
    start = start / max(float(start[:, 0].std()), 1e-12) * 1e-4
    made = TSNE(dimensions, perplexity=perplexity, random_state=plan.seed, init=start, n_jobs=-1)
    return np.asarray(made.fit_transform(reduced), np.float32), note


def import_umap() -> object:
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


@register("umap", "UMAP", "UMAP")
def umap_map(features: Features, dimensions: int, plan: VisualizePlan) -> tuple[Floats, str]:
    """UMAP (McInnes 2018), seeded."""
    umap = import_umap()
    reduced = features.scores
    neighbours = min(plan.neighbours, len(reduced) - 1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = umap.UMAP(  # type: ignore[attr-defined]
            n_neighbors=neighbours, n_components=dimensions, min_dist=plan.min_dist, random_state=plan.seed
        )
        made = model.fit_transform(reduced)
    return np.asarray(made, np.float32), f"{neighbours} neighbours, minimum distance {plan.min_dist:g}."


@register("phate", "PHATE", "PHATE")
def phate_map(features: Features, dimensions: int, plan: VisualizePlan) -> tuple[Floats, str]:
    """PHATE (Moon 2019), seeded."""
    import phate

    reduced = features.scores
    knn = min(plan.knn, len(reduced) - 1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = phate.PHATE(n_components=dimensions, knn=knn, n_pca=None, random_state=plan.seed, n_jobs=-1, verbose=0)
        made = model.fit_transform(reduced)
    return np.asarray(made, np.float32), f"{knn} neighbours."
