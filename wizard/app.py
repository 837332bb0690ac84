"""The window: rail of steps, one page at a time, footer; it runs the engine and never computes."""

from __future__ import annotations

import contextlib
import tkinter as tk
import traceback
from pathlib import Path
from types import TracebackType
from typing import Any

import customtkinter as ctk

from wizard import __version__, recent
from wizard.engine.errors import UserError
from wizard.engine.events import Event, Failed, Started
from wizard.plan import STEPS, TITLES
from wizard.steps import messages, moves, session
from wizard.steps.page import StepPage
from wizard.steps.pages import page_of
from wizard.steps.projects import ProjectDialog, usual_place
from wizard.steps.run import Run
from wizard.steps.session import WindowProject
from wizard.steps.start import StartPage
from wizard.widgets import dialogs, palette
from wizard.widgets.basics import Area, Text, choose_font
from wizard.widgets.focus import Focus
from wizard.widgets.footer import Footer
from wizard.widgets.later import cancel_all, later
from wizard.widgets.overlay import Overlay
from wizard.widgets.rail import Rail
from wizard.widgets.scroll import install_wheel
from wizard.widgets.topbar import TopActs, TopBar

_THEME = Path(__file__).with_name("assets") / "theme.json"
_LOG_BYTES = 1_000_000


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
        self.rail: Rail | None = None
        self.footer: Footer | None = None
        self._follow = True
        self._shell: Area | None = None
        self._built_scale = 0.0
        self._closing = False
        self.title("CytoWizard")
        self.geometry(f"{min(1320, self.winfo_screenwidth())}x{min(840, self.winfo_screenheight())}+0+0")
        self.minsize(800, 520)
        self.keyboard = Focus(self)
        install_wheel(self)
        self._bind_keys()
        self.protocol("WM_DELETE_WINDOW", self.ask_close)
        if project is not None:
            self._open_at_start(project)
        self.rebuild()

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
        shell = Area(self, palette.BACK)
        self._shell = shell
        shell.columnconfigure(0, weight=1)
        shell.rowconfigure(2, weight=1)
        self._add_top(shell)
        tk.Frame(shell, bg=palette.now(palette.LINE), height=1).grid(row=1, column=0, sticky="ew")
        body = Area(shell, palette.BACK)
        body.grid(row=2, column=0, sticky="nsew")
        body.rowconfigure(0, weight=1)
        self._add_body(body)
        Text(shell, messages.RESEARCH_USE, size="small", colour=palette.MUTED, back=palette.BACK, anchor="center").grid(
            row=3, column=0, sticky="ew", pady=(0, 6)
        )
        shell.place(x=0, y=0, relwidth=1, relheight=1)
        self.keyboard.install(shell)
        self.refresh()

    def _add_top(self, shell: Area) -> None:
        acts = TopActs(
            self.new_project, self.choose_project, self.new_demo, self.open_project, self.change_theme,
            self.change_scale, self.show_keys,
        )  # fmt: skip
        paths = [str(path) for path in self.preferences.present()]
        self.top = TopBar(shell, acts, paths, self.preferences.scale, recent.SCALES)
        self.top.grid(row=0, column=0, sticky="ew")

    def _add_body(self, body: Area) -> None:
        self.rail = self.footer = None
        if self.project is None:
            body.columnconfigure(0, weight=1)
            self.page = StartPage(
                body, self.new_project, self.choose_project, self.new_demo, self.preferences.present(),
                self.open_project,
            )  # fmt: skip
            self.page.grid(row=0, column=0, sticky="nsew")
            return
        body.columnconfigure(1, weight=1)
        self.rail = Rail(body, [(step, TITLES[step]) for step in STEPS], self.choose)
        self.rail.grid(row=0, column=0, rowspan=2, sticky="ns", pady=(16, 0))
        self._pages = Area(body, palette.BACK)
        self._pages.grid(row=0, column=1, sticky="nsew", padx=(16, 20), pady=(16, 0))
        self._pages.columnconfigure(0, weight=1)
        self._pages.rowconfigure(0, weight=1)
        self.footer = Footer(body, self.back, self.run_remaining, self.forward)
        self.footer.grid(row=1, column=1, sticky="ew", padx=(16, 20))
        self.page = None
        self._show_page()

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
        self.top.enable(self.run is None)
        if self.project is None or self.rail is None or self.footer is None:
            self.top.show_project("", "")
            self.title("CytoWizard")
            return
        self.top.show_project(self.project.name, str(self.project.root))
        self.title(f"{self.project.name} \u2013 CytoWizard")
        states: dict[str, tuple[str, str]] = {
            step: (state.kind, state.reason) for step, state in self.project.states().items()
        }
        own = states[self.step][0]
        if self.run is not None:
            states[self.run.step] = ("running", "")
        self.rail.show(states, self.step)
        steps = moves.remaining(self.project, self.step)
        why_no_run = "A step is running." if self.run else moves.why_no_run(self.project, steps)
        reason = moves.why_no_next(self.project, self.step)
        if reason and self.run is not None and self.step == self.run.step:
            reason = f"{TITLES[self.step]} is running."
        self.footer.show(
            back=bool(moves.neighbour(self.step, -1)),
            forward=TITLES.get(moves.neighbour(self.step, 1), ""),
            reason=reason,
            strong=own == "done" and self.run is None,
            run_all=why_no_run,
            count=len(steps),
        )
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
        self._over(self.dialog.overlay)

    # The engine.

    def start(self, steps: list[str], options: dict[str, object] | None = None) -> None:
        """Run steps in the engine process."""
        if self.run is not None or self.project is None or not steps:
            return
        self.failure = None
        self._follow = True
        self.run = Run(self, self.project.root, steps, self._tick, self._ended, options)
        if self.step != steps[0]:
            self.go(steps[0])
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
        changed = [event for event in events if event.kind not in ("progress", "metric")]
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
        if run.failed is not None and run.failed.step and self._follow:
            self.go(run.failed.step)
        if isinstance(self.page, StepPage):
            self.page.show_side("result")
        self.refresh()

    def dismiss_failure(self) -> None:
        """Take the failure panel away."""
        self.failure = None
        self.refresh()

    # Messages.

    def _over(self, overlay: Overlay) -> None:
        self.overlay = overlay
        before = overlay.on_close

        def closed() -> None:
            self.overlay = None
            before()

        overlay.on_close = closed

    def tell(self, refusal: UserError) -> None:
        """Show a refusal over the page."""
        if self.overlay is None:
            self._over(messages.refused(self, self.keyboard, refusal))

    def show_keys(self) -> None:
        """Show the keys."""
        if self.overlay is None:
            self._over(messages.shortcuts(self, self.keyboard, __version__))

    def report_callback_exception(
        self, kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        """Show a mistake of the program and write it to the log; the window stays."""
        if self._closing:
            return
        details = "".join(traceback.format_exception(kind, error, trace))
        log_mistake(details)
        if self.overlay is None:
            with contextlib.suppress(tk.TclError):
                self._over(messages.mistake(self, self.keyboard, details))

    # Looks.

    def change_theme(self) -> None:
        """Change between the light and the dark theme."""
        self.preferences.theme = "light" if palette.dark() else "dark"
        self.preferences.save()
        self._restyle()

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
            self._over(messages.still_running(self, self.keyboard, self.run.step, self.destroy))

    def destroy(self) -> None:
        """End the engine, release the project, cancel everything timed, close."""
        self._closing = True
        if self.run is not None:
            self.run.kill()
        if isinstance(self.page, StepPage):
            self.page.flush()
        if self.project is not None:
            self.project.close()
        cancel_all(self)
        for tracker in (ctk.ScalingTracker, ctk.AppearanceModeTracker):
            tracker.update_loop_running = False
        with contextlib.suppress(ValueError):
            ctk.AppearanceModeTracker.app_list.remove(self)
        super().destroy()


def log_mistake(details: str) -> None:
    """Add a traceback to window.log beside the preferences."""
    path = recent.folder() / "window.log"
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.is_file() and path.stat().st_size > _LOG_BYTES:
            path.unlink()
        with path.open("a", encoding="utf-8") as stream:
            stream.write(details + "\n")


def main(project: str | None = None) -> None:
    """Open the window, with a project if its folder is given, and stay until it is closed."""
    App(project).mainloop()
