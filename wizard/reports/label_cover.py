"""The first page of a report over a project that predicts stains."""

from __future__ import annotations

from wizard.plan import LABEL_STEPS, TITLES
from wizard.reports.blocks import Block, Column, Heading, Table, Text, Value
from wizard.reports.sections import SUMMARIES
from wizard.reports.study import Study
from wizard.reports.words import date, duration, listed, whole
from wizard.results_label import CAUTION

_READING = (
    "Begin with the Pearson correlation of each stain, beside that of the linear model: a network that is hardly "
    "better has learnt little.",
    "Look at what was held out: whole wells or days show how the model does on new ones, a strip of one picture does "
    "not.",
    "The error panel shows where a prediction is too bright or too dim, the heat maps at which grey levels.",
    "“–” stands for what is not known. Long tables stand on sheets of their own in the workbook, with filters.",
)


def blocks(study: Study) -> list[Block]:
    """Return the blocks of the cover."""
    found: list[Block] = [_key_figures(study), Text(CAUTION, "warning")]
    if study.result("label_evaluate") is None:
        found.append(Text("The model was not evaluated on pixels that were held out; there are no honest figures.",
                          "note"))  # fmt: skip
    found.append(Heading("How to read this report"))
    found += [Text(text) for text in _READING]
    return [*found, Heading("What was done"), _done(study)]


def _key_figures(study: Study) -> Table:
    rows: list[list[Value]] = []
    made = study.result("label_parse")
    if made is not None:
        rows += [["Fields of view", whole(made.n_fields), f"{whole(made.planes)} planes each"],
                 ["Stains", listed(made.labels, 12), "with the fields that have them in Parse"],
                 ["Pixels held out", whole(made.pixels.get("holdout", 0)), f"by {made.split_by}"]]  # fmt: skip
    made = study.result("label_train")
    if made is not None:
        rows += [["Model", made.network_title or made.network, f"{whole(made.parameters)} weights"],
                 ["Training", duration(made.train_seconds), f"{whole(made.steps)} steps"]]  # fmt: skip
    made = study.result("label_evaluate")
    for one in made.stains if made is not None else ():
        beside = "" if one.linear_pearson is None else f"; linear model {one.linear_pearson:.3f}"
        value = None if one.pearson is None else f"{one.pearson:.3f}"
        rows.append([f"Pearson of {one.label}", value, f"1 is equal, over all pixels held out{beside}"])
    made = study.result("label_predict")
    if made is not None:
        rows.append(["Predicted fields", whole(len(made.fields)), f"{whole(made.n_unlike)} unlike the training"])
    shown = [row for row in rows if row[1] not in ("", None)]
    return Table("Key figures", [Column("Figure"), Column("Value"), Column("What it means")], shown)


def _done(study: Study) -> Table:
    rows: list[list[Value]] = []
    for step, summarise in SUMMARIES.items():
        result = study.results.get(step)
        if result is not None:
            rows.append([TITLES[step], summarise(result), date(result.created), duration(result.seconds)])
        elif step in LABEL_STEPS:
            rows.append([TITLES[step], "Not done.", "", ""])
    return Table("Steps", [Column("Step"), Column("What was done"), Column("Finished"), Column("Time taken")], rows)
