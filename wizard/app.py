"""The window: rail of steps, one page at a time, footer; it runs the engine and never computes."""

from __future__ import annotations

import contextlib
import sys
import tkinter as tk
import traceback
from pathlib import Path
from types import TracebackType
from typing import Any

import customtkinter as ctk

from wizard import __version__, recent
from wizard.engine.errors import UserError
from wizard.engine.events import Event, Failed, Started
from wizard.plan import STEPS
from wizard.steps import messages, moves, session
from wizard.steps.page import StepPage
from wizard.steps.pages import page_of
from wizard.steps.projects import ProjectDialog, usual_place
from wizard.steps.queue_runner import QueueRunner
from wizard.steps.run import Run
from wizard.steps.session import WindowProject
from wizard.steps.shell import Shell
from wizard.steps.start import StartPage
from wizard.widgets import dialogs, palette
from wizard.widgets.basics import choose_font
from wizard.widgets.focus import Focus
from wizard.widgets.footer import Footer
from wizard.widgets.later import cancel_all, later
from wizard.widgets.overlay import Overlay
from wizard.widgets.rail import Rail
from wizard.widgets.scroll import install_wheel

_ASSETS = Path(__file__).with_name("assets")
_THEME = _ASSETS / "theme.json"
_LONG_MINUTES = 2.0
"""A run that took longer than this ends with a sound."""


