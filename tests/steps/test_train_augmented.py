"""The tab of Train with augmented cells."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests import window
from tests.made_results import CHANNELS, CLASSES
from tests.window import settle, wait, words
from wizard import results
from wizard.project import Project
from wizard.results import AugmentPreviewResult, PreviewCell
from wizard.steps.train_augmented import SHOW, TAB


def go(app: Any, tab: str = "") -> Any:
    return window.go(app, "train", tab)


def write_preview(root: Path, made: str = "1") -> None:
    """Write results/augment_preview as the engine does."""
    with Project.open(root) as project:
        folder = project.result_dir("augment_preview")
        folder.mkdir(parents=True, exist_ok=True)
        cells = np.random.default_rng(0).integers(0, 900, (4, 3, 24, 24)).astype(np.uint16)
        arrays = {f"cell_{n}": cell for n, cell in enumerate(cells)}
        arrays |= {f"copies_{n}": np.repeat(cell[None], 6, axis=0) for n, cell in enumerate(cells)}
        np.savez(folder / "preview.npz", **arrays)  # type: ignore[arg-type]
        listed = [PreviewCell(label=name, source=f"{name}.tif", object=0) for name in CLASSES]
        result = AugmentPreviewResult(
            step="augment_preview", id=made, settings=project.plan.train.model_dump(), channels=CHANNELS, cells=listed
        )
        results.save(result, folder)


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """What was asked of the engine, which is not started."""
    from wizard.app import App

    asked: list[list[str]] = []
    monkeypatch.setattr(App, "start", lambda _app, steps, options=None: asked.append(steps))
    return asked


def test_the_button_asks_for_pictures(open_app: Callable[..., Any], done_project: Path, started: Any) -> None:
    page = go(open_app(done_project), TAB)
    assert page.acts.more.cget("text") == SHOW
    page.acts.more.invoke()
    page.augmented.button.invoke()
    assert started == [["augment_preview"], ["augment_preview"]]
    assert "what the network is shown" in words(page.augmented)


def test_pictures_are_shown_and_what_changed_since(open_app: Callable[..., Any], done_project: Path) -> None:
    write_preview(done_project)
    app = open_app(done_project)
    page = go(app, TAB)
    assert list(page.tabs.heads) == ["Curve", "Summary", TAB, "Files"]
    wait(app, lambda: page.augmented.canvas.picture is not None)
    settle(app, 0.2)
    said = words(page.augmented)
    assert "One grey scale" in said and "G1  G1.tif" in said
    app.project.change({"train.noise": 0.5})
    page.refresh()
    settle(app, 0.1)
    said = words(page.augmented)
    assert "Changed since" not in said and "(Noise) but do not count" in said, "it is said that a preset is chosen"
    app.project.change({"train.augmentation": "own"})
    page.refresh()
    settle(app, 0.1)
    assert "Changed since these pictures: Augmentation, Noise." in words(page.augmented).replace(
        "Noise, Augmentation", "Augmentation, Noise"
    )


def test_a_training_with_pictures_but_no_result_shows_them(open_app: Callable[..., Any], tmp_path: Path) -> None:
    with Project.open(tmp_path / "P"):
        pass
    write_preview(tmp_path / "P")
    page = go(open_app(tmp_path / "P"))
    assert list(page.tabs.heads) == [TAB]
    assert page.augmented.button.cget("state") == "disabled", "there is no data set"
    assert page.acts.more is None


@pytest.mark.slow
def test_from_the_button_to_the_pictures(open_app: Callable[..., Any], tmp_path: Path) -> None:
    from tests.cells import easy_folder
    from wizard.engine.events import Tell
    from wizard.engine.run import run_steps

    with Project.open(tmp_path / "P") as project:
        project.change({"parse.input": [str(easy_folder(tmp_path / "easy"))], "train.augmentation": "smear"})
        run_steps(project, ["parse"], Tell())
    app = open_app(tmp_path / "P")
    page = go(app)
    assert page.tabs is None
    page.acts.more.invoke()
    wait(app, lambda: app.run is None, 120)
    settle(app, 0.5)
    assert app.failure is None and page.tabs.chosen == TAB
    wait(app, lambda: page.augmented.canvas.picture is not None)
    assert app.rail.items["train"].kind != "done"
