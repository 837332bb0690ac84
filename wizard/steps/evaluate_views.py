"""The figures of Evaluate in words, tiles and tables."""

from __future__ import annotations

import tkinter as tk
from collections.abc import Callable
from typing import Any

from wizard.results_base import Estimate
from wizard.results_evaluate import EvaluateResult, Ordinal, Rival, TagValue
from wizard.steps.page import percent
from wizard.widgets import palette
from wizard.widgets.basics import Area, Text, plural
from wizard.widgets.choice import Choice
from wizard.widgets.panels import facts, figures, heading
from wizard.widgets.table import Table
from wizard.words import catalogue

Part = Callable[[tk.Misc], Any]
_DASH = "\u2013"


def counts_words(result: EvaluateResult) -> str:
    """Say on which cells the figures rest, and what the intervals mean."""
    unit = "groups" if result.interval_by == "group" else "cells"
    groups = f" in {plural(result.n_groups, 'group')}" if result.n_groups else ""
    return (
        f"{plural(result.n_cells, 'cell')}{groups}: {result.data}. Hold-out chosen by {result.split_by}. "
        f"Brackets and second lines: 95 % interval from redrawing {unit}."
    )


def interval(estimate: Estimate | None) -> str:
    """Return an interval of shares in brackets."""
    if estimate is None or estimate.low is None or estimate.high is None:
        return "interval unknown"
    return f"[{100 * estimate.low:.1f} to {100 * estimate.high:.1f} %]"


def _plain(estimate: Estimate | None, places: int = 2, signed: bool = False) -> tuple[str, str]:
    """Return value and interval of a figure that is no share."""
    if estimate is None or estimate.value is None:
        return _DASH, "not defined here"
    sign = "+" if signed else ""
    value = f"{estimate.value:{sign}.{places}f}"
    if estimate.low is None or estimate.high is None:
        return value, "interval unknown"
    return value, f"[{estimate.low:{sign}.{places}f} to {estimate.high:{sign}.{places}f}]"


def headline(parent: tk.Misc, result: EvaluateResult) -> Area:
    """Return the main figures with their intervals."""
    shown = (
        ("Accuracy", result.accuracy),
        ("Balanced accuracy", result.balanced_accuracy),
        ("Macro F1", result.macro_f1),
        ("Weighted F1", result.weighted_f1),
    )
    tiles = [
        (name, percent(one.value if one else None), interval(one))
        for name, one in shown
        if one is not None or name != "Weighted F1"
    ]
    if result.mcc is not None:
        tiles.append(("Matthews correlation", *_plain(result.mcc)))
    tiles.append(("Calibration error (ECE)", percent(result.ece), _scaling(result)))
    return figures(parent, tiles)


def _scaling(result: EvaluateResult) -> str:
    return f"{percent(result.ece_before)} without scaling" if result.ece_before is not None else ""


def per_class(parent: tk.Misc, result: EvaluateResult) -> Table:
    """Return every figure of every class; its interval stands below it."""
    rows = []
    for name, one in result.per_class.items():
        known = {"recall": result.recall_intervals.get(name)} | result.class_intervals.get(name, {})
        shares = [(getattr(one, key), key) for key in ("recall", "precision", "f1", "specificity")]
        areas = [(one.auc, "auc"), (one.ap, "ap")]
        rows.append(
            (
                name, f"{one.support:,}", *(f"{percent(value)}\n{_range(known.get(key))}" for value, key in shares),
                *(f"{_area(value)}\n{_range(known.get(key), False)}" for value, key in areas),
            )
        )  # fmt: skip
    columns = ["Class", "Cells", "Recall", "Precision", "F1", "Specificity", "AUC", "Avg. precision"]
    return Table(parent, columns, rows, height=min(8, len(rows) or 1), lines=2)


def _range(estimate: Estimate | None, share: bool = True) -> str:
    """Return a 95 % interval as short as a column needs it, nothing where it is not known."""
    if estimate is None or estimate.low is None or estimate.high is None:
        return ""
    if share:
        return f"{100 * estimate.low:.1f}\u2013{100 * estimate.high:.1f}"
    return f"{estimate.low:.3f}\u2013{estimate.high:.3f}"


def _area(value: float | None) -> str:
    return _DASH if value is None else f"{value:.3f}"


def facts_of(parent: tk.Misc, result: EvaluateResult) -> Area:
    """Return what computed the figures."""
    return facts(
        parent,
        [
            ("Model", result.model),
            ("Speed", f"{result.images_per_second:,.0f} images per second ({result.engine})"),
            *_leakage(result),
        ],
    )


def _leakage(result: EvaluateResult) -> list[tuple[str, str]]:
    found = result.leakage
    if found is None:
        return []
    if found.checked:
        words = f"{found.n_duplicates:,} judged cells have the same pixels as one of the {found.checked}."
    else:
        words = "The training cells are not in this project, so copies of them cannot be found."
    if found.group:
        shared = ", ".join(found.shared_groups[:8]) + (" \u2026" if len(found.shared_groups) > 8 else "")
        words += f" Values of {found.group} with training cells: {shared or 'none'}."
    if found.accuracy_without is not None:
        words += (
            f" Without what is shared: {percent(found.accuracy_without.value)} {interval(found.accuracy_without)} on "
            f"{plural(found.n_without, 'cell')}."
        )
    return [("Seen before?", words)]


