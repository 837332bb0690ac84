"""What a report says of calibration, thresholds, tags, order, a second model, leakage and suspect labels."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from wizard.reports import gallery, judged_charts
from wizard.reports.blocks import Block, Column, Figure, Heading, Kind, Row, Stream, Table, Text, Value
from wizard.reports.sections.common import model_name
from wizard.reports.tables import is_yes, unguarded
from wizard.reports.words import count, listed, whole, with_interval
from wizard.results_base import Estimate
from wizard.results_evaluate import EvaluateResult, TagValue

_MOST_TAG_FIGURES = 6
_SUSPECTS_EACH = 8
_SHOWN = 20


def table_of(path: Path, title: str, kinds: dict[str, Kind], note: str, sheet: str) -> list[Block]:
    """Return a table of the step as one of the report, with a sheet of its own; nothing when the file is not there."""
    if not path.is_file():
        return []
    names = list(judged_charts.read_rows(path)[:1] or [{}])[0]
    columns = [Column(name.replace("_", " "), kinds.get(name, "text")) for name in names]

    def read() -> Iterator[Row]:
        for row in judged_charts.read_rows(path):
            yield [_value(text, kinds.get(name, "text")) for name, text in row.items()]

    rows = len(judged_charts.read_rows(path))
    return [Table(title, columns, Stream(rows, read), note, sheet=sheet, shown=_SHOWN)] if rows else []


def _value(text: str, kind: Kind) -> Value:
    if kind in ("number", "percent", "whole"):
        return (int(text) if kind == "whole" else float(text)) if text else None
    if kind == "any":
        return is_yes(text)
    return unguarded(text)


def calibration(result: EvaluateResult, folder: Path) -> list[Block]:
    """Return how far probabilities can be believed."""
    if not result.reliability:
        return []
    rows: list[list[Value]] = []
    for name, bins in (("after", result.reliability), ("before", result.reliability_before)):
        rows += [
            [name, one.n_cells, one.confidence, one.accuracy.value, one.accuracy.low, one.accuracy.high] for one in bins
        ]
    columns = [
        Column("Temperature scaling"), Column("Cells", "whole"), Column("Mean probability", "number"),
        Column("Share right", "number"), Column("95 % from", "number"), Column("95 % to", "number"),
    ]  # fmt: skip
    heat = f" (temperature {result.temperature:.2f})" if result.temperature is not None else ""
    note = (
        "Cells were sorted by the probability of their predicted class into ten parts of equal count. The temperature"
        f"{heat} was fitted on the validation cells of the training only, never on the cells judged here."
    )
    draw = partial(
        judged_charts.reliability, result.reliability, result.reliability_before, (result.ece, result.ece_before)
    )
    caption = (
        "Points on the dashed line: a probability of 0.8 is right in 80 % of the cases. Below it the model is too "
        "sure. Bars are 95 % intervals of the share (Wilson); ECE is the mean distance from the line."
    )
    return [
        Heading("Can the probabilities be believed?"),
        Figure(folder / "reliability.png", "Reliability", caption, draw),
        Table("Reliability", columns, rows, note, sheet="Reliability"),
    ]


def curves(result: EvaluateResult, folder: Path) -> list[Block]:
    """Return ROC and precision-recall curves, histograms of probabilities and the thresholds."""
    found: list[Block] = []
    if (folder / "curves.csv").is_file() and any(one.auc is not None for one in result.per_class.values()):
        areas = {name: (one.auc, one.ap) for name, one in result.per_class.items()}
        found.append(
            Figure(
                folder / "curves.png", "ROC and precision-recall curves",
                "Each class against all others, for every threshold on its probability.",
                partial(judged_charts.curves, folder / "curves.csv", areas),
            )
        )  # fmt: skip
    if (folder / "probabilities.csv").is_file():
        found.append(
            Figure(
                folder / "probabilities.png", "Probabilities",
                "Probability of a class among its own cells and among all others; the less they overlap, the better.",
                partial(judged_charts.probabilities, folder / "probabilities.csv"),
            )
        )  # fmt: skip
    return [Heading("Curves of the classes"), *found] if found else []


def thresholds(folder: Path) -> list[Block]:
    """Return what sorting by a threshold on one class would give."""
    path = folder / "thresholds.csv"
    note = (
        "Sorted out are the cells whose probability of the class reaches the threshold. Yield: share of the class that "
        "is sorted out. Purity: share of the class among the sorted cells (its concentration after sorting). "
        "Enrichment: purity divided by the concentration before. Accuracy: all cells, when those below the threshold "
        "get their next likely class."
    )
    kinds: dict[str, Kind] = dict.fromkeys(
        ("threshold", "concentration_before", "purity", "enrichment", "yield", "false_alarms", "accuracy"), "number"
    )
    kinds |= {"sorted_out": "whole", "right": "whole"}
    table = table_of(path, "Thresholds", kinds, note, "Thresholds")
    if not table:
        return []
    caption = "What a threshold on a class's probability costs (yield) and gains (purity)."
    draw = partial(judged_charts.thresholds, path)
    figure = Figure(folder / "thresholds.png", "Yield and purity by threshold", caption, draw)
    return [Heading("Sorting by a threshold"), figure, *table]


def tags(result: EvaluateResult, folder: Path) -> list[Block]:
    """Return the accuracy for every value of every tag."""
    if not result.by_tag:
        return []
    found: list[Block] = [Heading("Where the model fails: accuracy by tag")]
    low = [f"{tag} {row.value}" for tag, values in result.by_tag.items() for row in values if row.below]
    if low:
        more = f" and {len(low) - 8} more" if len(low) > 8 else ""
        found.append(
            Text(f"The whole interval lies below the accuracy on all cells for: {listed(low[:8])}{more}. With many "
                 "values some do so by chance (about 1 in 40).", "note")
        )  # fmt: skip
    rows: list[list[Value]] = [[tag, *_tag_row(row)] for tag, values in result.by_tag.items() for row in values]
    columns = [
        Column("Tag"), Column("Value"), Column("Cells", "whole"), Column("Groups", "whole"),
        Column("Accuracy", "number"), Column("95 % from", "number"), Column("95 % to", "number"),
        Column("Balanced accuracy", "number"), Column("Below the whole", "any"),
    ]  # fmt: skip
    found.append(Table("Accuracy by tag", columns, rows, sheet="By tag"))
    whole_accuracy = result.accuracy.value if result.accuracy else None
    for number, (tag, values) in enumerate(list(result.by_tag.items())[:_MOST_TAG_FIGURES], 1):
        caption = f"Accuracy on the cells of each {tag}, the lowest first; red diamonds lie below the whole."
        draw = partial(judged_charts.tag, values, whole_accuracy)
        found.append(Figure(folder / f"by_tag_{number}.png", f"Accuracy by {tag}", caption, draw))
    return found


def _tag_row(row: TagValue) -> list[Value]:
    one = row.accuracy
    return [
        row.value, row.n_cells, row.n_groups or None, one.value, one.low, one.high, row.balanced_accuracy, row.below
    ]  # fmt: skip


def _estimates(title: str, rows: list[tuple[str, Estimate | None]], note: str = "", sheet: str = "") -> Table:
    columns = [
        Column("Figure"), Column("Value", "number"), Column("95 % from", "number"), Column("95 % to", "number")
    ]  # fmt: skip
    known: list[list[Value]] = [[name, one.value, one.low, one.high] for name, one in rows if one is not None]
    return Table(title, columns, known, note, sheet=sheet)


def order(result: EvaluateResult) -> list[Block]:
    """Return how well the order of the steps of a scale was found."""
    found = result.ordinal
    if found is None:
        return []
    rows: list[tuple[str, Estimate | None]] = [
        ("Mean error in steps", found.steps),
        ("Share at most one step off", found.within_one),
        ("Rank correlation (Spearman)", found.spearman),
        ("Rank correlation (Kendall's tau-b)", found.kendall),
        *((f"Mean expected position of {name} (place {found.order.index(name) + 1})", one)
          for name, one in found.expected.items()),
    ]  # fmt: skip
    note = (
        f"The classes are steps of a scale: {', '.join(found.order)}. The expected position of a cell is the mean "
        "of the places of all classes, weighted by their probabilities; the correlations compare it with the true "
        "place."
    )
    return [Heading("Does the predicted order follow the scale?"), _estimates("Order", rows, note, "Order")]


def rival(result: EvaluateResult) -> list[Block]:
    """Return the comparison with a second model."""
    found = result.rival
    if found is None:
        return []
    names = {"accuracy": "Accuracy", "balanced_accuracy": "Balanced accuracy", "macro_f1": "Macro F1"}
    rows: list[tuple[str, Estimate | None]] = []
    for key, title in names.items():
        rows += [
            (f"{title}: {model_name(result.model)}", getattr(result, key)),
            (f"{title}: {found.model}", getattr(found, key)),
            (f"{title}: second minus first", found.differences.get(key)),
        ]
    said = f" {count(found.only_first_right, 'cell')} only the first got right, "
    said += f"{whole(found.only_second_right)} only the second. "
    p = found.mcnemar_p if found.mcnemar_p is not None else 1.0
    shown = f"{p:.3f}" if p >= 0.001 else "below 0.001"
    said += f"McNemar's exact test: p = {shown}; it takes the cells as independent, the intervals do not."
    difference = found.differences.get("accuracy")
    verdict = "The difference in accuracy is not more than chance would give."
    if difference is not None and difference.low is not None and difference.high is not None:
        if difference.low > 0:
            verdict = "The second model is better."
        elif difference.high < 0:
            verdict = "The first model is better."
    note = "The differences come from the same redrawn groups or cells for both models (paired)."
    return [
        Heading("Two models on the same cells"), Text(verdict + said),
        _estimates("Two models", rows, note, "Two models"),
    ]  # fmt: skip


def leakage(result: EvaluateResult) -> list[Block]:
    """Return what the judged cells share with the training cells."""
    found = result.leakage
    if found is None:
        return []
    blocks: list[Block] = [Heading("Did the model see these cells before?")]
    if not found.checked:
        blocks.append(
            Text("The training cells of this model are not in this project, so copies of them among the judged cells "
                 "cannot be found; only the names of its groups were compared.", "note")
        )  # fmt: skip
    elif not found.n_duplicates:
        blocks.append(Text(f"No judged cell has the same pixels as one of the {found.checked}."))
    if found.n_duplicates:
        blocks.append(
            Text(f"{count(found.n_duplicates, 'judged cell')} have the same pixels as training cells: "
                 f"{'; '.join(found.duplicates[:5])}.", "warning")
        )  # fmt: skip
    if found.shared_groups:
        blocks.append(
            Text(f"{count(found.n_in_shared_groups, 'judged cell')} are of a {found.group} that has training cells: "
                 f"{listed(found.shared_groups[:20])}.", "warning")
        )  # fmt: skip
    elif found.group:
        blocks.append(Text(f"No {found.group} of the judged cells has training cells."))
    if found.accuracy_without is not None:
        blocks.append(
            Text(f"Without these cells the accuracy is {with_interval(found.accuracy_without)} "
                 f"({count(found.n_without, 'cell')}).")
        )  # fmt: skip
    return blocks


def suspects(result: EvaluateResult, folder: Path) -> list[Block]:
    """Return the cells whose label may be wrong."""
    if not result.n_suspects:
        return []
    found: list[Block] = [Heading("Labels that may be wrong")]
    note = (
        "Found by confident learning (Northcutt, Jiang and Chuang 2021): cells that look like another class at least "
        "as surely as that class's own cells do, about as many as the confusions suggest. Look at them before you "
        "change a label; the model may be wrong as well."
    )
    shown = result.suspects
    if shown is not None and shown.cells and shown.sheets:
        draw = partial(gallery.paint, shown, folder, _SUSPECTS_EACH, "first")
        caption = "Labelled class → class that the cell looks like, the most suspicious first."
        found.append(Figure(folder / "suspect_labels.png", "Suspect labels", caption, draw))
    kinds: dict[str, Kind] = {"p_label": "number", "p_looks_like": "number"}
    return [*found, *table_of(folder / "suspect_labels.csv", "Suspect labels", kinds, note, "Suspect labels")]
