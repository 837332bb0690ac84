from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.steps.test_train_page import FakeJob
from tests.window import go, resize, settle, wait, words
from wizard import speeds, training_time
from wizard.engine.events import Done, Progress
from wizard.speeds import Speed
from wizard.steps import run as run_module
from wizard.steps import train_estimate
from wizard.steps.train_estimate import AGAIN, MEASURE, UNKNOWN

SPEED = Speed(learn=0.01, judge=0.002, opening=8.0, closing=4.0)


@pytest.fixture
def app(open_app: Callable[..., Any], done_project: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(run_module, "Job", FakeJob)
    return open_app(done_project)


def measured(app: Any) -> None:
    """What an estimate would leave."""
    plan = app.project.plan.train
    speeds.keep(training_time.key_of(app.project, plan, train_estimate.cores()), SPEED)


def said(page: Any) -> str:
    return str(page.time_words.cget("text")) if page.time_words.winfo_viewable() else ""


def test_the_time_is_measured_on_request_and_then_stands_beside_the_button(app: Any) -> None:
    page = go(app, "train")
    assert said(page) == UNKNOWN and MEASURE in words(page)
    assert train_estimate.words(app.project, app.project.plan) is None
    page.time_link.focus_set()
    app.update()
    page.time_link.event_generate("<Return>")
    settle(app, 0.2)
    assert FakeJob.last.steps == ("estimate",)
    assert app.page is page and said(page) == ""
    FakeJob.last.waiting.append(Progress("estimate", 0.5, "Measuring the speed", None))
    measured(app)
    FakeJob.last.waiting.append(Done("estimate", ""))
    wait(app, lambda: app.run is None)
    settle(app, 0.2)
    assert said(page) == train_estimate.words(app.project, app.project.plan) != UNKNOWN
    assert "on this PC" in said(page) and AGAIN in words(page)
    assert page.time_words.winfo_rooty() < page.acts.winfo_rooty()


def test_changed_settings_show_at_once(app: Any) -> None:
    measured(app)
    page = go(app, "train")
    before = said(page)
    assert "on this PC" in before
    page.store({"epochs": 2000, "patience": 2000})
    wait(app, lambda: said(page) != before, 2.0)
    longer = said(page)
    page.store({"minutes": 1.0})
    wait(app, lambda: said(page) != longer, 2.0)
    page.store({"network": "fast"})
    wait(app, lambda: said(page) == UNKNOWN, 2.0)


def test_a_narrow_window_comes_back_to_the_settings(app: Any) -> None:
    resize(app, "900x700")
    page = go(app, "train")
    wait(app, lambda: page.narrow)
    page.estimate()
    settle(app, 0.2)
    FakeJob.last.waiting.append(Done("estimate", ""))
    wait(app, lambda: app.run is None)
    wait(app, lambda: page.side == "settings", 2.0)
