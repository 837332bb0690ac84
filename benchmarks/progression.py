"""The weakly supervised story, end to end through the product: train on a weak tag, extract, lay out, put in a row.

Run with: python -m benchmarks.progression --data FOLDER [days] [lot] [smears] [--minutes 3] [--set train.network=fast ...]

days: MADE-UP days of real cells. Jurkat cells get a place in the cell cycle (their phases in order, by lot within a
phase), and each of six made-up days is a mixture that drifts along it. The network learns the day and never sees the
phase; progression, maps and figures are those of the hold-out cells alone. Printed: the rank correlation of their
pseudotime with the made-up day, with the true phase, and beside it that of the true phase and the made-up day.

lot: the same with the days shuffled among the cells, where nothing should be found.

smears: red cells that carry only the diagnosis of their smear (chula_disease_weak), group = photograph. There is no
order in them, so agreement is printed, not a rank correlation. Most likely each diagnosis is one slide, so colour
alone gives it away: this shows the workflow and its trap, and nothing about disease.
"""

from __future__ import annotations

import argparse
import csv
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from scipy import stats

from wizard.engine.analysing.progression import spearman
from wizard.engine.data.dataset import DataSet, write_cells
from wizard.engine.evaluating.redraw import Redraw
from wizard.engine.events import Tell
from wizard.engine.run import run_steps
from wizard.project import Project
from wizard.results_base import Estimate

PHASES = ["G1", "S", "G2", "Prophase", "Metaphase", "Anaphase", "Telophase"]
DAYS = [1, 3, 7, 14, 28, 42]
_BLUR = 0.12
"""Spread of the day around a cell's place in the cycle, as a share of the cycle."""
_MAPS = {"visualize.methods": ["pca", "umap"], "visualize.dimensions": ["2"]}


def words(one: Estimate | None) -> str:
    if one is None or one.value is None:
        return "not known"
    return f"{one.value:.3f}" + (f" ({one.low:.3f} to {one.high:.3f})" if one.low is not None else "")


def made_up_days(folder: Path, place: Path, seed: int, by_lot: bool = False) -> Path:
    """Write the table of the cells with a column of made-up days and return it; `by_lot` shuffles the days."""
    with (folder / "metadata.csv").open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    rng = np.random.default_rng(seed)
    key = np.asarray([PHASES.index(row["label"]) for row in rows]) + rng.random(len(rows))
    where = stats.rankdata(key) / len(rows)
    day = np.clip((where + rng.normal(0, _BLUR, len(rows))) * len(DAYS), 0, len(DAYS) - 1e-9).astype(int)
    if by_lot:
        day = rng.permutation(day)
    table = place / "made_up_days.csv"
    with table.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["cell", "phase", "run_fifth", "made_up_day"])
        writer.writerows(
            [row["cell"], row["label"], row["run_fifth"], f"Day {DAYS[one]}"]
            for row, one in zip(rows, day, strict=True)
        )
    return table


def hold_out(project: Project, tag: str, values: tuple[str, ...]) -> None:
    """Keep the cells with these values of a tag out of the training."""
    data = DataSet.open(project.data_set("main"))
    split = np.where(np.isin(data.values(tag), values), "holdout", "train")
    write_cells(data.path, {name: column.tolist() for name, column in (data.cells | {"split": split}).items()})


def through(project: Project, steps: list[str]) -> float:
    """Run steps; return the CPU seconds."""
    began = time.process_time()
    run_steps(project, steps, Tell())
    return time.process_time() - began


def only_hold_out(project: Project) -> int:
    """Leave only the hold-out cells among the extracted features; return how many there are."""
    path = project.result_dir("extract") / "features.parquet"
    table = pq.read_table(path)
    kept = table.filter(pa.compute.equal(table.column("split"), "holdout"))
    pq.write_table(kept, path)
    return kept.num_rows


def lot(data: Path, place: Path, more: dict[str, Any], seed: int) -> None:
    days(data, place, more, seed, by_lot=True)


def days(data: Path, place: Path, more: dict[str, Any], seed: int, by_lot: bool = False) -> None:
    table = made_up_days(data / "jurkat_cellcycle", place, seed, by_lot)
    with Project.open(place / "days") as project:
        cells = str(data / "jurkat_cellcycle" / "Experiment_1")
        project.change({"parse.input": [cells], "parse.table": str(table), "parse.group": "run_fifth"})
        spent = through(project, ["parse"])
        hold_out(project, "run_fifth", ("4",))
        project.change({"train.target": "made_up_day", "train.seed": seed, **more})
        trained = through(project, ["train", "evaluate"])
        spent += through(project, ["extract"])
        number = only_hold_out(project)
        project.change({**_MAPS, "visualize.progression": "made_up_day", "visualize.batch": "none"})
        laid = through(project, ["visualize"])
        judged, result = project.result("evaluate"), project.result("visualize")
        maps = pq.read_table(project.result_dir("visualize") / "maps.parquet")
        row = progression_row(maps)
        found = result.progression
        print(
            f"made-up days{' drawn by lot' if by_lot else ''} of {number} real Jurkat cells held out (never trained on), {len(DAYS)} days, seed {seed}:\n"
            f"  network told the day of a cell: accuracy {words(judged.accuracy)}, {1 / len(DAYS):.3f} by chance\n"
            f"  rank correlation of pseudotime with the made-up day {words(found.correlation)}, over "
            f"{found.intervals_over}\n"
            f"  with the true phase, which nothing was told about: {words(row['phase'])}\n"
            f"  the true phase itself and the made-up day, for comparison: {row['best']:.3f}\n"
            f"  cells without pseudotime {found.disconnected}; medians by day "
            f"{', '.join(f'{stage.value} {stage.median:.2f}' for stage in found.stages)}\n"
            f"  medians by phase: {row['medians']}\n"
            f"  clusters {len(result.clusters.clusters)}, agreement with the day {result.clusters.agreement:.3f}\n"
            f"  CPU seconds: training and evaluation {trained:.0f}, maps and progression {laid:.0f}, the rest {spent:.0f}",
            flush=True,
        )


