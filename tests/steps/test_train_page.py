"""The page of Train: while a training runs, and what it shows of one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.made_results import CLASSES, history
from tests.window import below, settle, wait, words
from wizard import results, runs
from wizard.engine.events import Done, Event, Metric, Notice, Preview, Progress, Started
from wizard.project import Project
from wizard.results import Estimate, FoldFigures, LayerFacts, RateResult, TrainResult
from wizard.steps import run as run_module
from wizard.steps.train_rate import FIND
from wizard.steps.train_rate import TAB as RATE


class FakeJob:
    """An engine that says what the test lets it say, and notes what it is asked."""

    last: Any = None

    def __init__(self, root: Path, steps: tuple[str, ...], options: object) -> None:
        self.steps, self.options = steps, options
        self.waiting: list[Event] = [Started(steps[0], 0, 1)]
        self.asked: list[Any] = []
        self.stopping = self.cancelling = self.paused = False
        FakeJob.last = self

    def events(self, limit: int) -> list[Event]:
        now, self.waiting = self.waiting, []
        return now

    finished = False

    def pause(self) -> None:
        self.paused = True
        self.asked.append("pause")

    def go_on(self) -> None:
        self.paused = False
        self.asked.append("go on")

    def change(self, values: dict[str, Any]) -> None:
        self.asked.append(values)

    def stop(self) -> None:
        self.stopping = True

    def kill(self) -> None:
        self.asked.append("kill")


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> type[FakeJob]:
    monkeypatch.setattr(run_module, "Job", FakeJob)
    return FakeJob


@pytest.fixture
def app(open_app: Callable[..., Any], done_project: Path, engine: Any) -> Any:
    return open_app(done_project)


def row(epoch: int) -> Metric:
    values = {"loss": 1 / epoch, "val_loss": 1.2 / epoch, "accuracy": 0.5, "val_accuracy": 0.4}
    recalls = {f"recall_{name}": 0.2 * place + 0.01 * epoch for place, name in enumerate(CLASSES)}
    return Metric("train", epoch, 20, {**values, **recalls})


def start(app: Any, epochs: int = 3, tab: str = "") -> Any:
    """Start a training that has said the figures of some epochs, and return its page."""
    app.choose("train")
    app.start(["train"])
    FakeJob.last.waiting += [Progress("train", 0.2, "Epoch 4 of 20", 100.0), *(row(n + 1) for n in range(epochs))]
    wait(app, lambda: len(app.run.metrics) == epochs and app.page.tabs is not None)
    if tab:
        app.page.tabs.choose(tab)
        settle(app, 0.2)
    return app.page


def say(app: Any, *events: Event) -> None:
    FakeJob.last.waiting += events
    settle(app, 0.3)


def test_the_tabs_of_a_running_training(app: Any) -> None:
    page = start(app)
    assert list(page.tabs.heads) == ["Curve", "Classes", "Last batch", "Change", "Notes"]
    page.tabs.choose("Classes")
    settle(app, 0.2)
    assert [line.name for line in page.class_chart.lines] == CLASSES, "the lowest recall first"
    assert "23 %" in words(page.class_chart)
    say(app, row(4))
    assert "24 %" in words(page.class_chart)


def test_the_next_network_of_several_begins_a_new_curve(app: Any) -> None:
    page = start(app, 5)
    say(app, row(1))
    assert len(app.run.metrics) == 1
    assert len(page.chart.charts["Loss"][0].points) == 1


def test_pause_and_go_on(app: Any) -> None:
    page = start(app)
    panel = page.acts.progress
    assert panel.pause.cget("text") == "Pause" and "left" in words(panel)
    panel.pause.invoke()
    say(app, Progress("train", 0.2, "Paused", 100.0))
    assert panel.pause.cget("text") == "Go on"
    assert "Paused" in words(panel) and "minutes left" not in words(panel)
    panel.pause.invoke()
    say(app, Progress("train", 0.3, "Epoch 5 of 20", 100.0))
    assert FakeJob.last.asked == ["pause", "go on"]
    assert "Epoch 5 of 20" in words(panel) and "minutes left" in words(panel)


def test_only_a_training_can_be_paused(app: Any) -> None:
    app.choose("parse")
    app.start(["parse"])
    say(app, Progress("parse", 0.2, "Reading", None))
    assert not app.page.acts.progress.pause.winfo_manager()


def test_changes_are_sent_and_followed(app: Any) -> None:
    page = start(app, tab="Change")
    form, change = page.change.form, page.change
    assert change.button.cget("state") == "disabled"
    assert "The settings of the project stay as they are." in words(change)
    form.fields["learning_rate"].type("0.0005")
    form.fields["freeze"].choose("Up to stage 4")
    settle(app, 0.1)
    assert "Learning rate 0.002 \u2192 0.0005; Frozen part None \u2192 Up to stage 4" in words(change)
    change.button.invoke()
    assert FakeJob.last.asked == [{"learning_rate": 0.0005, "freeze": "stage 4"}]
    settle(app, 0.2)
    assert "From the next epoch on: Learning rate 0.002 \u2192 0.0005." in words(change)
    assert change.button.cget("state") == "disabled"
    assert Project.open(app.project.root, lock=False).plan.train.learning_rate == 0.002
    say(
        app, row(4), Notice("train", "info", "From epoch 5 on: Learning rate 0.002 \u2192 0.0005."),
        Notice("train", "warning", "This network has no stage 4."),
    )  # fmt: skip
    shown = words(change)
    assert "From epoch 5 on: Learning rate 0.002 \u2192 0.0005." in shown and "From the next" not in shown
    assert "This network has no stage 4." in shown
    assert form.fields["freeze"].menu.get() == "None: all layers learn", "what was refused is not shown as in use"
    assert form.fields["learning_rate"].entry.get() == "0.0005"


def test_a_wrong_value_is_refused_in_its_field(app: Any) -> None:
    page = start(app, tab="Change")
    page.change.form.fields["epochs"].type("many")
    page.change.form.fields["patience"].type("3")
    settle(app, 0.1)
    assert "a whole number from 0 to 2000" in page.change.form.fields["epochs"].error
    assert page.change.button.cget("state") == "disabled"
    assert "Mend Epochs first." in words(page.change)
    page.change.apply()
    assert FakeJob.last.asked == []


def test_changes_of_before_are_shown_from_the_record(app: Any) -> None:
    change = {"epoch": 2, "setting": "patience", "old": 30, "new": 9, "time": ""}
    run = runs.Run(id="20260101", outcome="running", adjustments=[change])
    runs.folder(app.project, run.id).mkdir(parents=True)
    runs.save(app.project, run)
    page = start(app, tab="Change")
    assert "From epoch 2 on: Patience 30 epochs \u2192 9 epochs." in words(page.change)
    assert page.change.form.fields["patience"].entry.get() == "9"


def test_what_was_sent_is_known_after_a_look_at_another_page(app: Any) -> None:
    page = start(app, tab="Change")
    page.change.form.fields["patience"].type("7")
    page.change.apply()
    app.choose("parse")
    settle(app, 0.2)
    app.choose("train")
    settle(app, 0.4)
    assert "From the next epoch on: Patience 30 epochs \u2192 7 epochs." in words(app.page.change)


def test_the_last_batch_is_shown_when_it_was_written(app: Any) -> None:
    page = start(app, tab="Last batch")
    assert "come with the first cells" in words(page.batch_view)
    path = app.project.training_dir / "last_batch.npz"
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez(
        path, images=np.random.default_rng(0).normal(size=(9, 24, 24, 3)).astype(np.float32),
        classes=np.arange(9) % 4, names=np.array(CLASSES), channels=np.array(["Ch3", "Ch4", "Ch6"]),
    )  # fmt: skip
    say(app, Preview("train", str(path)))
    wait(app, lambda: page.batch_view.canvas.picture is not None)
    settle(app, 0.1)
    assert page.batch_view.menu.cget("values") == ["Ch3", "Ch4", "Ch6"] and "Metaphase" in words(page.batch_view)


def keep(root: Path, result: Any) -> None:
    with Project.open(root) as project:
        folder = project.result_dir(result.step)
        folder.mkdir(parents=True, exist_ok=True)
        results.save(result, folder)


def train_result(root: Path, **more: Any) -> None:
    with Project.open(root, lock=False) as project:
        found = project.result("train")
    assert isinstance(found, TrainResult)
    keep(root, found.model_copy(update=more))


def test_folds_layers_and_changes_are_in_the_summary(open_app: Any, done_project: Path) -> None:
    fold: dict[str, Any] = {"n_train": 150, "n_validation": 50, "accuracy": 0.8, "balanced_accuracy": 0.7}
    train_result(
        done_project, folds=[FoldFigures(fold=number, groups=[f"Part_{number}"], **fold) for number in (1, 2, 3)],
        cross_accuracy=Estimate(value=0.8123, low=0.75, high=0.86), run="20260101-a", start="old.cytomodel",
        layers=[LayerFacts(name="stem_conv", kind="Conv2D", shape=[24, 24, 16], parameters=432, frozen=True)],
        adjustments=[{"epoch": 7, "setting": "schedule", "old": "one_cycle", "new": "constant", "time": ""}],
    )  # fmt: skip
    app = open_app(done_project)
    app.choose("train")
    settle(app, 0.3)
    assert "Cross-validated accuracy" in words(app.page) and "81.2 %" in words(app.page)
    assert "[75.0 to 86.0 %]" in words(app.page)
    app.page.tabs.choose("Summary")
    settle(app, 0.3)
    from wizard.widgets.table import Table

    rows = [row for table in below(app.page, Table) for row in table.rows]
    assert ["2 of 3", "150", "50", "Part_2", "0", "80.0 %", "70.0 %"] in rows
    assert ["stem_conv", "Conv2D", "24 \u00d7 24 \u00d7 16", "432", "frozen"] in rows
    assert ["", "Schedule One cycle \u2192 Constant", "7", ""] in rows
    assert "old.cytomodel" in words(app.page)


def test_recalls_are_shown_where_the_history_has_them(open_app: Any, done_project: Path) -> None:
    recalls = [{**line, "recall_G1": 0.5, "recall_G2": 0.25} for line in history()]
    train_result(done_project, history=recalls)
    app = open_app(done_project)
    app.choose("train")
    settle(app, 0.3)
    app.page.tabs.choose("Classes")
    settle(app, 0.2)
    assert [line.name for line in app.page.class_chart.lines] == ["G2", "G1"] and app.page.class_chart.best == 22


def test_a_weak_target_is_explained_before_and_after(open_app: Any, done_project: Path) -> None:
    train_result(done_project, weak=True, target="day", classes=CLASSES, validation={"accuracy": 0.5, "n_cells": 9.0})
    app = open_app(done_project)
    app.choose("train")
    settle(app, 0.3)
    shown = words(app.page)
    assert "low accuracy is expected" in shown and "would give 25.0 %; 50.0 % is 2.0 times that" in shown
    assert "Extract, then Visualize" in shown
    field = app.page.form.fields["target"]
    assert "weak supervision" not in words(field)
    field.choose("day")
    settle(app, 0.2)
    assert "weak supervision" in words(field)
    field.choose("class")
    settle(app, 0.2)
    assert "weak supervision" not in words(field)


def test_the_learning_rate_is_found_shown_and_taken(open_app: Any, done_project: Path, engine: Any) -> None:
    app = open_app(done_project)
    app.choose("train")
    settle(app, 0.3)
    assert RATE not in app.page.tabs.heads
    app.page.acts.others.choose(FIND)
    assert FakeJob.last.steps == ("lr_finder",)
    settle(app, 0.2)
    assert list(app.page.tabs.heads) == ["Working"]
    folder = app.project.result_dir("lr_finder")
    folder.mkdir(parents=True, exist_ok=True)
    rates = np.geomspace(1e-6, 1, 40)
    losses = ((np.log10(rates) + 2) ** 2 / 8 + 1).tolist()
    found = RateResult(step="lr_finder", id="r1", suggestion=0.0007, rates=rates.tolist(), losses=losses)
    results.save(found, folder)
    say(app, Done("lr_finder", "x"))
    wait(app, lambda: app.run is None and app.page.tabs.chosen == RATE)
    settle(app, 0.2)
    assert "suggested: 0.0007" in words(app.page)
    app.page._use.invoke()
    settle(app, 0.2)
    assert app.project.plan.train.learning_rate == 0.0007
    assert "is 0.0007, as suggested" in words(app.page)
    assert app.page._use.cget("state") == "disabled"
