"""The tabs of Evaluate with explanations."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests import made_explanation, window
from tests.window import settle, wait, words
from wizard.project import Project
from wizard.results import Channel
from wizard.steps.evaluate_explain import CHANNELS_TAB, MAPS_TAB, SHOW


def go(app: Any, tab: str = "") -> Any:
    return window.go(app, "evaluate", tab)


def explained(root: Path, **more: object) -> None:
    with Project.open(root) as project:
        made_explanation.write(project.result_dir("explain"), **more)


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """What was asked of the engine, which is not started."""
    from wizard.app import App

    asked: list[list[str]] = []
    monkeypatch.setattr(App, "start", lambda _app, steps, options=None: asked.append(steps))
    return asked


def shown(app: Any, page: Any) -> Any:
    wait(app, lambda: page.explained.found is not None)
    settle(app, 0.3)
    return page.explained.canvas


def test_the_act_explains_the_model(open_app: Callable[..., Any], done_project: Path, started: Any) -> None:
    page = go(open_app(done_project))
    acts = dict(page.more_acts())
    assert SHOW in acts and MAPS_TAB not in page.tabs.heads
    acts[SHOW]()
    assert started == [["explain"]]


def test_cells_are_shown_with_their_maps(open_app: Callable[..., Any], done_project: Path) -> None:
    explained(done_project)
    app = open_app(done_project)
    page = go(app, MAPS_TAB)
    canvas = shown(app, page)
    view = page.explained
    assert view.channel.get() == view.result.channels[1].shown, "the channel that matters most comes first"
    assert [column.method for column in canvas.columns] == ["", "gradcam", "gradients", "occlusion"]
    assert len(canvas.rows) == len(view.result.cells) and canvas.picture is not None
    said = words(page.explained)
    assert "sensitive, not why" in said and "Integrated gradients" in said and "speaks against it" in said
    assert len({colour for _, colour in canvas.picture.getcolors(10**6)}) > 50


def test_menus_choose_rows_maps_and_channels(open_app: Callable[..., Any], done_project: Path) -> None:
    explained(done_project)
    app = open_app(done_project)
    page = go(app, MAPS_TAB)
    canvas, view = shown(app, page), page.explained
    view.choose(rows="Mistaken cells", method="Occlusion", channel="All channels")
    settle(app, 0.2)
    assert len(canvas.rows) == 1 and not canvas.rows[0].right
    assert [(column.channel, column.method) for column in canvas.columns] == [
        (channel, method) for channel in range(len(view.result.channels)) for method in ("", "occlusion")
    ]
    assert "named" in words(canvas)
    view.choose(method="All maps")
    settle(app, 0.2)
    assert len(canvas.columns) == 12 and "Occl." in words(canvas), "narrow columns have short titles"
    view.choose(rows="Class averages", method="All maps")
    settle(app, 0.2)
    assert len(canvas.rows) == len(view.result.averages) and "mean of 9 cells" in words(canvas)
    label = view.result.classes[1]
    view.choose(rows=label)
    assert {row.label for row in canvas.rows} == {label}


def test_many_channels_are_shown_with_one_map_and_few_columns(open_app: Callable[..., Any], done_project: Path) -> None:
    channels = [Channel(name=f"Ch{number}", number=number) for number in range(1, 21)]
    explained(done_project, channels=channels, shares=[0.05] * 20, cells=made_explanation.explanation().cells[:2])
    app = open_app(done_project)
    page = go(app, MAPS_TAB)
    canvas, view = shown(app, page), page.explained
    view.choose(channel="Main channels")
    settle(app, 0.2)
    assert view.method.get() == "Integrated gradients"
    assert [column.title for column in canvas.columns] == [f"Ch{number}" for number in range(1, 15)]


def test_the_keyboard_scrolls_the_maps(open_app: Callable[..., Any], done_project: Path) -> None:
    explained(done_project)
    app = open_app(done_project)
    page = go(app, MAPS_TAB)
    canvas = shown(app, page)
    canvas.focus_force()
    settle(app, 0.1)
    before = canvas.offset
    canvas.event_generate("<Next>")
    settle(app, 0.2)
    assert canvas.offset > before


def test_damaged_maps_are_said(open_app: Callable[..., Any], done_project: Path) -> None:
    explained(done_project)
    with Project.open(done_project) as project:
        (project.result_dir("explain") / "maps.npz").write_bytes(b"PK\x03\x04 no zip")
    app = open_app(done_project)
    page = go(app, MAPS_TAB)
    wait(app, lambda: "cannot be read" in page.explained.canvas.words)
    settle(app, 0.2)
    assert "Explain the model again" in words(page.explained)


def test_odd_arrays_are_left_out(open_app: Callable[..., Any], done_project: Path) -> None:
    explained(done_project)
    with Project.open(done_project) as project:
        path = project.result_dir("explain") / "maps.npz"
        with np.load(path) as arrays:
            kept = dict(arrays)
        kept["cell_0"] = np.zeros((1, 4, 4, 4))
        kept["gradcam_1"] = np.zeros((3, 3), np.float32)
        np.savez(path, **kept)
    app = open_app(done_project)
    page = go(app, MAPS_TAB)
    canvas = shown(app, page)
    assert len(canvas.rows) == len(page.explained.result.cells) - 1


def test_the_channels_tab_says_what_suffices(
    open_app: Callable[..., Any], done_project: Path, started: list[list[str]]
) -> None:
    explained(done_project)
    app = open_app(done_project)
    page = go(app, CHANNELS_TAB)
    said = words(app.page.tabs)
    assert "would do" in said and "Ch4 alone keeps the accuracy" in said and "other channels blanked" in said
    assert page.train_anew.cget("state") == "normal"
    page.train_anew.invoke()
    assert started == [["explain"]] and app.project.plan.evaluate.explain_minutes == 2.0


def test_an_explanation_of_an_earlier_model_says_so(open_app: Callable[..., Any], done_project: Path) -> None:
    explained(done_project, upstream={"train": "another"})
    app = open_app(done_project)
    go(app, CHANNELS_TAB)
    assert "explains an earlier model" in words(app.page.tabs)


def test_without_maps_the_tab_says_how_to_get_them(open_app: Callable[..., Any], done_project: Path) -> None:
    explained(done_project, cells=[], averages=[], methods=[])
    app = open_app(done_project)
    page = go(app, MAPS_TAB)
    assert "Choose maps under Advanced" in words(page.tabs)
