"""The tabs of Train about more than one training, in the real window."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests import window
from tests.made_runs import made_run, write_comparison, write_run, write_runs
from tests.window import settle, wait, words
from wizard import results, runs, training_queue
from wizard.engine.events import Done, Failed, Started
from wizard.project import Project
from wizard.steps.train_compare import COMPARE
from wizard.steps.train_queue import ADD, GO_ON, START, STOP
from wizard.steps.train_runs import WHOLE, differences, runs_of, wholes


def go(app: Any, tab: str = "") -> Any:
    return window.go(app, "train", tab)


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What was asked of the engine, which is not started."""
    from wizard.app import App

    asked: list[Any] = []
    monkeypatch.setattr(App, "start", lambda _app, steps, options=None: asked.append((steps, options)))
    return asked


@pytest.fixture
def many(done_project: Path) -> Path:
    """A project with seven trainings."""
    with Project.open(done_project) as project:
        write_runs(project)
    return done_project


def act(page: Any, title: str) -> None:
    dict(page.more_acts())[title]()
    settle(page, 0.3)


def test_the_tabs_are_there_when_there_is_something(open_app: Callable[..., Any], done_project: Path) -> None:
    page = go(open_app(done_project))
    assert not {"History", "Queue", "Comparison"} & set(page.tabs.heads)
    assert {COMPARE, ADD} <= set(dict(page.more_acts())) and START not in dict(page.more_acts())
    write_run(page.project, made_run(1))
    page.refresh()
    settle(page, 0.2)
    assert "History" in page.tabs.heads and list(page.tabs.heads)[-1] == "Files"


# History.


def test_the_history_lists_all_trainings_the_newest_first(open_app: Callable[..., Any], many: Path) -> None:
    table = go(open_app(many), "History").history.table
    assert list(table.tree.get_children()) == [WHOLE + "run-5", *(f"run-{number}" for number in range(4, 0, -1))]
    row = table.tree.item("run-2", "values")
    assert row[1] == "Balanced" and row[6] == "Done" and row[9] == "the first good one"
    assert row[4].endswith(" of 30") and row[5] == "1 min 7 s" and row[2].endswith(" %")
    assert table.tree.item("run-4", "values")[6] == "Failed"
    assert table.tree.item("run-6", "values")[7] == "Fold 2 of 3"


def test_the_folds_of_a_training_lie_under_one_line(open_app: Callable[..., Any], many: Path) -> None:
    view = go(open_app(many), "History").history
    tree, whole = view.table.tree, WHOLE + "run-5"
    assert list(tree.get_children(whole)) == ["run-5", "run-6", "run-7"] and not tree.item(whole, "open")
    row = tree.item(whole, "values")
    accuracies = [run.validation["accuracy"] for run in view.picked]
    assert row[7] == "3 networks" and row[2] == f"{100 * sum(accuracies) / 3:.1f} %" and row[5] == "3 min 33 s"
    tree.focus_force()
    tree.focus(whole)
    tree.event_generate("<Right>")
    settle(view, 0.2)
    assert tree.item(whole, "open")
    tree.event_generate("<Shift-Down>")
    view.table.pick("run-6")
    settle(view, 0.2)
    assert [run.id for run in view.picked] == ["run-6"] and "Fold 2 of 3" in words(view.details).replace("fold", "Fold")
    view.table.pick("run-6", whole)
    assert len(view.picked) == 3, "a fold counts once"
    write_run(view._acts.project, made_run(9, "fast", 5))
    view._acts.refresh()
    settle(view, 0.2)
    assert tree.item(whole, "open"), "what was unfolded stays so"
    view.table.sort(2)
    assert list(tree.get_children(whole)) and all(tree.parent(f"run-{number}") == whole for number in (5, 6, 7))


