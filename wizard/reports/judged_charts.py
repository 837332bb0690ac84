"""Figures of Evaluate: curves of the classes, reliability, probabilities, thresholds and tags."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

from wizard.reports import style
from wizard.reports.words import shorten, whole
from wizard.results_evaluate import ReliabilityBin, TagValue

_LINES = ("-", "--", "-.", ":")
_MOST_CLASSES = 16
_MOST_VALUES = 30


def read_rows(path: Path) -> list[dict[str, str]]:
    """Return the rows of one of the step's tables by column."""
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def _plain(name: str) -> str:
    return name.removeprefix("'")


def _number(text: str) -> float:
    return float(text) if text else float("nan")


def _look(index: int) -> dict[str, Any]:
    colour, _marker = style.look(index)
    return {"color": colour, "linestyle": _LINES[index // 4 % len(_LINES)], "linewidth": 1.5}


def curves(table: Path, areas: Mapping[str, tuple[float | None, float | None]], path: Path) -> None:
    """Draw ROC and precision-recall curves; `areas` gives AUC and average precision of every class."""
    lines: dict[str, dict[str, tuple[list[float], list[float]]]] = {"roc": {}, "pr": {}}
    for row in read_rows(table):
        x, y = lines[row["curve"]].setdefault(_plain(row["class"]), ([], []))
        x.append(float(row["x"]))
        y.append(float(row["y"]))
    panels = (
        ("roc", "ROC", "False alarms (share of the other cells)", "Found (recall)"),
        ("pr", "Precision and recall", "Recall", "Precision"),
    )

    def draw(figure: Figure) -> None:
        for place, (axis, (kind, title, below, beside)) in enumerate(zip(figure.subplots(1, 2), panels, strict=True)):
            for index, (name, (x, y)) in enumerate(list(lines[kind].items())[:_MOST_CLASSES]):
                area = areas.get(name, (None, None))[place]
                label = shorten(name, 20) + (f"  {area:.3f}" if area is not None else "")
                axis.plot(x, y, label=label, drawstyle="steps-post" if kind == "roc" else "default", **_look(index))
            if kind == "roc":
                axis.plot([0, 1], [0, 1], color=style.MUTED, linewidth=0.8, linestyle=(0, (2, 2)))
            axis.set(title=title, xlabel=below, ylabel=beside, xlim=(-0.01, 1.01), ylim=(-0.01, 1.02))
            axis.grid()
            axis.legend(loc="upper center", bbox_to_anchor=(0.5, -0.16), ncols=2,
                        title=("AUC" if kind == "roc" else "Average precision") + " behind each name")  # fmt: skip

    style.paint(path, (9.6, 5.0), draw)


def reliability(
    after: Sequence[ReliabilityBin], before: Sequence[ReliabilityBin], errors: tuple[float | None, float | None],
    path: Path,
) -> None:  # fmt: skip
    """Draw how often cells of like confidence are right, after and before temperature scaling; `errors` likewise."""

    def draw(figure: Figure) -> None:
        axis = figure.subplots()
        axis.plot([0, 1], [0, 1], color=style.MUTED, linewidth=1, linestyle=(0, (2, 2)), label="As sure as right")
        sets = (
            (before, style.GREY, "s", "Without scaling", errors[1]),
            (after, style.BLUE, "o", "Used here", errors[0]),
        )
        for bins, colour, marker, name, error in sets:
            if not bins:
                continue
            x = [one.confidence for one in bins]
            y = [one.accuracy.value or 0.0 for one in bins]
            label = name + (f" (ECE {error:.3f})" if error is not None else "")
            axis.plot(x, y, color=colour, marker=marker, markersize=5, linewidth=1.3, label=label)
            if bins is after:
                reach = [
                    [max(0.0, value - (one.accuracy.low or 0.0)) for value, one in zip(y, bins, strict=True)],
                    [max(0.0, (one.accuracy.high or 1.0) - value) for value, one in zip(y, bins, strict=True)],
                ]
                axis.errorbar(x, y, yerr=reach, fmt="none", ecolor=colour, capsize=3, linewidth=0.9)
        axis.set(xlabel="Probability of the predicted class", ylabel="Share that is right", xlim=(0, 1.02),
                 ylim=(0, 1.03))  # fmt: skip
        axis.grid()
        axis.legend(loc="upper left")

    style.paint(path, (5.4, 4.8), draw)


def probabilities(table: Path, path: Path) -> None:
    """Draw for every class the probabilities that cells of it and all other cells get."""
    found: dict[str, dict[bool, dict[float, int]]] = defaultdict(lambda: {True: {}, False: {}})
    for row in read_rows(table):
        one = found[row["probability_of"]][row["true"] == row["probability_of"]]
        start = float(row["from"])
        one[start] = one.get(start, 0) + int(row["cells"])
    names = list(found)[:_MOST_CLASSES]
    across = min(4, max(1, len(names)))
    lines = -(-max(1, len(names)) // across)

    def draw(figure: Figure) -> None:
        axes = figure.subplots(lines, across, squeeze=False, sharex=True).ravel()
        for axis, name in zip(axes, names, strict=False):
            for own, colour, label in ((False, style.GREY, "Other cells"), (True, style.BLUE, "Cells of the class")):
                counts = found[name][own]
                total = sum(counts.values())
                if total:
                    axis.bar(list(counts), [value / total for value in counts.values()], width=0.05, align="edge",
                             color=colour, alpha=0.6, label=label)  # fmt: skip
            axis.set(title=shorten(_plain(name), 20), xlim=(0, 1))
            axis.grid(axis="y")
        for axis in axes[len(names) :]:
            axis.set_visible(False)
        figure.supxlabel("Probability of the class", fontsize=10)
        figure.supylabel("Share of the cells", fontsize=10)
        handles, labels = axes[0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside upper right", ncols=2)

    style.paint(path, (2.6 * across + 0.6, 2.2 * lines + 0.8), draw)


def thresholds(table: Path, path: Path) -> None:
    """Draw yield and purity of every class over the threshold."""
    found: dict[str, list[tuple[float, float, float]]] = defaultdict(list)
    for row in read_rows(table):
        found[_plain(row["class"])].append((float(row["threshold"]), _number(row["yield"]), _number(row["purity"])))

    def draw(figure: Figure) -> None:
        axes = figure.subplots(1, 2)
        for axis, column, title in zip(axes, (1, 2), ("Yield", "Purity"), strict=True):
            for index, (name, rows) in enumerate(list(found.items())[:_MOST_CLASSES]):
                axis.plot([row[0] for row in rows], [row[column] for row in rows], label=shorten(name, 20),
                          **_look(index))  # fmt: skip
            axis.set(title=title, xlabel="Threshold on the class's probability", xlim=(0, 1), ylim=(-0.01, 1.02))
            axis.grid()
        handles, labels = axes[0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside lower center", ncols=5)

    style.paint(path, (9.2, 4.4), draw)


def tag(values: Sequence[TagValue], whole_accuracy: float | None, path: Path) -> None:
    """Draw the accuracy of every value of a tag with its interval, the lowest first."""
    shown = list(values)[:_MOST_VALUES]

    def draw(figure: Figure) -> None:
        axis = figure.subplots()
        for place, row in enumerate(shown):
            accuracy = row.accuracy
            colour = style.RED if row.below else style.BLUE
            value = accuracy.value or 0.0
            low, high = accuracy.low if accuracy.low is not None else value, accuracy.high or value
            axis.errorbar(value, place, xerr=[[max(0.0, value - low)], [max(0.0, high - value)]], color=colour,
                          marker="D" if row.below else "o", markersize=5, capsize=3, linewidth=1.2)  # fmt: skip
            axis.text(1.03, place, f"{value:.2f}  n = {whole(row.n_cells)}", va="center", fontsize=9,
                      transform=axis.get_yaxis_transform())  # fmt: skip
        if whole_accuracy is not None:
            axis.axvline(whole_accuracy, color=style.INK, linewidth=1, linestyle="--",
                         label=f"All cells {whole_accuracy:.2f}")  # fmt: skip
            axis.legend(loc="lower right", bbox_to_anchor=(1.0, 1.0), borderaxespad=0.2)
        axis.set_yticks(range(len(shown)), [shorten(row.value, 28) for row in shown])
        axis.set(xlim=(0, 1.02), ylim=(len(shown) - 0.4, -0.6), xlabel="Accuracy with 95 % interval")
        axis.grid(axis="x")

    style.paint(path, (7.4, min(14.0, 1.3 + 0.36 * max(2, len(shown)))), draw)
