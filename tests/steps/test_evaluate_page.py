"""What the page of Evaluate shows of a full result, and what can be done on it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests import made_results
from tests.engine.evaluating.conftest import random_shares
from tests.window import settle, wait, words
from wizard import corrections, fileio, results
from wizard.project import Project
from wizard.results_base import Estimate
from wizard.results_evaluate import Leakage, Ordinal, ReliabilityBin, Rival, TagValue

CLASSES = made_results.CLASSES
ABOUT = Estimate(value=0.5, low=0.4, high=0.6)


@pytest.fixture
def app(open_app: Callable[..., Any], done_project: Path) -> Any:
    with Project.open(done_project) as project:
        folder = project.result_dir("evaluate")
        result = project.result("evaluate")
        true = np.repeat(np.arange(4), 15)
        shares = random_shares(true, 4, 1.5)
        labels = [
            (CLASSES[one], f"{CLASSES[one]} \u2192 {CLASSES[two]}")
            for one, two in zip(true, shares.argmax(axis=1), strict=True)
        ]
        result.behind = made_results.gallery(folder, labels)
        for index, cell in enumerate(result.behind.cells):
            cell.cell_id = f"{index:016x}"
        result.gallery = None
        result.suspects = result.behind.model_copy(update={"cells": result.behind.cells[:5]})
        result.n_suspects, result.target = 5, "class"
        result.confusion = [[0] * 4 for _ in range(4)]
        for one, two in zip(true, shares.argmax(axis=1), strict=True):
            result.confusion[one][two] += 1
        bins = [ReliabilityBin(n_cells=30, confidence=0.5, accuracy=ABOUT) for _ in range(2)]
        result.reliability, result.reliability_before = bins, bins
        row = TagValue(value="7", n_cells=9, n_groups=0, accuracy=ABOUT, balanced_accuracy=0.5, below=True)
        result.by_tag = {"day": [row], "file": [row.model_copy(update={"value": "a.tif"})]}
        result.rival = Rival(model="b.cytomodel", accuracy=ABOUT, balanced_accuracy=ABOUT, macro_f1=ABOUT,
                             differences={"accuracy": Estimate(value=0.1, low=0.02, high=0.2)}, only_first_right=3,
                             only_second_right=9, mcnemar_p=0.146)  # fmt: skip
        result.ordinal = Ordinal(steps=ABOUT, within_one=ABOUT, spearman=ABOUT, kendall=ABOUT, order=CLASSES,
                                 expected={CLASSES[0]: ABOUT})  # fmt: skip
        result.leakage = Leakage(checked="90 cells of the training", n_duplicates=2, group="donor", shared_groups=["A"],
                                 accuracy_without=ABOUT, n_without=40)  # fmt: skip
        results.save(result, folder)
        fileio.write_csv(
            folder / "cells.csv",
            ["cell_id", "source", "object", "true", "predicted", "right", *(f"p_{name}" for name in CLASSES)],
            [[f"{at:016x}", f"s{at}.tif", at, CLASSES[true[at]], "", "", *shares[at]] for at in range(len(true))],
        )
        fileio.write_csv(
            folder / "curves.csv", ["class", "curve", "threshold", "x", "y"],
            [[name, kind, "", x, x] for name in CLASSES for kind in ("roc", "pr") for x in (0, 1)],
        )  # fmt: skip
        fileio.write_csv(folder / "thresholds.csv", ["class"], [])
    return open_app(done_project)


def go(app: Any, tab: str) -> Any:
    app.choose("evaluate")
    settle(app, 0.3)
    app.page.tabs.choose(tab)
    settle(app, 0.4)
    return app.page


def test_figures_say_everything(app: Any) -> None:
    shown = words(go(app, "Figures"))
    for text in ("Order", "Mean error in steps", "2 judged cells have the same pixels", "donor", "A.", "40 cells"):
        assert text in shown


def test_the_cells_behind_a_field_and_their_order(app: Any) -> None:
    view = go(app, "Confusion matrix").matrix_view
    wrong = view.panel.cells.shown
    assert wrong == sum(sum(row) for row in view.matrix.counts) - sum(view.matrix.counts[at][at] for at in range(4))
    view.matrix.choose(0, 0)
    settle(app, 0.1)
    assert view.panel.cells.shown == view.matrix.counts[0][0] and "(right)" in words(view)
    view.matrix.focus_force()
    view.matrix.event_generate("<Down>")
    view.matrix.event_generate("<Down>")
    assert view.matrix.chosen == (2, 0)


def test_a_label_is_corrected_and_taken_back(app: Any) -> None:
    page = go(app, "Confusion matrix")
    view = page.matrix_view
    wait(app, lambda: page.cells is not None and view.panel.cells.sheet is not None)
    view.matrix.choose(0, 0)
    settle(app, 0.2)
    assert view.correct.wrong.cget("state") == "disabled"
    view.panel.cells.focus_force()
    view.panel.cells.event_generate("<Right>")
    settle(app, 0.2)
    assert view.correct.cell is not None and view.panel.cells.find_withtag("picked")
    view.correct.choice.set("G2")
    view.correct.wrong.invoke()
    settle(app, 0.2)
    (found,) = corrections.read(page.project)
    assert (found.tag, found.before, found.after) == ("class", "G1", "G2")
    assert found.source == f"s{found.object}.tif"
    assert "1 label corrected" in words(view) and view.panel.cells.find_withtag("mark")
    suspects = go(app, "Suspect labels").suspect_view
    assert "1 label corrected" in words(suspects)
    go(app, "Confusion matrix")
    view.correct.undo.invoke()
    assert corrections.read(page.project) == []


def test_a_click_picks_a_cell(app: Any) -> None:
    page = go(app, "Suspect labels")
    view = page.suspect_view
    wait(app, lambda: view.panel.cells.sheet is not None and view.panel.cells._boxes())
    index, left, top, _width, _height = view.panel.cells._boxes()[0]
    view.panel.cells.event_generate("<Button-1>", x=left + 5, y=top + 5)
    assert view.panel.cells.picked == index
    assert "5 cells of 51" in words(view)


def test_the_threshold_moves_the_figures(app: Any) -> None:
    holder = go(app, "Threshold")
    view = holder.tabs.view("Threshold").inner.winfo_children()[0]
    wait(app, lambda: view.view is not None)
    shown = view.view
    shown.choose("G2")
    shown.move(0.0)
    assert shown.tiles["Yield"][0].cget("text") == "100.0 %"
    assert shown.tiles["Enrichment"][0].cget("text") == "1.00 x"
    shown.slider._command(0.9)
    kept = int((shown.cells.shares[:, 1] >= 0.9).sum())
    assert shown.tiles["Sorted out"][0].cget("text") == f"{kept}"
    settle(app, 0.2)
    assert shown.chart.find_withtag("marker") and "Threshold 0.90" in words(shown)


def test_curves_tags_and_two_models(app: Any) -> None:
    page = go(app, "Curves")
    holder = page.tabs.view("Curves").inner.winfo_children()[0]
    wait(app, lambda: holder.view is not None)
    view = holder.view
    settle(app, 0.2)
    assert "Used here (ECE 6.1 %)" in words(view)
    view.choose("ROC")
    settle(app, 0.2)
    assert "G1 0.951" in words(view) and len(view.chart.find_withtag("series")) == 4
    tags = go(app, "By tag").tabs.view("By tag")
    assert "Wholly below that: 1" in words(tags)
    tags.choose("file")
    settle(app, 0.1)
    assert tags.table.rows[0][0] == "a.tif"
    shown = words(go(app, "Two models"))
    assert "The second model is better." in shown and "p = 0.146" in shown


def test_a_missing_table_is_said(app: Any, done_project: Path) -> None:
    (done_project / "results" / "evaluate" / "cells.csv").unlink()
    page = go(app, "Threshold")
    wait(app, lambda: "The table cannot be read" in words(page))