def test_ticked_trainings_are_drawn_over_each_other(open_app: Callable[..., Any], many: Path) -> None:
    view = go(open_app(many), "History").history
    assert [run.id for run in view.picked] == ["run-5", "run-6", "run-7"] and len(view.chart.curves) == 3
    view.table.pick("run-3", "run-2", "run-1")
    settle(view, 0.2)
    assert {curve.look for curve in view.chart.curves} == {0, 1, 2}
    looks = {curve.name: curve.look for curve in view.chart.curves}
    view.table.pick("run-2", "run-1")
    settle(view, 0.2)
    assert all(looks[curve.name] == curve.look for curve in view.chart.curves), "a run keeps its colour"
    said = words(view)
    assert "What differs between these 2 trainings" in said and "Delete these 2 trainings" in str(
        view.details.delete.cget("text")
    )


def test_the_figure_and_the_median_can_be_chosen(open_app: Callable[..., Any], many: Path) -> None:
    view = go(open_app(many), "History").history
    view.table.pick("run-2")
    offered = view.figure.cget("values")
    for name in ("Validation loss", "Balanced accuracy", "Recall of Metaphase", "Training loss", "Learning rate"):
        assert name in offered
    view.figure.set("Recall of Metaphase")
    view.smooth.set(5)
    view._draw()
    settle(view, 0.1)
    rows = runs.load(view._acts.project, "run-2").history
    assert view.chart.curves[0].points[3] == (4.0, rows[3]["recall_Metaphase"])
    assert view.chart.width == 5 and "Median of 5 epochs" in words(view)
    view.table.pick("run-1")
    assert view.figure.get() == "Recall of Metaphase", "the choice stays with another training"


def test_a_saved_epoch_is_taken_back_after_asking(open_app: Callable[..., Any], many: Path, started: Any) -> None:
    app = open_app(many)
    page = go(app, "History")
    page.history.table.pick("run-2")
    settle(app, 0.2)
    details = page.history.details
    assert details.epoch == runs.load(app.project, "run-2").best_epoch, "the best one is offered"
    details.choose_epoch(20)
    settle(app, 0.1)
    assert details.back.cget("text") == "Take back the model of epoch 20"
    details.back.invoke()
    assert started == [] and "epoch 20" in app.overlay.title
    app.overlay.buttons["Cancel"].invoke()
    assert started == [] and app.project.plan.train.learning_rate == 0.002
    details.back.invoke()
    app.overlay.buttons["Take it back"].invoke()
    assert started == [(["train"], {"take_back": ("run-2", 20)})]
    assert app.project.plan.train.learning_rate == 0.003, "the settings are those of the training"
    assert app.overlay is None


@pytest.mark.parametrize("works", [True, False])
def test_settings_come_back_when_nothing_could_be_taken_back(
    open_app: Callable[..., Any], many: Path, monkeypatch: pytest.MonkeyPatch, works: bool
) -> None:

    monkeypatch.setattr("wizard.steps.run.Run", FakeRun)
    app = open_app(many)
    page = go(app, "History")
    page._start_take_back(runs.load(app.project, "run-2"), 20)
    settle(app, 0.2)
    assert app.run.options == {"take_back": ("run-2", 20)} and app.project.plan.train.learning_rate == 0.003
    if works:
        result = app.project.result("train")
        result.id, result.taken_back = "new", True
        results.save(result, app.project.result_dir("train"))
    else:
        app.run.failed = Failed("train", "This epoch cannot be taken back.")
    app.run.end()
    settle(app, 0.4)
    assert app.project.plan.train.learning_rate == (0.003 if works else 0.002)
    assert (page.failure_panel is None) == works


def test_settings_of_a_training_are_shown_and_used(open_app: Callable[..., Any], many: Path) -> None:
    page = go(open_app(many), "History")
    page.history.table.pick("run-1")
    settle(page, 0.2)
    page.form.unfold(everything=True)
    assert "Settings that are not as they are now" in words(page.history.details)
    page.history.details.use.invoke()
    settle(page, 0.3)
    assert page.project.plan.train.network == "fast"
    assert page.form.fields["learning_rate"].entry.get() == "0.002"
    assert "Its settings are those that are set now." in words(page.history.details)
    assert page.tabs.chosen == "History" and [run.id for run in page.history.picked] == ["run-1"]


