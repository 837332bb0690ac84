"""The first page of a report over a project: key figures, how to read it, what was done."""

from __future__ import annotations

from wizard.plan import TITLES
from wizard.reports import label_cover
from wizard.reports.blocks import Block, Column, Heading, Table, Text, Value
from wizard.reports.sections import SUMMARIES, evaluate
from wizard.reports.study import Study
from wizard.reports.words import count, date, duration, listed, percent, whole, with_interval

_READING = (
    "Begin with the accuracy and its interval: the interval is where the accuracy on further groups or cells like "
    "these would mostly lie. Balanced accuracy counts every class alike; read it first when classes differ in size.",
    "Look at the number of groups (donors, days): few groups mean wide limits, whatever the number of cells.",
    "The confusion matrix shows which classes are mistaken for each other: rows are true classes, columns are the "
    "model's answers.",
    "A model is only known to work on cells stained, measured and prepared like these. Cells marked as unfamiliar are "
    "unlike the training cells.",
    "“–” stands for what is not known. Long tables stand on sheets of their own in the workbook, with filters.",
)


def blocks(study: Study) -> list[Block]:
    """Return the blocks of the cover."""
    if study.of_stains:
        return label_cover.blocks(study)
    found: list[Block] = [_key_figures(study)]
    if study.judged is not None:
        found += evaluate.limits(study.judged)
    else:
        found.append(Text("The model was not evaluated on hold-out cells yet; there are no honest figures.", "note"))
    found.append(Heading("How to read this report"))
    found += [Text(text) for text in _READING]
    return [*found, Heading("What was done"), _done(study)]


def _key_figures(study: Study) -> Table:
    rows: list[list[Value]] = []
    rows += _of_cells(study)
    rows += _of_model(study)
    rows += _of_accuracy(study)
    rows += _of_use(study)
    shown = [row for row in rows if row[1] not in ("", None)]
    return Table("Key figures", [Column("Figure"), Column("Value"), Column("What it means")], shown)


def _of_cells(study: Study) -> list[list[Value]]:
    made = study.parsed
    if made is None:
        return []
    groups = whole(len(made.tags.get(made.group, {}))) if made.group else "none"
    return [
        ["Cells", whole(made.n_cells), f"from {whole(made.n_files)} files"],
        ["Groups", groups, f"values of {made.group}, kept on one side of the split" if made.group
         else "the split is not by group; figures may be too good for a new sample"],
        ["Classes", listed(made.classes, 12), f"of the target {made.target}" if made.target else ""],
        ["Hold-out cells", whole(made.counts.get("holdout", 0)), "never seen in training"],
    ]  # fmt: skip


def _of_model(study: Study) -> list[list[Value]]:
    made = study.trained
    if made is None:
        return []
    return [
        ["Model", made.network_title or made.network, f"{whole(made.parameters)} parameters"],
        ["Training", f"{made.epochs} epochs", f"{duration(made.seconds)}; epoch {made.best_epoch} was kept"],
        ["Speed of training", f"{made.images_per_second:,.0f} cells per second", "on this computer"],
    ]


def _of_accuracy(study: Study) -> list[list[Value]]:
    made = study.judged
    if made is None:
        return []
    return [
        [
            "Accuracy",
            with_interval(made.accuracy),
            f"share of {whole(made.n_cells)} judged cells named right",
        ],
        ["Balanced accuracy", with_interval(made.balanced_accuracy), "mean recall of the classes"],
        ["Macro F1", with_interval(made.macro_f1), "mean over the classes of the balance of recall and precision"],
        [
            "Expected calibration error",
            None if made.ece is None else f"{made.ece:.3f}",
            "0 is best",
        ],
    ]


def _of_use(study: Study) -> list[list[Value]]:
    rows: list[list[Value]] = []
    if study.predicted is not None:
        made = study.predicted
        share = percent(made.n_unfamiliar / made.n_cells) if made.n_cells else "–"
        rows.append(["Predicted cells", whole(made.n_cells), f"{whole(made.n_unsure)} unsure, {share} unfamiliar"])
        rows.append(["Speed of prediction", f"{made.images_per_second:,.0f} cells per second", made.engine])
    if study.extracted is not None:
        rows.append(
            ["Features", whole(study.extracted.n_features), f"for each of {whole(study.extracted.n_cells)} cells"]
        )
    maps = study.mapped
    if maps is not None:
        rows.append(["Maps", listed((one.title for one in maps.maps), 12), f"of {whole(maps.n_cells)} cells"])
        if maps.clusters is not None:
            rows.append(["Clusters", whole(len(maps.clusters.clusters)), maps.clusters.method])
        if maps.progression is not None:
            rows.append(["Rank correlation of the progression", with_interval(maps.progression.correlation),
                         f"Spearman, with {maps.progression.tag}, all cells"])  # fmt: skip
            if maps.progression.holdout is not None:
                rows.append(["Of the hold-out cells alone", with_interval(maps.progression.holdout),
                             count(maps.progression.n_holdout, "cell")])  # fmt: skip
    return rows


def _done(study: Study) -> Table:
    rows: list[list[Value]] = []
    for step, summarise in SUMMARIES.items():
        result = study.results.get(step)
        if result is not None:
            rows.append([TITLES[step], summarise(result), date(result.created), duration(result.seconds)])
        elif step in ("parse", "train", "evaluate", "predict", "extract", "visualize"):
            rows.append([TITLES[step], "Not done.", "", ""])
    return Table("Steps", [Column("Step"), Column("What was done"), Column("Finished"), Column("Time taken")], rows)
