"""The maps on the page of Visualize, with pictures of real cells, and what a selection becomes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests import made_results
from tests.cells import easy_folder
from tests.window import go, settle, wait, words
from wizard import corrections, fileio, results
from wizard.engine.data.dataset import DataSet
from wizard.engine.events import Tell
from wizard.engine.run import run_steps
from wizard.plan import settings_hash
from wizard.project import UPSTREAM, Project
from wizard.results import Map, VisualizeResult
from wizard.widgets import dialogs


def write_result(project: Project) -> VisualizeResult:
    """Write a result of Visualize whose cells are those of the data set: classes apart on the first axis."""
    data = DataSet.open(project.data_set("main"))
    bright = data.values("class") == "bright"
    chance = np.random.default_rng(0)
    points = np.stack([np.where(bright, 5, -5), np.zeros(len(data))], 1) + chance.normal(0, 0.5, (len(data), 2))
    folder = project.result_dir("visualize")
    folder.mkdir(parents=True)
    columns = {name: data.cells[name] for name in ("cell_id", "source", "object", "class", "donor", "split")}
    columns |= {"pca_2d_1": points[:, 0].astype(np.float32), "pca_2d_2": points[:, 1].astype(np.float32)}
    columns |= {"cluster": np.where(bright, "1", "2"), "pseudotime": np.linspace(0, 1, len(data), dtype=np.float32)}
    pq.write_table(pa.table(columns), folder / "maps.parquet")
    fileio.write_csv(
        project.result_dir("predict") / "predictions.csv", ["cell_id", "predicted", "confidence"],
        [[name, "dim", 0.5 + 0.01 * row] for row, name in enumerate(data.cells["cell_id"])],
    )  # fmt: skip
    item = Map(method="pca", title="PCA 2-D", dimensions=2, columns=["pca_2d_1", "pca_2d_2"], figure="", seconds=1,
               trustworthiness=0.95, preservation=0.5)  # fmt: skip
    result = VisualizeResult(
        n_cells=len(data), n_features=8, colour="class", tags=["class", "donor"], maps=[item],
        data_sets=["data/main.cells"],
    )  # fmt: skip
    result.step, result.id, result.created = "visualize", "id-v", "2026-01-15T10:30:00+00:00"
    result.settings = project.plan.visualize.model_dump()
    result.settings_hash = settings_hash(project.plan, "visualize")
    result.upstream = {name: f"id-{name}" for name in UPSTREAM["visualize"]}
    results.save(result, folder)
    return result


@pytest.fixture
def page(open_app: Callable[..., Any], tmp_path: Path) -> Any:
    with Project.open(tmp_path / "Cells") as project:
        project.change({"parse.input": [str(easy_folder(tmp_path / "easy", per_class=6))], "train.target": "class"})
        run_steps(project, ["parse"], Tell())
        made_results.write_results(project, ("train",))
        write_result(project)
    app = open_app(tmp_path / "Cells")
    shown = go(app, "visualize", "Maps")
    wait(app, lambda: shown.panel.frames and shown.panel.frames[0].scatter.painted)
    shown.app = app
    return shown


def choose(page: Any, value: str) -> np.ndarray:
    """Draw a box around the cells of a class; return them."""
    panel, scatter = page.panel, page.panel.frames[0].scatter
    settle(page.app, 0.2)
    panel.tools["box"].invoke()
    middle, height = scatter.view.width // 2, scatter.view.height
    left, right = (middle, scatter.view.width - 3) if value == "bright" else (3, middle)
    scatter.event_generate("<ButtonPress-1>", x=left, y=3)
    scatter.event_generate("<B1-Motion>", x=right, y=height - 3)
    scatter.event_generate("<ButtonRelease-1>", x=right, y=height - 3)
    settle(page.app, 0.1)
    return panel.selected


def become(page: Any, act: str) -> Any:
    """Open the fields of an act; return the form."""
    page.panel.selection.acts[act].invoke()
    settle(page.app, 0.1)
    return page.panel.selection.form


def finished(page: Any) -> str:
    wait(page.app, lambda: not page.panel.selection.busy)
    settle(page.app, 0.1)
    return str(page.panel.selection.told.cget("text"))


def test_the_quality_of_the_map_is_beneath_it(page: Any) -> None:
    assert "Trustworthiness 0.950. Neighbours kept: 50 %." in words(page)
    assert "far from it in the features" in page.panel.frames[0].tip.text


def test_pointing_shows_the_picture_of_the_cell(page: Any) -> None:
    panel = page.panel
    scatter = panel.frames[0].scatter
    x, y = scatter.place_of(0)
    scatter.event_generate("<Motion>", x=round(x), y=round(y))
    wait(page.app, lambda: panel.card._photo is not None)
    settle(page.app, 0.1)
    assert "Ch1 | Ch2" in words(panel.card)
    assert panel.data.columns["source"].text(panel.card.cell) in words(panel.card)
    assert "predicted: dim" in words(panel.card) and "pseudotime: " in words(panel.card)


def test_a_selection_shows_its_mix_and_its_cells(page: Any) -> None:
    cells = choose(page, "bright")
    panel = page.panel
    assert len(cells) == 6 and {panel.data.columns["class"].text(cell) for cell in cells} == {"bright"}
    assert panel.shown == "selection"
    wait(page.app, lambda: panel.selection.panel is not None)
    shown = words(panel.side)
    assert "6 of 12 cells selected" in shown and "bright: 6 (100 % of these, 100 % of all such)" in shown
    assert panel.selection.panel.cells.shown == 6 and list(panel.selection.panel.cells.gallery.sheets) == ["Ch1", "Ch2"]
    panel.show_source(next(one for one in panel.sources if one.title == "confidence"))
    wait(page.app, lambda: panel.look.colouring.title == "confidence")
    assert "confidence: median" in words(panel.side)
    panel.selection.clear.invoke()
    assert "Nothing is selected" in words(panel.side)


def test_a_selection_becomes_a_tag_and_is_undone(page: Any) -> None:
    choose(page, "dim")
    form = become(page, "tag")
    form.tag.insert(0, "shape")
    form.value.insert(0, "odd")
    form.button.invoke()
    assert "shape = odd for 6 cells" in finished(page) and "parse again" in words(page.panel.side)
    assert {(one.tag, one.after) for one in corrections.read(page.project)} == {("shape", "odd")}
    assert page.project.state("parse").kind == "stale"
    page.panel.selection.undo.invoke()
    assert "Undone" in finished(page)
    assert corrections.read(page.project) == []
    assert page.panel.selection.undo.cget("state") == "disabled"


def test_a_selection_becomes_a_class_and_an_exclusion_in_the_next_data_set(page: Any) -> None:
    cells = choose(page, "bright")
    page.panel.select(cells[:1])
    become(page, "class").choice.set("dim")
    page.panel.selection.form.button.invoke()
    assert "class dim for 1 cell" in finished(page)
    page.panel.select(cells[1:3])
    become(page, "exclude").button.invoke()
    assert "2 cells left out" in finished(page)
    ids = [page.panel.data.ids[cell] for cell in cells]
    run_steps(page.project, ["parse"], Tell())
    data = DataSet.open(page.project.data_set("main"))
    there = data.cells["cell_id"].tolist()
    assert data.values("class")[there.index(ids[0])] == "dim"
    assert not {ids[1], ids[2]} & set(there) and len(data) == 10
    page.panel.selection.drop_stored("excluded", "yes")
    assert "excluded = yes of 2 cells" in finished(page)
    assert page.project.plan.parse.exclude == []


def test_a_bad_name_is_refused_in_words(page: Any) -> None:
    choose(page, "dim")
    form = become(page, "tag")
    form.tag.insert(0, "split")
    form.value.insert(0, "x")
    form.button.invoke()
    finished(page)
    assert "cannot be called 'split'" in words(page.app)
    assert corrections.read(page.project) == []


def test_a_selection_is_exported(page: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cells = choose(page, "bright")
    monkeypatch.setattr(dialogs, "ask_folder", lambda parent, title: str(tmp_path / "out"))
    (tmp_path / "out").mkdir()
    become(page, "export").button.invoke()
    assert "6 cells and the images of 6" in finished(page)
    folder = tmp_path / "out" / "selected_cells"
    text = (folder / "cells.csv").read_text(encoding="utf-8-sig").splitlines()
    assert text[0].startswith("cell_id,source,object,class,donor,") and text[0].endswith("pca_2d_1,pca_2d_2")
    assert {line.split(",")[0] for line in text[1:]} == {page.panel.data.ids[cell] for cell in cells}
    assert len(list((folder / "images").glob("*.tif"))) == 12
    become(page, "export").button.invoke()
    finished(page)
    assert (tmp_path / "out" / "selected_cells_2" / "cells.csv").is_file()


def test_the_maps_open_in_a_window_of_their_own(page: Any) -> None:
    page.panel.tools["larger"].invoke()
    (window,) = [child for child in page.panel.winfo_children() if child.winfo_class() == "Toplevel"]
    (view,) = [child for child in window.winfo_children() if hasattr(child, "frames")]
    wait(page.app, lambda: view.frames and view.frames[0].scatter.painted)
    view.select(np.array([0, 1]))
    assert view.shown == "selection" and len(page.panel.selected) == 0
    view.tools["larger"].invoke()
    settle(page.app, 0.2)
    assert not window.winfo_exists()


def test_what_the_data_set_no_longer_holds_is_said(page: Any, tmp_path: Path) -> None:
    fileio.remove_folder(page.project.data_set("main"))
    choose(page, "bright")
    wait(page.app, lambda: "does not hold the pictures" in words(page.panel.side))