def test_the_note_is_stored(open_app: Callable[..., Any], many: Path) -> None:
    page = go(open_app(many), "History")
    page.history.table.pick("run-3")
    settle(page, 0.2)
    entry = page.history.details.note
    entry.insert(0, "with the new  stain")
    entry._entry.focus_force()
    settle(page, 0.1)
    entry._entry.event_generate("<Return>")
    settle(page, 0.2)
    assert runs.load(page.project, "run-3").note == "with the new stain"
    assert page.history.table.tree.item("run-3", "values")[9] == "with the new stain"


def test_trainings_are_deleted_after_asking(open_app: Callable[..., Any], many: Path) -> None:
    app = open_app(many)
    page = go(app, "History")
    page.history.table.pick("run-2", "run-1")
    settle(app, 0.2)
    page.history.details.delete.invoke()
    assert "MB" in words(app.overlay.cover) and list(app.overlay.buttons) == ["Keep", "Delete"]
    app.overlay.buttons["Keep"].invoke()
    assert len(runs_of(app.project)) == 7
    page.history.details.delete.invoke()
    app.overlay.buttons["Delete"].invoke()
    settle(app, 0.3)
    left = [run.id for run in runs_of(app.project)]
    assert left == ["run-7", "run-6", "run-5", "run-4", "run-3"]
    assert not runs.folder(app.project, "run-2").exists()
    assert list(page.history.table.tree.get_children()) == [WHOLE + "run-5", "run-4", "run-3"]


