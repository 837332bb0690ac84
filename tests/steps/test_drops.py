"""What is dropped anywhere on the window."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.window import go, picture, settle, wait, words
from wizard.engine.readers import READERS
from wizard.project import Project
from wizard.steps.drops import IMAGES, PARSE, sort


@pytest.fixture
def things(tmp_path: Path) -> dict[str, str]:
    """A folder and a file of images, a model, a project, a letter."""
    (tmp_path / "Donor A").mkdir()
    Project.open(tmp_path / "other project").close()
    for name in ("cell.tif", "blood.cytomodel", "letter.docx", "labels.csv"):
        (tmp_path / name).write_bytes(b"x")
    return {path.name: str(path) for path in tmp_path.iterdir()}


def test_every_format_that_is_read_may_be_dropped() -> None:
    assert sorted(IMAGES) == sorted({ending for reader in READERS.values() for ending in reader.extensions})


def test_dropped_things_are_told_apart(things: dict[str, str]) -> None:
    found = sort([*things.values(), f"{things['other project']}/plan.toml", "/x/y"])
    assert found.projects == [things["other project"]] * 2
    assert found.models == [things["blood.cytomodel"]]
    assert set(found.images) == {things["Donor A"], things["cell.tif"], "/x/y"}
    assert found.tables == [things["labels.csv"]] and found.unusable == [things["letter.docx"]]


@pytest.fixture
def app(open_app: Callable[..., Any], done_project: Path) -> Any:
    window = open_app(done_project)
    wait(window, lambda: window.drops.zone is not None)
    return window


def test_images_are_asked_about_where_they_may_mean_two_things(app: Any, things: dict[str, str]) -> None:
    go(app, "predict")
    app.drops.dropped([things["Donor A"], things["letter.docx"]])
    settle(app, 0.2)
    assert "Cannot be used: letter.docx." in words(app.overlay.cover)
    app.overlay.buttons["Predict these cells"].invoke()
    settle(app, 0.2)
    assert app.step == "predict" and app.project.plan.predict.input == [things["Donor A"]]
    go(app, "train")
    app.drops.dropped([things["cell.tif"]])
    settle(app, 0.2)
    assert list(app.overlay.buttons)[0] == PARSE
    app.overlay.buttons[PARSE].invoke()
    settle(app, 0.2)
    assert app.step == "parse" and app.project.plan.parse.input[-1] == things["cell.tif"]


def test_a_model_goes_into_the_field_of_the_page(app: Any, things: dict[str, str]) -> None:
    go(app, "evaluate")
    app.drops.dropped([things["blood.cytomodel"]])
    settle(app, 0.2)
    assert app.project.plan.evaluate.model == things["blood.cytomodel"] and app.overlay is None
    go(app, "check")
    app.drops.dropped([things["blood.cytomodel"]])
    settle(app, 0.2)
    app.overlay.buttons["Predict with it"].invoke()
    settle(app, 0.2)
    assert app.step == "predict" and app.project.plan.predict.model == things["blood.cytomodel"]


def test_a_project_is_opened(app: Any, things: dict[str, str]) -> None:
    app.drops.dropped([things["other project"]])
    settle(app, 0.3)
    assert app.project.root == Path(things["other project"])


def test_on_parse_what_is_no_image_is_used_or_said(app: Any, things: dict[str, str]) -> None:
    page = go(app, "parse")
    before = list(app.project.plan.parse.input)
    page.dropped([things["Donor A"], things["letter.docx"]], (0, 0))
    settle(app, 0.2)
    assert app.project.plan.parse.input == [*before, things["Donor A"]]
    assert "Cannot be used: letter.docx." in words(app.overlay.cover)
    app.overlay.close()
    page.dropped([things["other project"]], (0, 0))
    settle(app, 0.3)
    assert app.project.root == Path(things["other project"])


def test_what_cannot_be_used_is_said(app: Any, things: dict[str, str]) -> None:
    go(app, "train")
    app.drops.dropped([things["letter.docx"], things["labels.csv"]])
    settle(app, 0.2)
    assert "Cannot be used: letter.docx, labels.csv." in words(app.overlay.cover)
    assert not app.drops.welcome(), "a question is answered first"


def test_the_start_page_takes_images_and_refuses_models(open_app: Callable[..., Any], things: dict[str, str]) -> None:
    app = open_app()
    app.drops.dropped([things["blood.cytomodel"]])
    settle(app, 0.2)
    assert "No project is open." in words(app.overlay.cover)
    app.overlay.close()
    app.drops.dropped([things["Donor A"]])
    settle(app, 0.2)
    assert app.dialog.name.get() == "Donor A"


def test_the_window_is_marked_while_something_is_dragged(app: Any) -> None:
    go(app, "predict")
    if not app.drops.zone.ready:
        pytest.skip("the library for drops is not there")
    app.drops.zone.hover("5", "5")
    app.drops.zone.hover("9", "9")
    settle(app, 0.1)
    assert len(app.drops.marks) == 5 and "Let go" in words(app)
    picture(app, "drop")
    app.drops.zone.leave()
    assert app.drops.marks == [] and "Let go" not in words(app)


def test_while_a_step_runs_nothing_is_taken(app: Any, things: dict[str, str]) -> None:
    go(app, "check")
    app.start(["check"])
    app.drops.dropped([things["Donor A"]])
    settle(app, 0.2)
    assert "A step is running." in words(app.overlay.cover)
    app.overlay.close()
    app.cancel()
    wait(app, lambda: app.run is None, 60)
