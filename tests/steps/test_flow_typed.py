"""What was typed stays, whichever way the page goes; the file manager and the queue from the menu."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.window import go, settle, words
from wizard import training_queue
from wizard.project import Project
from wizard.widgets import opener
from wizard.widgets.project_menu import SHOW


@pytest.fixture
def app(open_app: Callable[..., Any], done_project: Path) -> Any:
    return open_app(done_project)


def type_into(app: Any, name: str, text: str) -> None:
    entry = app.page.form.fields[name].entry
    entry.delete(0, "end")
    entry.insert(0, text)


def shown(app: Any, name: str) -> str:
    return str(app.page.form.fields[name].entry.get())


def test_what_was_refused_is_still_there_after_back_and_next(app: Any) -> None:
    go(app, "train")
    type_into(app, "minutes", "seven")
    type_into(app, "epochs", "12")
    app.footer.back.invoke()
    settle(app, 0.2)
    assert app.step == "parse" and app.project.plan.train.epochs == 12
    go(app, "train")
    assert shown(app, "minutes") == "seven" and app.page.form.fields["minutes"].error
    type_into(app, "minutes", "7")
    app.footer.back.invoke()
    go(app, "train")
    assert shown(app, "minutes") == "7" and not app.page.form.wrong


def test_also_in_a_folded_field(app: Any) -> None:
    page = go(app, "train")
    page.form.unfold(everything=True)
    type_into(app, "patience", "-")
    app.choose("check")
    go(app, "train")
    assert shown(app, "patience") == "-"


@pytest.mark.parametrize(("name", "value"), [("appearance", "dark"), ("language", "de"), ("scale", 125)])
def test_a_change_of_look_or_language_keeps_it(app: Any, name: str, value: object) -> None:
    go(app, "train")
    type_into(app, "minutes", "seven")
    type_into(app, "epochs", "12")
    app.desk.prefer(name, value)
    settle(app, 0.5)
    assert shown(app, "minutes") == "seven" and shown(app, "epochs") == "12"
    assert app.project.plan.train.epochs == 12
    for back in (("appearance", "light"), ("language", "en"), ("scale", 100)):
        app.desk.prefer(*back)
    settle(app, 0.5)


def test_a_change_of_project_stores_it_in_its_own(app: Any, done_project: Path, tmp_path: Path) -> None:
    Project.open(tmp_path / "Other").close()
    go(app, "train")
    type_into(app, "epochs", "12")
    type_into(app, "minutes", "seven")
    app.open_project(str(tmp_path / "Other"))
    settle(app, 0.3)
    assert app.project.plan.train.epochs == 0
    go(app, "train")
    assert shown(app, "minutes") == "0"
    app.open_project(str(done_project))
    settle(app, 0.3)
    go(app, "train")
    assert shown(app, "epochs") == "12" and shown(app, "minutes") == "seven"


def test_the_menu_shows_folder_model_and_queue(app: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    found: list[Path] = []
    monkeypatch.setattr(opener, "open_path", found.append)
    monkeypatch.setattr(opener, "show_in_folder", found.append)
    app.top.project.choose(SHOW)
    app.top.menu.choose("Show the newest model in its folder")
    model = next(iter(app.project.models()), None)
    assert found == [app.project.root, *([model] if model else [])]
    if model is None:
        assert "has no model yet" in words(app.overlay.cover)
        app.overlay.close()
    app.top.menu.choose("Queue of trainings")
    settle(app, 0.1)
    assert "The queue is empty." in words(app.overlay.cover)
    app.overlay.close()
    training_queue.add(app.project, app.project.plan.train)
    app.top.menu.choose("Queue of trainings")
    settle(app, 0.4)
    assert app.step == "train" and "1 training waits" in words(app.page)


def test_each_result_shows_its_folder(app: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    found: list[Path] = []
    monkeypatch.setattr(opener, "open_path", found.append)
    page = go(app, "evaluate", "Files")
    from tests.window import below
    from wizard.widgets.link import Link

    link = next(link for link in below(page, Link) if link.cget("text") == "Show the folder")
    link.follow()
    assert found == [app.project.result_dir("evaluate")]
