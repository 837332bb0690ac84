"""A window that is killed in the middle of a training: the next one offers to go on, and the training does."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.window import kill_window, picture, settle, wait, words
from wizard import sessions
from wizard.steps.projects import make_project

_WINDOW = """
import sys
from wizard.app import App
app = App(sys.argv[1])
app.update()
app.start(["parse", "train", "evaluate"])
def look():
    if app.run is not None and len(app.run.metrics) >= 3:
        print("epoch 3", flush=True)
    app.after(20, look)
look()
app.mainloop()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_a_killed_training_goes_on(open_app: Callable[..., Any], settings_folder: Path, tmp_path: Path) -> None:
    project = make_project(str(tmp_path), "Blood", demo=True)
    project.change({"train.network": "fast", "train.epochs": 12, "train.patience": 100})
    project.close()
    kill_window(_WINDOW, tmp_path / "Blood", "epoch 3")
    app = open_app()
    wait(app, lambda: "continue" in app.page.buttons)
    said = words(app.page)
    assert "Blood: Training stopped at epoch " in said and " of 12." in said
    assert "It can go on from there. After it 1 more step is run." in said
    picture(app, "killed")
    left = sessions.left(tmp_path / "Blood")
    assert left is not None and left.epoch >= 2
    app.page.buttons["continue"].invoke()
    wait(app, lambda: app.overlay is not None and not app.building.busy)
    assert f"Training stopped at epoch {left.epoch} of 12." in words(app.overlay.cover)
    app.overlay.buttons["Go on"].invoke()
    settle(app, 0.2)
    assert app.step == "pass" and app.run.steps == ("train", "evaluate")
    wait(app, lambda: app.run is None, 240)
    settle(app, 0.3)
    assert app.failure is None and app.page.mode == "results"
    trained = app.project.result("train")
    assert [row["epoch"] for row in trained.history] == [float(epoch) for epoch in range(1, 13)]
    assert app.project.state("evaluate").kind == "done"
