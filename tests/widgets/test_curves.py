"""Curves of several trainings in one chart."""

from __future__ import annotations

from typing import Any

import pytest

from tests.window import settle, words
from wizard.widgets.curves import Curve, Curves, figure_names, line_style, points_of, rolling_median

ROWS = [
    {"epoch": 1.0, "loss": 1.0, "val_loss": 1.1, "recall_G1": 0.5, "learning_rate": 0.001},
    {"epoch": 2.0, "loss": 0.8, "val_loss": float("nan"), "recall_G1": 0.6, "learning_rate": 0.001},
    {"epoch": 3.0, "loss": 0.7, "val_loss": 0.9, "recall_G1": 0.7, "learning_rate": 0.001},
]


@pytest.mark.parametrize(
    ("width", "expected"),
    [(1, [5, 1, 9, 2, 8]), (3, [3, 5, 2, 8, 5]), (5, [5, 3.5, 5, 5, 8]), (99, [5, 5, 5, 5, 5])],
)
def test_rolling_median(width: int, expected: list[float]) -> None:
    assert rolling_median([5, 1, 9, 2, 8], width) == expected


def test_an_outlier_does_not_move_the_median() -> None:
    values = [1.0] * 20
    values[7] = 50.0
    assert rolling_median(values, 3) == [1.0] * 20


def test_figures_are_named_and_ordered() -> None:
    names = figure_names([ROWS, [{"epoch": 1.0, "val_accuracy": 0.5, "seconds": 3.0}]])
    assert list(names) == ["val_loss", "val_accuracy", "recall_G1", "loss", "learning_rate"]
    assert names["recall_G1"] == "Recall of G1" and names["loss"] == "Training loss"


def test_points_leave_out_what_is_no_number() -> None:
    assert points_of(ROWS, "val_loss") == [(1.0, 1.1), (3.0, 0.9)]
    assert points_of(ROWS, "missing") == []


def test_looks_differ_for_many_curves() -> None:
    assert len({line_style(index) for index in range(24)}) == 24


@pytest.fixture
def chart(root: Any) -> Any:
    chart = Curves(root)
    chart.grid(row=0, column=0, sticky="nsew")
    settle(root, 0.2)
    return chart


def test_each_run_has_a_line_a_legend_and_its_best_epoch(root: Any, chart: Any) -> None:
    line = [(float(epoch), 1.0 / epoch) for epoch in range(1, 31)]
    chart.show("Validation loss", [Curve("Fast", line, 30, 0), Curve("Balanced", line[:12], 9, 1)], 1)
    settle(root, 0.1)
    assert len(chart.find_withtag("curve")) == 2 and not chart.find_withtag("raw")
    assert len(chart.find_withtag("best")) == 2
    said = words(chart)
    assert "Fast" in said and "Balanced" in said and "Validation loss" in said
    first, second = chart.find_withtag("curve")
    assert chart.itemcget(first, "fill") != chart.itemcget(second, "fill")
    assert chart.coords(second)[-2] < chart.coords(first)[-2], "both have the same axis"


def test_smoothed_curves_keep_the_values_behind(root: Any, chart: Any) -> None:
    line = [(float(epoch), 5.0 if epoch == 10 else 1.0) for epoch in range(1, 31)]
    chart.show("Validation loss", [Curve("Fast", line)], 5)
    settle(root, 0.1)
    raw, smooth = chart.coords(chart.find_withtag("raw")[0]), chart.coords(chart.find_withtag("curve")[0])
    assert len(set(raw[1::2])) == 2 and len(set(smooth[1::2])) == 1
    assert chart.find_withtag("raw")[0] < chart.find_withtag("curve")[0]


def test_many_names_go_into_more_lines_inside_the_chart(root: Any, chart: Any) -> None:
    curves = [Curve(f"Balanced, {day} Jan 2026, 10:30", [(1.0, 0.5), (2.0, 0.6)], 0, day) for day in range(9)]
    chart.show("Balanced accuracy", curves, 1)
    settle(root, 0.1)
    boxes = [chart.bbox(item) for item in chart.find_withtag("legend")]
    assert len(boxes) == 9 and max(box[2] for box in boxes) <= chart.winfo_width()
    assert min(chart.bbox(item)[1] for item in chart.find_withtag("curve")) > max(box[3] for box in boxes) - 2


def test_a_wild_first_epoch_does_not_press_the_rest_to_the_ground(root: Any, chart: Any) -> None:
    line = [(1.0, 60.0), *((float(epoch), 1.0 + 0.5 * (epoch % 2)) for epoch in range(2, 31))]
    chart.show("Validation loss", [Curve("Fast", line)], 1)
    settle(root, 0.1)
    heights = chart.coords(chart.find_withtag("curve")[0])[1::2]
    assert max(heights[1:]) - min(heights[1:]) > 0.15 * chart.winfo_height()
    assert "are not shown" in words(chart)
    chart.show("Validation loss", [Curve("Fast", line[1:])], 1)
    settle(root, 0.1)
    assert "are not shown" not in words(chart)


def test_nothing_to_draw_is_said(root: Any, chart: Any) -> None:
    chart.show("Recall of G1", [Curve("Fast")], 3)
    settle(root, 0.1)
    assert "no such figure" in words(chart)
    chart.show("Recall of G1", [Curve("Fast", [(1.0, 0.5)], 1)], 3)
    settle(root, 0.1)
    assert chart.find_withtag("best")
