"""The page of Predict with intervals, samples, ordered cells and class maps."""

from __future__ import annotations

from typing import Any

import pytest
from PIL import Image

from tests.window import below, settle, wait, words
from wizard import results
from wizard.project import Project
from wizard.results_base import Estimate
from wizard.results_predict import CellMark, ClassShare, Limit, SampleRow
from wizard.widgets.picture_view import PictureView
from wizard.widgets.prediction_gallery import EVERY
from wizard.widgets.table import Table


def estimate(value: float) -> Estimate:
    return Estimate(value=value, low=max(0.0, value - 0.05), high=value + 0.05)


@pytest.fixture
def page(open_app: Any, done_project: Any) -> Any:
    """The page with a result of everything that Predict can show."""
    with Project.open(done_project, lock=False) as project:
        folder = project.result_dir("predict")
        result = project.result("predict")
    names = result.classes
    result.shares = {
        name: ClassShare(cells=result.counts[name], share=estimate(0.25), corrected=estimate(0.2 + 0.02 * place),
                         unsure=3, unfamiliar=1, confidence=0.8)
        for place, name in enumerate(names)
    }  # fmt: skip
    result.intervals_over = "5 values of donor"
    result.limit = Limit(threshold=0.6, wanted=0.05, error=estimate(0.04), kept=0.9, n_cells=300)
    result.false_alarms = 0.01
    result.samples = [
        SampleRow(tag=tag, value=value, cells=40, counts=dict.fromkeys(names, 10), unsure=4, unfamiliar=2,
                  corrected=dict.fromkeys(names, 0.25))
        for tag, value in (("donor", "A"), ("donor", "=B"), ("day", "1"), ("day", ""))
    ]  # fmt: skip
    assert result.gallery is not None
    number = len(result.gallery.cells)
    result.marks = [
        CellMark(confidence=1 - place / number, unsure=place % 5 == 0, unfamiliar=place == 7) for place in range(number)
    ]
    (folder / "maps").mkdir()
    for name, colour in (("a", "#FF0000"), ("b", "#00FF00")):
        Image.new("RGB", (300, 200), colour).save(folder / "maps" / f"{name}.png")
    result.maps = {"field a.tif": "maps/a.png", "field b.tif": "maps/b.png"}
    results.save(result, folder)
    app = open_app(done_project)
    app.choose("predict")
    settle(app, 0.3)
    return app.page


def choose(page: Any, tab: str) -> Any:
    page.tabs.choose(tab)
    settle(page.winfo_toplevel(), 0.3)
    return page


def test_shares_are_shown_with_intervals_and_what_they_rest_on(page: Any) -> None:
    assert list(page.tabs.heads) == ["Counts", "Samples", "Table", "Cells", "Map", "Files"]
    shown = words(page)
    for text in ("over 5 values of donor", "chosen for at most 5 % wrong predictions", "Of 300 validation cells 90 %",
                 "Corrected: the shares", "farther from every class than all but 1 %"):  # fmt: skip
        assert text in shown
    from wizard.widgets.share_bars import ShareBars

    (bars,) = below(page, ShareBars)
    drawn = [bars.itemcget(item, "text") for item in bars.find_withtag("figure")]
    assert any("20.0 %, 15.0 to 25.0 corrected" in text for text in drawn)
    assert len(bars.find_withtag("bar")) == 2 * len(bars.shares) + 2


def test_samples_by_tag_as_counts_and_shares(page: Any) -> None:
    from wizard.steps.predict_samples import CORRECTED, COUNTS, SamplesView

    choose(page, "Samples")
    (view,) = below(page, SamplesView)

    def rows() -> list[list[str]]:
        (table,) = below(view, Table)
        return table.rows

    assert [row[0] for row in rows()] == ["A", "=B"] and rows()[0][4] == "25.0 %"
    view.show(tag="day", kind=COUNTS)
    assert [row[0] for row in rows()] == ["1", "(none)"] and rows()[0][4] == "10"
    view.show(kind=CORRECTED)
    assert rows()[0][4] == "25.0 %"


def test_cells_are_filtered_and_ordered(page: Any) -> None:
    from wizard.widgets.prediction_gallery import PredictionGallery

    choose(page, "Cells")
    (view,) = below(page, PredictionGallery)
    cells = view.panel.cells
    every = cells.shown
    assert every == len(view.marks)
    view.choose(order="least certain first")
    for group in cells._groups:
        sure = [view.marks[index].confidence for index in group.cells]
        assert sure == sorted(sure)
    view.choose(kind="unsure")
    assert cells.shown == sum(mark.unsure for mark in view.marks) < every
    assert f"{cells.shown} cells shown" in words(view)
    view.choose(kind="unlike training")
    assert cells.shown == 1
    view.choose(kind="all", label=view.gallery.cells[0].label)
    assert {view.gallery.cells[index].label for group in cells._groups for index in group.cells} == {
        view.gallery.cells[0].label
    }
    view.choose(label=EVERY)
    assert cells.shown == every


def test_class_maps_are_shown_and_enlarged(page: Any) -> None:
    from wizard.steps.predict_maps import MapsView

    choose(page, "Map")
    (maps,) = below(page, MapsView)
    (view,) = below(maps, PictureView)
    app = page.winfo_toplevel()
    wait(app, lambda: view.picture is not None)
    assert view.picture.getpixel((5, 5)) == (255, 0, 0)
    maps.show("field b.tif")
    wait(app, lambda: view.picture.getpixel((5, 5)) == (0, 255, 0))
    settle(app, 0.1)
    assert view.total <= view.winfo_height()
    view.zoom(3)
    settle(app, 0.1)
    assert view.total > view.winfo_height() and view.scroll_to(100)
    (maps.folder / "maps" / "a.png").unlink()
    maps.show("field a.tif")
    wait(app, lambda: bool(view.problem))
    assert "cannot be read" in view.problem
