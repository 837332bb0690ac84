"""Curves of the classes and the reliability of the probabilities on the page of Evaluate."""

from __future__ import annotations

import csv
import tkinter as tk
from pathlib import Path

from wizard.results_evaluate import EvaluateResult, ReliabilityBin
from wizard.steps.page import percent
from wizard.widgets import palette
from wizard.widgets.basics import Area, Text
from wizard.widgets.choice import Choice
from wizard.widgets.unit_chart import Line, UnitChart

Points = dict[str, dict[str, list[tuple[float, float]]]]
"""Curve (`roc`, `pr`) → class → points."""

RELIABILITY, ROC, PRECISION = "Reliability", "ROC", "Precision and recall"


def read_curves(path: Path) -> Points:
    """Read curves.csv; raises OSError, KeyError or ValueError when it is missing or damaged."""
    found: Points = {"roc": {}, "pr": {}}
    with path.open(encoding="utf-8-sig", newline="") as stream:
        for row in csv.DictReader(stream):
            name = row["class"].removeprefix("'")
            found[row["curve"]].setdefault(name, []).append((float(row["x"]), float(row["y"])))
    return found


class CurvesView(Area):
    """One chart; a menu chooses reliability, ROC or precision and recall."""

    def __init__(self, master: tk.Misc, result: EvaluateResult, points: Points) -> None:
        super().__init__(master)
        self.result, self.points = result, points
        self.columnconfigure(0, weight=1)
        self.rowconfigure(1, weight=1)
        row = Area(self)
        row.grid(row=0, column=0, sticky="ew", pady=(0, 8))
        row.columnconfigure(2, weight=1)
        Text(row, "Show", wrap=False, colour=palette.MUTED).grid(row=0, column=0, padx=(0, 8))
        names = [RELIABILITY] if result.reliability else []
        names += [ROC, PRECISION] if any(points.values()) else []
        self.menu = Choice(row, names, command=self.choose, height=28, width=190)
        self.menu.grid(row=0, column=1)
        self.chart = UnitChart(self, 300)
        self.chart.grid(row=1, column=0, sticky="nsew")
        self.words = Text(self, "", colour=palette.MUTED, size="small")
        self.words.grid(row=2, column=0, sticky="ew", pady=(6, 0))
        if names:
            self.choose(names[0])

    def choose(self, name: str) -> None:
        """Show another chart."""
        self.menu.set(name)
        if name == RELIABILITY:
            self._reliability()
            return
        roc = name == ROC
        lines = []
        for index, (title, points) in enumerate(self.points["roc" if roc else "pr"].items()):
            figures = self.result.per_class.get(title)
            area = None if figures is None else figures.auc if roc else figures.ap
            lines.append(Line(title if area is None else f"{title} {area:.3f}", points, index))
        axes = ("False alarms: share of the other cells", "Found (recall)") if roc else ("Recall", "Precision")
        self.chart.show(lines, axes, diagonal=roc)
        self.words.say(
            "Each class against all others, for every threshold. Behind each name: "
            + ("area under the curve (AUC; 0.5 is chance)." if roc else "average precision.")
        )

    def _reliability(self) -> None:
        result = self.result
        lines = [_line(f"Used here (ECE {percent(result.ece)})", result.reliability, 0, True)]
        if result.reliability_before:
            before = f"Without temperature scaling (ECE {percent(result.ece_before)})"
            lines.append(_line(before, result.reliability_before, 1, False))
        self.chart.show(lines, ("Probability of the predicted class", "Share that is right"), diagonal=True)
        heat = f" It is {result.temperature:.2f}." if result.temperature is not None else ""
        self.words.say(
            "On the dashed line a probability of 0.8 is right in 80 % of the cases; below it the model is too sure. "
            "Bars: 95 % intervals. ECE: mean distance from the line. The temperature was fitted on the validation "
            f"cells of the training only.{heat}"
        )


def _line(name: str, bins: list[ReliabilityBin], look: int, bars: bool) -> Line:
    return Line(
        name,
        [(one.confidence, one.accuracy.value or 0.0) for one in bins],
        look,
        dots=True,
        bars=[
            (one.confidence, one.accuracy.low, one.accuracy.high)
            for one in bins
            if bars and one.accuracy.low is not None and one.accuracy.high is not None
        ],
    )
