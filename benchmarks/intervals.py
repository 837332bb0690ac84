"""How often the 95 % intervals of Evaluate hold the true figure, and the calibration error before and after scaling.

Run with: python -m benchmarks.intervals [--repeats 1000] [--project DIR]. In the simulation three classes (60, 30 and
10 % of the cells) are told apart by made-up probabilities; groups differ in how well (a normal effect on the scores)
and in their number of cells. The truth is the figure on very many new groups. Target: 95 % ± 2. With --project the
calibration error of that project's last evaluation is printed; without, a model is trained on the demo cells.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from wizard.engine import metrics
from wizard.engine.evaluating import ranking
from wizard.engine.evaluating.redraw import Redraw, Scale, all_or_none, binned, of_groups
from wizard.project import Project
from wizard.results_base import Estimate

DEMO = Path(__file__).parents[1] / "wizard" / "assets" / "demo"
SHARES = np.array([0.6, 0.3, 0.1])
SKILL, SPREAD = 2.0, 0.6
FIGURES = {
    "accuracy": metrics.accuracy, "balanced accuracy": metrics.balanced_accuracy, "macro F1": metrics.macro_f1,
    "correlation": metrics.correlation,
}  # fmt: skip
NAMES = (*FIGURES, "AUC of the rarest")
Scores = NDArray[np.float64]


def cells(rng: np.random.Generator, groups: int, each: int) -> tuple[NDArray[np.int64], Scores, NDArray[np.int64]]:
    """Return classes, scores (cell, class) and groups; with one group there is no group effect."""
    sizes = rng.integers(each // 2, 3 * each // 2, groups) if groups > 1 else np.array([each])
    unit = np.repeat(np.arange(groups), sizes)
    true = rng.choice(3, len(unit), p=SHARES)
    skill = SKILL + (rng.normal(0, SPREAD, groups)[unit] if groups > 1 else 0.0)
    scores = rng.normal(0, 1, (len(unit), 3))
    scores[np.arange(len(unit)), true] += skill
    return true, scores, unit


def truth(rng: np.random.Generator, grouped: bool) -> list[float]:
    """Return every figure on very many cells."""
    true, scores, _unit = cells(rng, 20_000 if grouped else 1, 40 if grouped else 800_000)
    matrix = metrics.confusion(true, scores.argmax(axis=1), 3).astype(float)
    return [*(float(figure(matrix)) for figure in FIGURES.values()), _area(true, scores)]


def _area(true: NDArray[np.int64], scores: Scores) -> float:
    return metrics.per_class(np.ones((3, 3)), true, scores)[2].auc or float("nan")


def estimates(true: NDArray[np.int64], scores: Scores, redraw: Redraw) -> list[Estimate]:
    """Return the figures with their intervals, as Evaluate computes them."""
    predicted = scores.argmax(axis=1)
    matrix = metrics.confusion(true, predicted, 3).astype(float)
    drawn = redraw.over(true * 3 + predicted, 9, lambda counts: counts).reshape(-1, 3, 3)
    support = matrix.sum(axis=1)[matrix.sum(axis=1) > 0]
    worth = len(support) ** 2 / float((1 / support).sum())
    found = []
    for name, figure in FIGURES.items():
        cells_worth = len(true) if name == "accuracy" else worth
        scale: Scale = "correlation" if name == "correlation" else "share"
        one = metrics.estimate(figure, matrix, drawn, min(redraw.number, cells_worth), scale)
        found.append(all_or_none(one, cells_worth))
    ranks, number = binned(scores[:, 2])
    areas = redraw.over(2 * ranks + (true == 2), 2 * number, ranking.areas)[:, 0]
    return [*found, redraw.estimate(_area(true, scores), areas, "share", float((true == 2).sum()))]


def coverage(groups: int, each: int, repeats: int, wanted: list[float]) -> list[float]:
    """Return the share of repeats whose interval holds the truth, for every figure."""
    rng = np.random.default_rng(groups * 1000 + each)
    hits = np.zeros((repeats, len(NAMES)))
    for repeat in range(repeats):
        true, scores, unit = cells(rng, groups, each)
        redraw = of_groups(unit, 1000, repeat) if groups > 1 else Redraw(None, len(true), 1000, repeat)
        for place, one in enumerate(estimates(true, scores, redraw)):
            known = one.low is not None and one.high is not None
            hits[repeat, place] = known and one.low <= wanted[place] <= one.high if known else np.nan
    return np.nanmean(hits, axis=0).tolist()


def simulate(repeats: int) -> None:
    """Print the coverage for several numbers of groups and cells."""
    rng = np.random.default_rng(0)
    print(f"{'':28s}" + "".join(f"{name:>20s}" for name in NAMES))
    for kind, settings in (
        ("groups", [(5, 100), (10, 100), (20, 100), (50, 60)]), ("cells", [(1, 100), (1, 300), (1, 2000)])
    ):  # fmt: skip
        wanted = truth(rng, kind == "groups")
        for groups, each in settings:
            found = coverage(groups, each, repeats, wanted)
            title = f"{groups} groups of about {each}" if groups > 1 else f"{each} cells"
            print(f"{title:28s}" + "".join(f"{100 * share:18.1f} %" for share in found), flush=True)


def calibration(folder: Path) -> None:
    """Print the calibration error of a project's last evaluation."""
    with Project.open(folder) as project:
        result = project.result("evaluate")
    if result is None or result.ece is None or result.ece_before is None:
        print("This project has no evaluation.")
        return
    print(
        f"Calibration error on {result.n_cells} cells never trained on: {result.ece_before:.4f} before, "
        f"{result.ece:.4f} after temperature scaling (temperature {result.temperature:.2f})"
    )


def main() -> None:
    """Run both."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=1000)
    parser.add_argument("--project", type=Path)
    chosen = parser.parse_args()
    simulate(chosen.repeats)
    if chosen.project is not None:
        calibration(chosen.project)
        return
    from wizard.engine.events import Tell
    from wizard.engine.run import run_steps

    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "project"
        with Project.open(folder) as project:
            project.change({"parse.input": [str(DEMO)]})
            run_steps(project, ["parse", "train", "evaluate"], Tell())
        calibration(folder)


if __name__ == "__main__":
    main()
