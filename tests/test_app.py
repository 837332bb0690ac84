"""The window as a whole: start, light imports, moving about, running the engine, closing."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests import made_stains
from tests.speed import slowness
from tests.window import below, picture, settle, wait, words
from wizard import preferences, recent
from wizard.plan import STEPS, TITLES
from wizard.project import Project
from wizard.results import NoticeText
from wizard.steps.messages import RESEARCH_USE
from wizard.widgets.project_menu import OPEN

HEAVY = ("tensorflow", "keras", "umap", "phate", "sklearn", "openTSNE", "numba", "matplotlib.pyplot", "scipy")


def run_python(code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code), *arguments], capture_output=True, text=True, timeout=120,
        cwd=Path(__file__).parents[1],
    )  # fmt: skip


def test_first_paint_takes_well_under_a_second_of_computing(screen: str, settings_folder: Path) -> None:
    code = """
        import time
        from wizard.app import App
        app = App()
        app.update_idletasks()
        print(time.process_time())
        app.destroy()
    """
    best = min(float(run_python(code).stdout) for _ in range(5))
    assert best < 0.7 * slowness()


def test_the_window_starts_without_pages_results_and_engine(screen: str, settings_folder: Path) -> None:
    code = """
        import sys
        from wizard.app import App
        app = App()
        app.update_idletasks()
        late = ("wizard.steps.page", "wizard.results", "wizard.project", "wizard.jobs", "numpy", "multiprocessing")
        print([name for name in late if name in sys.modules])
        app.destroy()
    """
    assert run_python(code).stdout.strip() == "[]"


@pytest.mark.parametrize("task", ["cells", "stain"])
def test_the_window_never_imports_the_engines_libraries(
    screen: str, settings_folder: Path, done_project: Path, tmp_path: Path, task: str
) -> None:
    code = """
        import sys, json, time
        from wizard.app import App
        app = App(sys.argv[1])
        def work(seconds):
            end = time.monotonic() + seconds
            while time.monotonic() < end:
                app.update()
                time.sleep(0.01)
        for step in app.project.steps:
            app.choose(step)
            work(0.3)
            for tab in list(app.page.tabs.heads if app.page.tabs is not None else ()):
                app.page.tabs.choose(tab)
                work(0.1)
        if app.step == "visualize":
            app.page.tabs.choose("Maps")
        while app.step == "visualize" and not (app.page.panel.frames and app.page.panel.frames[0].scatter.painted):
            work(0.1)
        print(json.dumps(sorted(sys.modules)))
        app.destroy()
    """
    stains = task == "stain"
    place = made_stains.write_project(tmp_path / "Stains", tmp_path / "pictures") if stains else done_project
    done = run_python(code, str(place))
    loaded = json.loads(done.stdout.splitlines()[-1])
    wanted = "wizard.widgets.heat_maps" if stains else "wizard.widgets.scatter"
    assert wanted in loaded and "matplotlib" not in loaded
    assert [name for name in HEAVY if name in loaded] == []
    assert done.stderr.strip() == ""


def test_start_page_offers_what_can_be_done(open_app: Callable[..., Any], done_project: Path) -> None:
    kept = recent.Recent()
    kept.remember(done_project)
    kept.save()
    app = open_app()
    shown = words(app)
    for text in ("New project", "Open project", "Try the demo", "Recent projects", done_project.name, RESEARCH_USE):
        assert text in shown
    app.page.buttons[str(done_project)].invoke()
    settle(app, 0.3)
    assert app.project.root == done_project
    assert app.title() == "Jurkat cells \u2013 CytoWizard" and "Jurkat cells" in words(app.top)


def test_what_is_no_project_is_refused_in_words(open_app: Callable[..., Any], tmp_path: Path) -> None:
    app = open_app()
    app.open_project(str(tmp_path))
    settle(app, 0.2)
    assert "is not a CytoWizard project" in words(app.overlay.cover)
    app.overlay.buttons["Close"].invoke()
    assert app.overlay is None and app.project is None


def test_a_project_that_is_open_elsewhere_is_refused(open_app: Callable[..., Any], done_project: Path) -> None:
    app = open_app()
    code = """
        import sys
        from wizard.project import Project
        held = Project.open(sys.argv[1])
        print("held", flush=True)
        sys.stdin.read()
    """
    other = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code), str(done_project)], text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=Path(__file__).parents[1],
    )  # fmt: skip
    assert other.stdout is not None
    assert other.stdout.readline().strip() == "held"
    app.open_project(str(done_project))
    settle(app, 0.2)
    other.communicate("")
    assert "is open already" in words(app.overlay.cover)


def test_a_wrong_folder_on_the_command_line_is_said(open_app: Callable[..., Any], tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    app = open_app(tmp_path / "file")
    wait(app, lambda: app.overlay is not None)
    settle(app, 0.2)
    assert "is a file" in words(app.overlay.cover)


def test_research_use_is_on_every_page(open_app: Callable[..., Any], done_project: Path) -> None:
    app = open_app(done_project)
    for step in STEPS:
        app.choose(step)
        settle(app, 0.1)
        assert RESEARCH_USE in words(app)


def test_keys_move_between_pages(open_app: Callable[..., Any], done_project: Path) -> None:
    app = open_app(done_project)
    app.choose("check")
    app.focus_force()
    app.update()
    app.event_generate("<Alt-Right>")
    settle(app, 0.1)
    assert app.step == "parse"
    app.event_generate("<Alt-Left>")
    settle(app, 0.1)
    assert app.step == "check"
    app.event_generate("<Alt-Left>")
    assert app.step == "check"
    app.event_generate("<Control-F1>")
    settle(app, 0.2)
    assert "Alt+Left" in words(app.overlay.cover) and RESEARCH_USE in words(app.overlay.cover)
    app.event_generate("<Escape>")
    settle(app, 0.1)
    assert app.overlay is None


def test_next_waits_with_a_reason(open_app: Callable[..., Any], tmp_path: Path) -> None:
    Project.open(tmp_path / "P").close()
    app = open_app(tmp_path / "P")
    app.choose("parse")
    settle(app, 0.1)
    assert "Parse comes first." in words(app.footer)
    app.forward()
    assert app.step == "parse"
    app.rail.items["evaluate"].event_generate("<Button-1>", x=5, y=5)
    settle(app, 0.1)
    assert app.step == "evaluate"


def test_tab_reaches_everything_from_the_top_to_next(open_app: Callable[..., Any], done_project: Path) -> None:
    app = open_app(done_project)
    app.choose("train")
    settle(app, 0.4)
    start = app.top.project._canvas
    start.focus_force()
    app.update()
    order = [start]
    while len(order) < 80:
        app.focus_get().event_generate("<Tab>")
        app.update()
        if app.focus_get() is start:
            break
        order.append(app.focus_get())
    assert app.focus_get() is start
    page = app.page
    landmarks = [
        start, app.rail.items["check"], app.rail.items["visualize"], page.form.fields["target"].box._entry,
        page.form.fields["epochs"].entry._entry, page.form.fold_button._canvas, page.acts.button._canvas,
        page.tabs.heads["Curve"], app.footer.back._canvas, app.footer.forward._canvas,
    ]  # fmt: skip
    places = [order.index(widget) for widget in landmarks]
    assert places == sorted(places)


def test_theme_and_size_are_kept(open_app: Callable[..., Any], done_project: Path) -> None:
    app = open_app(done_project)
    app.choose("train")
    app.desk.prefer("appearance", "dark")
    settle(app, 0.3)
    app.desk.prefer("scale", 150)
    settle(app, 0.4)
    assert app.step == "train" and app.page.narrow
    kept = preferences.load().values
    assert (kept.appearance, kept.scale) == ("dark", 150)
    assert recent.load() == recent.Recent([str(done_project)])
    app.desk.prefer("scale", 100)
    app.desk.prefer("appearance", "light")
    settle(app, 0.3)
    assert not app.page.narrow


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("scale", [100, 150, 200])
def test_nothing_sticks_out_of_the_window(
    open_app: Callable[..., Any], done_project: Path, theme: str, scale: int
) -> None:
    kept = preferences.load()
    kept.change("appearance", theme)
    kept.change("scale", scale)
    app = open_app(done_project)
    import customtkinter as ctk

    for step in ("parse", "train", "evaluate"):
        app.choose(step)
        settle(app, 0.4)
        for button in [*app.top.buttons.values(), app.footer.back, app.footer.run_all, app.footer.forward]:
            right = button.winfo_rootx() + button.winfo_width()
            assert right <= app.winfo_width() and button.winfo_width() >= button.winfo_reqwidth() - 2
        last = app.rail.items["visualize"]
        assert last.winfo_rooty() + last.winfo_height() <= app.winfo_height()
        for button in below(app.page.acts, ctk.CTkButton):
            assert button.winfo_rooty() + button.winfo_height() <= app.winfo_height()
    if scale != 200:
        picture(app, f"extra_{theme}_{scale}")


def test_a_mistake_shows_a_panel_and_a_log_and_the_window_stays(
    open_app: Callable[..., Any], settings_folder: Path
) -> None:
    app = open_app(expect_mistakes=True)
    app.after(1, lambda: 1 / 0)
    wait(app, lambda: app.overlay is not None)
    settle(app, 0.2)
    assert "The program made a mistake." in words(app.overlay.cover)
    assert "ZeroDivisionError" in (settings_folder / "window.log").read_text(encoding="utf-8")
    app.overlay.buttons["Copy"].invoke()
    assert "ZeroDivisionError" in app.clipboard_get()
    app.overlay.buttons["Close"].invoke()
    assert app.overlay is None and app.winfo_exists()


def test_nothing_waits_after_the_end(screen: str, settings_folder: Path, done_project: Path) -> None:
    code = """
        import sys, time
        from wizard.app import App
        for round in range(2):
            app = App(sys.argv[1])
            app.choose("visualize")
            app.update()
            app.choose("train")
            app.update()
            app.destroy()
            assert app.tk.splitlist(app.tk.call("after", "info")) == (), app.tk.call("after", "info")
        other = App()
        end = time.monotonic() + 1
        while time.monotonic() < end:
            other.update()
        other.destroy()
        print("fine")
    """
    done = run_python(code, str(done_project))
    assert done.stdout.strip() == "fine" and done.stderr.strip() == ""


# Running the engine.


@pytest.fixture
def running(open_app: Callable[..., Any], tmp_path: Path) -> Any:
    """A window in which the install check was just started by its button."""
    Project.open(tmp_path / "P").close()
    app = open_app(tmp_path / "P")
    assert app.step == "check"
    app.page.acts.button.invoke()
    settle(app, 0.1)
    return app


def test_the_check_runs_from_its_button(running: Any) -> None:
    app = running
    assert app.run is not None and app.rail.items["check"].kind == "running"
    assert "Starting the engine" in words(app.page.acts)
    assert app.page.acts.progress.bar.cget("mode") == "indeterminate"
    assert app.top.project.state_of(OPEN) == "disabled"
    app.choose("parse")
    settle(app, 0.2)
    assert app.page.form.fields["frame"].entry.cget("state") == "disabled"
    assert app.page.acts.progress is not None
    wait(app, lambda: app.run is None, 120)
    assert app.step == "parse" and app.failure is None
    assert app.page.form.fields["frame"].entry.cget("state") == "normal"
    app.choose("check")
    settle(app, 0.3)
    assert app.rail.items["check"].kind == "done" and "Memory" in words(app.page)
    assert "Next: Parse" in app.footer.forward.cget("text")


def test_the_keyboard_stays_where_the_work_is(running: Any) -> None:
    app = running
    app.page.acts.progress.stop._canvas.focus_force()
    app.update()
    app.cancel()
    wait(app, lambda: app.run is None, 60)
    settle(app, 0.2)
    assert app.focus_get() is app.page.acts.button._canvas


def test_notices_are_shown_while_the_step_runs(running: Any) -> None:
    app = running
    app.run.notices.append(NoticeText(level="warning", text="This disk is slow."))
    app.page.tick()
    settle(app, 0.1)
    assert "Warning: This disk is slow." in words(app.page)
    app.cancel()
    wait(app, lambda: app.run is None, 60)


def test_cancel_answers_at_once_and_restores(running: Any) -> None:
    app = running
    app.page.acts.progress.cancel.invoke()
    settle(app, 0.05)
    assert "Cancelling" in words(app.page.acts)
    wait(app, lambda: app.run is None, 60)
    settle(app, 0.2)
    assert "Everything is as it was before." in words(app.page)
    assert app.project.result("check") is None
    assert app.page.acts.button.cget("text") == app.page.act


def test_stop_answers_at_once(running: Any) -> None:
    app = running
    app.page.acts.progress.stop.invoke()
    settle(app, 0.05)
    assert "Stopping after this step" in words(app.page.acts)
    wait(app, lambda: app.run is None, 120)
    assert app.failure is None


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_a_killed_engine_is_told_and_the_window_goes_on(running: Any) -> None:
    app = running
    os.kill(app.run.job._process.pid, signal.SIGKILL)
    wait(app, lambda: app.run is None, 30)
    settle(app, 0.3)
    assert "The engine ended without warning." in words(app.page)
    assert app.page.acts.button.cget("state") == "normal"


def test_closing_asks_while_a_step_runs(running: Any) -> None:
    app = running
    app.ask_close()
    settle(app, 0.2)
    assert f"{TITLES['check']} is still running." in words(app.overlay.cover)
    app.overlay.buttons["Keep running"].invoke()
    assert app.run is not None
    process = app.run.job._process
    app.ask_close()
    settle(app, 0.2)
    app.overlay.buttons["Stop it and close"].invoke()
    assert not process.is_alive()
    Project.open(app.project.root).close()


def test_a_users_error_stays_on_the_page(open_app: Callable[..., Any], tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with Project.open(tmp_path / "P") as project:
        project.change({"parse.input": [str(tmp_path / "empty")]})
    app = open_app(tmp_path / "P")
    app.choose("parse")
    app.page.acts.button.invoke()
    wait(app, lambda: app.run is None, 120)
    settle(app, 0.3)
    assert app.failure.outcome == "error"
    for line in (app.failure.what, app.failure.action):
        assert line and line in words(app.page)


def test_run_all_follows_the_steps(open_app: Callable[..., Any], tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with Project.open(tmp_path / "P") as project:
        project.change({"parse.input": [str(tmp_path / "empty")]})
    app = open_app(tmp_path / "P")
    assert app.footer.run_all.cget("text") == "Run all remaining steps (7)"
    app.footer.run_all.invoke()
    settle(app, 0.2)
    assert app.run is None and app.step == "pass"
    app.page.start_button.invoke()
    assert app.run.steps == STEPS
    wait(app, lambda: app.run is None or app.run.done == ["check"], 120)
    wait(app, lambda: app.run is None, 120)
    settle(app, 0.3)
    assert app.step == "pass" and app.rail.items["check"].kind == "done"
    assert app.failure.step == "parse" and app.failure.what in words(app.page)
