"""What all maps of a run share: the features as scores, and which cells are laid out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wizard.engine.data.dataset import FIXED
from wizard.engine.embeddings import reduction, space, table
from wizard.engine.embeddings.reduction import Reduction
from wizard.engine.embeddings.space import Floats, Space
from wizard.engine.errors import UserError
from wizard.engine.events import Tell
from wizard.project import Project
from wizard.results import ExtractResult
from wizard.visualize_plan import VisualizePlan

_FEWEST, _FEWEST_FEATURES = 10, 3
_FEWEST_NEAREST = 15


@dataclass
class Prepared:
    """The cells of the table of features.

    `columns` describe all cells, `scores` (cell, k) float32 are their principal components after a correction of
    batches, `before` those without it; `rows` are the cells that are laid out, ascending.
    """

    plan: VisualizePlan
    extracted: ExtractResult
    columns: dict[str, Any]
    names: list[str]
    reduction: Reduction
    before: Floats
    scores: Floats
    rows: NDArray[np.int64]

    @property
    def tags(self) -> list[str]:
        """Names of the tags."""
        return [name for name in self.columns if name not in FIXED]

    @property
    def laid_out(self) -> Mapping[str, Any]:
        """The columns of the cells that are laid out."""
        return {name: np.asarray(values)[self.rows] for name, values in self.columns.items()}

    @cached_property
    def space(self) -> Space:
        """Scores and nearest cells of the cells that are laid out."""
        plan = self.plan
        most = max(_FEWEST_NEAREST, int(3 * plan.perplexity), plan.neighbours, plan.knn)
        return space.build(np.ascontiguousarray(self.scores[self.rows]), most, plan.seed)


def prepare(plan: VisualizePlan, project: Project, tell: Tell) -> Prepared:
    """Read the features and reduce them; raises UserError when there are none, or too few for a map."""
    extracted: ExtractResult = project.result("extract") or ExtractResult()
    further = {"classical": extracted.classical, "measured": extracted.measured}
    further["all"] = [*extracted.classical, *extracted.measured]
    which = {"network": "network", "all": "all"}.get(plan.features, "others")
    found = table.read(project.result_dir("extract") / "features.parquet", further.get(plan.features, []), which)
    if len(found) < _FEWEST:
        raise UserError(
            f"{len(found)} cells are too few for a map.", "", f"Extract features of at least {_FEWEST} cells."
        )
    rows = np.arange(len(found))
    if len(found) > plan.most:
        rows = np.sort(np.random.default_rng(plan.seed).choice(len(found), plan.most, replace=False))
        tell.notice("info", f"{plan.most:,} of {len(found):,} cells are laid out, the others placed among them.")
    tell.progress(0.01, "Reading the features")
    every = rows if len(rows) < len(found) else None
    fitted = reduction.fit(lambda: found.blocks(every), plan.standardize, plan.seed)
    _check(fitted, found, tell)
    scores = np.concatenate([fitted.scores(block) for block in found.blocks()])
    return Prepared(plan, extracted, dict(found.columns), found.names, fitted, scores, scores, rows)


def _check(fitted: Reduction, found: table.FeatureTable, tell: Tell) -> None:
    if len(fitted.kept) < min(_FEWEST_FEATURES, len(found.names)) or len(fitted.components) < 1:
        raise UserError(
            "The features are the same for all cells.", "There is nothing to map.", "Check the model and the cells."
        )
    if len(fitted.kept) < len(found.names):
        constant = len(found.names) - len(fitted.kept)
        tell.notice("info", f"{constant:,} of {len(found.names):,} features are the same for all cells and left out.")
    if fitted.unknown:
        tell.notice("info", f"{fitted.unknown:,} values are not known and count as the mean of their feature.")
