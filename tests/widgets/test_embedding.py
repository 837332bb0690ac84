from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests import made_results
from tests.window import settle, wait
from wizard.widgets import dialogs
from wizard.widgets.embedding import EmbeddingPanel
from wizard.widgets.map_data import MOST_CLASSES, MOST_POINTS, group_points, read_maps, scale_values


def test_groups_are_in_natural_order_and_complete() -> None:
    groups = group_points(["10", "9", "", "10"])
    assert [group.name for group in groups] == ["9", "10", "(none)"]
    assert sorted(np.concatenate([group.index for group in groups])) == [0, 1, 2, 3]


def test_rare_values_become_other() -> None:
    values = [f"v{index}" for index in range(40)] + ["common"] * 5
    groups = group_points(values)
    assert len(groups) == MOST_CLASSES and groups[-1].name == "other"
    assert sum(len(group.index) for group in groups) == len(values)


def test_many_numbers_get_a_scale() -> None:
    assert scale_values(["1", "2"] * 30) is None
    assert scale_values([f"v{index}" for index in range(40)]) is None
    found = scale_values([str(index) for index in range(40)])
    assert found is not None and found[-1] == 39


def test_large_maps_are_thinned_evenly(tmp_path: Path) -> None:
    path = tmp_path / "maps.csv"
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["cell_id", "class", "pca_2d_1"])
        writer.writerows([index, "'=a", index] for index in range(MOST_POINTS * 2 + 1))
    data = read_maps(path, ["pca_2d_1"], ["class"])
    assert data.total == MOST_POINTS * 2 + 1
    assert len(data.numbers["pca_2d_1"]) <= MOST_POINTS
    assert np.all(np.diff(data.numbers["pca_2d_1"]) == 3)
    assert data.texts["class"][0] == "=a"


@pytest.fixture
def panel(root: Any, tmp_path: Path) -> Any:
    result = made_results._visualize(tmp_path)
    made = EmbeddingPanel(root, tmp_path / "maps.csv", result.maps, result.tags, result.colour)
    made.grid(row=0, column=0, sticky="nsew")
    wait(root, lambda: made.figure is not None, 120)
    settle(root, 0.3)
    return made


def test_map_draws_every_cell_with_legend_and_counts(root: Any, panel: Any) -> None:
    (axes,) = panel.figure.axes
    assert sum(len(line.get_xdata()) for line in axes.lines) == 243
    assert [text.get_text() for text in axes.get_legend().get_texts()][0] == "G1 (61)"
    looks = {(line.get_color(), line.get_marker()) for line in axes.lines}
    assert len(looks) == 4
    panel.show_colour("level_2")
    assert len(panel.figure.axes[0].lines) == 3
    panel.show_colour("area")
    assert panel.figure.axes[0].collections and len(panel.figure.axes) == 2


def test_maps_in_space_and_tools(root: Any, panel: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    panel.show_map(panel.maps[1])
    settle(root, 0.3)
    assert panel.figure.axes[0].name == "3d" and "Drag to turn" in panel.note.cget("text")
    panel.show_map(panel.maps[0])
    panel.tools["Zoom"].invoke()
    assert "zoom" in str(panel._tools.mode).lower()
    panel.tools["Pan"].invoke()
    assert "pan" in str(panel._tools.mode).lower()
    panel.figure.axes[0].set_xlim(0, 1)
    target = tmp_path / "saved.png"
    monkeypatch.setattr(dialogs, "ask_save", lambda parent, title, name: str(target))
    panel.tools["Save\u2026"].invoke()
    assert target.stat().st_size > 5000
    monkeypatch.setattr(dialogs, "ask_save", lambda parent, title, name: str(tmp_path / "none" / "x.png"))
    panel.save()
    assert "Not saved" in panel.note.cget("text")


def test_unreadable_maps_are_said(root: Any, tmp_path: Path) -> None:
    result = made_results._visualize(tmp_path)
    (tmp_path / "maps.csv").unlink()
    panel = EmbeddingPanel(root, tmp_path / "maps.csv", result.maps, result.tags, result.colour)
    panel.grid()
    wait(root, lambda: "cannot be read" in panel._waiting.cget("text"))
