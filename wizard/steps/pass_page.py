"""All steps in one pass: one page of choices before, the steps while they run, the key results at the end."""

from __future__ import annotations

import tkinter as tk
from typing import Any, ClassVar, Protocol

from typing_extensions import override

from wizard.engine.errors import UserError
from wizard.plan import TITLES
from wizard.steps import moves, pass_lists, pass_summary
from wizard.steps.base import Page
from wizard.steps.flow import ALL_STEPS, Flow
from wizard.steps.host import Host
from wizard.steps.session import WindowProject
from wizard.widgets import opener, palette
from wizard.widgets.basics import Area, Text, act_button, card, enable, quiet_button, scale
from wizard.widgets.error_panel import ErrorPanel
from wizard.widgets.later import later
from wizard.widgets.panels import heading
from wizard.widgets.progress import ProgressPanel
from wizard.widgets.scroll import Scroll
from wizard.words import catalogue

START = "Start all steps"
LOOK = "Look through the images first"

_INSTRUCTIONS = {
    "choices": "Look over the choices, then let all steps run one after the other.",
    "running": "The steps run one after the other. The other pages can be looked at meanwhile.",
    "results": "This came out. Each step has its page with all figures.",
}
_NARROW = 900
_SIDE_WIDTH = 376
_LAST = 200
"""A row below all choices."""


class PassHost(Host, Protocol):
    """The window, as far as this page knows it."""

    flow: Flow

    def choose(self, step: str) -> None:
        """Go to a page because the user asked for it."""


