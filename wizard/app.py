"""The window: rail of steps, one page at a time, footer; it runs the engine and never computes."""

from __future__ import annotations

import contextlib
import tkinter as tk
import traceback
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from wizard import preferences, recent
from wizard.engine.errors import UserError
from wizard.engine.events import Event, Failed, Started
from wizard.plan import STEPS, plain
from wizard.steps import key_list, messages, moves, pages
from wizard.steps.base import Page
from wizard.steps.desk import Desk
from wizard.steps.doors import Doors
from wizard.steps.drops import WindowDrops
from wizard.steps.flow import ALL_STEPS, Flow
from wizard.steps.help_desk import HelpDesk
from wizard.steps.rebuild import Rebuild
from wizard.steps.start import StartPage
from wizard.widgets import looks, palette
from wizard.widgets.basics import choose_font
from wizard.widgets.focus import Focus
from wizard.widgets.footer import Footer
from wizard.widgets.later import background, cancel_all, later
from wizard.widgets.overlay import Cover
from wizard.widgets.rail import Rail
from wizard.widgets.scroll import install_wheel
from wizard.widgets.toolkit import ctk
from wizard.widgets.topbar import TopBar
from wizard.words import catalogue

if TYPE_CHECKING:
    # Loaded when a project is opened: the window starts without them.
    from wizard.steps.queue_runner import QueueRunner
    from wizard.steps.run import Run
    from wizard.steps.session import WindowProject

_ASSETS = Path(__file__).with_name("assets")
_THEME = _ASSETS / "theme.json"