def progression_row(maps: pa.Table) -> dict[str, Any]:
    """Return the rank correlation of pseudotime and true phase, that of phase and day, and the medians by phase."""
    phase = np.asarray(maps.column("phase").to_pylist())
    rank = np.asarray([PHASES.index(name) for name in phase])
    day = np.asarray([int(text.split()[1]) for text in maps.column("made_up_day").to_pylist()])
    time_of = maps.column("pseudotime").to_numpy().astype(float)
    known = np.isfinite(time_of)
    redraw = Redraw(None, int(known.sum()), 1000, 1)
    medians = [f"{name} {np.median(time_of[known & (phase == name)]):.2f}" for name in PHASES
               if (known & (phase == name)).any()]  # fmt: skip
    return {
        "phase": spearman(time_of[known], rank[known], redraw),
        "best": float(stats.spearmanr(rank, day)[0]),
        "medians": ", ".join(medians),
    }


def smears(data: Path, place: Path, more: dict[str, Any], seed: int) -> None:
    with Project.open(place / "smears") as project:
        project.change({"parse.input": [str(data / "chula_disease_weak")], "train.seed": seed})
        spent = through(project, ["parse"])
        parsed = project.result("parse")
        photograph = next(tag for tag, values in parsed.tags.items() if "img001" in values)
        weak = next(tag for tag, values in parsed.tags.items() if set(values) >= {"Elliptocytosis", "Thalassemia"})
        project.change({"train.target": weak, "parse.group": photograph, **more})
        spent += through(project, ["parse"])
        trained = through(project, ["train", "evaluate"])
        spent += through(project, ["extract"])
        number = only_hold_out(project)
        project.change({**_MAPS, "visualize.colour": weak, "visualize.batch": photograph})
        laid = through(project, ["visualize"])
        judged, result = project.result("evaluate"), project.result("visualize")
        own = DataSet.open(project.data_set("main"))
        photograph_of = dict(zip(own.cells["cell_id"].tolist(), own.values(photograph).tolist(), strict=True))
        right, all_of = by_photograph(project.result_dir("evaluate") / "cells.csv", photograph_of)
        clusters, batch = result.clusters, result.batch
        print(
            f"smears, {number} red cells of {all_of} photographs held out, weak label {weak}, seed {seed}:\n"
            f"  accuracy by cell {words(judged.accuracy)}, balanced {words(judged.balanced_accuracy)}; photographs named "
            f"right by the most common answer of their cells {right} of {all_of}\n"
            f"  clusters {len(clusters.clusters)}: agreement with the diagnosis {clusters.agreement:.3f} (adjusted mutual "
            f"information), stability {clusters.stability:.3f}\n"
            f"  photograph told within a diagnosis (0 not at all, 1 always): {words(batch.before) if batch else 'not measured'}"
            f"{' ' + batch.why if batch and batch.why else ''}\n"
            f"  (most likely one slide per diagnosis, so colour alone gives it away: the workflow works, nothing is proven "
            f"about disease)\n"
            f"  CPU seconds: training and evaluation {trained:.0f}, maps and clusters {laid:.0f}, the rest {spent:.0f}",
            flush=True,
        )


def by_photograph(path: Path, photograph_of: dict[str, str]) -> tuple[int, int]:
    """Return how many groups are named right by the most common prediction of their cells, and how many there are."""
    answers: dict[tuple[str, str], Counter[str]] = {}
    with path.open(encoding="utf-8-sig", newline="") as stream:
        for row in csv.DictReader(stream):
            answers.setdefault((row["true"], photograph_of[row["cell_id"]]), Counter())[row["predicted"]] += 1
    return sum(counts.most_common(1)[0][0] == true for (true, _), counts in answers.items()), len(answers)


def main() -> None:
    said = argparse.ArgumentParser()
    said.add_argument("names", nargs="*", default=["days", "lot", "smears"], metavar="NAME")
    said.add_argument("--data", required=True, type=Path)
    said.add_argument("--minutes", type=float, default=3.0)
    said.add_argument("--seed", type=int, default=1)
    said.add_argument("--set", action="append", default=[], metavar="SETTING=VALUE")
    given = said.parse_args()
    more = {"train.minutes": given.minutes, **dict(item.split("=", 1) for item in given.set)}
    for name in given.names:
        with tempfile.TemporaryDirectory() as place:
            {"days": days, "lot": lot, "smears": smears}[name](given.data, Path(place), more, given.seed)


if __name__ == "__main__":
    main()