class PassPage(Page):
    """Shows one of three: `choices`, `running`, `results`; `mode` says which."""

    step: ClassVar[str] = ALL_STEPS

    def __init__(self, master: tk.Misc, host: PassHost, project: WindowProject) -> None:
        super().__init__(master, palette.BACK)
        self.host, self.project = host, project
        self.mode = ""
        self.start_button: Any = None
        self.progress: ProgressPanel | None = None
        self.steps_list: pass_lists.StepsList | None = None
        self.links: dict[str, Any] = {}
        self.buttons: dict[str, Any] = {}
        self._failure: ErrorPanel | None = None
        self._shown: Any = None
        self.narrow: bool | None = None
        self.columnconfigure(0, weight=1)
        self.rowconfigure(1, weight=1)
        self._head()
        self.main, self.aside = card(self), card(self)
        self.main.columnconfigure(0, weight=1)
        self.main.rowconfigure(1, weight=1)
        self.aside.columnconfigure(0, weight=1)
        self.bind("<Configure>", self._fit, add="+")
        self._arrange(False)
        self.refresh()

    def _head(self) -> None:
        head = Area(self, palette.BACK)
        head.grid(row=0, column=0, columnspan=2, sticky="ew", pady=(0, 12))
        head.columnconfigure(0, weight=1)
        Text(head, "All steps in one pass", size="title", weight="bold", back=palette.BACK).grid(
            row=0, column=0, sticky="ew"
        )
        self._instruction = Text(head, "", size="heading", colour=palette.MUTED, back=palette.BACK)
        self._instruction.grid(row=1, column=0, sticky="ew", pady=(2, 0))

    def _fit(self, event: tk.Event[Any]) -> None:
        if event.widget is self:
            narrow = event.width / scale(self) < _NARROW
            if narrow != self.narrow:
                # Not at once: the event may come while the page is being filled.
                self.narrow = narrow
                later(self, 1, lambda: self._arrange(narrow))

    def _arrange(self, narrow: bool) -> None:
        self.narrow = narrow
        self.main.grid(row=1, column=0, sticky="nsew", padx=(0, 0 if narrow else 12))
        # Texts that break at the width of their column must not make that column wider in turn.
        self.aside.grid_propagate(narrow)
        self.aside.configure(width=_SIDE_WIDTH)
        if narrow:
            self.columnconfigure(1, minsize=0)
            self.aside.grid(row=2, column=0, sticky="ew", pady=(8, 0))
        else:
            self.columnconfigure(1, minsize=round(_SIDE_WIDTH * scale(self)))
            self.aside.grid(row=1, column=1, sticky="nsew", pady=0)
        self._shown = None
        if self.mode:
            self.refresh()

    # What is shown.

    @property
    def steps(self) -> list[str]:
        """The steps that would run now."""
        return self.host.flow.steps()

    def _wanted(self) -> str:
        run = self.host.run
        if run is not None:
            return "running" if set(run.steps) <= set(self.project.steps) else "choices"
        return "results" if self.host.flow.ended_here or not self.steps else "choices"

    @override
    def refresh(self) -> None:
        mode = self._wanted()
        run = self.host.run
        made = (str(getattr(self.project.result(step), "id", "")) for step in self.project.steps)
        marks = (mode, run is None, *self.steps, *made)
        if marks != self._shown or mode == "choices":
            self._shown = marks
            self._show(mode)
        self._show_failure()
        self.tick()

    def _show(self, mode: str) -> None:
        self.mode = mode
        self._instruction.say(_INSTRUCTIONS[mode])
        for part in (*self.main.winfo_children(), *self.aside.winfo_children()):
            part.destroy()
        self.links, self.buttons = {}, {}
        self.progress = self.steps_list = self.start_button = self._failure = None
        {"choices": self._show_choices, "running": self._show_running, "results": self._show_results}[mode]()
        self.host.keyboard.install(self)

    def _scroll(self) -> Area:
        self.scroll = Scroll(self.main)
        self.scroll.grid(row=1, column=0, sticky="nsew", padx=(16, 2), pady=12)
        return self.scroll.inner

    def _aside(self) -> Area:
        frame = Area(self.aside)
        frame.columnconfigure(0, weight=1)
        frame.grid(row=0, column=0, sticky="nsew", padx=16, pady=12)
        return frame

    # Before it runs.

    def _show_choices(self) -> None:
        steps = self.steps
        inner = self._scroll()
        self.links = pass_lists.choices(inner, self.project, steps, self.host.flow.show_field)
        if self.narrow:
            heading(inner, "What happens").grid(row=_LAST, column=0, columnspan=4, sticky="ew", pady=(16, 6))
            fates = pass_lists.fates(inner, self.project, steps)
            fates.grid(row=_LAST + 1, column=0, columnspan=4, sticky="ew")
        side = self._aside()
        if self.host.run is not None:
            self._put_progress(side, 0)
            return
        row = 0
        if not self.narrow:
            heading(side, "What happens").grid(row=row, column=0, sticky="ew", pady=(0, 6))
            pass_lists.fates(side, self.project, steps).grid(row=1, column=0, sticky="ew")
            row = 2
        time = self.host.flow.time_words(steps)
        if time:
            words = catalogue.own(f"{catalogue.say('Training')}: {catalogue.say(time)}")
            Text(side, words, weight="bold").grid(row=row, column=0, sticky="ew", pady=(10, 0))
        row += 1
        reason = moves.why_no_run(self.project, steps) or pass_summary.problem(self.project, steps)
        if reason:
            Text(side, f"\u26a0 {reason}", colour=palette.WARN).grid(row=row, column=0, sticky="ew", pady=(10, 0))
        self.start_button = act_button(side, START, self.host.flow.start_all)
        self.start_button.grid(row=row + 1, column=0, sticky="ew", pady=(12, 0))
        enable(self.start_button, not reason, strong=True)
        if "parse" in steps and self.project.plan.parse.input and pass_summary.seen(self.project) is None:
            self.buttons[LOOK] = quiet_button(side, LOOK, self.host.flow.look)
            self.buttons[LOOK].grid(row=row + 2, column=0, sticky="ew", pady=(8, 0))

    # While it runs.

    def _put_progress(self, side: Area, row: int) -> None:
        self.progress = ProgressPanel(side, self.host.stop, self.host.cancel, self._pause)
        self.progress.grid(row=row, column=0, sticky="ew")

    def _pause(self) -> None:
        if self.host.run is not None:
            self.host.run.pause()
            self.tick()

    def _show_running(self) -> None:
        run = self.host.run
        assert run is not None
        self.steps_list = pass_lists.StepsList(self._scroll(), list(run.steps), self.project, self.host.choose)
        self.steps_list.grid(row=0, column=0, sticky="ew")
        self.links = self.steps_list.links
        self._put_progress(self._aside(), 0)

    @override
    def tick(self) -> None:
        run = self.host.run
        if run is None:
            return
        if self.steps_list is not None:
            self.steps_list.follow(run)
        if self.progress is not None:
            self.progress.show_step(run.title, run.stop_help)
            self.progress.show_pause(run.can_pause, run.job.paused)
            self.progress.show(run.overall, run.label, run.seconds_left, len(run.steps) > 1)
            if run.job.stopping or run.job.cancelling:
                self.progress.ending(run.label, cancelling=run.job.cancelling)

    # At the end.

    def _show_results(self) -> None:
        self.links = pass_lists.outcomes(self._scroll(), self.project, self.host.choose)
        side = self._aside()
        steps = self.steps
        words = "All steps are done." if not steps else f"Not done: {', '.join(TITLES[step] for step in steps)}."
        heading(side, words).grid(row=0, column=0, sticky="ew", pady=(0, 10))
        row = 1
        report = self.project.result_dir("report") / "report.html"
        if report.is_file():
            self._button(side, row, "Open the report", lambda: self._attempt(lambda: opener.open_path(report)))
        self._button(side, row + 1, "Report page", lambda: self.host.choose("report"))
        self._button(side, row + 2, "Show the results in their folder",
                     lambda: self._attempt(lambda: opener.open_path(self.project.root / "results")))  # fmt: skip
        if steps:
            self._button(side, row + 3, "Choices for the steps that are left", self.host.flow.choose_again)

    def _button(self, side: Area, row: int, words: str, act: Any) -> None:
        self.buttons[words] = quiet_button(side, words, act, height=36)
        self.buttons[words].grid(row=row, column=0, sticky="ew", pady=(0, 8))

    def _attempt(self, act: Any) -> None:
        try:
            act()
        except UserError as refusal:
            self.host.tell(refusal)

    def _show_failure(self) -> None:
        failed = self.host.failure
        if self._failure is not None and self._failure.failed is not failed:
            self._failure.destroy()
            self._failure = None
        if failed is not None and self._failure is None:
            self._failure = ErrorPanel(self.main, failed, self.host.dismiss_failure, self.host.save_support)
            self._failure.grid(row=0, column=0, sticky="ew", padx=16, pady=(14, 0))
