"""Impatient hands: double clicks, rapid moves, resizing, changes of the look and closing while a step runs."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests import walk
from tests.layout import problems
from tests.user import User, run_everything
from tests.window import settle, wait, words
from wizard.engine.events import Event, Progress, Started
from wizard.plan import STEPS
from wizard.project import Project
from wizard.steps import run as run_module
from wizard.steps.pages import page_of

MOVES = 50


class EndlessJob:
    """An engine that works on and on, and counts how often it was started."""

    started: list[tuple[str, ...]] = []

    def __init__(self, root: Path, steps: tuple[str, ...], options: object, *_more: object) -> None:
        type(self).started.append(tuple(steps))
        self.steps = steps
        self.waiting: list[Event] = [Started(steps[0], 0, len(steps)), Progress(steps[0], 0.1, "Working", 60.0)]
        self.stopping = self.cancelling = self.paused = self.killed = self.finished = False

    def events(self, limit: int) -> list[Event]:
        now, self.waiting = self.waiting[:limit], self.waiting[limit:]
        return now

    def stop(self) -> None:
        self.stopping = True

    def cancel(self) -> None:
        self.cancelling = self.finished = True

    def pause(self) -> None:
        self.paused = True

    def go_on(self) -> None:
        self.paused = False

    def change(self, values: dict[str, object]) -> None:
        pass

    def kill(self) -> None:
        self.killed = self.finished = True


@pytest.fixture
def jobs(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, ...]]:
    """The steps of every engine that was started; none of them does anything."""
    started: list[tuple[str, ...]] = []
    monkeypatch.setattr(EndlessJob, "started", started)
    monkeypatch.setattr(run_module, "Job", EndlessJob)
    return started


@pytest.mark.parametrize("step", [*STEPS, "report"])
def test_a_double_click_starts_one_run(
    open_app: Callable[..., Any], done_project: Path, jobs: list[tuple[str, ...]], step: str
) -> None:
    app = open_app(done_project)
    user = User(app)
    app.choose(step)
    settle(app, 0.4)
    page = page_of(step)
    user.click(page.again if user.is_there(page.again) else page.act, twice=True)
    settle(app, 0.4)
    assert jobs == [(step,)]
    assert app.run is not None and not (app.run.job.stopping or app.run.job.cancelling or app.run.job.paused)


def test_a_double_click_runs_the_rest_once(
    open_app: Callable[..., Any], tmp_path: Path, jobs: list[tuple[str, ...]]
) -> None:
    with Project.open(tmp_path / "P") as project:
        project.change({"parse.input": [str(tmp_path)]})
    app = open_app(tmp_path / "P")
    settle(app, 0.3)
    run_everything(User(app), twice=True)
    settle(app, 0.3)
    assert jobs == [STEPS]


def test_a_double_click_makes_one_project(open_app: Callable[..., Any], tmp_path: Path) -> None:
    app = open_app()
    user = User(app)
    settle(app, 0.3)
    user.click("New project\u2026", twice=True)
    settle(app, 0.2)
    user.write_into("Place", str(tmp_path))
    user.click("Make the project", twice=True)
    settle(app, 0.4)
    assert app.overlay is None and app.project is not None
    assert [path.name for path in tmp_path.iterdir() if path.name != "config"] == [app.project.root.name]


def test_rapid_moves_leave_nothing_behind(open_app: Callable[..., Any], done_project: Path) -> None:
    app = open_app(done_project)
    user = User(app)
    app.choose(STEPS[0])
    settle(app, 0.3)

    def size() -> tuple[int, int]:
        settle(app, 1.0)
        return count(app), len(app.tk.splitlist(app.tk.call("after", "info")))

    before = size()
    for number in range(MOVES):
        user.key("Alt-Right" if number % 14 < 7 else "Alt-Left")
    app.choose(STEPS[0])
    after = size()
    assert after[0] == before[0]
    assert after[1] <= before[1] + 2


def count(widget: Any) -> int:
    """Return the number of widgets below one."""
    return 1 + sum(count(child) for child in widget.winfo_children())


@pytest.mark.parametrize("step", ["parse", "evaluate", "visualize"])
def test_sizes_from_the_least_to_a_large_screen(open_app: Callable[..., Any], done_project: Path, step: str) -> None:
    app = open_app(done_project)
    app.choose(step)
    settle(app, 0.3)
    for size in ("800x520", "2560x1440", "801x1400", "1366x768"):
        app.geometry(f"{size}+0+0")
        settle(app, 0.6)
        assert f"{app.winfo_width()}x{app.winfo_height()}" == size
        foot = app.footer.forward
        assert foot.winfo_rooty() + foot.winfo_height() <= app.winfo_rooty() + app.winfo_height()
    assert problems(app) == []


def test_the_look_changes_during_a_run(
    open_app: Callable[..., Any], done_project: Path, jobs: list[tuple[str, ...]]
) -> None:
    app = open_app(done_project)
    app.choose("train")
    settle(app, 0.3)
    User(app).click(page_of("train").again)
    wait(app, lambda: app.run is not None and app.run.label == "Working")
    for change in ({"appearance": "dark"}, {"scale": 150}, {"language": "de"}, {"appearance": "light", "scale": 100}):
        walk.set_up(app, **{"scale": 100, **change})
        assert app.run is not None and app.page.acts.progress is not None
        app.run.job.waiting.append(Progress("train", 0.5, f"Now {change}", 30.0))
        wait(app, lambda change=change: f"Now {change}" in words(app.page.acts))
    assert len(jobs) == 1


WINDOW = """
    import sys, time
    from wizard.app import App
    app = App(sys.argv[1])
    app.update()
    if len(sys.argv) > 2:
        app.desk.prefer("appearance", sys.argv[2])
    end = time.monotonic() + 1
    while time.monotonic() < end:
        app.update()
    print("open", app.project is not None, app.overlay is not None, flush=True)
    sys.stdin.readline()
    app.update()
    app.destroy()
