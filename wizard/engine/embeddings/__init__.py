"""Maps of features: PCA, t-SNE, UMAP, PHATE; each a function registered by name."""

from __future__ import annotations

from wizard.engine.embeddings import pca, phate_maps, tsne, umap_maps  # noqa: F401 they register themselves
from wizard.engine.embeddings.registry import METHODS
from wizard.engine.embeddings.umap_maps import import_umap

__all__ = ["METHODS", "import_umap"]
