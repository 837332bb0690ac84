"""Clusters: groups of cells that lie close together, found with the Leiden method (Traag 2019, Sci Rep 9, 5233)."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from wizard import fileio
from wizard.engine.analysing import graph
from wizard.engine.data.dataset import OWN
from wizard.results_visualize import Cluster, Clusters
from wizard.visualize_plan import VisualizePlan

if TYPE_CHECKING:
    from wizard.engine.embeddings.space import Space

Labels = NDArray[np.int64]
TABLE, TYPICAL_TABLE = "clusters.csv", "cluster_cells.csv"
TYPICAL = 12
"""Cells named for each cluster."""
OTHERS = "(all other values)"
_NEIGHBOURS = 15
_MOST_VALUES = 24
"""Values of a tag that are counted by name in a cluster; the others are counted together."""
_MOST_COMPARED = 2000
_ROUNDS = 4
"""Times that the whole graph is gone through; the partition hardly changes after that."""


def find(
    space: Space, columns: Mapping[str, Sequence[Any] | NDArray[Any]], tag: str, plan: VisualizePlan
) -> tuple[Labels, Clusters]:
    """Return the cluster of each cell, numbered from 0 by falling size, and what the clusters consist of.

    The graph of the 15 nearest cells with UMAP's weights is divided so that its modularity at `plan.resolution` is
    highest. `tag` names the column with which the clusters are compared; "" for none. Every other text or whole-number
    column that is a tag is counted, too. Stability is the agreement of two runs that differ in their seed.
    """
    found = graph.fuzzy(space.neighbours, space.distances, _NEIGHBOURS)
    labels = _leiden(found, plan.resolution, plan.seed)
    again = _leiden(found, plan.resolution, plan.seed + 1)
    return labels, describe(labels, again, space, columns, tag, plan)


def describe(
    labels: Labels, again: Labels, space: Space, columns: Mapping[str, Any], tag: str, plan: VisualizePlan
) -> Clusters:
    """Return counts, typical cells, agreement with the tag and stability of clusters found twice."""
    from sklearn.metrics import adjusted_rand_score

    tags = {name: _texts(values) for name, values in columns.items() if name == tag or is_tag(name, values)}
    ids = _texts(columns["cell_id"]) if "cell_id" in columns else np.arange(len(labels)).astype(str)
    return Clusters(
        method="Leiden, modularity",
        resolution=plan.resolution,
        tag=tag if tag in tags else "",
        agreement=_agreement(labels, tags[tag]) if tag in tags else None,
        stability=float(adjusted_rand_score(labels, again)) if len(labels) > 1 else None,
        clusters=_members(labels, space.scores, tags, ids),
    )


def _leiden(weighted: Any, resolution: float, seed: int) -> Labels:
    """Return the community of each node, numbered from 0 by falling size."""
    import igraph
    from scipy import sparse

    upper = sparse.triu(weighted, 1).tocoo()
    made = igraph.Graph(n=weighted.shape[0], edges=np.column_stack([upper.row, upper.col]))
    igraph.set_random_number_generator(random.Random(seed))
    try:
        found = made.community_leiden(
            objective_function="modularity", weights=upper.data.tolist(), resolution=resolution, n_iterations=_ROUNDS
        )
    finally:
        igraph.set_random_number_generator(random)
    membership = np.asarray(found.membership, np.int64)
    order = np.argsort(-np.bincount(membership), kind="stable")
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))
    return rank[membership]


def is_tag(name: str, values: Any) -> bool:
    """Tell whether a column is a tag that says something of groups of cells, and not an identity or a measurement."""
    if name in OWN and name != "split":
        return False
    kind = np.asarray(values).dtype.kind
    return kind in "OUSTb" or (kind in "iu" and len(np.unique(np.asarray(values))) <= _MOST_COMPARED)


def _texts(values: Any) -> NDArray[np.str_]:
    return np.asarray(["" if value is None else str(value) for value in np.asarray(values).tolist()], dtype=str)


def _agreement(labels: Labels, values: NDArray[np.str_]) -> float | None:
    from sklearn.metrics import adjusted_mutual_info_score

    known = values != ""
    different = np.unique(values[known])
    # A tag with one value has nothing to agree with; one with a value per cell is an identity.
    if not 2 <= len(different) <= min(_MOST_COMPARED, known.sum() // 2):
        return None
    return float(adjusted_mutual_info_score(values[known], labels[known]))


def _members(
    labels: Labels, scores: NDArray[np.float32], tags: Mapping[str, NDArray[np.str_]], ids: NDArray[np.str_]
) -> list[Cluster]:
    common = {name: {value for value, _ in Counter(values.tolist()).most_common(_MOST_VALUES)}
              for name, values in tags.items()}  # fmt: skip
    found = []
    for label in range(int(labels.max()) + 1 if len(labels) else 0):
        members = np.flatnonzero(labels == label)
        inside = scores[members]
        off = ((inside - inside.mean(axis=0)) ** 2).sum(axis=1)
        nearest = members[np.argsort(off, kind="stable")[:TYPICAL]]
        counts = {}
        for name, values in tags.items():
            counted: Counter[str] = Counter()
            for value, number in Counter(values[members].tolist()).items():
                counted[value if value in common[name] else OTHERS] += number
            counts[name] = dict(counted.most_common())
        found.append(
            Cluster(name=str(label + 1), cells=len(members), tags=counts, typical=[str(one) for one in ids[nearest]])
        )
    return found


def write(clusters: Clusters, folder: Path) -> dict[str, str]:
    """Write clusters.csv (counts and shares by tag) and cluster_cells.csv (typical cells); return title → file."""
    totals: dict[tuple[str, str], int] = Counter()
    for one in clusters.clusters:
        for tag, counts in one.tags.items():
            for value, number in counts.items():
                totals[tag, value] += number
    rows = [
        [one.name, one.cells, tag, value, number, f"{number / one.cells:.5f}", f"{number / totals[tag, value]:.5f}"]
        for one in clusters.clusters
        for tag, counts in one.tags.items()
        for value, number in counts.items()
    ]
    names = ["cluster", "cells_in_cluster", "tag", "value", "cells", "share_of_cluster", "share_of_value"]
    fileio.write_csv(folder / TABLE, names, rows)
    typical = [[one.name, rank, cell] for one in clusters.clusters for rank, cell in enumerate(one.typical, 1)]
    fileio.write_csv(folder / TYPICAL_TABLE, ["cluster", "rank", "cell_id"], typical)
    return {"Clusters by tag": TABLE, "Typical cells of the clusters": TYPICAL_TABLE}
