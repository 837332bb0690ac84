"""The ways through the window: one pass over all steps, going on after an interruption, dropped files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wizard.engine.errors import UserError
from wizard.engine.events import Event, Metric, Started
from wizard.plan import STEPS
from wizard.steps import moves
from wizard.steps.base import Page
from wizard.steps.confirm import confirm
from wizard.widgets import typed
from wizard.widgets.later import later

if TYPE_CHECKING:
    from wizard.sessions import Left
    from wizard.steps.run import Run
    from wizard.steps.session import WindowProject

ALL_STEPS = "pass"
"""The page for all steps in one pass, which is no step."""

_SHOW_FIELD_MS = 60


class Flow:
    """Helps one window; `window` is the application."""

    def __init__(self, window: Any) -> None:
        self.window = window
        self._refused: dict[tuple[Path, str], dict[str, str]] = {}
        self.ended_here = False
        """True from the end of a pass until its page is opened anew: then it shows what came out."""
        self._first = ""
        self._before = STEPS[0]
        self._whole = False

    # What was typed.

    def keep_typed(self) -> None:
        """Store what was typed on the page, and keep what was refused: the page goes now."""
        page = self.window.page
        if not isinstance(page, Page) or not page.winfo_exists():
            return
        if self.project is None or page.project is not self.project:
            return
        page.flush()
        if page.form is not None:
            refused = {field.setting.name: typed.text(field) for field in page.form.wrong}
            self._refused[self.project.root, page.step] = {name: text for name, text in refused.items() if text}

    def give_back(self, page: Page) -> None:
        """Put what was typed and refused back where it was."""
        kept = self._refused.pop((self.project.root, page.step), {}) if self.project is not None else {}
        if not kept or page.form is None:
            return
        if any(name not in page.form.fields for name in kept):
            page.form.unfold(everything=True)
        for name, text in kept.items():
            if name in page.form.fields:
                typed.put(page.form.fields[name], text)

    @property
    def project(self) -> WindowProject | None:
        """The open project."""
        found: WindowProject | None = self.window.project
        return found

    # The task.

    def choose_task(self, task: str) -> None:
        """Change what the project is for; results of the other task stay."""
        window = self.window
        if self.project is None or window.run is not None or task == self.project.plan.project.task:
            return
        try:
            self.project.change({"project.task": task})
        except UserError as refusal:
            window.tell(refusal)
            return
        self._first, self._before, self.ended_here = "", STEPS[0], False
        window.rebuild()

    # All steps in one pass.

    @property
    def pending(self) -> bool:
        """True while the user looks over the choices of a pass, also on other pages."""
        return bool(self._first)

    @property
    def before(self) -> str:
        """The page to go back to from that of the pass."""
        return self._before

    def steps(self) -> list[str]:
        """Return the steps that a pass runs: those from the page on where it was asked for that are not done."""
        return moves.remaining(self.project, self._first or STEPS[0]) if self.project is not None else []

    def open_pass(self) -> None:
        """Show the page for all steps: the choices before, how it stands while it runs."""
        window = self.window
        if self.project is None or window.overlay is not None:
            return
        if isinstance(window.page, Page):
            window.page.flush()
            if window.page.form is not None and window.page.form.wrong:
                return
        if window.run is None:
            if not self.pending and window.step != ALL_STEPS:
                self._first = window.step if window.step in self.project.steps else STEPS[0]
            self.ended_here = False
        if window.step in self.project.steps:
            self._before = window.step
        window.choose(ALL_STEPS)

    def choose_again(self) -> None:
        """Show the choices for what is left."""
        self.ended_here, self._first = False, ""
        self.window.refresh()

    def start_all(self) -> None:
        """Run the steps of the pass."""
        steps = self.steps()
        if self.project is None or self.window.run is not None or moves.why_no_run(self.project, steps):
            return
        self._first, self._whole = "", True
        self.window.start(steps)

    def look(self) -> None:
        """Look through the images, so that the choices can say what was found."""
        self.window.start(["survey"])

    def show_field(self, key: str) -> None:
        """Go to the field of a setting."""
        step, _, name = key.partition(".")
        self.window.choose(step)
        later(self.window, _SHOW_FIELD_MS, lambda: self._focus_field(name))

    def _focus_field(self, name: str) -> None:
        page = self.window.page
        form = getattr(page, "form", None)
        if form is None:
            return
        if name not in form.fields:
            form.unfold(everything=True)
            page.update_idletasks()
        if name in form.fields:
            page.show_side("settings")
            page.scroll.see(form.fields[name])
            self.window.keyboard.first(form.fields[name])

    def time_words(self, steps: Sequence[str]) -> str:
        """Say how long the training among some steps takes on this computer; "" where that was never measured."""
        if self.project is None:
            return ""
        if "label_train" in steps:
            return f"about {self.project.plan.label_train.minutes:g} min, as chosen"
        if "train" not in steps:
            return ""
        from wizard.steps import train_estimate

        return train_estimate.words(self.project, self.project.plan) or ""

    # What is noted of a project that is open, for the case that the window dies.

    def opened(self, project: WindowProject) -> None:
        """Note a project that was opened; what was left in the middle in it is offered."""
        from wizard import sessions

        self._first, self._whole, self.ended_here = "", False, False
        found = sessions.left(project.root, ours=True)
        sessions.note(project.root)
        if found is not None and found.step:
            later(self.window, _SHOW_FIELD_MS, lambda: self._offer(project, found))

    def closed(self, project: WindowProject) -> None:
        """Note that a project was closed in good order."""
        from wizard import sessions

        sessions.leave(project.root, working=self.window.run is not None)

    def follow(self, run: Run, events: Sequence[Event]) -> None:
        """Note what runs now."""
        first = any(isinstance(event, Metric) for event in events) and len(run.metrics) == 1
        if first or any(isinstance(event, Started) for event in events):
            assert self.project is not None
            from wizard import sessions

            epochs = run.epochs if run.metrics else 0
            sessions.note(self.project.root, run.steps, run.doing, epochs, bool(self.window.queue.on))

    def ended(self, run: Run, followed: bool) -> None:
        """Note that nothing runs any more; at the end of a pass what came out is shown."""
        from wizard import sessions

        assert self.project is not None
        sessions.note(self.project.root)
        if self._whole and set(run.steps) <= set(self.project.steps):
            self._whole, self.ended_here = False, True
            if followed and run.failed is None and self.window.step != ALL_STEPS:
                self.window.go(ALL_STEPS)

    # Going on after an interruption.

    def _offer(self, project: WindowProject, found: Left) -> None:
        if self.window.building.busy:
            later(self.window, _SHOW_FIELD_MS, lambda: self._offer(project, found))
            return
        if self.project is not project or self.window.run is not None or self.window.overlay is not None:
            return
        queued = "It was a training of the queue; the queue goes on with it."
        lines = [found.text, *([queued] if found.queue else [])]
        confirm(
            self.window, self.window, found.title, lines, ("Go on", lambda: self.go_on(found)), no="Not now"
        )  # fmt: skip

    def go_on(self, found: Left) -> None:
        """Take up what was interrupted, and run the steps after it."""
        if self.window.run is not None or self.project is None:
            return
        if found.queue:
            self.window.queue.start()
            return
        self._whole = len(found.steps) > 1
        if self._whole:
            self.window.choose(ALL_STEPS)
        self.window.start(list(found.steps), {"resume": True} if found.resumes else None)

    # A folder in one pass, from the start page.

    def opened_with_images(self) -> None:
        """Show the choices for a project that was just made with its images, and look through them."""
        self._first = STEPS[0]
        self.window.choose(ALL_STEPS)
        self.look()