def ordinal_parts(found: Ordinal) -> list[Part]:
    """Return how well the order of a scale was found."""

    def tiles(parent: tk.Misc) -> Area:
        steps, within = _plain(found.steps), found.within_one
        return figures(
            parent,
            [
                ("Mean error in steps", *steps),
                ("At most one step off", percent(within.value), interval(within)),
                ("Rank correlation (Spearman)", *_plain(found.spearman)),
                ("Rank correlation (Kendall)", *_plain(found.kendall)),
            ],
            4,
        )

    def places(parent: tk.Misc) -> Table:
        rows = [
            (name, f"{found.order.index(name) + 1}", *_plain(one)) for name, one in found.expected.items()
        ]  # fmt: skip
        return Table(parent, ["Class", "Place", "Mean expected place", "95 % interval"], rows, min(12, len(rows) or 1))

    words = (
        "The classes are steps of a scale. The expected place of a cell is the mean of all places, weighted by their "
        "probabilities; the correlations compare it with the true place."
    )
    return [
        lambda parent: heading(parent, "Order"),
        lambda parent: Text(parent, words, colour=palette.MUTED),
        tiles,
        places,
    ]


def rival_parts(result: EvaluateResult, found: Rival) -> list[Part]:
    """Return the comparison of two models."""
    first = result.model.replace("\\", "/").rsplit("/", 1)[-1]

    def table(parent: tk.Misc) -> Table:
        rows = []
        for key, title in (
            ("accuracy", "Accuracy"), ("balanced_accuracy", "Balanced accuracy"), ("macro_f1", "Macro F1"),
        ):  # fmt: skip
            one, two = getattr(result, key), getattr(found, key)
            rows.append(
                (
                    catalogue.say(title), *_plain(found.differences.get(key), 3, True),
                    *(text for part in (one, two) for text in (percent(part.value if part else None), interval(part))),
                )
            )  # fmt: skip
        columns = [
            "Figure", "Second - first", "95 % interval", "First", "95 % interval ", "Second", "95 % interval  "
        ]  # fmt: skip
        return Table(parent, columns, rows, 3)

    def named(parent: tk.Misc) -> Area:
        p = found.mcnemar_p
        shown = _DASH if p is None else f"{p:.3f}" if p >= 0.001 else "below 0.001"
        return facts(
            parent,
            [
                ("First model", first),
                ("Second model", found.model),
                ("Both right", f"{found.both_right:,} cells"),
                ("Only the first right", f"{found.only_first_right:,} cells"),
                ("Only the second right", f"{found.only_second_right:,} cells"),
                ("Both wrong", f"{found.both_wrong:,} cells"),
                ("McNemar's exact test", f"p = {shown}. It takes the cells as independent; the intervals do not."),
                ("Calibration error (ECE)", f"first {percent(result.ece)}, second {percent(found.ece)}"),
            ],
        )

    return [lambda parent: heading(parent, verdict(found)), table, named]


def verdict(found: Rival) -> str:
    """Say in a sentence which model is better."""
    difference = found.differences.get("accuracy")
    if difference is not None and difference.low is not None and difference.high is not None:
        if difference.low > 0:
            return "The second model is better."
        if difference.high < 0:
            return "The first model is better."
    return "Neither model is shown to be better."


class TagView(Area):
    """The accuracy for every value of a tag; a menu chooses the tag."""

    def __init__(self, master: tk.Misc, result: EvaluateResult) -> None:
        super().__init__(master)
        self.result = result
        self.columnconfigure(0, weight=1)
        self.rowconfigure(2, weight=1)
        row = Area(self)
        row.grid(row=0, column=0, sticky="ew", pady=(0, 8))
        Text(row, "Tag", wrap=False, colour=palette.MUTED).pack(side="left", padx=(0, 8))
        self.menu = Choice(row, list(result.by_tag), (), command=self.choose, height=28, width=170)
        self.menu.pack(side="left")
        self.words = Text(self, "", colour=palette.MUTED)
        self.words.grid(row=1, column=0, sticky="ew", pady=(0, 8))
        self.table = Table(
            self, ["Value", "Cells", "Groups", "Accuracy", "95 % interval", "Balanced", "Remark"], [], 12
        )
        self.table.grid(row=2, column=0, sticky="nsew")
        self.choose(next(iter(result.by_tag)))

    def choose(self, tag: str) -> None:
        """Show another tag."""
        self.menu.set(tag)
        values = self.result.by_tag[tag]
        low = sum(one.below for one in values)
        whole = self.result.accuracy.value if self.result.accuracy else None
        self.words.say(
            f"{plural(len(values), 'value')} of {tag}, the lowest accuracy first; all cells: {percent(whole)}. "
            + (f"Wholly below that: {low} (about 1 in 40 is so by chance)." if low else "None lies wholly below that.")
        )
        self.table.fill([_tag_row(one) for one in values])


def _tag_row(one: TagValue) -> tuple[str, ...]:
    below = catalogue.own("\u25bc " + catalogue.say("below all cells")) if one.below else ""
    return (
        one.value, f"{one.n_cells:,}", f"{one.n_groups:,}" if one.n_groups else _DASH, percent(one.accuracy.value),
        interval(one.accuracy), percent(one.balanced_accuracy), below,
    )  # fmt: skip