class App(ctk.CTk):
    """The window of CytoWizard; `project` is a project folder to open at once."""

    def __init__(self, project: str | None = None) -> None:
        self.preferences = recent.load()
        ctk.set_default_color_theme(str(_THEME))
        ctk.set_appearance_mode(self.preferences.theme)
        ctk.set_widget_scaling(self.preferences.scale / 100)
        super().__init__(className="CytoWizard")
        choose_font(self)
        self.project: WindowProject | None = None
        self.step = STEPS[0]
        self.page: StepPage | StartPage | None = None
        self.run: Run | None = None
        self.failure: Failed | None = None
        self.tabs: dict[str, str] = {}
        self.overlay: Overlay | None = None
        self.queue = QueueRunner(self)
        self.rail: Rail | None = None
        self.footer: Footer | None = None
        self._follow = True
        self._shell: Shell | None = None
        self._built_scale = 0.0
        self._closing = False
        self.title("CytoWizard")
        self._set_icon()
        self.geometry(f"{min(1320, self.winfo_screenwidth())}x{min(840, self.winfo_screenheight())}+0+0")
        self.minsize(800, 520)
        self.keyboard = Focus(self)
        install_wheel(self)
        self._bind_keys()
        self.protocol("WM_DELETE_WINDOW", self.ask_close)
        if project is not None:
            self._open_at_start(project)
        self.rebuild()

    def _set_icon(self) -> None:
        with contextlib.suppress(tk.TclError):
            if sys.platform == "win32":
                self.iconbitmap(str(_ASSETS / "icon.ico"))
            else:
                self._icon = tk.PhotoImage(master=self, file=str(_ASSETS / "icon.png"))
                self.iconphoto(True, self._icon)

    def _bind_keys(self) -> None:
        self.bind("<F1>", lambda _event: self.show_keys())
        self.bind("<Alt-Left>", lambda _event: self.back())
        self.bind("<Alt-Right>", lambda _event: self.forward())
        self.bind("<Escape>", lambda _event: self.overlay.close() if self.overlay else None)

    # Building.

    def rebuild(self) -> None:
        """Build everything anew, for a new project, theme or text size."""
        if self._shell is not None:
            self._shell.destroy()
        self._built_scale = ctk.ScalingTracker.get_widget_scaling(self)
        self.configure(fg_color=palette.BACK)
        shell = Shell(self, self)
        self._shell = shell
        self.top, self.rail, self.footer = shell.top, shell.rail, shell.footer
        self.page = shell.start
        if shell.pages is not None:
            self._pages = shell.pages
            self._show_page()
        shell.place(x=0, y=0, relwidth=1, relheight=1)
        shell.lower()
        self.keyboard.install(shell)
        self.refresh()

    def _show_page(self) -> None:
        assert self.project is not None
        old = self.page
        new = page_of(self.step)(self._pages, self, self.project)
        if isinstance(old, StepPage):
            new.side = old.side
            old.destroy()
        self.page = new
        new.grid(row=0, column=0, sticky="nsew")
        self.keyboard.install(new)

    # Moving between the pages.

    def choose(self, step: str) -> None:
        """Go to a page because the user asked for it."""
        self._follow = self.run is not None and step == self.run.step
        self.go(step)

    def go(self, step: str) -> None:
        """Show the page of a step."""
        if self.project is None or (step == self.step and self.page is not None):
            return
        if isinstance(self.page, StepPage):
            self.page.flush()
        self.step = step
        self._show_page()
        self.refresh()

    def back(self) -> None:
        """Go to the page before."""
        before = moves.neighbour(self.step, -1)
        if self.project is not None and before and self.overlay is None:
            self.choose(before)

    def forward(self) -> None:
        """Go to the next page, unless it has to wait."""
        if self.project is not None and self.overlay is None and not moves.why_no_next(self.project, self.step):
            self.choose(moves.neighbour(self.step, 1))

    def refresh(self) -> None:
        """Show the states of all steps, the footer and the page as they are now."""
        if self._shell is None:
            return
        self.title(f"{self.project.name} \u2013 CytoWizard" if self.project else "CytoWizard")
        self._shell.refresh()
        if isinstance(self.page, StepPage):
            self.page.refresh()

    def settings_changed(self) -> None:
        """A setting was stored or refused: later steps may be stale now."""
        self.refresh()

    # Projects.

    def _open_at_start(self, root: str) -> None:
        try:
            self._take(session.open_project(root))
        except UserError as error:
            refusal = error
            later(self, 50, lambda: self.tell(refusal))

    def _take(self, project: WindowProject) -> None:
        if self.project is not None:
            self.project.close()
        self.project = project
        self.failure, self.tabs = None, {}
        self.queue.opened()
        self.step = next((name for name in STEPS if project.state(name).kind != "done"), STEPS[-1])
        self.preferences.remember(project.root)
        self.preferences.save()

    def open_project(self, root: str) -> None:
        """Open the project in a folder; says why when that is not possible."""
        if self.run is not None:
            return
        if self.project is not None and Path(root).resolve() == self.project.root:
            return
        try:
            project = session.open_project(root, create=False)
        except UserError as error:
            self.tell(error)
            return
        self._opened(project)

    def _opened(self, project: WindowProject) -> None:
        self._take(project)
        self.rebuild()

    def choose_project(self) -> None:
        """Let the user choose a project folder."""
        folder = dialogs.ask_folder(self, "Choose a project folder")
        if folder:
            self.open_project(folder)

    def new_project(self) -> None:
        """Ask for name and place of a new project."""
        self._ask_project(demo=False)

    def new_demo(self) -> None:
        """Ask for name and place of a demo project."""
        self._ask_project(demo=True)

    def _ask_project(self, *, demo: bool) -> None:
        if self.overlay is not None or self.run is not None:
            return
        place = usual_place(self.preferences.present())
        self.dialog = ProjectDialog(self, self.keyboard, place, demo, self._opened)
        self.over(self.dialog.overlay)

    # The engine.

    def start(self, steps: list[str], options: dict[str, object] | None = None) -> None:
        """Run steps in the engine process."""
        if self.run is not None or self.project is None or not steps:
            return
        self.failure = None
        self._follow = self._follow or not self.queue.goes_on
        self.run = Run(self, self.project.root, steps, self._tick, self._ended, options)
        if self._follow:
            self.go(self.run.step)
            self._show_result_side()
        self.refresh()

    def run_remaining(self) -> None:
        """Run every step from this page on that is not done."""
        if isinstance(self.page, StepPage):
            self.page.flush()
            if self.page.form is not None and self.page.form.wrong:
                return
        if self.project is not None:
            steps = moves.remaining(self.project, self.step)
            if not moves.why_no_run(self.project, steps):
                self.start(steps)

    def stop(self) -> None:
        """End the run well."""
        if self.run is not None:
            self.run.stop()
            self._tick([])

    def cancel(self) -> None:
        """Give the run up."""
        if self.run is not None:
            self.run.cancel()
            self._tick([])

    def _tick(self, events: list[Event]) -> None:
        assert self.run is not None
        changed = [event for event in events if event.kind not in ("progress", "metric", "preview")]
        if any(isinstance(event, Started) for event in events) and self._follow:
            self.go(self.run.step)
            self._show_result_side()
        if changed:
            self.refresh()
        elif isinstance(self.page, StepPage):
            self.page.tick()

    def _show_result_side(self) -> None:
        if isinstance(self.page, StepPage):
            self.page.show_side("settings" if self.run is not None and self.run.step != "train" else "result")

    def _ended(self) -> None:
        assert self.run is not None
        run, self.run = self.run, None
        self._last_run = run
        self.failure = run.failed
        if run.minutes > _LONG_MINUTES:
            self.bell()
        if run.failed is not None and run.failed.step and self._follow:
            self.go(run.failed.step)
        if isinstance(self.page, StepPage):
            self.page.show_side("result")
        self.queue.ended(run)
        self.refresh()

    def dismiss_failure(self) -> None:
        """Take the failure panel away."""
        self.failure = None
        self.refresh()

    # Messages.

    def over(self, overlay: Overlay) -> None:
        """Take note of a card that was put over the window."""
        self.overlay = overlay
        before = overlay.on_close

        def closed() -> None:
            self.overlay = None
            before()

        overlay.on_close = closed

    def tell(self, refusal: UserError) -> None:
        """Show a refusal over the page."""
        if self.overlay is None:
            self.over(messages.refused(self, self.keyboard, refusal))

    def show_keys(self) -> None:
        """Show the keys."""
        if self.overlay is None:
            self.over(messages.shortcuts(self, self.keyboard, __version__))

    def report_callback_exception(
        self, kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        """Show a mistake of the program and write it to the log; the window stays."""
        if self._closing:
            return
        details = "".join(traceback.format_exception(kind, error, trace))
        messages.log(details)
        if self.overlay is None:
            with contextlib.suppress(tk.TclError):
                self.over(messages.mistake(self, self.keyboard, details))

    # Looks.

    def change_theme(self) -> None:
        """Change between the light and the dark theme."""
        self.preferences.theme = "light" if palette.dark() else "dark"
        self.preferences.save()
        self._restyle()
        self.top.buttons["theme"]._canvas.focus_set()

    def change_scale(self, percent: int) -> None:
        """Change the size of text and buttons."""
        self.preferences.scale = percent
        self.preferences.save()
        self._restyle()

    def _restyle(self) -> None:
        if isinstance(self.page, StepPage):
            self.page.flush()
        if self._shell is not None:
            self._shell.destroy()
            self._shell = None
        self.page = None
        ctk.set_appearance_mode(self.preferences.theme)
        ctk.set_widget_scaling(self.preferences.scale / 100)
        self.rebuild()

    def _set_scaling(self, *arguments: Any, **options: Any) -> None:
        super()._set_scaling(*arguments, **options)
        # On Windows the factor also changes when the window moves to another screen.
        built = getattr(self, "_built_scale", 0.0)
        if built and self._shell is not None and ctk.ScalingTracker.get_widget_scaling(self) != built:
            later(self, 200, self.rebuild)

    # The end.

    def ask_close(self) -> None:
        """Close, after asking if a step is running."""
        if self.run is None:
            self.destroy()
        elif self.overlay is None:
            self.over(messages.still_running(self, self.keyboard, self.run.step, self.destroy))

    def destroy(self) -> None:
        """End the engine, release the project, cancel everything timed, close."""
        self._closing = True
        if self.run is not None:
            self.run.kill()
        if isinstance(self.page, StepPage):
            self.page.flush()
        self.queue.leave()
        if self.project is not None:
            self.project.close()
        cancel_all(self)
        for tracker in (ctk.ScalingTracker, ctk.AppearanceModeTracker):
            tracker.update_loop_running = False
        with contextlib.suppress(ValueError):
            ctk.AppearanceModeTracker.app_list.remove(self)
        super().destroy()


def main(project: str | None = None) -> None:
    """Open the window, with a project if its folder is given, and stay until it is closed."""
    App(project).mainloop()
