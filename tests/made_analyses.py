"""Clusters, a progression with its film, and batch effects, made up, for tests of the window and of the reports."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests import made_results
from wizard.results_base import Estimate
from wizard.results_visualize import (
    BatchEffect,
    BatchRow,
    Cluster,
    Clusters,
    Loading,
    Progression,
    ProgressionStep,
    Stage,
)

DAYS = ["Day 1", "Day 7", "Day 42"]


def estimate(value: float, half: float = 0.05) -> Estimate:
    """Return a figure with an interval to both sides."""
    return Estimate(value=value, low=value - half, high=value + half)


def clusters(names: list[str] | None = None, number: int = 5) -> Clusters:
    """Return clusters of falling size in which one class each prevails."""
    names = names or made_results.CLASSES
    made = [
        Cluster(
            name=str(place + 1), cells=100 - 10 * place, typical=[f"cell{place}{at}" for at in range(12)],
            tags={
                "class": {names[place % len(names)]: 80 - 10 * place, names[(place + 1) % len(names)]: 20},
                "level_2": {"Part_1": 60 - 10 * place, "": 40},
            },
        )
        for place in range(number)
    ]  # fmt: skip
    return Clusters(
        method="Leiden, modularity", resolution=1.0, tag="class", agreement=0.62, stability=0.91, clusters=made
    )


def progression(folder: Path | None = None, **more: Any) -> Progression:
    """Return a progression along days; with a folder, with the pictures of its film."""
    film = None
    if folder is not None:
        own = folder / "film"
        own.mkdir(parents=True, exist_ok=True)
        made = made_results.gallery(own, [(made_results.CLASSES[step % 4], str(step + 1)) for step in range(12)
                                          for _ in range(4)])  # fmt: skip
        film = made.model_copy(update={"sheets": {name: f"film/{file}" for name, file in made.sheets.items()}})
    stages = [
        Stage(value=day, cells=80, p5=0.01 + 0.3 * place, p25=0.05 + 0.3 * place, median=0.15 + 0.3 * place,
              p75=0.25 + 0.3 * place, p95=0.35 + 0.3 * place)
        for place, day in enumerate(DAYS)
    ]  # fmt: skip
    steps = [
        ProgressionStep(low=step / 12, high=(step + 1) / 12, cells=20, values={DAYS[step // 4]: 15, "": 5})
        for step in range(12)
    ]
    found = Progression(
        tag="day", order=DAYS, root="Day 1", correlation=estimate(0.81), within=estimate(0.9, 0.08),
        intervals_over="5 values of donor", n_cells=240, stages=stages, film=film, disconnected=3, outside=2,
        neighbours=15, steps=steps, cautions=["3 of 245 cells are not joined to the start."],
    )  # fmt: skip
    return found.model_copy(update=more)


def batches(corrected: bool = True, **more: Any) -> BatchEffect:
    """Return batch effects of donors within three classes."""
    rows = [
        BatchRow(value=name, cells=200, batches=4, chance=0.25, before=estimate(0.7 - 0.1 * place),
                 after=estimate(0.32) if corrected else None)
        for place, name in enumerate(made_results.CLASSES[:3])
    ]  # fmt: skip
    found = BatchEffect(
        tag="donor", class_tag="class", rows=rows, before=estimate(0.47), after=estimate(0.09) if corrected else None,
        classes_before=estimate(0.8), classes_after=estimate(0.79) if corrected else None,
        correction="combat" if corrected else "none", cautions=["1 of 4 batches (donor) hold cells of one class only."],
    )  # fmt: skip
    return found.model_copy(update=more)


def loadings() -> list[Loading]:
    """Return the loadings of two components."""
    return [
        Loading(component="PC 1", share=0.4, features={"f0003": 0.31, "f0100": -0.28}),
        Loading(component="PC 2", share=0.2, features={"f0007": 0.41}),
    ]
