"""Export of a model from the window, with the engine in its own process."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.window import settle, wait, words
from wizard import export_formats
from wizard.steps import export_tab
from wizard.steps.export_tab import EXPORT, SAVE, TAB, with_ending


def test_a_model_is_exported_checked_and_found(
    open_app: Any, trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = open_app(trained)
    app.choose("train")
    settle(app, 0.3)
    target = tmp_path / "for others" / "model"
    monkeypatch.setattr(export_tab.dialogs, "ask_save", lambda *_: str(target))
    dict(app.page.more_acts())[EXPORT]()
    dialog = app.page.export_dialog
    dialog.format.set("Keras")
    dialog.show()
    assert "Python" in words(app)
    dialog.choose()
    assert app.run is not None and app.run.title == "Export the model"
    wait(app, lambda: app.run is None, 120)
    assert app.failure is None
    wait(app, lambda: app.page.tabs is not None and app.page.tabs.chosen == TAB, 10)
    settle(app, 0.3)
    shown = words(app.page)
    assert "Checked against the model on 8 cells of the project." in shown
    assert "model.keras" in shown and target.with_suffix(".keras").is_file()
    assert (target.parent / "model_card.md").is_file()
    app.choose("evaluate")
    settle(app, 0.3)
    assert EXPORT in dict(app.page.more_acts())
    app.choose("train")
    target.with_suffix(".keras").unlink()
    app.page._shown = None
    app.page.refresh()
    settle(app, 0.5)
    assert "no longer there" in words(app.page)


def test_a_part_that_is_missing_is_said_before_anything_is_chosen(
    open_app: Any, done_project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    models = done_project / "models"
    models.mkdir(exist_ok=True)
    (models / "a.cytomodel").touch()
    found = export_formats.find_spec
    monkeypatch.setattr(export_formats, "find_spec", lambda name: None if name == "openvino" else found(name))
    app = open_app(done_project)
    app.choose("evaluate")
    settle(app, 0.3)
    app.page.ask_export()
    dialog = app.page.export_dialog
    assert str(dialog.overlay.buttons[SAVE].cget("state")) == "normal"
    dialog.format.set("OpenVINO")
    dialog.show()
    assert "not installed here: openvino" in words(app)
    assert str(dialog.overlay.buttons[SAVE].cget("state")) == "disabled"


def test_the_ending_of_the_format_is_added() -> None:
    assert with_ending("/a/b", ".onnx") == "/a/b.onnx" and with_ending("/a/b.ONNX", ".onnx") == "/a/b.ONNX"
    assert with_ending("/a/b", "") == "/a/b"