class App(ctk.CTk):
    """The window of CytoWizard; `project` is a project folder to open at once."""

    top: TopBar
    rail: Rail | None
    footer: Footer | None

    def __init__(self, project: str | None = None) -> None:
        self.preferences, self.recent = preferences.load(), recent.load()
        ctk.set_default_color_theme(str(_THEME))
        _dress(self.preferences)
        super().__init__(className="CytoWizard")
        choose_font(self)
        self.project: WindowProject | None = None
        self.step = STEPS[0]
        self.page: Page | StartPage | None = None
        self.run: Run | None = None
        self.failure: Failed | None = None
        self.tabs: dict[str, str] = {}
        self.overlay: Cover | None = None
        self.flow, self.doors = Flow(self), Doors(self, self._opened)
        self.new_project, self.new_demo = self.doors.new_project, self.doors.new_demo
        self._follow = True
        self._closing = False
        self.building = Rebuild(self)
        self.title("CytoWizard")
        looks.set_icon(self, _ASSETS)
        self.geometry(f"{min(1320, self.winfo_screenwidth())}x{min(840, self.winfo_screenheight())}+0+0")
        self.minsize(800, 520)
        self.keyboard = Focus(self)
        install_wheel(self)
        self._bind_keys()
        self.desk = Desk(self)
        self.drops = WindowDrops(self)
        self.help = HelpDesk(self, catalogue.language, catalogue.quietly)
        self.protocol("WM_DELETE_WINDOW", self.ask_close)
        if project is not None:
            self._open_at_start(project)
        self.rebuild()
        later(self, 100, lambda: background(self, pages.load, pages.loaded))

    @cached_property
    def queue(self) -> QueueRunner:
        """Takes the trainings that wait one after the other."""
        from wizard.steps.queue_runner import QueueRunner

        return QueueRunner(self)

    def _bind_keys(self) -> None:
        close = lambda _event: self.overlay.close() if self.overlay else None  # noqa: E731
        key_list.bind(
            self, {"back": lambda _event: self.back(), "forward": lambda _event: self.forward(), "close": close}
        )

    # Building.

    def rebuild(self, then: Callable[[], object] = lambda: None) -> None:
        """Build everything anew, for a new project, theme or text size; `then` is called when it is there."""
        self.flow.keep_typed()
        page, self.page = self.page, None
        self.building.begin(page, then)

    def dress(self) -> None:
        """Put language, colours and text size in force for what is built from now on."""
        _dress(self.preferences)
        self.configure(fg_color=palette.BACK)

    def show_page(self) -> None:
        """Show the page of the step anew."""
        assert self.project is not None and self.building.pages is not None
        old = self.page
        new = pages.page_of(self.step)(self.building.pages, self, self.project)
        if isinstance(old, Page):
            new.side = old.side
            old.grid_forget()
            # Taking it to pieces takes as long as half a page.
            later(self, 1, old.destroy)
        self.page = new
        new.grid(row=0, column=0, sticky="nsew")
        self.flow.give_back(new)
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
        self.flow.keep_typed()
        self.step = step
        if self.building.busy:
            return
        self.show_page()
        self._refresh_around()

    def back(self) -> None:
        """Go to the page before."""
        if self.project is None or self.overlay is not None:
            return
        before = self.flow.before if self.step == ALL_STEPS else moves.neighbour(self.project.steps, self.step, -1)
        if before:
            self.choose(before)

    def forward(self) -> None:
        """Go to the next page, unless it has to wait."""
        if self.project is not None and self.overlay is None and not moves.why_no_next(self.project, self.step):
            self.choose(moves.neighbour(self.project.steps, self.step, 1))

    def refresh(self) -> None:
        """Show the states of all steps, the footer and the page as they are now."""
        if self.building.busy:
            return
        self._refresh_around()
        if isinstance(self.page, Page):
            self.page.refresh()

    def _refresh_around(self) -> None:
        self.title(self.desk.notifier.title(f"{self.project.name} \u2013 CytoWizard" if self.project else "CytoWizard"))
        self.building.refresh()

    def settings_changed(self) -> None:
        """A setting was stored or refused: later steps may be stale now."""
        self.refresh()

    # Projects.

    def _open_at_start(self, root: str) -> None:
        from wizard.steps import session

        try:
            self._take(session.open_project(root))
        except UserError as error:
            refusal = error
            later(self, 50, lambda: self.tell(refusal))

    def _take(self, project: WindowProject) -> None:
        self._leave()
        self.project = project
        self.failure, self.tabs = None, {}
        self.queue.opened()
        self.flow.opened(project)
        self.step = next((name for name in project.steps if project.state(name).kind != "done"), project.steps[-1])
        self.desk.opened(project)
        self.recent.remember(project.root)
        self.recent.save()

    def _leave(self) -> None:
        self.flow.keep_typed()
        if self.project is not None:
            self.flow.closed(self.project)
            self.project.close()

    def open_project(self, root: str) -> None:
        """Open the project in a folder; says why when that is not possible."""
        if self.run is not None:
            return
        if self.project is not None and Path(root).resolve() == self.project.root:
            return
        from wizard.steps import session

        try:
            project = session.open_project(root, create=False)
        except UserError as error:
            self.tell(error)
            return
        self._opened(project)

    def _opened(self, project: WindowProject, then: Callable[[], object] = lambda: None) -> None:
        self._take(project)
        self.rebuild(then)

    # The engine.

    def start(self, steps: list[str], options: dict[str, object] | None = None) -> None:
        """Run steps in the engine process."""
        if self.run is not None or self.project is None or not steps:
            return
        from wizard.steps.run import Run

        self.failure = None
        self._follow = self.step != ALL_STEPS and (self._follow or not self.queue.goes_on)
        self.run = Run(self, self.project.root, steps, self._tick, self._ended, options)
        if self._follow:
            self.go(self.run.step)
            self._show_result_side()
        self.refresh()

    def run_remaining(self) -> None:
        """Show what would run from this page on, with its choices, or how a run stands."""
        self.flow.open_pass()

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
        self.flow.follow(self.run, events)
        changed = [event for event in events if event.kind not in ("progress", "metric", "preview")]
        if any(isinstance(event, Started) for event in events) and self._follow:
            self.go(self.run.step)
            self._show_result_side()
        if changed:
            self.refresh()
        elif isinstance(self.page, Page):
            self.page.tick()

    def _show_result_side(self) -> None:
        if isinstance(self.page, Page):
            self.page.show_side("settings" if self.run is not None and plain(self.run.step) != "train" else "result")

    def _ended(self) -> None:
        assert self.run is not None
        run, self.run = self.run, None
        self._last_run = run
        self.failure = run.failed
        self.desk.ended(run)
        if run.failed is not None and run.failed.step and self._follow:
            self.go(run.failed.step)
        if isinstance(self.page, Page):
            self.page.show_side("result")
        self.flow.ended(run, self._follow)
        self.queue.ended(run)
        self.refresh()

    def dismiss_failure(self) -> None:
        """Take the failure panel away."""
        self.failure = None
        self.refresh()

    # Messages.

    def over(self, overlay: Cover) -> None:
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
            self.over(messages.refused(self, self.keyboard, refusal, self.save_support))

    def save_support(self) -> None:
        """Offer to save a support file."""
        self.desk.save_support()

    def show_keys(self) -> None:
        """Show the keys."""
        self.help.show_keys()

    def show_help(self) -> None:
        """Open the menu of the help."""
        self.help.show_menu(self.top.buttons["help"])

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
                self.over(messages.mistake(self, self.keyboard, details, self.save_support))

    # Looks.

    def restyle(self, then: Callable[[], object] = lambda: None) -> None:
        """Build everything anew after a change of the preferences; `then` is called when it is there."""
        self.rebuild(then)

    def _set_scaling(self, *arguments: Any, **options: Any) -> None:
        super()._set_scaling(*arguments, **options)
        # On Windows the factor also changes when the window moves to another screen.
        building = getattr(self, "building", None)
        if building and building.scale not in (0.0, ctk.ScalingTracker.get_widget_scaling(self)):
            later(self, 200, self.rebuild)

    # The end.

    def ask_close(self) -> None:
        """Close, after asking if a step is running."""
        self.desk.ask_close()

    def destroy(self) -> None:
        """End the engine, release the project, cancel everything timed, close."""
        self._closing = True
        if self.run is not None:
            self.run.kill()
        if self.project is not None:
            self.queue.leave()
        self._leave()
        cancel_all(self)
        for tracker in (ctk.ScalingTracker, ctk.AppearanceModeTracker):
            tracker.update_loop_running = False
        with contextlib.suppress(ValueError):
            ctk.AppearanceModeTracker.app_list.remove(self)
        super().destroy()
        pages.left()


def _dress(wanted: preferences.Preferences) -> None:
    asked = catalogue.from_environment()
    catalogue.use(asked or wanted.language, "" if asked else wanted.decimal_mark)
    looks.use(wanted.values.appearance, wanted.values.scale, wanted.values.motion)


def main(project: str | None = None) -> None:
    """Open the window, with a project if its folder is given, and stay until it is closed."""
    App(project).mainloop()
