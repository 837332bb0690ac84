"""The recall of every class by epoch."""

from __future__ import annotations

import math
from typing import Any

import pytest

from tests.window import settle, words
from wizard.widgets.class_chart import ClassChart, lines_of


def rows(classes: int, epochs: int = 5) -> list[dict[str, float]]:
    return [
        {"epoch": float(epoch), "loss": 1.0, **{f"recall_class {n}": (n + epoch) / 40 for n in range(classes)}}
        for epoch in range(1, epochs + 1)
    ]


@pytest.fixture
def chart(root: Any) -> ClassChart:
    made = ClassChart(root)
    made.grid(row=0, column=0, sticky="nsew")
    root.update()
    return made


def test_classes_are_sorted_the_worst_first_and_unknown_ones_last() -> None:
    lines = lines_of([{"epoch": 1.0, "recall_b": 0.5, "recall_a": 0.9, "recall_c": math.nan, "val_loss": 1.0}])
    assert [line.name for line in lines] == ["b", "a", "c"]
    assert lines[0].points == [(1.0, 0.5)] and math.isnan(lines[2].last)


def test_twenty_classes_look_different() -> None:
    lines = lines_of(rows(20))
    assert len({(line.colour, line.dash) for line in lines}) == 20


@pytest.mark.parametrize("classes", [2, 20])
def test_all_values_are_in_the_legend(root: Any, chart: ClassChart, classes: int) -> None:
    chart.show(rows(classes), 10, 3)
    settle(root, 0.1)
    shown = words(chart).splitlines()
    assert [f"class {n}" for n in range(classes)] == [text for text in shown if text.startswith("class ")]
    assert "12 %" in shown and chart.find_withtag("best")


def test_a_legend_without_room_follows_the_chosen_class(root: Any, chart: ClassChart) -> None:
    root.geometry("600x260")
    chart.show(rows(20), 10)
    settle(root, 0.2)
    assert "class 19" not in words(chart) and "of 20" in words(chart)
    for _ in range(20):
        chart.next_class(1)
    settle(root, 0.1)
    assert chart.forward == "class 19" and "class 19" in words(chart)
    assert chart.on_wheel(-30)
    settle(root, 0.1)
    assert "class 0" in words(chart)


def test_a_class_is_put_forward_by_keys_and_clicks(root: Any, chart: ClassChart) -> None:
    chart.show(rows(4), 10)
    settle(root, 0.1)
    chart.focus_force()
    chart.event_generate("<Down>")
    chart.event_generate("<Down>")
    settle(root, 0.1)
    assert chart.forward == "class 1"
    widths = {
        chart.gettags(item)[1]: float(chart.itemcget(item, "width")) for item in chart.find_withtag("series")
    }  # fmt: skip
    assert widths["class:class 1"] > widths["class:class 0"]
    chart.event_generate("<Escape>")
    assert chart.forward == ""
    name = next(item for item in chart.find_withtag("name") if chart.itemcget(item, "text") == "class 2")
    left, top, right, bottom = chart.bbox(name)
    chart.event_generate("<Button-1>", x=(left + right) // 2, y=(top + bottom) // 2)
    assert chart.chosen == "class 2"


def test_before_the_first_epoch_it_says_what_will_come(root: Any, chart: ClassChart) -> None:
    chart.show([], 10)
    settle(root, 0.1)
    assert "comes with the first epoch" in words(chart)
