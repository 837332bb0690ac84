"""The tabs of Visualize with clusters, the progression, and batch effects."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests import made_analyses, window
from tests.window import below, settle, wait, words
from wizard import results
from wizard.project import Project
from wizard.results_base import Estimate
from wizard.steps import visualize_analyses, visualize_clusters
from wizard.widgets.film_strip import FilmPanel
from wizard.widgets.interval_chart import IntervalChart
from wizard.widgets.mix_bars import MixBars

NOTHING = Estimate(value=None, low=None, high=None)


def put(root: Path, **more: Any) -> None:
    with Project.open(root) as project:
        found = project.result("visualize")
        results.save(found.model_copy(update=more), project.result_dir("visualize"))


def go(app: Any, tab: str) -> Any:
    page = window.go(app, "visualize", tab)
    return page.tabs.view(tab)


def test_the_clusters_tab_shows_what_they_consist_of(open_app: Callable[..., Any], done_project: Path) -> None:
    put(done_project, clusters=made_analyses.clusters())
    app = open_app(done_project)
    view = go(app, "Clusters")
    said = words(view)
    assert "0.62" in said and "0.91" in said and "partly follow" in said and "Leiden, resolution 1" in said
    mixes = below(view, visualize_clusters.Mixes)[0]
    assert mixes.menu.cget("values") == ["class", "level_2"]
    mixes.show("level_2")
    settle(app, 0.2)
    assert mixes.bars.mixes["Cluster 1"] == {"Part_1": 60, "": 40}


def test_typical_cells_are_read_from_the_data_set(
    open_app: Callable[..., Any], done_project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import numpy as np

    from wizard.widgets import map_cells

    asked: list[Any] = []

    def read(_self: Any, ids: Any) -> Any:
        asked.append(list(ids))
        return map_cells.Tiles({"Ch3": np.zeros((2, 8, 8), np.uint8)}, [0, 7])

    monkeypatch.setattr(map_cells.CellPictures, "read", read)
    put(done_project, clusters=made_analyses.clusters(), data_sets=["data/main.cells"])
    app = open_app(done_project)
    view = go(app, "Clusters")
    typical = below(view, visualize_clusters.Typical)[0]
    wait(app, lambda: typical.panel is not None)
    assert asked[0][:7] == ["cell00", "cell01", "cell02", "cell03", "cell04", "cell05", "cell10"]
    captions = [cell.caption for cell in typical.panel.cells.gallery.cells]
    assert captions == ["Cluster 1, cell cell00", "Cluster 2, cell cell11"]


def test_a_data_set_that_is_gone_is_said(open_app: Callable[..., Any], done_project: Path) -> None:
    put(done_project, clusters=made_analyses.clusters(), data_sets=["data/none.cells"])
    app = open_app(done_project)
    typical = below(go(app, "Clusters"), visualize_clusters.Typical)[0]
    wait(app, lambda: "Reading" not in str(typical.words.cget("text")))
    assert "cannot be read" in str(typical.words.cget("text")) or "not there" in str(typical.words.cget("text"))


def test_the_progression_tab_shows_the_film_and_the_stages(open_app: Callable[..., Any], done_project: Path) -> None:
    with Project.open(done_project) as project:
        folder = project.result_dir("visualize")
    put(done_project, progression=made_analyses.progression(folder))
    app = open_app(done_project)
    view = go(app, "Progression")
    said = words(view)
    assert "0.81" in said and "closely follows day" in said and "over 5 values of donor" in said
    assert "3 of 245 cells are not joined" in said and "It is no clock" in said
    panel = below(view, FilmPanel)[0]
    wait(app, lambda: panel.strip.sheet is not None)
    assert len(panel.strip.columns) == 12 and panel.strip.down == 4
    panel.strip.show_channel("Ch4")
    settle(app, 0.3)
    assert panel.strip.channel == "Ch4" and panel.strip.find_withtag("cells")
    chart = below(view, IntervalChart)[0]
    assert [line.name for line in chart.lines] == made_analyses.DAYS


@pytest.mark.parametrize(
    ("correlation", "said"),
    [
        (Estimate(value=0.3, low=0.1, high=0.5), "weakly follows day"),
        (Estimate(value=0.6, low=0.5, high=0.7), "clearly follows day"),
        (Estimate(value=0.1, low=-0.2, high=0.4), "hardly follows day"),
        (Estimate(value=-0.6, low=-0.7, high=-0.5), "runs against day"),
        (NOTHING, "cannot be told"),
    ],
)
def test_the_correlation_is_said_in_words(correlation: Estimate, said: str) -> None:
    assert said in visualize_analyses.in_words(made_analyses.progression(correlation=correlation))


def test_a_progression_without_pictures_or_figures(open_app: Callable[..., Any], done_project: Path) -> None:
    put(done_project, progression=made_analyses.progression(correlation=NOTHING, within=None, stages=[], steps=[]))
    app = open_app(done_project)
    view = go(app, "Progression")
    assert "cannot be told" in words(view) and not below(view, FilmPanel)


def test_the_batches_tab_shows_before_and_after(open_app: Callable[..., Any], done_project: Path) -> None:
    put(done_project, batch=made_analyses.batches())
    app = open_app(done_project)
    view = go(app, "Batches")
    said = words(view)
    assert "After ComBat" in said and "lowered this from 0.47 to 0.09" in said and "told as well as before" in said
    assert "hold cells of one class only" in said
    chart = below(view, IntervalChart)[0]
    assert [len(line.marks) for line in chart.lines] == [2, 2, 2] and chart.lines[0].chance == 0.25


def test_batches_without_a_correction(open_app: Callable[..., Any], done_project: Path) -> None:
    put(done_project, batch=made_analyses.batches(corrected=False))
    app = open_app(done_project)
    assert "Nothing was corrected" in words(go(app, "Batches"))


def test_batches_that_were_not_measured_say_why(open_app: Callable[..., Any], done_project: Path) -> None:
    put(done_project, batch=made_analyses.batches(rows=[], before=None, why="All cells are of one batch (donor)."))
    app = open_app(done_project)
    said = words(go(app, "Batches"))
    assert "not measured" in said and "one batch (donor)" in said


def test_a_correction_that_does_harm_is_said() -> None:
    useless = made_analyses.batches(after=made_analyses.estimate(0.5))
    assert "better leave it out" in visualize_analyses.effect_in_words(useless)
    harmful = made_analyses.batches(classes_after=made_analyses.estimate(0.6))
    assert "real differences went along" in visualize_analyses.effect_in_words(harmful)


def test_odd_names_and_many_clusters_fit(open_app: Callable[..., Any], done_project: Path) -> None:
    names = ["=1+1", "<script>alert(1)</script>", "x" * 300, "🧫 cells", "خلايا"]
    put(done_project, clusters=made_analyses.clusters(names, number=60))
    app = open_app(done_project)
    view = go(app, "Clusters")
    bars = below(view, MixBars)[0]
    assert len(bars.mixes) == 40 and "20 smallest clusters" in words(view)


def test_without_these_results_there_are_no_tabs(open_app: Callable[..., Any], done_project: Path) -> None:
    app = open_app(done_project)
    page = window.go(app, "visualize")
    assert not {"Clusters", "Progression", "Batches"} & set(page.tabs.heads)