"""


def window(project: Path, config: Path, *more: str) -> subprocess.Popen[str]:
    """Open a window in a process of its own; it closes when a line is sent to it."""
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(WINDOW), str(project), *more], text=True, stdin=subprocess.PIPE,
        stdout=subprocess.PIPE, cwd=Path(__file__).parents[1],
        env={**os.environ, "CYTOWIZARD_CONFIG_DIR": str(config)},
    )  # fmt: skip


def answer(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def test_two_windows_on_one_project(screen: str, done_project: Path, tmp_path: Path) -> None:
    first = window(done_project, tmp_path / "config")
    assert answer(first) == "open True False"
    second = window(done_project, tmp_path / "config")
    assert answer(second) == "open False True"
    for process in (second, first):
        process.communicate("\n", timeout=20)
        assert process.returncode == 0
    third = window(done_project, tmp_path / "config")
    assert answer(third) == "open True False"
    third.communicate("\n", timeout=20)


def test_two_users_keep_their_own_preferences(screen: str, done_project: Path, tmp_path: Path) -> None:
    Project.open(tmp_path / "Other").close()
    users = [(done_project, tmp_path / "one", "dark"), (tmp_path / "Other", tmp_path / "two", "light")]
    opened = [window(project, config, look) for project, config, look in users]
    for process in opened:
        assert answer(process) == "open True False"
    for process in opened:
        process.communicate("\n", timeout=20)
        assert process.returncode == 0
    for project, config, look in users:
        text = "".join(path.read_text(encoding="utf-8") for path in config.iterdir() if path.is_file())
        assert look in text and project.name in text
        assert not any(other.name in text for other, _config, _look in users if other != project)


# Closing while the engine works.


def close_by_hand(app: Any) -> None:
    """Press the window's cross, and agree."""
    app.ask_close()
    settle(app, 0.3)
    User(app).click("Stop it and close")


def engines() -> list[psutil.Process]:
    """Return the engine processes that this one started."""
    return [child for child in psutil.Process().children() if "spawn_main" in " ".join(child.cmdline())]


def gone(children: list[psutil.Process]) -> bool:
    """Tell whether processes ended within some seconds."""
    return not psutil.wait_procs(children, timeout=10)[1]


@pytest.mark.parametrize("seconds", [0.0, 0.5, 3.0])
def test_closing_soon_after_the_start(open_app: Callable[..., Any], tmp_path: Path, seconds: float) -> None:
    Project.open(tmp_path / "P").close()
    app = open_app(tmp_path / "P")
    settle(app, 0.3)
    User(app).click(page_of("check").act)
    settle(app, seconds)
    children = engines()
    assert children
    if app.run is not None:
        close_by_hand(app)
    assert gone(children)
    with Project.open(tmp_path / "P") as project:
        assert project.state("check").kind in ("ready", "done")


@pytest.mark.slow
def test_closing_while_it_trains_leaves_a_training_to_go_on_with(
    open_app: Callable[..., Any], copied_root: Path
) -> None:
    app = open_app(copied_root)
    app.choose("train")
    settle(app, 0.4)
    user = User(app)
    user.write_into("Epochs", "400")
    user.click(page_of("train").again)
    wait(app, lambda: app.run is not None and len(app.run.metrics) >= 3, 180)
    children = engines()
    close_by_hand(app)
    assert gone(children)
    again = open_app(copied_root)
    again.choose("train")
    settle(again, 0.5)
    user = User(again)
    user.click("Not now")
    user.click("Continue the interrupted training")
    wait(again, lambda: again.run is not None and len(again.run.metrics) >= 1, 180)
    assert again.run.metrics[-1]["epoch"] >= 3
    again.cancel()
    wait(again, lambda: again.run is None, 60)
