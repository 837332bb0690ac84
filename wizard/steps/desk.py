"""What the window offers beside its pages: preferences, the support file, undo, and a word when a long step ends."""

from __future__ import annotations

import time
import tkinter as tk
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from wizard import preferences
from wizard.engine.errors import UserError
from wizard.engine.events import Failed
from wizard.steps import key_list, messages
from wizard.steps.base import Page
from wizard.undo import Change, Undo
from wizard.widgets import looks, opener, palette, screen_reader
from wizard.widgets.basics import scale
from wizard.widgets.focus import focused
from wizard.widgets.later import background, later
from wizard.widgets.notify import Notifier
from wizard.widgets.overlay import Overlay

if TYPE_CHECKING:
    from wizard.steps.preferences import PreferencePage
    from wizard.steps.run import Run
    from wizard.steps.session import WindowProject
    from wizard.steps.support import SupportDialog

RESTYLING = ("appearance", "scale", "language", "decimals", "motion")
"""Preferences after which the window is built anew."""

_SHIFT = 1
_LOOK_AGAIN = 10.0
"""Seconds after which the computer is asked again whether it is light or dark."""


class Desk:
    """Helps one window; `window` is the application."""

    def __init__(self, window: Any) -> None:
        self.window = window
        self.notifier = Notifier(window)
        self.page: PreferencePage | None = None
        self.support: SupportDialog | None = None
        self._question: Overlay | None = None
        self._deaf: Callable[[], None] = lambda: None
        self._looked = time.monotonic()
        key_list.bind(window, {
            "preferences": lambda _event: self.show_preferences(), "undo": self._undo_by_key,
            "redo": self._undo_by_key, "larger": lambda _event: self.resize(1),
            "smaller": lambda _event: self.resize(-1), "usual": lambda _event: self.resize(0), **window.keyboard.acts,
        })  # fmt: skip
        window.bind("<FocusIn>", self._came, add="+")
        screen_reader.start_later(window, window.keyboard, messages.log)
        later(window, 200, self._say_problems)

    @property
    def keyboard(self) -> Any:
        """The keyboard of the window."""
        return self.window.keyboard

    @property
    def preferences(self) -> preferences.Preferences:
        """The preferences in force."""
        found: preferences.Preferences = self.window.preferences
        return found

    def _say_problems(self) -> None:
        """Say what was wrong with the files of the preferences, one after the other."""
        if self.window.overlay is None and self.preferences.problems:
            self.window.tell(self.preferences.problems.pop(0))
        if self.preferences.problems:
            later(self.window, 500, self._say_problems)

    # Preferences.

    def show_preferences(self, focus_on: str = "") -> None:
        """Show the page of the preferences."""
        if self.window.overlay is not None:
            return
        if isinstance(self.window.page, Page):
            self.window.page.flush()
        from wizard.steps.preferences import PreferencePage

        self.page = PreferencePage(self.window, self, focus_on)
        self.window.over(self.page)

    def prefer(self, name: str, value: object) -> None:
        """Store a preference and put it in force; raises UserError."""
        before = getattr(self.preferences.values, name)
        self.preferences.change(name, value)
        if name in RESTYLING and getattr(self.preferences.values, name) != before:
            # Not within the call of a widget that goes now.
            later(self.window, 1, lambda: self._restyle(name))

    def _restyle(self, name: str) -> None:
        page = self.page if self.page is not None and self.page.open else None
        if page is not None:
            page.close()
        self.window.restyle((lambda: self.show_preferences(name)) if page is not None else (lambda: None))

    def resize(self, direction: int) -> None:
        """Make text and buttons one size larger or smaller; 0 goes back to 100 %."""
        if self.window.overlay is not None and not (self.page is not None and self.page.open):
            return
        now = self.preferences.values.scale
        if direction == 0:
            wanted = 100
        elif direction > 0:
            wanted = min((size for size in preferences.SCALES if size > now), default=now)
        else:
            wanted = max((size for size in preferences.SCALES if size < now), default=now)
        try:
            self.prefer("scale", wanted)
        except UserError as refusal:
            self.window.tell(refusal)

    def _came(self, event: tk.Event[Any]) -> None:
        """Follow the computer when it became light or dark while the user was elsewhere."""
        now = time.monotonic()
        if event.widget is not self.window or now - self._looked < _LOOK_AGAIN:
            return
        self._looked = now
        if self.preferences.values.appearance == "system" and self.window.overlay is None:
            background(self.window, looks.system, self._follow)

    def _follow(self, mode: str) -> None:
        if (mode == "dark") != palette.dark() and self.window.overlay is None:
            self.window.restyle()

    # The support file.

    def save_support(self) -> None:
        """Gather what a support file holds and show it."""
        if self.window.overlay is not None:
            return
        project: WindowProject | None = self.window.project
        failed: Failed | None = self.window.failure
        window = {
            "tk": str(self.window.tk.call("info", "patchlevel")), "text size": f"{round(100 * scale(self.window))} %",
            "screen": f"{self.window.winfo_screenwidth()} x {self.window.winfo_screenheight()}",
        }  # fmt: skip
        # Loaded when it is needed: the window starts without it.
        from wizard import support

        where = support.Situation(project.root if project is not None else None, failed, window)
        background(self.window, lambda: support.collect(where), self._show_support)

    def _show_support(self, content: dict[str, str]) -> None:
        from wizard.steps.support import SupportDialog

        if self.window.overlay is None:
            self.support = SupportDialog(self.window, self.keyboard, content, self.window.tell)
            self.window.over(self.support.overlay)

    # The file manager, and the queue.

    def _project(self) -> WindowProject:
        project: WindowProject | None = self.window.project
        if project is None:
            raise UserError("No project is open.", "", "Open or make a project first.")
        return project

    def _attempt(self, act: Callable[[], object]) -> None:
        if self.window.overlay is None:
            try:
                act()
            except UserError as refusal:
                self.window.tell(refusal)

    def show_folder(self) -> None:
        """Show the project's folder in the file manager."""
        self._attempt(lambda: opener.open_path(self._project().root))

    def show_model(self) -> None:
        """Show the newest model of the project in the file manager."""

        def show() -> None:
            project = self._project()
            models = project.models(stains=project.plan.project.task == "stain")
            if not models:
                raise UserError("The project has no model yet.", "", "Train a network first.")
            opener.show_in_folder(models[0])

        self._attempt(show)

    def show_queue(self) -> None:
        """Show the queue of trainings on the page of Train."""

        def show() -> None:
            from wizard.steps.queue_runner import queue_entries
            from wizard.steps.train_queue import ADD
            from wizard.steps.train_several import QUEUE

            if not queue_entries(self._project()):
                raise UserError(
                    "The queue is empty.", "", f"On the page of Train \u201cMore\u2026\u201d has \u201c{ADD}\u201d."
                )
            self.window.tabs["train"] = QUEUE
            if self.window.step == "train":
                self.window.page.tabs.choose(QUEUE)
                self.window.page.show_side("result")
            else:
                self.window.choose("train")
                self.window.page.show_side("result")

        self._attempt(show)

    # Undo.

    def opened(self, project: WindowProject) -> None:
        """Follow the changes in a project that was opened."""
        self._deaf()
        self._deaf = project.undo.hear(self._changed)

    def undo(self) -> None:
        """Take the last change back."""
        self._step(lambda undo: undo.last(), lambda undo: undo.take_back())

    def redo(self) -> None:
        """Do once more what was taken back last."""
        self._step(lambda undo: undo.next(), lambda undo: undo.again())

    def _step(self, look: Callable[[Undo], Change | None], act: Callable[[Undo], object]) -> None:
        project: WindowProject | None = self.window.project
        if project is None or self.window.overlay is not None:
            return
        from wizard.steps import evaluate_correct

        change = look(project.undo)
        if change is not None and change.kind != evaluate_correct.UNDO and self.window.run is not None:
            # Tags and exclusions are settings of Parse, which must not change while a step reads them.
            self.window.tell(UserError("A step is running.", "", "Wait until it has ended, or stop it first."))
            return
        try:
            act(project.undo)
        except UserError as refusal:
            self.window.tell(refusal)

    def _typing(self) -> bool:
        """Tell whether a text box has the keyboard: there the keys belong to the text."""
        held = focused(self.window)
        return held is not None and held.winfo_class() in ("Entry", "Text", "TEntry")

    def _undo_by_key(self, event: tk.Event[Any]) -> None:
        if not self._typing():
            # With the capitals locked the letter is a large one without Shift.
            again = event.keysym.lower() == "y" or int(event.state) & _SHIFT
            (self.redo if again else self.undo)()

    def _changed(self) -> None:
        """Show the settings as they are now, soon: several changes may come at once."""
        later(self.window, 1, self._show_changed)

    def _show_changed(self) -> None:
        page, project = self.window.page, self.window.project
        if isinstance(page, Page) and page.form is not None and project is not None:
            page.form.follow(getattr(project.plan, page.step).model_dump())
        self.window.settings_changed()

    # The end of a step, and of the window.

    def ended(self, run: Run) -> None:
        """Tell a user who looks elsewhere that a long run has ended."""
        bad = run.failed is not None and run.failed.outcome != "cancelled"
        self.notifier.ended(60 * run.minutes, self.preferences.values.notify, failed=bad)

    def ask_close(self) -> None:
        """Close the window, after asking if a step is running; what lies over the page is closed first."""
        window = self.window
        if window.overlay is not None and window.overlay is self._question:
            return
        if window.overlay is not None:
            window.overlay.close()
        run: Run | None = window.run
        if run is None:
            window.destroy()
            return
        self._question = messages.still_running(window, self.keyboard, run.step, window.destroy, run.doing)
        window.over(self._question)
