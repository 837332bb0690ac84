"""Chart, matrix and bars draw the figures that they are given."""

from __future__ import annotations

from typing import Any

import pytest

from tests.made_results import history
from tests.window import settle
from wizard.widgets.bars import Bars
from wizard.widgets.confusion import Confusion
from wizard.widgets.drawing import nice_ticks
from wizard.widgets.live_chart import LiveChart, chart_of, charts_of


def show(root: Any, widget: Any) -> Any:
    widget.grid(row=0, column=0, sticky="nsew")
    settle(root, 0.1)
    return widget


def texts(canvas: Any) -> list[str]:
    return [canvas.itemcget(item, "text") for item in canvas.find_all() if canvas.type(item) == "text"]


@pytest.mark.parametrize(
    ("low", "high", "most"), [(0, 1, 6), (0.2, 1, 6), (0, 1.37, 5), (1, 40, 7), (3, 3, 5), (0, 1e-6, 5), (1, 2000, 7)]
)
def test_ticks_are_round_and_cover(low: float, high: float, most: int) -> None:
    ticks = nice_ticks(low, high, most)
    assert ticks[0] <= low and ticks[-1] >= high
    assert 2 <= len(ticks) <= most + 2
    steps = {round(after - before, 9) for before, after in zip(ticks, ticks[1:], strict=False)}
    assert max(steps) - min(steps) < 1e-9


@pytest.mark.parametrize(
    ("key", "chart"),
    [
        ("loss", "Loss"), ("val_loss", "Loss"), ("accuracy", "Accuracy"), ("val_balanced_accuracy", "Accuracy"),
        ("macro_f1", "Accuracy"), ("learning_rate", ""), ("seconds", ""),
    ],
)  # fmt: skip
def test_figures_go_to_their_chart(key: str, chart: str) -> None:
    assert chart_of(key) == chart


def test_charts_leave_out_what_is_not_finite() -> None:
    charts = charts_of([{"epoch": 1, "loss": float("nan"), "val_loss": 0.5}])
    assert [line.name for line in charts["Loss"]] == ["Validation"]


def test_chart_grows_with_the_epochs(root: Any) -> None:
    chart = show(root, LiveChart(root))
    rows = history(10)
    chart.show(rows[:1], 10)
    settle(root, 0.05)
    assert not chart.find_withtag("series") and chart.find_withtag("end")
    ends = []
    for count in (3, 10):
        chart.show(rows[:count], 10)
        settle(root, 0.05)
        lines = chart.find_withtag("series")
        assert len(lines) == 5
        assert all(len(chart.coords(line)) == 2 * count for line in lines)
        ends.append(max(chart.coords(lines[0])[::2]))
    assert ends[0] < ends[1] <= chart.winfo_width()
    assert not chart.find_withtag("best")


def test_chart_puts_higher_values_higher_and_marks_the_best(root: Any) -> None:
    chart = show(root, LiveChart(root))
    chart.show([{"epoch": 1, "val_accuracy": 0.5}, {"epoch": 2, "val_accuracy": 0.9}], 2, best=2)
    settle(root, 0.05)
    (line,) = chart.find_withtag("series")
    x1, y1, x2, y2 = chart.coords(line)
    assert x2 > x1 and y2 < y1
    assert "best: epoch 2" in texts(chart)
    assert any("Validation 0.900" in text for text in texts(chart))


def test_charts_stand_side_by_side_when_low(root: Any) -> None:
    chart = LiveChart(root, 200)
    chart.place(x=0, y=0, width=700, height=220)
    chart.show(history(5), 5)
    settle(root, 0.1)
    accuracy, loss = (
        next(item for item in chart.find_all() if chart.type(item) == "text" and chart.itemcget(item, "text") == title)
        for title in ("Accuracy", "Loss")
    )
    assert chart.coords(loss)[0] > 300
    assert chart.coords(loss)[1] == chart.coords(accuracy)[1]


COUNTS = [[12, 3], [1, 9]]


def test_matrix_draws_counts_and_shares(root: Any) -> None:
    matrix = show(root, Confusion(root, ["G1", "G2"], COUNTS))
    assert {"12", "3", "1", "9", "G1", "G2", "True class", "Predicted class"} <= set(texts(matrix))
    matrix.show_as("rows")
    settle(root, 0.05)
    assert {"80 %", "20 %", "10 %", "90 %"} <= set(texts(matrix))
    matrix.show_as("columns")
    settle(root, 0.05)
    assert {"92 %", "25 %", "8 %", "75 %"} <= set(texts(matrix))


def test_fuller_cells_are_darker(root: Any) -> None:
    matrix = show(root, Confusion(root, ["G1", "G2"], COUNTS))
    shade = {
        matrix.gettags(item)[1]: int(matrix.itemcget(item, "fill")[1:3], 16) for item in matrix.find_withtag("cell")
    }
    assert shade["0,0"] < shade["0,1"]
    assert shade["1,1"] < shade["1,0"]


def test_a_click_and_arrows_choose_a_cell(root: Any) -> None:
    chosen: list[tuple[str, str]] = []
    matrix = show(root, Confusion(root, ["G1", "G2"], COUNTS, lambda true, guess: chosen.append((true, guess))))
    x1, y1, x2, y2 = matrix.coords(next(item for item in matrix.find_withtag("0,1")))
    matrix.event_generate("<Button-1>", x=int((x1 + x2) / 2), y=int((y1 + y2) / 2))
    matrix.focus_force()
    settle(root, 0.05)
    assert matrix.find_withtag("chosen")
    matrix.event_generate("<Down>")
    matrix.event_generate("<Down>")
    assert chosen == [("G1", "G2"), ("G2", "G2"), ("G2", "G2")]
    matrix.event_generate("<Button-1>", x=1, y=1)
    assert len(chosen) == 3


def test_matrix_of_a_class_without_cells(root: Any) -> None:
    matrix = show(root, Confusion(root, ["a", "b"], [[0, 0], [1, 2]]))
    matrix.show_as("rows")
    settle(root, 0.05)
    assert "\u2013" in texts(matrix)


def test_bars_are_as_long_as_their_counts(root: Any) -> None:
    bars = show(root, Bars(root, {"G1": 10, "G2": 40}))
    widths = [bars.coords(item)[2] - bars.coords(item)[0] for item in bars.find_withtag("bar")]
    assert widths[0] == pytest.approx(4 * widths[1], rel=0.02)
    assert any(text.startswith("40") and "80 %" in text for text in texts(bars))
