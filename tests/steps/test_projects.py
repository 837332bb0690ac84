from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from tests.window import settle, words
from wizard.engine.errors import UserError
from wizard.steps.projects import DEMO_CELLS, make_project, usual_place
from wizard.steps.session import open_project


def test_demo_has_its_cells_and_target(tmp_path: Path) -> None:
    project = make_project(str(tmp_path), "Demo", demo=True)
    assert project.plan.parse.input == [str(DEMO_CELLS)] and project.plan.train.target == "class"
    assert len(list(DEMO_CELLS.glob("Experiment_1/*/*/*_Ch3.tif"))) == 243
    project.close()


@pytest.mark.parametrize("name", ["", "  ", "..", "a/b", 'a"b', "a:b"])
def test_bad_names_are_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(UserError) as caught:
        make_project(str(tmp_path), name, demo=False)
    assert caught.value.action


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    make_project(str(tmp_path), "P", demo=False).close()
    with pytest.raises(UserError, match="already"):
        make_project(str(tmp_path), "P", demo=False)
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "thesis.txt").write_text("x", encoding="utf-8")
    with pytest.raises(UserError, match="not empty"):
        make_project(str(tmp_path), "full", demo=False)
    with pytest.raises(UserError, match="needs a place"):
        make_project(" ", "P", demo=False)


def test_new_projects_go_beside_the_last_one(tmp_path: Path) -> None:
    assert usual_place([tmp_path / "last"]) == tmp_path
    assert usual_place([]).is_dir()


def test_dialog_says_what_is_wrong_and_makes_the_project(open_app: Any, tmp_path: Path) -> None:
    app = open_app()
    app.page.buttons["New project"].invoke()
    settle(app, 0.2)
    dialog = app.dialog
    dialog.place.delete(0, "end")
    dialog.place.insert(0, str(tmp_path))
    dialog.name.delete(0, "end")
    dialog.make()
    settle(app, 0.05)
    assert "needs a name" in words(dialog.overlay.cover)
    dialog.name.insert(0, "Blood")
    dialog.name._entry.event_generate("<Return>")
    settle(app, 0.2)
    assert app.project.root == tmp_path / "Blood" and app.overlay is None
    assert app.recent.projects == [str(tmp_path / "Blood")]


def test_results_are_read_again_only_when_they_changed(done_project: Path) -> None:
    with open_project(done_project) as project:
        first = project.result("parse")
        assert project.result("parse") is first
        path = project.result_dir("parse") / "result.json"
        path.write_text(path.read_text(encoding="utf-8").replace('"id-parse"', '"id-new!!"'), encoding="utf-8")
        os.utime(path, ns=(1, 1))
        assert project.result("parse").id == "id-new!!"
        path.unlink()
        assert project.result("parse") is None
