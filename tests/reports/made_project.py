"""A project whose results are full of names that tell a person or a place."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from tests.reports import samples
from wizard import fileio, results
from wizard.engine.events import Event, Tell
from wizard.engine.run import run_steps
from wizard.plan import settings_hash
from wizard.project import Project
from wizard.results_base import Cue, Estimate, NoticeText, Skipped
from wizard.results_evaluate import Leakage, TagValue
from wizard.results_predict import ClassShare, SampleRow
from wizard.results_visualize import BatchEffect, BatchRow, Cluster, Clusters, Progression, ProgressionStep, Stage

DONORS = ["Anna Müller", "Smith_042", "B. O'Neil", "7", "K"]
STUDY = "Kohorte Nordstadt"
SOURCES = [f"{STUDY}/{donor}/run_Zebra-{number}.cif" for number, donor in enumerate(DONORS)]
MODEL = "/mnt/dr_schmidt/Geheim study/best_of_schmidt.cytomodel"
INPUT = "/home/dr_schmidt/Rohdaten Klinikum/2024"
PROJECT = "Charité project"
SECRET = [
    "Müller", "Smith", "O'Neil", "Neil", "Nordstadt", "Zebra", "schmidt", "Geheim", "Klinikum", "Charité", "Hausarzt",
    "Wilhelm",
]  # fmt: skip
"""Parts of the names above; none may be in a report with pseudonyms."""


def estimate(value: float) -> Estimate:
    return Estimate(value=value, low=value - 0.1, high=min(1.0, value + 0.1))


def project(place: Path) -> Project:
    """Write the project and return it, opened."""
    root = place / PROJECT
    made = samples.every_step(root)
    for step, (result, folder) in made.items():
        _CHANGES.get(step, lambda *_: None)(result, folder)
        result.notices = [NoticeText(level="warning", text=f"Few cells of donor {DONORS[0]} and of {DONORS[1]}.",
                                     file=SOURCES[2])]  # fmt: skip
        if "model" in result.settings:
            result.settings["model"] = MODEL
        results.save(result, folder)
    _write_data_set(root)
    opened = Project.open(root)
    for step, (result, folder) in made.items():
        result.settings_hash = settings_hash(opened.plan, step)
        results.save(result, folder)
    return opened


def write_report(project: Project, **settings: object) -> list[Event]:
    """Run `report` and return what was said."""
    said: list[Event] = []
    project.change({f"report.{name}": value for name, value in settings.items()})
    run_steps(project, ["report"], Tell(said.append))
    return said


def _write_data_set(root: Path) -> None:
    place = root / "data" / "main.cells"
    place.mkdir(parents=True)
    rows = list(range(len(SOURCES) * 3))
    columns = {
        "cell_id": [f"{row:016x}" for row in rows],
        "source": [SOURCES[row % len(SOURCES)] for row in rows],
        "object": rows,
        "class": ["G1"] * len(rows),
        "donor": [DONORS[row % len(DONORS)] for row in rows],
        "Hausarzt": ["Wilhelm"] * len(rows),
        "split": ["train"] * len(rows),
    }
    pq.write_table(pa.table(columns), place / "cells.parquet")
    sources = [{"path": f"{INPUT}/{source}", "n_cells": 3, "sha256": "ab" * 32} for source in SOURCES]
    fileio.write_json(
        place / "dataset.json",
        {"tags": ["class", "donor", "Hausarzt"], "fingerprint": "f" * 64, "sources": sources},
    )


def _parse(result: results.ParseResult, _folder: Path) -> None:
    result.tags = {"class": result.tags["class"], "donor": dict.fromkeys(DONORS, 49), "Hausarzt": {"Wilhelm": 243}}
    result.group, result.split_by = "donor", "group donor"
    result.skipped = [Skipped(file=f"{STUDY}/kaputt_Zebra.cif", why=f"The file of {DONORS[1]} ends too early.")]
    result.cues = [Cue(level="warning", subject="Few cells", text=f"{DONORS[0]} has few cells.", files=SOURCES[:2])]
    result.facts = {"Instrument": "AMNIS of Klinikum", "Magnification": "40×"}
    result.settings |= {"input": [INPUT], "group": "donor", "rename": ["level_1 = Hausarzt"]}


def _train(result: results.TrainResult, folder: Path) -> None:
    result.model, result.validation_by = MODEL, "group donor"
    (folder / "card.md").write_text(f"# Model card: {PROJECT}: class\n\n- Donors: {DONORS[0]}\n", encoding="utf-8")


def _evaluate(result: results.EvaluateResult, _folder: Path) -> None:
    result.model, result.data = MODEL, f"60 cells of {INPUT}"
    result.split_by = "group donor"
    result.by_tag = {
        "donor": [TagValue(value=name, n_cells=9, n_groups=1, accuracy=estimate(0.7), balanced_accuracy=0.6, below=True)
                  for name in DONORS],
        "Hausarzt": [TagValue(value="Wilhelm", n_cells=60, n_groups=5, accuracy=estimate(0.8), balanced_accuracy=0.8)],
    }  # fmt: skip
    result.leakage = Leakage(checked="9 cells", n_duplicates=1, duplicates=[f"{SOURCES[0]} (3) with {SOURCES[1]} (4)"],
                             group="donor", shared_groups=DONORS[:2], n_in_shared_groups=4,
                             accuracy_without=estimate(0.7), n_without=5)  # fmt: skip
    assert result.gallery is not None
    for cell in result.gallery.cells:
        cell.caption = f"{SOURCES[0]} (91%)"


def _predict(result: results.PredictResult, folder: Path) -> None:
    result.model, result.data = MODEL, f"243 cells of {INPUT}"
    names = result.classes
    header = ["cell_id", "source", "object", "predicted", "confidence", *(f"p_{n}" for n in names), "unsure",
              "unfamiliar", "donor", "Hausarzt", "split"]  # fmt: skip
    rows = [
        [f"{row:016x}", SOURCES[row % 5], row, names[0], 0.9, *[0.1] * len(names), "no", "no", DONORS[row % 5],
         "Wilhelm", "new"]
        for row in range(243)
    ]  # fmt: skip
    fileio.write_csv(folder / "predictions.csv", header, rows)
    counts = dict.fromkeys(names, 9)
    result.shares = {name: ClassShare(cells=9, share=estimate(0.25)) for name in names}
    result.uncorrected = "there is one donor"
    result.samples = [SampleRow(tag="donor", value=name, cells=36, counts=counts) for name in DONORS]
    result.samples += [SampleRow(tag="source", value=SOURCES[3], cells=36, counts=counts)]


def _extract(result: results.ExtractResult, folder: Path) -> None:
    result.model = MODEL
    table = {"cell_id": ["a"], "source": [SOURCES[0]], "object": [1], "donor": [DONORS[0]], "f0000": [0.5]}
    pq.write_table(pa.table(table), folder / "features.parquet")


def _visualize(result: results.VisualizeResult, folder: Path) -> None:
    table = pq.read_table(folder / "maps.parquet")
    table = table.append_column("donor", pa.array([DONORS[row % 5] for row in range(len(table))]))
    table = table.append_column("source", pa.array([SOURCES[row % 5] for row in range(len(table))]))
    table = table.append_column("Hausarzt", pa.array(["Wilhelm"] * len(table)))
    pq.write_table(table, folder / "maps.parquet")
    table = table.append_column("pseudotime", pa.array([0.5] * len(table), pa.float32()))
    pq.write_table(table, folder / "maps.parquet")
    result.tags = ["class", "donor", "Hausarzt", "pseudotime", "cluster"]
    result.colour, result.maps = "donor", result.maps[:2]
    counts = {"class": {"G1": 20}, "donor": dict.fromkeys(DONORS, 4)}
    result.clusters = Clusters(method="Leiden", resolution=1.0, tag="donor",
                               clusters=[Cluster(name="1", cells=20, tags=counts, typical=["a"])])  # fmt: skip
    stages = [Stage(value=name, cells=4, p5=0.1, p25=0.2, median=0.3, p75=0.4, p95=0.5) for name in DONORS]
    steps = [ProgressionStep(low=0.0, high=1.0, cells=20, values=dict.fromkeys(DONORS, 4))]
    result.progression = Progression(tag="donor", order=DONORS, root=DONORS[0], correlation=estimate(0.5),
                                     stages=stages, steps=steps, cautions=[f"{DONORS[1]} has few cells."])  # fmt: skip
    result.batch = BatchEffect(tag="donor", class_tag="class", why=f"{DONORS[0]} is alone.",
                               rows=[BatchRow(value="G1", cells=9, batches=5, chance=0.2, before=estimate(0.4))])  # fmt: skip
    result.settings |= {"progression": "donor", "order": DONORS, "root": DONORS[0]}


_CHANGES = {"parse": _parse, "train": _train, "evaluate": _evaluate, "predict": _predict, "extract": _extract,
            "visualize": _visualize}  # fmt: skip
