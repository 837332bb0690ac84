"""What stands around the pages: bar above, rail at the left, footer and the research-use line below."""

from __future__ import annotations

import tkinter as tk
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from wizard import recent
from wizard.plan import TITLES, plain
from wizard.steps import messages, moves
from wizard.steps.desk import Desk
from wizard.steps.doors import Doors
from wizard.steps.flow import ALL_STEPS, Flow
from wizard.steps.host import Host
from wizard.steps.start import StartActs, StartPage
from wizard.widgets import palette
from wizard.widgets.basics import Area, Text
from wizard.widgets.footer import RUN_ALL, SHOW_RUN, TO_CHOICES, Footer
from wizard.widgets.rail import Rail
from wizard.widgets.topbar import TopActs, TopBar

if TYPE_CHECKING:
    from wizard.steps.session import WindowProject


class Acts(Host, Protocol):
    """What the shell may ask of the window, beyond what pages may."""

    recent: recent.Recent
    desk: Desk
    doors: Doors
    flow: Flow
    step: str

    def choose(self, step: str) -> None:
        """Go to a page because the user asked for it."""

    def back(self) -> None:
        """Go to the page before."""

    def forward(self) -> None:
        """Go to the next page."""

    def run_remaining(self) -> None:
        """Show what would run from this page on, or how a run stands."""

    def open_project(self, root: str) -> None:
        """Open the project in a folder."""

    def show_help(self) -> None:
        """Open the menu of the help."""


class Shell(Area):
    """Fills the window; `pages` is where the page of a step goes, `start` the page without a project."""

    def __init__(self, master: tk.Misc, acts: Acts) -> None:
        super().__init__(master, palette.BACK)
        self._acts = acts
        self.rail: Rail | None = None
        self.footer: Footer | None = None
        self.start: StartPage | None = None
        self.pages: Area | None = None
        self.columnconfigure(0, weight=1)
        self.rowconfigure(2, weight=1)
        recent_projects = acts.recent.present()
        self._add_top(recent_projects)
        tk.Frame(self, bg=palette.now(palette.LINE), height=1).grid(row=1, column=0, sticky="ew")
        body = Area(self, palette.BACK)
        body.grid(row=2, column=0, sticky="nsew")
        body.rowconfigure(0, weight=1)
        if acts.project is None:
            self._add_start(body)
        else:
            self._add_steps(body, acts.project.steps)
        Text(self, messages.RESEARCH_USE, size="small", colour=palette.MUTED, back=palette.BACK, anchor="center").grid(
            row=3, column=0, sticky="ew", pady=(0, 6)
        )

    def _add_top(self, recent_projects: list[Path]) -> None:
        acts, doors = self._acts, self._acts.doors
        top_acts = TopActs(
            doors.new_project, doors.choose_project, doors.new_demo, acts.open_project, acts.desk.show_preferences,
            acts.desk.save_support, acts.desk.undo, acts.show_help, partial(acts.choose, "report"),
            acts.desk.show_folder, acts.desk.redo,
        )  # fmt: skip
        paths = [str(path) for path in recent_projects]
        self.top = TopBar(self, top_acts, paths)
        self.top.menu.add("Show the newest model in its folder", acts.desk.show_model)
        self.top.menu.add("Queue of trainings", acts.desk.show_queue)
        self.top.grid(row=0, column=0, sticky="ew")

    def _add_start(self, body: Area) -> None:
        acts, doors = self._acts, self._acts.doors
        body.columnconfigure(0, weight=1)
        start = StartActs(
            doors.new_project, doors.choose_project, doors.new_demo, doors.choose_images, acts.open_project,
            doors.forget,
        )  # fmt: skip
        self.start = StartPage(body, start, acts.recent.projects)
        self.start.on_grown = acts.keyboard.install
        self.start.grid(row=0, column=0, sticky="nsew")

    def _add_steps(self, body: Area, steps: Sequence[str]) -> None:
        acts = self._acts
        body.columnconfigure(1, weight=1)
        self.rail = Rail(body, [(step, TITLES[plain(step)]) for step in steps], acts.choose)
        self.rail.grid(row=0, column=0, rowspan=2, sticky="ns", pady=(16, 0))
        self.pages = Area(body, palette.BACK)
        self.pages.grid(row=0, column=1, sticky="nsew", padx=(16, 20), pady=(16, 0))
        self.pages.columnconfigure(0, weight=1)
        self.pages.rowconfigure(0, weight=1)
        self.footer = Footer(body, acts.back, acts.run_remaining, acts.forward)
        self.footer.grid(row=1, column=1, sticky="ew", padx=(16, 20))

    def refresh(self) -> None:
        """Show which project is open, the states of its steps, and what can be done next."""
        project, run = self._acts.project, self._acts.run
        self.top.enable(run is None)
        self.top.show_project(project.name if project else "", str(project.root) if project else "")
        self.top.show_undo(project.undo.words() if project else "", project.undo.next_words() if project else "")
        self.top.enable_report(project is not None, self._acts.step == "report")
        if project is None or self.rail is None or self.footer is None:
            return
        states: dict[str, tuple[str, str]] = {
            step: (state.kind, state.reason) for step, state in project.states().items()
        }
        own = states[self._acts.step][0] if self._acts.step in states else ""
        if run is not None:
            states[run.step] = ("running", "")
        self.rail.show(states, self._acts.step)
        self._show_footer(project, self.footer, own == "done" and run is None)

    def _why_no_pass(self, steps: list[str]) -> str:
        project = self._acts.project
        return moves.why_no_run(project, steps) if project is not None and not self._acts.flow.pending else ""

    def _show_footer(self, project: WindowProject, footer: Footer, strong: bool) -> None:
        run, step = self._acts.run, self._acts.step
        steps = moves.remaining(project, step)
        reason = moves.why_no_next(project, step)
        if reason and run is not None and step == run.step:
            reason = f"{TITLES[step]} is running."
        footer.show(
            back=bool(moves.neighbour(project.steps, step, -1)) or step == ALL_STEPS,
            forward=TITLES.get(moves.neighbour(project.steps, step, 1), ""),
            reason=reason,
            strong=strong,
            run_all="This page shows it." if step == ALL_STEPS else "" if run else self._why_no_pass(steps),
            count=len(steps),
            all_words=SHOW_RUN if run else TO_CHOICES if self._acts.flow.pending else RUN_ALL,
        )