def test_records_are_read_only_when_they_changed(
    open_app: Callable[..., Any], many: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = go(open_app(many), "History")
    read: list[str] = []
    load = runs.load
    monkeypatch.setattr(runs, "load", lambda project, name: read.append(name) or load(project, name))
    page.refresh()
    assert read == []
    write_run(page.project, made_run(2, note="longer than before"))
    page.refresh()
    assert read == ["run-2"]


def test_a_broken_record_is_passed_over(open_app: Callable[..., Any], many: Path) -> None:
    (many / "runs" / "run-2" / "run.json").write_text("{", encoding="utf-8")
    page = go(open_app(many), "History")
    assert "run-2" not in page.history.table.tree.get_children()


def test_folds_are_told_apart_by_training() -> None:
    def fold(number: int, part: str) -> Any:
        return made_run(number, kind=part)

    first = [fold(1, "fold 1 of 2"), fold(2, "fold 2 of 2")]
    others = [
        made_run(3),
        fold(4, "fold 1 of 3"),
        fold(5, "fold 2 of 3"),
        fold(6, "fold 1 of 3"),
        fold(7, "fold 2 of 3"),
    ]
    found = wholes([*others[::-1], *first])
    assert {name: [run.id for run in runs] for name, runs in found.items()} == {
        WHOLE + "run-1": ["run-1", "run-2"], WHOLE + "run-4": ["run-4", "run-5"], WHOLE + "run-6": ["run-6", "run-7"]
    }  # fmt: skip


def test_differences_are_in_the_words_of_the_form() -> None:
    rows = differences([{"network": "fast", "save_epochs": 3}, {"network": "fast", "nesterov": False}])
    assert rows == [["Nesterov momentum", "yes", "no"]], "what does not count is left out, what is missing is as preset"


# Queue.


def test_settings_are_added_and_the_queue_is_shown(open_app: Callable[..., Any], done_project: Path) -> None:
    page = go(open_app(done_project))
    page.form.fields["epochs"].entry.delete(0, "end")
    page.form.fields["epochs"].entry.insert(0, "12")
    act(page, ADD)
    wait(page, lambda: page.tabs is not None and page.tabs.chosen == "Queue")
    assert training_queue.entries(page.project)[0].settings["epochs"] == 12, "what was typed counts"
    row = page.queue_view.table.tree.item(page.queue_view.table.tree.get_children()[0], "values")
    assert row[1] == "Waiting" and "Epochs 12" in row[2]
    page.tabs.choose("Curve")
    act(page, ADD)
    assert page.tabs.chosen == "Queue" and "2 trainings wait" in words(page)
    assert START in dict(page.more_acts())


def test_entries_are_moved_removed_and_used(open_app: Callable[..., Any], done_project: Path) -> None:
    with Project.open(done_project) as project:
        ids = [
            training_queue.add(project, project.plan.train.model_copy(update={"network": name})).id
            for name in ("fast", "balanced", "thorough")
        ]
    page = go(open_app(done_project), "Queue")
    view = page.queue_view
    view.table.pick(ids[2])
    assert view.down.cget("state") == "disabled"
    view.up.invoke()
    settle(page, 0.2)
    assert list(view.table.tree.get_children()) == [ids[0], ids[2], ids[1]] and view.table.picked == [ids[2]]
    view.use.invoke()
    settle(page, 0.2)
    assert page.project.plan.train.network == "thorough"
    view.table.pick(ids[0], ids[1])
    assert view.up.cget("state") == "disabled"
    view.remove.invoke()
    settle(page, 0.2)
    assert [entry.id for entry in training_queue.entries(page.project)] == [ids[2]]
    view.table.pick(ids[2])
    view.remove.invoke()
    settle(page, 0.4)
    assert "Queue" not in page.tabs.heads


class FakeRun:
    """A run of the engine that does nothing until it is told how it ended."""

    def __init__(self, app: Any, _root: Path, steps: Any, tick: Any, ended: Any, options: Any = None) -> None:
        self.steps, self.doing, self.step = tuple(steps), steps[0], "train"
        self.fraction = self.seconds_left = self.failed = None
        self.label, self.title, self.stop_help, self.preview = "", "Train", "", ""
        self.metrics: list[Any] = []
        self.notices: list[Any] = []
        self.sent: list[Any] = []
        self.done: list[str] = []
        self.epochs, self.previews, self.overall, self.minutes = 1, 0, None, 0.0
        self.stopped = self.can_pause = False
        self.options = options
        self.job = SimpleNamespace(stopping=False, cancelling=False, paused=False)
        self._app, self._ended = app, ended
        self.tick = tick

    def end(self) -> None:
        self._ended()

    def kill(self) -> None:
        pass


def test_the_window_trains_the_queue(
    open_app: Callable[..., Any], done_project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:

    monkeypatch.setattr("wizard.steps.run.Run", FakeRun)
    with Project.open(done_project) as project:
        for name in ("fast", "thorough", "balanced"):
            training_queue.add(project, project.plan.train.model_copy(update={"network": name}))
    app = open_app(done_project)
    page = go(app, "Queue")
    page.queue_view.start.invoke()
    settle(app, 0.3)
    assert app.run is not None and app.project.plan.train.network == "fast"
    assert "Training 1 of 3 of the queue: Fast" in words(page.strip)
    assert page.queue_view.table.tree.item(page.queue_view.table.tree.get_children()[0], "values")[1] == "In training"
    page.strip.button.invoke()
    assert "The queue ends after it" in words(page.strip) and page.strip.button.cget("text") == GO_ON
    page.strip.button.invoke()
    assert page.strip.button.cget("text") == STOP
    app.choose("evaluate")
    settle(app, 0.2)
    app.run.end()
    settle(app, 0.3)
    assert app.project.plan.train.network == "thorough" and app.step == "evaluate", "the user is left where they are"
    app.choose("train")
    settle(app, 0.3)
    assert "Training 2 of 3" in words(app.page.strip)
    app.page.strip.button.invoke()
    app.run.end()
    settle(app, 0.3)
    assert app.run is None and not app.page.strip.winfo_ismapped()
    assert [entry.outcome for entry in training_queue.entries(app.project)] == ["done", "done", "waiting"]


def test_closing_the_window_leaves_a_good_queue(
    open_app: Callable[..., Any], done_project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:

    monkeypatch.setattr("wizard.steps.run.Run", FakeRun)
    with Project.open(done_project) as project:
        training_queue.add(project, project.plan.train)
    app = open_app(done_project)
    act(go(app), START)
    assert training_queue.entries(app.project)[0].outcome == "running"
    app.destroy()
    with Project.open(done_project) as project:
        assert training_queue.entries(project)[0].outcome == "waiting"


def test_a_damaged_queue_is_told_and_nothing_else_breaks(open_app: Callable[..., Any], done_project: Path) -> None:
    (done_project / "queue.json").write_text("[{]", encoding="utf-8")
    app = open_app(done_project)
    page = go(app)
    assert "Queue" not in page.tabs.heads
    act(page, ADD)
    assert "queue of trainings cannot be read" in app.overlay.title


# Comparison.


def test_the_comparison_shows_the_choice_and_why(open_app: Callable[..., Any], many: Path) -> None:
    with Project.open(many) as project:
        write_comparison(project)
    page = go(open_app(many), "Comparison")
    said = words(page.comparison)
    assert "Balanced is chosen" in said and "lowest loss" in said
    assert "ResNet50 could not be trained: The memory is too small" in said
    rows = [page.comparison.table.tree.item(row, "values") for row in ("0", "1", "2")]
    assert rows[0][:4] == ("Fast", "81.0 %", "78.0 %", "0.041 \u00b1 0.012")
    assert rows[1][0] == "Balanced (chosen)" and rows[1][3] == "lowest loss" and rows[2][0] == "ResNet50 (failed)"
    page.comparison.table.pick("2")
    assert page.comparison.use.cget("state") == page.comparison.back.cget("state") == "disabled"


def test_the_choice_is_used_or_its_model_taken_back(
    open_app: Callable[..., Any], many: Path, started: list[Any]
) -> None:
    with Project.open(many) as project:
        write_comparison(project)
    app = open_app(many)
    page = go(app, "Comparison")
    page.comparison.table.pick("0")
    page.comparison.use.invoke()
    settle(app, 0.2)
    plan = app.project.plan.train
    assert (plan.network, plan.learning_rate, plan.augmentation) == ("fast", 0.002, "flow cell")
    runs.delete(app.project, "run-1")
    page.refresh()
    assert page.comparison.back.cget("state") == "disabled", "its training was deleted"
    page.comparison.table.pick("1")
    page.comparison.back.invoke()
    app.overlay.buttons["Take it back"].invoke()
    assert started == [(["train"], {"take_back": ("run-2", 22)})]
    page.comparison.again.invoke()
    assert started[-1] == (["compare"], None)


def test_a_new_comparison_comes_to_the_front(
    open_app: Callable[..., Any], done_project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:

    monkeypatch.setattr("wizard.steps.run.Run", FakeRun)
    app = open_app(done_project)
    page = go(app, "Summary")
    act(page, COMPARE)
    assert app.run.steps == ("compare",) and list(page.tabs.heads) == ["Working"]
    assert "which one is chosen" in words(page.tabs)
    app.run.tick([Started("compare", 0, 1)])
    write_comparison(app.project, "2")
    app.run.done = ["compare"]
    app.run.tick([Done("compare", "x")])
    app.run.end()
    settle(app, 0.4)
    assert page.tabs.chosen == "Comparison" and app.project.state("train").kind == "done"


def test_nothing_sticks_out_with_large_text(open_app: Callable[..., Any], many: Path) -> None:
    with Project.open(many) as project:
        write_comparison(project)
        training_queue.add(project, project.plan.train)
    app = open_app(many)
    app.desk.prefer("scale", 150)
    page = go(app)
    page.show_side("result")
    for tab in ("History", "Queue", "Comparison"):
        page.tabs.choose(tab)
        settle(app, 0.3)
        assert page.tabs.view(tab).winfo_width() <= page.right.winfo_width()


def test_the_table_of_folds_names_the_model_in_use(open_app: Callable[..., Any], many: Path) -> None:
    with Project.open(many) as project:
        result = project.result("train")
        result.run = "run-3"
        results.save(result, project.result_dir("train"))
    table = go(open_app(many), "History").history.table
    assert table.tree.item("run-3", "values")[7] == "model in use"
