"""Progression: cells in a row by diffusion pseudotime, and how well that row follows a tag with an order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from wizard.engine.analysing import diffusion, graph, ordering
from wizard.engine.errors import UserError
from wizard.engine.evaluating.ordinal import correlations
from wizard.engine.evaluating.redraw import Redraw, binned, of_groups
from wizard.results_base import Estimate
from wizard.results_visualize import Progression, ProgressionStep, Stage
from wizard.visualize_plan import VisualizePlan

if TYPE_CHECKING:
    from wizard.engine.embeddings.space import Space

Floats = NDArray[np.float32]
Codes = NDArray[np.int64]
Texts = NDArray[np.str_]
Bools = NDArray[np.bool_]
STEPS = 12
"""Equal parts into which the row is cut for the film."""
_NEIGHBOURS = (15, 30, 60)
_ENOUGH = 0.99
"""Share of the cells that should be joined to the start before more neighbours are tried."""
_OUTER = 0.75
_ROUNDS, _BINS = 1000, 200
_FEWEST_GROUPS = 3


def arrange(
    space: Space, columns: Mapping[str, Sequence[Any] | NDArray[Any]], group: str, plan: VisualizePlan
) -> tuple[Floats, Progression]:
    """Return the pseudotime of each cell (n,), 0..1 with NaN where it is not known, and what it amounts to.

    Diffusion pseudotime (Haghverdi 2016) from the start is turned into ranks: 0.3 means that 30 % of the cells come
    before. The start is the middle of the outermost quarter of the cells with the root's value, as the other cells
    see them; no single cell decides. Pseudotime is never turned round to fit the tag. For the rank correlation each
    half of the cells is judged from the start that the other half gives.

    `group` names the column whose values are redrawn for the interval; "" for none. Raises UserError for a tag that
    is not there or has no order, and for a root that is not in the order.
    """
    tag = plan.progression.strip()
    order, ranks, root = check(columns, plan)
    values = _texts(columns[tag])
    rank_of = dict(zip(order, ranks, strict=True))
    rank = np.asarray([rank_of.get(value, -1) for value in values.tolist()], np.int64)
    paths = paths_from(space, values == root, plan.seed)
    pseudotime = paths.row(values == root)
    counted = np.flatnonzero((rank >= 0) & ~np.isnan(pseudotime))
    found = Progression(
        tag=tag, order=order, root=root, correlation=Estimate(value=None, low=None, high=None), n_cells=len(counted),
        stages=_stages(pseudotime, values, order), disconnected=int(np.isnan(pseudotime).sum()),
        outside=int((rank < 0).sum()), neighbours=paths.neighbours, steps=_steps(pseudotime, values),
    )  # fmt: skip
    groups = _texts(columns[group])[counted] if group in columns and group != tag else None
    judged = unseen(paths, values == root, plan.seed)[counted].astype(np.float64)
    _correlate(found, judged, rank[counted], group, groups, plan.seed)
    _of_holdout(found, judged, rank[counted], _texts(columns.get("split", values))[counted], groups, plan.seed)
    found.cautions = cautions(found, len(values))
    return pseudotime, found


def check(columns: Mapping[str, Sequence[Any] | NDArray[Any]], plan: VisualizePlan) -> tuple[list[str], list[int], str]:
    """Return the order of the values, the rank of each, and the root; raises UserError as `arrange` does, at once."""
    tag = plan.progression.strip()
    if tag not in columns:
        raise UserError(
            f"The cells have no tag called {tag!r}.", "The progression was to run along it.",
            "Choose another tag for the progression, or none.",
        )  # fmt: skip
    order, ranks = ordering.order_of(tag, _texts(columns[tag]).tolist(), plan.order)
    root = ordering.meant(tag, plan.root, order) or order[0]
    if root not in order:
        raise UserError(
            f"The progression cannot start at {root!r}.", f"The values of {tag} in their order: {', '.join(order)}.",
            "Choose one of these as start, or leave it empty for the first.",
        )  # fmt: skip
    return order, ranks, root


def _texts(values: Any) -> Texts:
    return np.asarray(["" if value is None else str(value) for value in np.asarray(values).tolist()], dtype=str)


@dataclass(frozen=True)
class Paths:
    """Cells joined to the start: their places in a space whose distances are those of diffusion pseudotime."""

    cells: int
    """All cells, also those that are not joined."""
    joined: Codes
    places: NDArray[np.float64]
    neighbours: int
    """Nearest cells from which the paths were built."""

    def row(self, start: Bools, seen: Bools | None = None) -> Floats:
        """Return the share of the cells that come before each (n,), NaN where not joined; `seen` places the start.

        The start is the middle of the outermost quarter of the start cells, as the other cells see them.
        """
        kept = np.ones(self.cells, bool) if seen is None else seen
        first, rest = (start & kept)[self.joined], (~start & kept)[self.joined]
        inside = self.places[first]
        middle = inside.mean(axis=0)
        if rest.any():
            outward = inside @ (middle - self.places[rest].mean(axis=0))
            middle = inside[outward >= np.quantile(outward, _OUTER)].mean(axis=0)
        off = np.sqrt(((self.places - middle) ** 2).sum(axis=1))
        found = np.full(self.cells, np.nan, np.float32)
        # A share of the cells: distances themselves have long tails, and stray cells would fill most of the scale.
        found[self.joined] = (stats.rankdata(off) - 1) / max(1, len(self.joined) - 1)
        return found


def paths_from(space: Space, start: Bools, seed: int) -> Paths:
    """Return the places of all cells that paths of neighbours join to the start cells."""
    most = space.neighbours.shape[1]
    best: tuple[Codes, Any, int] | None = None
    for neighbours in dict.fromkeys(min(number, most) for number in (*_NEIGHBOURS, most)):
        kernel = graph.gaussian(space.neighbours, space.distances, neighbours)
        joined = diffusion.reachable(kernel, np.flatnonzero(start))
        if best is None or len(joined) > len(best[0]):
            best = joined, kernel, neighbours
        if len(joined) >= _ENOUGH * kernel.shape[0]:
            break
    assert best is not None
    joined, kernel, neighbours = best
    places = diffusion.coordinates(kernel[joined][:, joined].tocsr(), seed)
    return Paths(kernel.shape[0], joined, places, neighbours)


def unseen(paths: Paths, start: Bools, seed: int) -> Floats:
    """Return pseudotime where no cell had a say in its own start: that of one half comes from the other half's start.

    Otherwise a tag that has nothing to do with the features would seem to follow the row a little.
    """
    rng = np.random.default_rng(seed)
    half = np.zeros(paths.cells, bool)
    members = np.zeros(paths.cells, bool)
    members[paths.joined] = True
    for part in (start & members, ~start & members):
        drawn = rng.permutation(np.flatnonzero(part))
        half[drawn[: len(drawn) // 2]] = True
    if not (start & half).any():
        return paths.row(start)
    return np.where(half, paths.row(start, ~half), paths.row(start, half))


def _stages(pseudotime: Floats, values: Texts, order: Sequence[str]) -> list[Stage]:
    found = []
    for value in order:
        here = pseudotime[(values == value) & ~np.isnan(pseudotime)]
        if len(here):
            p5, p25, median, p75, p95 = (float(one) for one in np.percentile(here, (5, 25, 50, 75, 95)))
            found.append(Stage(value=value, cells=len(here), p5=p5, p25=p25, median=median, p75=p75, p95=p95))
    return found


def parts(pseudotime: Floats) -> list[Codes]:
    """Return the cells of each of up to 12 equal parts of the row, in its order."""
    known = np.flatnonzero(~np.isnan(pseudotime))
    row = known[np.argsort(pseudotime[known], kind="stable")]
    return [part for part in np.array_split(row, min(STEPS, len(row))) if len(part)] if len(row) else []


def _steps(pseudotime: Floats, values: Texts) -> list[ProgressionStep]:
    return [
        ProgressionStep(
            low=float(pseudotime[part[0]]), high=float(pseudotime[part[-1]]), cells=len(part),
            values=dict(Counter(values[part].tolist()).most_common()),
        )
        for part in parts(pseudotime)
    ]  # fmt: skip


def _correlate(
    found: Progression, pseudotime: NDArray[np.float64], rank: Codes, group: str, groups: Texts | None, seed: int
) -> None:
    """Add the rank correlation with its interval, and that of the means by group where there are several."""
    names, units = np.unique(groups, return_inverse=True) if groups is not None else (np.zeros(0, str), None)
    several = units is not None and len(names) > 1
    redraw = of_groups(units.astype(np.int64), _ROUNDS, seed) if several and units is not None else None
    if redraw is None or redraw.units is None:
        redraw = Redraw(None, len(rank), _ROUNDS, seed)
    found.correlation = spearman(pseudotime, rank, redraw)
    found.intervals_over = f"{len(names)} values of {group}" if redraw.units is not None else "cells"
    if several and units is not None and len(names) >= _FEWEST_GROUPS:
        pairs, place = np.unique(np.stack([units, rank]), axis=1, return_inverse=True)
        means = np.bincount(place.ravel(), pseudotime) / np.bincount(place.ravel())
        found.within = spearman(means, pairs[1], of_groups(pairs[0].astype(np.int64), _ROUNDS, seed))


def _of_holdout(
    found: Progression, pseudotime: NDArray[np.float64], rank: Codes, split: Texts, groups: Texts | None, seed: int
) -> None:
    """Add the rank correlation over the hold-out cells, where there are some and others too."""
    held = split == "holdout"
    found.n_holdout = int(held.sum())
    if not held.any() or held.all():
        return
    units = np.unique(groups[held], return_inverse=True)[1].astype(np.int64) if groups is not None else None
    redraw = of_groups(units, _ROUNDS, seed) if units is not None and units.max() > 0 else None
    if redraw is None or redraw.units is None:
        redraw = Redraw(None, found.n_holdout, _ROUNDS, seed)
    found.holdout = spearman(pseudotime[held], rank[held], redraw)


def spearman(values: NDArray[np.float64], rank: Codes, redraw: Redraw) -> Estimate:
    """Return Spearman's rank correlation of values and whole-number ranks with its 95 % interval."""
    steps, rank = np.unique(rank, return_inverse=True)
    if len(steps) < 2 or len(values) < 3 or values.min() == values.max():
        return Estimate(value=None, low=None, high=None)
    codes, number = binned(values, _BINS)
    size = len(steps) * number
    drawn = redraw.over(
        rank * number + codes, size, lambda counts: correlations(counts.reshape(-1, len(steps), number))[:, 0]
    )
    return redraw.estimate(float(stats.spearmanr(values, rank)[0]), drawn, "correlation")


def cautions(found: Progression, cells: int) -> list[str]:
    """Return what the reader should know: cells left out, and a row that does not follow the tag."""
    said = []
    if found.disconnected:
        said.append(
            f"{found.disconnected} of {cells} cells are not joined to the start by neighbours and have no pseudotime."
        )
    if found.outside:
        said.append(f"{found.outside} cells have a value of {found.tag} that is not in the order; they do not count.")
    value, low = found.correlation.value, found.correlation.low
    if value is None:
        said.append(f"The rank correlation with {found.tag} cannot be told from these cells.")
    elif value < 0:
        said.append(f"The row runs against {found.tag}: look whether the order or the start is the other way round.")
    elif low is not None and low <= 0:
        said.append(f"The interval includes 0: these features may hold nothing about {found.tag}.")
    missing = [value for value in found.order if value not in {stage.value for stage in found.stages}]
    if missing:
        said.append(f"No cell of these values could be arranged: {', '.join(missing)}.")
    return said
